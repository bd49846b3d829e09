//! Texts with spans in characters, a JSON object a line.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{char_range, placed};
use crate::Example;

/// Writes one line that [`Format::JsonSpans`](crate::read::Format::JsonSpans) reads: the text, the entities
/// in characters (Unicode scalar values) of it, the relations between them and the class. An example with
/// spans outside of its tokens is an error of the kind [`io::ErrorKind::InvalidInput`].
pub fn write_json_spans(out: &mut impl Write, example: &Example) -> io::Result<()> {
    let (text, chars) = placed(example)?;
    let spans: Vec<Value> = example
        .entities
        .iter()
        .map(|entity| {
            let place = char_range(&chars, entity);
            json!({ "start": place.start, "end": place.end, "label": entity.label })
        })
        .collect();
    let relations: Vec<Value> = example
        .relations
        .iter()
        .map(|relation| json!({ "head": relation.head, "tail": relation.tail, "label": relation.label }))
        .collect();
    let mut line = json!({ "id": example.id, "text": text, "spans": spans, "relations": relations });
    if let Some(label) = &example.label {
        line["label"] = json!(label);
    }
    writeln!(out, "{line}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Entity;
    use crate::read::Format;
    use crate::write::tests::{example, read};

    #[test]
    fn spans_in_characters_read_back() {
        let mut file = Vec::new();
        write_json_spans(&mut file, &example()).unwrap();
        let line: Value = serde_json::from_slice(&file).unwrap();
        assert_eq!(line["spans"][0], json!({ "start": 7, "end": 14, "label": "PER" }));
        assert_eq!(read(Format::JsonSpans, &file), example());
    }

    #[test]
    fn tokens_without_a_text_get_single_spaces() {
        let mut file = Vec::new();
        let mut example = example();
        example.text = None;
        write_json_spans(&mut file, &example).unwrap();
        let line: Value = serde_json::from_slice(&file).unwrap();
        assert_eq!(
            (&line["text"], &line["spans"][0]["start"]),
            (&json!("\u{1f980} met Ann Lee ."), &json!(6))
        );
    }

    #[test]
    fn spans_outside_of_the_tokens_are_not_written() {
        let mut example = example();
        example.entities.push(Entity::new("PER", 4, 9));
        let error = write_json_spans(&mut Vec::new(), &example).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
