//! The run config: one TOML file, `key=value` overrides, unknown keys refused.

mod optimization;
mod parse;

pub use optimization::{GradientName, OptimizerConfig, OptimizerName, Schedule, TrainingConfig};
pub(crate) use parse::read;

use fishdip_peft::{Criterion, FishDip, MaskMethod};
use fishdip_t5::Precision;
use fishdip_tasks::read::{Column, Format, MentionRule, ReadOptions};
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::{Example, Mode, Naming, Ontology, Quirks, Schema, Task, TaskKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::{Error, read_schema};

/// Everything that decides the result of a run. Paths are relative to the working directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// The base model.
    pub model: ModelConfig,
    /// The data.
    pub data: DataConfig,
    /// The task.
    pub task: TaskConfig,
    /// How the entries to train are chosen.
    #[serde(default)]
    pub method: MethodConfig,
    /// The optimizer.
    #[serde(default)]
    pub optimizer: OptimizerConfig,
    /// The training loop.
    #[serde(default)]
    pub training: TrainingConfig,
    /// Decoding and scoring.
    #[serde(default)]
    pub evaluation: EvaluationConfig,
}

/// `[model]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// A Hugging Face T5 folder, or the name of a model on the hub that was fetched.
    pub path: PathBuf,
    /// The float type of weights and activations: `f32`, or `bf16` where the device has it.
    #[serde(default)]
    pub dtype: Precision,
}

/// `[data]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// The folder that the file names are relative to.
    pub dir: PathBuf,
    /// The training file.
    pub train: PathBuf,
    /// The file that is scored.
    pub eval: PathBuf,
    /// The layout of both files.
    #[serde(default)]
    pub format: Format,
    /// The tag scheme of column files.
    #[serde(default)]
    pub scheme: TagScheme,
    /// The column of the words in column files and tables: its number, from 1, or its name in the header. By default the file shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word_column: Option<Column>,
    /// The column of the tags or classes, named in the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_column: Option<Column>,
    /// The field that holds the text, where several could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_key: Option<String>,
    /// The annotator whose annotations count, where there are several of one text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotator: Option<String>,
    /// Which occurrence is meant where a mention is told by its text alone.
    #[serde(default)]
    pub mentions: MentionRule,
    /// Train on this many examples, drawn with the seed. 0: all.
    #[serde(default)]
    pub train_examples: usize,
    /// Score this many examples, the first of the file. 0: all.
    #[serde(default)]
    pub eval_examples: usize,
    /// The most pieces of a source, the end mark included.
    #[serde(default = "default_max_pieces")]
    pub max_source_pieces: usize,
    /// The most pieces of a training target, the end mark included. Where sources are read in windows, so are examples whose target repeats
    /// the source and is longer; other longer targets are cut, with a warning.
    #[serde(default = "default_max_pieces")]
    pub max_target_pieces: usize,
    /// What is done with longer sources.
    #[serde(default)]
    pub long_sources: LongSources,
}

impl DataConfig {
    /// How the files are read.
    pub fn read_options(&self) -> ReadOptions {
        let mut options = ReadOptions::new(self.scheme, Quirks::NONE);
        options.word_column.clone_from(&self.word_column);
        options.tag_column.clone_from(&self.tag_column);
        options.text_key.clone_from(&self.text_key);
        options.annotator.clone_from(&self.annotator);
        options.mentions = self.mentions;
        options
    }
}

/// Values of `data.long_sources`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LongSources {
    /// They are read in windows that overlap, and what is found in the windows is joined; each is an example of its own in training. A dialogue
    /// is not: it loses its beginning, with a warning.
    #[default]
    Window,
    /// They are an error.
    Refuse,
    /// They lose their end, a dialogue its beginning, with a warning.
    Cut,
}

