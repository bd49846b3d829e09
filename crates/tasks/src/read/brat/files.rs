//! Texts and the annotation files beside them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, Origin, ReadError, Result};

/// A text, and its annotations if there are any.
pub(super) struct Pair {
    /// Its name, with the folders that it is in.
    pub(super) name: String,
    pub(super) text: PathBuf,
    pub(super) annotations: Option<PathBuf>,
}

/// The pairs at `path`, a folder or a file of one pair, by name.
pub(super) fn pairs(path: &Path) -> Result<Vec<Pair>> {
    if path.is_dir() {
        let mut stems = Vec::new();
        find(path, &mut stems)?;
        stems.sort();
        stems.dedup();
        let name = |stem: &Path| stem.strip_prefix(path).unwrap_or(stem).display().to_string();
        return stems.iter().map(|stem| pair(name(stem), stem)).collect();
    }
    match path.extension().and_then(|end| end.to_str()) {
        Some("ann" | "txt") => {
            let stem = path.with_extension("");
            let name = stem.file_name().unwrap_or_default().display().to_string();
            Ok(vec![pair(name, &stem)?])
        }
        _ => Err(Error::Read(ReadError::Layout {
            at: Origin::new(path, 1),
            expected: "a folder with texts (.txt) and their annotations (.ann), or one of these files",
        })),
    }
}

/// Adds the files of `folder` and of the folders in it, without their endings; links to folders are not
/// followed.
fn find(folder: &Path, stems: &mut Vec<PathBuf>) -> Result<()> {
    let io = |source| Error::Io { file: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        let path = entry.path();
        if entry.file_type().map_err(io)?.is_dir() {
            find(&path, stems)?;
        } else if path.extension().is_some_and(|end| end == "ann" || end == "txt") {
            stems.push(path.with_extension(""));
        }
    }
    Ok(())
}

fn pair(name: String, stem: &Path) -> Result<Pair> {
    // A name may have full stops of its own.
    let with = |end: &str| {
        let mut file = stem.as_os_str().to_owned();
        file.push(end);
        PathBuf::from(file)
    };
    let (text, annotations) = (with(".txt"), with(".ann"));
    match (text.is_file(), annotations.is_file()) {
        (true, found) => Ok(Pair { name, text, annotations: found.then_some(annotations) }),
        (false, true) => Err(Error::Read(ReadError::Layout {
            at: Origin::new(&annotations, 1),
            expected: "the text beside it, in a file of the same name that ends in .txt",
        })),
        (false, false) => {
            let missing = std::io::Error::new(std::io::ErrorKind::NotFound, "it is no file");
            Err(Error::Io { file: text, source: missing })
        }
    }
}
