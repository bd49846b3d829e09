//! From data files to examples.

mod batches;
mod classes;
mod corrupted;
mod held_out;
mod legal;
mod overlap;
mod span_corruption;
mod split;
mod swapped;
mod tokenize;

pub(crate) use batches::{Batches, mean_batch};
pub(crate) use classes::{classes, names_a_class};
pub(crate) use corrupted::{CorruptedTexts, Corruption};
use held_out::Part;
pub(crate) use held_out::labels;
pub use held_out::{Fold, HeldOut};
pub(crate) use legal::LegalTargets;
pub(crate) use overlap::{is_same, tell_overlap};
pub(crate) use span_corruption::SpanCorruption;
pub use split::{Split, named_split, read_split};
pub(crate) use swapped::SwappedExamples;
pub use tokenize::{SampleText, TokenizedExample, TrainingExamples};
pub(crate) use tokenize::{Tokenized, source_pieces, tokenize};

use std::collections::BTreeSet;
use std::path::Path;

use fishdip_tasks::python_random::PythonRandom;
use fishdip_tasks::read::Format;
use fishdip_tasks::{Example, Task, TaskKind, counted};

use crate::Error;
use crate::config::{DataConfig, ExampleOrder, TaskConfig, USUAL_SHARE};
use crate::schedule::{Purpose, permutation, seed};
use crate::warnings::{Warnings, counted_labels};

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
    pub(crate) warnings: Warnings,
}

impl RunData {
    /// Reads the files of `data`, builds the task and draws the examples with `run_seed`.
    pub(crate) fn read(data: &DataConfig, config: &TaskConfig, run_seed: u64) -> Result<Self, Error> {
        let train_path = data.dir.join(&data.train);
        let eval_path = data.eval.as_ref().map(|eval| data.dir.join(eval));
        let mut warnings = Warnings::default();
        if let Some(eval_path) = &eval_path
            && !data.allow_overlap
        {
            overlap::refuse_same(&train_path, eval_path)?;
        }
        let Split { examples: mut train, notes, mut format, .. } =
            read_split(&train_path, data, config.name)?;
        warnings.add_notes(&train_path, &notes);
        let mut task = config.build(&train)?;
        if has_no_label(&task) {
            let path = train_path.display();
            return Err(Error::Data(format!(
                "{path} has no annotation for the task {}; there is nothing to learn",
                task.name()
            )));
        }
        let (mut eval, held_out) = if let Some(path) = &eval_path {
            let split = read_split(path, data, config.name)?;
            warnings.add_notes(path, &split.notes);
            if split.format != format {
                // Each file shows its own, and shows it again.
                format = data.format;
            }
            (split.examples, None)
        } else {
            let drawn_by = data.episode.and_then(|episode| episode.seed).unwrap_or(run_seed);
            let parts = held_out::hold_out(&task, train, part_of(data)?, drawn_by, &train_path)?;
            train = parts.train;
            if data.episode.is_some() {
                task = among_relations_of(&train, &task, config)?;
            }
            (parts.eval, Some(parts.held_out))
        };
        if data.train_examples > train.len() {
            return Err(Error::Data(format!(
                "data.train_examples is {}, but {} holds {} examples{}",
                data.train_examples,
                train_path.display(),
                train.len(),
                if held_out.is_some() { " beside those that are held out" } else { "" }
            )));
        }
        // An episode is drawn already, and in the order of the original program.
        if data.episode.is_none()
            && let Some(chosen) = drawn(train.len(), data, run_seed)
        {
            train = chosen.into_iter().map(|i| core::mem::take(&mut train[i])).collect();
        }
        if data.eval_examples > 0 && data.eval_examples < eval.len() {
            let mut chosen = permutation(eval.len(), seed(run_seed, Purpose::Scored, 0));
            chosen.truncate(data.eval_examples);
            chosen.sort_unstable();
            eval = chosen.into_iter().map(|i| core::mem::take(&mut eval[i])).collect();
        }
        let scored_path = eval_path.as_deref().unwrap_or(&train_path);
        let (train, eval) = (instances(&task, &train, &train_path)?, instances(&task, &eval, scored_path)?);
        tell_overlap(&task, &train, &eval, &mut warnings)?;
        tell_one_class(&task, &train, &mut warnings);
        Ok(Self { task, train, eval, held_out, format, warnings })
    }
}

/// What of `examples`, which are from `file`, the model is asked one by one. That there is nothing is refused: it would learn nothing, or its scores
/// would be those of no question.
pub(crate) fn instances(task: &Task, examples: &[Example], file: &Path) -> Result<Vec<Example>, Error> {
    let instances: Vec<_> = examples.iter().flat_map(|example| task.instances(example)).collect();
    if instances.is_empty() {
        return Err(Error::Data(format!(
            "{}: of {} that were read or drawn none has a trigger, about which {} asks; take a file with triggers, or draw more or others \
             (data.train_examples, data.eval_examples, data.eval_share, training.seed)",
            file.display(),
            counted(examples.len(), "example"),
            task.name()
        )));
    }
    Ok(instances)
}

