//! Label Studio's JSON: <https://labelstud.io/guide/tasks#Basic-Label-Studio-JSON-format>.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{char_range, placed};
use crate::Example;
use crate::read::{RawFields, RawJson};

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

/// What a project's labelling config calls its tags, by which regions say where they belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Controls {
    /// The text.
    pub text: String,
    /// The labels of spans.
    pub labels: String,
    /// The choices for the text.
    pub choices: String,
}

impl Default for Controls {
    fn default() -> Self {
        Self { text: "text".to_owned(), labels: "label".to_owned(), choices: "class".to_owned() }
    }
}

impl Controls {
    /// As the regions of `task` have them, in its annotations and predictions; those of which it has none, as `self`. Where it
    /// has several of a kind, the one called `asked` is taken, else that of `self`, else the first.
    #[must_use]
    pub fn of_task(mut self, task: &RawFields, asked: Option<&str>) -> Self {
        for (kind, own) in [("choices", &mut self.choices), ("labels", &mut self.labels)] {
            let shown = Self::shown(task, kind);
            let called = |name: &str| shown.iter().find(|(from, _)| from == name);
            let taken = asked.and_then(called).or_else(|| called(own)).or(shown.first());
            if let Some((from, to)) = taken.cloned() {
                (*own, self.text) = (from, to);
            }
        }
        self
    }

    /// The controls of the kind `labels` or `choices` in the regions of `task`, in their order, each with its text.
    pub fn shown(task: &RawFields, kind: &str) -> Vec<(String, String)> {
        let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let results = ["annotations", "completions", "predictions"]
            .map(|key| list(task.get(key).map(RawJson::value).as_ref()));
        let mut shown: Vec<(String, String)> = Vec::new();
        for region in results.iter().flatten().flat_map(|result| list(result.get("result"))) {
            let text = |key: &str| region.get(key).and_then(Value::as_str);
            if text("type") == Some(kind)
                && let (Some(from), Some(to)) = (text("from_name"), text("to_name"))
                && shown.iter().all(|(known, _)| known != from)
            {
                shown.push((from.to_owned(), to.to_owned()));
            }
        }
        shown
    }
}

/// Adds what a model found in the text of `task`, a task of Label Studio, to its predictions, in the place of what the same
/// `model` has predicted before; everything else of the task stays as it is. An example with spans outside of its tokens
/// is an error of the kind [`io::ErrorKind::InvalidInput`].
pub fn add_label_studio_prediction(
    task: &mut RawFields,
    model: &str,
    found: Scored<'_>,
    controls: &Controls,
) -> io::Result<()> {
    let (_, prediction) = prediction(model, found, controls)?;
    // Null, as some exports have it, is none.
    let known = task.get("predictions").map(RawJson::elements).unwrap_or_default();
    let is_other = |other: &RawJson| other.value()["model_version"].as_str() != Some(model);
    let predictions = known.into_iter().filter(is_other).chain([RawJson::from(&prediction)]);
    task.insert("predictions", predictions.collect());
    Ok(())
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
        let (text, result) = result(example, &[], &Controls::default())?;
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
        let (text, prediction) = prediction(model, found, &Controls::default())?;
        Ok(json!({ "data": { "text": text, "id": found.example.id }, "predictions": [prediction] }))
    };
    write_tasks(out, found.into_iter().map(task))
}

/// The text, and the prediction for it.
fn prediction(model: &str, found: Scored<'_>, controls: &Controls) -> io::Result<(String, Value)> {
    let (text, result) = result(found.example, found.entities, controls)?;
    let mut prediction = json!({ "model_version": model, "result": result });
    if let Some(score) = found.score {
        prediction["score"] = json!(score);
    }
    Ok((text, prediction))
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
fn result(example: &Example, scores: &[f64], controls: &Controls) -> io::Result<(String, Vec<Value>)> {
    let (text, chars) = placed(example)?;
    let letters: Vec<char> = text.chars().collect();
    let region = |(index, entity): (usize, &crate::Entity)| {
        let place = char_range(&chars, entity);
        let part: String = letters[place.clone()].iter().collect();
        let value = json!({ "start": place.start, "end": place.end, "text": part, "labels": [entity.label] });
        let mut region = json!({
            "id": index.to_string(), "from_name": controls.labels, "to_name": controls.text, "type": "labels", "value": value
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
            json!({ "id": id, "from_name": controls.choices, "to_name": controls.text, "type": "choices", "value": value }),
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
    fn of_several_controls_one_is_taken_by_a_rule() {
        let region =
            |from: &str, to: &str, kind: &str| json!({ "from_name": from, "to_name": to, "type": kind });
        let of = |regions: Value| {
            RawFields::of(&json!({ "data": {}, "annotations": [{ "result": regions }] })).unwrap()
        };
        let both = of(json!([
            region("a", "t", "labels"),
            region("b", "u", "labels"),
            region("a", "t", "labels"),
            region("good", "t", "choices"),
        ]));
        let names = |controls: Controls| [controls.labels, controls.choices, controls.text];
        let taken = |asked| names(Controls::default().of_task(&both, asked));
        assert_eq!(taken(None), ["a", "good", "t"], "the first");
        assert_eq!(taken(Some("b")), ["b", "good", "u"], "the one that is asked for");
        assert_eq!(taken(Some("c")), ["a", "good", "t"]);
        let known = Controls::default().of_task(&of(json!([region("b", "u", "labels")])), None);
        assert_eq!(names(known.of_task(&both, None)), ["b", "good", "u"], "that of the tasks before");
        assert_eq!(Controls::shown(&both, "labels").len(), 2);
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

    #[test]
    fn a_task_goes_back_as_it_was_but_for_its_prediction() {
        let task = json!({
            "id": 5, "data": { "body": "\u{1f980} met  Ann Lee.", "page": 3 }, "meta": { "who": "x" }, "inner_id": 1,
            "annotations": [{ "id": 8, "result": [{
                "from_name": "ner", "to_name": "body", "type": "labels", "value": { "start": 0, "end": 1, "labels": ["A"] }
            }] }],
            "predictions": [{ "model_version": "other", "result": [] }, { "model_version": "m", "result": [] }]
        });
        let mut map = RawFields::of(&task).unwrap();
        let controls = Controls::default().of_task(&map, None);
        assert_eq!((controls.labels.as_str(), controls.text.as_str()), ("ner", "body"));
        let example = example();
        for _ in 0..2 {
            let found = Scored { example: &example, score: Some(0.5), entities: &[0.75, 0.25] };
            add_label_studio_prediction(&mut map, "m", found, &controls).unwrap();
        }
        let predictions = map.get("predictions").unwrap().value();
        assert_eq!((predictions.as_array().unwrap().len(), &predictions[0]), (2, &task["predictions"][0]));
        assert_eq!(predictions[1]["result"][0]["from_name"], "ner");
        assert_eq!(predictions[1]["result"][0]["value"]["text"], "Ann Lee");
        map.insert("predictions", RawJson::from(&task["predictions"]));
        assert_eq!(map.to_string(), task.to_string());
    }
}
