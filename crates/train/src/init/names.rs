//! Words for labels, to begin with.

use std::collections::BTreeSet;

use fishdip_tasks::{Naming, Schema};

/// A natural name for each of `labels`, which are those of `table`: that of the data sets that have the label, where they agree, else the label
/// with spaces, in small letters. Where two would have one name, all have their labels for names.
pub(super) fn natural_names<'a>(table: &str, labels: impl Iterator<Item = &'a str>) -> Vec<String> {
    let labels: Vec<&str> = labels.collect();
    let known: Vec<Schema> = Schema::PRESETS.iter().filter_map(|name| Schema::preset(name)).collect();
    let of_known = |label: &str| {
        let name = |schema: &Schema| match table {
            "entities" => schema.entities().find(|(own, _)| *own == label).map(|(_, name)| name.to_owned()),
            "relations" => schema.relations().find(|(own, _)| *own == label).map(|(_, name)| name.to_owned()),
            _ => None,
        };
        let names: BTreeSet<String> = known.iter().filter_map(name).collect();
        names.into_iter().next().filter(|first| known.iter().filter_map(name).all(|name| name == *first))
    };
    let names: Vec<String> =
        labels.iter().map(|label| of_known(label).unwrap_or_else(|| Naming::Spaced.name(label))).collect();
    let pairs = || labels.iter().map(|label| (*label).to_owned()).zip(names.iter().cloned());
    // The rules for names are one for all tables but that of classes, which has one more.
    let none = || std::iter::empty::<(String, String)>();
    let can_be = Schema::new(pairs(), none()).is_ok() && Schema::default().with_classes(pairs()).is_ok();
    if can_be { names } else { labels.into_iter().map(str::to_owned).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(table: &str, labels: &[&str]) -> Vec<String> {
        natural_names(table, labels.iter().copied())
    }

    #[test]
    fn known_labels_have_their_words() {
        // As in CoNLL-2003 and ACE 2005; OntoNotes has no PER, and of GPE it says another thing than ACE 2005.
        assert_eq!(names("entities", &["PER", "ORG", "GPE"]), ["person", "organization", "gpe"]);
        assert_eq!(names("relations", &["Work_For", "HasSideEffect"]), ["works for", "hassideeffect"]);
        assert_eq!(names("classes", &["PER", "very_good"]), ["per", "very good"]);
    }

    #[test]
    fn names_are_distinct_and_can_be_written() {
        assert_eq!(names("entities", &["a_b", "A-B"]), ["a_b", "A-B"]);
        assert_eq!(names("classes", &["B-x", "__"]), ["B-x", "__"]);
    }
}
