//! What commands compute with.

use fishdip::backend::device;
use fishdip_train::{Interrupter, Runtime};

use crate::exit::Failure;
use crate::hub;

/// What a command computes with on the backend `name`; nothing stops it yet.
pub(crate) fn runtime(name: &str) -> Result<Runtime, Failure> {
    let (device, backend) = (device(name)?, name.to_owned());
    Ok(Runtime { device, backend, hub: hub::cache(), interrupter: Interrupter::new() })
}
