//! Workspaces for tests.

use cargo_metadata::Metadata;
use serde_json::{Value, json};

/// What cargo tells of `crates` (name, and what it depends on), of which some are `members`; `~` marks a dev-dependency.
pub(super) fn workspace(crates: &[(&str, &[&str])], members: &[&str]) -> serde_json::Result<Metadata> {
    let on = |word: &str| {
        let name = word.trim_start_matches('~');
        (name.to_owned(), if name == word { Value::Null } else { json!("dev") })
    };
    let package = |(name, words): &(&str, &[&str])| {
        let dependency = |word: &&str| {
            let (name, kind) = on(word);
            json!({"name": name, "kind": kind, "req": "*", "optional": false, "uses_default_features": true, "features": []})
        };
        let dependencies: Vec<Value> = words.iter().map(dependency).collect();
        json!({
            "id": name, "name": name, "version": "1.0.0", "manifest_path": "Cargo.toml",
            "dependencies": dependencies, "targets": [], "features": {},
        })
    };
    let node = |(name, words): &(&str, &[&str])| {
        let dependency = |word: &&str| {
            let (name, kind) = on(word);
            json!({"name": name, "pkg": name, "dep_kinds": [{"kind": kind}]})
        };
        json!({"id": name, "dependencies": [], "deps": words.iter().map(dependency).collect::<Vec<_>>()})
    };
    serde_json::from_value(json!({
        "version": 1, "workspace_root": "/w", "target_directory": "/w/target",
        "packages": crates.iter().map(package).collect::<Vec<_>>(),
        "workspace_members": members,
        "resolve": {"nodes": crates.iter().map(node).collect::<Vec<_>>()},
    }))
}
