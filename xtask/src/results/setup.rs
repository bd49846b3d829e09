//! What a figure depends on beside its seed, as one short name: what was measured with another setting or base model is no figure of this one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use toml::Table;

use super::plan::{Cell, Plan};

/// What the peers are.
const PEERS: [&str; 2] = ["xtask/peers/tag.py", "xtask/peers/requirements-taggers.txt"];

/// What `"auto"` stands for in a config.
const RULES: &str = "crates/train/src/settle.rs";

/// The names of the settings, by group of cells.
pub(super) struct Setups(BTreeMap<String, String>);

impl Setups {
    pub(super) fn of(&self, cell: &Cell) -> &str {
        self.0.get(cell.group()).map_or("", String::as_str)
    }

    #[cfg(test)]
    pub(super) fn same(plan: &Plan, name: &str) -> Self {
        Self(plan.cells.iter().map(|cell| (cell.group().to_owned(), name.to_owned())).collect())
    }
}

/// Names the settings of all cells of `plan`. Of the program itself they depend on the numbers of the rules for `"auto"` alone.
pub(super) fn of(root: &Path, plan: &Plan) -> Result<Setups> {
    let base = read(&root.join(&plan.base))?;
    let usual: Table =
        toml::from_str(&String::from_utf8_lossy(&base)).context("the base config is no TOML")?;
    let peers = PEERS.iter().map(|file| read(&root.join(file))).collect::<Result<Vec<_>>>()?.concat();
    let rules =
        String::from_utf8_lossy(&read(&root.join(RULES))?).lines().filter(is_number).collect::<String>();
    let mut models: BTreeMap<PathBuf, u64> = BTreeMap::new();
    let mut setups = BTreeMap::new();
    for cell in &plan.cells {
        let (data, size) = (&plan.data[cell.data], &plan.sizes[cell.size]);
        let mut hash = Fnv::new();
        hash.add(data.folder.to_string_lossy().as_bytes());
        hash.add(&size.examples.to_le_bytes());
        if plan.methods[cell.method].is_peer {
            hash.add(toml::to_string(&data.set)?.as_bytes());
            hash.add(&peers);
        } else {
            let set = plan.settings(cell);
            hash.add(toml::to_string(&set)?.as_bytes());
            hash.add(&base);
            hash.add(rules.as_bytes());
            let path = |table: &Table| Some(table.get("model")?.get("path")?.as_str()?.to_owned());
            let model = path(&set).or_else(|| path(&usual)).context("the base config names no model")?;
            let file = root.join(model).join("model.safetensors");
            let known = models.get(&file).copied();
            let of_model = known.map_or_else(|| weights(&file), Ok)?;
            models.insert(file, of_model);
            hash.add(&of_model.to_le_bytes());
        }
        setups.insert(cell.group().to_owned(), format!("{:016x}", hash.0));
    }
    Ok(Setups(setups))
}

/// Whether the line of a program says a number that has a name.
fn is_number(line: &&str) -> bool {
    line.starts_with("const ")
}

/// The hash of a model's weights; of one that is elsewhere its name has to do.
fn weights(file: &Path) -> Result<u64> {
    let mut hash = Fnv::new();
    if file.is_file() {
        hash.add(&read(file)?);
    }
    Ok(hash.0)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("failed to read {}", file.display()))
}

/// FNV-1a, which stays the same over versions of Rust.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds `bytes` and how many they are.
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().copied().chain((bytes.len() as u64).to_le_bytes()) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Fnv, RULES, is_number, of};
    use crate::cargo;
    use crate::results::plan::Plan;

    /// The published value of FNV-1a of "a" is what the bytes alone would give.
    #[test]
    fn bytes_are_hashed_as_published() {
        assert_eq!((Fnv::new().0 ^ u64::from(b'a')).wrapping_mul(0x0100_0000_01b3), 0xaf63_dc4c_8601_ec8c);
        let hash = |parts: &[&str]| {
            let mut hash = Fnv::new();
            for part in parts {
                hash.add(part.as_bytes());
            }
            hash.0
        };
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
    }

    #[test]
    fn rules_have_numbers() -> anyhow::Result<()> {
        let text = std::fs::read_to_string(cargo::root().join(RULES))?;
        let numbers: Vec<&str> = text.lines().filter(is_number).collect();
        assert!(numbers.iter().any(|line| line.contains("RATES") && line.ends_with(';')), "{numbers:?}");
        assert_eq!(numbers.len(), text.matches("const ").count(), "a constant is not on a line of its own");
        Ok(())
    }

    #[test]
    fn groups_differ() -> anyhow::Result<()> {
        let root = cargo::root();
        let mut plan = Plan::load(&root)?;
        let before = of(&root, &plan)?;
        let names: BTreeSet<&String> = before.0.values().collect();
        // CRF and spaCy have the same program and the same data.
        let peers = before.0.keys().filter(|group| group.contains(".spacy.")).count();
        assert_eq!(names.len() + peers, before.0.len());
        let Some(paper) = plan.methods.iter_mut().find(|method| method.name == "paper") else {
            anyhow::bail!("no method is called paper");
        };
        paper.set.insert("training".to_owned(), toml::Value::Table(toml::Table::new()));
        let after = of(&root, &plan)?;
        let changed: Vec<&String> = before
            .0
            .iter()
            .filter(|(group, name)| after.0.get(*group) != Some(name))
            .map(|(group, _)| group)
            .collect();
        assert!(!changed.is_empty() && changed.iter().all(|group| group.contains(".paper.")), "{changed:?}");
        Ok(())
    }
}
