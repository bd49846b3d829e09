//! Which commit the program is built from, for `fishdip --version`. Outside of its own git repository, as in what a
//! registry or an archive holds, there is none to tell.

#![allow(clippy::print_stdout, reason = "this is how a build script talks to cargo")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    // Cargo looks at these files alone, so that a change of another one is no reason to build anew. A commit is one, since it is what is told.
    println!("cargo::rerun-if-changed=build.rs");
    let Some(folder) = std::env::var_os("CARGO_MANIFEST_DIR") else { return };
    let workspace = Path::new(&folder).join("../..");
    let Some(commit) = commit(&workspace) else { return };
    println!("cargo::rustc-env=FISHDIP_COMMIT={commit}");
    for file in moving(&workspace) {
        println!("cargo::rerun-if-changed={}", file.display());
    }
}

/// The commit that is checked out, if `workspace` is the root of a repository and no folder in that of something else.
fn commit(workspace: &Path) -> Option<String> {
    let root = PathBuf::from(git(workspace, &["rev-parse", "--show-toplevel"])?);
    if root.canonicalize().ok()? != workspace.canonicalize().ok()? {
        return None;
    }
    git(workspace, &["rev-parse", "--short=12", "HEAD"])
}

/// The files that change when another commit is checked out or made. Cargo would take one that is not there for changed.
fn moving(workspace: &Path) -> Vec<PathBuf> {
    let place = |name: &str| Some(workspace.join(git(workspace, &["rev-parse", "--git-path", name])?));
    let branch = git(workspace, &["symbolic-ref", "--quiet", "HEAD"]);
    let of_branch = branch.and_then(|branch| place(&branch)).filter(|file| file.exists());
    // What git has packed stands in one file.
    let of_branch = of_branch.or_else(|| place("packed-refs"));
    place("HEAD").into_iter().chain(of_branch).filter(|file| file.exists()).collect()
}

/// The first line that git answers; nothing where it is not installed, or has no answer.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().next().filter(|line| output.status.success() && !line.is_empty())?;
    Some(line.to_owned())
}
