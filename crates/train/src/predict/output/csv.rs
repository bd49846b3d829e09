//! A table: a row a span, with its text and the fields of its input; one a text where classes are found, or no span.
//!
//! Cells are what was read and found, whatever they hold: a program that reads the table has the same texts. A spreadsheet program would run a cell such
//! as `=1+1`, so that is told, and not changed in silence.

use std::io::{self, Write};

use fishdip_tasks::TaskKind;
use fishdip_tasks::read::RawJson;
use fishdip_tasks::write::Rows;

use super::super::Refusal;
use super::super::answer::Answer;
use super::{Output, Unshown};

pub(super) struct Table<'w> {
    out: &'w mut dyn Write,
    kind: TaskKind,
    rows: Rows,
}

/// What to know of cells with their columns, if a spreadsheet program runs one of them: it begins with a sign of a formula, maybe behind white space that
/// is dropped, and is no number.
fn formula(row: &[(String, String)]) -> Option<Unshown> {
    let is_formula = |cell: &str| {
        let cell = cell.trim_start();
        cell.starts_with(['=', '+', '-', '@']) && cell.trim_end().parse::<f64>().is_err()
    };
    row.iter().any(|(name, cell)| is_formula(name) || is_formula(cell)).then_some(Unshown::Formula)
}

impl<'w> Table<'w> {
    pub(super) fn new(out: &'w mut dyn Write, kind: TaskKind) -> Self {
        Self { out, kind, rows: Rows::with_columns(columns(kind).iter().copied()) }
    }
}

/// The columns of what is found.
fn columns(kind: TaskKind) -> &'static [&'static str] {
    match kind {
        TaskKind::TextClassification => &["text", "label", "score"],
        TaskKind::RelationClassification => &["text", "relation", "score"],
        TaskKind::Slots => &["text", "intent", "start", "end", "label", "span", "score"],
        _ => &["text", "start", "end", "label", "span", "score"],
    }
}

impl Output for Table<'_> {
    fn answer(&mut self, answer: &Answer) -> io::Result<Option<Unshown>> {
        let cell = |value: &RawJson| if value.as_str() == "null" { String::new() } else { value.plain() };
        let own = |name: &str, text: String| (name.to_owned(), text);
        // Columns of the input, and then those of the answer, which count where both are called alike.
        let mut row: Vec<(String, String)> =
            answer.other_fields().map(|(key, value)| (key.to_owned(), cell(value))).collect();
        row.extend(answer.id().map(|id| own("id", cell(id))));
        row.push(own("text", answer.text().to_owned()));
        let score = answer.score().map(|score| own("score", score.to_string()));
        let class = answer.class().unwrap_or_default().to_owned();
        match self.kind {
            TaskKind::TextClassification => row.push(own("label", class)),
            TaskKind::RelationClassification => row.push(own("relation", class)),
            TaskKind::Slots => row.push(own("intent", class)),
            _ => {}
        }
        if matches!(self.kind, TaskKind::TextClassification | TaskKind::RelationClassification) {
            row.extend(score);
            let told = formula(&row);
            self.rows.add(row);
            return Ok(told);
        }
        let mut told = formula(&row);
        let mut spans = answer.spans().peekable();
        if spans.peek().is_none() {
            let none = ["start", "end", "label", "span", "score"].map(|name| own(name, String::new()));
            self.rows.add(row.iter().cloned().chain(none));
        }
        for span in spans {
            let cells = [
                own("start", span.start.to_string()),
                own("end", span.end.to_string()),
                own("label", span.label.clone()),
                own("span", span.text.clone()),
                own("score", span.score.to_string()),
            ];
            told = told.or(formula(&cells));
            self.rows.add(row.iter().cloned().chain(cells));
        }
        Ok(told)
    }

    fn refusal(&mut self, refusal: &Refusal) -> io::Result<bool> {
        let line = refusal.line.map(|line| ("line".to_owned(), line.to_string()));
        self.rows.add(line.into_iter().chain([("error".to_owned(), refusal.error.clone())]));
        Ok(true)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.rows.write(&mut *self.out)?;
        self.out.flush()
    }

    fn has_fields(&self) -> bool {
        true
    }

    fn columns(&self) -> &'static [&'static str] {
        columns(self.kind)
    }
}