/// `[task]`
///
/// A table of labels that the task needs and that is left out holds those of `schema`, else those of the training file; see [`Schema`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskConfig {
    /// Which task.
    pub name: TaskKind,
    /// What stands before every source, with ` : ` behind it, so that one model can do several tasks. Empty: nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// A TOML file of the tables below, or the name of a data set whose labels and natural names are known (conll03, ontonotes, genia, ace2005,
    /// conll04, ade, multiwoz). Tables that are written out count before its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<PathBuf>,
    /// How labels that only the training file names get their natural name.
    #[serde(default = "lower_cased")]
    pub naming: Naming,
    /// Label = "natural name" of entities, slots and semantic roles.
    #[serde(default)]
    pub entities: BTreeMap<String, String>,
    /// The same of relations, and of roles in events.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub relations: BTreeMap<String, String>,
    /// The same of intents and of classes of texts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub classes: BTreeMap<String, String>,
    /// The same of kinds of event.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub triggers: BTreeMap<String, String>,
    /// Kind of event = the relations it may have; all, if it is not listed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, Vec<String>>,
    /// Domain, slot = known values, of dialogues.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ontology: Ontology,
}

/// `[method]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MethodConfig {
    /// How entries are chosen.
    pub name: MethodName,
    /// k: the share of all entries to train.
    pub keep: f64,
    /// m: choose again after this many steps.
    pub every: usize,
    /// n: how many of the hardest examples the choice is made from.
    pub hard_samples: usize,
    /// What entries are ranked by.
    pub criterion: CriterionName,
    /// Which losses the examples are ranked by.
    pub rank: RankName,
}

/// Values of `method.name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MethodName {
    /// The hardest examples, again every `every` steps.
    FishDip,
    /// The hardest examples at the start, once.
    Fixed,
    /// All examples, again every `every` steps.
    AllSamples,
    /// Drawn uniformly, once.
    Random,
    /// Every entry.
    Full,
}

/// Values of `method.rank`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RankName {
    /// Computed anew with the model as it is.
    Fresh,
    /// Each example's loss in its last training step, which costs nothing; fresh for examples not seen yet.
    Recorded,
}

/// Values of `method.criterion`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CriterionName {
    /// Squared gradient.
    Fisher,
    /// Squared gradient × RMS(weight)².
    StepAware,
    /// Gradient of the summed loss, squared.
    Gradient,
}

/// `[evaluation]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EvaluationConfig {
    /// At most this many examples are decoded together.
    pub batch_size: usize,
    /// And at most this many source pieces, padding included; a longer source is decoded alone.
    pub batch_pieces: usize,
    /// An output ends after this many pieces; that of a window of a longer example, after twice `data.max_source_pieces` if that is more.
    pub max_output_pieces: usize,
    /// Outputs that are followed at once. 1: only the one that is best so far.
    pub beams: usize,
    /// How many pieces are copied from the source before the model is asked whether it agrees, in constrained decoding with one beam. It
    /// changes the time, not the output.
    pub draft: usize,
    /// Score the base model as well, before training.
    pub before: bool,
    /// What the model may write.
    pub decode: DecodeName,
}

/// Values of `evaluation.decode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecodeName {
    /// At every step the most probable piece of those that lead to an output without a fault.
    #[default]
    Constrained,
    /// At every step the most probable piece.
    Free,
}

fn default_max_pieces() -> usize {
    256
}

impl Default for MethodConfig {
    fn default() -> Self {
        Self {
            name: MethodName::FishDip,
            keep: 0.01,
            every: 50,
            hard_samples: 16,
            criterion: CriterionName::StepAware,
            rank: RankName::Fresh,
        }
    }
}

impl Default for EvaluationConfig {
    fn default() -> Self {
        Self {
            batch_size: 32,
            batch_pieces: 4096,
            max_output_pieces: 256,
            beams: 1,
            draft: 8,
            before: true,
            decode: DecodeName::Constrained,
        }
    }
}

