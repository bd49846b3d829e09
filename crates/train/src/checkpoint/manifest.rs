//! `MANIFEST.json`: what a checkpoint belongs to, and the hash of its other file.

use fishdip_peft::{Average, Mask, MaskedOptimizer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::Progress;
use crate::base::Hashes;
use crate::error::Access;
use crate::state::{Found, MeanLoss, Timing};
use crate::{Error, Every, TrainState};

pub(super) const MANIFEST: &str = "MANIFEST.json";
pub(super) const STATE: &str = "state.safetensors";

/// The version of checkpoints that this program writes. It reads this one and those before it.
const VERSION: u32 = 1;

/// Bytes of a manifest, which holds scores by label.
pub(super) const LARGEST: u64 = 64 << 20;

/// What a training is one of. BLAKE3 hashes, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    /// Of the resolved config.
    pub(crate) config: String,
    /// Of the base model.
    pub(crate) base: Hashes,
    /// Of the adapter that the run began with, if it did.
    pub(crate) adapter: Option<String>,
    /// Of the examples that are trained on and scored.
    pub(crate) data: String,
}

/// The content of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    version: u32,
    pub(crate) step: usize,
    pub(crate) identity: Identity,
    /// Where it was computed. Another backend goes on, to other last bits.
    pub(crate) backend: String,
    /// Bytes of `events.jsonl` at this step: what a run that goes on from here writes follows them.
    pub(crate) events: u64,
    /// Seconds that the run had taken.
    pub(crate) seconds: f64,
    chosen: Option<usize>,
    /// Older checkpoints have none, and need none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interval: Option<usize>,
    entry_cost: Option<f32>,
    timing: Timing,
    watched: MeanLoss,
    found: Found,
    state: Seal,
    /// Hash of the file itself with this left empty.
    hash: String,
}

/// How the hash stands in the file.
fn hash_line(hash: &str) -> String {
    format!("\"hash\": \"{hash}\"")
}

/// Length and BLAKE3 hash of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seal {
    bytes: u64,
    blake3: String,
}

impl Seal {
    /// Reads `file` without having it in memory as a whole.
    fn of(file: &Path) -> std::io::Result<Self> {
        let mut hasher = blake3::Hasher::new();
        let written = File::open(file)?;
        let bytes = written.metadata()?.len();
        hasher.update_reader(written)?;
        Ok(Self { bytes, blake3: hasher.finalize().to_hex().to_string() })
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, blake3: blake3::hash(bytes).to_hex().to_string() }
    }
}

impl Manifest {
    /// That of a checkpoint of `state` whose other file is `file`.
    pub(super) fn new(state: &TrainState, of: &Progress<'_>, file: &Path) -> Result<Self, Error> {
        let seal = Seal::of(file);
        let seal =
            seal.map_err(|source| Error::Io { action: Access::Read, path: file.to_owned(), source })?;
        Ok(Self {
            version: VERSION,
            step: state.step,
            identity: of.identity.clone(),
            backend: of.backend.to_owned(),
            events: of.events,
            seconds: of.seconds,
            chosen: state.chosen,
            interval: Some(state.interval),
            entry_cost: state.entry_cost,
            timing: state.timing,
            watched: state.watched,
            found: state.found.clone(),
            state: seal,
            hash: String::new(),
        })
    }

    /// The file's content, with the hash.
    pub(super) fn to_text(&self) -> String {
        // Numbers, names and lists: nothing in it that JSON cannot hold.
        let unsealed = serde_json::to_string_pretty(self).unwrap_or_default();
        let hash = blake3::hash(unsealed.as_bytes()).to_hex();
        unsealed.replacen(&hash_line(""), &hash_line(&hash), 1)
    }

    /// Reads the file's content. What is wrong is told in words, with whether a newer version wrote it.
    pub(super) fn read(text: &str) -> Result<Self, (String, bool)> {
        let damaged = |reason: String| (reason, false);
        let value: Value =
            serde_json::from_str(text).map_err(|e| damaged(format!("{MANIFEST} is damaged: {e}")))?;
        // Before the fields are read: those of a newer version are not damage.
        if let Some(version) = value["version"].as_u64().filter(|&version| version > VERSION.into()) {
            let reason = format!(
                "it has version {version}, and this program reads versions up to {VERSION}; use the newer program that wrote it"
            );
            return Err((reason, true));
        }
        let manifest: Self =
            serde_json::from_value(value).map_err(|e| damaged(format!("{MANIFEST} is damaged: {e}")))?;
        // Of the text, since a number that is read may differ in its last bit from the one that was written.
        let unsealed = text.replacen(&hash_line(&manifest.hash), &hash_line(""), 1);
        if *manifest.hash != *blake3::hash(unsealed.as_bytes()).to_hex() {
            return Err(damaged(format!("{MANIFEST} does not fit its own hash: it was damaged or edited")));
        }
        Ok(manifest)
    }

    /// Compares the content of the other file.
    pub(super) fn check(&self, state: &[u8]) -> Result<(), String> {
        self.check_seal(&Seal::of_bytes(state))
    }

    /// The same for the file `state`, which is not kept in memory.
    pub(super) fn check_file(&self, state: &Path) -> Result<(), String> {
        self.check_seal(&Seal::of(state).map_err(|e| format!("{STATE} cannot be read: {e}"))?)
    }

