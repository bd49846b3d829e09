//! Folders that the program itself writes. They lie beside data and are none, whatever their files look like.

use std::path::Path;

/// Files by which such a folder is known, all of them in it.
const WRITTEN: [&[&str]; 3] = [
    // What `predict` writes for brat.
    &["fields.jsonl"],
    // A run.
    &["config.toml", "events.jsonl"],
    // An adapter.
    &["adapter_config.json"],
];

/// Whether the program has written the folder `path`: predictions, a run or an adapter.
pub fn is_own_output(path: &Path) -> bool {
    WRITTEN.iter().any(|files| files.iter().all(|file| path.join(file).is_file()))
}
