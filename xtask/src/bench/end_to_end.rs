//! From a folder of 140 sentences to an adapter with scores: wall time of whole processes and F1, beside the original's PyTorch program and beside
//! spaCy.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::peer::{self, Packages};
use super::programs::Programs;
use super::table::Row;
use super::{Options, Score, backends, measure, median};

/// Sentences to train on.
const TRAINED: usize = 140;

/// Sentences to score.
const SCORED: usize = 500;

const CONFIG: &str = "configs/conll03-1pct.toml";
const MODEL: &str = "fixtures/models/t5-mini";

/// The labels of CoNLL-2003 with the names that the config has for them.
const NAMES: [&str; 4] = ["LOC=location", "MISC=miscellaneous", "ORG=organization", "PER=person"];

/// Wall seconds and F1 of one round.
#[derive(Clone, Copy, Debug)]
struct Round {
    seconds: f64,
    f1: f64,
}

/// The part of fishdip's report that counts.
#[derive(Debug, Deserialize)]
struct Trained {
    after: Score,
}

pub(super) fn rows(root: &Path, options: &Options) -> Result<Vec<Row>> {
    let data = std::env::var_os("FISHDIP_DATA").map(|data| Path::new(&data).join("conll2003"));
    let data =
        data.filter(|data| data.is_dir()).context("FISHDIP_DATA names no folder that holds conll2003")?;
    let programs = Programs::new(root, options)?;
    let taggers = peer::python(root, None, Packages::Taggers)?;
    let work = backends::cache()?.join("bench-end-to-end");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("failed to remove {}", work.display()))?;
    }
    fs::create_dir_all(&work).with_context(|| format!("failed to make {}", work.display()))?;
    let train = part(&data.join("eng.train"), &work.join("train.txt"), TRAINED)?;
    let eval = part(&data.join("eng.testb"), &work.join("eval.txt"), SCORED)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut rounds: [Vec<Round>; 3] = Default::default();
    for seed in 1..=options.rounds {
        rounds[0].push(own(root, &programs, &work, seed)?);
        let mut original =
            programs.script("end_to_end.py", &[root.join(MODEL).as_ref(), train.as_ref(), eval.as_ref()]);
        original.args([format!("seed={seed}"), format!("threads={threads}")]).args(NAMES);
        rounds[1].push(timed(&mut original)?);
        let mut spacy = Command::new(&taggers);
        spacy.arg(root.join("xtask/peers/tag.py")).arg("spacy").args([&train, &eval]);
        spacy.args([format!("examples={TRAINED}"), format!("seed={seed}")]);
        rounds[2].push(timed(&mut spacy)?);
    }
    let of =
        |value: fn(&Round) -> f64| rounds.each_ref().map(|runs| median(runs.iter().map(value).collect()));
    let ([ours, original, spacy], errors) = (of(|round| round.seconds), of(|round| 1.0 - round.f1));
    Ok(vec![
        Row::new("end-to-end".into(), "s", ours, (original, "original"), 0.35),
        Row::new("end-to-end.1-f1".into(), "", errors[0], (errors[1], "original"), 1.0),
        Row::new("end-to-end.spacy".into(), "s", ours, (spacy, "spaCy from scratch"), 1.0),
        Row::new("end-to-end.1-f1.spacy".into(), "", errors[0], (errors[2], "spaCy from scratch"), 1.0),
    ])
}

/// Trains with the config of these sentences, in the folder `work`.
fn own(root: &Path, programs: &Programs, work: &Path, seed: u64) -> Result<Round> {
    let run = work.join(format!("run-{seed}"));
    let mut command =
        programs.fishdip(&["train".as_ref(), "--json".as_ref(), "--config".as_ref(), CONFIG.as_ref()]);
    command.arg("--run").arg(&run);
    let settings = [
        format!("data.dir={}", work.display()),
        "data.train=train.txt".to_owned(),
        "data.eval=eval.txt".to_owned(),
        "data.train_examples=0".to_owned(),
        "evaluation.before=false".to_owned(),
        format!("training.seed={seed}"),
    ];
    for setting in settings {
        command.args(["--set", &setting]);
    }
    let start = Instant::now();
    let output =
        command.current_dir(root).stderr(Stdio::inherit()).output().context("failed to run fishdip")?;
    let seconds = start.elapsed().as_secs_f64();
    ensure!(output.status.success(), "fishdip ended with {}", output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    let trained: Trained = serde_json::from_str(text.lines().last().unwrap_or_default())
        .with_context(|| format!("fishdip printed no report: {text}"))?;
    Ok(Round { seconds, f1: trained.after.f1 })
}

/// Runs a peer from the start of its process to the end.
fn timed(command: &mut Command) -> Result<Round> {
    let start = Instant::now();
    let measured = measure(command)?;
    Ok(Round { seconds: start.elapsed().as_secs_f64(), f1: measured.score.f1 })
}

/// Writes `count` sentences of the column file `from`, as far apart as they can be, into the file `to`.
fn part(from: &Path, to: &Path, count: usize) -> Result<PathBuf> {
    let text = fs::read_to_string(from).with_context(|| format!("failed to read {}", from.display()))?;
    let sentences: Vec<&str> = sentences(&text);
    ensure!(sentences.len() >= count, "{} holds {} sentences, not {count}", from.display(), sentences.len());
    let apart = sentences.len() / count;
    let chosen: Vec<&str> = sentences.iter().step_by(apart).take(count).copied().collect();
    fs::write(to, format!("{}\n", chosen.join("\n\n")))
        .with_context(|| format!("failed to write {}", to.display()))?;
    Ok(to.to_owned())
}

/// The sentences of a column file, lines between them left out.
fn sentences(text: &str) -> Vec<&str> {
    let blocks = text.split("\n\n").map(str::trim);
    blocks.filter(|block| !block.is_empty() && !block.starts_with("-DOCSTART-")).collect()
}

#[cfg(test)]
mod tests {
    use super::{CONFIG, MODEL, NAMES, part, sentences};
    use crate::cargo;

    #[test]
    fn sentences_are_parted_and_spread() -> anyhow::Result<()> {
        let text = "-DOCSTART- -X- O O\n\na O\nb B-X\n\nc O\n\n\nd O\n\ne O\n";
        assert_eq!(sentences(text), ["a O\nb B-X", "c O", "d O", "e O"]);
        let folder = tempfile::tempdir()?;
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        std::fs::write(&from, text)?;
        assert_eq!(std::fs::read_to_string(part(&from, &to, 2)?)?, "a O\nb B-X\n\nd O\n");
        assert!(part(&from, &to, 5).is_err());
        Ok(())
    }

    #[test]
    fn the_peer_has_the_model_and_the_names_of_the_config() -> anyhow::Result<()> {
        let text = std::fs::read_to_string(cargo::root().join(CONFIG))?;
        let config: toml::Table = toml::from_str(&text)?;
        assert_eq!(config["model"]["path"].as_str(), Some(MODEL));
        let names = config["task"]["entities"].as_table().map(|names| {
            names
                .iter()
                .map(|(label, name)| format!("{label}={}", name.as_str().unwrap_or_default()))
                .collect()
        });
        assert_eq!(names, Some(NAMES.map(str::to_owned).to_vec()));
        Ok(())
    }
}
