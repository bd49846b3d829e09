//! The table of a study as Markdown and as CSV.

use fishdip_tasks::score::Interval;
use std::fmt::Write as _;

use super::table::{StudyRow, StudyTable};

/// The columns of the CSV file.
const CSV_HEAD: &str = "name,seeds,score,low,high,difference,difference_low,difference_high,entries_trained,seconds_per_step,seconds_per_refresh,peak_rss_mib,bytes,error";

impl StudyTable {
    /// As a table of Markdown, which can be read as it is, with what its figures are.
    pub fn to_markdown(&self) -> String {
        let head = self.head();
        let head: [&str; 9] = std::array::from_fn(|column| head[column].as_str());
        aligned(&head, &self.lines()) + &self.explained()
    }

    /// What the columns are.
    pub(crate) fn head(&self) -> [String; 9] {
        [
            "group".to_owned(),
            "seeds".to_owned(),
            format!("{} (95 %)", self.metric),
            "difference (95 %)".to_owned(),
            "trained".to_owned(),
            "s/step".to_owned(),
            "s/refresh".to_owned(),
            "peak MiB".to_owned(),
            "adapter bytes".to_owned(),
        ]
    }

    /// Row by row what stands in the columns.
    pub(crate) fn lines(&self) -> Vec<[String; 9]> {
        self.rows.iter().map(cells).collect()
    }

    /// What the figures are, and why cells are missing.
    pub(crate) fn explained(&self) -> String {
        let over = match self.rows.iter().map(|row| row.seeds).max() {
            Some(2..) => "seeds and examples, paired (of a group with one seed, over its examples alone)",
            _ => "examples alone, paired, since there is one seed",
        };
        let mut text = format!(
            "\n{} is the mean over seeds; its 95 % interval is that of a bootstrap over {over}.\n",
            self.metric
        );
        // Writing to a String cannot fail.
        if let Some(baseline) = &self.baseline {
            let _ = writeln!(text, "Differences are to {baseline}, over the seeds that both have.");
        }
        text + &failures(self.rows.iter().filter_map(|row| Some((&row.name, row.error.as_ref()?))))
    }

    /// As CSV, every figure in a column of its own.
    pub fn to_csv(&self) -> String {
        let mut text = format!("{CSV_HEAD}\n");
        for row in &self.rows {
            let whole = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
            let end = |at: usize| number(row.interval.map(|ends| ends[at]));
            let fields = [
                quoted(&row.name),
                row.seeds.to_string(),
                number(row.score),
                end(0),
                end(1),
                number(row.difference.map(|difference| difference.value)),
                number(row.difference.map(|difference| difference.low)),
                number(row.difference.map(|difference| difference.high)),
                whole(row.entries_trained.map(|entries| entries as u64)),
                number(row.seconds_per_step),
                number(row.seconds_per_refresh),
                number(row.peak_rss_mib),
                whole(row.bytes),
                row.error.as_deref().map_or_else(String::new, quoted),
            ];
            text += &fields.join(",");
            text.push('\n');
        }
        text
    }
}

/// What stands in the line of `row`.
fn cells(row: &StudyRow) -> [String; 9] {
    let none = || "-".to_owned();
    if row.error.is_some() {
        // Why is told below, where there is room for it.
        let mut cells = std::array::from_fn(|_| none());
        (cells[0], cells[1], cells[2]) = (row.name.clone(), "0".to_owned(), "not done".to_owned());
        return cells;
    }
    let score = row.score.zip(row.interval);
    let difference = |Interval { value, low, high }| format!("{value:+.4} ({low:+.4} to {high:+.4})");
    let seconds = |seconds: Option<f64>| seconds.map_or_else(none, |seconds| format!("{seconds:.3}"));
    [
        row.name.clone(),
        row.seeds.to_string(),
        score.map_or_else(none, |(score, [low, high])| format!("{score:.4} ({low:.4} to {high:.4})")),
        row.difference.map_or_else(none, difference),
        row.entries_trained.map_or_else(none, |entries| entries.to_string()),
        seconds(row.seconds_per_step),
        seconds(row.seconds_per_refresh),
        row.peak_rss_mib.map_or_else(none, |mib| format!("{mib:.0}")),
        row.bytes.map_or_else(none, |bytes| bytes.to_string()),
    ]
}

