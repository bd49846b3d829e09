//! A scored example: what it says, what is annotated, and what was found in it.

use crate::Text;

/// An example with its annotations and what one or more runs found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sentence {
    /// Its name in the data.
    pub id: Text,
    /// Its words, or its text as one.
    pub words: Vec<Text>,
    /// What the model is told beside the words, such as the predicate whose roles are asked for.
    pub given: Vec<Span>,
    /// What is right.
    pub gold: Annotation,
    /// What each run found, in the order of the runs.
    pub found: Vec<Annotation>,
}

/// Labelled runs of words, and whatever else was annotated or found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotation {
    /// Spans, each once, by start, then longest first, then label.
    pub spans: Vec<Span>,
    /// What is no span: classes, relations, clusters, each once.
    pub items: Vec<Item>,
}

/// A labelled run of words.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The label.
    pub label: Text,
    /// The first word.
    pub start: usize,
    /// One past the last word.
    pub end: usize,
    /// Whether it begins and ends with its words; what is annotated inside of words never is what is found.
    pub whole: bool,
    /// How sure the model is, a probability.
    pub score: Option<f64>,
}

/// Something labelled that is no run of words. Two are the same if they have the same label, text and place.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The label: a class, the kind of a relation.
    pub label: Text,
    /// What has the label, such as `Ann → Rome`; empty for the class of the whole example.
    pub text: Text,
    /// Where: what tells apart two items with the same text.
    pub place: Vec<usize>,
    /// How sure the model is, a probability.
    pub score: Option<f64>,
}

impl Annotation {
    /// The annotation of `spans` and `items`, in order and without what is there twice.
    pub fn new(mut spans: Vec<Span>, mut items: Vec<Item>) -> Self {
        let order = |a: &Span, b: &Span| {
            (a.start, b.end, &a.label, a.whole).cmp(&(b.start, a.end, &b.label, b.whole))
        };
        spans.sort_by(order);
        spans.dedup_by(|a, b| (&a.label, a.start, a.end, a.whole) == (&b.label, b.start, b.end, b.whole));
        let key = |item: &Item| (item.place.clone(), item.text.clone(), item.label.clone());
        items.sort_by_key(key);
        items.dedup_by_key(|item| key(item));
        Self { spans, items }
    }
}

impl Sentence {
    /// The words of a span, as they are.
    pub fn text_of(&self, span: &Span) -> String {
        let words = self.words.get(span.start..span.end).unwrap_or_default();
        words.iter().map(Text::raw).collect::<Vec<_>>().join(" ")
    }
}
