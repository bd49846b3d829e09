//! The masked update on the processor, over slices: each entry's moments, value and place in the weight in one pass.

use core::ops::Range;

use burn::tensor::Element;
use rayon::prelude::*;

use super::{DECAY, Rule, Step, TINY};
use crate::vector::vectorized;

/// Entries that a thread takes at a time.
const PART: usize = 1 << 11;

/// Entries whose new values are computed before they are written into the weight: few enough for the first cache.
const CHUNK: usize = 256;

/// Ages up to this are looked up.
// A bound on the table of a long run: 8 bytes an age.
const KNOWN_AGES: usize = 1 << 16;

/// Some of the masked entries, and the stretch of the weight that holds them.
pub(super) struct Part<'a, E, P> {
    /// From the flat position `offset` on.
    pub(super) weight: &'a mut [E],
    pub(super) offset: usize,
    /// Sorted flat positions.
    pub(super) at: &'a [P],
    pub(super) values: &'a mut [E],
    pub(super) gradient: &'a [f32],
    pub(super) first: &'a mut [f32],
    pub(super) second: &'a mut [f32],
    pub(super) age: &'a mut [f32],
}

impl<E: Element, P: Element> Part<'_, E, P> {
    /// One step of all of it.
    pub(super) fn step(self, step: Step) {
        let entries = self.at.len();
        let mut parts = self.split();
        match step.rule {
            Rule::AdamW { beta1, beta2, epsilon } => {
                parts.par_iter_mut().for_each(|part| part.adamw([beta1, beta2, epsilon], step));
            }
            Rule::Adafactor => {
                // In parts, and those in their order: the sum is the same whatever thread computes what.
                // Two passes: nobody can step before the RMS over all entries is known.
                let squares: Vec<f64> = parts.par_iter_mut().map(|part| part.adafactor(step)).collect();
                let rms = (squares.iter().sum::<f64>() / entries.max(1) as f64).sqrt() as f32;
                parts.par_iter_mut().for_each(|part| part.follow_first(1.0 / rms.max(1.0), step));
            }
            Rule::Sgd { momentum } => parts.par_iter_mut().for_each(|part| part.sgd(momentum, step)),
        }
    }

    /// Cuts after every [`PART`] entries.
    fn split(mut self) -> Vec<Self> {
        let mut parts = Vec::with_capacity(self.at.len().div_ceil(PART));
        while self.at.len() > PART {
            // Positions are sorted, so all entries of this part stand before the first one of the next. Cutting the
            // weight there gives each thread a stretch of its own, which it may write without a lock or unsafe code.
            let from = position(self.at[PART]);
            let (weight, later_weight) = self.weight.split_at_mut(from - self.offset);
            let (values, later_values) = self.values.split_at_mut(PART);
            let (first, later_first) = self.first.split_at_mut(PART);
            let (second, later_second) = self.second.split_at_mut(PART);
            let (age, later_age) = self.age.split_at_mut(PART);
            let (at, gradient) = (&self.at[..PART], &self.gradient[..PART]);
            parts.push(Part { weight, offset: self.offset, at, values, gradient, first, second, age });
            self = Part {
                weight: later_weight,
                offset: from,
                at: &self.at[PART..],
                values: later_values,
                gradient: &self.gradient[PART..],
                first: later_first,
                second: later_second,
                age: later_age,
            };
        }
        parts.push(self);
        parts
    }

    fn adamw(&mut self, [beta1, beta2, epsilon]: [f32; 3], step: Step) {
        let mut corrections = Corrections { beta1, beta2, known: Vec::new() };
        let (mut of_first, mut of_second) = ([0.0f32; CHUNK], [0.0f32; CHUNK]);
        for start in (0..self.at.len()).step_by(CHUNK) {
            let range = start..self.at.len().min(start + CHUNK);
            self.read(range.clone());
            let age = &mut self.age[range.clone()];
            corrections.fill(age, &mut of_first, &mut of_second);
            let (first, second) = (&mut self.first[range.clone()], &mut self.second[range.clone()]);
            let (values, gradient) = (&mut self.values[range.clone()], &self.gradient[range.clone()]);
            let moments = first.iter_mut().zip(second).zip(age).zip(of_first.iter().zip(&of_second));
            vectorized(|| {
                for ((w, g), (((m, v), t), (c1, c2))) in values.iter_mut().zip(gradient).zip(moments) {
                    let g = step.clip * g;
                    *t += 1.0;
                    *m = beta1 * *m + (1.0 - beta1) * g;
                    *v = beta2 * *v + (1.0 - beta2) * g * g;
                    *w = stepped(*w, (*m / c1) / ((*v / c2).sqrt() + epsilon), step);
                }
            });
            self.write(range);
        }
    }

    fn sgd(&mut self, momentum: f32, step: Step) {
        vectorized(|| {
            for ((m, t), g) in self.first.iter_mut().zip(&mut *self.age).zip(self.gradient) {
                *m = momentum * *m + step.clip * g;
                *t += 1.0;
            }
        });
        self.follow_first(1.0, step);
    }

    /// Moments and, in the place of the first, `u`; gives `Σ u²`.
    fn adafactor(&mut self, step: Step) -> f64 {
        let mut shares = Shares::default();
        let mut squares = 0.0f64;
        let moments = self.first.iter_mut().zip(&mut *self.second).zip(&mut *self.age);
        for (((u, v), t), g) in moments.zip(self.gradient) {
            let g = step.clip * g;
            *t += 1.0;
            let share = shares.at(*t);
            *v = (1.0 - share) * *v + share * (g * g + TINY);
            *u = g / v.sqrt();
            squares += f64::from(*u) * f64::from(*u);
        }
        squares
    }

    /// Steps along the first moments times `factor`.
    fn follow_first(&mut self, factor: f32, step: Step) {
        for start in (0..self.at.len()).step_by(CHUNK) {
            let range = start..self.at.len().min(start + CHUNK);
            self.read(range.clone());
            let (values, first) = (&mut self.values[range.clone()], &self.first[range.clone()]);
            vectorized(|| {
                for (w, d) in values.iter_mut().zip(first) {
                    *w = stepped(*w, d * factor, step);
                }
            });
            self.write(range);
        }
    }

    /// Reads the values of a range of the entries from the weight. They are those that `values` holds; what counts is that a processor
    /// fetches the cache lines of many reads at once, while writes would wait for one line after the other.
    fn read(&mut self, range: Range<usize>) {
        for (&i, w) in self.at[range.clone()].iter().zip(&mut self.values[range]) {
            *w = self.weight[position(i) - self.offset];
        }
    }

    /// Writes the values of a range of the entries into the weight.
    fn write(&mut self, range: Range<usize>) {
        for (&i, &w) in self.at[range.clone()].iter().zip(&self.values[range]) {
            self.weight[position(i) - self.offset] = w;
        }
    }
}

