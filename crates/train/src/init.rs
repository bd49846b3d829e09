//! A config for data that nobody has described: what they are is looked up in the files, and what follows from that is written down with its
//! reason.

mod findings;
mod known;
mod names;
mod text;

use std::path::{Path, PathBuf};

use fishdip_t5::HubCache;
use fishdip_tasks::TaskKind;
use fishdip_tasks::read::{DataSet, Format, ReadOptions};

pub use known::{Findings, LabelTable, Lengths};
pub use text::config_text;

use crate::{Error, OutFile, RunConfig, Sink};

/// What to look at, and what is known of it.
#[derive(Clone, Debug)]
pub struct InitOptions<'a> {
    /// A folder, or the training file.
    pub data: &'a Path,
    /// The task; what the data are annotated for if it is not given.
    pub task: Option<TaskKind>,
    /// The layout of the files.
    pub format: Format,
    /// What the layout leaves open.
    pub read: ReadOptions,
    /// The base model.
    pub model: BaseModel,
    /// Where a model that is no folder is looked for.
    pub hub: &'a HubCache,
}

/// The model that a config is to name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaseModel {
    /// The one that was asked for: its folder or its name. It must be there.
    Asked(PathBuf),
    /// The small one in the folder, which comes with the program's source.
    Bundled(PathBuf),
    /// A name on the hub, which may have to be fetched.
    Hub(PathBuf),
}

impl BaseModel {
    /// Its folder or name.
    pub fn path(&self) -> &Path {
        match self {
            Self::Asked(path) | Self::Bundled(path) | Self::Hub(path) => path,
        }
    }
}

/// A config, and what it was made from.
#[derive(Clone, Debug)]
pub struct ConfigDraft {
    /// The TOML text.
    pub text: String,
    /// What the data are.
    pub findings: Findings,
}

impl ConfigDraft {
    /// Writes it to the file `out`, which is none of the data's.
    pub fn write(&self, out: &OutFile) -> Result<(), Error> {
        let DataSet { folder, train, dev, test, .. } = &self.findings.data;
        let files: Vec<PathBuf> = [Some(train), dev.as_ref(), test.as_ref()]
            .into_iter()
            .flatten()
            .map(|name| folder.join(name))
            .collect();
        out.is_none_of(files.iter().map(PathBuf::as_path))?;
        out.write(self.text.as_bytes())
    }
}

/// Looks at data and drafts a config that [`train`](crate::train) takes as it is. Data that training would refuse are refused in its words; so
/// are those of which it is open what they are, or what is to be learnt from them. What is left out of them is told to `sink`, as in training.
pub fn draft_config(options: &InitOptions<'_>, sink: &mut dyn Sink) -> Result<ConfigDraft, Error> {
    let findings = Findings::of(options, sink)?;
    let text = config_text(&findings)?;
    RunConfig::parse_with("the drafted config", &text, &[])?;
    Ok(ConfigDraft { text, findings })
}
