//! One cell: a cell of a study that is written for it, or a peer's program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;
use toml::{Table, Value};

use super::cells::Finished;
use super::plan::{Cell, Measure, Plan, merge};
use super::whole_file::put;
use super::{Options, taggers};
use crate::program::{self, Program};

/// Where studies and run folders lie; none is needed once its cells are in the list of the finished.
const FOLDER: &str = "runs/results";

/// Exit codes of a run that was stopped and can go on: by `timeout`, and by itself on a signal.
const STOPPED: [i32; 2] = [124, 3];
/// That of one that `timeout` had to kill, or that was killed for want of memory.
const KILLED: i32 = 137;

/// How a cell ended.
pub(super) enum Ended {
    Done(Finished),
    /// It goes on the next time.
    Stopped,
    /// Why.
    Failed(String),
}

/// What cells are run with.
pub(super) struct Runs<'a> {
    pub(super) root: &'a Path,
    pub(super) plan: &'a Plan,
    /// The folder of the data sets.
    pub(super) data: &'a Path,
    pub(super) options: &'a Options,
    /// Built where a cell needs it.
    pub(super) fishdip: Option<Program>,
    /// That of the peers, installed where a cell needs it.
    pub(super) python: Option<PathBuf>,
}

impl<'a> Runs<'a> {
    /// Builds and installs what `cells` need.
    pub(super) fn prepare(
        root: &'a Path,
        plan: &'a Plan,
        data: &'a Path,
        options: &'a Options,
        cells: &[&Cell],
    ) -> Result<Self> {
        let is_peer = |cell: &&Cell| plan.methods[cell.method].is_peer;
        let mut runs = Self { root, plan, data, options, fishdip: None, python: None };
        if !cells.iter().all(is_peer) {
            runs.fishdip = Some(program::build(root, &options.backend.name, "")?);
        }
        if cells.iter().any(is_peer) {
            runs.python = Some(taggers(root, options.python.as_deref())?);
        }
        Ok(runs)
    }

    /// Runs `cell`, or goes on with it, until `end` at most.
    pub(super) fn run(&self, cell: &Cell, setup: &str, end: Option<Instant>) -> Result<Ended> {
        let data = &self.plan.data[cell.data];
        let folder = self.data.join(&data.folder);
        if !folder.is_dir() {
            return Ok(Ended::Failed(format!("there is no folder {}", folder.display())));
        }
        if self.plan.methods[cell.method].is_peer {
            self.peer(cell, setup, &folder)
        } else {
            self.own(cell, setup, &folder, end)
        }
    }

    fn own(&self, cell: &Cell, setup: &str, data: &Path, end: Option<Instant>) -> Result<Ended> {
        let Some(program) = &self.fishdip else { bail!("fishdip was not built") };
        let out = Path::new(FOLDER).join(format!("{}-{setup}", cell.group()));
        let (study, name) =
            (out.with_added_extension("toml"), format!("{},seed={}", cell.group(), cell.seed));
        fs::create_dir_all(self.root.join(FOLDER)).with_context(|| format!("failed to make {FOLDER}"))?;
        // The cells of all seeds write the same one, while others read it.
        put(&self.root.join(&study), &toml::to_string(&self.study(cell, data))?)?;
        let mut command = within(&program.file, end);
        command.arg("study").arg("--config").arg(&study).arg("--out").arg(&out);
        command.args(["--cell", &name, "--backend", &self.options.backend.name]);
        program.environment.apply(&mut command);
        self.share_threads(&mut command);
        let status = command.current_dir(self.root).stdout(Stdio::null()).status();
        let status = status.context("failed to run fishdip")?;
        let is_over = end.is_some_and(|end| Instant::now() >= end);
        if status.code().is_some_and(|code| STOPPED.contains(&code) || (code == KILLED && is_over)) {
            return Ok(Ended::Stopped);
        }
        if !status.success() {
            return Ok(Ended::Failed(format!("fishdip ended with {status}")));
        }
        let result = self.root.join(&out).join(&name).join("result.json");
        let text = fs::read(&result).with_context(|| format!("failed to read {}", result.display()))?;
        let result: Json = serde_json::from_slice(&text).context("the result of a run is no JSON")?;
        let seconds = result["seconds"].as_f64().context("the result of a run has no seconds")?;
        let scores = scores(&result["after"], &self.plan.data[cell.data].scores)?;
        Ok(Ended::Done(self.finished(setup, &scores, seconds)))
    }

    /// The study of the group of `cell`: all its seeds, so that its table tells of them.
    fn study(&self, cell: &Cell, data: &Path) -> Table {
        let text = |text: &str| Value::String(text.to_owned());
        let number = |number: u64| Value::Integer(number.try_into().unwrap_or(i64::MAX));
        let mut set = self.plan.settings(cell);
        let examples = self.plan.sizes[cell.size].examples as u64;
        let own: Table = [
            ("dir".to_owned(), text(&data.display().to_string())),
            ("train_examples".to_owned(), number(examples)),
        ]
        .into_iter()
        .collect();
        merge(&mut set, &[("data".to_owned(), Value::Table(own))].into_iter().collect());
        let preset = [("name".to_owned(), text(cell.group())), ("set".to_owned(), Value::Table(set))];
        let axis = [
            ("name".to_owned(), text("group")),
            ("preset".to_owned(), Value::Array(vec![Value::Table(preset.into_iter().collect())])),
        ];
        let seeds = self.plan.seeds.iter().map(|&seed| number(seed)).collect();
        [
            ("base".to_owned(), text(&self.plan.base.display().to_string())),
            ("seeds".to_owned(), Value::Array(seeds)),
            ("axis".to_owned(), Value::Array(vec![Value::Table(axis.into_iter().collect())])),
        ]
        .into_iter()
        .collect()
    }

