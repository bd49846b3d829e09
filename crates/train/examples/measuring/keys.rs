//! The settings of a measurement.

use std::collections::BTreeMap;

use burn::tensor::Device;

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// `KEY=VALUE` arguments.
pub(crate) struct Keys(BTreeMap<String, String>);

impl Keys {
    pub(crate) fn new(arguments: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let pair = |argument: String| {
            argument.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()))
        };
        Ok(Self(arguments.map(pair).collect::<Option<_>>().ok_or("KEY=VALUE")?))
    }

    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str, default: T) -> Result<T, Failure>
    where
        Failure: From<T::Err>,
    {
        Ok(self.0.get(name).map(|value| value.parse()).transpose()?.unwrap_or(default))
    }

    pub(crate) fn device(&self) -> Result<Device, Failure> {
        match self.0.get("backend").map_or("flex", String::as_str) {
            #[cfg(feature = "tch")]
            #[allow(deprecated, reason = "burn's last release that has LibTorch is pinned for it")]
            "tch" => {
                crate::allocator::give_pages_back();
                let cuda = fishdip_train::libtorch_has_cuda();
                Ok(if cuda { Device::libtorch_cuda(0) } else { Device::libtorch() })
            }
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
            #[cfg(feature = "flex")]
            "flex" => Ok(Device::flex()),
            other => Err(format!("this build has no backend `{other}`").into()),
        }
    }
}
