//! Examples that are longer than the model may read at once.

mod long_words;
mod usual;

use fishdip_t5::Tokenizer;
use fishdip_tasks::{Chunk, Example, ExampleError, Task, TaskKind};

use crate::warnings::Warnings;
use crate::{DataConfig, Error, LongSources};

/// What cuts examples to the limits of a config.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows<'a> {
    pub(crate) task: &'a Task,
    pub(crate) tokenizer: &'a Tokenizer,
    pub(crate) data: &'a DataConfig,
}

impl Windows<'_> {
    /// What the model learns from `example`. What is learned in windows, or not at all because of them, is noted in `warnings`.
    pub(crate) fn training_inputs(
        &self,
        example: &Example,
        warnings: &mut Warnings,
    ) -> Result<Vec<Chunk>, Error> {
        example.check()?;
        let Some(windows) = self.read(example, true, warnings)? else {
            return Ok(self.task.chunks(example));
        };
        warnings.add(
            [
                "is longer than data.max_source_pieces or data.max_target_pieces and is learned in windows",
                "are longer than data.max_source_pieces or data.max_target_pieces and are learned in windows",
            ],
            example.place(),
        );
        if !self.task.seen_whole(example, &windows) {
            warnings.add(
                [
                    "has annotations that no window holds whole and that are not learned",
                    "have annotations that no window holds whole and that are not learned",
                ],
                example.place(),
            );
        }
        Ok(windows)
    }

    /// What the model is asked for `example`, without what is to be predicted, and whether that is windows. Windows are noted in `warnings`.
    pub(crate) fn prediction_inputs(
        &self,
        example: &Example,
        warnings: &mut Warnings,
    ) -> Result<(Vec<Chunk>, bool), Error> {
        // Bad annotations are an error, though not looked at.
        example.check()?;
        let question = self.task.prediction_input(example);
        let Some(windows) = self.read(&question, false, warnings)? else {
            return Ok((self.task.chunks(&question), false));
        };
        warnings.add(
            [
                "is longer than data.max_source_pieces and is read in windows",
                "are longer than data.max_source_pieces and are read in windows",
            ],
            example.place(),
        );
        Ok((windows, true))
    }

    /// Windows of `example`; none if it fits, or if it is to be cut.
    fn read(
        &self,
        example: &Example,
        learned: bool,
        warnings: &mut Warnings,
    ) -> Result<Option<Vec<Chunk>>, Error> {
        let refuse = match self.data.long_sources {
            LongSources::Cut => return Ok(None),
            // What is left of a dialogue is its end.
            LongSources::Window if self.task.keeps_end() => return Ok(None),
            LongSources::Window => false,
            LongSources::Refuse => true,
        };
        let limit = self.data.source_limit();
        let fits = |part: &Example| Ok(self.pieces(part)? <= limit && (!learned || self.target_fits(part)?));
        let mut all_fit = true;
        for Chunk { example: part, .. } in self.task.chunks(example) {
            if !refuse {
                all_fit &= fits(&part)?;
                continue;
            }
            let pieces = self.pieces(&part)?;
            if pieces > limit {
                return Err(Error::LongSource { example: part.place(), pieces, limit });
            }
        }
        if all_fit {
            return Ok(None);
        }
        let cut = |example: &Example| self.task.windows(example, &mut |part: &Example| fits(part));
        let mut windows = cut(example);
        // What no window holds is a word of too many pieces, or a mention of such words. So words are cut: to
        // a quarter of a window at first, which leaves room for others beside it, then shorter until a
        // mention of several fits.
        let mut most = limit / 4;
        while most > 0
            && matches!(
                windows,
                Err(Error::Tasks(fishdip_tasks::Error::Example(ExampleError::NoWindow { .. })))
            )
        {
            windows = cut(&self.with_short_words(example, most)?);
            if windows.is_ok() {
                warnings.add(
                    [
                        "has words of more pieces than the model takes, of which it is shown the beginning",
                        "have words of more pieces than the model takes, of which it is shown the beginning",
                    ],
                    example.place(),
                );
            }
            most /= 2;
        }
        windows.map(Some).map_err(|error| self.explained(error, learned))
    }

    /// How many pieces the source of `part` has.
    fn pieces(&self, part: &Example) -> Result<usize, Error> {
        Ok(self.tokenizer.encode(&self.task.source(part)?)?.len())
    }

    /// Whether the target is short enough, or a window would have the same.
    fn target_fits(&self, part: &Example) -> Result<bool, Error> {
        let names_a_class = [TaskKind::RelationClassification, TaskKind::TextClassification];
        if names_a_class.contains(&self.task.kind()) {
            return Ok(true);
        }
        let target = self.tokenizer.encode(&self.task.encode(part)?.target)?;
        Ok(target.len() <= self.data.max_target_pieces)
    }

    fn explained(&self, error: Error, learned: bool) -> Error {
        let Error::Tasks(fishdip_tasks::Error::Example(ExampleError::NoWindow { example, part })) = error
        else {
            return error;
        };
        let (source, target) = (self.data.source_limit(), self.data.max_target_pieces);
        let limits = if learned {
            format!("data.max_source_pieces = {source} and data.max_target_pieces = {target}")
        } else {
            format!("data.max_source_pieces = {source}")
        };
        Error::NoWindow { example, part, limits }
    }
}

#[cfg(test)]
mod tests;
