//! A line of a ledger, and the hash that ties it to those before.

use serde::{Deserialize, Serialize};

use crate::pool::{Asked, Stopped};

/// The layout of ledgers that this program writes.
const VERSION: u32 = 1;

/// What stands between an entry and its hash, and behind that.
const BEFORE: &str = ",\"chain\":\"";
const BEHIND: &str = "\"}";

/// How many hexadecimal digits of the hash a line has.
const DIGITS: usize = 32;

/// What a ledger is about; ids mean nothing without it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// How many examples the pool has.
    pub examples: u32,
    /// What tells this pool from another, such as a hash of its file.
    pub data: String,
    /// The seed of the run, from which [`round_seed`](crate::round_seed) derives those of its rounds.
    pub seed: u64,
}

impl Header {
    /// The first field in which `found` is another: its name, what it is there, and what it is here.
    pub(super) fn difference(&self, found: &Self) -> Option<(&'static str, String, String)> {
        if found.data != self.data {
            return Some(("data", found.data.clone(), self.data.clone()));
        }
        let numbers = [
            ("number of examples", u64::from(found.examples), u64::from(self.examples)),
            ("seed", found.seed, self.seed),
        ];
        let other = numbers.into_iter().find(|&(_, found, expected)| found != expected)?;
        Some((other.0, other.1.to_string(), other.2.to_string()))
    }

    /// Is `bytes` the beginning of a ledger with this header?
    pub(super) fn begins_with(&self, bytes: &[u8]) -> bool {
        let mut line = String::new();
        write(&mut line, "", &Entry::header(self)).is_ok() && line.as_bytes().starts_with(bytes)
    }
}

/// What a line says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Entry {
    /// The first line.
    Ledger {
        version: u32,
        #[serde(flatten)]
        header: Header,
    },
    /// Examples are asked for.
    Asked(Asked),
    /// An example has its label.
    Labelled { id: u32, label: String },
    /// An example cannot be labelled.
    SetAside { id: u32 },
    /// No more is asked for.
    Stopped(Stopped),
}

impl Entry {
    pub(super) fn header(header: &Header) -> Self {
        Self::Ledger { version: VERSION, header: header.clone() }
    }
}

/// Why a line is not sound.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is no whole line of a ledger.
    Form(String),
    /// It is one, but not the one that was written here.
    Chain(String),
}

/// Appends the line of `entry`, behind the one with the hash `previous`, and gives its hash.
pub(super) fn write(text: &mut String, previous: &str, entry: &Entry) -> serde_json::Result<String> {
    let entry = serde_json::to_string(entry)?;
    let open = entry.strip_suffix('}').unwrap_or(&entry);
    let chain = hash(previous, open);
    text.extend([open, BEFORE, &chain, BEHIND, "\n"]);
    Ok(chain)
}

/// The entry of a line and its hash, if it is the one that was written behind `previous`.
pub(super) fn read(previous: &str, line: &[u8]) -> Result<(Entry, String), Fault> {
    let form = |problem: &str| Fault::Form(problem.to_owned());
    let line = str::from_utf8(line).map_err(|_| form("it is not UTF-8"))?;
    let line = line.strip_suffix('\n').unwrap_or(line);
    let parts = line.strip_suffix(BEHIND).and_then(|line| line.rsplit_once(BEFORE));
    let (open, chain) =
        parts.filter(|(_, chain)| chain.len() == DIGITS).ok_or_else(|| form("it is not a whole line"))?;
    if hash(previous, open) != chain {
        let problem = "it, or a line right before it, was changed, removed or added after it was written";
        return Err(Fault::Chain(problem.to_owned()));
    }
    match serde_json::from_str(&format!("{open}}}")) {
        Ok(Entry::Ledger { version, .. }) if version != VERSION => {
            Err(Fault::Chain(format!("it has the layout {version}, and this program reads {VERSION}")))
        }
        Ok(entry) => Ok((entry, chain.to_owned())),
        Err(error) => Err(Fault::Chain(format!("it is of another program: {error}"))),
    }
}

fn hash(previous: &str, open: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous.as_bytes()).update(open.as_bytes());
    hasher.finalize().to_hex()[..DIGITS].to_owned()
}
