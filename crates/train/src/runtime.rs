//! What a program runs with, as opposed to what it is asked to do.

use burn::tensor::Device;
use fishdip_t5::HubCache;
use std::fmt;

use crate::Interrupter;

/// Where to compute, where models are found, and what can stop the work. It comes from the command line or another caller; no config names it.
#[derive(Clone)]
pub struct Runtime {
    /// Where to compute, without autodiff.
    pub device: Device,
    /// What reports call the device's backend.
    pub backend: String,
    /// Where a model that is no folder is looked for.
    pub hub: HubCache,
    /// Asks to stop between two batches or steps.
    pub interrupter: Interrupter,
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("backend", &self.backend).finish_non_exhaustive()
    }
}
