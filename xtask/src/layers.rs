//! `cargo xtask layers`: what a crate may depend on, so that the house stays as it was drawn. Clippy sees what it does (`clippy.toml`).

#[cfg(test)]
mod example;
mod files;
mod graph;
mod library;
mod manifest;
mod modules;
mod prose;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cargo;
use modules::Modules;

/// A crate and what it stands on.
struct Layer {
    /// The package.
    package: &'static str,
    /// Its folder.
    folder: &'static str,
    /// The crates of this workspace that it may depend on.
    stands_on: &'static [&'static str],
    /// May burn be anywhere below it?
    burn: bool,
    /// A library never prints, reads the environment, exits or picks a device.
    library: bool,
}

const LAYERS: &[Layer] = &[
    Layer { package: "fishdip-tasks", folder: "crates/tasks", stands_on: &[], burn: false, library: true },
    Layer { package: "fishdip-kernels", folder: "crates/kernels", stands_on: &[], burn: true, library: true },
    Layer {
        package: "fishdip-peft",
        folder: "crates/peft",
        stands_on: &["fishdip-kernels"],
        burn: true,
        library: true,
    },
    Layer {
        package: "fishdip-t5",
        folder: "crates/t5",
        stands_on: &["fishdip-peft"],
        burn: true,
        library: true,
    },
    Layer { package: "fishdip-active", folder: "crates/active", stands_on: &[], burn: false, library: true },
    Layer { package: "fishdip-report", folder: "crates/report", stands_on: &[], burn: false, library: true },
    Layer {
        package: "fishdip-train",
        folder: "crates/train",
        stands_on: &[
            "fishdip-tasks",
            "fishdip-kernels",
            "fishdip-peft",
            "fishdip-t5",
            "fishdip-active",
            "fishdip-report",
        ],
        burn: true,
        library: true,
    },
    Layer {
        package: "fishdip",
        folder: "crates/cli",
        stands_on: &["fishdip-train"],
        burn: true,
        library: false,
    },
    Layer {
        package: "fishdip-bench",
        folder: "crates/bench",
        stands_on: &[
            "fishdip",
            "fishdip-train",
            "fishdip-t5",
            "fishdip-peft",
            "fishdip-tasks",
            "fishdip-active",
        ],
        burn: true,
        library: false,
    },
    Layer { package: "xtask", folder: "xtask", stands_on: &[], burn: false, library: false },
];

pub(crate) fn run(root: &Path) -> Result<()> {
    let graph = cargo::graph(root)?;
    let mut broken = graph::check(&graph);
    let manifest = root.join("Cargo.toml");
    let manifest =
        fs::read_to_string(&manifest).with_context(|| format!("failed to read {}", manifest.display()))?;
    broken.extend(manifest::check(&manifest, &graph));
    let mut count = 0;
    let mut crates: BTreeMap<&str, Modules> = BTreeMap::new();
    for path in files_of(root, &["crates", "xtask"], "rs")? {
        let text = fs::read_to_string(root.join(&path)).with_context(|| format!("failed to read {path}"))?;
        broken.extend(files::check(&path, &text));
        broken.extend(library::check(&path, &text));
        let below = |folder| path.strip_prefix(folder)?.strip_prefix("/src/");
        if let Some((folder, file)) =
            LAYERS.iter().find_map(|layer| Some((layer.folder, below(layer.folder)?)))
        {
            crates.entry(folder).or_default().add(file, &text)?;
        }
        count += 1;
    }
    for path in files_of(root, &["", "crates", "docs"], "md")? {
        let text = fs::read_to_string(root.join(&path)).with_context(|| format!("failed to read {path}"))?;
        broken.extend(prose::check(&path, &text));
    }
    for (folder, modules) in crates {
        let told = |circle| format!("{folder}: modules that need each other in {circle}");
        broken.extend(modules.circles().into_iter().map(told));
    }
    if broken.is_empty() {
        println!("layers hold: {} crates, {count} files, no circles of modules", LAYERS.len());
        return Ok(());
    }
    for rule in &broken {
        eprintln!("{rule}");
    }
    bail!("{} broken rules", broken.len())
}

/// Every file below `folders` that ends with `extension`: path from the root, `/` between its parts, in order. Of the root itself, called
/// `""`, only the files right in it.
fn files_of(root: &Path, folders: &[&str], extension: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("failed to list {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                let built = path.file_name().is_some_and(|name| name == "target");
                folders.extend((!built && folder != root.join("")).then_some(path));
            } else if path.extension().is_some_and(|found| found == extension) {
                let parts = path.strip_prefix(root)?.iter().map(|part| part.to_string_lossy());
                found.push(parts.collect::<Vec<_>>().join("/"));
            }
        }
    }
    found.sort();
    Ok(found)
}
