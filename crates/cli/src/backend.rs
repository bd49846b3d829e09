//! Backend names and devices. The one place that picks a device.

use burn::tensor::Device;

use fishdip_train::tasks::shortened;
use fishdip_train::{Interrupter, Runtime};

use crate::exit::Failure;
use crate::hub;

/// What `--backend` is when left out.
pub(crate) const DEFAULT: &str = BUILT[0];

/// The backends of this build.
const BUILT: &[&str] = &[
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

/// The device of a backend name: the first GPU where the backend has one.
fn device(name: &str) -> Result<Device, Failure> {
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
        _ => Err(Failure::Use(format!(
            "this build has no backend `{}`, only {}; `cargo xtask train --backend NAME` builds one",
            shortened(name),
            BUILT.join(", ")
        ))),
    }
}

/// What a command computes with on the backend `name`; nothing stops it yet.
pub(crate) fn runtime(name: &str) -> Result<Runtime, Failure> {
    let (device, backend) = (device(name)?, name.to_owned());
    Ok(Runtime { device, backend, hub: hub::cache(), interrupter: Interrupter::new() })
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
