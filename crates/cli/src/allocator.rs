//! The allocator: a step frees some hundred megabytes of tensors that the next one wants again at once.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` of mimalloc's C header, which the Rust one does not name.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

/// Keeps freed pages instead of giving them back to the system, which would clear them before they can be used again. The environment
/// variable `MIMALLOC_PURGE_DELAY` (milliseconds) overrides it.
pub fn keep_pages() {
    set_purge_delay(-1);
}

/// Gives pages back that were not used again for a while: LibTorch has an allocator of its own for its tensors, and what is left over from
/// loading a model could serve nobody.
#[cfg(feature = "tch")]
pub(crate) fn give_pages_back() {
    set_purge_delay(100);
}

#[allow(unsafe_code, reason = "a setting of a C library")]
fn set_purge_delay(milliseconds: core::ffi::c_long) {
    // SAFETY: the option exists in both versions of mimalloc that the crate can be built with, and may be set at any time.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, milliseconds) }
}
