//! Numbers of a model, one row for each example.

use crate::{Error, Result};

/// A borrowed `[rows, columns]` matrix, row by row, of finite numbers.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
}

impl<'a> Matrix<'a> {
    /// The numbers `values` as a matrix; `what` says in errors what they are.
    ///
    /// It is an error if there are not `rows × columns`, and one that names the row if a number is not finite.
    pub fn new(what: &'static str, values: &'a [f32], rows: usize, columns: usize) -> Result<Self> {
        if rows.checked_mul(columns) != Some(values.len()) || (rows > 0 && columns == 0) {
            return Err(Error::Shape { what, rows, columns, values: values.len() });
        }
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(Error::NotFinite { what, row: at / columns, value: f64::from(values[at]) });
        }
        Ok(Self { values, rows, columns })
    }

    /// Rows of our own making, whose numbers need no check. There is at least one column.
    pub(crate) fn of(values: &'a [f32], columns: usize) -> Self {
        Self { values, rows: values.len() / columns, columns }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many numbers a row has.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// A row.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn row(&self, row: usize) -> &'a [f32] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    /// Checks that every row is a probability distribution: from 0 to 1, and 1 together within 0.001.
    pub(crate) fn check_distributions(&self, what: &'static str) -> Result<()> {
        for row in 0..self.rows {
            let outside = self.row(row).iter().find(|p| !(0.0..=1.0).contains(*p));
            if let Some(&value) = outside {
                let expected = "a probability is from 0 to 1";
                return Err(Error::OutOfRange { what, row, value: f64::from(value), expected });
            }
            let sum: f64 = self.row(row).iter().map(|&p| f64::from(p)).sum();
            if (sum - 1.0).abs() > 1e-3 {
                return Err(Error::OutOfRange { what, row, value: sum, expected: "its sum must be 1" });
            }
        }
        Ok(())
    }
}

/// Checks that there is one number for each of `rows`, each finite; `of` says what a row is.
pub(crate) fn check_numbers(what: &'static str, values: &[f64], rows: usize, of: &'static str) -> Result<()> {
    check_length(what, values.len(), rows, of)?;
    match values.iter().position(|value| !value.is_finite()) {
        Some(row) => Err(Error::NotFinite { what, row, value: values[row] }),
        None => Ok(()),
    }
}

/// Checks that there are as many as expected.
pub(crate) fn check_length(
    what: &'static str,
    found: usize,
    expected: usize,
    of: &'static str,
) -> Result<()> {
    if found == expected { Ok(()) } else { Err(Error::Length { what, found, expected, of }) }
}
