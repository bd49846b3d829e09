//! From data files to examples, and from examples to piece ids.

use fishdip_t5::{Loss, Tokenizer};
use fishdip_tasks::{Chunk, Example, Task, TaskKind};
use std::path::Path;

use crate::event::{Event, Observer};
use crate::lost::whole_characters;
use crate::schedule::{Purpose, permutation, seed};
use crate::windows::Windows;
use crate::{DataConfig, Error, RunConfig};

/// How many of a kind of problem are told one by one.
const SHOWN: usize = 3;

/// Reads the file `path` in the layout that `data` names.
pub fn read_split(path: &Path, data: &DataConfig) -> Result<Vec<Example>, Error> {
    let examples = data.format.read(path, &data.read_options())?;
    let examples = examples.collect::<Result<Vec<_>, _>>()?;
    if examples.is_empty() {
        return Err(Error::Data(format!("{} holds no example", path.display())));
    }
    Ok(examples)
}

/// What a run trains on and is scored on, [instance](Task::instances) by instance.
#[derive(Debug)]
pub(crate) struct RunData {
    pub(crate) task: Task,
    pub(crate) train: Vec<Example>,
    pub(crate) eval: Vec<Example>,
}

impl RunData {
    /// Reads both files, builds the task and draws the training examples.
    pub(crate) fn read(config: &RunConfig) -> Result<Self, Error> {
        let data = &config.data;
        let train_path = data.dir.join(&data.train);
        let mut train = read_split(&train_path, data)?;
        let mut eval = read_split(&data.dir.join(&data.eval), data)?;
        let task = config.task.build(&train)?;
        if has_no_label(&task) {
            let path = train_path.display();
            return Err(Error::Data(format!(
                "{path} has no annotation for the task {}; there is nothing to learn",
                task.name()
            )));
        }
        if data.train_examples > 0 {
            let mut chosen = permutation(train.len(), seed(config.training.seed, Purpose::Subset, 0));
            if data.train_examples > chosen.len() {
                return Err(Error::Data(format!(
                    "data.train_examples is {}, but {} holds {} examples",
                    data.train_examples,
                    train_path.display(),
                    chosen.len()
                )));
            }
            chosen.truncate(data.train_examples);
            train = chosen.into_iter().map(|i| core::mem::take(&mut train[i])).collect();
        }
        if data.eval_examples > 0 {
            eval.truncate(data.eval_examples);
        }
        let train = train.iter().flat_map(|example| task.instances(example)).collect();
        let eval = eval.iter().flat_map(|example| task.instances(example)).collect();
        Ok(Self { task, train, eval })
    }
}

/// Whether there is no label that the task could predict.
fn has_no_label(task: &Task) -> bool {
    let schema = task.schema();
    0 == match task.kind() {
        TaskKind::Ner | TaskKind::JointEr | TaskKind::Slots | TaskKind::Srl => schema.entities().len(),
        TaskKind::RelationClassification | TaskKind::EventArguments => schema.relations().len(),
        TaskKind::TextClassification => schema.classes().len(),
        TaskKind::EventTriggers => schema.triggers().len(),
        TaskKind::DialogueState => schema.ontology().len(),
        _ => 1,
    }
}

/// The piece ids of an example, each ending with the end of the sequence.
#[derive(Clone, Debug)]
pub(crate) struct Pieces {
    pub(crate) source: Vec<u32>,
    pub(crate) target: Vec<u32>,
}

/// Collects problems of single examples, to be told as few warnings.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    kinds: Vec<(&'static str, Vec<String>)>,
}

impl Problems {
    /// Notes that `what` is wrong at `place`; of several parts of an example once.
    pub(crate) fn note(&mut self, what: &'static str, place: String) {
        match self.kinds.iter_mut().find(|(kind, _)| *kind == what) {
            Some((_, places)) if places.last() == Some(&place) => {}
            Some((_, places)) => places.push(place),
            None => self.kinds.push((what, vec![place])),
        }
    }

    #[cfg(test)]
    pub(crate) fn kinds(&self) -> Vec<&'static str> {
        self.kinds.iter().map(|(kind, _)| *kind).collect()
    }

    /// One warning a kind: how many, and the first of them.
    pub(crate) fn tell(self, observer: &mut dyn Observer) {
        for (what, places) in self.kinds {
            let more = if places.len() > SHOWN {
                format!(", and {} more", places.len() - SHOWN)
            } else {
                String::new()
            };
            let shown = places[..places.len().min(SHOWN)].join(", ");
            let message = format!("{} examples {what}: {shown}{more}", places.len());
            observer.event(&Event::Warning { message });
        }
    }
}

/// The tokenized training examples, those that are too long window by window. What the pieces cannot hold is noted in `problems`; no example
/// is dropped.
pub(crate) fn tokenize(
    examples: &[Example],
    task: &Task,
    tokenizer: &Tokenizer,
    config: &RunConfig,
    problems: &mut Problems,
) -> Result<Vec<Pieces>, Error> {
    let windows = Windows { task, tokenizer, data: &config.data };
    let mut lessons = Vec::with_capacity(examples.len());
    for example in examples {
        lessons.extend(windows.lessons(example, problems)?);
    }
    let mut all = Vec::with_capacity(lessons.len());
    for Chunk { example, .. } in &lessons {
        let encoded = task.encode(example)?;
        if !encoded.dropped.is_empty() {
            problems.note("have crossing spans that the target cannot show", example.place());
        }
        let source = source_pieces(
            &encoded.source,
            example,
            task,
            tokenizer,
            config.data.max_source_pieces,
            problems,
        )?;
        let mut target = tokenizer.encode(&encoded.target)?;
        if shorten(&mut target, config.data.max_target_pieces, task.keeps_end()) {
            problems.note(
                "have a target that is longer than data.max_target_pieces and was cut",
                example.place(),
            );
        }
        all.push(Pieces { source, target });
    }
    Ok(all)
}

/// The pieces of a source text, cut to `limit`.
pub(crate) fn source_pieces(
    source: &str,
    example: &Example,
    task: &Task,
    tokenizer: &Tokenizer,
    limit: usize,
    problems: &mut Problems,
) -> Result<Vec<u32>, Error> {
    let lost = tokenizer.lost(source)?;
    let characters = whole_characters(source, &lost);
    if !characters.is_empty() {
        let place = format!("{} ({characters:?})", example.place());
        problems.note("hold characters that the tokenizer cannot represent", place);
    }
    if lost.iter().any(|l| l.loss == Loss::Spaces) {
        problems.note("hold white space that the tokenizer squeezes to one space", example.place());
    }
    let mut pieces = tokenizer.encode(source)?;
    if shorten(&mut pieces, limit, task.keeps_end()) {
        problems
            .note("have a source that is longer than data.max_source_pieces and was cut", example.place());
    }
    Ok(pieces)
}

/// Cuts a sequence to `limit` pieces, its end mark kept: its beginning if `keep_end`, else what is before the mark. Tells whether it was longer.
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
    use super::shorten;

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
