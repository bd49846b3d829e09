//! Tokenizers of the family against SentencePiece and against each other.

use std::fs;
use std::path::{Path, PathBuf};

use fishdip_t5::{LostKind, T5Config, Tokenizer};
use proptest::prelude::*;
use tokenizers::ModelWrapper;

const NANO: &str = "../../fixtures/models/t5-nano";

/// The folder of real data, or the reason why there is none.
fn data() -> Option<PathBuf> {
    let data = std::env::var_os("FISHDIP_DATA").map(PathBuf::from).filter(|data| data.is_dir());
    if data.is_none() {
        eprintln!("skipped: FISHDIP_DATA names no folder");
    }
    data
}

/// The tokenizer of `folder`, read from nothing but `files` of it, for a model with `rows` rows.
fn tokenizer(folder: &Path, files: &[&str], rows: usize) -> Tokenizer {
    let dir = tempfile::tempdir().unwrap();
    for file in files {
        fs::copy(folder.join(file), dir.path().join(file)).unwrap();
    }
    Tokenizer::load(dir.path(), &config(rows, "T5Tokenizer")).unwrap()
}

fn config(rows: usize, tokenizer: &str) -> T5Config {
    let dir = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(Path::new(NANO).join("config.json")).unwrap();
    let mut file: serde_json::Value = serde_json::from_str(&text).unwrap();
    file["vocab_size"] = rows.into();
    file["tokenizer_class"] = tokenizer.into();
    let path = dir.path().join("config.json");
    fs::write(&path, file.to_string()).unwrap();
    T5Config::read(&path).unwrap()
}

/// FNV-1a of the ids, each as four little-endian bytes.
fn hash(ids: &[u32]) -> u64 {
    let bytes = ids.iter().flat_map(|id| id.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The sentences of column files, as the script of the golden reads them.
fn sentences(data: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for file in ["wnut17/wnut17train.conll", "conll2003/eng.testb"] {
        let mut words: Vec<&str> = Vec::new();
        let text = fs::read_to_string(data.join(file)).unwrap();
        for line in text.split('\n').chain([""]) {
            match line.split_whitespace().next() {
                Some(word) => words.push(word),
                None if words.is_empty() => {}
                None => all.push(core::mem::take(&mut words).join(" ")),
            }
        }
    }
    all
}

#[test]
fn five_thousand_lines_are_cut_as_sentencepiece_cuts_them() {
    let Some(data) = data() else { return };
    let folder = data.join("t5-tokenizer");
    let golden = fs::read_to_string("../../fixtures/golden/t5-pieces.txt").unwrap();
    let sentences = sentences(&data);
    assert_eq!(golden.lines().count(), 5000);
    for file in ["tokenizer.json", "spiece.model"] {
        let tokenizer = tokenizer(&folder, &[file], 32128);
        let hello = tokenizer.encode("translate English to German: Hello").unwrap();
        assert_eq!(hello, [13959, 1566, 12, 2968, 10, 8774, 1]);
        let mut ties = 0;
        for (text, theirs) in sentences.iter().zip(golden.lines()) {
            let mut ids = tokenizer.encode(text).unwrap();
            assert_eq!(ids.pop(), Some(1));
            assert_eq!(format!("{:016x}", hash(&ids)), theirs, "{text}");
            let words: Vec<u32> = text
                .split(' ')
                .enumerate()
                .flat_map(|(at, word)| tokenizer.word(word, at == 0).unwrap())
                .collect();
            if words != ids {
                // Cuts like `h hhh` and `hhh h` have the same score: in a text, the rounding of the whole sum decides.
                let sorted = |mut ids: Vec<u32>| {
                    ids.sort_unstable();
                    ids
                };
                assert_eq!(sorted(words), sorted(ids), "{text}");
                ties += 1;
            }
        }
        assert_eq!(ties, 7, "{file}");
    }
}

#[test]
fn a_folder_with_spiece_model_alone_has_the_same_tokenizer() {
    let (json, spiece) = (
        tokenizer(Path::new(NANO), &["tokenizer.json"], 8128),
        tokenizer(Path::new(NANO), &["spiece.model"], 8128),
    );
    let texts = fs::read_to_string("../../fixtures/data/quickstart/train.txt").unwrap();
    let odd = [
        "",
        " ",
        "  two  spaces ",
        "ﬁ ½ Ⅳ",
        "up ⛰ there",
        "a\tb\u{a0}c",
        "[ x | y = z ]",
        "<extra_id_0> and </s>",
    ];
    for text in texts.lines().chain(odd) {
        let ids = json.encode(text).unwrap();
        assert_eq!(spiece.encode(text).unwrap(), ids, "{text:?}");
        assert_eq!(spiece.decode(&ids), json.decode(&ids), "{text:?}");
        assert_eq!(spiece.lost(text).unwrap(), json.lost(text).unwrap(), "{text:?}");
    }
}

#[test]
fn byt5_needs_no_file() {
    let nowhere = tempfile::tempdir().unwrap();
    let bytes = Tokenizer::load(nowhere.path(), &config(384, "ByT5Tokenizer")).unwrap();
    // "Life" of the example in the documentation of `transformers`: bytes + 3.
    assert_eq!(bytes.encode("Life").unwrap(), [79, 108, 105, 104, 1]);
    assert_eq!(bytes.word("é", false).unwrap(), [35, 0xc3 + 3, 0xa9 + 3]);
    let text = "two  spaces, é and 山";
    let ids = bytes.encode(text).unwrap();
    let (back, ranges) = bytes.decode(&ids);
    assert_eq!((back.as_str(), ranges.len()), (text, ids.len()));
    assert!(ranges[..text.len()].iter().enumerate().all(|(at, range)| *range == (at..at + 1)));
    assert_eq!(ranges.last(), Some(&(text.len()..text.len())));
    assert_eq!(bytes.lost(text).unwrap(), []);
    // Half a character, and a byte beyond the bytes.
    assert_eq!(bytes.decode(&[100, 0xc3 + 3, 101, 300]), ("ab".into(), vec![0..1, 1..1, 1..2, 2..2]));
    // A model with fewer rows than there are bytes.
    let error = Tokenizer::load(nowhere.path(), &config(96, "ByT5Tokenizer")).unwrap_err().to_string();
    assert!(error.contains("259 pieces") && error.contains("96 rows"), "{error}");
}

#[test]
fn what_does_not_come_back_is_told_with_its_place() {
    let nano = tokenizer(Path::new(NANO), &["spiece.model"], 8128);
    let lost = nano.lost(" up  ⛰ there").unwrap();
    let found: Vec<_> = lost.iter().map(|lost| (lost.text.as_str(), lost.chars.clone(), lost.kind)).collect();
    assert_eq!(found[0], (" ", 0..1, LostKind::Spaces));
    assert_eq!(found[1], ("  ", 3..5, LostKind::Spaces));
    assert!(
        found[2].0.contains('⛰') && found[2].1.contains(&5) && found[2].2 == LostKind::Unknown,
        "{found:?}"
    );
    assert_eq!(found.len(), 3);
}

#[test]
fn a_damaged_spiece_model_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("spiece.model");
    let whole = fs::read(Path::new(NANO).join("spiece.model")).unwrap();
    for bytes in [&whole[..whole.len() / 2], b"not a model", b""] {
        fs::write(&path, bytes).unwrap();
        let error = Tokenizer::load(dir.path(), &config(8128, "T5Tokenizer")).unwrap_err().to_string();
        assert!(error.contains("spiece.model is damaged"), "{error}");
    }
    fs::write(&path, &whole).unwrap();
    let error = Tokenizer::load(dir.path(), &config(7000, "T5Tokenizer")).unwrap_err().to_string();
    assert!(error.contains("8000 pieces") && error.contains("7000 rows"), "{error}");
}

#[test]
fn a_tokenizer_of_another_kind_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let bpe = r#"{"version": "1.0", "added_tokens": [], "model": {"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": []}}"#;
    fs::write(dir.path().join("tokenizer.json"), bpe).unwrap();
    let error = Tokenizer::load(dir.path(), &config(8128, "T5Tokenizer")).unwrap_err().to_string();
    assert!(error.contains("tokenizer.json") && error.contains("it is no unigram model"), "{error}");
}

