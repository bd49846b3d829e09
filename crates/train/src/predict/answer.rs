//! What was found in a text, as a line of output.

use fishdip_tasks::read::{RawFields, RawJson};
use fishdip_tasks::{Belief, Entity, Example, FoundEntity, Relation, Task, TaskKind, TokenSpan};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

use super::{Input, Thresholds};
use crate::Prediction;
use crate::digits::rounded;

/// One line of output, see [`Answer::line`]; a task has its own fields.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Answer {
    #[serde(skip)]
    id: Option<RawJson>,
    text: String,
    /// The model's probability of the whole output.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    /// Entities, slots, semantic roles or triggers.
    spans: Vec<Span>,
    relations: Vec<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    intent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    belief: Vec<Belief>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clusters: Vec<Vec<Mention>>,
    /// The other fields that the input has.
    #[serde(skip)]
    fields: RawFields,
    /// All fields that the input has.
    #[serde(skip)]
    came: RawFields,
    /// The words that the model read.
    #[serde(skip)]
    tokens: Vec<String>,
    /// The spans, in words.
    #[serde(skip)]
    entities: Vec<Entity>,
    /// The relations between them.
    #[serde(skip)]
    links: Vec<Relation>,
}

impl Answer {
    /// The id, what was found, and the other fields that the input has.
    pub(super) fn line(&self) -> serde_json::Result<RawFields> {
        let id = self.id.clone().map(|id| ("id".to_owned(), id));
        Ok(id.into_iter().chain(RawFields::of(self)?).chain(self.fields.clone()).collect())
    }

    /// What was found as an annotated example: spans of every kind are its entities, and an intent is its class.
    pub(super) fn example(&self) -> Example {
        let id = self.id.as_ref().map(RawJson::plain);
        let mut example = Example::new(self.tokens.iter().map(String::as_str));
        (example.id, example.text) = (id.unwrap_or_default(), Some(self.text.clone()));
        (example.entities, example.relations) = (self.entities.clone(), self.links.clone());
        example.label = self.class().map(str::to_owned);
        example
    }

    /// The class of the text, its intent, or that of the relation that was asked about.
    pub(super) fn class(&self) -> Option<&str> {
        self.label.as_deref().or(self.intent.as_deref()).or(self.relation.as_deref())
    }

    pub(super) fn id(&self) -> Option<&RawJson> {
        self.id.as_ref()
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The model's probability of the whole output.
    pub(super) fn score(&self) -> Option<f64> {
        self.score
    }

    pub(super) fn spans(&self) -> impl Iterator<Item = &Span> {
        self.spans.iter()
    }

    /// The probability of each span.
    pub(super) fn scores(&self) -> Vec<f64> {
        self.spans.iter().map(|span| span.score).collect()
    }

    /// All fields of the input, as they came.
    pub(super) fn came(&self) -> &RawFields {
        &self.came
    }

    /// The fields of the input that are called as none of the output, but for its id.
    pub(super) fn other_fields(&self) -> impl Iterator<Item = (&str, &RawJson)> {
        self.fields.iter()
    }
}

/// A stretch of the text, in characters (Unicode scalar values).
#[derive(Clone, Debug, Serialize)]
struct Place {
    start: usize,
    end: usize,
    text: String,
}

/// A relation between spans, or the role of an entity in an event.
#[derive(Clone, Debug, Serialize)]
struct Link {
    label: String,
    head: Place,
    tail: Place,
}

/// A span of the text, in characters (Unicode scalar values).
#[derive(Clone, Debug, Serialize)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) label: String,
    pub(super) text: String,
    /// The model's probability of the span's markup.
    pub(super) score: f64,
}

/// A mention of something, in characters (Unicode scalar values).
#[derive(Clone, Debug, Serialize)]
struct Mention {
    #[serde(flatten)]
    place: Place,
    /// The model's probability of the mention's markup.
    score: f64,
}

/// Digits of a probability. Thresholds see it as users do.
const DIGITS: usize = 4;

/// The fields that every line of output can have.
const FIELDS: [&str; 6] = ["text", "score", "spans", "relations", "error", "line"];

/// The fields that the output has for one task.
fn of_task(kind: TaskKind) -> &'static [&'static str] {
    match kind {
        TaskKind::Slots => &["intent"],
        TaskKind::RelationClassification => &["relation"],
        TaskKind::TextClassification => &["label"],
        TaskKind::DialogueState => &["belief"],
        TaskKind::Coref => &["clusters"],
        _ => &[],
    }
}

impl Input {
    /// A text without a word; the model is not asked.
    pub(super) fn is_empty(&self) -> bool {
        let texts = [self.text.as_str(), self.example.history.as_deref().unwrap_or_default()];
        self.chars.is_empty() && texts.iter().all(|text| text.trim().is_empty())
    }

