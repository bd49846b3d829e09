//! What an annotator marked.

use serde_json::Value;

use super::super::json::fields::Fields;
use crate::Result;

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

/// A labelled stretch of text, a choice, or a relation.
pub(super) struct Region {
    pub(super) id: Option<String>,
    /// The control that it was made with (`from_name`).
    pub(super) control: Option<String>,
    /// Its type, which is that of the control.
    pub(super) kind: String,
    /// The thing that is labelled (`to_name`).
    pub(super) object: Option<String>,
    pub(super) body: Body,
    /// How messages call it.
    pub(super) name: String,
}

pub(super) enum Body {
    Span { place: RegionPlace, own: Option<String>, labels: Vec<String> },
    Choice { choices: Vec<String>, of_region: bool },
    Link { from: Option<String>, to: Option<String>, direction: Direction, labels: Vec<String> },
    Other { kind: String },
}

/// Where a stretch of text is, as the file counts.
#[derive(Clone, Copy)]
pub(super) enum RegionPlace {
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
        let (control, object) = (fields.name("from_name")?, fields.name("to_name")?);
        Ok(Self { id, control, kind: kind.to_owned(), object, body, name })
    }

    /// What the control is called that it was made with; one without a name is called by its type.
    pub(super) fn control(&self) -> &str {
        self.control.as_ref().unwrap_or(&self.kind)
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
        global.count("start")?.zip(global.count("end")?).map(|(start, end)| RegionPlace::Shown(start, end))
    } else if value.get("startOffset").is_some() {
        let node = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let only = |node: Option<String>| matches!(node.as_deref(), Some("/text()[1]" | "/text()"));
        let places = value.count("startOffset")?.zip(value.count("endOffset")?);
        let single = only(node("start")) && only(node("end"));
        places.map(|(start, end)| if single { RegionPlace::Shown(start, end) } else { RegionPlace::Elements })
    } else {
        number("start")?.zip(number("end")?).map(|(start, end)| RegionPlace::Text(start, end))
    };
    let Some(place) = place else {
        return Err(value.wrong("lacks \"start\" or \"end\", its place in the text; add them"));
    };
    let keys = ["labels", "hypertextlabels", "htmllabels"].into_iter().filter(|key| value.get(key).is_some());
    let labels = match keys.collect::<Vec<_>>()[..] {
        [] => Vec::new(),
        [key] => value.texts(key)?,
        [first, second, ..] => {
            return Err(value.wrong(format!(
                "has labels both in {first:?} and in {second:?}; leave those of one control"
            )));
        }
    };
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
