//! New sentences in the columns of a file that has a token a line.

use fishdip_tasks::Example;
use fishdip_tasks::tags::iob2;

/// More columns than these are not tried out.
const MOST_COLUMNS: usize = 16;

/// Before the number of a sentence that is added.
const NUMBERED: &str = "added-";

/// How a file may write a token. Which of several ways it is shows when what is written is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    separator: char,
    columns: usize,
    word: usize,
    tag: usize,
    tags: Tags,
    /// Where the columns that nobody reads tell sentences apart: how many sentences have a number in them already.
    numbered: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tags {
    Iob2,
    Bioes,
}

impl Row {
    /// The ways in which the file `old` may write a token, the most usual first: the word before its tag, the tag as far behind as can be.
    pub(super) fn candidates(old: &[u8]) -> Vec<Self> {
        let text = String::from_utf8_lossy(old);
        let is_data = |line: &&str| {
            !line.trim().is_empty() && !line.starts_with("# ") && !line.starts_with("-DOCSTART-")
        };
        let line = text.lines().find(is_data).unwrap_or("word tag");
        let separator = match line {
            line if line.contains('\t') => '\t',
            line if line.contains(' ') => ' ',
            _ => ',',
        };
        let columns = match separator {
            ' ' => line.split_whitespace().count(),
            cut => line.split(cut).count(),
        };
        let mut found = Vec::new();
        if !(2..=MOST_COLUMNS).contains(&columns) {
            return found;
        }
        let numbers =
            text.split([separator, '\n']).filter_map(|cell| cell.strip_prefix(NUMBERED)?.parse().ok());
        for numbered in [None, Some(numbers.max().unwrap_or(0))] {
            for tags in [Tags::Iob2, Tags::Bioes] {
                for word in 0..columns {
                    let behind = (0..columns).rev().filter(|&tag| tag != word);
                    found.extend(behind.map(|tag| Self { separator, columns, word, tag, tags, numbered }));
                }
            }
        }
        found
    }

    /// Writes `examples`, each with a blank line behind it.
    pub(super) fn write(self, examples: &[Example]) -> String {
        let mut out = String::new();
        for (number, example) in examples.iter().enumerate() {
            let unread = match self.numbered {
                Some(before) => format!("{NUMBERED}{}", before + number + 1),
                None => "_".to_owned(),
            };
            let (tags, _) = iob2(example.tokens.len(), &example.entities);
            let tags = if self.tags == Tags::Bioes { bioes(&tags) } else { tags };
            for (token, tag) in example.tokens.iter().zip(&tags) {
                for column in 0..self.columns {
                    if column > 0 {
                        out.push(self.separator);
                    }
                    out.push_str(match column {
                        column if column == self.word => token,
                        column if column == self.tag => tag,
                        _ => &unread,
                    });
                }
                out.push('\n');
            }
            out.push('\n');
        }
        out
    }
}

/// The same spans with their ends marked: `E-` for the last token of several, `S-` for a single one.
fn bioes(tags: &[String]) -> Vec<String> {
    let goes_on = |at: usize| tags.get(at + 1).is_some_and(|next| next.starts_with("I-"));
    let marked = tags.iter().enumerate().map(|(at, tag)| match tag.split_once('-') {
        Some(("B", label)) if !goes_on(at) => format!("S-{label}"),
        Some(("I", label)) if !goes_on(at) => format!("E-{label}"),
        _ => tag.clone(),
    });
    marked.collect()
}

#[cfg(test)]
mod tests {
    use fishdip_tasks::Entity;

    use super::*;

    #[test]
    fn the_usual_row_comes_first() {
        let example = {
            let mut example = Example::new(["Ann", "Lee", "met", "Bo"]);
            example.entities = vec![Entity::new("PER", 0, 2), Entity::new("PER", 3, 4)];
            example
        };
        for (old, expected) in [
            ("", "Ann B-PER\nLee I-PER\nmet O\nBo B-PER\n\n"),
            ("# a = b\nDora\tO\n", "Ann\tB-PER\nLee\tI-PER\nmet\tO\nBo\tB-PER\n\n"),
            (
                "-DOCSTART- -X- O O\n\nDora NNP B-NP B-PER\n",
                "Ann _ _ B-PER\nLee _ _ I-PER\nmet _ _ O\nBo _ _ B-PER\n\n",
            ),
            ("word,tag\nDora,O\n", "Ann,B-PER\nLee,I-PER\nmet,O\nBo,B-PER\n\n"),
        ] {
            let rows = Row::candidates(old.as_bytes());
            assert_eq!(rows[0].write(std::slice::from_ref(&example)), expected, "{old}");
        }
        assert!(Row::candidates(b"alone\n").is_empty());
        let tags = ["B-A", "I-A", "B-A", "O", "B-B"].map(str::to_owned);
        assert_eq!(bioes(&tags), ["B-A", "E-A", "S-A", "O", "S-B"]);
    }
}
