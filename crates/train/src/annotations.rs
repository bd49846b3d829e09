//! A scored example as a sentence with what is right and what was found.

use fishdip_report::{Annotation, Item, Sentence, Span, Text};
use fishdip_tasks::{Belief, Entity, Example, FoundEntity, TaskKind, TokenSpan};

use crate::predictions::PredictedExample;

/// The sentence of `line`, which is of the task `kind`.
pub(crate) fn sentence(kind: TaskKind, line: &PredictedExample) -> Sentence {
    let PredictedExample { gold: example, predicted, scores, score } = line;
    let words = words(kind, example);
    let class = |label: &Option<String>, score| {
        label.iter().map(move |label| item(label, "", Vec::new(), score)).collect()
    };
    let (mut gold, mut found): (Vec<Item>, Vec<Item>) = (Vec::new(), Vec::new());
    match kind {
        TaskKind::JointEr => {
            let ends = |relation: &fishdip_tasks::Relation| {
                Some((
                    example.entities.get(relation.head)?.into(),
                    example.entities.get(relation.tail)?.into(),
                ))
            };
            let relations = example.relations.iter();
            gold = relations.filter_map(|of| ends(of).map(|ends| link(&of.label, ends, &words))).collect();
            let relations = predicted.relations.iter();
            found =
                relations.map(|of| link(&of.label, ((&of.head).into(), (&of.tail).into()), &words)).collect();
        }
        TaskKind::EventArguments => {
            let arguments = example.arguments.iter().filter_map(|of| {
                Some((&of.label, example.entities.get(of.entity)?, example.triggers.get(of.trigger)?))
            });
            gold = arguments
                .map(|(label, entity, trigger)| link(label, (trigger.into(), entity.into()), &words))
                .collect();
            let arguments = predicted.arguments.iter();
            found = arguments
                .map(|of| link(&of.label, ((&of.trigger).into(), (&of.entity).into()), &words))
                .collect();
        }
        TaskKind::RelationClassification => {
            (gold, found) = (class(&example.relation, None), class(&predicted.relation, Some(*score)));
        }
        TaskKind::TextClassification => {
            (gold, found) = (class(&example.label, None), class(&predicted.label, Some(*score)));
        }
        TaskKind::Slots => (gold, found) = (class(&example.intent, None), class(&predicted.intent, None)),
        TaskKind::DialogueState => (gold, found) = (beliefs(&example.belief), beliefs(&predicted.belief)),
        TaskKind::Coref => {
            (gold, found) = (clusters(&example.clusters, &words), clusters(&predicted.clusters, &words));
        }
        _ => {}
    }
    let found_spans = predicted.spans().zip(scores).filter(|_| has_spans(kind));
    let found_spans = found_spans.map(|(span, &score)| found_span(span, score)).collect();
    Sentence {
        id: id(example),
        given: given(kind, example),
        gold: Annotation::new(gold_spans(kind, example), gold),
        found: vec![Annotation::new(found_spans, found)],
        words,
    }
}

/// Whether the task finds labelled spans.
pub(crate) fn has_spans(kind: TaskKind) -> bool {
    !matches!(
        kind,
        TaskKind::RelationClassification
            | TaskKind::TextClassification
            | TaskKind::DialogueState
            | TaskKind::Coref
    )
}

fn id(example: &Example) -> Text {
    Text::from(example.id.as_str())
}

/// The words that spans count, or the text as one.
fn words(kind: TaskKind, example: &Example) -> Vec<Text> {
    let whole = match kind {
        TaskKind::DialogueState => example.history.as_ref(),
        TaskKind::TextClassification => example.text.as_ref(),
        _ => None,
    };
    match whole {
        Some(text) => vec![Text::from(text)],
        None => example.tokens.iter().map(Text::from).collect(),
    }
}

