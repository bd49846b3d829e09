//! Layouts of lines without annotations.

use crate::TaskKind;

/// Where a line stands among those of an example: tokens, parts of speech, entities, and a blank line.
#[derive(Default)]
pub(super) struct Genia {
    before: usize,
}

impl Genia {
    pub(super) fn rewrite(&mut self, line: &str) -> Option<String> {
        let is_blank = line.trim().is_empty();
        match self.before {
            0 if is_blank => None,
            2 => {
                self.before = 3;
                Some(String::new())
            }
            3 if is_blank => {
                self.before = 0;
                None
            }
            // What goes on is no example, up to the next blank line.
            3 => None,
            _ => {
                self.before += 1;
                None
            }
        }
    }
}

/// The predicate's position, the tokens, and tags that tell of the predicate alone; for another task of
/// nothing.
pub(super) fn conll05(line: &str, kind: TaskKind) -> Option<String> {
    let mut fields = line.split("|||");
    let (words, tags) = (fields.next()?, fields.next().unwrap_or_default());
    let count = words.split_ascii_whitespace().count().checked_sub(1)?;
    let is_predicate = |tag: &str| matches!(tag, "B-V" | "I-V");
    let tags: Vec<&str> = if kind == TaskKind::Srl {
        tags.split_ascii_whitespace().map(|tag| if is_predicate(tag) { tag } else { "O" }).collect()
    } else {
        vec!["O"; count]
    };
    Some(format!("{words}||| {}", tags.join(" ")))
}

/// The number and the sentence, with its first word for both mentions.
pub(super) fn ade(line: &str) -> Option<String> {
    let mut fields = line.split('|');
    let (number, text) = (fields.next()?, fields.next()?);
    let word = text.split_whitespace().next()?;
    Some(format!("{number}|{text}|{word}|0|0|{word}|0|0"))
}

/// Sentences with their numbers; the lines behind one, which hold a relation and a comment, are blank.
#[derive(Default)]
pub(super) struct Semeval {
    behind: bool,
}

impl Semeval {
    pub(super) fn rewrite(&mut self, line: &str) -> Option<String> {
        let number = line.trim().split_once('\t').map(|(number, _)| number);
        let is_number = |number: &str| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        if number.is_some_and(is_number) || line.trim().is_empty() {
            self.behind = number.is_some();
            return None;
        }
        self.behind.then(String::new)
    }
}

/// The row with no slot.
pub(super) fn intents(line: &str) -> Option<String> {
    let text = line.split('\t').nth(4)?;
    let tags = vec!["O"; text.split_ascii_whitespace().count()];
    Some(format!("\t\t\t\t{text}\tx\t\t{}", tags.join(" ")))
}

/// A class and the text. `marked`: whether the lines before it have the mark of fastText.
pub(super) fn classes(line: &str, marked: &mut Option<bool>) -> Option<String> {
    const MARK: &str = "__label__";
    if line.trim().is_empty() {
        return None;
    }
    let is_mark = |word: &&str| word.starts_with(MARK);
    let has_mark = line.split_whitespace().any(|word| is_mark(&word));
    let is_marked = *marked.get_or_insert(has_mark);
    if !has_mark && !is_marked {
        return None;
    }
    let text: Vec<&str> = line.split_whitespace().filter(|word| !is_mark(word)).collect();
    let class = if is_marked { "__label__x" } else { "x" };
    Some(format!("{class} {}", text.join(" ")))
}

/// A document with coreference.
pub(super) struct Document {
    /// The column of the mentions; the last if it is not known.
    marks: Option<usize>,
    /// Whether the file has said where a document begins.
    begins: bool,
    /// Whether it has said so as CorefUD does.
    is_corefud: bool,
}

impl Document {
    pub(super) fn new(marks: Option<usize>) -> Self {
        Self { marks, begins: false, is_corefud: false }
    }

    pub(super) fn rewrite(&mut self, line: &str) -> Option<String> {
        if line.starts_with('#') || line.trim().is_empty() {
            self.begins |= line.contains("begin document");
            self.is_corefud |= line.starts_with("# newdoc") || line.starts_with("# global.Entity");
            return None;
        }
        let is_tabbed = line.contains('\t');
        let mut fields: Vec<&str> =
            if is_tabbed { line.split('\t').collect() } else { line.split_whitespace().collect() };
        let last = fields.len().checked_sub(1)?;
        if self.begins {
            *fields.get_mut(self.marks.unwrap_or(last))? = "-";
        } else if self.is_corefud {
            *fields.get_mut(9)? = "_";
        } else {
            return None;
        }
        Some(fields.join(if is_tabbed { "\t" } else { " " }))
    }
}

/// The columns of arguments, where the file names them.
#[derive(Default)]
pub(super) struct Arguments {
    columns: Vec<usize>,
}

impl Arguments {
    pub(super) fn rewrite(&mut self, line: &str) -> Option<String> {
        if let Some(names) = line.strip_prefix("# global.columns =") {
            let names = names.split_whitespace().enumerate();
            let arguments = names.filter(|(_, name)| matches!(*name, "UP:ARGSPANS" | "UP:ARGHEADS"));
            self.columns = arguments.map(|(column, _)| column).collect();
        }
        if self.columns.is_empty() || line.starts_with('#') {
            return None;
        }
        let fields = line.split('\t').enumerate();
        let fields = fields.map(|(column, field)| if self.columns.contains(&column) { "_" } else { field });
        Some(fields.collect::<Vec<_>>().join("\t"))
    }
}
