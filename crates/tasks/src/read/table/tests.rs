#![allow(clippy::unwrap_used, clippy::unnecessary_wraps)]

use super::*;
use crate::read::Column;
use crate::{Entity, TaskKind};

fn rows_with(text: &[u8], separator: u8, options: &ReadOptions) -> (Vec<Result<Example, String>>, Notes) {
    let notes = Notes::default();
    let examples = match table(text, Path::new("f"), separator, options, &notes) {
        Ok(examples) => examples.map(|example| example.map_err(|error| error.to_string())).collect(),
        Err(error) => vec![Err(error.to_string())],
    };
    (examples, notes)
}

fn rows(text: &str, separator: u8) -> Vec<Result<(String, String), String>> {
    let examples = rows_with(text.as_bytes(), separator, &ReadOptions::default()).0;
    examples.into_iter().map(|e| e.map(|e| (e.label.unwrap(), e.text.unwrap()))).collect()
}

fn pair(label: &str, text: &str) -> Result<(String, String), String> {
    Ok((label.to_owned(), text.to_owned()))
}

fn refused(text: &str, separator: u8) -> String {
    rows(text, separator).remove(0).unwrap_err()
}

#[test]
fn quoted_fields() {
    let text = "\u{feff}Text,Label\r\n\"a, \"\"b\"\"\",pos\r\n\r\n\"two\nlines\",neg";
    assert_eq!(rows(text, b','), [pair("pos", "a, \"b\""), pair("neg", "two\nlines")]);
    let (examples, _) = rows_with(text.as_bytes(), b',', &ReadOptions::default());
    let lines: Vec<_> =
        examples.iter().map(|e| e.as_ref().unwrap().origin.as_ref().unwrap().line()).collect();
    assert_eq!(lines, [2, 4]);
    assert!(refused("text,label\n\"a\" b,pos\n", b',').contains("f:2"));
    // A quote that is not closed costs its row alone, unless another line may close it.
    let found = rows("text,label\nb,pos\n\"a,pos\nc,neg\n", b',');
    assert!(found[1].as_ref().unwrap_err().contains("f:3: a field begins with a quote"), "{found:?}");
    assert_eq!((&found[0], &found[2]), (&pair("pos", "b"), &pair("neg", "c")));
    assert!(refused("text,label\n\"a \"x\" b\nc,pos\nd\",neg\n", b',').contains("f:2"));
}

#[test]
fn a_table_of_spans_is_no_table_of_classes() {
    let text = "text,start,end,label\nAnn left,0,3,PER\n";
    let said = refused(text, b',');
    assert!(said.contains("(text, start, end, label) has columns of places in a text"), "{said}");
    assert!(refused("Text\tBegin\tStop\tClass\na\t0\t1\tx\n", b'\t').contains("each row is a span"));
    // Asked for, or with one of both alone, they are what they are.
    let options = ReadOptions { tag_column: Some(Column::Name("label".to_owned())), ..Default::default() };
    assert!(rows_with(text.as_bytes(), b',', &options).0[0].is_ok());
    assert_eq!(rows("text,start,label\na,0,x\n", b','), [pair("x", "a")]);
}

#[test]
fn quotes_of_a_table_with_tabs() {
    assert_eq!(rows("text\tlabel\n\"a\tb\"\tpos\n", b'\t'), [pair("pos", "a\tb")]);
    assert_eq!(rows("text\tlabel\n\"a\" b\tpos\n", b'\t'), [pair("pos", "\"a\" b")]);
    assert_eq!(rows("text\tlabel\n\"two\nlines\"\tpos\n", b'\t'), [pair("pos", "two\nlines")]);
    assert!(refused("text\tlabel\n\"a\tpos\nb\"\tneg\n", b'\t').contains("f:2: a quote may be"));
}

#[test]
fn columns_are_found_by_name_or_asked_for() {
    let text = "id,title,body,category\n7,t,b,c\n";
    assert!(
        refused(text, b',')
            .contains("several columns of texts; name the one to read (--text-key, data.text_key)")
    );
    let options = ReadOptions { text_key: Some("body".to_owned()), ..ReadOptions::default() };
    let (examples, notes) = rows_with(text.as_bytes(), b',', &options);
    let example = examples[0].as_ref().unwrap();
    assert_eq!(
        (&*example.id, example.text.as_deref(), example.label.as_deref()),
        ("7", Some("b"), Some("c"))
    );
    assert!(notes.take()[0].detail.contains("column \"body\", classes from \"category\", ids from \"id\""));
    let options = ReadOptions { tag_column: Some(Column::Number(2)), ..options };
    assert_eq!(rows_with(text.as_bytes(), b',', &options).0[0].as_ref().unwrap().label.as_deref(), Some("t"));
    assert!(refused("a,b\nx,y\n", b',').contains("(a, b) names no column of texts"));
    assert!(refused("text,b\nx,y\n", b',').contains("names no column of classes"));
}

