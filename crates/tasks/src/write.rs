//! Examples to data files.

mod brat;
mod conll;
mod json_spans;
mod label_studio;
mod rows;

pub use brat::{is_brat_label, write_brat};
pub use conll::{write_conll, write_conll_comment};
pub use json_spans::write_json_spans;
pub use label_studio::{
    Controls, Scored, add_label_studio_prediction, write_label_studio, write_label_studio_predictions,
    write_label_studio_texts,
};
pub use rows::Rows;

use std::io;
use std::ops::Range;

use crate::{Entity, Example};

/// The text of `example`, and where its tokens are in it; an example whose spans are not within its tokens is
/// refused.
fn placed(example: &Example) -> io::Result<(String, Vec<Range<usize>>)> {
    example.check().map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    Ok(example.chars())
}

/// Where `entity` is in the text, in characters, also where it begins or ends inside a token; `chars` are
/// those of the tokens, among which it must be.
fn char_range(chars: &[Range<usize>], entity: &Entity) -> Range<usize> {
    entity.chars_in(chars).map_or(0..0, |own| own.start..own.end)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::read::{Format, ReadOptions};
    use crate::tags::TagScheme;
    use crate::{Entity, Example, Quirks, Relation};

    pub(super) fn example() -> Example {
        let mut example = Example::new(["\u{1f980}", "met", "Ann", "Lee", "."]);
        example.id = "a".to_owned();
        example.text = Some("\u{1f980} met  Ann Lee.".to_owned());
        example.entities = vec![Entity::new("PER", 2, 4), Entity::new("ANIMAL", 0, 1)];
        example.relations = vec![Relation::new("met", 1, 0)];
        example
    }

    #[test]
    fn spans_inside_words_are_written_as_they_were_read() {
        let line = r#"{"id": "a", "text": "unhappily", "spans": [{"start": 2, "end": 9, "label": "A"}]}"#;
        let example = read(Format::JsonSpans, line.as_bytes());
        let mut out = Vec::new();
        super::write_json_spans(&mut out, &example).unwrap();
        assert_eq!(read(Format::JsonSpans, &out).entities, example.entities);
        assert_eq!(example.entities[0].chars, Some(crate::CharRange { start: 2, end: 9 }));
    }

    /// What `format` reads from what was written, but for the place.
    pub(super) fn read(format: Format, bytes: &[u8]) -> Example {
        let options = ReadOptions::new(TagScheme::Iob2, Quirks::NONE).only_for(format);
        let reader = std::io::Cursor::new(bytes.to_vec());
        let mut examples = format.read_from(reader, "f".as_ref(), &options).unwrap();
        Example { origin: None, ..examples.next().unwrap().unwrap() }
    }
}
