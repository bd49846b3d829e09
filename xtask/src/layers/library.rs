//! That clippy looks at what each library does, and what it cannot see there.

use super::LAYERS;

/// Asks for the `disallowed-methods` of `clippy.toml`.
const ASKS: &str = "#![cfg_attr(not(test), warn(clippy::disallowed_methods))]";

/// Picks a device by a trait that clippy lets everyone use.
const PICKS: &str = "Device::default";

/// Broken rules in the file at `path`, as `path:line: rule`.
pub(super) fn check(path: &str, text: &str) -> Vec<String> {
    let below = |folder| path.strip_prefix(folder)?.strip_prefix("/src/");
    let Some(file) = LAYERS.iter().filter(|layer| layer.library).find_map(|layer| below(layer.folder)) else {
        return Vec::new();
    };
    let mut broken = Vec::new();
    if file == "lib.rs" && !text.lines().any(|line| line == ASKS) {
        broken.push(format!("{path}:1: a library asks for its lints: `{ASKS}`"));
    }
    let picks = text.lines().enumerate().filter(|(_, line)| line.contains(PICKS));
    broken.extend(picks.map(|(line, _)| format!("{path}:{}: a library does not pick a device", line + 1)));
    broken
}

#[cfg(test)]
mod tests {
    use super::{ASKS, check};

    #[test]
    fn a_library_asks_for_its_lints() {
        assert_eq!(check("crates/tasks/src/lib.rs", &format!("//! Doc.\n\n{ASKS}\n")).len(), 0);
        for (path, broken) in [
            ("crates/tasks/src/lib.rs", 1),
            ("crates/tasks/src/codec.rs", 0),
            ("crates/tasks/tests/lib.rs", 0),
            ("crates/cli/src/lib.rs", 0),
        ] {
            assert_eq!(check(path, &format!("//! Doc.\n// {ASKS}\n")).len(), broken, "{path}");
        }
    }

    #[test]
    fn a_library_picks_no_device() {
        let text = "fn f() {\n    g(&Device::default());\n}\n";
        assert_eq!(
            check("crates/t5/src/a.rs", text),
            ["crates/t5/src/a.rs:2: a library does not pick a device"]
        );
        for path in ["crates/t5/tests/a.rs", "crates/cli/src/a.rs"] {
            assert_eq!(check(path, text).len(), 0, "{path}");
        }
    }
}
