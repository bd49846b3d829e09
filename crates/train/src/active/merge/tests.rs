#![allow(clippy::unwrap_used)]

use tempfile::TempDir;

use super::*;
use crate::Sinks;

const ASKED: &str = r#"[
{"data": {"text": "Ann left.", "id": "a"}},
{"data": {"text": "Bob met Cleo.", "id": "b"}}
]
"#;

/// What Label Studio exports: ids of its own, and the data as it was imported.
fn export(texts: [&str; 2], label: &str) -> String {
    let region = format!(
        r#"{{"from_name": "label", "to_name": "text", "type": "labels", "value": {{"start": 0, "end": 3, "text": "x", "labels": ["{label}"]}}}}"#
    );
    let task = |number: usize, id: &str, text: &str| {
        let region = region.replace("\"x\"", &format!("{:?}", &text[..3]));
        format!(
            r#"{{"id": {number}, "data": {{"text": "{text}", "id": "{id}"}}, "annotations": [{{"id": 1, "result": [{region}]}}]}}"#
        )
    };
    format!("[\n{},\n{}\n]\n", task(101, "b", texts[0]), task(102, "a", texts[1]))
}

struct Files(TempDir);

impl Files {
    fn new(annotated: &str) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        files.write("asked.json", ASKED);
        files.write("annotated.json", annotated);
        files.write("train.txt", "Dora B-PER\nstayed O\n");
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn train(&self) -> String {
        fs::read_to_string(self.path("train.txt")).unwrap()
    }

    fn options(&self) -> LabelOptions {
        LabelOptions {
            into: self.path("train.txt"),
            into_format: Format::Auto,
            asked: self.path("asked.json"),
            annotated: self.path("annotated.json"),
            format: Format::Auto,
            read: ReadOptions::default(),
            kind: TaskKind::Ner,
            schema: None,
            allow_missing: false,
        }
    }

    #[allow(clippy::unused_self, reason = "said of this folder")]
    fn merge(&self, options: &LabelOptions) -> Result<LabelReport, Error> {
        merge_labels(options, &mut Sinks(Vec::new()))
    }

    /// The problems of the answers `annotated`, by id and line; the training file stays as it is.
    fn problems(&self, annotated: &str) -> Vec<(String, usize, String)> {
        self.write("annotated.json", annotated);
        let before = self.train();
        let report = self.merge(&self.options()).unwrap();
        assert_eq!((report.added, self.train()), (0, before));
        report.refused.into_iter().map(|refused| (refused.id, refused.line, refused.problem)).collect()
    }
}

#[test]
fn answers_go_behind_what_is_there_once() {
    let files = Files::new(&export(["Bob met Cleo.", "Ann left."], "PER"));
    let report = files.merge(&files.options()).unwrap();
    assert_eq!((report.added, report.examples, report.refused), (2, 3, Vec::new()));
    let expected = "Dora B-PER\nstayed O\n\nBob B-PER\nmet O\nCleo O\n. O\n\nAnn B-PER\nleft O\n. O\n\n";
    assert_eq!(files.train(), expected);
    // The same answers a second time are in the file already.
    let again = files.merge(&files.options()).unwrap();
    assert_eq!((again.added, again.refused.len()), (0, 2));
    assert!(again.refused[0].problem.contains("train.txt already"), "{again:?}");
    assert_eq!(files.train(), expected);
}

#[test]
fn a_file_that_holds_nothing_yet_is_filled() {
    for nothing in ["", "\n \n"] {
        let files = Files::new(&export(["Bob met Cleo.", "Ann left."], "PER"));
        files.write("train.txt", nothing);
        let report = files.merge(&files.options()).unwrap();
        assert_eq!((report.added, report.examples), (2, 2), "{nothing:?}");
        let expected = "Bob B-PER\nmet O\nCleo O\n. O\n\nAnn B-PER\nleft O\n. O\n\n";
        assert_eq!(files.train().trim_start(), expected);
    }
}

#[test]
fn what_is_wrong_is_named_by_id_and_line() {
    let files = Files::new("");
    let found = files.problems(&export(["Bob met Dan.", "Ann left."], "PER"));
    assert_eq!((found.len(), found[0].0.as_str(), found[0].1), (1, "b", 2), "{found:?}");
    assert!(
        found[0].2.contains("its text was changed: it is \"Bob met Dan.\", and \"Bob met Cleo.\" was asked"),
        "{found:?}"
    );
    let found = files.problems(&export(["Bob met Cleo.", "Ann left."], "LOC"));
    assert_eq!(found.len(), 2);
    assert_eq!(found[1].2, "the schema has no label \"LOC\"");
    let one = export(["Bob met Cleo.", "Ann left."], "PER");
    let lost: String =
        one.lines().filter(|line| !line.contains("Ann")).collect::<String>().replace("},]", "}]");
    let found = files.problems(&lost);
    assert_eq!((found.len(), found[0].0.as_str(), found[0].1), (1, "a", 2), "{found:?}");
    assert!(found[0].2.contains("it has no answer"), "{found:?}");
    let found = files.problems(
        &one.replace("\"id\": \"b\"", "\"id\": \"z\"")
            .replace("Bob met Cleo.", "Zoe.")
            .replace("\"Bob\"", "\"Zoe\""),
    );
    assert!(found[0].0 == "z" && found[0].2.contains("it was not asked for"), "{found:?}");
    let found = files.problems(
        &export(["Bob met Cleo.", "Bob met Cleo."], "PER").replace("\"id\": \"a\"", "\"id\": \"b\""),
    );
    assert!(found[0].2.contains("answered twice, for the first time at line 2"), "{found:?}");
}

#[test]
fn what_is_missing_can_be_let_go() {
    let one = export(["Bob met Cleo.", "Ann left."], "PER");
    let files = Files::new(
        &one.lines().filter(|line| !line.contains("Ann")).collect::<String>().replace("},]", "}]"),
    );
    let report = files.merge(&LabelOptions { allow_missing: true, ..files.options() }).unwrap();
    assert_eq!((report.added, report.missing), (1, vec!["a".to_owned()]));
}

#[test]
fn a_training_file_is_begun_where_there_is_none() {
    let files = Files::new(&export(["Bob met Cleo.", "Ann left."], "ANY"));
    let options = LabelOptions { into: files.path("new.jsonl"), ..files.options() };
    assert_eq!(files.merge(&options).unwrap().added, 2);
    assert_eq!(fs::read_to_string(files.path("new.jsonl")).unwrap().lines().count(), 2);
    let options = LabelOptions { into: files.path("new.data"), ..files.options() };
    let message = files.merge(&options).unwrap_err().to_string();
    assert!(message.contains("does not tell its layout"), "{message}");
    assert!(!files.path("new.data").exists());
}

#[test]
fn columns_come_back_by_their_words() {
    let files = Files::new("Ann B-PER\nleft O\n. O\n\nBob B-PER\nmet O\nCleo B-PER\n. O\n");
    let report = files.merge(&files.options()).unwrap();
    assert_eq!((report.added, report.refused), (2, Vec::new()));
}
