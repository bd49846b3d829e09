//! Examples behind those that a data file has.

mod rows;

use std::io::{self, Cursor};
use std::path::Path;

use fishdip_tasks::read::{Format, ReadOptions};
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::write::{write_json_spans, write_label_studio};
use fishdip_tasks::{Example, Mode, Schema, Task, TaskKind};

use crate::Error;
use rows::Row;

/// Source and target of an example; nothing where it cannot be shown.
type Learnt = Option<(String, String)>;

/// The layouts that examples can be appended to.
const LAYOUTS: [Format; 5] =
    [Format::Conll, Format::Jsonl, Format::JsonSpans, Format::LabelStudio, Format::Classes];

/// A data file as it is read.
#[derive(Debug)]
pub(crate) struct DataFile<'a> {
    pub(crate) path: &'a Path,
    /// Its layout, which is none that the file has to show.
    pub(crate) format: Format,
    pub(crate) options: ReadOptions,
    pub(crate) kind: TaskKind,
}

impl DataFile<'_> {
    /// The bytes of the file with `new` behind what `old` holds, in the columns and with the line ends that it has. They are read again before they are
    /// given: where it would make something else of them, nothing is.
    pub(crate) fn appended(&self, old: &[u8], new: &[Example]) -> Result<Vec<u8>, Error> {
        if !LAYOUTS.contains(&self.format) {
            let known: Vec<&str> = LAYOUTS.iter().map(|format| format.name()).collect();
            return Err(self.refused(&format!(
                "nothing is appended to the layout {}, only to {}",
                self.format,
                known.join(", ")
            )));
        }
        let is_new = old.iter().all(u8::is_ascii_whitespace);
        let learnt =
            |examples: &[Example]| -> Vec<Learnt> { examples.iter().map(|e| self.learnt(e)).collect() };
        let before = if is_new { Vec::new() } else { learnt(&self.read(old, &self.options)?) };
        // Who reads the file next may leave the scheme of its tags to what it shows, as far as it shows it now.
        let mut shown = self.options.clone();
        shown.scheme = TagScheme::Auto;
        let is_shown = self.options.scheme != TagScheme::Auto
            && !is_new
            && self.read(old, &shown).is_ok_and(|examples| learnt(&examples) == before);
        let readers = [Some(&self.options), Some(&shown).filter(|_| is_shown)];
        let expected = [before, learnt(new)].concat();
        let written = |row: Option<Row>| {
            let bytes = written(self.format, row, old, new);
            let bytes = bytes.map_err(|error| self.refused(&error.to_string()))?;
            readers
                .into_iter()
                .flatten()
                .try_for_each(|options| self.reads_as(&bytes, options, &expected))?;
            Ok(bytes)
        };
        if self.format != Format::Conll {
            return written(None);
        }
        let mut refused = None;
        for row in Row::candidates(old) {
            match written(Some(row)) {
                Ok(bytes) => return Ok(bytes),
                // What is wrong with the most usual way says most.
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        Err(refused.unwrap_or_else(|| self.refused("its lines have one column, or very many")))
    }

    /// Refuses `bytes` that are read with `options` as something else than what is `expected` of each example.
    fn reads_as(&self, bytes: &[u8], options: &ReadOptions, expected: &[Learnt]) -> Result<(), Error> {
        let all = self
            .read(bytes, options)
            .map_err(|error| self.refused(&format!("read again, it has a fault ({error})")))?;
        let found: Vec<_> = all.iter().map(|example| self.learnt(example)).collect();
        if found == expected {
            return Ok(());
        }
        let at = found.iter().zip(expected).position(|(found, expected)| found != expected);
        let place = at
            .and_then(|at| all.get(at))
            .map_or_else(String::new, |example| format!(" ({})", example.place()));
        Err(self.refused(&format!("read again, it would say something else of them{place}")))
    }

    fn read(&self, bytes: &[u8], options: &ReadOptions) -> Result<Vec<Example>, Error> {
        let mut options = options.clone();
        options.task = Some(self.kind);
        let examples = self.format.read_from(Cursor::new(bytes.to_vec()), self.path, &options)?;
        Ok(examples.collect::<Result<_, _>>()?)
    }

    /// What a model would learn from `example`, whatever labels are called.
    fn learnt(&self, example: &Example) -> Learnt {
        let encoded = Task::new(self.kind, Schema::open(), Mode::Fixed).encode(example).ok()?;
        Some((encoded.source, encoded.target))
    }

    fn refused(&self, why: &str) -> Error {
        Error::Data(format!(
            "failed to append to {}: {why}; nothing was added: write them into a new file with --into, and put them behind what is in this one by hand",
            self.path.display()
        ))
    }
}

/// `old` with `new` behind it, in lines that are as `row` says and end as those of `old`.
fn written(format: Format, row: Option<Row>, old: &[u8], new: &[Example]) -> io::Result<Vec<u8>> {
    let end = old.len() - old.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    let mut out = old[..end].to_vec();
    if format == Format::LabelStudio {
        return tasks_behind(out, new);
    }
    let mut behind = Vec::new();
    if !out.is_empty() {
        // A blank line is the end of a sentence.
        behind.extend_from_slice(if row.is_some() { b"\n\n" } else { b"\n" });
    }
    if let Some(row) = row {
        behind.extend_from_slice(row.write(new).as_bytes());
    } else {
        lines(&mut behind, format, new)?;
    }
    let is_crlf = old.windows(2).any(|pair| pair == b"\r\n");
    for byte in behind {
        if is_crlf && byte == b'\n' {
            out.push(b'\r');
        }
        out.push(byte);
    }
    Ok(out)
}

/// Writes `examples`, one a line.
fn lines(out: &mut Vec<u8>, format: Format, examples: &[Example]) -> io::Result<()> {
    for example in examples {
        match format {
            Format::JsonSpans => write_json_spans(&mut *out, example)?,
            Format::Classes => {
                let text = example.text.clone().unwrap_or_else(|| example.tokens.join(" "));
                let label = example.label.as_deref().unwrap_or_default();
                out.extend_from_slice(format!("{label} {text}\n").as_bytes());
            }
            _ => {
                serde_json::to_writer(&mut *out, example)?;
                out.push(b'\n');
            }
        }
    }
    Ok(())
}

/// The list of Label Studio's tasks in `out` with `new` behind them; what is there stays as it is, letter by letter.
fn tasks_behind(mut out: Vec<u8>, new: &[Example]) -> io::Result<Vec<u8>> {
    let mut list = Vec::new();
    write_label_studio(&mut list, new)?;
    if out.is_empty() {
        return Ok(list);
    }
    if out.pop() != Some(b']') {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no list of tasks"));
    }
    let end = out.len() - out.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    out.truncate(end);
    if out.last() != Some(&b'[') {
        out.push(b',');
    }
    // Without the bracket that the list begins with.
    out.extend_from_slice(&list[1..]);
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use fishdip_tasks::Entity;

    use super::*;

    fn example() -> Example {
        let mut example = Example::new(["Ann", "left"]);
        (example.id, example.entities) = ("a".to_owned(), vec![Entity::new("PER", 0, 1)]);
        example
    }

    fn append(format: Format, old: &str, new: &[Example]) -> Result<String, Error> {
        let kind = TaskKind::Ner;
        let file = DataFile { path: Path::new("f"), format, options: ReadOptions::default(), kind };
        file.appended(old.as_bytes(), new).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn what_is_there_stays_letter_by_letter() {
        let old = "Bob B-PER\nstayed O";
        assert_eq!(
            append(Format::Conll, old, &[example()]).unwrap(),
            "Bob B-PER\nstayed O\n\nAnn B-PER\nleft O\n\n"
        );
        let old = r#"{"tokens": ["Bob"],  "entities": []}"#;
        let found = append(Format::Jsonl, old, &[example()]).unwrap();
        assert!(found.starts_with(&format!("{old}\n{{\"id\":\"a\"")) && found.ends_with("}\n"), "{found}");
        let old = r#"[ {"data": {"text": "Bob"}, "annotations": [{"result": []}]} ]"#;
        let found = append(Format::LabelStudio, old, &[example(), example()]).unwrap();
        assert!(found.starts_with(&old[..old.len() - 2]), "{found}");
        assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&found).unwrap().len(), 3);
    }

    #[test]
    fn a_new_file_is_begun() {
        assert_eq!(append(Format::Conll, "", &[example()]).unwrap(), "Ann B-PER\nleft O\n\n");
        let found = append(Format::LabelStudio, "", &[example()]).unwrap();
        assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&found).unwrap().len(), 1);
    }

    #[test]
    fn the_columns_are_those_of_the_file() {
        for (old, expected) in [
            // The last of four is the tag.
            ("Bob NNP B-NP B-PER\nstayed VBD B-VP O\n", "\nAnn _ _ B-PER\nleft _ _ O\n\n"),
            ("Bob\tB-PER\nstayed\tO\n", "\nAnn\tB-PER\nleft\tO\n\n"),
            ("Bob\tB-PER\r\nstayed\tO\r\n", "\r\nAnn\tB-PER\r\nleft\tO\r\n\r\n"),
            // Tokens are counted.
            ("1\tBob\tbob\tB-PER\n2\tstayed\tstay\tO\n", "\n1\tAnn\t_\tB-PER\n2\tleft\t_\tO\n\n"),
            ("word;tag\nBob;B-PER\nstayed;O\n", "\nAnn;B-PER\nleft;O\n\n"),
            // Ends are marked, and the tag comes first.
            ("B-PER Bob\nE-PER Lee\nO stayed\n\nS-PER Cy\nO left\n", "\nS-PER Ann\nO left\n\n"),
            ("Bob B-PER\nLee L-PER\nstayed O\n\nCy U-PER\nleft O\n", "\nAnn U-PER\nleft O\n\n"),
            ("Bob PER\nstayed O\n\nCy PER\nleft O\n", "\nAnn PER\nleft O\n\n"),
            (
                "sentence_id,word,tag\n1,Bob,B-PER\n1,stayed,O\n2,Cy,B-PER\n2,left,O\n",
                "\nadded-1,Ann,B-PER\nadded-1,left,O\n\n",
            ),
        ] {
            assert_eq!(append(Format::Conll, old, &[example()]).unwrap(), format!("{old}{expected}"));
        }
        // Spans begin with I.
        let old = "Bob I-PER\nstayed O\nin O\nOslo I-LOC\n";
        let mut two = Example::new(["Ann", "Lee", "left"]);
        two.entities = vec![Entity::new("PER", 0, 2)];
        let found = append(Format::Conll, old, &vec![two; 4]).unwrap();
        assert_eq!(found, format!("{old}\n{}", "Ann I-PER\nLee I-PER\nleft O\n\n".repeat(4)));
        // Labels alone, as they were said to be; `I-` would be read as well, but not by who is not told.
        let old = "Bob PER\nstayed O\nOslo LOC\n\nall O\nleft O\n";
        let mut options = ReadOptions::default();
        options.scheme = TagScheme::Io;
        let (path, format, kind) = (Path::new("f"), Format::Conll, TaskKind::Ner);
        let file = DataFile { path, format, options, kind };
        let found = String::from_utf8(file.appended(old.as_bytes(), &[example()]).unwrap()).unwrap();
        assert_eq!(found, format!("{old}\nAnn PER\nleft O\n\n"));
        // What comes later is another sentence again.
        let old = "sentence_id,word,tag\n1,Bob,B-PER\n1,stayed,O\n\nadded-1,Cy,B-PER\nadded-1,left,O\n";
        let found = append(Format::Conll, old, &[example()]).unwrap();
        assert!(found.ends_with("\n\nadded-2,Ann,B-PER\nadded-2,left,O\n\n"), "{found}");
    }

    #[test]
    fn a_file_that_would_make_something_else_of_them_is_refused() {
        // A label without a prefix is a tag of one word.
        let mut pair = Example::new(["Ann", "Lee"]);
        pair.entities = vec![Entity::new("PER", 0, 1), Entity::new("PER", 1, 2)];
        let message = append(Format::Conll, "Bob PER\nstayed O\n", &[pair]);
        let message = message.unwrap_err().to_string();
        assert!(message.starts_with("failed to append to f: read again, "), "{message}");
        let message = append(Format::Csv, "text,label\n", &[example()]).unwrap_err().to_string();
        assert!(message.contains("nothing is appended to the layout csv, only to conll, jsonl"), "{message}");
        let message = append(
            Format::LabelStudio,
            r#"{"data": {"text": "Bob"}, "annotations": [{"result": []}]}"#,
            &[example()],
        )
        .unwrap_err()
        .to_string();
        assert!(message.contains("it is no list of tasks"), "{message}");
    }
}