/// A number of a CSV file; nothing where there is none.
pub(super) fn number(number: Option<f64>) -> String {
    number.map_or_else(String::new, |number| format!("{number:.6}"))
}

/// A table of Markdown, whose columns line up.
pub(super) fn aligned<const N: usize>(head: &[&str; N], lines: &[[String; N]]) -> String {
    let width = |column: usize| {
        let cells = lines.iter().map(|line| line[column].chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    line(&mut text, &widths, &head.map(str::to_owned));
    line(&mut text, &widths, &std::array::from_fn(|column| rule(column, widths[column])));
    for cells in lines {
        line(&mut text, &widths, cells);
    }
    text
}

/// Why cells are missing, as a list of Markdown.
pub(super) fn failures<'a>(failed: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let mut text = String::new();
    for (at, (name, error)) in failed.enumerate() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}- {name}: {}", if at == 0 { "\n" } else { "" }, one_line(error));
    }
    text
}

/// The rule below the head: names to the left, figures to the right.
fn rule(column: usize, width: usize) -> String {
    if column == 0 { "-".repeat(width) } else { "-".repeat(width.saturating_sub(1)) + ":" }
}

fn line<const N: usize>(text: &mut String, widths: &[usize; N], cells: &[String; N]) {
    for (column, (cell, &width)) in cells.iter().zip(widths).enumerate() {
        // Writing to a String cannot fail.
        let _ =
            if column == 0 { write!(text, "| {cell:width$} |") } else { write!(text, " {cell:>width$} |") };
    }
    text.push('\n');
}

/// A field of CSV.
pub(super) fn quoted(field: &str) -> String {
    format!("\"{}\"", one_line(field).replace('"', "\"\""))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> StudyTable {
        let row = StudyRow {
            name: "fish-dip,keep=0.01".to_owned(),
            group: serde_json::Map::new(),
            seeds: 2,
            score: Some(0.5),
            interval: Some([0.4, 0.6]),
            difference: Some(Interval { value: 0.1, low: -0.05, high: 0.25 }),
            entries_trained: Some(40_709),
            seconds_per_step: Some(0.125),
            seconds_per_refresh: Some(1.5),
            peak_rss_mib: Some(612.4),
            bytes: Some(300_000),
            error: None,
        };
        let failed = StudyRow {
            name: "full".to_owned(),
            seeds: 0,
            score: None,
            interval: None,
            difference: None,
            error: Some("failed to read \"x\",\n there".to_owned()),
            ..row.clone()
        };
        StudyTable { rows: vec![row, failed], metric: "F1".to_owned(), baseline: Some("full".to_owned()) }
    }

    #[test]
    fn markdown_lines_up() {
        let text = table().to_markdown();
        let lines: Vec<&str> = text.lines().take(4).collect();
        assert!(lines.iter().all(|line| line.len() == lines[0].len() && line.starts_with("| ")), "{text}");
        assert!(lines[2].contains("| 0.5000 (0.4000 to 0.6000) | +0.1000 (-0.0500 to +0.2500) |"), "{text}");
        assert!(lines[3].contains("not done"), "{text}");
        assert!(text.ends_with("\n\n- full: failed to read \"x\", there\n"), "{text}");
    }

    #[test]
    fn one_seed_is_told() {
        let mut table = table();
        table.rows[0].seeds = 1;
        assert!(table.to_markdown().contains("over examples alone, paired, since there is one seed"));
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        let text = table().to_csv();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(
            lines[1].starts_with("\"fish-dip,keep=0.01\",2,0.500000,0.400000,0.600000,0.100000,"),
            "{text}"
        );
        assert!(lines[2].ends_with(",\"failed to read \"\"x\"\", there\""), "{text}");
    }
}
