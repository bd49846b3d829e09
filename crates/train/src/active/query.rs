//! One round with annotators: which texts of a pool to label next.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use fishdip_t5::Precision;
use fishdip_tasks::{Example, Mode, Schema, Task, TaskKind};
use serde::Serialize;

use super::needs::{self, Given};
use super::output::OutputFormat;
use super::signals::{Asking, Signals};
use crate::adapters::adapter_task;
use crate::base::Base;
use crate::config::{DataConfig, DecodeName};
use crate::digits::rounded;
use crate::event::{Event, Sink};
use crate::tagger::Passes;
use crate::texts::{Text, TextFile};
use crate::{AdaptedModel, Error, EvaluationConfig, OutFile, Runtime, Tagger};

/// What looks at the texts.
#[derive(Clone, Copy, Debug)]
pub enum QueryModel<'a> {
    /// A model that was trained for the task.
    Adapter {
        /// The adapter folder.
        folder: &'a Path,
        /// The base model's folder or name, where it is not the one that the adapter names.
        base: Option<&'a Path>,
    },
    /// A model that does not know the task yet: its encoder alone is asked.
    Base {
        /// Its folder, or its name on the hub.
        model: &'a Path,
        /// The task that the texts are to be labelled for.
        task: TaskKind,
    },
}

/// What to choose, and from what.
#[derive(Clone, Debug)]
pub struct QueryOptions {
    /// The texts to choose from.
    pub pool: TextFile,
    /// Texts that are labelled already.
    pub labelled: Option<TextFile>,
    /// Texts that models are scored on.
    pub test: Option<TextFile>,
    /// The strategy's name.
    pub strategy: String,
    /// How many texts to choose.
    pub count: usize,
    /// What the strategy draws with.
    pub seed: u64,
    /// Choose by what a word to read is worth, rather than a text.
    pub per_word: bool,
    /// Passes with dropout, for the strategies that look at these.
    pub passes: usize,
    /// What share of activations such a pass drops.
    pub dropout: f64,
    /// The file to write.
    pub out: OutFile,
    /// Its layout.
    pub output: OutputFormat,
}

/// What a query came to.
#[derive(Clone, Debug, Serialize)]
pub struct QueryReport {
    /// The file that was written.
    pub out: PathBuf,
    /// The strategy.
    pub strategy: &'static str,
    /// What it drew with.
    pub seed: u64,
    /// Texts with a word in the pool.
    pub pool: usize,
    /// Texts among them that are there more than once, each with the id of the first: these are not asked for.
    pub duplicates: Vec<[String; 2]>,
    /// The ids of those that are labelled already, and not asked for.
    pub labelled: Vec<String>,
    /// The ids of those that models are scored on, and that are not asked for.
    pub in_test: Vec<String>,
    /// What to label, the best first.
    pub chosen: Vec<Chosen>,
    /// Seconds it took, without loading.
    pub seconds: f64,
}

/// A text to label.
#[derive(Clone, Debug, Serialize)]
pub struct Chosen {
    /// Its id.
    pub id: String,
    /// Its line in the pool.
    pub line: usize,
    /// The model's probability of what it found there, if it knows the task.
    pub score: Option<f64>,
}