#[test]
fn slots_with_an_intent() {
    let text = "utterance\tintent\tslots\nplay Mozart now\tPlay\tO B-artist O\nplay\tPlay\tO O\n";
    let (examples, _) = rows_with(text.as_bytes(), b'\t', &ReadOptions::default());
    let example = examples[0].as_ref().unwrap();
    assert_eq!(
        (example.intent.as_deref(), &example.slots[..]),
        (Some("Play"), &[Entity::new("artist", 1, 2)][..])
    );
    assert!(examples[1].as_ref().unwrap_err().contains("f:3: expected one tag for each word"));
}

#[test]
fn other_separators_and_encodings_are_told() {
    assert!(refused("text;label\na;b\n", b',').contains("semicolons"));
    assert!(refused("text\tlabel\na\tb\n", b',').contains("format tsv"));
    assert!(refused("text,label\na,b\n", b'\t').contains("format csv"));
    assert!(refused("", b',').contains("no example"));
    let (examples, _) = rows_with(b"\xff\xfet\0e\0", b',', &ReadOptions::default());
    assert!(examples[0].as_ref().unwrap_err().contains("UTF-16"));
}

#[test]
fn bad_rows_cost_themselves_alone() {
    let (examples, notes) =
        rows_with(b"text,label\na,x\nb,x,y\n\xff,x\n,x\nc,\nd,x\n", b',', &ReadOptions::default());
    let lines: Vec<_> =
        examples.iter().map(|e| e.as_ref().err().map(|e| e.split(' ').nth(3).unwrap().to_owned())).collect();
    let at = |line: &str| Some(line.to_owned());
    assert_eq!(lines, [None, at("f:3:"), at("f:4:"), at("f:5:"), None]);
    let notes = notes.take();
    assert_eq!((notes[1].kind, notes[1].at.as_ref().unwrap().line()), (NoteKind::Unlabelled, 6));
}

#[test]
fn rows_of_several_splits_are_refused() {
    let table = "text,label,split\nhello,a,train\nbye,b,test\n";
    assert!(
        refused(table, b',')
            .contains("the column \"split\" says that rows are of several splits (\"test\", \"train\")")
    );
    for table in
        ["text,label,split\nhello,a,train\nbye,b,train\n", "text,label,set\nhello,a,red\nbye,b,blue\n"]
    {
        assert!(rows(table, b',').iter().all(Result::is_ok), "{table}");
    }
}

#[test]
fn every_way_to_name_splits_is_refused() {
    for (column, cells) in [
        ("is_test", ["0", "1"]),
        ("is_train", ["True", "False"]),
        ("fold", ["1", "2"]),
        ("dataset", ["train", "test"]),
        ("set", ["train", "dev"]),
        ("subset", ["test", "validation"]),
        ("part", ["train", "test"]),
    ] {
        let [first, second] = cells;
        let table = format!("text,label,{column}\nhello,a,{first}\nbye,b,{second}\n");
        for (table, separator) in [(table.clone(), b','), (table.replace(',', "\t"), b'\t')] {
            let expected = format!("f:1: the column {column:?} says that rows are of several splits");
            assert!(refused(&table, separator).contains(&expected), "{table}");
        }
    }
    // What is no split is read.
    for (column, cells) in
        [("dataset", ["imdb", "yelp"]), ("is_test", ["0", "0"]), ("source", ["web", "mail"])]
    {
        let [first, second] = cells;
        let table = format!("text,label,{column}\nhello,a,{first}\nbye,b,{second}\n");
        assert!(rows(&table, b',').iter().all(Result::is_ok), "{table}");
    }
}

#[test]
fn slots_need_a_column_of_tags() {
    let options = ReadOptions { task: Some(TaskKind::Slots), ..ReadOptions::default() };
    let text = b"text,intent,marks\nplay Mozart,Play,O B-artist\n";
    let message = rows_with(text, b',', &options).0.remove(0).unwrap_err();
    assert!(message.contains("f:1: the header (text, intent, marks) names no column of tags"), "{message}");
    let options = ReadOptions { tag_column: Some(Column::Name("marks".to_owned())), ..options };
    let example = rows_with(text, b',', &options).0.remove(0).unwrap();
    assert_eq!((example.intent.as_deref(), example.slots.len()), (Some("Play"), 1));
}

#[test]
fn rows_are_called_by_their_ids() {
    let found = rows("id,text,label\nx7,,neg\n,,neg\n", b',');
    let messages: Vec<_> = found.into_iter().map(Result::unwrap_err).collect();
    assert!(messages[0].contains("f:2, example x7: the text"), "{messages:?}");
    assert!(messages[1].contains("f:3: the text"), "{messages:?}");
}

#[test]
fn a_row_that_is_too_short_is_told_so() {
    assert!(
        rows("text,label,x\nbye,neg\n", b',')[0]
            .as_ref()
            .unwrap_err()
            .contains("an empty column needs its separator too")
    );
    assert!(
        rows("text,label\na,b,c\n", b',')[0]
            .as_ref()
            .unwrap_err()
            .contains("quote texts that hold a separator")
    );
}
