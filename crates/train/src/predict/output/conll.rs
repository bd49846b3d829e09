//! Columns of words and tags.

use std::io::{self, Write};

use fishdip_tasks::write::{write_conll, write_conll_comment};

use super::super::Refusal;
use super::super::answer::Answer;
use super::{Output, Unshown};

pub(super) struct Sentences<'w>(pub(super) &'w mut dyn Write);

impl Output for Sentences<'_> {
    fn answer(&mut self, answer: &Answer) -> io::Result<Option<Unshown>> {
        let mut out = &mut *self.0;
        let example = answer.example();
        if example.tokens.iter().any(|word| word.contains(char::is_whitespace)) {
            return Ok(Some(Unshown::Text));
        }
        for (key, value) in answer.id().map(|id| ("id", id)).into_iter().chain(answer.other_fields()) {
            // Its words are below.
            if !is_words(key) {
                write_conll_comment(&mut out, key, &value.plain())?;
            }
        }
        if let Some(intent) = answer.class() {
            write_conll_comment(&mut out, "intent", intent)?;
        }
        if answer.text() != example.tokens.join(" ") || example.tokens.is_empty() {
            write_conll_comment(&mut out, "text", answer.text())?;
        }
        let hidden = write_conll(&mut out, &example.tokens, &example.entities)?;
        Ok((!hidden.is_empty()).then_some(Unshown::Spans))
    }

    fn refusal(&mut self, refusal: &Refusal) -> io::Result<bool> {
        let mut out = &mut *self.0;
        if let Some(line) = refusal.line {
            write_conll_comment(&mut out, "line", &line.to_string())?;
        }
        write_conll_comment(&mut out, "error", &refusal.error)?;
        writeln!(out)?;
        Ok(true)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.0.flush()
    }

    fn has_fields(&self) -> bool {
        true
    }
}

/// Whether a field of an input holds the words that the columns have.
fn is_words(key: &str) -> bool {
    matches!(key, "tokens" | "token" | "text" | "sentence")
}
