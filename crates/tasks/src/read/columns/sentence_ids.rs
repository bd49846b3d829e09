//! Columns that tell which sentence, or which document, a token is of.

use std::collections::BTreeSet;

use super::{Block, Cut, Layout, unclear};
use crate::{Error, Origin};

/// What a header calls them.
const NAMES: [&str; 22] = [
    "sentence #",
    "sentence#",
    "sentence",
    "sentence_id",
    "sentence id",
    "sentenceid",
    "sentence_idx",
    "sentence_no",
    "sentence_number",
    "sentence number",
    "sent",
    "sent_id",
    "sent id",
    "sentid",
    "sent_idx",
    "sent_no",
    "doc",
    "doc_id",
    "docid",
    "document",
    "document_id",
    "document id",
];

/// Whether a header's name is that of such a column.
pub(super) fn is_name(name: &str) -> bool {
    NAMES.contains(&name.to_lowercase().as_str())
}

/// What stands in a cell, but for what says that there is nothing.
fn filled(cell: &str) -> Option<&str> {
    Some(cell).filter(|cell| !matches!(*cell, "" | "_" | "NaN" | "nan"))
}

/// Where the sentences of a block begin, by its columns of ids. Their cells are filled in every row, or in the
/// first row of a sentence alone; an empty one goes on with what stands above it.
struct Ids<'a> {
    columns: &'a [usize],
    cut: Cut,
    now: Vec<String>,
    /// Whether every cell of the row before was empty.
    open: bool,
    known: BTreeSet<Vec<String>>,
}

/// What a row is to the sentence before it.
enum Step {
    Same,
    New,
    Wrong(Error),
}

impl Ids<'_> {
    fn step(&mut self, at: &Origin, line: &str) -> Step {
        let fields = self.cut.fields(line);
        let cells: Vec<Option<&str>> =
            self.columns.iter().map(|&column| fields.get(column).copied().and_then(filled)).collect();
        let was_open = std::mem::replace(&mut self.open, cells.iter().all(Option::is_none));
        if self.open {
            if self.now.is_empty() {
                return Step::Wrong(unclear(
                    at,
                    "the line does not say of which sentence it is, and none is above it; write the sentence's id there",
                ));
            }
            return Step::Same;
        }
        let new: Vec<String> = cells
            .iter()
            .enumerate()
            .map(|(i, cell)| cell.map_or_else(|| self.now.get(i).cloned().unwrap_or_default(), str::to_owned))
            .collect();
        let shown = new.join(", ");
        if new != self.now {
            let is_new = self.known.insert(new.clone());
            self.now = new;
            if is_new {
                return Step::New;
            }
            return Step::Wrong(unclear(
                at,
                format!(
                    "the sentence {shown:?} goes on here, behind another one; sort the lines, or put a blank line between documents"
                ),
            ));
        }
        // Rows with the cells `7`, `_`, `7` have two readings: one sentence, or two with the same id, each
        // named in its first row. Neither is guessed.
        if was_open {
            return Step::Wrong(unclear(
                at,
                format!(
                    "the sentence {shown:?} is named again behind lines that name none, so that it is open whether another begins; write its id in every line"
                ),
            ));
        }
        Step::Same
    }
}

impl Layout {
    /// The sentences of a block of lines: several, where a column tells of which a token is.
    pub(in crate::read) fn part(&self, block: Block) -> Vec<Block> {
        if self.sentence.is_empty() {
            return vec![block];
        }
        let mut ids = Ids {
            columns: &self.sentence,
            cut: self.cut,
            now: Vec::new(),
            open: false,
            known: BTreeSet::new(),
        };
        let mut parts = vec![Block::default()];
        let mut broken = block.broken.into_iter().peekable();
        // Whether a line that cannot be read stands before this one.
        let mut lost = false;
        for (index, (at, line)) in block.lines.into_iter().enumerate() {
            while let Some((_, error)) = broken.next_if(|(before, _)| *before <= index) {
                lost = true;
                add_error(&mut parts, error);
            }
            let step = if self.is_no_row(&at, &line) { Step::Same } else { ids.step(&at, &line) };
            let is_lost = std::mem::take(&mut lost);
            if !matches!(step, Step::Same) {
                parts.push(Block::default());
                if is_lost {
                    let problem =
                        "the line before this one cannot be read, and may be of its sentence; correct it";
                    add_error(&mut parts, unclear(&at, problem));
                }
            }
            if let Step::Wrong(error) = step {
                add_error(&mut parts, error);
            }
            if let Some(part) = parts.last_mut() {
                part.lines.push((at, line));
            }
        }
        broken.for_each(|(_, error)| add_error(&mut parts, error));
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// The first line inside of a block at which the column begins to name another sentence, if it seems to hold
    /// ids: its values stand together, some in several lines, and are numbers that go up or texts. `digits` asks for
    /// one in each of these, since tags of other kinds may stand together by chance.
    pub(super) fn unnamed_ids<'b>(
        &self,
        blocks: &'b [Block],
        column: usize,
        digits: bool,
    ) -> Option<&'b Origin> {
        let (mut rows, mut runs, mut inside) = (0_usize, 0_usize, None);
        for block in blocks {
            let mut known: BTreeSet<&str> = BTreeSet::new();
            let mut last: Option<&str> = None;
            for (at, fields) in self.rows(block) {
                let cell = fields.get(column).copied().and_then(filled)?;
                if digits && !cell.bytes().any(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                rows += 1;
                if last == Some(cell) {
                    continue;
                }
                let goes_up = |before: &str| match (before.parse::<u64>(), cell.parse::<u64>()) {
                    (Ok(before), Ok(now)) => before < now,
                    (Err(_), Err(_)) => true,
                    _ => false,
                };
                if !known.insert(cell) || !last.is_none_or(goes_up) {
                    return None;
                }
                if last.is_some() {
                    inside.get_or_insert(at);
                }
                runs += 1;
                last = Some(cell);
            }
        }
        inside.filter(|_| rows > runs)
    }
}

fn add_error(parts: &mut [Block], error: Error) {
    if let Some(part) = parts.last_mut() {
        part.broken.push((part.lines.len(), error));
    }
}
