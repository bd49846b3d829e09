//! Which columns of a table hold what.

use super::{OtherCells, name};
use crate::read::columns::{commas, unclear};
use crate::read::{Column, NoteKind, Notes, ReadOptions};
use crate::tags::TagScheme;
use crate::{Origin, Result, TaskKind};

/// Names of columns of texts.
pub(in crate::read) const TEXTS: &[&str] = &[
    "text",
    "sentence",
    "utterance",
    "tweet",
    "review",
    "content",
    "document",
    "question",
    "query",
    "comment",
    "message",
    "title",
    "body",
];

/// Names of columns of classes.
pub(in crate::read) const LABELS: &[&str] =
    &["label", "labels", "class", "category", "intent", "sentiment", "target", "topic", "emotion"];

/// Names of columns of tags.
pub(in crate::read) const TAGS: &[&str] =
    &["tags", "slots", "slot_tags", "slot-tags", "bio", "bio_tags", "iob"];

/// Names of columns with places in the text: of a table of spans.
const STARTS: &[&str] = &["start", "begin", "start_char", "start_offset"];
const ENDS: &[&str] = &["end", "stop", "end_char", "end_offset"];

/// The columns, from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    pub(super) width: usize,
    pub(super) id: Option<usize>,
    pub(super) text: usize,
    pub(super) label: Option<usize>,
    pub(super) tags: Option<usize>,
    /// Whether there is a column of tags, also where nobody looks at it.
    pub(super) has_tags: bool,
}

/// The names of a table.
struct Header<'a> {
    at: &'a Origin,
    names: Vec<String>,
}

impl Columns {
    pub(super) fn find(
        at: &Origin,
        names: &[String],
        separator: Option<u8>,
        options: &ReadOptions,
        notes: &Notes,
    ) -> Result<Self> {
        let header = Header { at, names: names.iter().map(|name| name.trim().to_owned()).collect() };
        if let Some(separator) = separator {
            header.check_separator(separator)?;
        }
        if separator.is_some() && options.text_key.is_none() && commas::is_header(&names.join("\t"), b'\t') {
            return Err(header.refuse(
                "names columns of words and tags, so that each row is a word and no text; read it with the format conll",
            ));
        }
        let named = options.text_key.clone().map(Column::Name).or_else(|| options.word_column.clone());
        let text = match &named {
            Some(column) => header.place(column)?,
            None => match header.of(TEXTS)[..] {
                [column] => column,
                [] => {
                    return Err(
                        header.refuse("names no column of texts; name it (--text-key, data.text_key)")
                    );
                }
                _ => {
                    return Err(header.refuse(
                        "names several columns of texts; name the one to read (--text-key, data.text_key)",
                    ));
                }
            },
        };
        let is_free = |column: &usize| *column != text;
        let (tags, labels) = (header.of(TAGS), header.of(LABELS));
        let (mut tags, labels): (Vec<_>, Vec<_>) =
            (tags.into_iter().filter(is_free).collect(), labels.into_iter().filter(is_free).collect());
        let is_of_slots = options.task == Some(TaskKind::Slots) && options.scheme != TagScheme::Unlabelled;
        let mut label = None;
        match &options.tag_column {
            Some(column) => {
                let column = header.place(column)?;
                if tags.contains(&column) || is_of_slots {
                    tags = vec![column];
                } else {
                    label = Some(column);
                }
            }
            None if tags.len() > 1 => {
                return Err(header.refuse(
                    "names several columns of tags; name the one to read (--tag-column, data.tag_column)",
                ));
            }
            None => {}
        }
        let has_tags = !tags.is_empty();
        let tags = tags.first().copied().filter(|_| options.scheme != TagScheme::Unlabelled);
        if is_of_slots && tags.is_none() {
            return Err(header.refuse(
                "names no column of tags, one for each word, which the task slots needs; name it (--tag-column, data.tag_column)",
            ));
        }
        let labels: Vec<usize> = labels.into_iter().filter(|column| Some(*column) != tags).collect();
        if options.scheme != TagScheme::Unlabelled && label.is_none() {
            label = match labels[..] {
                [column] => Some(column),
                [] => {
                    return Err(
                        header.refuse("names no column of classes; name it (--tag-column, data.tag_column)")
                    );
                }
                _ => {
                    return Err(header
                        .refuse("names several columns of classes; name the one to read (--tag-column, data.tag_column)"));
                }
            };
        }
        if label.is_some() && options.tag_column.is_none() && header.has_spans() {
            return Err(header.refuse(
                "has columns of places in a text, so that each row is a span, and a row of a table is read as a text with one class; write the spans of a \
                 text as a line of JSON with \"text\" and \"spans\", or name the column of classes if these are none (--tag-column, data.tag_column)",
            ));
        }
        if [label, tags].contains(&Some(text)) {
            return Err(header.refuse("has one column for both texts and what is said of them; name two"));
        }
        let id = header.of(&["id"]).first().copied();
        let columns = Self { width: names.len(), id, text, label, tags, has_tags };
        notes.add(NoteKind::Assumed, None, header.told(&columns));
        Ok(columns)
    }
}

