//! How long windows are where the config does not tell.

use fishdip_tasks::{Chunk, Example, TaskKind};

use super::Windows;
use crate::config::USUAL_PIECES;
use crate::{Error, LongSources};

/// Shorter windows would part what belongs together, however short the training sources are.
const LEAST: usize = 32;

impl Windows<'_> {
    /// The most pieces of a source. A model reads best what is as long as what it was trained on, so where nothing is lost between windows,
    /// they are as long as the longest of `train`. A word of `train` or `eval` that is longer still has its place.
    pub(crate) fn usual_limit(&self, train: &[Example], eval: &[Example]) -> Result<usize, Error> {
        if self.data.long_sources != LongSources::Window || !self.joins(train) {
            return Ok(USUAL_PIECES);
        }
        let mut longest = LEAST;
        for example in train {
            for Chunk { example: part, .. } in self.task.chunks(example) {
                longest = longest.max(self.pieces(&part)?);
            }
        }
        let words = train.iter().chain(eval).flat_map(|example| &example.tokens);
        // A word has no more pieces than bytes, its mark and that of the end, so most words are short enough
        // without being tokenized.
        for word in words {
            if longest < USUAL_PIECES && word.len() + 2 > longest {
                longest = longest.max(self.pieces(&Example::new([word]))?);
            }
        }
        Ok(longest.min(USUAL_PIECES))
    }

    /// Whether a text in windows is found what it is found as a whole. Around one place that is asked about there is one window, a dialogue loses
    /// its beginning, and the class is one of the whole text; a document is read in chunks of its own, which are as long as those of training if
    /// one of these is as long as can be.
    fn joins(&self, train: &[Example]) -> bool {
        match self.task.kind() {
            TaskKind::Ner | TaskKind::JointEr | TaskKind::Slots | TaskKind::EventTriggers => true,
            TaskKind::Coref => train.iter().all(|document| self.task.chunks(document).len() == 1),
            _ => false,
        }
    }
}
