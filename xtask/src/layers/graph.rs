//! Who may depend on whom. What only tests depend on is left alone: they may know more.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::LAYERS;
use crate::cargo::{list, text};

/// Broken rules of the dependency graph that `cargo metadata` gives.
pub(super) fn check(metadata: &Value) -> Vec<String> {
    let packages: BTreeMap<&str, &Value> =
        list(metadata, "packages").iter().map(|package| (text(package, "id"), package)).collect();
    let members: Vec<&Value> = list(metadata, "workspace_members")
        .iter()
        .filter_map(|id| packages.get(id.as_str().unwrap_or_default()).copied())
        .collect();
    let names: BTreeSet<&str> = members.iter().map(|member| text(member, "name")).collect();
    let mut broken = Vec::new();
    for member in members {
        let name = text(member, "name");
        let Some(layer) = LAYERS.iter().find(|layer| layer.package == name) else {
            broken.push(format!("{name}: no layer; add it to `LAYERS` in xtask/src/layers.rs"));
            continue;
        };
        let manifest = format!("{}/Cargo.toml:1", layer.folder);
        let dependencies =
            list(member, "dependencies").iter().filter(|dependency| text(dependency, "kind") != "dev");
        let dependencies: BTreeSet<&str> = dependencies.map(|dependency| text(dependency, "name")).collect();
        for other in dependencies.intersection(&names).filter(|other| !layer.stands_on.contains(other)) {
            let below =
                if layer.stands_on.is_empty() { "none".to_owned() } else { layer.stands_on.join(", ") };
            broken.push(format!(
                "{manifest}: `{name}` must not depend on `{other}`; of this workspace it may: {below}"
            ));
        }
        if !layer.burn
            && let Some(path) = way_to_burn(metadata, &packages, text(member, "id"))
        {
            broken.push(format!("{manifest}: `{name}` must not reach burn: {}", path.join(" > ")));
        }
    }
    broken
}

/// The shortest chain of normal and build dependencies from the package to one of burn's.
fn way_to_burn<'a>(
    metadata: &'a Value,
    packages: &BTreeMap<&str, &'a Value>,
    from: &'a str,
) -> Option<Vec<&'a str>> {
    let nodes: BTreeMap<&str, &Value> =
        list(&metadata["resolve"], "nodes").iter().map(|node| (text(node, "id"), node)).collect();
    let name = |id: &str| packages.get(id).map_or("", |package| text(package, "name"));
    let mut paths = vec![vec![from]];
    let mut seen = BTreeSet::from([from]);
    while !paths.is_empty() {
        let mut longer = Vec::new();
        for path in paths {
            let Some(node) = path.last().and_then(|id| nodes.get(id)) else { continue };
            let linked = |dependency: &&Value| {
                list(dependency, "dep_kinds").iter().any(|kind| text(kind, "kind") != "dev")
            };
            for dependency in list(node, "deps").iter().filter(linked) {
                let id = text(dependency, "pkg");
                let path = [path.as_slice(), &[id]].concat();
                if is_burn(name(id)) {
                    return Some(path.into_iter().map(name).collect());
                }
                if seen.insert(id) {
                    longer.push(path);
                }
            }
        }
        paths = longer;
    }
    None
}

fn is_burn(package: &str) -> bool {
    package == "burn" || package.starts_with("burn-") || package.starts_with("cubecl")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;

    /// A workspace of (crate, what it depends on); `~` marks a dev-dependency.
    fn graph(crates: &[(&str, &[&str])], members: &[&str]) -> Value {
        let kind = |name: &str| if name.starts_with('~') { json!("dev") } else { Value::Null };
        let bare = |name: &str| name.trim_start_matches('~').to_owned();
        let package = |(name, on): &(&str, &[&str])| {
            let on: Vec<Value> = on.iter().map(|on| json!({"name": bare(on), "kind": kind(on)})).collect();
            json!({"id": name, "name": name, "dependencies": on})
        };
        let node = |(name, on): &(&str, &[&str])| {
            let on = on.iter().map(|on| json!({"pkg": bare(on), "dep_kinds": [{"kind": kind(on)}]}));
            json!({"id": name, "deps": on.collect::<Vec<_>>()})
        };
        json!({
            "packages": crates.iter().map(package).collect::<Vec<_>>(),
            "workspace_members": members,
            "resolve": {"nodes": crates.iter().map(node).collect::<Vec<_>>()},
        })
    }

    #[test]
    fn the_house_as_drawn_passes() {
        let crates: &[(&str, &[&str])] = &[
            ("fishdip-tasks", &["serde", "~burn"]),
            ("fishdip-kernels", &["burn"]),
            ("fishdip-peft", &["fishdip-kernels", "burn", "~fishdip-tasks"]),
            ("burn", &["burn-core"]),
            ("burn-core", &[]),
            ("serde", &[]),
        ];
        let broken = check(&graph(crates, &["fishdip-tasks", "fishdip-kernels", "fishdip-peft"]));
        assert_eq!(broken, [""; 0]);
    }

    #[test]
    fn a_crate_that_looks_up_is_told() {
        let crates: &[(&str, &[&str])] = &[("fishdip-t5", &["fishdip-tasks"]), ("fishdip-tasks", &[])];
        let broken = check(&graph(crates, &["fishdip-t5", "fishdip-tasks"]));
        let rule = "`fishdip-t5` must not depend on `fishdip-tasks`; of this workspace it may: fishdip-peft";
        assert_eq!(broken, [format!("crates/t5/Cargo.toml:1: {rule}")]);
    }

    #[test]
    fn burn_is_found_behind_others() {
        let crates: &[(&str, &[&str])] =
            &[("fishdip-tasks", &["numbers"]), ("numbers", &["burn-core"]), ("burn-core", &[])];
        let broken = check(&graph(crates, &["fishdip-tasks"]));
        assert_eq!(broken.len(), 1);
        assert!(
            broken[0].ends_with("must not reach burn: fishdip-tasks > numbers > burn-core"),
            "{broken:?}"
        );
    }

    #[test]
    fn a_new_crate_needs_a_layer() {
        let broken = check(&graph(&[("fishdip-extra", &[])], &["fishdip-extra"]));
        assert!(broken[0].starts_with("fishdip-extra: no layer"), "{broken:?}");
    }
}
