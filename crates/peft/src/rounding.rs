//! Trained values in half the bytes: rounded to bfloat16, as an adapter keeps them.

use burn::tensor::{DType, Tensor};

use crate::{Adaptable, Mask, Role, Trained};

/// The values of some entries of a model before it was given others.
#[derive(Debug)]
pub struct Exact(Vec<Option<Tensor<1>>>);

/// Rounds the values of the entries `touched` in the model's own weights to bfloat16 and freezes these weights. [`Exact::put_back`] gives them their
/// values again.
pub fn round_to_bf16(model: &mut impl Adaptable, touched: &Mask) -> Exact {
    let weights = model.weights_mut().into_iter().zip(touched.trained());
    let exact = weights.map(|(weight, trained)| {
        let is_exact = weight.role() == Role::Added || weight.dense().dtype() == DType::BF16;
        if is_exact || trained.count(weight.entries()) == 0 {
            return None;
        }
        let entries = weight.entries();
        let exact = match trained {
            Trained::Entries(positions) => weight.at(positions),
            Trained::All | Trained::Nothing => weight.dense().reshape([entries]),
        };
        // On the host: not every device has the type.
        let values: Vec<f32> = exact.to_data().iter::<f32>().map(rounded).collect();
        match trained {
            Trained::Entries(positions) => weight.assign(positions, &values),
            Trained::All | Trained::Nothing => weight.assign_all(&values),
        }
        Some(exact)
    });
    Exact(exact.collect())
}

impl Exact {
    /// Those of each weight, `[k]`; nothing of weights that were left alone.
    pub(crate) fn new(values: Vec<Option<Tensor<1>>>) -> Self {
        Self(values)
    }

    /// Gives `model` back the values that it had at the entries `touched`, which must be the same, and freezes these weights.
    pub fn put_back(self, model: &mut impl Adaptable, touched: &Mask) {
        for ((weight, trained), exact) in model.weights_mut().into_iter().zip(touched.trained()).zip(self.0) {
            match (trained, exact) {
                (Trained::Entries(positions), Some(values)) => weight.put_back_at(positions, values),
                (Trained::All, Some(values)) => weight.put_back_all(values),
                _ => {}
            }
        }
    }
}

/// The nearest value of bfloat16, which has the upper 16 bits of an f32; of two, the even one.
pub(crate) fn rounded(value: f32) -> f32 {
    let bits = value.to_bits();
    let nearest = f32::from_bits(bits.wrapping_add(0x7fff + (bits >> 16 & 1)) & 0xffff_0000);
    // The largest values would round to infinity.
    if nearest.is_finite() || !value.is_finite() { nearest } else { f32::from_bits(bits & 0xffff_0000) }
}

/// Whether bfloat16 has the value.
pub(crate) fn is_bf16(value: f32) -> bool {
    value.to_bits().trailing_zeros() >= 16
}

/// Values of bfloat16 as bytes, the lower first.
pub(crate) fn bf16_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| ((value.to_bits() >> 16) as u16).to_le_bytes()).collect()
}

/// The values of such bytes.
pub(crate) fn of_bf16_bytes(bytes: &[u8]) -> Vec<f32> {
    let value = |b: &[u8]| f32::from_bits(u32::from(u16::from_le_bytes([b[0], b[1]])) << 16);
    bytes.chunks_exact(2).map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::{bf16_bytes, is_bf16, of_bf16_bytes, rounded};

    #[test]
    fn values_are_rounded_to_the_nearest_and_to_the_even_of_two() {
        // 1 + 2⁻⁷ is the next value after 1; half way between them lies 1 + 2⁻⁸.
        let half = 1.0 + 2f32.powi(-8);
        let bits = |value: f32| rounded(value).to_bits();
        assert_eq!(bits(half), 1f32.to_bits());
        assert_eq!(bits(half + 2f32.powi(-20)), (1.0 + 2f32.powi(-7)).to_bits());
        assert_eq!(bits(half + 2f32.powi(-7)), (1.0 + 2f32.powi(-6)).to_bits());
        assert_eq!(bits(-half), (-1f32).to_bits());
        assert_eq!(bits(0.0), 0);
        assert!(rounded(f32::MAX).is_finite());
        for value in [3.3333, -1e-30, 1e30, f32::MIN_POSITIVE] {
            let near = rounded(value);
            assert!(is_bf16(near) && (near - value).abs() <= value.abs() / 256.0, "{value} {near}");
            assert_eq!(of_bf16_bytes(&bf16_bytes(&[near])), [near]);
        }
        assert!(!is_bf16(3.3333));
    }
}
