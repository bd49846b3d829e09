//! Layouts of lines.

use super::Sample;
use crate::read::columns::commas;
use crate::read::table::{LABELS, TAGS, TEXTS};

/// Prefixes of tags, in all schemes.
const PREFIXES: &str = "BIESLUM";

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_tag(text: &str) -> bool {
    let prefixed =
        |(prefix, label): (&str, &str)| prefix.len() == 1 && PREFIXES.contains(prefix) && !label.is_empty();
    text == "O" || text.split_once('-').is_some_and(prefixed)
}

/// Whether more than nine in ten are, and at least one.
fn most(count: usize, of: usize) -> bool {
    count > 0 && 10 * count > 9 * of
}

/// The cells of the lines that are no comments, cut at tabs if any line has one, else at white space.
fn rows(sample: &Sample) -> Vec<Vec<&str>> {
    let comment =
        |line: &&str| line.starts_with("# ") || line.starts_with("#\t") || line.starts_with("-DOCSTART-");
    let lines = sample.filled().filter(|line| !comment(line));
    let tabs = lines.clone().any(|line| line.contains('\t'));
    let cut = |line| -> Vec<&str> {
        if tabs {
            str::split(line, '\t').map(str::trim).collect()
        } else {
            // Other white space, such as a no-break space, is part of a token.
            line.split([' ', '\t']).filter(|cell| !cell.is_empty()).collect()
        }
    };
    lines.map(cut).collect()
}

/// A token a line, with a tag in one column and none in another.
pub(super) fn conll(sample: &Sample) -> Option<String> {
    if sample.json.is_some()
        || propbank(sample).is_some()
        || coref(sample).is_some()
        || intent_table(sample).is_some()
    {
        return None;
    }
    if names_words(sample) {
        return Some("its first line names columns of words and of tags or sentences".to_owned());
    }
    if sample.filled().next().is_some_and(|line| line.starts_with("-DOCSTART-")) {
        return Some("it begins with -DOCSTART-".to_owned());
    }
    let rows: Vec<Vec<&str>> = rows(sample).into_iter().filter(|row| !row.is_empty()).collect();
    let tables: Vec<&[&str]> = rows.iter().map(Vec::as_slice).filter(|row| row.len() > 1).collect();
    let flat = |row: &&[&str]| row.contains(&"|||") || last_cell(row).contains(' ');
    if 2 * tables.len() <= rows.len() || tables.iter().any(flat) {
        return None;
    }
    let width = tables.iter().map(|row| row.len()).max().unwrap_or_default();
    let share =
        |is: &dyn Fn(&[&str]) -> bool| most(tables.iter().filter(|row| is(row)).count(), tables.len());
    let last = |row: &[&str]| is_tag(last_cell(row));
    let has_tags = share(&last)
        || (0..width).any(|column| share(&|row| row.get(column).is_some_and(|cell| is_tag(cell))))
        || bare_tags(&tables)
        // A header is not a tag, and tables may be short.
        || (tables.len() > 1 && tables[1..].iter().all(|row| row.iter().any(|cell| is_tag(cell))));
    let has_words = (0..width).any(|column| !share(&|row| row.get(column).is_some_and(|cell| is_tag(cell))));
    // A sentence of tags alone is no table of words.
    let even = tables.iter().filter(|row| row.len() == tables[0].len()).count();
    (has_tags && has_words && 2 * even > tables.len()).then(|| "one of its columns holds tags".to_owned())
}

/// Whether the first line names the columns of a file with a word a line.
fn names_words(sample: &Sample) -> bool {
    let header = sample.filled().next().filter(|header| sample.json.is_none() && header.len() < 1000);
    header.is_some_and(|header| [b',', b';', b'\t'].iter().any(|&cut| commas::is_header(header, cut)))
}

/// The last cell that is not empty.
fn last_cell<'a>(row: &[&'a str]) -> &'a str {
    row.iter().rev().find(|cell| !cell.is_empty()).copied().unwrap_or_default()
}

