//! From data files to examples, and from examples to piece ids.

mod held_out;
mod overlap;
mod problems;
mod split;

pub use held_out::HeldOut;
pub(crate) use problems::Problems;
pub use split::{Split, named_split, read_split};

use fishdip_t5::{Loss, Tokenizer};
use fishdip_tasks::read::Format;
use fishdip_tasks::{Chunk, Example, Task, TaskKind};

use crate::lost::whole_characters;
use crate::schedule::{Purpose, permutation, seed};
use crate::windows::Windows;
use crate::{Error, RunConfig};

/// What a run trains on and is scored on, [instance](Task::instances) by instance.
#[derive(Debug)]
pub(crate) struct RunData {
    pub(crate) task: Task,
    pub(crate) train: Vec<Example>,
    pub(crate) eval: Vec<Example>,
    /// Where there is no file to score.
    pub(crate) held_out: Option<HeldOut>,
    /// The layout of the files.
    pub(crate) format: Format,
    /// What is to be told.
    pub(crate) problems: Problems,
}

impl RunData {
    /// Reads the files, builds the task and draws the examples.
    pub(crate) fn read(config: &RunConfig) -> Result<Self, Error> {
        let data = &config.data;
        let train_path = data.dir.join(&data.train);
        let eval_path = data.eval.as_ref().map(|eval| data.dir.join(eval));
        let mut problems = Problems::default();
        if let Some(eval_path) = &eval_path
            && !data.allow_overlap
        {
            overlap::refuse_same(&train_path, eval_path)?;
        }
        let Split { examples: mut train, notes, mut format, .. } = read_split(&train_path, data)?;
        problems.read(&train_path, &notes);
        let task = config.task.build(&train)?;
        if has_no_label(&task) {
            let path = train_path.display();
            return Err(Error::Data(format!(
                "{path} has no annotation for the task {}; there is nothing to learn",
                task.name()
            )));
        }
        let (mut eval, held_out) = if let Some(path) = &eval_path {
            let split = read_split(path, data)?;
            problems.read(path, &split.notes);
            if split.format != format {
                // Each file shows its own, and shows it again.
                format = data.format;
            }
            (split.examples, None)
        } else {
            let parts = held_out::hold_out(&task, train, data.eval_share, config.training.seed, &train_path)?;
            train = parts.train;
            (parts.eval, Some(parts.held_out))
        };
        if data.train_examples > 0 {
            if data.train_examples > train.len() {
                return Err(Error::Data(format!(
                    "data.train_examples is {}, but {} holds {} examples{}",
                    data.train_examples,
                    train_path.display(),
                    train.len(),
                    if held_out.is_some() { " beside those that are held out" } else { "" }
                )));
            }
            let mut chosen = permutation(train.len(), seed(config.training.seed, Purpose::Subset, 0));
            chosen.truncate(data.train_examples);
            train = chosen.into_iter().map(|i| core::mem::take(&mut train[i])).collect();
        }
        if data.eval_examples > 0 && data.eval_examples < eval.len() {
            let mut chosen = permutation(eval.len(), seed(config.training.seed, Purpose::Scored, 0));
            chosen.truncate(data.eval_examples);
            chosen.sort_unstable();
            eval = chosen.into_iter().map(|i| core::mem::take(&mut eval[i])).collect();
        }
        let train: Vec<_> = train.iter().flat_map(|example| task.instances(example)).collect();
        let eval: Vec<_> = eval.iter().flat_map(|example| task.instances(example)).collect();
        overlap::tell(&task, &train, &eval, &mut problems)?;
        Ok(Self { task, train, eval, held_out, format, problems })
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
        let source =
            source_pieces(&encoded.source, example, task, tokenizer, config.data.source_limit(), problems)?;
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
