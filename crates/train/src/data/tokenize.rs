//! From examples to piece ids.

use std::borrow::Cow;

use fishdip_peft::LegalPieces;
use fishdip_t5::{LostKind, Tokenizer};
use fishdip_tasks::{Chunk, Example, Task};
use serde::{Deserialize, Serialize};

use super::labels;
use super::legal::LegalTargets;
use crate::config::LossName;
use crate::lost::whole_characters;
use crate::warnings::Warnings;
use crate::windows::Windows;
use crate::{Error, RunConfig};

/// The piece ids of an example, each ending with the end of the sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenizedExample {
    /// What the model reads.
    pub source: Vec<u32>,
    /// What it is to write.
    pub target: Vec<u32>,
    /// The labels in it, as often as they are there: what a mask may choose hard examples by. The model does not see them.
    pub labels: Vec<String>,
    /// The pieces that the loss of each target piece is over; absent: all pieces.
    pub legal: Option<LegalPieces>,
}

impl TokenizedExample {
    /// Lets the padding of a target to `length` be a part of it, so that it counts in every loss: as the original program has it.
    pub fn pad_target(&mut self, length: usize, pad: u32) {
        let length = length.max(self.target.len());
        self.target.resize(length, pad);
    }
}

/// A training sample as texts, for those who look at a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleText {
    /// Where it comes from: file and line, or the example's id.
    pub at: String,
    /// What the model reads.
    pub source: String,
    /// What it is to write.
    pub target: String,
}

/// What a training learns from, example by example. An epoch may show an example otherwise than the one before, as span corruption does; what
/// an example is must follow from its index and the epoch alone, so that a training that is gone on with sees the same.
pub trait TrainingExamples {
    /// How many there are, in every epoch.
    fn count(&self) -> usize;

    /// The example `index` in `epoch`, both from 0. An error ends the training at the step before.
    fn example(&self, index: usize, epoch: usize) -> Result<Cow<'_, TokenizedExample>, Error>;
}

/// The same in every epoch.
impl TrainingExamples for Vec<TokenizedExample> {
    fn count(&self) -> usize {
        self.len()
    }

    fn example(&self, index: usize, _: usize) -> Result<Cow<'_, TokenizedExample>, Error> {
        Ok(Cow::Borrowed(&self[index]))
    }
}

/// Training examples, those that are too long window by window.
pub(crate) struct Tokenized {
    pub(crate) examples: Vec<TokenizedExample>,
    /// The texts of each.
    pub(crate) texts: Vec<SampleText>,
    /// What each was made of.
    pub(crate) inputs: Vec<Example>,
    /// Which example each is a part of.
    pub(crate) owners: Vec<usize>,
}

/// Makes piece ids of the training examples. What the pieces cannot hold is noted
/// in `warnings`; no example is dropped.
pub(crate) fn tokenize(
    examples: &[Example],
    task: &Task,
    tokenizer: &Tokenizer,
    config: &RunConfig,
    warnings: &mut Warnings,
) -> Result<Tokenized, Error> {
    let windows = Windows { task, tokenizer, data: &config.data };
    let is_legal = config.training.loss == LossName::Legal;
    let legal_targets = is_legal.then(|| LegalTargets::new(task, tokenizer)).transpose()?;
    let mut inputs = Vec::with_capacity(examples.len());
    let mut owners = Vec::with_capacity(examples.len());
    for (owner, example) in examples.iter().enumerate() {
        inputs.extend(windows.training_inputs(example, warnings)?);
        owners.resize(inputs.len(), owner);
    }
    let (mut all, mut texts) = (Vec::with_capacity(inputs.len()), Vec::with_capacity(inputs.len()));
    for Chunk { example, .. } in &inputs {
        let encoded = task.encode(example)?;
        if !encoded.dropped.is_empty() {
            warnings.add(
                [
                    "has crossing spans that the target cannot show",
                    "have crossing spans that the target cannot show",
                ],
                example.place(),
            );
        }
        let source =
            source_pieces(&encoded.source, example, task, tokenizer, config.data.source_limit(), warnings)?;
        let mut target = tokenizer.encode(&encoded.target)?;
        if shorten(&mut target, config.data.max_target_pieces, task.keeps_end()) {
            warnings.add(
                [
                    "has a target that is longer than data.max_target_pieces and was cut",
                    "have a target that is longer than data.max_target_pieces and was cut",
                ],
                example.place(),
            );
        }
        let legal = legal_targets.as_ref().map(|targets| targets.of(example, &target)).transpose()?;
        if legal.as_ref().is_some_and(|legal| !legal.is_whole) {
            warnings.add(
                [
                    "has a target that constrained decoding could not write; its pieces count as legal from there on",
                    "have targets that constrained decoding could not write; their pieces count as legal from there on",
                ],
                example.place(),
            );
        }
        all.push(TokenizedExample {
            source,
            target,
            labels: labels(example),
            legal: legal.map(|legal| legal.pieces),
        });
        texts.push(SampleText { at: example.place(), source: encoded.source, target: encoded.target });
    }
    let inputs = inputs.into_iter().map(|chunk| chunk.example).collect();
    Ok(Tokenized { examples: all, texts, inputs, owners })
}

