//! JSON objects, one a line.

use std::io::{self, Write};

use super::super::Refusal;
use super::super::answer::Answer;
use super::{Output, Unshown};

pub(super) struct Lines<'w>(pub(super) &'w mut dyn Write);

impl Output for Lines<'_> {
    fn answer(&mut self, answer: &Answer) -> io::Result<Option<Unshown>> {
        writeln!(self.0, "{}", answer.line()?)?;
        Ok(None)
    }

    fn refusal(&mut self, refusal: &Refusal) -> io::Result<bool> {
        writeln!(self.0, "{}", serde_json::to_string(refusal)?)?;
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
