//! Label Studio's JSON: <https://labelstud.io/guide/tasks#Basic-Label-Studio-JSON-format>.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{char_range, placed};
use crate::Example;

/// An example that a model made, and how sure it is.
#[derive(Clone, Copy, Debug)]
pub struct Scored<'a> {
    /// What was found.
    pub example: &'a Example,
    /// The probability of all of it.
    pub score: Option<f64>,
    /// The probability of each entity, in the order of the example's.
    pub entities: &'a [f64],
}

/// Writes a JSON document that Label Studio imports as annotated tasks: entities as labelled regions of the
/// text, relations, and the class as a choice. The labelling config is to call the text `text`, the labels
/// `label` and the choices `class`. Offsets count characters (code points), as Label Studio's editor does
/// since version 1.4. The example's id is in the task's data. An example with spans outside of its tokens is
/// an error of the kind [`io::ErrorKind::InvalidInput`].
pub fn write_label_studio<'a>(
    out: &mut impl Write,
    examples: impl IntoIterator<Item = &'a Example>,
) -> io::Result<()> {
    let task = |example: &Example| {
        let (text, result) = result(example, &[])?;
        Ok(json!({ "data": { "text": text, "id": example.id }, "annotations": [{ "result": result }] }))
    };
    write_tasks(out, examples.into_iter().map(task))
}

/// As [`write_label_studio`], but as predictions of `model`, which Label Studio shows for review and sorts by
/// their score.
pub fn write_label_studio_predictions<'a>(
    out: &mut impl Write,
    model: &str,
    found: impl IntoIterator<Item = Scored<'a>>,
) -> io::Result<()> {
    let task = |found: Scored<'_>| {
        let (text, result) = result(found.example, found.entities)?;
        let mut prediction = json!({ "model_version": model, "result": result });
        if let Some(score) = found.score {
            prediction["score"] = json!(score);
        }
        Ok(json!({ "data": { "text": text, "id": found.example.id }, "predictions": [prediction] }))
    };
    write_tasks(out, found.into_iter().map(task))
}

/// As [`write_label_studio`], but the texts alone, to be annotated.
pub fn write_label_studio_texts<'a>(
    out: &mut impl Write,
    examples: impl IntoIterator<Item = &'a Example>,
) -> io::Result<()> {
    let task = |example: &Example| {
        let (text, _) = placed(example)?;
        Ok(json!({ "data": { "text": text, "id": example.id } }))
    };
    write_tasks(out, examples.into_iter().map(task))
}

fn write_tasks(out: &mut impl Write, tasks: impl Iterator<Item = io::Result<Value>>) -> io::Result<()> {
    out.write_all(b"[")?;
    for (number, task) in tasks.enumerate() {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &task?)?;
    }
    out.write_all(b"\n]\n")
}

/// The text, and what is said of it.
fn result(example: &Example, scores: &[f64]) -> io::Result<(String, Vec<Value>)> {
    let (text, chars) = placed(example)?;
    let letters: Vec<char> = text.chars().collect();
    let region = |(index, entity): (usize, &crate::Entity)| {
        let place = char_range(&chars, entity);
        let part: String = letters[place.clone()].iter().collect();
        let value = json!({ "start": place.start, "end": place.end, "text": part, "labels": [entity.label] });
        let mut region = json!({
            "id": index.to_string(), "from_name": "label", "to_name": "text", "type": "labels", "value": value
        });
        if let Some(score) = scores.get(index) {
            region["score"] = json!(score);
        }
        region
    };
    let mut result: Vec<Value> = example.entities.iter().enumerate().map(region).collect();
    result.extend(example.relations.iter().map(|relation| {
        let (from, to) = (relation.head.to_string(), relation.tail.to_string());
        json!({ "type": "relation", "from_id": from, "to_id": to, "direction": "right", "labels": [relation.label] })
    }));
    if let Some(label) = &example.label {
        let value = json!({ "choices": [label] });
        let id = result.len().to_string();
        result.push(
            json!({ "id": id, "from_name": "class", "to_name": "text", "type": "choices", "value": value }),
        );
    }
    Ok((text, result))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::read::Format;
    use crate::write::tests::{example, read};

    #[test]
    fn label_studio_counts_code_points() {
        let mut file = Vec::new();
        write_label_studio(&mut file, [&example()]).unwrap();
        let document: Value = serde_json::from_slice(&file).unwrap();
        let region = &document[0]["annotations"][0]["result"][0]["value"];
        assert_eq!(region, &json!({ "start": 7, "end": 14, "text": "Ann Lee", "labels": ["PER"] }));
        assert_eq!(document[0]["data"]["id"], "a");
        assert_eq!(read(Format::LabelStudio, &file), example());
    }

    #[test]
    fn texts_to_be_annotated_have_nothing_else() {
        let mut file = Vec::new();
        write_label_studio_texts(&mut file, [&example()]).unwrap();
        let document: Value = serde_json::from_slice(&file).unwrap();
        assert_eq!(document, json!([{ "data": { "text": "\u{1f980} met  Ann Lee.", "id": "a" } }]));
    }

    #[test]
    fn predictions_have_their_scores() {
        let (mut file, example) = (Vec::new(), example());
        let found = Scored { example: &example, score: Some(0.5), entities: &[0.75, 0.25] };
        write_label_studio_predictions(&mut file, "m", [found]).unwrap();
        let document: Value = serde_json::from_slice(&file).unwrap();
        let prediction = &document[0]["predictions"][0];
        assert_eq!((&prediction["model_version"], &prediction["score"]), (&json!("m"), &json!(0.5)));
        assert_eq!(prediction["result"][1]["score"], 0.25);
        assert_eq!(prediction["result"][2]["from_id"], "1");
        assert!(document[0].get("annotations").is_none());
    }
}