fn gold_spans(kind: TaskKind, example: &Example) -> Vec<Span> {
    let spans: Vec<&Entity> = match kind {
        TaskKind::Ner | TaskKind::JointEr => example.entities.iter().collect(),
        TaskKind::Slots => example.slots.iter().collect(),
        TaskKind::Srl => example.roles.iter().collect(),
        TaskKind::EventTriggers => example.triggers.iter().collect(),
        TaskKind::EventArguments => {
            let arguments = example.arguments.iter().filter(|argument| argument.trigger == 0);
            arguments.filter_map(|argument| example.entities.get(argument.entity)).collect()
        }
        _ => Vec::new(),
    };
    let span = |span: &Entity| Span {
        label: Text::from(&span.label),
        start: span.start,
        end: span.end,
        whole: span.chars.is_none(),
        score: None,
    };
    spans.into_iter().map(span).collect()
}

fn found_span(FoundEntity { label, start, end, .. }: &FoundEntity, score: f64) -> Span {
    Span { label: Text::from(label), start: *start, end: *end, whole: true, score: Some(score) }
}

/// What the model is told beside the words.
fn given(kind: TaskKind, example: &Example) -> Vec<Span> {
    let mark = |label: &str, TokenSpan { start, end }: TokenSpan| Span {
        label: Text::from(label),
        start,
        end,
        whole: true,
        score: None,
    };
    let marks: Vec<(&str, Option<TokenSpan>)> = match kind {
        TaskKind::RelationClassification => vec![("head", example.head), ("tail", example.tail)],
        TaskKind::Srl => vec![("predicate", example.predicate)],
        TaskKind::EventArguments => {
            let trigger = example.triggers.first();
            vec![("trigger", trigger.map(|trigger| TokenSpan::new(trigger.start, trigger.end)))]
        }
        _ => Vec::new(),
    };
    marks.into_iter().filter_map(|(label, span)| span.map(|span| mark(label, span))).collect()
}

/// An end of a link.
struct End<'a> {
    label: &'a str,
    start: usize,
    /// One past its last word.
    #[allow(clippy::struct_field_names, reason = "the usual name of the second border")]
    end: usize,
}

impl<'a> From<&'a Entity> for End<'a> {
    fn from(Entity { label, start, end, .. }: &'a Entity) -> Self {
        Self { label, start: *start, end: *end }
    }
}

impl<'a> From<&'a FoundEntity> for End<'a> {
    fn from(FoundEntity { label, start, end, .. }: &'a FoundEntity) -> Self {
        Self { label, start: *start, end: *end }
    }
}

/// A relation or the role of an event. It is right if both ends are, their labels too, which therefore are a part of its text.
fn link(label: &str, (from, to): (End<'_>, End<'_>), words: &[Text]) -> Item {
    let shown = |end: &End<'_>| format!("{} [{}]", text(words, end.start, end.end), end.label);
    item(
        label,
        &format!("{} → {}", shown(&from), shown(&to)),
        vec![from.start, from.end, to.start, to.end],
        None,
    )
}

fn beliefs(beliefs: &[Belief]) -> Vec<Item> {
    let one =
        |Belief { domain, slot, value }: &Belief| item(&format!("{domain} {slot}"), value, Vec::new(), None);
    beliefs.iter().map(one).collect()
}

fn clusters(clusters: &[Vec<TokenSpan>], words: &[Text]) -> Vec<Item> {
    let one = |cluster: &Vec<TokenSpan>| {
        let mut mentions: Vec<(usize, usize)> =
            cluster.iter().map(|mention| (mention.start, mention.end)).collect();
        mentions.sort_unstable();
        let texts: Vec<String> = mentions.iter().map(|&(start, end)| text(words, start, end)).collect();
        item(
            "cluster",
            &texts.join(" = "),
            mentions.iter().flat_map(|&(start, end)| [start, end]).collect(),
            None,
        )
    };
    clusters.iter().map(one).collect()
}

fn item(label: &str, text: &str, place: Vec<usize>, score: Option<f64>) -> Item {
    Item { label: Text::from(label), text: Text::from(text), place, score }
}

fn text(words: &[Text], start: usize, end: usize) -> String {
    words.get(start..end).unwrap_or_default().iter().map(Text::raw).collect::<Vec<_>>().join(" ")
}
