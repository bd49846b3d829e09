//! What the cells have come to: one line a cell, in a file that is kept with the page.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::plan::{Cell, Plan};
use super::setup::Setups;
use super::whole_file::put;

/// What one run came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Finished {
    /// What it depends on beside its seed.
    pub(super) setup: String,
    /// From 0 to 1, by the keys that lead to each in a score object.
    pub(super) scores: BTreeMap<String, f64>,
    /// Training and scoring.
    pub(super) seconds: f64,
    /// Where it was computed.
    pub(super) backend: String,
    /// Threads that the run had.
    pub(super) threads: usize,
}

/// The cells of the file, by name.
#[derive(Debug, Default)]
pub(super) struct Cells(BTreeMap<String, Finished>);

impl Cells {
    /// Reads the `file`; none are there where it is absent.
    pub(super) fn load(file: &Path) -> Result<Self> {
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error).with_context(|| format!("failed to read {}", file.display())),
        };
        let cells = serde_json::from_str(&text);
        Ok(Self(cells.with_context(|| format!("failed to read {}", file.display()))?))
    }

    /// Writes the `file`, which is whole at any time. A line a cell, so that what two machines have measured can be merged.
    fn save(&self, file: &Path) -> Result<()> {
        let lines = self.0.iter().map(|(name, cell)| {
            Ok(format!("{}: {}", serde_json::to_string(name)?, serde_json::to_string(cell)?))
        });
        let lines = lines.collect::<Result<Vec<_>>>()?;
        let text = format!("{{\n{}\n}}\n", lines.join(",\n"));
        let folder = file.parent().context("the file of the cells has no folder")?;
        fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
        put(file, &text)
    }

    /// Adds a cell to those of the `file`, which others may have written since these were read.
    pub(super) fn add(&mut self, file: &Path, name: String, cell: Finished) -> Result<()> {
        *self = Self::load(file)?;
        self.0.insert(name, cell);
        self.save(file)
    }

    /// Whether it was run with the setting that it has now.
    pub(super) fn is_done(&self, cell: &Cell, setups: &Setups) -> bool {
        self.0.get(&cell.name()).is_some_and(|done| done.setup == setups.of(cell))
    }

    /// How far it has come, in words.
    pub(super) fn state(&self, cell: &Cell, setups: &Setups) -> String {
        match self.0.get(&cell.name()) {
            Some(done) if done.setup == setups.of(cell) => {
                let scores = done.scores.iter().map(|(name, score)| format!("{name} {score:.3}"));
                let scores = scores.collect::<Vec<_>>().join(", ");
                format!("done     {scores}, {:.1} minutes", done.seconds / 60.0)
            }
            Some(_) => "outdated".to_owned(),
            None => "absent".to_owned(),
        }
    }

    /// Those of `plan` that are done.
    pub(super) fn present<'a>(&'a self, plan: &'a Plan, setups: &Setups) -> Vec<(&'a Cell, &'a Finished)> {
        let done = plan.cells.iter().filter(|cell| self.is_done(cell, setups));
        done.filter_map(|cell| Some((cell, self.0.get(&cell.name())?))).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::plan::tests::small;
    use super::super::setup::Setups;
    use super::{Cells, Finished};

    /// A run with this F1.
    pub(in crate::results) fn finished(score: f64) -> Finished {
        Finished {
            setup: String::new(),
            scores: [("f1".to_owned(), score)].into(),
            seconds: 60.0,
            backend: "flex".to_owned(),
            threads: 2,
        }
    }

    #[test]
    fn cells_are_kept_and_know_their_setting() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("docs/cells.json");
        let mut cells = Cells::load(&file)?;
        let plan = small()?;
        let finished = |setup: &str| Finished { setup: setup.to_owned(), seconds: 90.0, ..finished(0.54) };
        cells.add(&file, plan.cells[0].name(), finished("now"))?;
        // What another machine has measured comes in between.
        Cells::default().add(&file, plan.cells[1].name(), finished("then"))?;
        cells.add(&file, plan.cells[0].name(), finished("now"))?;
        let read = Cells::load(&file)?;
        assert_eq!((read.0.len(), &read.0), (2, &cells.0));
        assert_eq!(std::fs::read_to_string(&file)?.lines().count(), 4, "a line a cell");
        let setups = Setups::same(&plan, "now");
        let states: Vec<String> = plan.cells[..3].iter().map(|cell| read.state(cell, &setups)).collect();
        assert_eq!(states, ["done     f1 0.540, 1.5 minutes", "outdated", "absent"]);
        assert_eq!(read.present(&plan, &setups).len(), 1);
        std::fs::write(&file, "{\"a\": 3}")?;
        assert!(Cells::load(&file).is_err());
        Ok(())
    }
}