    fn check_seal(&self, found: &Seal) -> Result<(), String> {
        if found.bytes != self.state.bytes {
            return Err(format!(
                "{STATE} has {} bytes, not {}: it was cut or damaged",
                found.bytes, self.state.bytes
            ));
        }
        if found.blake3 != self.state.blake3 {
            return Err(format!("{STATE} is not what {MANIFEST} was written for: it was damaged"));
        }
        Ok(())
    }

    /// The state of the training, with what the other file holds.
    pub(super) fn state(
        &self,
        mask: Mask,
        touched: Mask,
        optimizer: MaskedOptimizer,
        average: Average,
        recorded: Vec<Option<f32>>,
    ) -> TrainState {
        TrainState {
            step: self.step,
            mask,
            chosen: self.chosen,
            interval: self.interval.unwrap_or(Every::FIRST),
            touched,
            optimizer,
            average,
            // What a checkpoint holds was seen to be good.
            averaged: self.step,
            recorded,
            entry_cost: self.entry_cost,
            timing: self.timing,
            watched: self.watched,
            found: self.found.clone(),
        }
    }

    /// Refuses a checkpoint of another training, and says what differs: of the data the files `changed`, as far as they are known.
    pub(crate) fn check_identity(&self, now: &Identity, changed: &[PathBuf]) -> Result<(), String> {
        let parts = [
            (&self.identity.base.tensors, &now.base.tensors, "the base model's tensors"),
            (&self.identity.base.config, &now.base.config, "the base model's config.json"),
            (&self.identity.base.tokenizer, &now.base.tokenizer, "the tokenizer"),
            (&self.identity.config, &now.config, "config.toml in the run folder"),
        ];
        let mut differs: Vec<String> =
            parts.iter().filter(|(then, now, _)| then != now).map(|part| part.2.to_owned()).collect();
        if self.identity.data != now.data {
            differs.extend(if changed.is_empty() {
                vec!["the data".to_owned()]
            } else {
                file_names(changed)
            });
        }
        if self.identity.adapter != now.adapter {
            differs.push("the adapter that it began with".to_owned());
        }
        if differs.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{}; put it back, or begin a new run, with `--from` and the adapter of this one where it has one",
            not_what_began(&differs)
        ))
    }
}

/// The names of files, for a message.
pub(crate) fn file_names(files: &[PathBuf]) -> Vec<String> {
    files.iter().map(|file| file.display().to_string()).collect()
}

/// That `parts` of a run, of which there is one at least, are not those that it began with.
pub(crate) fn not_what_began(parts: &[String]) -> String {
    let verb = if parts.len() == 1 { "is" } else { "are" };
    format!("{} {verb} not what the run began with", parts.join(" and "))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::state::Best;

    fn manifest() -> Manifest {
        let base = Hashes { tensors: "t".into(), config: "c".into(), tokenizer: String::new() };
        let report = r#"{"f1": 0.1, "precision": 0.2, "recall": 0.07, "n": 3, "per_label": {}, "examples": 4, "errors":
            {"wrong_reconstruction": 0, "format_error": 0.5, "label_error": 0, "entity_error": 0}}"#;
        let report = serde_json::from_str(report).unwrap();
        Manifest {
            version: VERSION,
            step: 12,
            identity: Identity { config: "k".into(), base, adapter: None, data: "d".into() },
            backend: "flex".into(),
            events: 345,
            seconds: 0.1,
            chosen: Some(10),
            interval: Some(100),
            entry_cost: Some(7.3),
            timing: Timing { steps: 1.5, refreshes: 2, refresh: 0.25 },
            watched: MeanLoss { sum: 0.1, count: 3 },
            found: Found { best: Some(Best { step: 10, headline: 0.1, report }), ..Default::default() },
            state: Seal { bytes: 4, blake3: blake3::hash(b"four").to_hex().to_string() },
            hash: String::new(),
        }
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let read = Manifest::read(&manifest().to_text()).unwrap();
        assert_eq!(Manifest { hash: String::new(), ..read.clone() }, manifest());
        assert_eq!(read.check(b"four"), Ok(()));
        assert!(read.check(b"five").unwrap_err().contains("damaged"));
        assert!(read.check(b"for").unwrap_err().contains("3 bytes, not 4"));
    }

    #[test]
    fn every_changed_byte_is_damage() {
        let text = manifest().to_text();
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] = if bytes[place] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(Manifest::read(&changed).is_err(), "byte {place}: {changed}");
            assert!(Manifest::read(&text[..place]).is_err());
        }
    }

    #[test]
    fn that_of_a_newer_version_is_no_damage() {
        let newer = r#"{"version": 2, "step": 1, "cursor": {}}"#;
        let (reason, is_newer) = Manifest::read(newer).unwrap_err();
        assert!(is_newer && reason.contains("version 2"), "{reason}");
    }

    #[test]
    fn what_differs_is_named() {
        let manifest = manifest();
        let now = Identity { data: "other".into(), ..manifest.identity.clone() };
        assert_eq!(manifest.check_identity(&manifest.identity, &[]), Ok(()));
        for (changed, says) in [
            (&[][..], "the data is not what the run began with; "),
            (&["d/dev.txt".into()], "d/dev.txt is not what the run began with; "),
            (&["a".into(), "b".into()], "a and b are not what the run began with; "),
        ] {
            let refused = manifest.check_identity(&now, changed).unwrap_err();
            assert!(refused.starts_with(says), "{refused}");
        }
    }
}
