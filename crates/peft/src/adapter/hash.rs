//! The hash that a config keeps of itself.

use serde_json::{Map, Value};

/// The key of the hash.
const KEY: &str = "config_hash";

/// What to do about a file that does not fit its hash.
pub(super) const ADVICE: &str = "it was damaged or edited: take it anew from where it came from";

/// The hash of the JSON object `bytes` without [`KEY`]: of its text without white space and with sorted keys, so that another layout of the
/// same content has the same hash.
pub(super) fn of(bytes: &[u8]) -> Result<String, serde_json::Error> {
    let mut config: Map<String, Value> = serde_json::from_slice(bytes)?;
    config.remove(KEY);
    Ok(hash(config.into()))
}

/// Checks the hash that the JSON object `bytes` holds, if it does, and says what is wrong.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let mut config: Map<String, Value> = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let Some(kept) = config.remove(KEY) else { return Ok(()) };
    if kept == hash(config.into()) {
        return Ok(());
    }
    Err(format!("it does not fit its `{KEY}`; {ADVICE}, or take `{KEY}` out of it if the edit is meant"))
}

fn hash(config: Value) -> String {
    blake3::hash(sorted(config).to_string().as_bytes()).to_hex().to_string()
}

/// The same value with the keys of its objects sorted, whatever order they are kept in.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(sorted).collect(),
        Value::Object(map) => {
            let mut pairs: Vec<(String, Value)> =
                map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(pairs.into_iter().collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{check, of};

    #[test]
    fn the_layout_does_not_matter_and_the_content_does() {
        let hash = of(br#"{"a": 0.1, "b": [1, {"d": null, "c": "x"}]}"#).unwrap();
        let same = format!(r#"{{"b":[1,{{"c":"x","d":null}}],"config_hash":"{hash}","a":0.1}}"#);
        assert_eq!(check(same.as_bytes()), Ok(()));
        for edited in
            [same.replace("0.1", "0.2"), same.replace("null", "0"), same.replace(&hash[..8], "00000000")]
        {
            assert!(check(edited.as_bytes()).unwrap_err().contains("damaged or edited"), "{edited}");
        }
        assert_eq!(check(br#"{"a": 0.1}"#), Ok(()));
        assert!(check(b"[]").is_err());
        assert!(check("[".repeat(100_000).as_bytes()).is_err());
    }

    /// A number is written as it was read, to the last digit.
    #[test]
    fn a_number_that_is_written_is_read_as_the_same() {
        for number in
            ["0.1", "1e-6", "0.30000000000000004", "1.7976931348623157e308", "123456789.12345679", "5e-324"]
        {
            let hash = of(format!(r#"{{"a": {number}}}"#).as_bytes()).unwrap();
            assert_eq!(check(format!(r#"{{"a": {number}, "config_hash": "{hash}"}}"#).as_bytes()), Ok(()));
        }
    }
}
