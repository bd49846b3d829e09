//! Which layout a file has, from its name, its first lines and the keys of its first objects.

mod columns;
mod files;
mod json;
mod misfit;
mod sample;

use std::path::Path;

use super::json::recognize;
use super::{Format, parquet};
use crate::{Error, ReadError, Result, TaskKind};
use sample::{Json, Sample};

/// Why a file could be of a layout; nothing if it could not.
type Rule = fn(&Sample) -> Option<String>;

/// A rule for each format, by its name. A layout of JSON whose objects have keys of their own stands in
/// [`BY_KEYS`](super::json::layouts::BY_KEYS).
const RULES: &[(&str, Rule)] = &[
    ("intents", files::intents),
    ("brat", files::brat),
    ("ade", columns::ade),
    ("conll", columns::conll),
    ("conll05", columns::conll05),
    ("propbank", columns::propbank),
    ("coref", columns::coref),
    ("genia", columns::genia),
    ("semeval10-8", columns::semeval),
    ("intent-table", columns::intent_table),
    ("csv", columns::csv),
    ("tsv", columns::tsv),
    ("classes", columns::classes),
    ("fewrel", |sample| {
        json::entries(sample, recognize::is_fewrel, "its lists of sentences have tokens, h and t")
    }),
    ("multiwoz", |sample| json::entries(sample, recognize::is_multiwoz, "its dialogues have a log")),
    ("multiwoz-prepared", |sample| {
        json::entries(sample, recognize::is_prepared, "its examples have dialog_history and turn_belief")
    }),
    ("label-studio", |sample| {
        json::objects(
            sample,
            recognize::is_label_studio,
            "its tasks have data and annotations or completions",
        )
    }),
    ("doccano", |sample| {
        json::objects(sample, recognize::is_doccano, "its texts have labels as doccano writes them")
    }),
    ("prodigy", |sample| json::objects(sample, recognize::is_prodigy, "its tasks have an answer or a hash")),
    ("spacy", json::spacy),
    ("json-spans", |sample| {
        json::objects(sample, recognize::is_json_spans, "its texts have spans or a label")
    }),
    ("hf-tokens", |sample| {
        json::objects(sample, recognize::is_hf_tokens, "its tokens have a list of tags beside them")
    }),
];

/// The format of `path`, and why it is taken for that. Refused where none fits, or several. Where the task is
/// known that the data are for, only formats that have data for it are looked for.
pub(super) fn of_path(path: &Path, task: Option<TaskKind>) -> Result<(Format, String)> {
    let sample = Sample::of_path(path)?;
    found(&sample, path, task)
}

/// As [`of_path`], from the first bytes of a stream that messages call `file`.
pub(super) fn of_bytes(bytes: &[u8], file: &Path, task: Option<TaskKind>) -> Result<(Format, String)> {
    found(&Sample::of_bytes(bytes, file, false), file, task)
}

fn found(sample: &Sample, path: &Path, task: Option<TaskKind>) -> Result<(Format, String)> {
    let unclear = |problem: String| Error::Read(ReadError::UnknownLayout { file: path.to_owned(), problem });
    if sample.magic.starts_with(parquet::MAGIC) && !sample.is_folder {
        // Its bytes are no lines, which the other rules look at.
        return match task.filter(|task| !Format::Parquet.feeds().contains(task)) {
            Some(task) => Err(unclear(format!("it is Parquet; {}", Format::Parquet.misses(task)))),
            None => Ok((Format::Parquet, "it begins with PAR1".to_owned())),
        };
    }
    if let Some(advice) = files::no_data(sample).or_else(|| json::no_data(sample)) {
        return Err(unclear(advice.to_owned()));
    }
    let all = candidates(sample, None)?;
    let fits = candidates(sample, task)?;
    let list = |several: &[(Format, String)]| {
        let several: Vec<String> = several.iter().map(|(format, why)| format!("{format} ({why})")).collect();
        several.join(" or ")
    };
    match (fits.as_slice(), all.as_slice(), task) {
        ([(format, reason)], ..) => Ok((*format, reason.clone())),
        ([], [(format, _), ..], Some(task)) => {
            Err(unclear(format!("it is like {}; {}", list(&all), format.misses(task))))
        }
        ([], ..) if sample.is_folder => {
            Err(unclear("it is a folder of no known layout; give one of its files".to_owned()))
        }
        ([], ..) => {
            let seen = seen(sample);
            let only = |sample: &Sample| match candidates(sample, task).ok()?.as_slice() {
                [(format, reason)] => Some((format.name(), reason.clone())),
                _ => None,
            };
            let what = misfit::told(sample, only)
                .or_else(|| columns::maybe_classes(sample).map(str::to_owned))
                .unwrap_or_else(|| {
                    "name its format, or convert it to one; texts without labels are for predict and query"
                        .to_owned()
                });
            Err(unclear(format!("it is like none of the known formats ({seen}); {what}")))
        }
        (several, ..) => {
            Err(unclear(format!("it could be {}; name one of them as the format", list(several))))
        }
    }
}

