//! What the model may write.

use clap::ValueEnum;
use fishdip_train::DecodeName;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Decode {
    /// Only what can be read: source words, brackets, known labels.
    Constrained,
    /// Anything.
    Free,
    /// As constrained, the best of several outputs: `evaluation.beams` of them, or 4 if that is 1.
    Beam,
}

impl Decode {
    /// The same word in a config.
    pub(crate) fn name(self) -> DecodeName {
        match self {
            Self::Constrained => DecodeName::Constrained,
            Self::Free => DecodeName::Free,
            Self::Beam => DecodeName::Beam,
        }
    }
}
