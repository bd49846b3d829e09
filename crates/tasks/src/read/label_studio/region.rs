//! What an annotator marked.

use serde_json::Value;

use super::super::fields::Fields;
use super::super::raw_text::RawText;
use super::super::{CharSpan, NoteKind};
use super::controls::Control;
use super::offsets::{Text, Units};
use super::quoted;
use super::task::{Annotation, Task};
use crate::{Relation, Result};

const REGION_KEYS: [&str; 27] = [
    "id",
    "type",
    "value",
    "from_name",
    "to_name",
    "from_id",
    "to_id",
    "direction",
    "labels",
    "origin",
    "score",
    "readonly",
    "hidden",
    "locked",
    "meta",
    "parentID",
    "parent_id",
    "source",
    "normalization",
    "original_width",
    "original_height",
    "image_rotation",
    "item_index",
    "is_grouped",
    "model_version",
    "created_at",
    "updated_at",
];
const VALUE_KEYS: [&str; 12] = [
    "start",
    "end",
    "text",
    "labels",
    "hypertextlabels",
    "htmllabels",
    "choices",
    "startOffset",
    "endOffset",
    "globalOffsets",
    "granularity",
    "score",
];
/// What is written beside the annotation and is no part of it.
const ASIDES: [&str; 6] = ["textarea", "rating", "number", "datetime", "pairwise", "ranker"];

/// A labelled stretch of text, a choice, or a relation.
pub(super) struct Region {
    pub(super) id: Option<String>,
    /// The control that it was made with (`from_name`).
    pub(super) control: Option<String>,
    /// The thing that is labelled (`to_name`).
    pub(super) object: Option<String>,
    pub(super) body: Body,
    /// How messages call it.
    name: String,
}

pub(super) enum Body {
    Span { place: Place, own: Option<String>, labels: Vec<String> },
    Choice { choices: Vec<String>, of_region: bool },
    Link { from: Option<String>, to: Option<String>, direction: Direction, labels: Vec<String> },
    Other { kind: String },
}

/// Where a stretch of text is, as the file counts.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// In the text.
    Text(usize, usize),
    /// In what a browser shows of HTML.
    Shown(usize, usize),
    /// In the elements of HTML.
    Elements,
}

#[derive(Clone, Copy)]
pub(super) enum Direction {
    Right,
    Left,
    Both,
}

impl Region {
    pub(super) fn parse(fields: &Fields<'_>) -> Result<Self> {
        fields.only(&REGION_KEYS)?;
        let Some(kind) = fields.text("type")? else {
            return Err(fields.wrong("has no \"type\"; add it, such as \"labels\""));
        };
        let value = fields.object("value", "value")?;
        let body = match (kind, &value) {
            ("relation", _) => link(fields)?,
            ("labels" | "hypertextlabels" | "htmllabels", Some(value)) => span(value)?,
            ("choices", Some(value)) => {
                value.only(&VALUE_KEYS)?;
                // A choice for a region repeats where the region is.
                let of_region =
                    ["start", "startOffset", "globalOffsets"].iter().any(|key| value.get(key).is_some());
                Body::Choice { choices: value.texts("choices")?, of_region }
            }
            ("labels" | "hypertextlabels" | "htmllabels" | "choices", None) => {
                return Err(fields.wrong("has no \"value\"; add it, or take the region out"));
            }
            (kind, _) => Body::Other { kind: kind.to_owned() },
        };
        let id = fields.name("id")?;
        let name = id.as_ref().map_or_else(|| format!("a {kind} region"), |id| format!("region {id}"));
        Ok(Self { id, control: fields.name("from_name")?, object: fields.name("to_name")?, body, name })
    }
}

fn span(value: &Fields<'_>) -> Result<Body> {
    value.only(&VALUE_KEYS)?;
    let number = |key: &str| match value.get(key) {
        Some(Value::String(digits)) if digits.parse::<usize>().is_ok() => Ok(digits.parse().ok()),
        Some(Value::String(_)) => Ok(None),
        _ => value.count(key),
    };
    let place = if let Some(global) = value.object("globalOffsets", "globalOffsets")? {
        global.only(&["start", "end"])?;
        global.count("start")?.zip(global.count("end")?).map(|(start, end)| Place::Shown(start, end))
    } else if value.get("startOffset").is_some() {
        let node = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let only = |node: Option<String>| matches!(node.as_deref(), Some("/text()[1]" | "/text()"));
        let places = value.count("startOffset")?.zip(value.count("endOffset")?);
        let single = only(node("start")) && only(node("end"));
        places.map(|(start, end)| if single { Place::Shown(start, end) } else { Place::Elements })
    } else {
        number("start")?.zip(number("end")?).map(|(start, end)| Place::Text(start, end))
    };
    let Some(place) = place else {
        return Err(value.wrong("lacks \"start\" or \"end\", its place in the text; add them"));
    };
    let mut labels = Vec::new();
    for key in ["labels", "hypertextlabels", "htmllabels"] {
        labels.extend(value.texts(key)?);
    }
    Ok(Body::Span { place, own: value.text("text")?.map(str::to_owned), labels })
}

