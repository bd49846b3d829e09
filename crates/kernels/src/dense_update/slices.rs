//! The dense update on the processor, over slices: every entry's moments and value in one pass.

use burn::tensor::Element;
use rayon::prelude::*;

use crate::masked_update::{DECAY, TINY};
use crate::vector::vectorized;
use crate::{Rule, Step};

/// Entries that a thread takes at a time. A constant: the order of additions depends on it.
const PART: usize = 1 << 14;

/// The weight, its gradient and its moments, all of one length, or a part of each.
pub(super) struct Slices<'a, E> {
    pub(super) weight: &'a mut [E],
    /// Afterwards the values before the step.
    pub(super) gradient: &'a mut [f32],
    pub(super) first: &'a mut [f32],
    pub(super) second: &'a mut [f32],
}

impl<E: Element> Slices<'_, E> {
    /// One step of entries that are `age` steps old before it. Whether all new values are finite.
    pub(super) fn step(self, age: f32, step: Step) -> bool {
        let (t, entries) = (age + 1.0, self.weight.len());
        let mut parts = self.split();
        let finite: Vec<bool> = match step.rule {
            Rule::AdamW { beta1, beta2, epsilon } => {
                // All entries are of one age, so the powers are computed once; a masked update looks them up for each.
                let corrections = [1.0 - beta1.powf(t), 1.0 - beta2.powf(t)];
                let adamw = |part: &mut Self| part.adamw([beta1, beta2, epsilon], corrections, step);
                parts.par_iter_mut().map(adamw).collect()
            }
            Rule::Adafactor => {
                let share = t.powf(DECAY);
                // In parts, and those in their order: the sum is the same whatever thread computes what.
                // Two passes: nobody can step before the RMS over all entries is known.
                let squares: Vec<f64> =
                    parts.par_iter_mut().map(|part| part.adafactor(share, step.clip)).collect();
                let rms = (squares.iter().sum::<f64>() / entries.max(1) as f64).sqrt() as f32;
                let factor = 1.0 / rms.max(1.0);
                parts.par_iter_mut().map(|part| part.follow_first(factor, step)).collect()
            }
            Rule::Sgd { momentum } => parts.par_iter_mut().map(|part| part.sgd(momentum, step)).collect(),
        };
        finite.into_iter().all(|finite| finite)
    }

    fn split(self) -> Vec<Self> {
        let weights = self.weight.chunks_mut(PART).zip(self.gradient.chunks_mut(PART));
        let moments = self.first.chunks_mut(PART).zip(self.second.chunks_mut(PART));
        let part = |((weight, gradient), (first, second))| Slices { weight, gradient, first, second };
        weights.zip(moments).map(part).collect()
    }

    fn adamw(&mut self, [beta1, beta2, epsilon]: [f32; 3], [c1, c2]: [f32; 2], step: Step) -> bool {
        let moments = self.first.iter_mut().zip(&mut *self.second);
        let entries = self.weight.iter_mut().zip(&mut *self.gradient).zip(moments);
        vectorized(|| {
            let mut exponents = 0;
            for ((w, g), (m, v)) in entries {
                let clipped = step.clip * *g;
                *m = beta1 * *m + (1.0 - beta1) * clipped;
                *v = beta2 * *v + (1.0 - beta2) * clipped * clipped;
                let direction = (*m / c1) / ((*v / c2).sqrt() + epsilon);
                // The gradient was read for the last time, so the value before the step can take its place.
                (*w, *g) = stepped(*w, direction, step, &mut exponents);
            }
            exponents == 0
        })
    }

    fn sgd(&mut self, momentum: f32, step: Step) -> bool {
        vectorized(|| {
            for (m, g) in self.first.iter_mut().zip(&*self.gradient) {
                *m = momentum * *m + step.clip * g;
            }
        });
        self.follow_first(1.0, step)
    }

    /// Moments and, in the place of the first, `u`; gives `Σ u²`.
    fn adafactor(&mut self, share: f32, clip: f32) -> f64 {
        let mut squares = 0.0f64;
        for ((u, v), g) in self.first.iter_mut().zip(&mut *self.second).zip(&*self.gradient) {
            let g = clip * g;
            *v = (1.0 - share) * *v + share * (g * g + TINY);
            *u = g / v.sqrt();
            squares += f64::from(*u) * f64::from(*u);
        }
        squares
    }

    /// Steps along the first moments times `factor`.
    fn follow_first(&mut self, factor: f32, step: Step) -> bool {
        let entries = self.weight.iter_mut().zip(&mut *self.gradient).zip(&*self.first);
        vectorized(|| {
            let mut exponents = 0;
            for ((w, g), d) in entries {
                (*w, *g) = stepped(*w, d * factor, step, &mut exponents);
            }
            exponents == 0
        })
    }
}

/// The value after a step along `direction`, and the one before it. `not_finite` becomes other than zero if the new one is NaN or infinite:
/// kept as bits, which are joined in a vector register, where a comparison would leave it.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn stepped<E: Element>(w: E, direction: f32, step: Step, not_finite: &mut u32) -> (E, f32) {
    // NaN and the infinite values are just the floats whose exponent is all ones. Looked at in `E`'s precision:
    // rounding to it can make a large number infinite.
    const EXPONENT: u32 = 0x7f80_0000;
    let before = w.elem::<f32>();
    let after = E::from_elem(before - step.learning_rate * (direction + step.weight_decay * before));
    *not_finite |= u32::from(after.elem::<f32>().to_bits() & EXPONENT == EXPONENT);
    (after, before)
}
