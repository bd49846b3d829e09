//! Texts with spans in characters: JSON lines and Label Studio.

use std::io::{BufRead, Read};
use std::path::Path;

use serde::Deserialize;

use super::json;
use super::{CharSpan, from_spans};
use crate::{Error, Example, Origin, Relation, Result};

/// A line of `{"text", "spans": [{"start", "end", "label"}], "relations": [{"head", "tail", "label"}], "label"}`.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<serde_json::Value>,
    text: String,
    #[serde(default)]
    spans: Vec<CharSpan>,
    #[serde(default)]
    relations: Vec<Link>,
    label: Option<String>,
}

#[derive(Deserialize)]
struct Link {
    head: usize,
    tail: usize,
    label: String,
}

/// Text and spans, a JSON object a line.
pub(super) fn json_spans<R: BufRead>(
    reader: R,
    file: &Path,
) -> impl Iterator<Item = Result<Example>> + use<R> {
    json::lines::<Line, _>(reader, file).enumerate().map(|(number, line)| {
        let (at, line) = line?;
        let mut example = from_spans(&line.text, &line.spans, &at)?;
        example.relations =
            line.relations.into_iter().map(|r| Relation::new(r.label, r.head, r.tail)).collect();
        example.id = id(line.id, number);
        example.label = line.label;
        Ok(example)
    })
}

fn id(value: Option<serde_json::Value>, number: usize) -> String {
    match value {
        Some(serde_json::Value::String(id)) => id,
        Some(id) if !id.is_null() => id.to_string(),
        _ => number.to_string(),
    }
}

/// One task of a Label Studio export.
#[derive(Deserialize)]
struct LabelStudioTask {
    id: Option<serde_json::Value>,
    data: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    annotations: Vec<Annotation>,
}

#[derive(Deserialize)]
struct Annotation {
    #[serde(default)]
    result: Vec<Region>,
    #[serde(default)]
    was_cancelled: bool,
}

#[derive(Deserialize)]
struct Region {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    value: Option<RegionValue>,
    from_id: Option<String>,
    to_id: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
}

#[derive(Deserialize)]
struct RegionValue {
    start: Option<usize>,
    end: Option<usize>,
    text: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    choices: Vec<String>,
}

/// The tasks of a Label Studio JSON export: labelled regions of one text, relations between them, and a choice. Of several annotations
/// of a task the first that was not cancelled counts.
pub(super) fn label_studio(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    let tasks: Vec<LabelStudioTask> = json::document(reader, file)?;
    let at = Origin::new(file, 1);
    Ok(tasks.into_iter().enumerate().map(|(number, task)| task.example(number, &at)).collect())
}

impl LabelStudioTask {
    fn example(self, number: usize, at: &Origin) -> Result<Example> {
        let name = id(self.id.or_else(|| self.data.get("id").cloned()), number);
        let wrong = |problem: String| Error::LabelStudio { at: at.clone(), task: name.clone(), problem };
        let text = match self.data.get("text").or_else(|| self.data.values().find(|v| v.is_string())) {
            Some(serde_json::Value::String(text)) => text.clone(),
            _ => return Err(wrong("has no text in its data".to_owned())),
        };
        let regions = self.annotations.into_iter().find(|a| !a.was_cancelled).map(|a| a.result);
        let (mut spans, mut names, mut links, mut label) = (Vec::new(), Vec::new(), Vec::new(), None);
        for region in regions.unwrap_or_default() {
            match (region.kind.as_str(), region.value) {
                ("labels" | "hypertextlabels", Some(value)) => {
                    let (Some(start), Some(end)) = (value.start, value.end) else {
                        return Err(wrong("has a region without start and end".to_owned()));
                    };
                    let chars = chars(&text, start, end, value.text.as_deref()).ok_or_else(|| {
                        wrong(format!("has a region {start}..{end} whose text is not there"))
                    })?;
                    for label in value.labels {
                        spans.push(CharSpan { start: chars.0, end: chars.1, label });
                        names.push(region.id.clone());
                    }
                }
                ("choices", Some(value)) => label = value.choices.into_iter().next(),
                ("relation", _) => links.push((region.from_id, region.to_id, region.labels)),
                _ => {}
            }
        }
        let mut example = from_spans(&text, &spans, at)?;
        let find = |id: &Option<String>| names.iter().position(|name| id.is_some() && name == id);
        for (from, to, labels) in links {
            let (Some(head), Some(tail)) = (find(&from), find(&to)) else {
                return Err(wrong("has a relation between regions that are not there".to_owned()));
            };
            let labels = if labels.is_empty() { vec!["related".to_owned()] } else { labels };
            example.relations.extend(labels.into_iter().map(|label| Relation::new(label, head, tail)));
        }
        example.id = name;
        example.label = label;
        Ok(example)
    }
}

/// `start..end` in characters. Label Studio counts as its browser does, in UTF-16 units; other programs that write its format count
/// characters. Where the two differ, the region's own text decides.
fn chars(text: &str, start: usize, end: usize, own: Option<&str>) -> Option<(usize, usize)> {
    let slice = |range: (usize, usize)| text.chars().skip(range.0).take(range.1.saturating_sub(range.0));
    let says = |range: (usize, usize)| own.is_none_or(|own| slice(range).eq(own.chars()));
    if says((start, end)) {
        return Some((start, end));
    }
    let count = |units: usize| {
        let ends = text.chars().scan(0, |seen, c| {
            *seen += c.len_utf16();
            Some(*seen)
        });
        ends.take_while(|end| *end <= units).count()
    };
    let range = (count(start), count(end));
    says(range).then_some(range)
}