/// Tells that scores will say nothing, where no label is in the examples to score.
pub(crate) fn tell_unlabelled(eval: &[Example], warnings: &mut Warnings) {
    if !eval.is_empty()
        && eval.iter().all(|example| labels(example).is_empty() && example.clusters.is_empty())
    {
        warnings.add_message(format!(
            "nothing is labelled in what is scored ({}), so that the scores tell nothing; score other examples (data.eval, data.eval_share, \
             training.seed)",
            counted(eval.len(), "example")
        ));
    }
}

/// Tells that there is nothing to tell apart, where all examples to train on have one class.
fn tell_one_class(task: &Task, train: &[Example], warnings: &mut Warnings) {
    if !matches!(task.kind(), TaskKind::TextClassification | TaskKind::RelationClassification) {
        return;
    }
    let classes: BTreeSet<_> =
        train.iter().filter_map(|example| example.label.as_ref().or(example.relation.as_ref())).collect();
    if let (Some(class), 1) = (classes.first(), classes.len()) {
        warnings.add_message(format!(
            "all examples to train on have the class {class:?}, so that there is nothing to tell apart; take examples of others as well"
        ));
    }
}

/// Tells of the labels of `task` that are scored and of which nothing is trained on.
pub(crate) fn tell_untrained(task: &Task, train: &[Example], eval: &[Example], warnings: &mut Warnings) {
    let untrained = task.untrained_labels(train, eval);
    if untrained.is_empty() {
        return;
    }
    warnings.add_message(format!(
        "the data to score have labels that no example to train on has, of which the model knows the names alone: {}",
        counted_labels(&untrained)
    ));
}

/// The same task with the relations of `examples` alone, under the names that `task` has for them.
fn among_relations_of(examples: &[Example], task: &Task, config: &TaskConfig) -> Result<Task, Error> {
    let mut among = config.with_labels(task.schema());
    among.relations.retain(|label, _| examples.iter().any(|e| e.relation.as_ref() == Some(label)));
    among.build(examples)
}

/// Which of the `there` examples are trained on, in this order; nothing if all are, in the order of their file.
fn drawn(there: usize, data: &DataConfig, run_seed: u64) -> Option<Vec<usize>> {
    let mut order = match data.order {
        ExampleOrder::Own if data.train_examples == 0 => return None,
        ExampleOrder::Own => permutation(there, seed(run_seed, Purpose::Subset, 0)),
        ExampleOrder::Python => {
            let mut order: Vec<usize> = (0..there).collect();
            PythonRandom::new(run_seed).shuffle(&mut order);
            order
        }
    };
    if data.train_examples > 0 {
        order.truncate(data.train_examples);
    }
    Some(order)
}

/// What of the training file is held out.
fn part_of(data: &DataConfig) -> Result<Part, Error> {
    if let Some(episode) = data.episode {
        return Ok(Part::Episode(episode.size()));
    }
    match (data.folds, data.fold) {
        (Some(folds), Some(fold)) => Ok(Part::Fold(Fold { fold, folds })),
        (Some(folds), None) => Err(Error::Data(format!(
            "data.folds asks for {folds} runs, and this is one; say with data.fold which of the folds it scores"
        ))),
        (None, _) => Ok(Part::Share(data.eval_share.unwrap_or(USUAL_SHARE))),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use fishdip_tasks::{Entity, Example, Mode, Schema, Task};

    use super::{drawn, instances};
    use crate::config::{DataConfig, ExampleOrder};

    #[test]
    fn examples_without_anything_to_ask_about_are_refused() {
        let task = Task::event_arguments(Schema::ace2005(), Mode::Fixed);
        let quiet = Example::new(["all", "was", "quiet"]);
        let mut event = Example::new(["they", "attacked", "again"]);
        event.triggers.push(Entity::new("Conflict:Attack", 1, 2));
        let file = Path::new("dev.json");
        assert_eq!(instances(&task, &[quiet.clone(), event.clone()], file).unwrap().len(), 1);
        for none in [vec![], vec![quiet.clone(), quiet.clone()]] {
            let error = instances(&task, &none, file).unwrap_err().to_string();
            let expected =
                format!("dev.json: of {} examples that were read or drawn none has a trigger", none.len());
            assert!(error.starts_with(&expected), "{error}");
        }
        assert_eq!(instances(&Task::ner(Schema::conll03(), Mode::Fixed), &[quiet], file).unwrap().len(), 1);
    }

    /// `order = list(range(12)); random.seed(7); random.shuffle(order)` in `CPython`, and the first three of it.
    #[test]
    fn examples_are_drawn_as_by_python() {
        let mut data = DataConfig::new("d".into(), "t".into());
        assert_eq!(drawn(12, &data, 7), None);
        data.order = ExampleOrder::Python;
        assert_eq!(drawn(12, &data, 7), Some(vec![7, 11, 3, 10, 8, 4, 9, 1, 0, 6, 2, 5]));
        data.train_examples = 3;
        assert_eq!(drawn(12, &data, 7), Some(vec![7, 11, 3]));
    }
}
