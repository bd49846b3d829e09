//! Shares of entries by layer and kind of weight.

use std::fmt::Write as _;

use super::{escaped, file, part};
use crate::Text;

const CELL: f64 = 46.0;
const ROW: f64 = 22.0;
/// A share that is shown as a number.
const SHOWN: f64 = 0.0005;
/// What colours the largest share; a number in it must be read.
const STRONGEST: f64 = 0.6;

/// A map of shares.
#[derive(Clone, Copy, Debug)]
pub struct HeatMap<'a> {
    /// What each row is.
    pub rows: &'a [Text],
    /// What each column is.
    pub columns: &'a [Text],
    /// The share of each cell, row by row.
    pub cells: &'a [f64],
}

impl HeatMap<'_> {
    /// The map as a file.
    pub fn to_svg(&self) -> String {
        let (width, height, body) = self.body();
        file(width, height, &body)
    }

    /// The map as a part of a page. Its cells have the class `cell` and their numbers `number`, in the order of the shares.
    pub fn to_part(&self, name: &str) -> String {
        let (width, height, body) = self.body();
        part(width, height, name, &body)
    }

    fn body(&self) -> (f64, f64, String) {
        let widest =
            |names: &[Text]| names.iter().map(|name| name.raw().chars().count()).max().unwrap_or(0) as f64;
        let (left, top) = (16.0 + 6.6 * widest(self.rows), 16.0 + 5.2 * widest(self.columns));
        let (width, height) = (
            left + CELL * self.columns.len() as f64 + 8.0 + 4.0 * widest(self.columns),
            top + ROW * self.rows.len() as f64 + 8.0,
        );
        let largest = self.cells.iter().copied().fold(0.0, f64::max);
        let mut svg = String::new();
        // Writing to a String cannot fail.
        for (at, column) in self.columns.iter().enumerate() {
            let x = left + CELL * (at as f64 + 0.5);
            let _ = writeln!(
                svg,
                "<text class=\"quiet\" transform=\"translate({:.1} {:.1}) rotate(-45)\">{}</text>",
                x - 2.0,
                top - 8.0,
                escaped(&column.shown())
            );
        }
        for (at, row) in self.rows.iter().enumerate() {
            let y = top + ROW * at as f64;
            let _ = writeln!(
                svg,
                "<text class=\"quiet\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                left - 8.0,
                y + 15.0,
                escaped(&row.shown())
            );
            for (index, column) in self.columns.iter().enumerate() {
                let share = self.cells.get(at * self.columns.len() + index).copied().unwrap_or(0.0);
                let (x, strength) = (left + CELL * index as f64, strength(share, largest));
                let _ = writeln!(
                    svg,
                    "<rect class=\"frame\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{CELL}\" height=\"{ROW}\"/>\
                     <rect class=\"cell\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{CELL}\" height=\"{ROW}\" fill-opacity=\"{strength:.3}\">\
                     <title>{} {}</title></rect>\
                     <text class=\"number\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                    escaped(&row.shown()),
                    escaped(&column.shown()),
                    x + CELL / 2.0,
                    y + 15.0,
                    number(share)
                );
            }
        }
        (width, height, svg)
    }
}

/// How strong the colour of a share is. A root shows small shares beside large ones.
pub(crate) fn strength(share: f64, largest: f64) -> f64 {
    if largest > 0.0 { STRONGEST * (share / largest).sqrt() } else { 0.0 }
}

/// A share as a number of percent; nothing if it would be 0.
pub(crate) fn number(share: f64) -> String {
    if share < SHOWN { String::new() } else { format!("{:.1}", 100.0 * share) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_share_has_a_cell_and_a_number() {
        let (rows, columns) = ([Text::from("a<0"), Text::from("b")], [Text::from("q"), Text::from("wo")]);
        let map = HeatMap { rows: &rows, columns: &columns, cells: &[0.64, 0.0, 0.16, 0.2] };
        for svg in [map.to_svg(), map.to_part("where")] {
            assert_eq!(svg.matches("class=\"cell\"").count(), 4);
            // The root of a quarter of the largest is half its strength.
            assert!(
                svg.contains("fill-opacity=\"0.600\"") && svg.contains("fill-opacity=\"0.300\""),
                "{svg}"
            );
            assert!(svg.contains(">64.0</text>") && svg.contains("a&lt;0 q"), "{svg}");
        }
        let none = HeatMap { rows: &[], columns: &[], cells: &[] }.to_svg();
        assert!(!none.contains("NaN"), "{none}");
    }
}
