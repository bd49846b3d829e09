//! What is compared, as `configs/results` says it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Table;

/// The folder of the files.
const FOLDER: &str = "configs/results";

/// All that is compared.
#[derive(Debug)]
pub(super) struct Plan {
    /// The config that all runs begin with, as a path from the workspace's root.
    pub(super) base: PathBuf,
    /// The method that the others are compared with.
    pub(super) ours: String,
    pub(super) seeds: Vec<u64>,
    /// In the order in which they are run.
    pub(super) sizes: Vec<Size>,
    /// Methods, and behind them the peers.
    pub(super) methods: Vec<Method>,
    pub(super) data: Vec<DataSet>,
    /// In the order in which they are run: a seed of everything before the next one.
    pub(super) cells: Vec<Cell>,
}

/// A number of examples.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Size {
    pub(super) examples: usize,
    #[serde(default)]
    pub(super) set: Table,
}

/// A method of fishdip, or a peer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Method {
    pub(super) name: String,
    /// What the page calls it.
    pub(super) title: String,
    #[serde(default)]
    pub(super) set: Table,
    /// Whether it is the base model as it is, so that it is run beside the first size and compared with all: of the examples it knows how long
    /// they are, by which long texts are cut into windows.
    #[serde(default)]
    pub(super) untrained: bool,
    /// Whether it is a program beside fishdip.
    #[serde(skip)]
    pub(super) is_peer: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DataSet {
    pub(super) name: String,
    /// Within the folder of the data sets.
    pub(super) folder: PathBuf,
    pub(super) scores: Vec<Measure>,
    /// The peers that can do it.
    #[serde(default)]
    pub(super) peers: Vec<String>,
    /// The numbers of examples that it is run on; all of them where this is not said.
    pub(super) sizes: Option<Vec<usize>>,
    pub(super) set: Table,
}

impl DataSet {
    pub(super) fn is_run_on(&self, size: &Size) -> bool {
        self.sizes.as_ref().is_none_or(|sizes| sizes.contains(&size.examples))
    }
}

/// A score of a data set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Measure {
    /// What the page calls it.
    pub(super) title: String,
    /// The keys that lead to it in the score object of a run, with dots.
    pub(super) score: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Methods {
    seeds: Vec<u64>,
    ours: String,
    size: Vec<Size>,
    method: Vec<Method>,
    peer: Vec<Method>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    data: Vec<DataSet>,
}

/// One run: indices of its data set, method and size, and its seed.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) data: usize,
    pub(super) method: usize,
    pub(super) size: usize,
    pub(super) seed: u64,
    /// `DATA.METHOD.EXAMPLES`.
    group: String,
}

impl Cell {
    /// `DATA.METHOD.EXAMPLES.SEED`
    pub(super) fn name(&self) -> String {
        format!("{}.{}", self.group, self.seed)
    }

    /// What cells that differ by their seeds alone have in common: `DATA.METHOD.EXAMPLES`.
    pub(super) fn group(&self) -> &str {
        &self.group
    }
}

impl Plan {
    /// Reads the files under `root`.
    pub(super) fn load(root: &Path) -> Result<Self> {
        let methods: Methods = read(&root.join(FOLDER).join("methods.toml"))?;
        let Data { data } = read(&root.join(FOLDER).join("data.toml"))?;
        Self::new(methods, data)
    }

    fn new(methods: Methods, data: Vec<DataSet>) -> Result<Self> {
        let Methods { seeds, ours, size: sizes, method, peer } = methods;
        let peers = peer.into_iter().map(|peer| Method { is_peer: true, ..peer });
        let methods: Vec<Method> = method.into_iter().chain(peers).collect();
        ensure!(methods.iter().any(|method| method.name == ours), "`ours` names no method: {ours}");
        let mut plan = Self {
            base: Path::new(FOLDER).join("base.toml"),
            ours,
            seeds,
            sizes,
            methods,
            data,
            cells: Vec::new(),
        };
        for set in &plan.data {
            ensure!(!set.scores.is_empty(), "the data set {} has no score", set.name);
            for peer in &set.peers {
                let is_known = plan.methods.iter().any(|method| method.is_peer && method.name == *peer);
                ensure!(is_known, "the data set {} names {peer}, which is no peer", set.name);
            }
            for wanted in set.sizes.iter().flatten() {
                let is_known = plan.sizes.iter().any(|size| size.examples == *wanted);
                ensure!(is_known, "the data set {} names {wanted} examples, which are no size", set.name);
            }
        }
        plan.cells = plan.all();
        let mut names: Vec<String> = plan.cells.iter().map(Cell::name).collect();
        names.sort_unstable();
        let double = names.windows(2).find(|pair| pair[0] == pair[1]);
        ensure!(double.is_none(), "two cells are called {}", double.map_or("", |pair| &pair[0]));
        Ok(plan)
    }

