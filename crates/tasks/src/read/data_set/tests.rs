#![allow(clippy::unwrap_used)]
use super::*;

const COLUMNS: &str = "Ann B-PER\nleft O\n";

/// A folder with `files`.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// The names of the training, the dev and the test file of a folder of column files.
fn found(names: &[&str]) -> Result<[Option<String>; 3]> {
    let files: Vec<(&str, &str)> = names.iter().map(|name| (*name, COLUMNS)).collect();
    let folder = folder(&files);
    let DataSet { train, dev, test, .. } = DataSet::at(folder.path(), Format::Auto, None)?;
    Ok([Some(train), dev, test].map(|name| name.map(|name| name.display().to_string())))
}

#[test]
fn names_of_published_data_tell_their_splits() {
    let cases: [(&[&str], [&str; 3]); 9] = [
        (&["train.txt", "dev.txt", "test.txt"], ["train.txt", "dev.txt", "test.txt"]),
        (&["eng.testa", "eng.testb", "eng.train"], ["eng.train", "eng.testa", "eng.testb"]),
        (
            &["da_ddt-ud-dev.iob2", "da_ddt-ud-test.iob2", "da_ddt-ud-train.iob2"],
            ["da_ddt-ud-train.iob2", "da_ddt-ud-dev.iob2", "da_ddt-ud-test.iob2"],
        ),
        (&["devel.tsv", "test.tsv", "train.tsv"], ["train.tsv", "devel.tsv", "test.tsv"]),
        (
            &["wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated"],
            ["wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated"],
        ),
        (&["TREC.train.all", "TREC.test.all"], ["TREC.train.all", "", "TREC.test.all"]),
        (&["my-export.conll", "README.md", ".hidden"], ["my-export.conll", "", ""]),
        // What goes with it has the same name otherwise.
        (&["a-train.txt", "a-dev.txt", "b-dev.txt"], ["a-train.txt", "a-dev.txt", ""]),
        // Nothing depends on which of two it is.
        (&["train.txt", "test.txt", "tst.txt"], ["train.txt", "", ""]),
    ];
    for (names, expected) in cases {
        let expected = expected.map(|name| (!name.is_empty()).then(|| name.to_owned()));
        assert_eq!(found(names).unwrap(), expected, "{names:?}");
    }
}

#[test]
fn what_two_files_fit_is_refused_with_how_to_choose() {
    let cases: [(&[&str], [&str; 2]); 4] = [
        (
            &["a-train.txt", "b-train.txt"],
            ["what is trained on (a-train.txt, b-train.txt)", "give one of them, such as"],
        ),
        (&["mine.txt", "yours.txt"], ["(mine.txt, yours.txt)", "give one of them"]),
        (&["dev.txt", "test.txt"], ["no name says that it is trained on", "give that file itself"]),
        (
            &["train.txt", "dev.txt", "valid.txt"],
            ["what is scored (dev.txt, valid.txt)", "move all but one away"],
        ),
    ];
    for (names, parts) in cases {
        let message = found(names).unwrap_err().to_string();
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    }
    assert!(found(&[]).unwrap_err().to_string().contains("it holds no data file"));
    let message = found(&["README.md", "coref/conll/a.conll"]).unwrap_err().to_string();
    assert!(
        message.contains("it holds no data file itself, but there are files in coref/conll"),
        "{message}"
    );
}

#[test]
fn a_training_file_brings_those_that_go_with_it() {
    let files = ["a-train.txt", "a-dev.txt", "b-train.txt", "b-valid.txt", "mine.txt"];
    let folder = folder(&files.map(|name| (name, COLUMNS)));
    let at = |name: &str| DataSet::at(&folder.path().join(name), Format::Auto, None).unwrap();
    let set = at("b-train.txt");
    assert_eq!((set.dev, set.folder.as_path()), (Some("b-valid.txt".into()), folder.path()));
    assert_eq!((set.format, set.reason.as_deref()), (Format::Conll, Some("one of its columns holds tags")));
    // A name that says nothing, or that it is another part, stands alone.
    for name in ["mine.txt", "a-dev.txt"] {
        assert_eq!((at(name).train, at(name).dev), (name.into(), None));
    }
}

