//! Squares of eight numbers on their side, in the registers of x86-64 processors.

use core::arch::x86_64::__m256;

use pulp::x86::V3;
use pulp::{NullaryFnOnce, cast};

use super::{Block, LINE};

/// Rows and columns of a square.
const EIGHT: usize = 8;

/// The two lower numbers of both operands, in each half of a register, and the two upper ones.
const LOWER: i32 = 0b01_00_01_00;
const UPPER: i32 = 0b11_10_11_10;
/// The first halves of both operands, and the second ones.
const FIRST: i32 = 0x20;
const SECOND: i32 = 0x31;

/// Writes all of `block`.
pub(super) fn write(simd: V3, block: Block<'_>) {
    simd.vectorize(Squares { simd, block });
}

/// A type, as a closure of this size would not be inlined into what is compiled for these registers.
struct Squares<'a> {
    simd: V3,
    block: Block<'a>,
}

impl NullaryFnOnce for Squares<'_> {
    type Output = ();

    #[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
    #[inline(always)]
    fn call(self) {
        let Self { simd, mut block } = self;
        let rows = block.to.len() / block.apart / EIGHT * EIGHT;
        for start in (0..block.apart).step_by(LINE) {
            // What is no whole line, or no eight rows, is done number by number.
            let is_whole = (start + LINE) * block.columns <= block.from.len() && start + LINE <= block.apart;
            let rows = if is_whole { rows } else { 0 };
            for row in (0..rows).step_by(EIGHT) {
                for start in (start..start + LINE).step_by(EIGHT) {
                    let mut lines = [[0.0; EIGHT]; EIGHT];
                    for (i, line) in lines.iter_mut().enumerate() {
                        let at = (start + i) * block.columns + block.first + row;
                        line.copy_from_slice(&block.from[at..][..EIGHT]);
                    }
                    for (i, line) in square(simd, lines).iter().enumerate() {
                        block.to[(row + i) * block.apart + start..][..EIGHT].write_copy_of_slice(line);
                    }
                }
            }
            block.write_line(start, rows);
        }
    }
}

/// The square of eight rows on its side. Pairs of rows are mixed number by number, pairs of those two by two, and halves of the results exchanged.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn square(simd: V3, rows: [[f32; EIGHT]; EIGHT]) -> [[f32; EIGHT]; EIGHT] {
    let [a, b, c, d, e, f, g, h] = rows;
    let ([a, b, c, d], [e, f, g, h]) = (four(simd, [a, b, c, d]), four(simd, [e, f, g, h]));
    let avx = simd.avx;
    [
        cast(avx._mm256_permute2f128_ps::<FIRST>(a, e)),
        cast(avx._mm256_permute2f128_ps::<FIRST>(b, f)),
        cast(avx._mm256_permute2f128_ps::<FIRST>(c, g)),
        cast(avx._mm256_permute2f128_ps::<FIRST>(d, h)),
        cast(avx._mm256_permute2f128_ps::<SECOND>(a, e)),
        cast(avx._mm256_permute2f128_ps::<SECOND>(b, f)),
        cast(avx._mm256_permute2f128_ps::<SECOND>(c, g)),
        cast(avx._mm256_permute2f128_ps::<SECOND>(d, h)),
    ]
}

/// The columns 0 and 4, 1 and 5, 2 and 6, 3 and 7 of four rows, each pair in a register.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn four(simd: V3, [a, b, c, d]: [[f32; EIGHT]; 4]) -> [__m256; 4] {
    let avx = simd.avx;
    let (a, b, c, d): (__m256, __m256, __m256, __m256) = (cast(a), cast(b), cast(c), cast(d));
    let (left, right) = (avx._mm256_unpacklo_ps(a, b), avx._mm256_unpackhi_ps(a, b));
    let (next_left, next_right) = (avx._mm256_unpacklo_ps(c, d), avx._mm256_unpackhi_ps(c, d));
    [
        avx._mm256_shuffle_ps::<LOWER>(left, next_left),
        avx._mm256_shuffle_ps::<UPPER>(left, next_left),
        avx._mm256_shuffle_ps::<LOWER>(right, next_right),
        avx._mm256_shuffle_ps::<UPPER>(right, next_right),
    ]
}