impl Columns {
    /// Whether what stands in a column is read.
    pub(super) fn reads(&self, column: usize) -> bool {
        [Some(self.text), self.label, self.tags, self.id].contains(&Some(column))
    }

    /// What stands in the columns that have a name and are not read.
    pub(super) fn others(&self, header: &[String], row: Vec<String>) -> OtherCells {
        let cells = header.iter().zip(row).enumerate();
        let others = cells.filter(|(i, (name, _))| !self.reads(*i) && !name.trim().is_empty());
        others.map(|(_, (name, cell))| (name.trim().to_owned(), cell)).collect()
    }
}

impl Header<'_> {
    /// The columns with one of these names.
    fn of(&self, known: &[&str]) -> Vec<usize> {
        let is_known = |name: &String| known.contains(&name.to_lowercase().as_str());
        (0..self.names.len()).filter(|&i| is_known(&self.names[i])).collect()
    }

    fn has_spans(&self) -> bool {
        !self.of(STARTS).is_empty() && !self.of(ENDS).is_empty()
    }

    fn place(&self, column: &Column) -> Result<usize> {
        match column {
            Column::Number(number) if (1..=self.names.len()).contains(number) => Ok(number - 1),
            Column::Number(number) => Err(self.refuse(&format!("has no column {number}"))),
            Column::Name(name) => {
                let mut found = (0..self.names.len()).filter(|&i| self.names[i] == *name);
                match (found.next(), found.next()) {
                    (Some(column), None) => Ok(column),
                    (None, _) => Err(self.refuse(&format!("has no column {name:?}"))),
                    _ => {
                        Err(self
                            .refuse(&format!("has several columns {name:?}; give the number of one, from 1")))
                    }
                }
            }
        }
    }

    fn check_separator(&self, separator: u8) -> Result<()> {
        let [only] = &self.names[..] else { return Ok(()) };
        let problem = match separator {
            _ if only.contains(';') => {
                "columns seem to be separated by semicolons; write commas or tabs, and quote texts that hold them"
            }
            b',' if only.contains('\t') => {
                "columns seem to be separated by tabs; give the file the format tsv"
            }
            b'\t' if only.contains(',') => {
                "columns seem to be separated by commas; give the file the format csv"
            }
            _ => return Ok(()),
        };
        Err(unclear(self.at, format!("{problem} (the format is {})", name(separator))))
    }

    fn refuse(&self, problem: &str) -> crate::Error {
        unclear(self.at, format!("the header ({}) {problem}", self.names.join(", ")))
    }

    fn told(&self, columns: &Columns) -> String {
        let name = |column: usize| format!("{:?}", self.names[column]);
        let mut told = format!("texts are read from the column {}", name(columns.text));
        let others = [("classes", columns.label), ("tags", columns.tags), ("ids", columns.id)];
        for (what, column) in others {
            if let Some(column) = column {
                told = format!("{told}, {what} from {}", name(column));
            }
        }
        told
    }
}
