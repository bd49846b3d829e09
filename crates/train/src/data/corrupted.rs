//! Texts without labels as training examples: what is hidden of each is drawn anew in every epoch.

use std::borrow::Cow;

use super::span_corruption::SpanCorruption;
use super::{TokenizedExample, TrainingExamples};
use crate::Error;
use crate::schedule::{Purpose, seed};

/// What makes an example of a text.
#[derive(Clone, Debug)]
pub(crate) struct Corruption {
    pub(crate) spans: SpanCorruption,
    /// More than any text has spans.
    pub(crate) sentinels: Vec<u32>,
    /// The piece that ends a sequence.
    pub(crate) end: u32,
    /// The seed of the run.
    pub(crate) seed: u64,
    /// What the seeds of examples are derived for.
    pub(crate) purpose: Purpose,
}

/// Texts whose sources are their pieces, with the end mark, and whose targets are empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CorruptedTexts<'a> {
    pub(crate) texts: &'a Vec<TokenizedExample>,
    pub(crate) corruption: &'a Corruption,
}

impl TrainingExamples for CorruptedTexts<'_> {
    fn count(&self) -> usize {
        self.texts.len()
    }

    fn example(&self, index: usize, epoch: usize) -> Result<Cow<'_, TokenizedExample>, Error> {
        let Corruption { spans, sentinels, end, seed: run, purpose } = self.corruption;
        // Every epoch and text has a seed of its own, so that what is drawn depends on no order.
        let from = seed(*run, *purpose, (epoch * self.texts.len() + index) as u64);
        let pieces = self.texts[index].source.split_last().map_or(&[][..], |(_, pieces)| pieces);
        let [source, target] = spans.corrupt(pieces, sentinels, *end, from);
        Ok(Cow::Owned(TokenizedExample { source, target, labels: Vec::new(), legal: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_hides_other_spans_and_shows_them_again() {
        let text = TokenizedExample {
            source: (100..140).chain([1]).collect(),
            target: Vec::new(),
            labels: Vec::new(),
            legal: None,
        };
        let texts = vec![text; 2];
        let corruption = Corruption {
            spans: SpanCorruption { rate: 0.15, mean_span: 3.0 },
            sentinels: vec![99, 98, 97],
            end: 1,
            seed: 7,
            purpose: Purpose::SpanCorruption,
        };
        let shown = CorruptedTexts { texts: &texts, corruption: &corruption };
        let all: Vec<_> = [(0, 0), (1, 0), (0, 1), (1, 1)]
            .map(|(index, epoch)| shown.example(index, epoch).unwrap().into_owned())
            .into();
        for (at, example) in all.iter().enumerate() {
            assert!(!all[..at].contains(example), "{at}");
        }
        assert_eq!(*shown.example(1, 1).unwrap(), all[3]);
        let held_out = Corruption { purpose: Purpose::HeldOutCorruption, ..corruption.clone() };
        let held_out = CorruptedTexts { texts: &texts, corruption: &held_out };
        assert!(!all.contains(&held_out.example(0, 0).unwrap()));
    }
}