/// Whether the last column holds labels without prefixes, and `O`.
fn bare_tags(rows: &[&[&str]]) -> bool {
    let mut labels: Vec<&str> = rows.iter().filter_map(|row| row.last().copied()).collect();
    let outside = labels.contains(&"O");
    let like = |label: &&str| {
        let plain = label.chars().all(|c| c.is_ascii_alphanumeric() || "_-/.".contains(c));
        plain && label.starts_with(|c: char| c.is_ascii_uppercase() || "bi".contains(c))
    };
    let alike = labels.iter().all(like);
    labels.sort_unstable();
    labels.dedup();
    outside && alike && labels.len() <= (rows.len() / 5).max(8)
}

/// CoNLL-U with a sense and arguments behind its ten columns, or with columns that are named so.
pub(super) fn propbank(sample: &Sample) -> Option<String> {
    if sample.lines.iter().any(|line| line.starts_with("# global.columns") && line.contains("UP:")) {
        return Some("its columns are named as Universal PropBank's".to_owned());
    }
    let rows = rows(sample);
    let words = rows.iter().filter(|row| row.len() > 10 && is_number(row[0]) && is_number(row[6])).count();
    most(words, rows.len()).then(|| "it is CoNLL-U with more than ten columns".to_owned())
}

pub(super) fn coref(sample: &Sample) -> Option<String> {
    let begins = |line: &str| {
        line.strip_prefix('#').is_some_and(|rest| rest.trim_start().starts_with("begin document"))
    };
    if sample.filled().next().is_some_and(begins) {
        return Some("it begins with #begin document".to_owned());
    }
    let entity = |line: &str| line.split('\t').nth(9).is_some_and(|cell| cell.contains("Entity=("));
    sample.filled().any(entity).then(|| "its tenth column holds entities".to_owned())
}

pub(super) fn ade(sample: &Sample) -> Option<String> {
    let is_line = |line: &str| {
        let fields: Vec<&str> = line.split('|').collect();
        fields.len() == 8 && [3, 4, 6, 7].iter().all(|i| is_number(fields[*i].trim()))
    };
    let count = sample.filled().filter(|line| is_line(line)).count();
    most(count, sample.filled().count()).then(|| "its lines are eight fields with | between them".to_owned())
}

pub(super) fn conll05(sample: &Sample) -> Option<String> {
    let is_line = |line: &str| line.contains("|||") && line.split_whitespace().next().is_some_and(is_number);
    let count = sample.filled().filter(|line| is_line(line)).count();
    most(count, sample.filled().count()).then(|| "its lines are tokens ||| tags".to_owned())
}

pub(super) fn genia(sample: &Sample) -> Option<String> {
    let is_entity = |text: &str| {
        let span = text.split_once(' ').and_then(|(span, label)| Some((span.split_once(',')?, label)));
        span.is_some_and(|((start, end), label)| is_number(start) && is_number(end) && !label.is_empty())
    };
    let mut entities = 0;
    for block in sample.lines.split(|line| line.trim().is_empty()) {
        match block.get(2) {
            Some(line) if line.split('|').all(|entity| is_entity(entity.trim())) => entities += 1,
            Some(_) => return None,
            None => {}
        }
        if block.len() > 3 {
            return None;
        }
    }
    (entities > 0).then(|| "every third line of four holds entities as START,END TYPE".to_owned())
}

pub(super) fn semeval(sample: &Sample) -> Option<String> {
    let first = sample.filled().next()?;
    let (number, text) = first.split_once('\t')?;
    (is_number(number.trim()) && text.contains("<e1>") && text.contains("<e2>"))
        .then(|| "its sentences mark <e1> and <e2>".to_owned())
}

/// Eight columns of which the fifth is a sentence and the eighth has a tag for each of its words.
pub(super) fn intent_table(sample: &Sample) -> Option<String> {
    let mut rows = sample.filled().skip(1).map(|line| line.split('\t').collect::<Vec<_>>()).peekable();
    rows.peek()?;
    let is_row = |row: Vec<&str>| {
        row.len() == 8 && {
            let tags: Vec<&str> = row[7].split_whitespace().collect();
            tags.len() == row[4].split_whitespace().count() && tags.iter().all(|tag| is_tag(tag))
        }
    };
    rows.all(is_row).then(|| "its eighth column has a tag for each word of the fifth".to_owned())
}

pub(super) fn csv(sample: &Sample) -> Option<String> {
    table(sample, &[',', ';'])
}

