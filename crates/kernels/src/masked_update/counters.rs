//! Proof that updates happen in place: tests read and reset these.

use core::sync::atomic::{AtomicUsize, Ordering};

static IN_PLACE: AtomicUsize = AtomicUsize::new(0);
static COPIED: AtomicUsize = AtomicUsize::new(0);

/// What [`take`] returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Updates that wrote into the dense weight's own buffer.
    pub in_place: usize,
    /// Updates whose weight had another handle alive and was copied first.
    pub copied: usize,
}

/// The counts since the last call, of the whole process.
pub fn take() -> Counts {
    Counts { in_place: IN_PLACE.swap(0, Ordering::Relaxed), copied: COPIED.swap(0, Ordering::Relaxed) }
}

#[cfg(any(feature = "flex", feature = "tch", feature = "cube"))]
pub(crate) fn count(in_place: bool) {
    if in_place { &IN_PLACE } else { &COPIED }.fetch_add(1, Ordering::Relaxed);
}