fn position(index: impl Element) -> usize {
    index.elem::<i64>() as usize
}

#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn stepped<E: Element>(w: E, direction: f32, step: Step) -> E {
    let w = w.elem::<f32>();
    E::from_elem(w - step.learning_rate * (direction + step.weight_decay * w))
}

/// `1 − βᵗ` of both moments. Entries come in few ages, one for each mask they entered with.
struct Corrections {
    beta1: f32,
    beta2: f32,
    /// By t; NaN where it is not yet computed.
    known: Vec<(f32, f32)>,
}

impl Corrections {
    /// Those of entries that were `age` steps old before this one.
    fn fill(&mut self, age: &[f32], of_first: &mut [f32], of_second: &mut [f32]) {
        // The bits in which any age differs from the first, joined by OR rather than compared one by one: without a way
        // out, the loop is vectorized. A chunk of one age, as all are until the mask changes, needs the powers once.
        let different = age.iter().fold(0, |bits, other| bits | (other.to_bits() ^ age[0].to_bits()));
        if different == 0 {
            let (first, second) = self.at(age[0] + 1.0);
            of_first.fill(first);
            of_second.fill(second);
            return;
        }
        for ((&age, first), second) in age.iter().zip(of_first).zip(of_second) {
            (*first, *second) = self.at(age + 1.0);
        }
    }

    fn at(&mut self, t: f32) -> (f32, f32) {
        let correction = || (1.0 - self.beta1.powf(t), 1.0 - self.beta2.powf(t));
        // Two powers take longer than all the rest of an entry's step. Ages are whole numbers, which an f32 holds
        // exactly far beyond the table, so they can serve as its index.
        let index = t as usize;
        if index >= KNOWN_AGES {
            return correction();
        }
        if index >= self.known.len() {
            self.known.resize(index + 1, (f32::NAN, f32::NAN));
        }
        if self.known[index].0.is_nan() {
            self.known[index] = correction();
        }
        self.known[index]
    }
}

/// Adafactor's `t^−0.8`, that of the last age at hand.
#[derive(Default)]
struct Shares {
    t: f32,
    share: f32,
}

impl Shares {
    fn at(&mut self, t: f32) -> f32 {
        if t.to_bits() != self.t.to_bits() {
            *self = Self { t, share: t.powf(DECAY) };
        }
        self.share
    }
}
