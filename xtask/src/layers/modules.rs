//! Modules that need each other. Of two modules side by side, one stands on the other or neither does: a circle is an item in the wrong place.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Path, UseTree};

/// A module by the names on the way to it from the crate's root, which has none.
type Module = Vec<String>;

/// What each module of a crate says.
#[derive(Default)]
pub(super) struct Modules {
    /// Every path that is written in it, tests left out.
    paths: BTreeMap<Module, BTreeSet<Vec<String>>>,
    /// Where the names come from that it imports, and so hands on to the modules in it.
    imports: BTreeMap<Module, BTreeMap<String, Vec<String>>>,
}

impl Modules {
    /// Adds the file at `path`, which starts from the crate's `src`.
    pub(super) fn add(&mut self, path: &str, text: &str) -> Result<()> {
        let name = path.trim_end_matches(".rs");
        let module: Module = match name {
            "lib" | "main" => Vec::new(),
            name => name.split('/').map(str::to_owned).collect(),
        };
        if module.last().is_some_and(|name| name == "tests") {
            return Ok(());
        }
        let file = syn::parse_file(text).with_context(|| format!("{path} is no Rust"))?;
        let mut found = Found::default();
        found.visit_file(&file);
        // A library and a program may have one root in common.
        self.imports.entry(module.clone()).or_default().extend(found.imports);
        self.paths.entry(module).or_default().extend(found.paths);
        Ok(())
    }

    /// The circles, each as the names of modules side by side, with the path of what they are in.
    pub(super) fn circles(&self) -> Vec<String> {
        // For each module that has others in it: which of them stands on which.
        let mut on: BTreeMap<&[String], BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
        for (from, paths) in &self.paths {
            for path in paths {
                let Some(to) = self.find(from, path, 0) else { continue };
                let shared = from.iter().zip(to).take_while(|(a, b)| a == b).count();
                if let (Some(a), Some(b)) = (from.get(shared), to.get(shared)) {
                    on.entry(&from[..shared]).or_default().entry(a).or_default().insert(b);
                }
            }
        }
        let mut circles = Vec::new();
        for (inside, on) in on {
            let mut told: BTreeSet<&str> = BTreeSet::new();
            for &start in on.keys() {
                let below = reached(&on, start);
                let circle: Vec<&str> =
                    below.iter().copied().filter(|other| reached(&on, other).contains(start)).collect();
                if below.contains(start) && circle.iter().all(|module| told.insert(module)) {
                    let inside = [&["crate".to_owned()], inside].concat().join("::");
                    circles.push(format!("{inside}: {}", circle.join(", ")));
                }
            }
        }
        circles
    }

    /// The module in which what `path` names is defined, as seen from the module `from`; none if that is another crate's.
    fn find(&self, from: &[String], path: &[String], depth: usize) -> Option<&[String]> {
        let (first, mut rest) = path.split_first()?;
        let mut at: Module = match first.as_str() {
            "crate" => Vec::new(),
            "self" => from.to_vec(),
            "super" => from[..from.len().checked_sub(1)?].to_vec(),
            name if self.paths.contains_key(&[from, &[name.to_owned()]].concat()) => {
                rest = path;
                from.to_vec()
            }
            _ => return None,
        };
        while let Some((name, others)) = rest.split_first() {
            let inner = [at.as_slice(), std::slice::from_ref(name)].concat();
            if name == "super" {
                at.pop()?;
            } else if self.paths.contains_key(&inner) {
                at = inner;
            } else {
                let import = self.imports.get(&at).and_then(|imports| imports.get(name));
                // A name may be imported from a module that imports it as well.
                return match import.filter(|_| depth < 8) {
                    Some(import) => self.find(&at, import, depth + 1),
                    None => self.paths.get_key_value(&at).map(|(module, _)| module.as_slice()),
                };
            }
            rest = others;
        }
        self.paths.get_key_value(&at).map(|(module, _)| module.as_slice())
    }
}

/// Everything that `start` stands on, through others as well.
fn reached<'a>(on: &BTreeMap<&'a str, BTreeSet<&'a str>>, start: &str) -> BTreeSet<&'a str> {
    let mut all = BTreeSet::new();
    let mut next: Vec<&str> = on.get(start).into_iter().flatten().copied().collect();
    while let Some(module) = next.pop() {
        if all.insert(module) {
            next.extend(on.get(module).into_iter().flatten());
        }
    }
    all
}

/// What is found in one file.
#[derive(Default)]
struct Found {
    paths: BTreeSet<Vec<String>>,
    imports: BTreeMap<String, Vec<String>>,
}

impl Found {
    fn import(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: String| [before, &[name]].concat();
        match tree {
            UseTree::Path(path) => self.import(&with(path.ident.to_string()), &path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(before, tree)),
            UseTree::Glob(_) => _ = self.paths.insert(before.to_vec()),
            UseTree::Name(name) => {
                let path = with(name.ident.to_string());
                self.imports.insert(name.ident.to_string(), path.clone());
                self.paths.insert(path);
            }
            UseTree::Rename(rename) => {
                let path = with(rename.ident.to_string());
                self.imports.insert(rename.rename.to_string(), path.clone());
                self.paths.insert(path);
            }
        }
    }
}

impl<'a> Visit<'a> for Found {
    fn visit_item(&mut self, item: &'a Item) {
        let (Item::Mod(ItemMod { attrs, .. }) | Item::Fn(syn::ItemFn { attrs, .. })) = item else {
            return visit::visit_item(self, item);
        };
        if !attrs.iter().any(is_test) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        self.import(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'a Path) {
        self.paths.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }
}

fn is_test(attribute: &Attribute) -> bool {
    attribute.path().is_ident("test")
        || attribute.path().is_ident("cfg")
            && attribute.parse_args::<Path>().is_ok_and(|path| path.is_ident("test"))
}

#[cfg(test)]
mod tests {
    use anyhow::Result;

    use super::Modules;

    fn circles(files: &[(&str, &str)]) -> Result<Vec<String>> {
        let mut modules = Modules::default();
        files.iter().try_for_each(|(path, text)| modules.add(path, text))?;
        Ok(modules.circles())
    }

    #[test]
    fn one_on_the_other_is_no_circle() -> Result<()> {
        let files = [
            ("lib.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
            ("a.rs", "pub struct A;"),
            ("b.rs", "use crate::A; pub struct B(A); #[cfg(test)] mod tests { use crate::c::C; }"),
        ];
        assert_eq!(circles(&files)?, [""; 0]);
        Ok(())
    }

    #[test]
    fn circles_are_found_through_the_names_that_a_root_hands_on() -> Result<()> {
        let files = [
            ("lib.rs", "mod a; mod b; mod c; pub use a::A; pub use b::{B, D as E};"),
            ("a.rs", "use crate::E; pub struct A(E);"),
            ("b.rs", "fn f() { crate::c::g() } pub struct B; pub struct D;"),
            ("c.rs", "pub fn g() { let _: Option<crate::A> = None; }"),
        ];
        assert_eq!(circles(&files)?, ["crate: a, b, c"]);
        Ok(())
    }

    #[test]
    fn modules_inside_another_are_looked_at_by_themselves() -> Result<()> {
        let files = [
            ("lib.rs", "mod a;"),
            ("a.rs", "mod x; mod y; use x::X; pub struct A;"),
            // What stands in the module around is no circle with it.
            ("a/x.rs", "use super::{A, y::Y}; pub struct X;"),
            ("a/y.rs", "use super::X; pub struct Y;"),
        ];
        assert_eq!(circles(&files)?, ["crate::a: x, y"]);
        Ok(())
    }
}
