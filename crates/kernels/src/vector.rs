//! Loops that use the widest vector instructions of the processor at hand.

/// Runs `work` compiled for this processor's vector instructions, found at run time. Loops written directly in
/// `work` are vectorized; what it calls must be inlined into it.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
pub(crate) fn vectorized<T>(work: impl FnOnce() -> T) -> T {
    pulp::Arch::new().dispatch(work)
}

/// How many sums a dot product keeps side by side.
const LANES: usize = 32;

/// `Σ a·b` in lanes, so that the compiler uses vector registers; the order of additions is fixed.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0f32; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    total(sums) + rest
}

/// The sum of the lanes, in halves: one addition after the other would take longer than all products of a short row. It is not inlined: the
/// compiler would arrange the loop above for these few additions, in registers of two numbers.
#[inline(never)]
fn total(mut sums: [f32; LANES]) -> f32 {
    let mut count = LANES / 2;
    while count > 0 {
        for lane in 0..count {
            sums[lane] += sums[lane + count];
        }
        count /= 2;
    }
    sums[0]
}

/// `eˣ` for x ≤ 0 within 2 units in the last place: Cody and Waite's reduction to |r| ≤ ln 2 / 2, then the polynomial of
/// the Cephes library. Unlike the standard library's it can be vectorized. Below −87.3 it is 0.
#[cfg(any(feature = "flex", test))]
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    /// Adding and subtracting it rounds to an integer.
    const ROUND: f32 = 12_582_912.0;
    let clamped = if x < -87.3 { -87.3 } else { x };
    let shifted = clamped * core::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = clamped - n * LN2_HIGH - n * LN2_LOW;
    let p = 1.987_569_1e-4f32;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let p = p * r * r + r + 1.0;
    // 2ⁿ: the integer stands in the low bits of `shifted`.
    let power = f32::from_bits(((shifted.to_bits() as i32).wrapping_add(127) << 23) as u32);
    if x < -87.3 { 0.0 } else { p * power }
}

#[cfg(test)]
mod tests {
    use super::{dot, exp};

    #[test]
    fn exp_agrees_with_the_standard_library() {
        for i in 0..=873_000 {
            let x = -(i as f32) * 1e-4;
            let (ours, theirs) = (exp(x), f64::from(x).exp());
            assert!((f64::from(ours) - theirs).abs() <= 2.5e-7 * theirs, "{x}: {ours} {theirs}");
        }
        assert!(exp(0.0).to_bits() == 1.0f32.to_bits() && exp(-1e9) == 0.0 && exp(f32::NEG_INFINITY) == 0.0);
    }

    #[test]
    fn dot_of_any_length() {
        for n in [0, 1, 31, 32, 33, 100] {
            let a: Vec<f32> = (0..n).map(|i| i as f32).collect();
            let square: usize = (0..n).map(|i| i * i).sum();
            assert!((dot(&a, &a) - square as f32).abs() < 1e-3, "{n}");
        }
    }
}
