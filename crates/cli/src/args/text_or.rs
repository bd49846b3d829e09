//! What input looks like.

use fishdip_train::predict::InputFormat;

/// `text`, or the name of a format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextOr(pub(crate) InputFormat);

impl std::str::FromStr for TextOr {
    type Err = fishdip_train::tasks::Error;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(Self(if name == "text" { InputFormat::Text } else { InputFormat::Data(name.parse()?) }))
    }
}
