//! JSON objects, one a line.

use std::io::{self, Write};

use serde::Serialize;

use super::super::Refusal;
use super::super::answer::Answer;
use super::{Output, Unshown};

pub(super) struct Lines<'w>(pub(super) &'w mut dyn Write);

impl Lines<'_> {
    fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut *self.0, line)?;
        self.0.write_all(b"\n")
    }
}

impl Output for Lines<'_> {
    fn answer(&mut self, answer: &Answer) -> io::Result<Option<Unshown>> {
        self.write(answer).map(|()| None)
    }

    fn refusal(&mut self, refusal: &Refusal) -> io::Result<bool> {
        self.write(refusal).map(|()| true)
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
