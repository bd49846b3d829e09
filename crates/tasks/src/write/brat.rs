//! brat's standoff annotations: <https://brat.nlplab.org/standoff.html>.

use std::io::{self, Write};

use super::{Scored, char_range, placed};
use crate::text::is_space;

/// Writes the annotations of an example, which brat shows beside a file with the example's text: entities (`T`),
/// relations between them (`R`), triggers of events (`T` and `E`) and, where scores are given, a note (`#`) with the
/// score of each entity. Offsets count characters (Unicode scalar values). A span is parted where its text goes over
/// the end of a line, as brat does. Spans outside of the tokens, and labels that brat would read as something else, are an
/// error of the kind [`io::ErrorKind::InvalidInput`].
pub fn write_brat(out: &mut impl Write, found: Scored<'_>) -> io::Result<()> {
    let Scored { example, entities: scores, .. } = found;
    let (text, places) = placed(example)?;
    let letters: Vec<char> = text.chars().collect();
    let labels = example.relations.iter().map(|relation| &relation.label);
    for label in labels.chain(example.entities.iter().chain(&example.triggers).map(|span| &span.label)) {
        if !is_brat_label(label) {
            let problem = format!(
                "the label {label:?} is none for brat, whose labels have no white space, colon or semicolon"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
    }
    let spans = example.entities.iter().chain(&example.triggers);
    for (number, span) in (1..).zip(spans) {
        let place = char_range(&places, span);
        let lines = letters[place.clone()].split(|c| *c == '\n');
        let mut start = place.start;
        let mut pieces: Vec<(usize, String)> = Vec::new();
        for line in lines {
            let blank = line.iter().take_while(|c| is_space(**c)).count();
            let piece: String = line[blank..].iter().collect();
            let piece = piece.trim_end_matches(is_space);
            if !piece.is_empty() {
                pieces.push((start + blank, piece.to_owned()));
            }
            start += line.len() + 1;
        }
        let offsets =
            pieces.iter().map(|(start, piece)| format!("{start} {}", start + piece.chars().count()));
        let offsets: Vec<String> = offsets.collect();
        let covered: Vec<&str> = pieces.iter().map(|(_, piece)| piece.as_str()).collect();
        writeln!(out, "T{number}\t{} {}\t{}", span.label, offsets.join(";"), covered.join(" "))?;
    }
    let entities = example.entities.len();
    for (number, trigger) in (1..).zip(&example.triggers) {
        writeln!(out, "E{number}\t{}:T{}", trigger.label, entities + number)?;
    }
    for (number, relation) in (1..).zip(&example.relations) {
        writeln!(
            out,
            "R{number}\t{} Arg1:T{} Arg2:T{}",
            relation.label,
            relation.head + 1,
            relation.tail + 1
        )?;
    }
    for (number, score) in (1..).zip(scores) {
        writeln!(out, "#{number}\tAnnotatorNotes T{number}\tscore {score}")?;
    }
    Ok(())
}

/// Whether brat reads `label` as one.
pub fn is_brat_label(label: &str) -> bool {
    !label.is_empty() && !label.contains(|c: char| is_space(c) || matches!(c, ':' | ';'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::read::{Format, ReadOptions};
    use crate::write::tests::example;
    use crate::{Entity, Example, Relation};

    fn written(example: &Example, scores: &[f64]) -> io::Result<String> {
        let mut out = Vec::new();
        write_brat(&mut out, Scored { example, score: None, entities: scores })?;
        Ok(String::from_utf8(out).unwrap())
    }

    /// What the reader makes of the text and its annotations.
    fn read(example: &Example, annotations: &str) -> Example {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, example.chars().0).unwrap();
        std::fs::write(path.with_extension("ann"), annotations).unwrap();
        Format::Brat.read(&path, &ReadOptions::default()).unwrap().next().unwrap().unwrap()
    }

    #[test]
    fn lines_are_those_of_the_standoff_format() {
        let text = written(&example(), &[0.5, 0.25]).unwrap();
        let expected = "T1\tPER 7 14\tAnn Lee\nT2\tANIMAL 0 1\t\u{1f980}\nR1\tmet Arg1:T2 Arg2:T1\n\
                        #1\tAnnotatorNotes T1\tscore 0.5\n#2\tAnnotatorNotes T2\tscore 0.25\n";
        assert_eq!(text, expected);
        let back = read(&example(), &text);
        assert_eq!((back.entities, back.relations), (example().entities, example().relations));
    }

    #[test]
    fn a_span_over_the_end_of_a_line_is_parted() {
        let mut example = Example::new(["New", "York", "won"]);
        example.text = Some("New\n York won".to_owned());
        example.entities = vec![Entity::new("ORG", 0, 2)];
        let text = written(&example, &[]).unwrap();
        assert_eq!(text, "T1\tORG 0 3;5 9\tNew York\n");
        assert_eq!(read(&example, &text).entities, example.entities);
    }

    #[test]
    fn triggers_are_events() {
        let mut example = Example::new(["Ann", "left"]);
        example.entities = vec![Entity::new("PER", 0, 1)];
        example.triggers = vec![Entity::new("Leave", 1, 2)];
        let text = written(&example, &[]).unwrap();
        assert_eq!(text, "T1\tPER 0 3\tAnn\nT2\tLeave 4 8\tleft\nE1\tLeave:T2\n");
        let back = read(&example, &text);
        assert_eq!((back.entities, back.triggers), (example.entities, example.triggers));
    }

    #[test]
    fn what_brat_cannot_name_is_refused() {
        let mut example = Example::new(["a", "b"]);
        example.entities = vec![Entity::new("fine", 0, 1), Entity::new("not fine", 1, 2)];
        assert!(written(&example, &[]).unwrap_err().to_string().contains("\"not fine\""));
        example.entities.pop();
        example.relations = vec![Relation::new("a:b", 0, 0)];
        assert_eq!(written(&example, &[]).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
