//! Words of more pieces than the model takes.

use fishdip_tasks::words::words;
use fishdip_tasks::{Example, TaskKind};

use super::Windows;
use crate::Error;

impl Windows<'_> {
    /// `example` with the beginnings of its words that have more than `most` pieces. Words are as many as before, so what is found in them is
    /// found in the whole words.
    pub(super) fn with_short_words(&self, example: &Example, most: usize) -> Result<Example, Error> {
        let mut short = example.clone();
        for token in &mut short.tokens {
            if let Some(beginning) = self.beginning(token, most)? {
                *token = beginning;
            }
        }
        // A text that is classified is read as it stands.
        if let (TaskKind::TextClassification, Some(text)) = (self.task.kind(), &example.text) {
            short.text = Some(self.with_short_words_in(text, most)?);
        }
        Ok(short)
    }

    fn with_short_words_in(&self, text: &str, most: usize) -> Result<String, Error> {
        let mut short = String::with_capacity(text.len());
        let mut chars = text.chars();
        let mut at = 0;
        for word in words(text) {
            short.extend(chars.by_ref().take(word.chars.start - at));
            short.push_str(self.beginning(word.text, most)?.as_deref().unwrap_or(word.text));
            // What was written is not to be read again.
            chars.by_ref().take(word.chars.len()).for_each(drop);
            at = word.chars.end;
        }
        short.extend(chars);
        Ok(short)
    }

    /// The longest beginning of `word` found that has at most `most` pieces, but at least a character; nothing if the word has no more itself.
    fn beginning(&self, word: &str, most: usize) -> Result<Option<String>, Error> {
        let mut pieces = self.tokenizer.word(word, false)?.len();
        if pieces <= most {
            return Ok(None);
        }
        let mut kept = word.chars().count();
        let mut beginning = word.to_owned();
        while pieces > most && kept > 1 {
            // As many characters as would have so many pieces if all had as many as another.
            kept = (kept * most / pieces).clamp(1, kept - 1);
            beginning = word.chars().take(kept).collect();
            pieces = self.tokenizer.word(&beginning, false)?.len();
        }
        Ok(Some(beginning))
    }
}
