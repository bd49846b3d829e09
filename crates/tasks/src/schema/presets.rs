//! Schemas of well-known data sets.

use super::{Names, Schema};

impl Schema {
    /// CoNLL-2003 named entities.
    pub fn conll03() -> Self {
        let entities = preset(&[
            ("LOC", "location"),
            ("MISC", "miscellaneous"),
            ("ORG", "organization"),
            ("PER", "person"),
        ]);
        Self { entities, ..Self::default() }
    }
}

/// The pairs must be distinct plain words; a test checks them.
fn preset(pairs: &[(&str, &str)]) -> Names {
    let pairs = || pairs.iter().map(|&(label, name)| (label.to_owned(), name.to_owned()));
    Names { by_label: pairs().collect(), by_name: pairs().map(|(label, name)| (name, label)).collect() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn presets_pass_the_checks() {
        let schema = Schema::conll03();
        assert_eq!(Schema::new(schema.entities(), schema.relations()).unwrap(), schema);
    }
}
