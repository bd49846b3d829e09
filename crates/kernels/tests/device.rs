//! The device that the tests of this build run on: that of a GPU backend or LibTorch if it has one, else Flex.

#![allow(dead_code, reason = "each test uses a part")]

use burn::tensor::Device;
use proptest::test_runner::Config;

#[cfg(all(feature = "flex", not(any(feature = "tch", feature = "wgpu"))))]
pub(crate) fn device() -> Device {
    Device::flex()
}

#[cfg(all(feature = "tch", not(feature = "wgpu")))]
#[allow(deprecated, reason = "the last burn release that has LibTorch")]
pub(crate) fn device() -> Device {
    Device::libtorch()
}

#[cfg(feature = "wgpu")]
pub(crate) fn device() -> Device {
    Device::wgpu(burn::tensor::DeviceKind::default())
}

/// How many cases a property test draws: few where each new shape is compiled anew.
pub(crate) fn cases() -> Config {
    Config::with_cases(if cfg!(feature = "wgpu") { 12 } else { 256 })
}
