//! Tokenizers for tests.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use fishdip_tasks::Vocabulary;
use tokenizers::Tokenizer;

/// As ByT5: the bytes, after three special pieces.
pub(crate) struct Bytes;

impl Vocabulary for Bytes {
    fn ids(&self, word: &str, at_start: bool) -> Vec<u32> {
        let space = if at_start { "" } else { " " };
        space.bytes().chain(word.bytes()).map(|byte| u32::from(byte) + 3).collect()
    }

    fn end(&self) -> u32 {
        1
    }
}

/// The pieces of a `tokenizer.json`.
pub(crate) struct Sentencepiece {
    inner: Tokenizer,
    known: Mutex<BTreeMap<String, Vec<u32>>>,
}

impl Sentencepiece {
    pub(crate) fn nano() -> Self {
        Self::load(Path::new("../../fixtures/models/t5-nano"))
    }

    pub(crate) fn load(folder: &Path) -> Self {
        let inner = Tokenizer::from_file(folder.join("tokenizer.json")).unwrap();
        Self { inner, known: Mutex::default() }
    }

    pub(crate) fn whole(&self, text: &str) -> Vec<u32> {
        self.inner.encode(text, false).unwrap().get_ids().to_vec()
    }
}

impl Vocabulary for Sentencepiece {
    fn ids(&self, word: &str, _: bool) -> Vec<u32> {
        let mut known = self.known.lock().unwrap();
        if let Some(ids) = known.get(word) {
            return ids.clone();
        }
        let ids = self.whole(word);
        known.insert(word.to_owned(), ids.clone());
        ids
    }

    fn end(&self) -> u32 {
        1
    }
}

/// A tokenizer that cuts a whole text as well.
pub(crate) trait Whole: Vocabulary {
    /// The ids of a text with its end.
    fn text(&self, text: &str) -> Vec<u32>;
}

impl Whole for Bytes {
    fn text(&self, text: &str) -> Vec<u32> {
        text.bytes().map(|byte| u32::from(byte) + 3).chain([1]).collect()
    }
}

impl Whole for Sentencepiece {
    fn text(&self, text: &str) -> Vec<u32> {
        let mut ids = self.whole(text);
        ids.push(1);
        ids
    }
}
