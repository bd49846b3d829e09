//! `cargo xtask fixtures`: writes the bundled data, the same bytes on every machine.

mod names;
mod random;
mod sentence;
mod templates;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use names::{DEV, Names, TRAIN};
use random::Random;
use templates::{DEV_ONLY, SHARED};

const FOLDER: &str = "fixtures/data/quickstart";
const TRAIN_SENTENCES: usize = 500;
const DEV_SENTENCES: usize = 200;
const SEED: u64 = 20;

const SOURCE: &str = "\
English sentences with people (PER), places (LOC), organisations (ORG) and dates (DATE).
One token and its IOB2 tag a line, a blank line after each sentence.

train.txt: 500 sentences. dev.txt: 200 sentences, with names that train.txt never shows and some frames of its own.

Made by `cargo xtask fixtures` out of sentence frames and name lists written by hand for this project
(xtask/src/fixtures/); nothing is taken from a corpus, and any likeness to real people or firms is chance.
Licence: MIT or Apache-2.0, as the rest of the project.
";

/// A file of the bundled data: its name and its text.
struct File {
    name: &'static str,
    text: String,
}

/// Writes the data under `root`, or with `check` only compares it with what is there.
pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    let folder = root.join(FOLDER);
    let mut stale = Vec::new();
    for File { name, text } in files()? {
        let path = folder.join(name);
        if !check {
            fs::create_dir_all(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
            fs::write(&path, text).with_context(|| format!("failed to write {}", path.display()))?;
            println!("wrote {FOLDER}/{name}");
        } else if fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
            stale.push(format!("{FOLDER}/{name}"));
        }
    }
    if !stale.is_empty() {
        bail!("not as `cargo xtask fixtures` writes it: {}", stale.join(", "));
    }
    if check {
        println!("{FOLDER} is as it is written");
    }
    Ok(())
}

fn files() -> Result<Vec<File>> {
    let shared: Vec<&str> = SHARED.iter().copied().flatten().copied().collect();
    let all: Vec<&str> = shared.iter().chain(DEV_ONLY).copied().collect();
    let mut random = Random::new(SEED);
    let mut seen = BTreeSet::new();
    let train = split(&shared, &TRAIN, TRAIN_SENTENCES, &mut seen, &mut random)?;
    let dev = split(&all, &DEV, DEV_SENTENCES, &mut seen, &mut random)?;
    Ok(vec![
        File { name: "train.txt", text: train },
        File { name: "dev.txt", text: dev },
        File { name: "SOURCE.txt", text: SOURCE.to_owned() },
    ])
}

/// `count` sentences, each new; every frame is used about as often as any other.
fn split(
    frames: &[&str],
    names: &Names,
    count: usize,
    seen: &mut BTreeSet<String>,
    random: &mut Random,
) -> Result<String> {
    let mut text = String::new();
    let mut made = 0;
    let mut order = frames.to_vec();
    while made < count {
        random.shuffle(&mut order);
        for frame in &order {
            let lines = sentence::fill(frame, names, random)?;
            if made < count && seen.insert(lines.clone()) {
                text.push_str(&lines);
                text.push('\n');
                made += 1;
            }
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
