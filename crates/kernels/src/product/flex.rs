//! Products on the pure Rust CPU backend, by the same library as its own, but straight into the memory of the result: the stock operation
//! clears that memory and copies the zeros to an aligned place first, which takes a sixth of a training step.

use core::mem::MaybeUninit;

use burn::backend::Flex;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::tensor::{DType, TensorData};
use burn_flex::FlexTensor;
use gemm::Parallelism;
use rayon::prelude::*;

use super::ProductOps;
use crate::transpose::OnItsSide;
use crate::uninit::vec_from_uninit;

/// Multiplications of a product that is worth more than one thread.
const WORTH_THREADS: usize = 1 << 22;

/// Columns that are a multiple of so many numbers apart (2 KiB) share few places of a processor's nearest cache.
const CLASH: usize = 512;
/// Columns that the library reads beside each other.
const BESIDE: usize = 64;

impl ProductOps for Flex {
    fn product(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        multiplied(a, b, rayon::current_num_threads())
    }
}

/// The product by this thread alone: for one of many that are as large.
pub(crate) fn product_alone(a: FlexTensor, b: FlexTensor) -> FlexTensor {
    multiplied(a, b, 1)
}

#[allow(unsafe_code, reason = "memory is not cleared only to be overwritten")]
fn multiplied(a: FlexTensor, b: FlexTensor, threads: usize) -> FlexTensor {
    let (Some(left), Some(right)) = (Matrices::new(&a), Matrices::new(&b)) else {
        return Flex::float_matmul(a, b);
    };
    let Some(shape) = left.times(&right) else { return Flex::float_matmul(a, b) };
    let ([m, k], n) = (left.size, right.size[1]);
    // A product with one row reads columns as they lie.
    let in_rows = right.clashing_columns().filter(|_| m > 1).map(|columns| OnItsSide::new(columns, k));
    let in_rows = in_rows.as_ref().map(|rows| (rows.numbers(), [rows.apart() as isize, 1]));
    let right = match &in_rows {
        Some((numbers, strides)) => Matrices { numbers, batch: &[], size: right.size, strides, start: 0 },
        None => right,
    };
    let count: usize = shape.iter().product();
    let write = |to: &mut [MaybeUninit<f32>]| {
        let one = |(index, to)| multiply(to, &left, &right, index, Before::Anything, Parallelism::None);
        // Too small for threads; one large matrix, which the library splits itself; or several (the heads of an
        // attention), which the threads take one by one, so that none is split.
        if threads == 1 || count * k < WORTH_THREADS {
            to.chunks_exact_mut(m * n).enumerate().for_each(one);
        } else if count == m * n {
            multiply(to, &left, &right, 0, Before::Anything, Parallelism::Rayon(threads));
        } else {
            to.par_chunks_exact_mut(m * n).enumerate().for_each(one);
        }
    };
    // SAFETY: a product writes all of its matrix, and the matrices are all of the result.
    let numbers = unsafe { vec_from_uninit(count, write) };
    FlexTensor::from_data(TensorData::new(numbers, shape))
}

/// Adds `a b` to `sum`, for two matrices of numbers that lie within their tensors: `[m, k]` and `[k, n]` to `[m · n]`, in rows.
#[allow(unsafe_code, reason = "numbers may be written to memory for numbers")]
pub(crate) fn add_product(sum: &mut [f32], a: &FlexTensor, b: &FlexTensor) {
    let (Some(left), Some(right)) = (Matrices::new(a), Matrices::new(b)) else {
        let product = Flex::float_matmul(a.clone(), b.clone()).to_contiguous();
        return sum.iter_mut().zip(product.storage::<f32>()).for_each(|(sum, term)| *sum += term);
    };
    // SAFETY: a number is a valid `MaybeUninit`, and nothing but numbers is written.
    let to =
        unsafe { core::slice::from_raw_parts_mut(sum.as_mut_ptr().cast::<MaybeUninit<f32>>(), sum.len()) };
    multiply(to, &left, &right, 0, Before::Summand, Parallelism::Rayon(rayon::current_num_threads()));
}

/// What stands in the memory of a result before it is written.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// Anything: it is not read.
    Anything,
    /// Numbers that the product is added to.
    Summand,
}

