//! SemEval-2010 task 8: relations between two nominals of a sentence.

use std::io::BufRead;
use std::path::Path;

use super::CharSpan;
use super::Lines;
use super::from_spans;
use crate::{Error, Example, Origin, ReadError, Result, TokenSpan};

/// Three lines an example: a number, a tab and the sentence in quotes, in which `<e1>` and `<e2>` mark two
/// nominals; the relation with its direction, as in `Cause-Effect(e2,e1)`, or `Other`; and a comment. A blank
/// line may follow. Files of the task without answers have the first line alone. The head is always e1 and
/// the tail e2, and the label keeps its direction: the task asks for it, so the input must not tell.
pub(super) fn sentences<R: BufRead>(
    reader: R,
    file: &Path,
) -> impl Iterator<Item = Result<Example>> + use<R> {
    let mut lines = Lines::new(reader, file).or_latin1().peekable();
    std::iter::from_fn(move || {
        while lines.next_if(|line| matches!(line, Ok((_, line)) if line.trim().is_empty())).is_some() {}
        let (at, line) = match lines.next()? {
            Ok(line) => line,
            Err(error) => return Some(Err(error)),
        };
        let of_this = |line: &Result<(Origin, String)>| matches!(line, Ok((_, line)) if !line.trim().is_empty() && sentence(line).is_none());
        let mut rest = Vec::new();
        while let Some(Ok((_, line))) = lines.next_if(of_this) {
            rest.push(line);
        }
        Some(example(&at, &line, &rest))
    })
}

/// The number and the sentence, without its quotes.
fn sentence(line: &str) -> Option<(&str, &str)> {
    let (number, text) = line.trim().split_once('\t')?;
    let text = text.trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some((number, text))
}

fn example(at: &Origin, line: &str, rest: &[String]) -> Result<Example> {
    let wrong = |problem: &str| Error::Read(ReadError::Item { at: at.clone(), problem: problem.to_owned() });
    let (number, marked) =
        sentence(line).ok_or_else(|| wrong("expected a number, a tab and a sentence in quotes"))?;
    let at = at.of(&format!("sentence {number}"));
    let wrong = |problem: String| Error::Read(ReadError::Item { at: at.clone(), problem });
    let (text, spans) = marks(marked)
        .ok_or_else(|| wrong("expected one <e1>…</e1> and one <e2>…</e2>, side by side".to_owned()))?;
    let relation = match rest {
        [] => None,
        [relation] => Some(relation),
        [relation, comment] if comment.starts_with("Comment:") => Some(relation),
        [_, other, ..] => {
            return Err(wrong(format!(
                "expected a comment or a blank line after the relation, found {other:?}"
            )));
        }
    };
    let relation = relation.map(|relation| relation.trim());
    let directed = |relation: &&str| {
        *relation == "Other" || relation.ends_with("(e1,e2)") || relation.ends_with("(e2,e1)")
    };
    if let Some(relation) = relation.filter(|relation| !directed(relation)) {
        return Err(wrong(format!(
            "expected a relation as NAME(e1,e2), NAME(e2,e1) or Other, found {relation:?}"
        )));
    }
    let example = from_spans(&text, &spans, &at)?;
    let place = |label: &str| {
        let span = example.entities.iter().find(|entity| entity.label == label)?;
        Some(TokenSpan::new(span.start, span.end))
    };
    Ok(Example {
        id: number.to_owned(),
        head: place("e1"),
        tail: place("e2"),
        relation: relation.map(str::to_owned),
        origin: Some(at.clone()),
        ..Example::new(example.tokens)
    })
}

/// The text without its marks, and what they mark, in characters.
fn marks(marked: &str) -> Option<(String, Vec<CharSpan>)> {
    let (mut text, mut rest) = (String::new(), marked);
    let mut spans = Vec::new();
    while let Some((before, after)) = rest.split_once("<e") {
        let (label, inside) = if let Some(inside) = after.strip_prefix("1>") {
            ("e1", inside)
        } else {
            ("e2", after.strip_prefix("2>")?)
        };
        let (mention, behind) = inside.split_once(&format!("</{label}>"))?;
        text.push_str(before);
        let start = text.chars().count();
        text.push_str(mention);
        spans.push(CharSpan { start, end: text.chars().count(), label: label.to_owned() });
        rest = behind;
    }
    text.push_str(rest);
    let labels: Vec<&str> = spans.iter().map(|span| span.label.as_str()).collect();
    let once = matches!(labels[..], ["e1", "e2"] | ["e2", "e1"]);
    (once && !text.contains("<e1>") && !text.contains("</e")).then_some((text, spans))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Vec<Result<Example>> {
        sentences(text.as_bytes(), Path::new("TRAIN_FILE.TXT")).collect()
    }

    #[test]
    fn sentences_with_and_without_answers() {
        let text = "1\t\"The <e1>storm</e1> caused a <e2>power cut</e2>.\"\r\nCause-Effect(e1,e2)\r\nComment: clear\r\n\r\n\
                    2\t\"A <e2>cut</e2> by the <e1>saw</e1>.\"\nOther\nComment:\n\n";
        let examples: Vec<Example> = read(text).into_iter().map(Result::unwrap).collect();
        assert_eq!(examples.len(), 2);
        assert_eq!(examples[0].tokens, ["The", "storm", "caused", "a", "power", "cut", "."]);
        assert_eq!(examples[0].relation.as_deref(), Some("Cause-Effect(e1,e2)"));
        assert_eq!(
            (examples[0].head, examples[0].tail),
            (Some(TokenSpan::new(1, 2)), Some(TokenSpan::new(4, 6)))
        );
        assert_eq!((examples[1].id.as_str(), examples[1].head), ("2", Some(TokenSpan::new(4, 5))));
        let blind = read("8001\t\"The <e1>a</e1> <e2>b</e2>.\"\n8002\t\"The <e1>c</e1> <e2>d</e2>.\"\n");
        assert!(blind.iter().all(|e| e.as_ref().unwrap().relation.is_none()) && blind.len() == 2);
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let cases = [
            ("7\t\"<e1>a</e1> b\"\nOther\n", "TRAIN_FILE.TXT:1, sentence 7: expected one <e1>"),
            ("7\t\"<e1>a <e2>b</e2></e1>\"\nOther\n", "side by side"),
            ("7\t\"<e1>a</e1> <e2>b</e2>\"\nCause\n", "found \"Cause\""),
            ("7\t\"<e1>a</e1> <e2>b</e2>\"\nOther\nwhat\n", "found \"what\""),
            ("a line\n", "TRAIN_FILE.TXT:1: expected a number"),
        ];
        for (text, expected) in cases {
            let message = read(text)[0].as_ref().unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