fn link(fields: &Fields<'_>) -> Result<Body> {
    let direction = match fields.text("direction")? {
        None | Some("right") => Direction::Right,
        Some("left") => Direction::Left,
        Some("bi") => Direction::Both,
        Some(other) => {
            return Err(fields.wrong(format!("has the direction {other:?}; it should be right, left or bi")));
        }
    };
    let (from, to) = (fields.name("from_id")?, fields.name("to_id")?);
    Ok(Body::Link { from, to, direction, labels: fields.texts("labels")? })
}

/// What is to be told of an annotation.
pub(super) type Told = Vec<(NoteKind, String)>;

/// What `annotation` says of `text`.
pub(super) fn raw_text(
    task: &Task,
    annotation: &Annotation,
    text: &str,
    units: Units,
    control: &Control,
) -> Result<(RawText, Told)> {
    let wrong = |region: &Region, problem: String| task.record.wrong(format!("{} {problem}", region.name));
    let counted = Text::new(text);
    let mut raw = RawText::new(text);
    let mut told = Told::new();
    // The id of each span's region, and whether it is the region's only span.
    let mut names: Vec<(Option<&String>, bool)> = Vec::new();
    let mut unread: Vec<&String> = Vec::new();
    for region in annotation.regions.iter().filter(|region| !matches!(region.body, Body::Link { .. })) {
        if !control.takes(region) {
            unread.extend(region.id.as_ref());
            continue;
        }
        match &region.body {
            Body::Span { place, own, labels } => {
                let range = counted
                    .region(*place, own.as_deref(), units)
                    .map_err(|problem| wrong(region, problem))?;
                if labels.is_empty() {
                    return Err(wrong(region, "has no label; give it one, or take it out".to_owned()));
                }
                for label in labels {
                    raw.spans.push(CharSpan { start: range.start, end: range.end, label: label.clone() });
                    names.push((region.id.as_ref(), labels.len() == 1));
                }
            }
            Body::Choice { choices, of_region } => {
                let of_span = region.id.is_some()
                    && annotation
                        .regions
                        .iter()
                        .any(|r| r.id == region.id && matches!(r.body, Body::Span { .. }));
                if *of_region || of_span {
                    told.push((NoteKind::LeftOut, format!("{} is a choice for a span", region.name)));
                    continue;
                }
                match choices.as_slice() {
                    [] => {}
                    [choice] if raw.label.as_ref().is_none_or(|label| label == choice) => {
                        raw.label = Some(choice.clone());
                    }
                    _ => {
                        let all = raw.label.iter().chain(choices);
                        return Err(task.record.wrong(format!(
                            "has several choices for one text ({}), of which fishdip learns one; leave one, or give what they are together \
                             a name of its own",
                            quoted(all)
                        )));
                    }
                }
            }
            Body::Other { kind } if ASIDES.contains(&kind.as_str()) => {
                told.push((NoteKind::LeftOut, format!("{} is a {kind}", region.name)));
            }
            Body::Other { kind } => {
                return Err(wrong(
                    region,
                    format!(
                        "is of the type {kind:?}, which is no span, choice or relation of a text; take it out, or name the control that \
                         is to be read with data.tag_column"
                    ),
                ));
            }
            Body::Link { .. } => {}
        }
    }
    for region in &annotation.regions {
        let Body::Link { from, to, direction, labels } = &region.body else { continue };
        let end = |id: &Option<String>| {
            let found: Vec<usize> =
                (0..names.len()).filter(|&index| id.is_some() && names[index].0 == id.as_ref()).collect();
            match found.as_slice() {
                [index] if names[*index].1 => Ok(Some(*index)),
                [] if id.as_ref().is_some_and(|id| unread.contains(&id)) => Ok(None),
                [] => Err(task.record.wrong(format!(
                    "has a relation with region {}, which is not there; correct or remove the relation",
                    id.as_deref().unwrap_or("?")
                ))),
                _ => Err(task.record.wrong(format!(
                    "has a relation with region {}, which has several labels, so that it is open which span is meant; leave one label",
                    id.as_deref().unwrap_or("?")
                ))),
            }
        };
        let (Some(from), Some(to)) = (end(from)?, end(to)?) else {
            told.push((NoteKind::LeftOut, "has a relation with a span of another control".to_owned()));
            continue;
        };
        let ways: &[(usize, usize)] = match direction {
            Direction::Right => &[(from, to)],
            Direction::Left => &[(to, from)],
            Direction::Both => &[(from, to), (to, from)],
        };
        let unnamed = ["related".to_owned()];
        if labels.is_empty() {
            told.push((
                NoteKind::Assumed,
                "has a relation without a label, which is called \"related\"".to_owned(),
            ));
        }
        for label in if labels.is_empty() { &unnamed } else { labels.as_slice() } {
            raw.relations.extend(ways.iter().map(|&(head, tail)| Relation::new(label, head, tail)));
        }
    }
    Ok((raw, told))
}
