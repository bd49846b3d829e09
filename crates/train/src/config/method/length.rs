//! What stands in front of a source, beside the length of sources.

use fishdip_peft::Addition;

use super::MethodConfig;
use crate::Error;

impl MethodConfig {
    /// Refuses more vectors in front of a source, or of its keys, than it may have pieces.
    pub(crate) fn check_length(&self, max_source_pieces: usize) -> Result<(), Error> {
        let (key, length) = match self.addition() {
            Some(Addition::Prefix(config)) => ("prefix.length", config.length),
            Some(Addition::Prompt(config)) => ("prompt.length", config.length),
            Some(Addition::UniPelt(config)) => ("unipelt.prefix_length", config.prefix_length),
            _ => return Ok(()),
        };
        if length <= max_source_pieces {
            return Ok(());
        }
        let message = format!(
            "`method.{key}` is {length}, more than the {max_source_pieces} pieces of the longest source that is read (`data.max_source_pieces`); \
             make it shorter"
        );
        Err(Error::Config { place: "the config".into(), message, hint: None })
    }
}