impl RunConfig {
    /// Reads the file at `path` and applies `overrides` (`key.path=value`) in order.
    pub fn load(path: &Path, overrides: &[String]) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Error::ReadConfig { path: path.into(), source })?;
        parse::parse(&path.display().to_string(), &text, overrides)
    }

    /// The config as TOML, every default written out.
    pub fn to_toml(&self) -> Result<String, Error> {
        toml::to_string_pretty(self).map_err(|e| Error::Config {
            place: "the resolved config".into(),
            message: e.to_string(),
            hint: None,
        })
    }

    /// The settings of the choice of entries.
    pub fn fish_dip(&self) -> FishDip {
        FishDip {
            method: match self.method.name {
                MethodName::FishDip => MaskMethod::FishDip,
                MethodName::Fixed => MaskMethod::Fixed,
                MethodName::AllSamples => MaskMethod::AllSamples,
                MethodName::Random => MaskMethod::Random,
                MethodName::Full => MaskMethod::Full,
            },
            keep: self.method.keep,
            hard_samples: self.method.hard_samples,
            criterion: match self.method.criterion {
                CriterionName::Fisher => Criterion::Fisher,
                CriterionName::StepAware => Criterion::StepAware,
                CriterionName::Gradient => Criterion::Gradient,
            },
            seed: self.training.seed,
        }
    }
}

/// A table that is written out, else the first of the others that has any label.
fn table<'a>(
    own: &BTreeMap<String, String>,
    others: [&mut dyn ExactSizeIterator<Item = (&'a str, &'a str)>; 2],
) -> BTreeMap<String, String> {
    if !own.is_empty() {
        return own.clone();
    }
    let found = others.into_iter().find(|pairs| pairs.len() > 0);
    found.into_iter().flatten().map(|(label, name)| (label.to_owned(), name.to_owned())).collect()
}

fn lower_cased() -> Naming {
    Naming::LowerCased
}

impl TaskConfig {
    /// The task: its labels are those that are written out, else those of the schema, else those of `examples`.
    pub fn build<'a>(&self, examples: impl IntoIterator<Item = &'a Example>) -> Result<Task, Error> {
        let seen = Schema::seen(examples, self.naming)?;
        let named = self.schema.as_deref().map(read_schema).transpose()?.unwrap_or_default();
        let ontologies = [&self.ontology, named.ontology(), seen.ontology()];
        let ontology = ontologies.into_iter().find(|o| !o.is_empty()).cloned().unwrap_or_default();
        let roles = if self.roles.is_empty() { named.roles() } else { &self.roles };
        let entities = table(&self.entities, [&mut named.entities(), &mut seen.entities()]);
        let schema =
            Schema::new(entities, table(&self.relations, [&mut named.relations(), &mut seen.relations()]))?
                .with_classes(table(&self.classes, [&mut named.classes(), &mut seen.classes()]))?
                .with_triggers(table(&self.triggers, [&mut named.triggers(), &mut seen.triggers()]))?
                .with_roles(roles.clone())
                .with_ontology(ontology)?;
        let task = Task::new(self.name, schema, Mode::Fixed);
        Ok(if self.prefix.is_empty() { task } else { task.with_prefix(&self.prefix) })
    }

    /// The same with every label of `schema` written out.
    pub(crate) fn with_labels(&self, schema: &Schema) -> Self {
        let table = |pairs: &mut dyn Iterator<Item = (&str, &str)>| {
            pairs.map(|(label, name)| (label.to_owned(), name.to_owned())).collect()
        };
        Self {
            name: self.name,
            prefix: self.prefix.clone(),
            schema: None,
            naming: self.naming,
            entities: table(&mut schema.entities()),
            relations: table(&mut schema.relations()),
            classes: table(&mut schema.classes()),
            triggers: table(&mut schema.triggers()),
            roles: schema.roles().clone(),
            ontology: schema.ontology().clone(),
        }
    }
}
