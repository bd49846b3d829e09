//! What several of the tests use.

pub(crate) mod examples;
pub(crate) mod facts;
pub(crate) mod vocabularies;

use std::path::PathBuf;

/// The folder of real corpora, if there is one.
pub(crate) fn corpora() -> Option<PathBuf> {
    let folder = std::env::var_os("FISHDIP_DATA");
    if folder.is_none() {
        eprintln!("skipped: FISHDIP_DATA does not name a folder of corpora");
    }
    folder.map(PathBuf::from)
}
