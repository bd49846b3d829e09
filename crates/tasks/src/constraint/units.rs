//! Runs of a text's units, and where else the same text stands.

use super::words::Sym;

/// A run of units; as the name of a text, the first run that has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Run {
    pub(super) start: u32,
    pub(super) length: u32,
}

/// The words of a text. A unit is a word together with words beside it that have no pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct Units(pub(super) Vec<Sym>);

impl Run {
    pub(super) fn end(self) -> u32 {
        self.start + self.length
    }

    /// The run of one unit more.
    pub(super) fn longer(self) -> Self {
        Self { length: self.length + 1, ..self }
    }
}

impl Units {
    pub(super) fn len(&self) -> u32 {
        self.0.len() as u32
    }

    pub(super) fn get(&self, at: u32) -> Option<Sym> {
        self.0.get(at as usize).copied()
    }

    /// Whether both are within the text and have the same units.
    pub(super) fn same(&self, a: Run, b: Run) -> bool {
        let units = |run: Run| self.0.get(run.start as usize..run.end() as usize);
        units(a).is_some() && units(a) == units(b)
    }

    /// The first run with the text of `run`.
    pub(super) fn canonical(&self, run: Run) -> Run {
        let mut earlier = (0..run.start).map(|start| Run { start, ..run });
        earlier.find(|&other| self.same(other, run)).unwrap_or(run)
    }

    /// Every run with the text of `run`, the first of which it is.
    pub(super) fn occurrences(&self, run: Run) -> impl Iterator<Item = Run> {
        let starts = run.start..(self.len() + 1).saturating_sub(run.length);
        starts.map(move |start| Run { start, ..run }).filter(move |&other| self.same(other, run))
    }

    /// The most often that a unit occurs.
    pub(super) fn most(&self) -> usize {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted.chunk_by(|a, b| a == b).map(<[Sym]>::len).max().unwrap_or_default()
    }
}
