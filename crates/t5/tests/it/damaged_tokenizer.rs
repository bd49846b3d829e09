//! Tokenizer files with a wrong byte: each is read or refused, without a panic and within bounds of memory.
//!
//! The trials run in a process of their own whose memory the system limits, so that an allocation by a wrong size ends it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fishdip_t5::{T5Config, Tokenizer};
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

const NANO: &str = "../../fixtures/models/t5-nano";
/// What the process may take, in KiB, four threads' stacks included. The reading of the largest file takes a few dozen MB.
const MEMORY: usize = 1 << 20;
/// Characters that tables of replaced characters know, and such that nobody does.
const TEXT: &str = "The ﬁrst ½ of Ⅳ: Ｆｕｌｌ  wıdth, ﷺ — ŉ ㎏ e\u{301} \u{1f600}\u{200d}\u{1f525} \u{0} <extra_id_0> </s>\t日本 ｶﾞ end";

fn config(rows: usize) -> T5Config {
    let dir = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(Path::new(NANO).join("config.json")).unwrap();
    let mut file: serde_json::Value = serde_json::from_str(&text).unwrap();
    file["vocab_size"] = rows.into();
    let path = dir.path().join("config.json");
    fs::write(&path, file.to_string()).unwrap();
    T5Config::read(&path).unwrap()
}

/// Reads `bytes` as the file `name`, and uses what was read. Returns whether it was.
fn attempt(dir: &Path, name: &str, bytes: &[u8], config: &T5Config) -> bool {
    fs::write(dir.join(name), bytes).unwrap();
    let Ok(tokenizer) = Tokenizer::load(dir, config) else { return false };
    if let Ok(ids) = tokenizer.encode(TEXT) {
        let (text, ranges) = tokenizer.decode(&ids);
        assert!(ranges.len() == ids.len() && ranges.iter().all(|range| range.end <= text.len()));
    }
    let _ = tokenizer.lost(TEXT);
    true
}

/// One byte changed in each of `count` copies, by as many threads as there are.
fn trials(path: &Path, rows: usize, count: u64) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let whole = fs::read(path).unwrap();
    let config = config(rows);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4) as u64;
    let trial = |thread: u64| {
        let dir = tempfile::tempdir().unwrap();
        let mut bytes = whole.clone();
        let mut read = 0;
        for seed in (thread..count).step_by(threads as usize) {
            let mut numbers = SplitMix64::seed_from_u64(seed);
            let at = numbers.next_u64() as usize % bytes.len();
            let kept = core::mem::replace(&mut bytes[at], numbers.next_u64() as u8);
            read += u64::from(attempt(dir.path(), name, &bytes, &config));
            bytes[at] = kept;
        }
        assert!(attempt(dir.path(), name, &bytes, &config), "{name} is read when it is whole");
        read
    };
    let trial = &trial;
    let read: u64 = std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|thread| scope.spawn(move || trial(thread))).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    eprintln!("{}: {read} of {count} changed files were read", path.display());
}

/// Runs the test `name` of this file in a process with bounded memory.
fn bounded(name: &str) {
    let program = std::env::current_exe().unwrap();
    let script = format!("ulimit -v {MEMORY} && exec \"$0\" --exact {name} --ignored --nocapture");
    let output = Command::new("sh").arg("-c").arg(script).arg(program).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}{told}", String::from_utf8_lossy(&output.stdout));
    eprintln!("{told}");
}

#[cfg(unix)]
#[test]
fn a_wrong_byte_in_a_bundled_file_is_read_or_refused() {
    bounded("within_bounds_bundled");
}

#[test]
#[ignore = "run by another test, with bounded memory"]
fn within_bounds_bundled() {
    for name in ["tokenizer.json", "spiece.model"] {
        trials(&Path::new(NANO).join(name), 8128, 2000);
    }
}

#[cfg(unix)]
#[test]
fn a_wrong_byte_in_a_file_of_t5_is_read_or_refused() {
    if std::env::var_os("FISHDIP_DATA").is_some_and(|data| Path::new(&data).is_dir()) {
        bounded("within_bounds_t5");
    } else {
        eprintln!("skipped: FISHDIP_DATA names no folder");
    }
}

#[test]
#[ignore = "run by another test, with bounded memory"]
fn within_bounds_t5() {
    let Some(data) = std::env::var_os("FISHDIP_DATA").map(PathBuf::from) else { return };
    for name in ["tokenizer.json", "spiece.model"] {
        trials(&data.join("t5-tokenizer").join(name), 32128, 500);
    }
}