    fn peer(&self, cell: &Cell, setup: &str, folder: &Path) -> Result<Ended> {
        let Some(python) = &self.python else { bail!("no Python was installed") };
        let data = &self.plan.data[cell.data];
        let file = |key: &str| {
            let name = data.set.get("data").and_then(|set| set.get(key)).and_then(Value::as_str);
            let name = name.with_context(|| format!("the data set {} names no file `{key}`", data.name))?;
            Ok::<_, anyhow::Error>(folder.join(name))
        };
        let mut command = Command::new(python);
        command.arg(self.root.join("xtask/peers/tag.py")).arg(&self.plan.methods[cell.method].name);
        command.args([file("train")?, file("eval")?]);
        let examples = self.plan.sizes[cell.size].examples;
        command.arg(format!("examples={examples}")).arg(format!("seed={}", cell.seed));
        self.share_threads(&mut command);
        let output = command.stderr(Stdio::inherit()).output().context("failed to run the peer")?;
        if !output.status.success() {
            return Ok(Ended::Failed(format!("the peer ended with {}", output.status)));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let told: Json = serde_json::from_str(text.lines().last().unwrap_or_default())
            .with_context(|| format!("the peer printed no measurement: {text}"))?;
        let seconds = told["seconds"][0].as_f64().context("the peer told no seconds")?;
        let of_peer = data.scores.get(..1).unwrap_or_default();
        let scores = scores(&told["score"], of_peer)?;
        Ok(Ended::Done(Finished { backend: "Python".to_owned(), ..self.finished(setup, &scores, seconds) }))
    }

    fn finished(&self, setup: &str, scores: &[(String, f64)], seconds: f64) -> Finished {
        let rounded = |value: f64, parts: f64| (value * parts).round() / parts;
        Finished {
            setup: setup.to_owned(),
            scores: scores.iter().map(|(name, score)| (name.clone(), rounded(*score, 1e6))).collect(),
            seconds: rounded(seconds, 1e1),
            backend: self.options.backend.name.clone(),
            threads: self.threads(),
        }
    }

    /// Threads of a run.
    fn threads(&self) -> usize {
        let all = std::thread::available_parallelism().map_or(1, usize::from);
        (all / self.options.jobs).max(1)
    }

    /// Has `command` compute with its share of the threads: ours by the first variable, the libraries of Python by the second.
    fn share_threads(&self, command: &mut Command) {
        if self.options.jobs.get() > 1 {
            let threads = self.threads().to_string();
            command.env("RAYON_NUM_THREADS", &threads).env("OMP_NUM_THREADS", &threads);
        }
    }
}

/// The `program`, which is asked to stop at `end`, a second from now or later: it keeps what it has. Without the program `timeout` it is not asked.
fn within(program: &Path, end: Option<Instant>) -> Command {
    let has_timeout =
        || Command::new("timeout").arg("--version").output().is_ok_and(|out| out.status.success());
    match end {
        Some(end) if has_timeout() => {
            let seconds = end.saturating_duration_since(Instant::now()).as_secs().max(1);
            let mut command = Command::new("timeout");
            // In the foreground, so that Ctrl-C reaches it.
            command.args(["--foreground", "--kill-after=60", &seconds.to_string()]).arg(program);
            command
        }
        _ => Command::new(program),
    }
}

/// The `measures` of a score object, by the keys that lead to each.
fn scores(object: &Json, measures: &[Measure]) -> Result<Vec<(String, f64)>> {
    let score = |measure: &Measure| {
        let value = measure.score.split('.').fold(object, |value, key| &value[key]).as_f64();
        let value = value.with_context(|| format!("a run has no score `{}`: {object}", measure.score))?;
        Ok((measure.score.clone(), value))
    };
    measures.iter().map(score).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser as _;
    use serde_json::json;

    use super::super::plan::tests::small;
    use super::{Runs, scores};
    use crate::results::Options;

    #[derive(clap::Parser)]
    struct Results {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn a_cell_is_a_cell_of_a_study() -> anyhow::Result<()> {
        let plan = small()?;
        let options = Results::try_parse_from(["results", "--minutes", "3"])?.options;
        let (root, data) = (Path::new("."), Path::new("/data"));
        let runs = Runs { root, plan: &plan, data, options: &options, fishdip: None, python: None };
        let study = runs.study(&plan.cells[1], &data.join("a"));
        let expected: toml::Table = toml::from_str(
            "base = \"configs/results/base.toml\"\nseeds = [1, 2]\n[[axis]]\nname = \"group\"\n\
             [[axis.preset]]\nname = \"a.full.140\"\n[axis.preset.set.training]\nsteps = 7\n\
             [axis.preset.set.data]\ntrain = \"t\"\neval = \"e\"\ndir = \"/data/a\"\ntrain_examples = 140\n",
        )?;
        assert_eq!(study, expected);
        Ok(())
    }

    #[test]
    fn scores_are_found_by_their_keys() -> anyhow::Result<()> {
        let plan = small()?;
        let after = json!({"f1": 0.5, "relation": {"f1": 0.25}});
        assert_eq!(scores(&after, &plan.data[1].scores)?, [("relation.f1".to_owned(), 0.25)]);
        let error = scores(&json!({"accuracy": 1.0}), &plan.data[0].scores).err().map(|e| e.to_string());
        assert!(error.is_some_and(|error| error.contains("`f1`")));
        Ok(())
    }

    #[test]
    fn options_are_read() {
        for wrong in ["--minutes 0", "--list --page", "--only", "x"] {
            let words = ["results"].into_iter().chain(wrong.split_whitespace());
            assert!(Results::try_parse_from(words).is_err(), "{wrong}");
        }
    }
}
