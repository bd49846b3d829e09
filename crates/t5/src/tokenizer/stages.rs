//! What a text goes through before it is cut: the normalizer and the pre-tokenizer of `tokenizer.json`.
//!
//! Only stages that tokenizers of the family are made of are read, each within limits that `tokenizers` does not set itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use tokenizers::{NormalizerWrapper, PreTokenizerWrapper};

use super::{SPACE, charsmap};

/// Stages within one another, and in all.
const DEEPEST: usize = 8;
const MOST: usize = 32;
/// How many times longer replaced texts may make a text.
const MOST_GROWTH: usize = 256;

/// The normalizer that `value` describes.
pub(super) fn normalizer(value: Value) -> Result<NormalizerWrapper, String> {
    Walk::default()
        .normalizer(&value, 0)
        .map_err(|reason| format!("its normalizer cannot be used: {reason}"))?;
    serde_json::from_value(value).map_err(|e| format!("its normalizer cannot be used: {e}"))
}

/// The pre-tokenizer that `value` describes.
pub(super) fn pre_tokenizer(value: Value) -> Result<PreTokenizerWrapper, String> {
    Walk::default()
        .pre_tokenizer(&value, 0)
        .map_err(|reason| format!("its pre-tokenizer cannot be used: {reason}"))?;
    serde_json::from_value(value).map_err(|e| format!("its pre-tokenizer cannot be used: {e}"))
}

/// What was seen so far.
struct Walk {
    stages: usize,
    tables: usize,
    growth: usize,
}

impl Default for Walk {
    fn default() -> Self {
        Self { stages: 0, tables: 0, growth: 1 }
    }
}

impl Walk {
    fn normalizer(&mut self, value: &Value, depth: usize) -> Result<(), String> {
        match self.kind(value, depth)? {
            "Sequence" => {
                list(value, "normalizers")?.iter().try_for_each(|stage| self.normalizer(stage, depth + 1))
            }
            "Precompiled" => {
                self.tables += 1;
                if self.tables > 1 {
                    return Err("it replaces characters by two tables".into());
                }
                let map = BASE64.decode(text(value, "precompiled_charsmap")?);
                charsmap::check(
                    &map.map_err(|e| format!("the table of replaced characters is no base64: {e}"))?,
                )
            }
            "Replace" => {
                let content = text(value, "content")?;
                let pattern = value.get("pattern").unwrap_or(&Value::Null);
                let shortest = match (pattern.get("String"), pattern.get("Regex")) {
                    (Some(Value::String(literal)), None) if !literal.is_empty() => literal.len(),
                    (None, Some(Value::String(regex))) if is_plain(regex) => 1,
                    _ => return Err(format!("the pattern {pattern} is not one that it may replace")),
                };
                self.grow(content.len().div_ceil(shortest))
            }
            "Prepend" => self.grow(text(value, "prepend")?.len() + 1),
            "Strip" | "StripAccents" | "Lowercase" | "Nmt" | "NFC" | "NFD" | "NFKC" | "NFKD" => Ok(()),
            other => Err(format!("{other:?} is no stage of a tokenizer of T5")),
        }
    }

    fn pre_tokenizer(&mut self, value: &Value, depth: usize) -> Result<(), String> {
        match self.kind(value, depth)? {
            "Sequence" => list(value, "pretokenizers")?
                .iter()
                .try_for_each(|stage| self.pre_tokenizer(stage, depth + 1)),
            "Metaspace" => {
                let written = text(value, "replacement")?;
                if written.chars().eq([SPACE]) {
                    Ok(())
                } else {
                    Err(format!("spaces are written as {written:?}, not as {SPACE:?}"))
                }
            }
            "Whitespace" | "WhitespaceSplit" | "Punctuation" | "Digits" => Ok(()),
            other => Err(format!("{other:?} is no stage of a tokenizer of T5")),
        }
    }

