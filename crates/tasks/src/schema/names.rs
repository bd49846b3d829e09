//! One-to-one names.

use std::collections::BTreeMap;

use crate::codec::is_delimiter;
use crate::text::is_space;
use crate::{Error, Result, SchemaError};

/// A checked one-to-one map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) by_label: BTreeMap<String, String>,
    pub(super) by_name: BTreeMap<String, String>,
}

impl Names {
    /// Repeating the same pair is allowed; another name for the same label is an error.
    pub(super) fn new<L: Into<String>, N: Into<String>>(
        pairs: impl IntoIterator<Item = (L, N)>,
    ) -> Result<Self> {
        let mut by_label: BTreeMap<String, String> = BTreeMap::new();
        for (label, name) in pairs {
            let (label, name) = (label.into(), name.into());
            match by_label.get(&label) {
                Some(first) if *first != name => {
                    return Err(Error::Schema(SchemaError::TwoNames {
                        first: first.clone(),
                        second: name,
                        label,
                    }));
                }
                Some(_) => {}
                None => _ = by_label.insert(label, name),
            }
        }
        let mut by_name = BTreeMap::new();
        for (label, name) in &by_label {
            check_name(label, name)?;
            if let Some(first) = by_name.insert(name.clone(), label.clone()) {
                return Err(Error::Schema(SchemaError::SameName {
                    first,
                    second: label.clone(),
                    name: name.clone(),
                }));
            }
        }
        Ok(Self { by_label, by_name })
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.by_label.retain(|label, _| keep(label));
        self.by_name.retain(|_, label| keep(label));
    }
}

pub(super) fn check_name(label: &str, name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(Error::Schema(SchemaError::EmptyName { label: label.to_owned() }));
    }
    let spaced = name.split(is_space).any(str::is_empty) || name.contains(|c| is_space(c) && c != ' ');
    if spaced || name.contains(is_delimiter) {
        return Err(Error::Schema(SchemaError::BadName { label: label.to_owned(), name: name.to_owned() }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_one_name() {
        assert!(Names::new([("PER", "person"), ("PER", "person")]).is_ok());
        let error = Names::new([("PER", "person"), ("LOC", "place"), ("PER", "human")]).err();
        let Some(Error::Schema(SchemaError::TwoNames { label, first, second })) = error else {
            unreachable!("{error:?}")
        };
        assert_eq!([label, first, second], ["PER", "person", "human"]);
    }
}
