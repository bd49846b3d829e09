//! Every dependency has one owner and one reason, and is used.

use serde_json::Value;

use super::LAYERS;
use crate::cargo::{list, text};

const TABLE: &str = "[workspace.dependencies]";

/// An entry of the table: its line, its name and the comment line right above it.
struct Entry<'a> {
    line: usize,
    name: &'a str,
    above: Option<&'a str>,
}

/// Broken rules of the root manifest, as `Cargo.toml:line: rule`.
pub(super) fn check(manifest: &str, workspace: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    for Entry { line, name, above } in entries(manifest) {
        let mut say = |rule: &str| broken.push(format!("Cargo.toml:{line}: `{name}` {rule}"));
        let users: Vec<&Value> =
            list(workspace, "packages").iter().filter(|user| uses(user, name, true)).collect();
        if users.is_empty() {
            say("is used by no crate; remove it");
        }
        if LAYERS.iter().any(|layer| layer.package == name) {
            continue;
        }
        let Some((owner, _)) = above.and_then(|comment| comment.split_once(": ")) else {
            say("has no owner; write `# owner: reason` in the line above");
            continue;
        };
        if owner == "dev" {
            if users.iter().any(|user| uses(user, name, false)) {
                say("is owned by `dev`, but is more than a dev-dependency");
            }
            continue;
        }
        let package = LAYERS.iter().find(|layer| layer.folder.rsplit('/').next() == Some(owner));
        match package {
            None => say(&format!("is owned by `{owner}`, which is no crate of this workspace")),
            Some(layer)
                if !users
                    .iter()
                    .any(|user| text(user, "name") == layer.package && uses(user, name, false)) =>
            {
                say(&format!("is owned by `{owner}`, which does not depend on it"));
            }
            Some(_) => {}
        }
    }
    broken
}

fn entries(manifest: &str) -> Vec<Entry<'_>> {
    let mut found = Vec::new();
    let mut above = None;
    let mut inside = false;
    for (number, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            inside = line.trim_end() == TABLE;
        }
        let name = line.split([' ', '=', '.']).next().unwrap_or_default();
        let key = line.contains('=') && line.starts_with(|c: char| c.is_ascii_alphabetic());
        if inside && key {
            found.push(Entry { line: number + 1, name, above });
        }
        above = line.strip_prefix("# ");
    }
    found
}

/// Does the package depend on `name`, counting dev-dependencies or not?
fn uses(package: &Value, name: &str, dev: bool) -> bool {
    let mut dependencies =
        list(package, "dependencies").iter().filter(|dependency| text(dependency, "name") == name);
    dependencies.any(|dependency| dev || text(dependency, "kind") != "dev")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;

    fn workspace() -> Value {
        let normal = |name: &str| json!({"name": name, "kind": null});
        let dev = |name: &str| json!({"name": name, "kind": "dev"});
        json!({"packages": [
            {"name": "fishdip-tasks", "dependencies": [normal("serde"), dev("insta")]},
            {"name": "fishdip-train", "dependencies": [normal("fishdip-tasks"), normal("toml"), dev("serde")]},
        ]})
    }

    fn broken(table: &str) -> Vec<String> {
        check(
            &format!("[package]\nname = \"x\"\n[workspace.dependencies]\n{table}\n[lints]\na = 1\n"),
            &workspace(),
        )
    }

    #[test]
    fn a_good_table_passes() {
        let table = "fishdip-tasks = { path = \"crates/tasks\" }\n# tasks: data.\nserde = { version = \"1\" }\n\
                     # dev: snapshots.\ninsta = \"1\"\n# train: configs.\ntoml.version = \"1\"";
        assert_eq!(broken(table), [""; 0]);
    }

    #[test]
    fn each_fault_is_named_with_its_line() {
        let cases = [
            ("serde = \"1\"", "has no owner"),
            ("# A comment without an owner.\nserde = \"1\"", "has no owner"),
            ("# tasks: data.\n\nserde = \"1\"", "has no owner"),
            ("# core: data.\nserde = \"1\"", "no crate of this workspace"),
            ("# train: data.\nserde = \"1\"", "does not depend on it"),
            ("# dev: data.\nserde = \"1\"", "more than a dev-dependency"),
            ("# tasks: data.\nrand = \"1\"", "used by no crate"),
        ];
        for (table, rule) in cases {
            let broken = broken(table);
            let place = format!("Cargo.toml:{}:", 3 + table.lines().count());
            assert!(broken.iter().any(|b| b.contains(rule) && b.starts_with(&place)), "{table}: {broken:?}");
        }
    }
}
