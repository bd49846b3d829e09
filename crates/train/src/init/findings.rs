//! What is in data files.

use std::collections::BTreeMap;

use fishdip_tasks::read::{DataSet, LeftOut, ReadOptions};
use fishdip_tasks::{Example, Schema, Task, TaskKind, counted};

use super::known::{Findings, LabelTable, Lengths};
use super::names::natural_names;
use super::{BaseModel, InitOptions};
use crate::check::{Measuring, bad_labels};
use crate::data::RunData;
use crate::event::{Event, Sink};
use crate::warnings::Warnings;
use crate::{DataConfig, Error, RunConfig};

impl Findings {
    /// Looks at the data of `options`.
    pub(super) fn of(options: &InitOptions<'_>, sink: &mut dyn Sink) -> Result<Self, Error> {
        let data = DataSet::at(options.data, options.format, options.task)?;
        for LeftOut { file, reason, .. } in &data.left_out {
            let file = data.folder.join(file);
            let message =
                format!("{} is left out, which its name says is to be scored: {reason}", file.display());
            sink.event(&Event::Warning { message });
        }
        options.read.check_for(data.format)?;
        let (task, task_reason) = match options.task {
            Some(task) => (task, "Asked for.".to_owned()),
            None => task_of(&data, &options.read)?,
        };
        let mut config = bare_config(&data, options, task)?;
        let read = |config: &RunConfig| RunData::read(&config.data, &config.task, config.training.seed);
        let run = match read(&config) {
            // A label that cannot be its own name gets the one that is proposed for it.
            Err(Error::Tasks(fishdip_tasks::Error::Schema(_))) => {
                name_labels(&mut config, &data, &options.read)?;
                read(&config)?
            }
            run => run?,
        };
        let measuring = match (&options.model, Measuring::load(options.hub, options.model.path())) {
            (_, Ok(measuring)) => Some(measuring),
            (BaseModel::Hub(_), Err(_)) => None,
            (_, Err(error)) => return Err(error),
        };
        let held_out = run.held_out.is_some();
        let whole_file = run.train.iter().chain(run.eval.iter().filter(|_| held_out));
        let labels = label_tables(task, whole_file);
        let named = Task::new(task, schema(&labels)?, run.task.mode()).with_nesting(run.task.nesting());
        if !labels.is_empty()
            && let Some(detail) = bad_labels(&named, &[], measuring.as_ref())
        {
            return Err(Error::Data(format!(
                "{}: {detail}; a config gives labels their names, as [task.{}] of docs/config.md says",
                data.folder.join(&data.train).display(),
                labels.first().map_or("entities", |table| table.name)
            )));
        }
        // With the names that the draft has; a task without tables of labels finds in the data what it needs.
        let learnt = if labels.is_empty() { &run.task } else { &named };
        let lengths = |measuring| lengths(&run.train, learnt, measuring, &config.data);
        let lengths = measuring.as_ref().map(lengths).transpose()?;
        run.warnings.send(sink);
        Ok(Self {
            read: options.read.clone(),
            task,
            task_reason,
            train_examples: run.train.len(),
            eval_examples: run.eval.len(),
            labels,
            model: options.model.clone(),
            lengths,
            data,
        })
    }
}

/// The task that `data` are annotated for, and why it is that one.
fn task_of(data: &DataSet, read: &ReadOptions) -> Result<(TaskKind, String), Error> {
    let path = data.folder.join(&data.train);
    let examples = data.format.read(&path, read)?.collect::<Result<Vec<_>, _>>()?;
    let tasks = data.format.annotated_tasks(&examples);
    match tasks.as_slice() {
        [] => {
            let able: Vec<&str> = data.format.feeds().iter().map(|task| task.name()).collect();
            Err(Error::Data(format!(
                "{} holds {} of the format {} and no label that a task could learn ({}); annotate some, or check the export",
                path.display(),
                counted(examples.len(), "example"),
                data.format,
                able.join(", ")
            )))
        }
        [TaskKind::JointEr] => {
            Ok((TaskKind::JointEr, "There are relations; `ner` would learn the entities alone.".to_owned()))
        }
        [task] => Ok((*task, format!("What {} is annotated for.", data.train.display()))),
        several => {
            let names: Vec<&str> = several.iter().map(|task| task.name()).collect();
            Err(Error::Data(format!(
                "{} is annotated for several tasks ({}); choose one, such as --task {}",
                path.display(),
                names.join(", "),
                names[0]
            )))
        }
    }
}

