//! How source files are named, and how long they may be.

/// A file may be longer only with a reason.
const LINES: usize = 400;
const REASON: &str = "// Longer than 400 lines: ";

/// Names that say nothing about what is inside.
const VAGUE: &[&str] = &["utils", "util", "common", "helpers", "helper"];

pub(super) fn check(path: &str, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let lines = text.lines().count();
    let reason =
        text.lines().take(10).any(|line| line.strip_prefix(REASON).is_some_and(|why| !why.trim().is_empty()));
    if lines > LINES && !reason {
        broken.push(format!("{path}:{LINES}: {lines} lines; split it, or say why at the top: `{REASON}…`"));
    }
    if path.ends_with("/mod.rs") {
        broken.push(format!("{path}:1: name the file after its module instead of `mod.rs`"));
    }
    let vague = path.split('/').find(|part| VAGUE.contains(&part.trim_end_matches(".rs")));
    if let Some(part) = vague {
        broken.push(format!("{path}:1: `{part}` says nothing about what is inside; name the idea"));
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_long_file_needs_a_reason() {
        let long = "//! Doc.\n".repeat(401);
        assert_eq!(check("crates/tasks/src/a.rs", &"x\n".repeat(400)).len(), 0);
        assert_eq!(check("crates/tasks/src/a.rs", &long).len(), 1);
        assert_eq!(check("crates/tasks/src/a.rs", &format!("// Longer than 400 lines: \n{long}")).len(), 1);
        assert_eq!(
            check("crates/tasks/src/a.rs", &format!("// Longer than 400 lines: one table.\n{long}")).len(),
            0
        );
    }

    #[test]
    fn names_mean_something() {
        for path in ["crates/t5/src/model/mod.rs", "crates/t5/src/utils.rs", "crates/t5/tests/common/data.rs"]
        {
            assert_eq!(check(path, "").len(), 1, "{path}");
        }
        assert_eq!(check("crates/t5/src/commonplace.rs", "").len(), 0);
    }
}