/// The numbers of a tensor as equal matrices.
struct Matrices<'a> {
    numbers: &'a [f32],
    /// Of what stands before the matrices.
    batch: &'a [usize],
    /// Rows and columns.
    size: [usize; 2],
    strides: &'a [isize],
    start: usize,
}

impl<'a> Matrices<'a> {
    /// None if they are of another type, empty, or lie outside the tensor's numbers or backwards in them.
    fn new(tensor: &'a FlexTensor) -> Option<Self> {
        let (shape, strides) = (tensor.layout().shape(), tensor.layout().strides());
        let [batch @ .., rows, columns] = &shape[..] else { return None };
        if tensor.dtype() != DType::F32 || shape.iter().any(|&length| length == 0) {
            return None;
        }
        let numbers: &[f32] = tensor.storage();
        let start = tensor.layout().start_offset();
        // With no stride below zero, the last entry lies farthest from the start: if it is within the numbers, all are.
        // The pointers below rely on this.
        let mut last = start;
        for (&length, &stride) in shape.iter().zip(strides) {
            last += (length - 1) * usize::try_from(stride).ok()?;
        }
        let own = Self { numbers, batch, size: [*rows, *columns], strides, start };
        (last < numbers.len()).then_some(own)
    }

    /// The shape of the product, if there is one without repeating matrices.
    fn times(&self, other: &Self) -> Option<Vec<usize>> {
        let fits = self.batch == other.batch && self.size[1] == other.size[0];
        fits.then(|| self.batch.iter().copied().chain([self.size[0], other.size[1]]).collect())
    }

    /// Where the matrix `index` begins.
    fn offset(&self, mut index: usize) -> usize {
        // `index` counts through the dimensions before the matrices, the last of them fastest; `zip` leaves out the
        // strides of rows and columns. None is negative, which `new` has seen to.
        let mut offset = self.start;
        for (&length, &stride) in self.batch.iter().zip(self.strides).rev() {
            offset += index % length * stride as usize;
            index /= length;
        }
        offset
    }

    /// The numbers of one matrix, column by column, that the library would read slowly: it takes many columns beside each other, and these evict
    /// each other from the cache. To read them once, to lay them out in rows, costs less. Weights on their side are so where a layer has 512 outputs
    /// or a multiple of them.
    fn clashing_columns(&self) -> Option<&'a [f32]> {
        let [length, columns] = self.size;
        let is_so = self.batch.is_empty()
            && *self.strides == [1, length as isize]
            && length.is_multiple_of(CLASH)
            && columns >= BESIDE;
        self.numbers.get(self.start..self.start + length * columns).filter(|_| is_so)
    }

    /// How far rows and columns are apart.
    fn steps(&self) -> [isize; 2] {
        let [.., rows, columns] = self.strides else { return [0, 0] };
        [*rows, *columns]
    }
}

/// Writes the product of the matrices `index` of both to all of `to`, which holds what `before` says.
#[allow(unsafe_code, reason = "the library takes pointers")]
fn multiply(
    to: &mut [MaybeUninit<f32>],
    a: &Matrices,
    b: &Matrices,
    index: usize,
    before: Before,
    threads: Parallelism,
) {
    let ([m, k], [_, n]) = (a.size, b.size);
    let ([a_rows, a_columns], [b_rows, b_columns]) = (a.steps(), b.steps());
    assert!(to.len() == m * n && k == b.size[0], "matrices of other sizes");
    // SAFETY: that the matrices lie within their numbers is checked where they are made. `m · n` numbers are written, in rows, and not
    // read before.
    unsafe {
        // The library takes the step from column to column before that from row to row, for each of the three.
        gemm::gemm(
            m,
            n,
            k,
            to.as_mut_ptr().cast::<f32>(),
            1,
            n as isize,
            before == Before::Summand,
            a.numbers.as_ptr().add(a.offset(index)),
            a_columns,
            a_rows,
            b.numbers.as_ptr().add(b.offset(index)),
            b_columns,
            b_rows,
            // The factor of what is there, and that of the product.
            if before == Before::Summand { 1.0 } else { 0.0 },
            1.0,
            false,
            false,
            false,
            threads,
        );
    }
}