/// A `spiece.model` of a few pieces: with so few bytes, each of them is hit.
fn small_spiece() -> Vec<u8> {
    let field = |number: u8, bytes: &[u8]| [&[number << 3 | 2, bytes.len() as u8], bytes].concat();
    let piece = |text: &str, score: f32, kind: u8| {
        field(
            1,
            &[&field(1, text.as_bytes())[..], &[2 << 3 | 5], &score.to_le_bytes(), &[3 << 3, kind]].concat(),
        )
    };
    let pieces = [
        ("<pad>", 0.0, 3),
        ("</s>", 0.0, 3),
        ("<unk>", 0.0, 2),
        ("▁", -1.0, 1),
        ("e", -2.5, 1),
        ("nd", -3.0, 1),
    ];
    let trainer = field(2, &[3 << 3, 1]);
    [pieces.iter().flat_map(|&(text, score, kind)| piece(text, score, kind)).collect(), trainer].concat()
}

const SMALL_JSON: &str = r#"{"version": "1.0", "truncation": null, "padding": null, "added_tokens": [
    {"id": 0, "content": "<unk>", "single_word": false, "lstrip": true, "rstrip": true, "normalized": false, "special": true},
    {"id": 3, "content": " x", "single_word": true, "lstrip": false, "rstrip": true, "normalized": true, "special": false}],
  "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]},
  "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
  "post_processor": null, "decoder": null,
  "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["▁", -1.5], ["e", -2.5]], "byte_fallback": false}}"#;

/// Every byte of a small file, changed to each of some values.
#[test]
fn a_wrong_byte_in_a_small_file_is_read_or_refused() {
    let config = config(200);
    for (name, whole) in [("spiece.model", small_spiece()), ("tokenizer.json", SMALL_JSON.into())] {
        let dir = tempfile::tempdir().unwrap();
        assert!(attempt(dir.path(), name, &whole, &config), "{name}");
        for at in 0..whole.len() {
            for flip in [0x01, 0x10, 0x80] {
                let mut bytes = whole.clone();
                bytes[at] ^= flip;
                attempt(dir.path(), name, &bytes, &config);
            }
            attempt(dir.path(), name, &whole[..at], &config);
        }
    }
}

/// What is said of the small file in which `from` is written as `to`.
fn said(from: &str, to: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let text = SMALL_JSON.replacen(from, to, 1);
    assert_ne!(text, SMALL_JSON);
    fs::write(dir.path().join("tokenizer.json"), text).unwrap();
    let error = Tokenizer::load(dir.path(), &config(200)).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(error.is_empty() || error.contains("tokenizer.json is damaged"), "{error}");
    error
}

#[test]
fn what_a_tokenizer_may_not_hold_is_told() {
    for (from, to, expected) in [
        ("\"unk_id\": 0", "\"unk_id\": 3", "unknown piece is number 3 of 3"),
        ("\"unk_id\": 0", "\"unk_id\": -1", "invalid value"),
        ("-2.5", "-1e300", "score -inf"),
        ("-2.5", "1e999", "out of range"),
        ("[[\"<unk>\", 0.0], [\"▁\", -1.5], [\"e\", -2.5]]", "[]", "0 pieces"),
        ("\"id\": 3", "\"id\": 4", "has number 4, and 3 as a piece"),
        ("\" {2,}\"", "\"(a*)*b\"", "is not one that it may replace"),
        (
            "{\"type\": \"NFKC\"}",
            "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"}",
            "its normalizer cannot be used",
        ),
        ("\"replacement\": \"▁\"", "\"replacement\": \"_\"", "spaces are written as \"_\""),
        ("\"version\": \"1.0\"", "\"version\": \"9\"", "version \"9\""),
        ("\"content\": \"<unk>\"", "\"content\": \" \"", "takes the spaces before it"),
    ] {
        assert!(said(from, to).contains(expected), "{to}: {}", said(from, to));
    }
    assert_eq!(said("\"padding\": null", "\"padding\": {\"what\": [\"ever\"]}"), "");
    let (open, close) = ("{\"type\":\"Sequence\",\"normalizers\":[".repeat(50_000), "]}".repeat(50_000));
    let deep = format!("\"normalizer\": {open}{close}, \"other\":");
    assert!(said("\"normalizer\":", &deep).contains("recursion"), "{}", said("\"normalizer\":", &deep));
}

#[cfg(unix)]
#[test]
fn a_device_in_place_of_a_tokenizer_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/zero", dir.path().join("tokenizer.json")).unwrap();
    let error = Tokenizer::load(dir.path(), &config(200)).unwrap_err().to_string();
    assert!(error.contains("tokenizer.json") && error.contains("a device"), "{error}");
}
