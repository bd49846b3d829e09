//! Words for labels, to begin with.

use std::collections::BTreeSet;

use fishdip_tasks::{Naming, Schema};

/// A natural name for each of `labels`, which are those of `table`: that of the data sets that have the label, where they agree, else the label
/// with spaces, in small letters, and without signs where it has some that no name may have. Where two would have one name, all have their labels for
/// names, as far as these can be names.
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
    let usual = |label: &str| {
        if can_be(&[label], &[label]) { Naming::Spaced.name(label) } else { words(&label.to_lowercase()) }
    };
    let names: Vec<String> =
        labels.iter().map(|label| of_known(label).unwrap_or_else(|| usual(label))).collect();
    if can_be(&labels, &names) { names } else { distinct(&labels) }
}

/// Whether `labels` can have these `names`. The rules are one for all tables but that of classes, which has one more.
fn can_be<N: AsRef<str>>(labels: &[&str], names: &[N]) -> bool {
    let pairs = || labels.iter().copied().zip(names.iter().map(AsRef::as_ref));
    Schema::new(pairs(), std::iter::empty()).is_ok() && Schema::default().with_classes(pairs()).is_ok()
}

/// The words of a label that cannot be a name, without any sign.
fn words(label: &str) -> String {
    let words: Vec<&str> =
        label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "label".to_owned() } else { words.join(" ") }
}

/// The labels themselves, and where they cannot be names their words, with a number where another has these.
fn distinct(labels: &[&str]) -> Vec<String> {
    let is_name = |label: &&str| can_be(&[*label], &[*label]);
    let mut taken: BTreeSet<String> = labels.iter().copied().filter(is_name).map(str::to_owned).collect();
    let mut name = |label: &&str| {
        if is_name(label) {
            return (*label).to_owned();
        }
        let words = words(label);
        let mut name = words.clone();
        let mut number = 1;
        while !taken.insert(name.clone()) {
            number += 1;
            name = format!("{words} {number}");
        }
        name
    };
    labels.iter().map(&mut name).collect()
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

    #[test]
    fn labels_with_signs_of_the_markup_get_words() {
        // A name has words with single spaces, without [ ] | =.
        assert_eq!(
            names("entities", &["<a_href=\"x\">", "ORG", "PER|NAME"]),
            ["a href x", "organization", "per name"]
        );
        assert_eq!(names("classes", &["a  b", "c((d"]), ["a b", "c d"]);
        assert_eq!(names("relations", &["=", "[]", "r[1]"]), ["label", "label 2", "r 1"]);
        assert_eq!(names("entities", &["a b", "a=b", "a|b"]), ["a b", "a b 2", "a b 3"]);
    }
}