    fn all(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        for &seed in &self.seeds {
            for (s, size) in self.sizes.iter().enumerate() {
                for (d, data) in self.data.iter().enumerate() {
                    for (m, method) in self.methods.iter().enumerate() {
                        if has(data, method, size) && (s == 0 || !method.untrained) {
                            let group = format!("{}.{}.{}", data.name, method.name, size.examples);
                            cells.push(Cell { data: d, method: m, size: s, seed, group });
                        }
                    }
                }
            }
        }
        cells
    }

    /// The sizes from the smallest to the largest.
    pub(super) fn sizes_in_order(&self) -> Vec<&Size> {
        let mut sizes: Vec<&Size> = self.sizes.iter().collect();
        sizes.sort_by_key(|size| size.examples);
        sizes
    }

    /// What runs of `cell` set on top of the base config, in the place of what an earlier table sets.
    pub(super) fn settings(&self, cell: &Cell) -> Table {
        let mut set = Table::new();
        for part in [&self.data[cell.data].set, &self.sizes[cell.size].set, &self.methods[cell.method].set] {
            merge(&mut set, part);
        }
        set
    }
}

/// Whether the method can be run on so many examples of the data set.
pub(super) fn has(data: &DataSet, method: &Method, size: &Size) -> bool {
    let is_able = !method.is_peer || data.peers.contains(&method.name);
    is_able && data.is_run_on(size)
}

/// Puts the values of `over` into `table`.
pub(super) fn merge(table: &mut Table, over: &Table) {
    for (key, value) in over {
        match (table.get_mut(key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => merge(under, over),
            _ => drop(table.insert(key.clone(), value.clone())),
        }
    }
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T> {
    let text = std::fs::read_to_string(file).with_context(|| format!("failed to read {}", file.display()))?;
    toml::from_str(&text).with_context(|| format!("failed to read {}", file.display()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Data, DataSet, Methods, Plan};
    use crate::cargo;

    /// Two methods and a peer on two data sets.
    pub(in crate::results) fn small() -> anyhow::Result<Plan> {
        let methods: Methods = toml::from_str(
            "seeds = [1, 2]\nours = \"ours\"\n\
             [[size]]\nexamples = 140\nset.training.steps = 400\n[[size]]\nexamples = 20\n\
             [[method]]\nname = \"ours\"\ntitle = \"Ours\"\n\
             [[method]]\nname = \"full\"\ntitle = \"full\"\nset.training.steps = 7\n\
             [[peer]]\nname = \"crf\"\ntitle = \"CRF\"\n",
        )?;
        let Data { data } = toml::from_str(
            "[[data]]\nname = \"a\"\nfolder = \"a\"\nscores = [{ title = \"A\", score = \"f1\" }]\npeers = [\"crf\"]\n\
             set.data.train = \"t\"\nset.data.eval = \"e\"\n\
             [[data]]\nname = \"b\"\nfolder = \"b\"\nsizes = [20]\nscores = [{ title = \"B\", score = \"relation.f1\" }]\n\
             set.data.train = \"t\"\n",
        )?;
        Plan::new(methods, data)
    }

    #[test]
    fn cells_are_those_that_can_be_run() -> anyhow::Result<()> {
        let plan = small()?;
        let names: Vec<String> = plan.cells.iter().map(super::Cell::name).collect();
        let first =
            ["a.ours.140.1", "a.full.140.1", "a.crf.140.1", "a.ours.20.1", "a.full.20.1", "a.crf.20.1"];
        assert_eq!(names[..6], first);
        assert_eq!(names[6..8], ["b.ours.20.1", "b.full.20.1"], "no peer, and no 140 examples");
        assert_eq!(names.len(), 16);
        let steps = |cell: usize| plan.settings(&plan.cells[cell])["training"]["steps"].as_integer();
        assert_eq!((steps(0), steps(1)), (Some(400), Some(7)), "a method goes before a size");
        Ok(())
    }

    #[test]
    fn the_untrained_model_is_run_once() -> anyhow::Result<()> {
        let mut plan = small()?;
        plan.methods[1].untrained = true;
        let full = |cell: &super::Cell| Some(cell.name()).filter(|name| name.contains("full"));
        let names: Vec<String> = plan.all().iter().filter_map(full).collect();
        assert_eq!(names, ["a.full.140.1", "a.full.140.2"]);
        Ok(())
    }

    #[test]
    fn what_is_compared_is_what_was_promised() -> anyhow::Result<()> {
        let plan = Plan::load(&cargo::root())?;
        let sizes: Vec<usize> = plan.sizes_in_order().iter().map(|size| size.examples).collect();
        assert_eq!(sizes, [20, 50, 140, 500, 1000]);
        let methods: Vec<&str> = plan.methods.iter().map(|method| method.name.as_str()).collect();
        assert_eq!(
            methods,
            ["untrained", "paper", "ours", "fixed", "lora", "houlsby", "full", "crf", "spacy"]
        );
        // CoNLL04 has no thousand sentences.
        let on_most = |data: &&DataSet| plan.sizes.iter().filter(|size| data.is_run_on(size)).count() >= 4;
        assert!(plan.data.iter().filter(on_most).count() >= 6);
        Ok(())
    }
}
