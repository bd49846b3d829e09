//! Backend names and devices. The one place that picks a device.

use burn::tensor::Device;

use crate::exit::Failure;

/// What `--backend` is when left out.
pub(crate) const DEFAULT: &str = BUILT[0];

/// The backends of this build.
const BUILT: &[&str] = &[
    #[cfg(feature = "flex")]
    "flex",
];

/// The device of a backend name.
pub(crate) fn device(name: &str) -> Result<Device, Failure> {
    match name {
        #[cfg(feature = "flex")]
        "flex" => Ok(Device::flex()),
        _ => Err(Failure::Use(format!(
            "this build has no backend `{name}`, only {}; `cargo xtask train --backend NAME` builds one",
            BUILT.join(", ")
        ))),
    }
}