/// Chooses texts of the pool by the strategy, and writes them to the file `options.out` with what the model found in them, the best first.
/// Nothing is written in case of an error.
pub fn query(
    model: QueryModel<'_>,
    options: &QueryOptions,
    runtime: &Runtime,
    sink: &mut dyn Sink,
) -> Result<QueryReport, Error> {
    // Whatever can be refused without a model is.
    let task = task_of(model)?;
    let kind = task.kind();
    if kind == TaskKind::EventArguments {
        let message = "texts are asked for one by one, and the task event-arguments asks about each trigger; label their triggers (event-triggers) first";
        return Err(Error::Data(message.to_owned()));
    }
    options.output.check(kind)?;
    let is_trained = matches!(model, QueryModel::Adapter { .. });
    let has_labelled = options.labelled.is_some();
    let given = Given { kind, is_trained, has_labelled, knows_classes: false };
    let strategy = needs::check(&options.strategy, given)?;
    let screened = Screened::read(options, &task, sink)?;
    let left = screened.texts.len();
    if options.count > left {
        return Err(Error::Data(screened.too_few(options)));
    }

    let (mut tagger, name) = load(model, task, &options.out, runtime, sink)?;
    let start = Instant::now();
    let examples: Vec<Example> = screened.texts.iter().map(|text| text.example.clone()).collect();
    let evaluation = tagger.evaluation().clone();
    let mut asking = Asking {
        tagger: &mut tagger,
        evaluation: &evaluation,
        passes: Passes { count: options.passes, rate: options.dropout, seed: options.seed },
        interrupter: &runtime.interrupter,
        sink,
    };
    let wanted = needs::signals(strategy.name(), kind);
    let mut signals = Signals::new(&examples, options.per_word);
    signals.ask(wanted, &examples, &screened.labelled_texts, &mut asking)?;
    let ids: Vec<u32> = (0..left as u32).collect();
    let chosen = strategy.choose(&signals.candidates(&ids)?, options.count, options.seed)?;
    let texts: Vec<&Text> = chosen.iter().map(|&id| &screened.texts[id as usize]).collect();
    let asked: Vec<Example> = texts.iter().map(|text| text.example.clone()).collect();
    let found = match &signals.predictions {
        _ if !is_trained => None,
        Some(all) => Some(chosen.iter().map(|&id| all[id as usize].clone()).collect()),
        None => Some(tagger.predict(&asked, &runtime.interrupter, sink)?.each),
    };
    let bytes = options.output.write(&asked.iter().collect::<Vec<_>>(), found.as_deref(), &name);
    let bytes = bytes.map_err(|error| Error::Data(format!("the texts cannot be written: {error}")))?;
    options.out.write(&bytes)?;
    let score = |at: usize| found.as_ref().map(|found: &Vec<_>| rounded(found[at].probability, 4));
    let chosen = texts.iter().enumerate();
    let chosen = chosen.map(|(at, text)| Chosen { id: text.id.clone(), line: text.line, score: score(at) });
    Ok(QueryReport {
        out: options.out.path().to_owned(),
        strategy: strategy.name(),
        seed: options.seed,
        pool: screened.pool,
        chosen: chosen.collect(),
        duplicates: screened.duplicates,
        labelled: screened.labelled,
        in_test: screened.in_test,
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// The task, before its model is loaded.
fn task_of(model: QueryModel<'_>) -> Result<Task, Error> {
    match model {
        QueryModel::Adapter { folder, .. } => adapter_task(folder),
        QueryModel::Base { task, .. } => Ok(Task::new(task, Schema::default(), Mode::Fixed)),
    }
}

/// The model, and what it is called. `out` must be no part of it.
fn load(
    model: QueryModel<'_>,
    task: Task,
    out: &OutFile,
    runtime: &Runtime,
    sink: &mut dyn Sink,
) -> Result<(Tagger, String), Error> {
    match model {
        QueryModel::Adapter { folder, base } => {
            let adapted = AdaptedModel::load(folder, base, runtime)?;
            out.is_none_of(adapted.folders())?;
            adapted.tell(sink);
            // As predictions for annotators call it too.
            Ok((adapted.tagger, format!("fishdip {}", folder.display())))
        }
        QueryModel::Base { model: path, .. } => {
            let folder = runtime.hub.model_folder(path)?;
            out.is_none_of([folder.as_path()])?;
            let Base { model, tokenizer, .. } =
                Base::load(folder, Precision::default(), &runtime.device, None)?;
            // Without labels nothing that is written could be constrained; nothing is written.
            let evaluation = EvaluationConfig { decode: DecodeName::Free, ..EvaluationConfig::default() };
            let data = DataConfig::new(PathBuf::new(), PathBuf::new());
            let tagger = Tagger::new(model, tokenizer, task, &runtime.device, &data, &evaluation)?;
            Ok((tagger, path.display().to_string()))
        }
    }
}

/// The pool without what is not to be asked for.
struct Screened {
    pool: usize,
    texts: Vec<Text>,
    /// Those that are labelled, wherever they are.
    labelled_texts: Vec<Example>,
    duplicates: Vec<[String; 2]>,
    labelled: Vec<String>,
    in_test: Vec<String>,
}

impl Screened {
    fn read(options: &QueryOptions, task: &Task, sink: &mut dyn Sink) -> Result<Self, Error> {
        let mut read = |file: &Option<TextFile>| match file {
            Some(file) => file.read(task, sink),
            None => Ok(Vec::new()),
        };
        let (labelled, test) = (read(&options.labelled)?, read(&options.test)?);
        let pool = options.pool.read_with_ids(task, sink)?;
        let screened = Self::of(pool, labelled, &test);
        screened.tell(sink);
        Ok(screened)
    }

    fn of(pool: Vec<Text>, labelled: Vec<Text>, test: &[Text]) -> Self {
        let keys = |texts: &[Text]| texts.iter().map(|text| text.key.clone()).collect::<BTreeSet<_>>();
        let (labelled_keys, test_keys) = (keys(&labelled), keys(test));
        let mut screened = Self {
            pool: pool.len(),
            texts: Vec::new(),
            labelled_texts: labelled.into_iter().map(|text| text.example).collect(),
            duplicates: Vec::new(),
            labelled: Vec::new(),
            in_test: Vec::new(),
        };
        let mut first: BTreeMap<String, String> = BTreeMap::new();
        for text in pool {
            if let Some(first) = first.get(&text.key) {
                screened.duplicates.push([text.id, first.clone()]);
                continue;
            }
            first.insert(text.key.clone(), text.id.clone());
            if labelled_keys.contains(&text.key) {
                screened.labelled.push(text.id);
            } else if test_keys.contains(&text.key) {
                screened.in_test.push(text.id);
            } else {
                screened.texts.push(text);
            }
        }
        screened
    }

    /// Says what is left out.
    fn tell(&self, sink: &mut dyn Sink) {
        let mut tell = |count: usize, what: &str, first: &str| {
            if count > 0 {
                let message = format!(
                    "{count} of the {} texts of the pool {what}, and are not asked for: {first}",
                    self.pool
                );
                sink.event(&Event::Warning { message });
            }
        };
        let duplicates: Vec<String> =
            self.duplicates.iter().map(|[id, first]| format!("{id} as {first}")).collect();
        tell(self.duplicates.len(), "repeat another one", &beginning(&duplicates));
        tell(self.labelled.len(), "are labelled already", &beginning(&self.labelled));
        tell(self.in_test.len(), "are in the test set", &beginning(&self.in_test));
    }

    /// Why there are not enough texts.
    fn too_few(&self, options: &QueryOptions) -> String {
        let parts = [
            (self.duplicates.len(), "repeat another one"),
            (self.labelled.len(), "are labelled already"),
            (self.in_test.len(), "are in the test set"),
        ];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
        let without = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
        format!(
            "{} texts are asked for, but {} has {} to choose from{without}; lower --count, or add texts",
            options.count,
            options.pool.path.display(),
            self.texts.len()
        )
    }
}

/// The first of some names.
fn beginning(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let more = if names.len() > SHOWN { " and others" } else { "" };
    names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ") + more
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(id: &str, key: &str) -> Text {
        Text { id: id.to_owned(), line: 1, example: Example::new([key]), key: key.to_owned() }
    }

    #[test]
    fn what_is_not_to_be_asked_for_is_left_out_and_named() {
        let pool = vec![
            text("1", "a"),
            text("2", "b"),
            text("3", "a"),
            text("4", "c"),
            text("5", "d"),
            text("6", "b"),
        ];
        let screened = Screened::of(pool, vec![text("x", "b")], &[text("y", "c"), text("z", "b")]);
        let ids: Vec<&str> = screened.texts.iter().map(|text| text.id.as_str()).collect();
        assert_eq!(ids, ["1", "5"]);
        let pairs = [["3", "1"], ["6", "2"]].map(|pair| pair.map(str::to_owned));
        assert_eq!(screened.duplicates, pairs);
        assert_eq!((screened.labelled, screened.in_test), (vec!["2".to_owned()], vec!["4".to_owned()]));
        assert_eq!((screened.pool, screened.labelled_texts.len()), (6, 1));
    }

    #[test]
    fn a_long_list_is_cut() {
        let names: Vec<String> = (0..7).map(|i| i.to_string()).collect();
        assert_eq!(beginning(&names), "0, 1, 2, 3, 4 and others");
        assert_eq!(beginning(&names[..2]), "0, 1");
    }
}