#[test]
fn a_file_that_its_name_alone_makes_a_part_is_told() {
    let bad = [
        ("dev.txt", "", "it is empty"),
        ("dev.txt", "Ann\0 O\n", "it is no text"),
        (
            "dev.jsonl",
            "{\"text\": \"a\", \"spans\": []}\n",
            "it is of the format json-spans, and train.txt of conll",
        ),
        ("test.txt", "Ann\0 O\n", "it is no text"),
    ];
    for (name, text, reason) in bad {
        let folder = folder(&[("train.txt", COLUMNS), (name, text)]);
        let set = DataSet::at(folder.path(), Format::Auto, None).unwrap();
        assert_eq!((set.dev, set.test, set.left_out.len()), (None, None, 1), "{name:?} with {text:?}");
        let LeftOut { file, is_dev, reason: told } = &set.left_out[0];
        assert_eq!((file.to_str(), *is_dev), (Some(name), name.starts_with("dev")));
        assert!(told.contains(reason), "{told}");
    }
    let utf16 = folder(&[("train.txt", COLUMNS)]);
    for (bytes, reason) in [(&b"\xff\xfeA\0"[..], "convert it to UTF-8"), (&b"\x1f\x8b\x08"[..], "unpack it")]
    {
        std::fs::write(utf16.path().join("dev.txt"), bytes).unwrap();
        let set = DataSet::at(&utf16.path().join("train.txt"), Format::Auto, None).unwrap();
        assert!(set.left_out[0].reason.contains(reason), "{:?}", set.left_out);
    }
    // One that can be read is enough, and what goes with it is what was meant.
    let both = folder(&[("train.txt", COLUMNS), ("dev.txt", COLUMNS), ("dev-labels.txt", "ant\nbee\n")]);
    assert!(DataSet::at(both.path(), Format::Auto, None).unwrap().left_out.is_empty());
}

#[test]
fn lists_of_labels_are_no_data() {
    let folder = folder(&[
        ("train.jsonl", "{\"text\": \"a\", \"spans\": []}\n"),
        ("train-labels.txt", "ant\nbee\ncat\n"),
    ]);
    let set = DataSet::at(folder.path(), Format::Auto, None).unwrap();
    assert_eq!((set.train, set.format), ("train.jsonl".into(), Format::JsonSpans));
}

#[test]
fn folders_are_parts_of_layouts_of_several_files() {
    let of = |part: &str| ["seq.in", "seq.out", "label"].map(|file| format!("{part}/{file}"));
    let names = [of("train"), of("valid"), of("test")].concat();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x\n")).collect();
    let folder = folder(&[&files[..], &[("intent_label.txt", "x\n")]].concat());
    let set = DataSet::at(folder.path(), Format::Auto, None).unwrap();
    let parts = (set.train, set.dev, set.test);
    assert_eq!(parts, ("train".into(), Some("valid".into()), Some("test".into())));
    assert_eq!(set.format, Format::Intents);
    let set = DataSet::at(&folder.path().join("train"), Format::Intents, None).unwrap();
    assert_eq!((set.folder.as_path(), set.dev), (folder.path(), Some("valid".into())));
}

#[test]
fn what_is_not_there_is_an_error_of_the_system() {
    let error = DataSet::at(Path::new("/nowhere/at/all"), Format::Auto, None).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
}

#[test]
fn what_the_program_has_written_is_no_data() {
    let brat =
        |name: &str| [(format!("{name}/a.txt"), "Ann left"), (format!("{name}/a.ann"), "T1\tPER 0 3\tAnn\n")];
    let [text, annotations] = brat("found");
    let predicted =
        [(text.0.as_str(), text.1), (annotations.0.as_str(), annotations.1), ("found/fields.jsonl", "")];
    let files =
        [("train.txt", COLUMNS), ("dev.txt", COLUMNS), ("run/config.toml", ""), ("run/events.jsonl", "")];
    let beside = folder(&[&files[..], &predicted].concat());
    let data = DataSet::at(beside.path(), Format::Auto, None).unwrap();
    assert_eq!((data.train.to_str(), data.format), (Some("train.txt"), Format::Conll));
    // Nothing else is there.
    let alone = folder(&predicted);
    let refused = DataSet::at(alone.path(), Format::Auto, None).unwrap_err().to_string();
    assert!(refused.contains("it holds no data file"), "{refused}");
    // Predictions that were corrected are data where someone says so.
    let found = alone.path().join("found");
    assert_eq!(DataSet::at(&found, Format::Auto, None).unwrap().format, Format::Brat);
    std::fs::rename(&found, alone.path().join("train")).unwrap();
    assert_eq!(DataSet::at(alone.path(), Format::Auto, None).unwrap().train.to_str(), Some("train"));
    // A run has files that could be read.
    let run = folder(&[("config.toml", ""), ("events.jsonl", ""), ("eval.jsonl", "{\"tokens\": [\"a\"]}\n")]);
    let refused = DataSet::at(run.path(), Format::Auto, None).unwrap_err().to_string();
    assert!(refused.contains("written by fishdip itself"), "{refused}");
}
