//! What serde says of a value, in the words of someone who has the file before them.

use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::error::Category;

use super::scan::{self, Fault};

const TOO_DEEP: &str = "its JSON is nested too many levels deep (beyond the recursion limit)";

/// What is wrong with `text`, which begins in the line `line` of its file.
pub(super) fn problem(text: &str, line: usize, error: &serde_json::Error) -> String {
    let said = error.to_string();
    // Its message ends with line and column, which are those of the part alone.
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    if said == "recursion limit exceeded" {
        return TOO_DEEP.to_owned();
    }
    if error.classify() != Category::Data && serde_json::from_str::<IgnoredAny>(text).is_ok() {
        let path = scan::path(text, offset(text, error));
        return match held(said) {
            Some(problem) => at(&path, problem),
            // Lists of a fixed length are left before their end.
            None => at(
                path.rsplit_once('[').map_or(path.as_str(), |(list, _)| list),
                "a list is longer than it should be",
            ),
        };
    }
    if error.classify() != Category::Data {
        let python = if text.trim_start().starts_with("{'") {
            "; it seems to be Python's notation: write it with json.dumps"
        } else {
            ""
        };
        let (line, column) = (line + error.line().saturating_sub(1), error.column());
        return format!("no valid JSON ({said}, line {line}, byte {column}){python}");
    }
    at(&scan::path(text, offset(text, error)), &plain(said))
}

/// A problem of the value to which `path` leads.
fn at(path: &str, problem: &str) -> String {
    if path.is_empty() { problem.to_owned() } else { format!("{path}: {problem}") }
}

/// What is wrong with a number or text that JSON allows and that cannot be held.
fn held(said: &str) -> Option<&'static str> {
    if said == "number out of range" {
        return Some("the number is too large; the largest is about 1.8e308");
    }
    let half = said.contains("surrogate") || said.contains("hex escape");
    half.then_some("a text has half of a surrogate pair (\\ud800 to \\udfff), which is no character; write the whole pair or take it out")
}

/// What is wrong with `text` where its values cannot be told from each other.
pub(super) fn fault(text: &str, fault: &Fault) -> String {
    let rest = text.get(fault.at..).unwrap_or_default();
    match serde_json::from_str::<Value>(rest) {
        Err(error) if error.to_string().starts_with("recursion limit") => TOO_DEEP.to_owned(),
        _ => format!("no valid JSON: {}", fault.problem),
    }
}

/// The byte that an error is about.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let mut lines = text.split_inclusive('\n');
    let before: usize = lines.by_ref().take(error.line().saturating_sub(1)).map(str::len).sum();
    before + error.column()
}

/// What serde says of a value whose text is not at hand.
pub(super) fn of_value(error: &serde_json::Error) -> String {
    plain(&error.to_string())
}

fn plain(said: &str) -> String {
    let quoted = |text: &str| text.split('`').nth(1).unwrap_or_default().to_owned();
    if let Some(rest) = said.strip_prefix("invalid type: ").or_else(|| said.strip_prefix("invalid value: "))
        && let Some((found, expected)) = rest.rsplit_once(", expected ")
    {
        return format!("{} stands where {} is expected", value(found), kind(expected));
    }
    if let Some(rest) = said.strip_prefix("invalid length ")
        && let Some((found, expected)) = rest.split_once(", expected ")
    {
        return format!("a list of {found} stands where {} is expected", kind(expected));
    }
    if said.starts_with("missing field") {
        return format!("the key {:?} is missing", quoted(said));
    }
    if said.starts_with("duplicate field") {
        return format!("the key {:?} stands there twice", quoted(said));
    }
    if said.starts_with("unknown field") {
        let known: Vec<&str> = said.split('`').skip(3).step_by(2).collect();
        return super::keys::unknown(&quoted(said), &known, &known);
    }
    said.to_owned()
}

/// What stands there.
fn value(found: &str) -> String {
    match found.split_once(' ') {
        Some(("string", text)) => format!("the text {text}"),
        Some(("integer", number)) => format!("the number {}", number.trim_matches('`')),
        Some(("floating", number)) => {
            format!("the number {}", number.trim_start_matches("point ").trim_matches('`'))
        }
        Some(("boolean", word)) => word.trim_matches('`').to_owned(),
        _ => kind(found),
    }
}

/// What should stand there.
fn kind(expected: &str) -> String {
    let words: Vec<&str> = expected.split(' ').collect();
    match words[..] {
        ["usize" | "u64" | "u32"] => "a whole number from 0".to_owned(),
        ["i64" | "i32"] => "a whole number".to_owned(),
        ["f64" | "f32"] => "a number".to_owned(),
        ["a", "string"] => "a text".to_owned(),
        ["a", "boolean"] => "true or false".to_owned(),
        ["a", "sequence"] | ["sequence"] => "a list".to_owned(),
        ["a", "map"] | ["map"] | ["struct", ..] => "an object".to_owned(),
        ["a" | "an", "tuple" | "array", "of", "size" | "length", size] => format!("a list of {size}"),
        _ => expected.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::read::json::unique::Unique;

    fn message(text: &str) -> String {
        let error = serde_json::from_str::<Unique>(text).map(|found| found.0).unwrap_err();
        problem(text, 7, &error)
    }

    #[test]
    fn what_json_allows_and_nobody_can_hold_is_told_by_its_own_name() {
        for (text, expected) in [
            (r#"{"a": [1, {"b": 1e400}]}"#, "a[1].b: the number is too large; the largest is about 1.8e308"),
            (r#"{"a": -1e999}"#, "a: the number is too large"),
            (r#"{"a": "x \ud800 y"}"#, "a: a text has half of a surrogate pair"),
            (r#"{"a": ["x", "\udc00"]}"#, "a[1]: a text has half of a surrogate pair"),
            (r#"{"a": "\ud83d\u0041"}"#, "a: a text has half of a surrogate pair"),
            ("1e400", "the number is too large"),
            ("{\"a\": \"\\ud8", "no valid JSON ("),
        ] {
            assert!(message(text).starts_with(expected), "{text}: {}", message(text));
        }
    }

    #[test]
    fn a_list_that_is_too_long_is_still_told() {
        let text = r#"{"a": [1, 2, 3]}"#;
        let error = serde_json::from_str::<std::collections::BTreeMap<String, [u8; 2]>>(text).unwrap_err();
        assert_eq!(problem(text, 1, &error), "a: a list is longer than it should be");
    }
}
