//! The verbs: those of the workspace and those that are passed on to fishdip.

use std::fmt::Write as _;

/// Verbs of `cargo xtask` itself, and what each does.
const OWN: &[(&str, &str)] = &[
    (
        "test [--backend NAME]",
        "all tests, with cargo-nextest where it is installed; says how many were skipped",
    ),
    (
        "ci",
        "formatting, lints, layers, licences, spelling, fixtures, fuzz targets, backends that need a GPU, then `test` on each backend that is had here",
    ),
    ("bench train", "fishdip beside PyTorch: --backend --shapes --rounds --only --json --python PATH"),
    ("bench decode", "the same for decoding"),
    ("bench scaling", "the same over density, length and batch, drawn into docs"),
    ("layers", "checks what each crate may depend on and do"),
    ("fixtures [--check]", "writes the bundled data, or compares it with what would be written"),
    ("docs", "writes the page and the schema of the config's keys, which a test compares"),
    ("doctor", "which backends can be built and run here, and what is missing"),
    ("help", "this list"),
];

/// Verbs of fishdip. The build takes the backend; those marked true are told about it as well.
const FISHDIP: &[(&str, bool, &str)] = &[
    ("train", true, "fine-tunes and evaluates"),
    ("evaluate", true, "scores saved adapters"),
    ("calibrate", true, "makes probabilities of an adapter's scores"),
    ("predict", true, "text in, spans out"),
    ("encode", false, "examples to source and target text"),
    ("decode", false, "model output to spans"),
    ("data", false, "checks a data folder"),
    ("fetch", false, "downloads a model by its name on the Hugging Face hub"),
];

pub(crate) fn is_own(verb: &str) -> bool {
    OWN.iter().any(|(usage, _)| name(usage) == verb)
}

pub(crate) fn is_fishdip(verb: &str) -> bool {
    FISHDIP.iter().any(|(name, ..)| *name == verb)
}

/// True where fishdip's verb has a `--backend` of its own.
pub(crate) fn takes_backend(verb: &str) -> bool {
    FISHDIP.iter().any(|(name, takes, _)| *name == verb && *takes)
}

pub(crate) fn help() -> String {
    let mut text = String::from("cargo xtask VERB …\n\nThe workspace:\n");
    for (usage, what) in OWN {
        let _ = writeln!(text, "  {usage:<22} {what}");
    }
    text.push_str("\nfishdip, built in release mode and run with the rest of the arguments:\n");
    for (usage, _, what) in FISHDIP {
        let _ = writeln!(text, "  {usage:<22} {what}");
    }
    text.push_str("\n  --backend NAME picks the backend that is built in (default: flex).\n");
    text.push_str("  The exit code is fishdip's own; 1 if it could not be built, 2 for wrong use.\n");
    text
}

/// The known word that takes the fewest edits.
pub(crate) fn nearest(word: &str) -> &'static str {
    let own = OWN.iter().map(|(usage, _)| name(usage));
    own.chain(FISHDIP.iter().map(|(name, ..)| *name)).min_by_key(|known| edits(word, known)).unwrap_or("help")
}

fn name(usage: &'static str) -> &'static str {
    usage.split(' ').next().unwrap_or(usage)
}

/// Levenshtein distance, one row at a time.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::{edits, help, is_own, nearest};

    #[test]
    fn a_typo_finds_its_verb() {
        assert_eq!(nearest("trxin"), "train");
        assert_eq!(nearest("layer"), "layers");
        assert_eq!(nearest("evaluateX"), "evaluate");
    }

    #[test]
    fn distance_counts_single_edits() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("same", "same"), 0);
    }

    #[test]
    fn usage_is_not_part_of_a_name() {
        assert!(is_own("fixtures") && !is_own("fixtures [--check]"));
        assert!(help().contains("fixtures [--check]"));
    }
}
