//! The settings of a measurement.

use std::collections::BTreeMap;

use burn::tensor::Device;

/// Why a measurement came to nothing.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// `KEY=VALUE` arguments.
#[derive(Debug)]
pub struct Keys(BTreeMap<String, String>);

impl Keys {
    /// Those that `arguments` give.
    pub fn new(arguments: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let pair = |argument: String| {
            argument.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()))
        };
        Ok(Self(arguments.map(pair).collect::<Option<_>>().ok_or("KEY=VALUE")?))
    }

    /// The value of the key `name`, `default` if it is left out.
    pub fn number<T: std::str::FromStr>(&self, name: &str, default: T) -> Result<T, Failure>
    where
        Failure: From<T::Err>,
    {
        Ok(self.0.get(name).map(|value| value.parse()).transpose()?.unwrap_or(default))
    }

    /// That of the backend `backend`, the usual one if it is left out.
    pub fn device(&self) -> Result<Device, Failure> {
        let name = self.0.get("backend").map_or(fishdip::backend::DEFAULT, String::as_str);
        Ok(fishdip::backend::device(name)?)
    }
}
