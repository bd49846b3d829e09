//! Every dependency has one owner and one reason, and is used.

use cargo_metadata::{DependencyKind, Metadata, Package};

use super::LAYERS;

const TABLE: &str = "[workspace.dependencies]";

/// An entry of the table: its line, its name and the comment line right above it.
struct Entry<'a> {
    line: usize,
    name: &'a str,
    above: Option<&'a str>,
}

/// Broken rules of the root manifest, as `Cargo.toml:line: rule`.
pub(super) fn check(manifest: &str, graph: &Metadata) -> Vec<String> {
    let mut broken = Vec::new();
    for Entry { line, name, above } in entries(manifest) {
        let mut say = |rule: &str| broken.push(format!("Cargo.toml:{line}: `{name}` {rule}"));
        let members = graph.workspace_packages().into_iter();
        let users: Vec<&Package> = members.filter(|user| uses(user, name, true)).collect();
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
                if !users.iter().any(|user| user.name == layer.package && uses(user, name, false)) =>
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
fn uses(package: &Package, name: &str, dev: bool) -> bool {
    // Under the name that the manifest has for it.
    let mut dependencies =
        package.dependencies.iter().filter(|on| on.rename.as_ref().unwrap_or(&on.name) == name);
    dependencies.any(|on| dev || on.kind != DependencyKind::Development)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::layers::example::workspace;

    fn broken(table: &str) -> serde_json::Result<Vec<String>> {
        let crates: &[(&str, &[&str])] = &[
            ("fishdip-tasks", &["serde", "~insta"]),
            ("fishdip-train", &["fishdip-tasks", "toml", "~serde"]),
        ];
        let manifest =
            format!("[package]\nname = \"x\"\n[workspace.dependencies]\n{table}\n[lints]\na = 1\n");
        Ok(check(&manifest, &workspace(crates, &["fishdip-tasks", "fishdip-train"])?))
    }

    #[test]
    fn a_good_table_passes() -> serde_json::Result<()> {
        let table = "fishdip-tasks = { path = \"crates/tasks\" }\n# tasks: data.\nserde = { version = \"1\" }\n\
                     # dev: snapshots.\ninsta = \"1\"\n# train: configs.\ntoml.version = \"1\"";
        assert_eq!(broken(table)?, [""; 0]);
        Ok(())
    }

    #[test]
    fn each_fault_is_named_with_its_line() -> serde_json::Result<()> {
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
            let broken = broken(table)?;
            let place = format!("Cargo.toml:{}:", 3 + table.lines().count());
            assert!(broken.iter().any(|b| b.contains(rule) && b.starts_with(&place)), "{table}: {broken:?}");
        }
        Ok(())
    }
}
