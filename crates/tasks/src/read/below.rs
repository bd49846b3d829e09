//! Where data may lie if a folder holds none itself.

use std::path::{Path, PathBuf};

use super::is_own_output;

/// How many levels down is looked, and into how many folders.
const DEEPEST: usize = 3;
const MOST: usize = 1000;

/// How many folders are named.
const SHOWN: usize = 6;

/// Beginnings of names of files about the data, in capitals.
const ABOUT: [&str; 5] = ["SOURCE", "README", "LICENSE", "LICENCE", "."];

/// Whether a file or folder of this name is about the data, or hidden.
pub(super) fn is_about(name: &Path) -> bool {
    let capitals = name.to_string_lossy().to_uppercase();
    ABOUT.iter().any(|start| capitals.starts_with(start))
}

/// What to do where `folder` holds no data file, as the end of a message: the nearest folders below it that hold files
/// which may be data, and nothing where there is none.
pub fn data_below(folder: &Path) -> String {
    let found = folders(folder);
    if found.is_empty() {
        return String::new();
    }
    let names: Vec<String> = found.iter().take(SHOWN).map(|name| name.display().to_string()).collect();
    let more = if found.len() > SHOWN { format!(" and {} more", found.len() - SHOWN) } else { String::new() };
    let those = if found.len() == 1 { "give that folder" } else { "give one of these folders" };
    format!(" itself, but there are files in {}{more}; {those}", names.join(", "))
}

/// The folders below `folder` that hold files and of which none above does, by name, relative to it.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut looked) = (Vec::new(), 0);
    let mut level = vec![PathBuf::new()];
    for _ in 0..=DEEPEST {
        let mut next = Vec::new();
        for inside in level {
            looked += 1;
            if looked > MOST {
                break;
            }
            // What cannot be looked into is not proposed.
            let Ok(entries) = std::fs::read_dir(folder.join(&inside)) else { continue };
            let (mut below, mut has_files) = (Vec::new(), false);
            for entry in entries.flatten() {
                let name = entry.file_name();
                let path = inside.join(&name);
                // Links may lead in a circle, and are not followed.
                match entry.file_type() {
                    _ if is_about(Path::new(&name)) => {}
                    Ok(kind) if kind.is_file() => has_files = true,
                    Ok(kind) if kind.is_dir() && !is_own_output(&folder.join(&path)) => below.push(path),
                    _ => {}
                }
            }
            if has_files && !inside.as_os_str().is_empty() {
                found.push(inside);
            } else {
                next.extend(below);
            }
        }
        level = next;
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_nearest_folders_with_files_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        };
        for name in ["README.md", ".git/config", "run/config.toml", "run/events.jsonl", "a/b/c/d/deep.txt"] {
            write(name);
        }
        assert_eq!(data_below(folder.path()), "");
        write("coref/conll/1.conll");
        assert_eq!(
            data_below(folder.path()),
            " itself, but there are files in coref/conll; give that folder"
        );
        for name in ["coref/README.md", "entities/brat/1.ann", "entities/brat/more/2.ann"] {
            write(name);
        }
        assert_eq!(
            data_below(folder.path()),
            " itself, but there are files in coref/conll, entities/brat; give one of these folders"
        );
    }
}
