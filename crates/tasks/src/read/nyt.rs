//! New York Times relations in the original program's files.

use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use super::json::{self, Item, layouts};
use super::span_fields::same_words;
use crate::{Entity, Example, Relation, Result};

/// Start, end (not included) and type of the subject, the relation, and the same of the object.
type Detail = (usize, usize, String, String, usize, usize, String);

/// The words of the subject, the relation, and the words of the object.
type Triple = [String; 3];

#[derive(Deserialize)]
struct Line {
    tokens: Vec<String>,
    spo_details: Vec<Detail>,
    spo_list: Option<Vec<Triple>>,
    triple_list: Option<Vec<Triple>>,
}

/// `[{"tokens", "spo_details": [[start, end, type, relation, start, end, type]]}]`. Equal spans of equal type
/// are one entity. `"spo_list": [[subject, relation, object]]`, which some files call `"triple_list"`, says the same in
/// words, in any order, each as often as one likes; where it does not, one of the two is wrong, and that is an error.
pub(super) fn details(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    json::each(reader, file, &layouts::NYT, |item| {
        let Line { tokens, spo_details, spo_list, triple_list } = item.read()?;
        let mut example = Example::new(tokens);
        example.id = item.id();
        example.origin = Some(item.at().clone());
        for (start, end, label, relation, object_start, object_end, object_label) in spo_details {
            let mut find = |entity: Entity| {
                example.entities.iter().position(|e| *e == entity).unwrap_or_else(|| {
                    example.entities.push(entity);
                    example.entities.len() - 1
                })
            };
            let head = find(Entity::new(label, start, end));
            let tail = find(Entity::new(object_label, object_start, object_end));
            example.relations.push(Relation::new(relation, head, tail));
        }
        // Spans beyond the tokens have no words.
        example.check()?;
        for (key, triples) in [("spo_list", spo_list), ("triple_list", triple_list)] {
            same_relations(item, &example, key, triples.as_deref())?;
        }
        Ok(example)
    })
}

/// Refuses an example whose relations are not those that `triples`, which stand under `key`, say in words.
fn same_relations(item: &Item<'_>, example: &Example, key: &str, triples: Option<&[Triple]>) -> Result<()> {
    let Some(triples) = triples else { return Ok(()) };
    let words = |entity: usize| {
        let Entity { start, end, .. } = example.entities[entity];
        example.tokens[start..end].join(" ")
    };
    let details: Vec<Triple> =
        example.relations.iter().map(|r| [words(r.head), r.label.clone(), words(r.tail)]).collect();
    let same = |one: &Triple, other: &Triple| {
        one[1] == other[1] && same_words(&one[0], &other[0]) && same_words(&one[2], &other[2])
    };
    let beyond = |these: &[Triple], those: &[Triple]| {
        these.iter().find(|one| !those.iter().any(|other| same(one, other))).cloned()
    };
    let problem = |[subject, relation, object]: Triple, here: &str, there: &str| {
        item.problem(format!(
            "{here} has [{subject:?}, {relation:?}, {object:?}], but {there} has no such relation; the two say the same of a sentence: \
             correct one of them, or take {key:?} out"
        ))
    };
    if let Some(triple) = beyond(triples, &details) {
        return Err(problem(triple, &format!("{key:?}"), "\"spo_details\""));
    }
    match beyond(&details, triples) {
        Some(triple) => Err(problem(triple, "\"spo_details\"", &format!("{key:?}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// "Ann Lee left New York", with the `details` of its relations and what stands beside them.
    fn read(details: &str, beside: &str) -> Result<Example> {
        let item = format!(
            r#"[{{"tokens": ["Ann", "Lee", "left", "New", "York"],{}"spo_details": [{details}]{beside}}}]"#,
            "\n"
        );
        super::details(item.as_bytes(), Path::new("train.json")).unwrap().remove(0)
    }

    const LEFT: &str = r#"[0, 2, "PERSON", "left", 3, 5, "LOCATION"]"#;
    const LIVES: &str = r#"[0, 2, "PERSON", "lives", 3, 5, "LOCATION"]"#;

    #[test]
    fn relations_in_words_say_the_same() {
        let both = format!("{LEFT}, {LIVES}");
        for beside in [
            String::new(),
            r#", "spo_list": [["Ann Lee", "left", "New York"], ["Ann Lee", "lives", "New York"]]"#.to_owned(),
            // Any order, the other name.
            r#", "triple_list": [["Ann Lee", "lives", "New York"], ["Ann Lee", "left", "New York"]]"#
                .to_owned(),
            r#", "spo_list": null"#.to_owned(),
        ] {
            let example = read(&both, &beside).unwrap();
            assert_eq!((example.entities.len(), example.relations.len()), (2, 2), "{beside}");
        }
        assert!(read("", r#", "spo_list": []"#).is_ok());
    }

    #[test]
    fn a_difference_names_the_line_and_the_relation() {
        let cases = [
            (LEFT, r#"[["Ann", "left", "New York"]]"#, r#""spo_list" has ["Ann", "left", "New York"]"#),
            (
                LEFT,
                r#"[["Ann Lee", "lives", "New York"]]"#,
                r#""spo_list" has ["Ann Lee", "lives", "New York"]"#,
            ),
            (
                LEFT,
                r#"[["New York", "left", "Ann Lee"]]"#,
                r#""spo_list" has ["New York", "left", "Ann Lee"]"#,
            ),
            (LEFT, "[]", r#""spo_details" has ["Ann Lee", "left", "New York"], but "spo_list" has no"#),
            ("", r#"[["Ann Lee", "left", "New York"]]"#, r#"but "spo_details" has no such relation"#),
        ];
        for (details, list, expected) in cases {
            let message = read(details, &format!(", \"spo_list\": {list}")).unwrap_err().to_string();
            assert!(message.starts_with("failed to read train.json:1, example 0: "), "{message}");
            assert!(message.contains(expected), "{message}");
        }
        let beyond = read(r#"[0, 2, "PERSON", "left", 3, 9, "LOCATION"]"#, r#", "spo_list": []"#);
        assert!(beyond.unwrap_err().to_string().contains("3..9"));
    }
}
