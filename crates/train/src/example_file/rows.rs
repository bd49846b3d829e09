//! New sentences in the columns of a file that has a token a line.

use fishdip_tasks::Example;
use fishdip_tasks::tags::iob2;

/// More columns than these are not tried out.
const MOST_COLUMNS: usize = 16;

/// In how many columns the word is looked for.
const WORD_COLUMNS: usize = 4;

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
    unread: Unread,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tags {
    Iob2,
    /// With a letter for a token in the middle of a span, for the last of several, and for a single one.
    Ended([char; 3]),
    Iob1,
    /// The label alone.
    Io,
}

/// The ways to write tags that are tried: IOB2, IOBES, BILOU, BMES, IOB1 and IO.
const TAGS: [Tags; 6] = [
    Tags::Iob2,
    Tags::Ended(['I', 'E', 'S']),
    Tags::Ended(['I', 'L', 'U']),
    Tags::Ended(['M', 'E', 'S']),
    Tags::Iob1,
    Tags::Io,
];

/// What stands in the columns that nobody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unread {
    Nothing,
    /// In the first one the number of the token, in others nothing.
    Token,
    /// A name that tells sentences apart; so many have one already.
    Sentence(usize),
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
            line if line.contains(';') => ';',
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
        for unread in [Unread::Nothing, Unread::Token, Unread::Sentence(numbers.max().unwrap_or(0))] {
            for tags in TAGS {
                for word in 0..columns.min(WORD_COLUMNS) {
                    let behind = (0..columns).rev().filter(|&tag| tag != word);
                    found.extend(behind.map(|tag| Self { separator, columns, word, tag, tags, unread }));
                }
            }
        }
        found
    }

    /// Writes `examples`, each with a blank line behind it.
    pub(super) fn write(self, examples: &[Example]) -> String {
        let mut out = String::new();
        for (number, example) in examples.iter().enumerate() {
            let (tags, _) = iob2(example.tokens.len(), &example.entities);
            let tags = match self.tags {
                Tags::Iob2 => tags,
                Tags::Ended(letters) => ended(&tags, letters),
                Tags::Iob1 => iob1(&tags),
                Tags::Io => tags
                    .iter()
                    .map(|tag| tag.split_once('-').map_or(&**tag, |(_, label)| label).to_owned())
                    .collect(),
            };
            for (place, (token, tag)) in example.tokens.iter().zip(&tags).enumerate() {
                let unread = |column: usize| match self.unread {
                    Unread::Sentence(before) => format!("{NUMBERED}{}", before + number + 1),
                    Unread::Token if column == 0 => (place + 1).to_string(),
                    Unread::Token | Unread::Nothing => "_".to_owned(),
                };
                for column in 0..self.columns {
                    if column > 0 {
                        out.push(self.separator);
                    }
                    match column {
                        column if column == self.word => out.push_str(token),
                        column if column == self.tag => out.push_str(tag),
                        column => out.push_str(&unread(column)),
                    }
                }
                out.push('\n');
            }
            out.push('\n');
        }
        out
    }
}

/// The same spans with their ends marked by letters for a token in the middle, the last of several and a single one.
fn ended(tags: &[String], [middle, last, single]: [char; 3]) -> Vec<String> {
    let goes_on = |at: usize| tags.get(at + 1).is_some_and(|next| next.starts_with("I-"));
    let marked = tags.iter().enumerate().map(|(at, tag)| match tag.split_once('-') {
        Some(("B", label)) if !goes_on(at) => format!("{single}-{label}"),
        Some(("I", label)) if !goes_on(at) => format!("{last}-{label}"),
        Some(("I", label)) => format!("{middle}-{label}"),
        _ => tag.clone(),
    });
    marked.collect()
}

/// The same spans with `B-` only where one ends just before another of its label.
fn iob1(tags: &[String]) -> Vec<String> {
    let mut before = None;
    let marked = tags.iter().map(|tag| {
        let (prefix, label) = tag.split_once('-').unzip();
        let parts = prefix == Some("B") && before == label;
        before = label;
        label.map_or_else(|| tag.clone(), |label| format!("{}-{label}", if parts { "B" } else { "I" }))
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
        let tags = ["B-A", "I-A", "I-A", "B-A", "O", "B-B"].map(str::to_owned);
        assert_eq!(ended(&tags, ['M', 'E', 'S']), ["B-A", "M-A", "E-A", "S-A", "O", "S-B"]);
        assert_eq!(iob1(&tags), ["I-A", "I-A", "I-A", "B-A", "O", "I-B"]);
    }
}
