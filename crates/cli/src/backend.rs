//! Backend names and devices. The one place that picks a device.

use burn::tensor::Device;

use crate::exit::Failure;

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
pub(crate) fn device(name: &str) -> Result<Device, Failure> {
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
            "this build has no backend `{name}`, only {}; `cargo xtask train --backend NAME` builds one",
            BUILT.join(", ")
        ))),
    }
}

/// CUDA where this LibTorch has it, else the processor.
#[cfg(feature = "tch")]
#[allow(deprecated, reason = "burn's last release that has LibTorch is pinned for it")]
fn libtorch() -> Device {
    #[cfg(unix)]
    let_threads_sleep();
    crate::allocator::give_pages_back();
    if fishdip_train::libtorch_has_cuda() { Device::libtorch_cuda(0) } else { Device::libtorch() }
}

/// LibTorch's threads wait for their next work in loops, which takes the processor from the kernels that work on other threads in between. Only
/// the environment that a program starts with tells them to sleep: if it says nothing, the program is started anew in its place.
#[cfg(all(feature = "tch", unix))]
fn let_threads_sleep() {
    use std::os::unix::process::CommandExt as _;

    const POLICY: &str = "OMP_WAIT_POLICY";
    if std::env::var_os(POLICY).is_some() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        let mut again = std::process::Command::new(program);
        // Comes back only if it fails: slower threads are no reason not to train.
        let _ = again.args(std::env::args_os().skip(1)).env(POLICY, "PASSIVE").exec();
    }
}
