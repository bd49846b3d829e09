//! What the kernels of a backend share: its tensors as memory that they can read and write.

#[cfg(feature = "flex")]
pub(crate) mod flex;
#[cfg(feature = "tch")]
pub(crate) mod libtorch;
