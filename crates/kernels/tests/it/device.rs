//! The device that the tests run on: Flex, or the backend that the environment asks for among those that this build has.

use burn::tensor::Device;
use proptest::test_runner::Config;

/// The variable that names a backend: one build may hold several.
const BACKEND: &str = "FISHDIP_TEST_BACKEND";

/// The name of the backend that is tested.
pub(crate) fn backend() -> String {
    std::env::var(BACKEND).unwrap_or_else(|_| "flex".to_owned())
}

/// # Panics
/// Where the build has no such backend: a test that ran on another one would prove nothing.
#[allow(clippy::panic, reason = "there is no test without its device")]
pub(crate) fn device() -> Device {
    match backend().as_str() {
        #[cfg(feature = "flex")]
        "flex" => Device::flex(),
        #[cfg(feature = "tch")]
        #[allow(deprecated, reason = "the last burn release that has LibTorch")]
        "tch" => Device::libtorch(),
        #[cfg(feature = "wgpu")]
        "wgpu" => Device::wgpu(burn::tensor::DeviceKind::default()),
        other => panic!("these tests were built without the backend `{other}`"),
    }
}

/// How many cases a property test draws: few where each new shape is compiled anew.
pub(crate) fn cases() -> Config {
    Config::with_cases(if backend() == "wgpu" { 12 } else { 256 })
}