/// The formats that have data for `task`, where it is known, and that the sample fits: one or none, or several
/// where all objects together do not tell.
fn candidates(sample: &Sample, task: Option<TaskKind>) -> Result<Vec<(Format, String)>> {
    let able = |sample: &Sample| -> Result<Vec<(Format, String)>> {
        let fits = fitting(sample).into_iter().map(|(name, why)| Ok((name.parse::<Format>()?, why)));
        let fits: Vec<_> = fits.collect::<Result<_>>()?;
        let feeds = |format: Format| task.is_none_or(|task| format.feeds().contains(&task));
        Ok(fits.into_iter().filter(|(format, _)| feeds(*format)).collect())
    };
    let fits = able(sample)?;
    if fits.len() != 1
        && let Some(json) = &sample.json
    {
        // What one object leaves open, all of them together may tell.
        let together = able(&Sample { json: Some(json.together()), ..sample.clone() })?;
        if together.len() == 1 {
            return Ok(together);
        }
    }
    Ok(fits)
}

fn fitting(sample: &Sample) -> Vec<(&'static str, String)> {
    let by_rule = RULES.iter().filter_map(|(name, rule)| Some((*name, rule(sample)?)));
    by_rule.chain(json::by_keys(sample)).collect()
}

/// What stands in the file, for those whose format is not known.
fn seen(sample: &Sample) -> String {
    match &sample.json {
        Some(Json { objects, .. }) if !objects.is_empty() => match objects[0].as_object() {
            Some(object) if !object.is_empty() => {
                let keys: Vec<&str> = object.keys().map(String::as_str).take(12).collect();
                format!("JSON whose first object has the keys {}", keys.join(", ")).escape_debug().to_string()
            }
            _ => "JSON without objects that hold a text".to_owned(),
        },
        _ => match sample.lines.iter().find(|line| !line.trim().is_empty()) {
            Some(line) => {
                let short: String = line.chars().take(60).collect();
                format!("its first line is {short:?}")
            }
            None => "it is empty".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(name: &str, text: &str) -> Result<(&'static str, String)> {
        of_bytes(text.as_bytes(), Path::new(name), None).map(|(format, reason)| (format.name(), reason))
    }

    #[test]
    fn what_is_no_data_is_taken_for_none() {
        let cases = [
            ("README.md", "# Data\n\nThe sentences of the corpus.\nThe rest is in the paper.\n"),
            ("notes.txt", "I went there.\nI saw it.\nI left.\nI slept.\n"),
            ("rel2id.json", r#"[{"0": "/people/person"}, {"/people/person": 0}]"#),
            ("pid2name.json", r#"{"P1": ["office", "a position"], "P2": ["city", "a place"]}"#),
            (
                "types.json",
                r#"{"entities": {"Loc": {"short": "Loc", "verbose": "Location"}}, "relations": {}}"#,
            ),
            ("schema.json", r#"[{"service_name": "Hotels_1", "slots": [], "intents": []}]"#),
            (
                "min.json",
                r#"[{"id": 1, "text": "Ann left", "label": [{"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]}]}]"#,
            ),
            ("config.json", r#"{"d_model": 64, "vocab_size": 100}"#),
            ("empty.txt", "\n\n"),
            ("words.txt", "ant\nbee\ncat\n"),
            ("seq.in", "play it\nplay that\n"),
        ];
        for (name, text) in cases {
            let error = of(name, text).unwrap_err().to_string();
            assert!(error.starts_with("failed to tell the format of "), "{name}: {error}");
        }
    }

    #[test]
    fn first_words_that_repeat_are_no_classes_unless_something_tells() {
        let lines = |line: &dyn Fn(usize, &str) -> String| {
            let words = ["alarm", "trend", "fault"];
            (0..30).map(|number| line(number, words[number % 3])).collect::<Vec<_>>().concat()
        };
        let plain = lines(&|number, word| format!("{word} on pump {number} since noon\n"));
        let error = of("a.txt", &plain).unwrap_err().to_string();
        assert!(error.contains("name its format, classes"), "{error}");
        for text in [
            lines(&|number, word| format!("{word}\tthe pump {number} is off\n")),
            lines(&|number, word| format!("{word} The pump {number} is off\n")),
            lines(&|number, word| format!("{} the pump {number} is off\n", word.to_uppercase())),
            lines(&|number, _| format!("{} the pump {number} is off\n", number % 2)),
        ] {
            assert_eq!(of("a.txt", &text).unwrap().0, "classes", "{text}");
        }
    }

    #[test]
    fn archives_are_told() {
        for (bytes, expected) in [(&b"PK\x03\x04rest"[..], "unpack"), (b"\x1f\x8bzz", "unpack")] {
            let error = of_bytes(bytes, Path::new("data.bin"), None).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let of_task = |task| of_bytes(b"PAR1\0", Path::new("data.bin"), task);
        assert_eq!(of_task(None).unwrap().0, Format::Parquet);
        let error = of_task(Some(TaskKind::Srl)).unwrap_err().to_string();
        assert!(error.contains("it is Parquet; it is for the task text-classification"), "{error}");
    }

    #[test]
    fn what_two_formats_fit_is_refused_with_both() {
        let events = of("a.json", r#"[{"tokens": ["a"], "entities": [], "relations": [], "triggers": []}]"#);
        assert_eq!(events.unwrap().0, "ace-events");
        let text = r#"{"text": "a", "label": ["x"], "answer": "accept"}"#;
        let error = of("a.jsonl", text).unwrap_err().to_string();
        assert!(error.contains("doccano (") && error.contains(" or prodigy ("), "{error}");
    }

    #[test]
    fn the_reason_is_told() {
        let (name, reason) =
            of("a.json", r#"{"doc_key": "d", "sentences": [["a"]], "ner": [[]], "relations": [[]]}"#)
                .unwrap();
        assert_eq!((name, reason.as_str()), ("dygie", "its objects have the keys sentences, ner"));
        let (name, reason) = of("a.csv", "id,text\n1,Ann left\n").unwrap();
        assert_eq!((name, reason.as_str()), ("csv", "its header names the columns text and id"));
        let (name, reason) = of("a.txt", "Ann B-PER\nleft O\n").unwrap();
        assert_eq!((name, reason.as_str()), ("conll", "one of its columns holds tags"));
    }

    #[test]
    fn the_line_that_fits_nothing_is_told() {
        let cases = [
            (
                "Ann B-PER\nleft O\nAnn Lee came home today\nBo B-PER\n",
                "but for line 3 (\"Ann Lee came home today\"), it is like conll (",
            ),
            (
                "{\"txt\": \"a\", \"spans\": []}\n{\"text\": \"b\", \"spans\": []}\n{\"text\": \"c\", \"spans\": []}\n",
                "but for line 1 (\"{\\\"txt\\\": \\\"a\\\", \\\"spans\\\": []}\"), it is like json-spans (",
            ),
            (
                "Ann B-PER\nleft O\n\nx y z w v\nx y z w v\nx y z w v\nx y z w v\n",
                "up to line 4 (\"x y z w v\"), it is like conll (",
            ),
        ];
        for (text, expected) in cases {
            let error = of("a", text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn what_is_no_data_for_the_task_is_no_candidate() {
        let of_task = |text: &str, task| of_bytes(text.as_bytes(), Path::new("a.json"), Some(task));
        let events = r#"[{"tokens": ["a"], "entities": [], "relations": [], "triggers": []}]"#;
        assert_eq!(of_task(events, TaskKind::EventTriggers).unwrap().0, Format::AceEvents);
        let error = of_task(events, TaskKind::JointEr).unwrap_err().to_string();
        for part in [
            "it is like ace-events (",
            "for the task event-triggers or event-arguments or ner, not joint-er",
            "a layout that feeds joint-er: jsonl, json-spans",
        ] {
            assert!(error.contains(part), "{error}");
        }
        let document =
            r#"{"doc_key": "d", "sentences": [["a"]], "ner": [[]], "relations": [[]], "events": [[]]}"#;
        let error = of_task(document, TaskKind::EventTriggers).unwrap_err().to_string();
        assert!(
            error.contains("dygie") && error.contains("feeds event-triggers: jsonl, brat, ace-events"),
            "{error}"
        );
        assert_eq!(of_task(document, TaskKind::JointEr).unwrap().0, Format::Dygie);
    }
}
