//! Who may depend on whom. What only tests depend on is left alone: they may know more.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cargo_metadata::{DependencyKind, Metadata, Package};

use super::LAYERS;

/// Broken rules of the dependency graph.
pub(super) fn check(graph: &Metadata) -> Vec<String> {
    let members = graph.workspace_packages();
    let names: BTreeSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let mut broken = Vec::new();
    for member in members {
        let name = member.name.as_str();
        let Some(layer) = LAYERS.iter().find(|layer| layer.package == name) else {
            broken.push(format!("{name}: no layer; add it to `LAYERS` in xtask/src/layers.rs"));
            continue;
        };
        let manifest = format!("{}/Cargo.toml:1", layer.folder);
        let linked = member.dependencies.iter().filter(|on| on.kind != DependencyKind::Development);
        let linked: BTreeSet<&str> = linked.map(|on| on.name.as_str()).collect();
        for other in linked.intersection(&names).filter(|other| !layer.stands_on.contains(other)) {
            let below =
                if layer.stands_on.is_empty() { "none".to_owned() } else { layer.stands_on.join(", ") };
            broken.push(format!(
                "{manifest}: `{name}` must not depend on `{other}`; of this workspace it may: {below}"
            ));
        }
        if !layer.burn
            && let Some(path) = way_to_burn(graph, member)
        {
            broken.push(format!("{manifest}: `{name}` must not reach burn: {}", path.join(" > ")));
        }
    }
    broken
}

/// The shortest chain of normal and build dependencies from the package to one of burn's.
fn way_to_burn<'a>(graph: &'a Metadata, from: &'a Package) -> Option<Vec<&'a str>> {
    let nodes = graph.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let nodes: BTreeMap<_, _> = nodes.map(|node| (&node.id, node)).collect();
    let mut paths = VecDeque::from([vec![&from.id]]);
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop_front() {
        let Some(node) = path.last().and_then(|id| nodes.get(id)) else { continue };
        for on in &node.deps {
            let linked = on.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development);
            if !linked || !seen.insert(&on.pkg) {
                continue;
            }
            let path = [path.as_slice(), &[&on.pkg]].concat();
            if is_burn(&graph[&on.pkg].name) {
                return Some(path.into_iter().map(|id| graph[id].name.as_str()).collect());
            }
            paths.push_back(path);
        }
    }
    None
}

fn is_burn(package: &str) -> bool {
    package == "burn" || package.starts_with("burn-") || package.starts_with("cubecl")
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::layers::example::workspace;

    #[test]
    fn the_house_as_drawn_passes() -> serde_json::Result<()> {
        let crates: &[(&str, &[&str])] = &[
            ("fishdip-tasks", &["serde", "~burn"]),
            ("fishdip-kernels", &["burn"]),
            ("fishdip-peft", &["fishdip-kernels", "burn", "~fishdip-tasks"]),
            ("burn", &["burn-core"]),
            ("burn-core", &[]),
            ("serde", &[]),
        ];
        let broken = check(&workspace(crates, &["fishdip-tasks", "fishdip-kernels", "fishdip-peft"])?);
        assert_eq!(broken, [""; 0]);
        Ok(())
    }

    #[test]
    fn a_crate_that_looks_up_is_told() -> serde_json::Result<()> {
        let crates: &[(&str, &[&str])] = &[("fishdip-t5", &["fishdip-tasks"]), ("fishdip-tasks", &[])];
        let broken = check(&workspace(crates, &["fishdip-t5", "fishdip-tasks"])?);
        let rule = "`fishdip-t5` must not depend on `fishdip-tasks`; of this workspace it may: fishdip-peft";
        assert_eq!(broken, [format!("crates/t5/Cargo.toml:1: {rule}")]);
        Ok(())
    }

    #[test]
    fn burn_is_found_behind_others() -> serde_json::Result<()> {
        let crates: &[(&str, &[&str])] =
            &[("fishdip-tasks", &["numbers"]), ("numbers", &["burn-core"]), ("burn-core", &[])];
        let broken = check(&workspace(crates, &["fishdip-tasks"])?);
        assert_eq!(broken.len(), 1);
        assert!(
            broken[0].ends_with("must not reach burn: fishdip-tasks > numbers > burn-core"),
            "{broken:?}"
        );
        Ok(())
    }

    #[test]
    fn a_new_crate_needs_a_layer() -> serde_json::Result<()> {
        let broken = check(&workspace(&[("fishdip-extra", &[])], &["fishdip-extra"])?);
        assert!(broken[0].starts_with("fishdip-extra: no layer"), "{broken:?}");
        Ok(())
    }
}
