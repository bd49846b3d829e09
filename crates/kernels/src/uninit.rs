//! Results in memory that is not cleared first: of a large result that takes as long as a pass over it.

use core::mem::MaybeUninit;

/// `length` numbers, written by `write`.
///
/// # Safety
///
/// `write` writes every number of the slice.
#[allow(unsafe_code, reason = "memory is not cleared only to be overwritten")]
pub(crate) unsafe fn vec_from_uninit(length: usize, write: impl FnOnce(&mut [MaybeUninit<f32>])) -> Vec<f32> {
    let mut numbers = Vec::with_capacity(length);
    write(&mut numbers.spare_capacity_mut()[..length]);
    // SAFETY: the capacity is at least `length`, and the caller has all of it written.
    unsafe { numbers.set_len(length) };
    numbers
}
