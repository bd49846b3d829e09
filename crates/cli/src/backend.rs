//! Backend names and devices. The one place that picks a device.

use burn::tensor::Device;

use fishdip_train::tasks::shortened;

/// What `--backend` is when left out; nothing in a build without any.
pub const DEFAULT: &str = if BUILT.is_empty() { "" } else { BUILT[0] };

/// The backends of this build.
pub const BUILT: &[&str] = &[
    #[cfg(feature = "flex")]
    "flex",
    #[cfg(feature = "tch")]
    "tch",
    #[cfg(feature = "wgpu")]
    "wgpu",
    #[cfg(feature = "vulkan")]
    "vulkan",
    #[cfg(feature = "metal")]
    "metal",
    #[cfg(feature = "cuda")]
    "cuda",
    #[cfg(feature = "rocm")]
    "rocm",
];

/// A backend that this build has not.
#[derive(Debug, thiserror::Error)]
#[error(
    "this build has no backend `{}`, only {}; `cargo xtask train --backend NAME` builds one",
    shortened(name),
    BUILT.join(", ")
)]
pub struct UnknownBackend {
    /// What it was asked for.
    pub name: String,
}

/// The device of a backend name: the first GPU where the backend has one.
pub fn device(name: &str) -> Result<Device, UnknownBackend> {
    match name {
        #[cfg(feature = "flex")]
        "flex" => Ok(Device::flex()),
        #[cfg(feature = "tch")]
        "tch" => Ok(libtorch()),
        #[cfg(feature = "wgpu")]
        "wgpu" => Ok(Device::wgpu(burn::tensor::DeviceKind::default())),
        #[cfg(feature = "vulkan")]
        "vulkan" => Ok(Device::vulkan(burn::tensor::DeviceKind::default())),
        #[cfg(feature = "metal")]
        "metal" => Ok(Device::metal(burn::tensor::DeviceKind::default())),
        #[cfg(feature = "cuda")]
        "cuda" => Ok(Device::cuda(0)),
        #[cfg(feature = "rocm")]
        "rocm" => Ok(Device::rocm(0)),
        _ => Err(UnknownBackend { name: name.to_owned() }),
    }
}

/// CUDA where this LibTorch has it, else the processor. There LibTorch's threads wait for their next work in loops, unless the environment that
/// the program starts with tells them to sleep, and take the processor from the kernels that work on other threads in between.
#[cfg(feature = "tch")]
#[allow(deprecated, reason = "burn's last release that has LibTorch is pinned for it")]
fn libtorch() -> Device {
    use std::io::Write as _;

    crate::allocator::give_pages_back();
    if fishdip_train::libtorch_has_cuda() {
        return Device::libtorch_cuda(0);
    }
    if std::env::var_os("OMP_WAIT_POLICY").is_none() {
        // Nobody is left to tell if this fails.
        let _ = writeln!(
            std::io::stderr(),
            "warning: with OMP_WAIT_POLICY=PASSIVE in the environment, as `cargo xtask` sets it, LibTorch on the processor is several times as fast"
        );
    }
    Device::libtorch()
}
