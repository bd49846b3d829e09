//! Tables with commas, whose columns turn up with their rows.

use std::io::{self, Write};

/// Rows of cells by the names of their columns. A column is where it came up first; a row without it has an empty cell.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    columns: Vec<String>,
    rows: Vec<Vec<(usize, String)>>,
}

impl Rows {
    /// Rows that begin with `columns`, whether a row has them or not.
    pub fn with_columns<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Adds a row; of several cells of one column the last counts.
    pub fn add(&mut self, cells: impl IntoIterator<Item = (String, String)>) {
        let mut row: Vec<(usize, String)> = Vec::new();
        for (name, cell) in cells {
            let column = self.columns.iter().position(|column| *column == name).unwrap_or_else(|| {
                self.columns.push(name);
                self.columns.len() - 1
            });
            row.retain(|(other, _)| *other != column);
            row.push((column, cell));
        }
        self.rows.push(row);
    }

    /// Writes a header and the rows, cells quoted where they must be.
    pub fn write(&self, out: impl Write) -> io::Result<()> {
        let mut table = csv::Writer::from_writer(out);
        table.write_record(&self.columns)?;
        for row in &self.rows {
            let mut cells = vec![""; self.columns.len()];
            for (column, cell) in row {
                cells[*column] = cell;
            }
            table.write_record(&cells)?;
        }
        table.flush()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn columns_are_all_that_any_row_has() {
        let mut rows = Rows::with_columns(["id", "text"]);
        let row = |cells: &[(&str, &str)]| {
            cells.iter().map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned())).collect::<Vec<_>>()
        };
        rows.add(row(&[("text", "a, \"b\""), ("page", "3")]));
        rows.add(row(&[("id", "x"), ("text", "one\ntwo"), ("who", "Ann"), ("text", "three")]));
        let mut out = Vec::new();
        rows.write(&mut out).unwrap();
        // As RFC 4180 has it.
        let expected = "id,text,page,who\n,\"a, \"\"b\"\"\",3,\nx,three,,Ann\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