    /// The kind of a stage, which is counted.
    fn kind<'a>(&mut self, value: &'a Value, depth: usize) -> Result<&'a str, String> {
        self.stages += 1;
        if depth > DEEPEST || self.stages > MOST {
            return Err(format!("it has more than {MOST} stages, or more than {DEEPEST} within one another"));
        }
        text(value, "type")
    }

    fn grow(&mut self, times: usize) -> Result<(), String> {
        self.growth = self.growth.saturating_mul(times.max(1));
        if self.growth <= MOST_GROWTH {
            return Ok(());
        }
        Err(format!("what it replaces makes a text up to {} times as long", self.growth))
    }
}

/// Whether a regular expression is a text without special characters, or one character or any white space that is repeated, such as ` {2,}`.
/// The time that others take may grow without bounds.
fn is_plain(regex: &str) -> bool {
    let special = |text: &str| text.contains(|c| r".^$*+?()[]{}|\".contains(c));
    if !regex.is_empty() && !special(regex) {
        return true;
    }
    let least = |at_least: &str| matches!(at_least.as_bytes(), [b'1'..=b'9']);
    let counted = || regex.strip_suffix(",}")?.rsplit_once('{').filter(|(_, n)| least(n)).map(|(one, _)| one);
    let repeated = regex.strip_suffix('+').or_else(counted);
    repeated.is_some_and(|one| one == r"\s" || (one.chars().count() == 1 && !special(one)))
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, String> {
    value.get(key).and_then(Value::as_str).ok_or_else(|| format!("a stage of it has no text {key:?}"))
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a [Value], String> {
    let list = value.get(key).and_then(Value::as_array).map(Vec::as_slice);
    list.ok_or_else(|| format!("a stage of it has no list {key:?}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{is_plain, normalizer, pre_tokenizer};

    fn refused(value: Value) -> String {
        normalizer(value).err().unwrap_or_default()
    }

    #[test]
    fn patterns_that_take_their_time_are_not_plain() {
        for regex in [" {2,}", r"\s+", " +", "\n", "``"] {
            assert!(is_plain(regex), "{regex}");
        }
        for regex in ["", "(a*)*b", " {0,}", " {99999,}", ".+", r"\w+", "a|b", " *"] {
            assert!(!is_plain(regex), "{regex}");
        }
    }

    #[test]
    fn stages_of_the_family_are_read() {
        let stages = json!([
            {"type": "Nmt"}, {"type": "NFKC"}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}, {"type": "Lowercase"},
        ]);
        assert_eq!(refused(json!({"type": "Sequence", "normalizers": stages})), "");
        let stages =
            json!([{"type": "Metaspace", "replacement": "▁"}, {"type": "Digits", "individual_digits": true}]);
        assert!(pre_tokenizer(json!({"type": "Sequence", "pretokenizers": stages})).is_ok());
        let other = pre_tokenizer(json!({"type": "Metaspace", "replacement": "_"})).err().unwrap_or_default();
        assert!(other.contains("\"_\""), "{other}");
    }

    #[test]
    fn what_is_without_bounds_is_refused() {
        let table = json!({"type": "Precompiled", "precompiled_charsmap": "/P///wAAAAA="});
        assert!(refused(table).contains("4294967292 bytes"));
        assert!(refused(json!({"type": "Precompiled", "precompiled_charsmap": "?"})).contains("no base64"));
        assert!(refused(json!({"type": "Precompiled"})).contains("precompiled_charsmap"));
        assert!(refused(json!({"type": "Unheard"})).contains("Unheard"));
        assert!(refused(json!({})).contains("\"type\""));
        let replace =
            |regex| json!({"type": "Replace", "pattern": {"Regex": regex}, "content": "x".repeat(20)});
        assert!(refused(replace("(a*)*b")).contains("pattern"));
        let twice = json!({"type": "Sequence", "normalizers": [replace("x"), replace("x")]});
        assert!(refused(twice).contains("400 times"));
        let mut deep = json!({"type": "NFKC"});
        for _ in 0..60 {
            deep = json!({"type": "Sequence", "normalizers": [deep]});
        }
        assert!(refused(deep).contains("within one another"));
    }
}
