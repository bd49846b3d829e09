//! L-BFGS (Nocedal 1980) for smooth convex functions.

use std::collections::VecDeque;

/// How many steps the shape of the function is guessed from.
const MEMORY: usize = 10;

/// Wolfe's conditions: how much a step must lower the function, and how much its slope.
const DECREASE: f64 = 1e-4;
const CURVATURE: f64 = 0.9;

/// Halvings and doublings of a step before it is given up.
const TRIES: usize = 60;

/// A step and the change of the gradient along it.
struct Pair {
    step: Vec<f64>,
    change: Vec<f64>,
    product: f64,
}

/// From `start` to where no part of the gradient is larger than `tolerance`, in at most `iterations` steps, or to where
/// rounding allows no better.
pub(super) fn minimize(
    start: Vec<f64>,
    tolerance: f64,
    iterations: usize,
    function: impl Fn(&[f64]) -> (f64, Vec<f64>),
) -> Vec<f64> {
    let mut at = start;
    let (mut value, mut gradient) = function(&at);
    let mut memory: VecDeque<Pair> = VecDeque::new();
    for _ in 0..iterations {
        let steepest = gradient.iter().fold(0.0f64, |most, g| most.max(g.abs()));
        if steepest <= tolerance {
            break;
        }
        let direction = direction(&gradient, &memory);
        // Before anything is known of the shape, a step is at most as long as the gradient's largest part.
        let first = if memory.is_empty() { 1.0 / steepest.max(1.0) } else { 1.0 };
        let Some(found) = search(&at, value, &gradient, &direction, first, &function) else {
            if memory.is_empty() {
                break;
            }
            memory.clear();
            continue;
        };
        let (next, next_value, next_gradient) = found;
        let step: Vec<f64> = next.iter().zip(&at).map(|(a, b)| a - b).collect();
        let change: Vec<f64> = next_gradient.iter().zip(&gradient).map(|(a, b)| a - b).collect();
        let product = dot(&step, &change);
        if product > 0.0 {
            if memory.len() == MEMORY {
                memory.pop_front();
            }
            memory.push_back(Pair { step, change, product });
        }
        (at, value, gradient) = (next, next_value, next_gradient);
    }
    at
}

/// −H g by the two-loop recursion.
fn direction(gradient: &[f64], memory: &VecDeque<Pair>) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut factors = Vec::with_capacity(memory.len());
    for pair in memory.iter().rev() {
        let factor = dot(&pair.step, &direction) / pair.product;
        add(&mut direction, -factor, &pair.change);
        factors.push(factor);
    }
    if let Some(last) = memory.back() {
        let scale = last.product / dot(&last.change, &last.change);
        for d in &mut direction {
            *d *= scale;
        }
    }
    for (pair, factor) in memory.iter().zip(factors.into_iter().rev()) {
        let back = dot(&pair.change, &direction) / pair.product;
        add(&mut direction, factor - back, &pair.step);
    }
    direction
}

/// A point along `direction` that meets Wolfe's weak conditions, by bisection.
fn search(
    at: &[f64],
    value: f64,
    gradient: &[f64],
    direction: &[f64],
    first: f64,
    function: impl Fn(&[f64]) -> (f64, Vec<f64>),
) -> Option<(Vec<f64>, f64, Vec<f64>)> {
    let slope = dot(gradient, direction);
    if slope >= 0.0 {
        return None;
    }
    let (mut low, mut high, mut length) = (0.0, f64::INFINITY, first);
    for _ in 0..TRIES {
        let mut next = at.to_vec();
        add(&mut next, length, direction);
        let (next_value, next_gradient) = function(&next);
        if next_value > value + DECREASE * length * slope || next_value.is_nan() {
            high = length;
        } else if dot(&next_gradient, direction) < CURVATURE * slope {
            low = length;
        } else {
            return Some((next, next_value, next_gradient));
        }
        length = if high.is_finite() { f64::midpoint(low, high) } else { 2.0 * length };
    }
    None
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], factor: f64, what: &[f64]) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += factor * what);
}

#[cfg(test)]
mod tests {
    use super::minimize;

    #[test]
    fn a_long_valley() {
        // (x − 1)² + 1000 (y + 2)², whose least is at (1, −2).
        let valley = |at: &[f64]| {
            let (x, y) = (at[0] - 1.0, at[1] + 2.0);
            (x * x + 1000.0 * y * y, vec![2.0 * x, 2000.0 * y])
        };
        let found = minimize(vec![50.0, 50.0], 1e-9, 100, valley);
        assert!((found[0] - 1.0).abs() < 1e-8 && (found[1] + 2.0).abs() < 1e-8, "{found:?}");
    }
}