    /// The fields of the input that the output has itself, and not the same; `columns` are those of its format.
    pub(super) fn replaced(&self, kind: TaskKind, columns: &[&'static str]) -> Vec<&'static str> {
        let known = || FIELDS.iter().chain(of_task(kind)).copied();
        let fields =
            known().chain(columns.iter().copied().filter(|column| known().all(|field| field != *column)));
        let is_other = |field: &&str| match self.fields.get(field).map(RawJson::value) {
            Some(Value::String(text)) => *field != "text" || text != self.text,
            other => other.is_some(),
        };
        fields.filter(is_other).collect()
    }

    /// The answer to a text without a word, and what every other answer begins with.
    pub(super) fn blank(self, task: &Task) -> Answer {
        let (mut fields, came) = (self.fields.clone(), self.fields);
        let id = fields.remove("id");
        for key in FIELDS.iter().chain(of_task(task.kind())) {
            fields.remove(key);
        }
        Answer { id, text: self.text, fields, came, tokens: self.example.tokens, ..Answer::default() }
    }

    /// The tokens `start..end` as a stretch of the text.
    fn place(&self, start: usize, end: usize) -> Place {
        let (start, end) = (self.chars[start].start, self.chars[end - 1].end);
        Place { start, end, text: self.text.chars().skip(start).take(end - start).collect() }
    }

    /// What was found, without the spans less probable than `thresholds` say and what they take part in.
    pub(super) fn answer(self, task: &Task, prediction: &Prediction, thresholds: &Thresholds) -> Answer {
        let Prediction { decoded, scores, probability, .. } = prediction;
        let scored: Vec<(&FoundEntity, f64)> =
            decoded.spans().zip(scores).map(|(span, &score)| (span, rounded(score, DIGITS))).collect();
        let (kept, cut): (Vec<_>, Vec<_>) =
            scored.iter().partition(|(span, score)| *score >= thresholds.of(&span.label));
        let span = |&&(found, score): &&(&FoundEntity, f64)| {
            let Place { start, end, text } = self.place(found.start, found.end);
            Span { start, end, label: found.label.clone(), text, score }
        };
        let among = |spans: &[&(&FoundEntity, f64)], found: &FoundEntity| {
            spans.iter().any(|(span, _)| span.key() == found.key())
        };
        // What was given, such as the trigger that roles are asked for, is in neither list.
        let stays = |found: &FoundEntity| among(&kept, found) || !among(&cut, found);
        let end = |found: &FoundEntity| self.place(found.start, found.end);
        let relations = decoded.relations.iter().map(|r| (&r.label, &r.head, &r.tail));
        let arguments = decoded.arguments.iter().map(|a| (&a.label, &a.entity, &a.trigger));
        let staying: Vec<_> =
            relations.chain(arguments).filter(|(_, head, tail)| stays(head) && stays(tail)).collect();
        let link = |&(label, head, tail): &(&String, _, _)| Link {
            label: label.clone(),
            head: end(head),
            tail: end(tail),
        };
        let relations = staying.iter().map(link).collect();
        let entities =
            kept.iter().map(|(found, _)| Entity::new(&found.label, found.start, found.end)).collect();
        let number = |found: &FoundEntity| kept.iter().position(|(span, _)| span.key() == found.key());
        // What was given is no span of the answer, so that a relation with it is between no two of them.
        let between =
            |&(label, head, tail): &(&String, _, _)| Some(Relation::new(label, number(head)?, number(tail)?));
        let links = staying.iter().filter_map(between).collect();

        let clusters = self.clusters(task, prediction, thresholds.all);
        let spans = kept.iter().map(span).collect();
        Answer {
            score: Some(rounded(*probability, DIGITS)),
            spans,
            relations,
            clusters,
            entities,
            links,
            intent: decoded.intent.clone(),
            relation: decoded.relation.clone(),
            label: decoded.label.clone(),
            belief: decoded.belief.clone(),
            ..self.blank(task)
        }
    }

    /// The clusters that the mentions make which are not less probable than `threshold`.
    fn clusters(&self, task: &Task, found: &Prediction, threshold: f64) -> Vec<Vec<Mention>> {
        let links = || found.decoded.links.iter().zip(&found.links);
        // A mention in two chunks is as probable as in the one that is surer of it.
        let mut mentions: BTreeMap<TokenSpan, f64> = BTreeMap::new();
        for (link, &score) in links() {
            let best = mentions.entry(link.mention).or_default();
            *best = best.max(rounded(score, DIGITS));
        }
        let score = |mention: &TokenSpan| mentions.get(mention).copied().unwrap_or_default();
        let kept = links().filter(|(link, own)| {
            rounded(**own, DIGITS) >= threshold
                && link.antecedent.is_none_or(|earlier| score(&earlier) >= threshold)
        });
        let clusters = task.clusters(kept.map(|(link, _)| link));
        let mention =
            |span: &TokenSpan| Mention { place: self.place(span.start, span.end), score: score(span) };
        clusters.iter().map(|cluster| cluster.iter().map(mention).collect()).collect()
    }
}

#[cfg(test)]
mod tests;
