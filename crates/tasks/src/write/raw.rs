//! Texts with spans in characters: JSON lines and Label Studio.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::Example;

/// Writes one line that [`Format::JsonSpans`](crate::read::Format::JsonSpans) reads: the text, the entities in characters (Unicode scalar
/// values) of it, the relations between them and the class.
pub fn write_json_spans(out: &mut impl Write, example: &Example) -> io::Result<()> {
    let (text, chars) = example.chars();
    let spans: Vec<Value> = example
        .entities
        .iter()
        .filter_map(|entity| {
            let (start, end) = (chars.get(entity.start)?.start, chars.get(entity.end.checked_sub(1)?)?.end);
            Some(json!({ "start": start, "end": end, "label": entity.label }))
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

/// Writes a JSON document that Label Studio imports as annotated tasks: entities as labelled regions of the text, relations, and the class as
/// a choice. The labelling config is to call the text `text`, the labels `label` and the choices `class`. Offsets are counted as a browser
/// does, in UTF-16 units.
pub fn write_label_studio<'a>(
    out: &mut impl Write,
    examples: impl IntoIterator<Item = &'a Example>,
) -> io::Result<()> {
    out.write_all(b"[")?;
    for (number, example) in examples.into_iter().enumerate() {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &task(example))?;
    }
    out.write_all(b"\n]\n")
}

fn task(example: &Example) -> Value {
    let (text, chars) = example.chars();
    // How many UTF-16 units are before each character.
    let mut units = vec![0];
    units.extend(text.chars().scan(0, |before, c| {
        *before += c.len_utf16();
        Some(*before)
    }));
    let region = |(index, entity): (usize, &crate::Entity)| {
        let (start, end) = (chars.get(entity.start)?.start, chars.get(entity.end.checked_sub(1)?)?.end);
        let part: String = text.chars().skip(start).take(end - start).collect();
        let value =
            json!({ "start": units[start], "end": units[end], "text": part, "labels": [entity.label] });
        Some(
            json!({ "id": index.to_string(), "from_name": "label", "to_name": "text", "type": "labels", "value": value }),
        )
    };
    let mut result: Vec<Value> = example.entities.iter().enumerate().filter_map(region).collect();
    result.extend(example.relations.iter().map(|relation| {
        let (from, to) = (relation.head.to_string(), relation.tail.to_string());
        json!({ "type": "relation", "from_id": from, "to_id": to, "direction": "right", "labels": [relation.label] })
    }));
    if let Some(label) = &example.label {
        let value = json!({ "choices": [label] });
        result.push(json!({ "from_name": "class", "to_name": "text", "type": "choices", "value": value }));
    }
    json!({ "data": { "text": text, "id": example.id }, "annotations": [{ "result": result }] })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::read::{Format, ReadOptions};
    use crate::tags::TagScheme;
    use crate::{Entity, Quirks, Relation};

    fn example() -> Example {
        let mut example = Example::new(["\u{1f980}", "met", "Ann", "Lee", "."]);
        example.id = "a".to_owned();
        example.text = Some("\u{1f980} met  Ann Lee.".to_owned());
        example.entities = vec![Entity::new("PER", 2, 4), Entity::new("ANIMAL", 0, 1)];
        example.relations = vec![Relation::new("met", 1, 0)];
        example
    }

    /// What `format` reads from what was written, but for the place.
    fn read(format: Format, bytes: &[u8]) -> Example {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        std::fs::write(&file, bytes).unwrap();
        let mut example = format
            .read(&file, &ReadOptions::new(TagScheme::Iob2, Quirks::NONE))
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        example.origin = None;
        example
    }

    #[test]
    fn spans_in_characters_read_back() {
        let mut file = Vec::new();
        write_json_spans(&mut file, &example()).unwrap();
        let line: Value = serde_json::from_slice(&file).unwrap();
        assert_eq!(line["spans"][0], json!({ "start": 7, "end": 14, "label": "PER" }));
        assert_eq!(read(Format::JsonSpans, &file), example());
    }

    #[test]
    fn label_studio_counts_as_a_browser_does() {
        let mut file = Vec::new();
        write_label_studio(&mut file, [&example()]).unwrap();
        let document: Value = serde_json::from_slice(&file).unwrap();
        let region = &document[0]["annotations"][0]["result"][0]["value"];
        assert_eq!(region, &json!({ "start": 8, "end": 15, "text": "Ann Lee", "labels": ["PER"] }));
        assert_eq!(read(Format::LabelStudio, &file), example());
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
}