/// A config that says what the files are, and nothing else.
fn bare_config(data: &DataSet, options: &InitOptions<'_>, task: TaskKind) -> Result<RunConfig, Error> {
    let mut config = format!(
        "[model]\npath = {}\n\n[task]\nname = {}\n\n",
        super::text::quoted_path(options.model.path())?,
        super::text::quoted(task.name())
    );
    config.push_str(&super::text::data_keys(data, &options.read)?);
    RunConfig::parse_with("the drafted config", &config, &[])
}

/// Names the labels of the training file in `config`, as its user would by tables.
fn name_labels(config: &mut RunConfig, data: &DataSet, read: &ReadOptions) -> Result<(), Error> {
    let path = data.folder.join(&data.train);
    let examples = data.format.read(&path, read)?.collect::<Result<Vec<_>, _>>()?;
    config.task = config.task.with_labels(&schema(&label_tables(config.task.name, examples.iter()))?);
    Ok(())
}

/// How long the training examples are. One that cannot be shown to the model is told by training.
fn lengths(
    train: &[Example],
    task: &Task,
    measuring: &Measuring,
    data: &DataConfig,
) -> Result<Lengths, Error> {
    let (mut sources, mut longest_target, mut windows) = (Vec::new(), 0, 0);
    for example in train {
        let (before, mut fits) = (sources.len(), true);
        for input in task.training_inputs(example) {
            let Ok(encoded) = task.encode(&input) else { continue };
            let (source, target) = (measuring.pieces(&encoded.source)?, measuring.pieces(&encoded.target)?);
            fits &= source <= data.source_limit() && target <= data.max_target_pieces;
            sources.push(source);
            longest_target = longest_target.max(target);
        }
        let whole = sources.len() - before;
        // To cut is to measure every part again, which is for what does not fit alone.
        windows += if fits {
            whole
        } else {
            let cut = measuring.windows(task, data).training_inputs(example, &mut Warnings::default());
            cut.map_or(whole, |windows| windows.len())
        };
    }
    sources.sort_unstable();
    let median_source = sources.get(sources.len() / 2).copied().unwrap_or_default();
    let longest_source = sources.last().copied().unwrap_or_default();
    Ok(Lengths { median_source, longest_source, longest_target, windows })
}

/// The labels of `examples` that `task` learns.
fn label_tables<'a>(task: TaskKind, examples: impl Iterator<Item = &'a Example>) -> Vec<LabelTable> {
    let mut counts: BTreeMap<(&'static str, &str), usize> = BTreeMap::new();
    for example in examples {
        let spans = example.entities.iter().chain(&example.slots).chain(&example.roles);
        let links = example.relations.iter().map(|relation| &relation.label);
        let links =
            links.chain(example.arguments.iter().map(|argument| &argument.label)).chain(&example.relation);
        let found = spans.map(|span| ("entities", &span.label));
        let found = found.chain(links.map(|label| ("relations", label)));
        let found = found.chain(example.intent.iter().chain(&example.label).map(|label| ("classes", label)));
        for (table, label) in found.chain(example.triggers.iter().map(|span| ("triggers", &span.label))) {
            *counts.entry((table, label)).or_default() += 1;
        }
    }
    let table = |name: &'static str| {
        let of = counts.iter().filter(|((table, _), _)| *table == name);
        let of: Vec<(&str, usize)> = of.map(|((_, label), count)| (*label, *count)).collect();
        let names = natural_names(name, of.iter().map(|(label, _)| *label));
        let labels = of.into_iter().zip(names);
        LabelTable {
            name,
            labels: labels.map(|((label, count), name)| (label.to_owned(), name, count)).collect(),
        }
    };
    let tables = learnt(task).iter().map(|name| table(name));
    tables.filter(|table| !table.labels.is_empty()).collect()
}

/// The tables of labels that a task learns.
fn learnt(task: TaskKind) -> &'static [&'static str] {
    match task {
        TaskKind::Ner | TaskKind::Srl => &["entities"],
        TaskKind::JointEr => &["entities", "relations"],
        TaskKind::RelationClassification => &["relations"],
        TaskKind::Slots => &["classes", "entities"],
        TaskKind::EventTriggers => &["triggers"],
        TaskKind::EventArguments => &["triggers", "relations", "entities"],
        TaskKind::TextClassification => &["classes"],
        // The slots of a dialogue are those of the training file; coreference has no label.
        _ => &[],
    }
}

/// The labels as a task has them.
fn schema(tables: &[LabelTable]) -> Result<Schema, Error> {
    let of = |name: &'static str| {
        let table = tables.iter().filter(move |table| table.name == name);
        table.flat_map(|table| table.labels.iter().map(|(label, name, _)| (label.clone(), name.clone())))
    };
    let schema = Schema::new(of("entities"), of("relations"))?;
    Ok(schema.with_classes(of("classes"))?.with_triggers(of("triggers"))?)
}
