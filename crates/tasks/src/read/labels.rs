//! Labels as they are written: without white space around them, and without characters that nobody sees.

use std::ops::RangeInclusive;

use crate::text::is_space;
use crate::{Error, Example, ExampleError, Result};

use super::{NoteKind, Notes};

type Boxed = Box<dyn Iterator<Item = Result<Example>> + Send>;

/// The examples with white space around their labels taken away, which is noted once for a label. A label
/// with a control character, or with one that has no width or turns the direction of writing, is refused: it
/// looks like another label and is none.
pub(super) fn clean(examples: Boxed, notes: &Notes) -> Boxed {
    let notes = notes.clone();
    Box::new(examples.map(move |example| {
        let mut example = example?;
        let place = example.place();
        for label in labels(&mut example) {
            clean_label(label, &place, &notes)?;
        }
        Ok(example)
    }))
}

/// Everything in an example that names a kind.
pub(super) fn labels(example: &mut Example) -> impl Iterator<Item = &mut String> {
    let Example { entities, slots, roles, triggers, relations, arguments, belief, .. } = example;
    let spans = [entities, slots, roles, triggers].into_iter().flatten().map(|span| &mut span.label);
    let links = relations.iter_mut().map(|relation| &mut relation.label);
    let arguments = arguments.iter_mut().map(|argument| &mut argument.label);
    let beliefs = belief.iter_mut().flat_map(|belief| [&mut belief.domain, &mut belief.slot]);
    let single = [&mut example.intent, &mut example.relation, &mut example.label].into_iter().flatten();
    spans.chain(links).chain(arguments).chain(beliefs).chain(single)
}

fn clean_label(label: &mut String, place: &str, notes: &Notes) -> Result<()> {
    let wrong = |label: &str, problem: &str| {
        let (example, label) = (place.to_owned(), label.to_owned());
        Error::Example(ExampleError::BadLabel { example, label, problem: problem.to_owned() })
    };
    let bare = label.trim_matches(is_space);
    if bare.is_empty() && !label.is_empty() {
        return Err(wrong(label, "is white space alone; write the label, or take away what has it"));
    }
    if let Some(hidden) = hidden(bare) {
        return Err(wrong(
            label,
            &format!("holds the character U+{:04X}, which nobody sees; take it out", u32::from(hidden)),
        ));
    }
    if bare.len() < label.len() {
        notes.add_once(
            NoteKind::Assumed,
            format!("the label {label:?} is read as {bare:?}, without the white space around it"),
        );
        *label = bare.to_owned();
    }
    Ok(())
}

/// The soft hyphen, and characters without width or that turn the direction of writing.
const HIDDEN: [RangeInclusive<char>; 7] = [
    '\u{ad}'..='\u{ad}',
    '\u{61c}'..='\u{61c}',
    '\u{180e}'..='\u{180e}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
];

/// The first character that is not seen. Joiners between letters of other scripts are part of their words.
fn hidden(label: &str) -> Option<char> {
    let chars: Vec<char> = label.chars().collect();
    let is_letter = |at: Option<usize>| {
        at.and_then(|at| chars.get(at)).is_some_and(|c| !c.is_ascii() && c.is_alphanumeric())
    };
    let joins = |at: usize| is_letter(at.checked_sub(1)) && is_letter(Some(at + 1));
    let is_hidden = |(at, c): &(usize, &char)| match **c {
        '\u{200c}' | '\u{200d}' => !joins(*at),
        c => c.is_control() || HIDDEN.iter().any(|range| range.contains(&c)),
    };
    chars.iter().enumerate().find(is_hidden).map(|(_, c)| *c)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Argument, Belief, Entity, Relation};

    #[test]
    fn characters_that_nobody_sees() {
        for (label, found) in [
            ("PER\u{200b}", Some('\u{200b}')),
            ("a\u{202e}b", Some('\u{202e}')),
            ("a\tb", Some('\t')),
            ("\u{feff}PER", Some('\u{feff}')),
            ("a\u{200c}b", Some('\u{200c}')),
            ("شرکت\u{200c}ها", None),
            ("work of art", None),
            ("Straße/É", None),
        ] {
            assert_eq!(hidden(label), found, "{label:?}");
        }
    }

    #[test]
    fn every_kind_of_label_is_looked_at() {
        let mut example = Example::new(["a"]);
        let entity = || vec![Entity::new("x ", 0, 1)];
        (example.entities, example.slots, example.roles, example.triggers) =
            (entity(), entity(), entity(), entity());
        example.relations = vec![Relation::new("x ", 0, 0)];
        example.arguments = vec![Argument::new("x ", 0, 0)];
        example.belief = vec![Belief::new("x ", "x ", "kept ")];
        let some = || Some("x ".to_owned());
        (example.intent, example.relation, example.label) = (some(), some(), some());
        let notes = Notes::default();
        let found = clean(Box::new(std::iter::once(Ok(example))), &notes).next().unwrap().unwrap();
        let text = serde_json::to_string(&found).unwrap();
        assert!(!text.contains("x ") && text.contains("kept "), "{text}");
        let told: Vec<String> = notes.take().into_iter().map(|note| note.detail).collect();
        assert_eq!(told, [r#"the label "x " is read as "x", without the white space around it"#]);
    }
}