/// The pieces of a source text, cut to `limit`.
pub(crate) fn source_pieces(
    source: &str,
    example: &Example,
    task: &Task,
    tokenizer: &Tokenizer,
    limit: usize,
    warnings: &mut Warnings,
) -> Result<Vec<u32>, Error> {
    let lost = tokenizer.lost(source)?;
    let characters = whole_characters(source, &lost);
    if !characters.is_empty() {
        warnings.add_with(
            [
                "holds characters that the tokenizer cannot represent",
                "hold characters that the tokenizer cannot represent",
            ],
            example.place(),
            &format!(" ({characters:?})"),
        );
    }
    if lost.iter().any(|l| l.kind == LostKind::Spaces) {
        warnings.add(
            [
                "holds white space that the tokenizer squeezes to one space",
                "hold white space that the tokenizer squeezes to one space",
            ],
            example.place(),
        );
    }
    let mut pieces = tokenizer.encode(source)?;
    if shorten(&mut pieces, limit, task.keeps_end()) {
        warnings.add(
            [
                "has a source that is longer than data.max_source_pieces and was cut",
                "have a source that is longer than data.max_source_pieces and was cut",
            ],
            example.place(),
        );
    }
    Ok(pieces)
}

/// Cuts a sequence to `limit` pieces; its end mark stays. What goes is its beginning if `keep_end`, else what stands before the mark. Tells
/// whether it was longer.
fn shorten(pieces: &mut Vec<u32>, limit: usize, keep_end: bool) -> bool {
    let longer = pieces.len() > limit;
    if longer && keep_end {
        pieces.drain(..pieces.len() - limit);
    } else if let (true, Some(&end)) = (longer, pieces.last()) {
        pieces.truncate(limit - 1);
        pieces.push(end);
    }
    longer
}

#[cfg(test)]
mod tests {
    use super::{TokenizedExample, shorten};

    #[test]
    fn padding_becomes_a_part_of_the_target() {
        let padded = |length| {
            let mut example = TokenizedExample {
                source: vec![5, 1],
                target: vec![6, 7, 1],
                labels: Vec::new(),
                legal: None,
            };
            example.pad_target(length, 0);
            example
        };
        assert_eq!(
            padded(5),
            TokenizedExample {
                source: vec![5, 1],
                target: vec![6, 7, 1, 0, 0],
                labels: Vec::new(),
                legal: None
            }
        );
        assert_eq!(padded(2).target, [6, 7, 1]);
    }

    #[test]
    fn a_long_sequence_keeps_its_end_mark_and_the_side_that_counts() {
        let cut = |limit, keep_end| {
            let mut pieces = vec![5, 6, 7, 8, 1];
            (shorten(&mut pieces, limit, keep_end), pieces)
        };
        assert_eq!(cut(3, false), (true, vec![5, 6, 1]));
        assert_eq!(cut(3, true), (true, vec![7, 8, 1]));
        assert_eq!(cut(5, true), (false, vec![5, 6, 7, 8, 1]));
    }
}