/// Any characters, and words of few letters, some of them without a piece.
fn texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop_oneof![".{0,40}", "[a-eéß⛰ ]{0,40}", "[ah ]{0,30}"], 40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// The pieces are those of `tokenizers`, or others of the same score.
    #[test]
    fn cuts_are_as_likely_as_those_of_tokenizers(texts in texts()) {
        let theirs = tokenizers::Tokenizer::from_file(Path::new(NANO).join("tokenizer.json")).unwrap();
        let ModelWrapper::Unigram(model) = theirs.get_model() else { panic!("no unigram model") };
        let scores: Vec<f64> = model.iter().map(|(_, score)| *score).collect();
        let score = |ids: &[u32]| ids.iter().map(|&id| scores[id as usize]).sum::<f64>();
        let ours = tokenizer(Path::new(NANO), &["tokenizer.json"], 8128);
        for text in texts {
            let (mut found, expected) = (ours.encode(&text).unwrap(), theirs.encode(text.as_str(), false).unwrap());
            prop_assert_eq!(found.pop(), Some(1));
            if found != expected.get_ids() {
                let (a, b) = (score(&found), score(expected.get_ids()));
                prop_assert!((a - b).abs() < 1e-3 && found.len() > 1, "{text:?}: {a} {b}");
            }
        }
    }
}

#[test]
fn sentinels_are_those_of_t5_in_their_order() {
    // `T5Tokenizer` of `transformers` gives `<extra_id_0>` the last of its ids, and each other one that before it.
    for file in ["tokenizer.json", "spiece.model"] {
        let tokenizer = tokenizer(Path::new(NANO), &[file], 8128);
        let expected: Vec<u32> = (8000..8100).rev().collect();
        assert_eq!(tokenizer.sentinels(), expected, "{file}");
    }
    let bytes = tempfile::tempdir().unwrap();
    let tokenizer = Tokenizer::load(bytes.path(), &config(384, "ByT5Tokenizer")).unwrap();
    assert_eq!(tokenizer.sentinels(), [0_u32; 0]);
}
