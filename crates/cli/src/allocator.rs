//! The allocator: a step frees some hundred megabytes of tensors that the next one wants again at once.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` of mimalloc's C header, which the Rust one does not name.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

/// Keeps freed pages instead of giving them back to the system, which would clear them before they can be used again. The environment
/// variable `MIMALLOC_PURGE_DELAY` (milliseconds) overrides it.
#[allow(unsafe_code, reason = "a setting of a C library")]
pub(crate) fn keep_pages() {
    // SAFETY: the option exists in both versions of mimalloc that the crate can be built with, and may be set at any time.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, -1) }
}
