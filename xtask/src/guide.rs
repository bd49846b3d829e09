//! The tutorial, as its reader types it: the commands of `docs/tutorial.md` that are marked to be run.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::program;

/// Begins a block of commands that are run. The same without the mark is shown alone.
const MARK: &str = "```sh run";

/// The export that the reader is to have.
const EXPORT: &str = "fixtures/data/label-studio/export.json";

/// `cargo xtask` is the built program, and a training is a short one.
const PRELUDE: &str = r#"
cargo() {
  shift
  case "$1" in
    train) "$FISHDIP" "$@" --set training.steps=10 --set evaluation.before=false ;;
    *) "$FISHDIP" "$@" ;;
  esac
}
"#;

/// Runs the commands in a folder with the export and the bundled models, where nothing is compiled any more.
pub(crate) fn run(root: &Path) -> Result<()> {
    let program = program::build(root, "flex", "")?.file;
    let page =
        fs::read_to_string(root.join("docs/tutorial.md")).context("failed to read docs/tutorial.md")?;
    let blocks = blocks(&page);
    ensure!(!blocks.is_empty(), "docs/tutorial.md has no block that begins with {MARK}");
    let folder = tempfile::tempdir().context("failed to make a folder for the tutorial")?;
    fs::copy(root.join(EXPORT), folder.path().join("export.json")).context("failed to copy the export")?;
    link(&root.join("fixtures"), &folder.path().join("fixtures"))?;
    for block in blocks {
        println!("{}", block.trim());
        let mut shell = Command::new("bash");
        shell.current_dir(&folder).args(["-euo", "pipefail", "-c"]).arg(format!("{PRELUDE}{block}"));
        let output = shell.env("FISHDIP", &program).output().context("failed to run bash")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("docs/tutorial.md: `{}` failed: {}", block.trim(), said.trim());
        }
    }
    let predicted = fs::read_to_string(folder.path().join("predicted.json"));
    let predicted = predicted.context("the tutorial has left no predicted.json")?;
    ensure!(predicted.contains("\"predictions\":[{"), "there are no predictions in predicted.json");
    Ok(())
}

/// The commands of each block that is run.
fn blocks(page: &str) -> Vec<&str> {
    let parts = page.split(MARK).skip(1);
    parts.filter_map(|part| part.split_once('\n')?.1.split_once("\n```")).map(|(block, _)| block).collect()
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<()> {
    std::os::unix::fs::symlink(from, to).context("failed to link the fixtures")
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> Result<()> {
    bail!("the tutorial is run where folders can be linked")
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn marked_blocks_are_run() {
        let page = "a\n```sh run\none \\\n  two\n```\nb\n```sh\nthree\n```\n```sh run\nfour\n```\n";
        assert_eq!(blocks(page), ["one \\\n  two", "four"]);
    }
}