pub(super) fn tsv(sample: &Sample) -> Option<String> {
    if intent_table(sample).is_some() { None } else { table(sample, &['\t']) }
}

/// A header that names a column of texts and one of classes, tags or ids.
fn table(sample: &Sample, separators: &[char]) -> Option<String> {
    if names_words(sample) {
        return None;
    }
    let header = sample.filled().next().filter(|header| sample.json.is_none() && header.len() < 1000)?;
    let names: Vec<String> =
        header.split(separators).map(|name| name.trim().trim_matches('"').to_lowercase()).collect();
    let name = |known: &[&str]| names.iter().find(|name| known.contains(&name.as_str()));
    let (text, class) = (name(TEXTS)?, name(&[LABELS, TAGS, &["id"]].concat())?);
    Some(format!("its header names the columns {text} and {class}"))
}

/// A class, a space, and a text of some words, one a line.
pub(super) fn classes(sample: &Sample) -> Option<String> {
    let others: [super::Rule; 6] = [semeval, conll05, coref, propbank, conll, intent_table];
    if sample.json.is_some() || others.iter().any(|rule| rule(sample).is_some()) {
        return None;
    }
    let lines: Vec<(&str, &str)> =
        sample.filled().map(|line| line.trim().split_once([' ', '\t']).unwrap_or((line, ""))).collect();
    let most_are =
        |is: &dyn Fn(&str) -> bool| most(lines.iter().filter(|(label, _)| is(label)).count(), lines.len());
    if most_are(&|label| label.starts_with("__label__")) {
        return Some("its lines begin with __label__".to_owned());
    }
    let coarse_and_fine = |label: &str| {
        label.split_once(':').is_some_and(|(coarse, fine)| {
            let upper = coarse.len() > 1 && coarse.bytes().all(|b| b.is_ascii_uppercase());
            upper && !fine.is_empty() && fine.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    };
    if most_are(&coarse_and_fine) && lines.iter().all(|(_, text)| !text.is_empty()) {
        return Some("its lines begin with a class such as NUM:date".to_owned());
    }
    let (count, are_marked) = repeated(sample)?;
    are_marked.then(|| format!("its lines begin with classes, {count} in all"))
}

/// What to do where it is open whether lines begin with classes: their first words repeat, as those of sentences may.
pub(super) fn maybe_classes(sample: &Sample) -> Option<&'static str> {
    let is_open = sample.json.is_none() && repeated(sample).is_some_and(|(_, are_marked)| !are_marked);
    is_open.then_some(
        "if its lines begin with classes, name its format, classes; if they are texts alone, annotate them",
    )
}

/// How many first words there are, if they are as few as classes, and whether they differ from the beginnings of sentences: by a tab behind them, by
/// capitals or as numbers, or since a sentence begins behind them.
fn repeated(sample: &Sample) -> Option<(usize, bool)> {
    let lines: Vec<(&str, &str)> =
        sample.filled().map(|line| line.trim().split_once([' ', '\t']).unwrap_or((line, ""))).collect();
    let words: usize = lines.iter().map(|(_, text)| text.split_whitespace().count()).sum();
    let mut labels: Vec<&str> = lines.iter().map(|(label, _)| *label).collect();
    labels.sort_unstable();
    labels.dedup();
    let few = if labels.iter().all(|label| is_number(label)) {
        2 * labels.len() <= lines.len()
    } else {
        lines.len() >= 20 && 5 * labels.len() <= lines.len() && labels.len() <= 30
    };
    let texts = lines.iter().all(|(_, text)| !text.trim().is_empty()) && words >= 2 * lines.len();
    if !few || !texts || labels.is_empty() {
        return None;
    }
    let has_tab =
        |line: &str| line.trim().find([' ', '\t']).is_some_and(|at| line.trim()[at..].starts_with('\t'));
    let is_code = |label: &&str| {
        label.len() > 1 && label.chars().any(char::is_uppercase) && !label.chars().any(char::is_lowercase)
    };
    let begins = |(_, text): &&(&str, &str)| text.trim_start().starts_with(char::is_uppercase);
    let are_marked = labels.iter().all(|label| is_number(label) || is_code(label))
        || sample.filled().all(has_tab)
        || most(lines.iter().filter(begins).count(), lines.len());
    Some((labels.len(), are_marked))
}
