//! Column files that say in a column of which sentence a word is, and those whose words cannot be told.

use std::io::Cursor;
use std::path::Path;

use fishdip_tasks::read::{Column, Format, ReadOptions};
use fishdip_tasks::tags::TagScheme;

/// The sentences as `word/LABEL …`, or the messages of those that cannot be read.
fn read_with(format: Format, text: &[u8], options: &ReadOptions) -> Vec<String> {
    let examples = match format.read_from(Cursor::new(text.to_vec()), Path::new("f"), options) {
        Ok(examples) => examples,
        Err(error) => return vec![error.to_string()],
    };
    let shown = |example: fishdip_tasks::Example| {
        let label = |at: usize| example.entities.iter().find(|e| (e.start..e.end).contains(&at));
        let word = |(at, token): (usize, &String)| match label(at) {
            Some(entity) => format!("{token}/{}", entity.label),
            None => token.clone(),
        };
        example.tokens.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
    };
    examples.map(|example| example.map_or_else(|error| error.to_string(), shown)).collect()
}

fn read(text: &str) -> Vec<String> {
    read_with(Format::Conll, text.as_bytes(), &ReadOptions::default())
}

#[track_caller]
fn refused(text: &str, parts: &[&str]) {
    let found = read(text).concat();
    for part in parts {
        assert!(found.contains(part), "{part:?} is not in {found}");
    }
}

#[test]
fn an_id_in_the_first_row_of_a_sentence_begins_it() {
    let commas = "Sentence #,Word,POS,Tag\nSentence: 1,Ann,NNP,B-per\n,said,VBD,O\n,\",\",\",\",O\nSentence: 2,Bo,NNP,B-per\n,left,VBD,O\n";
    let tabs = "Sentence #\tWord\tPOS\tTag\nSentence: 1\tAnn\tNNP\tB-per\n\tsaid\tVBD\tO\n\t,\t,\tO\nSentence: 2\tBo\tNNP\tB-per\n\tleft\tVBD\tO\n";
    for text in
        [commas, tabs, &tabs.replace("\n\t", "\nNaN\t"), &commas.replace(',', ";").replace("\";\"", "\",\"")]
    {
        for format in [Format::Conll, Format::Auto] {
            let found = read_with(format, text.as_bytes(), &ReadOptions::default());
            assert_eq!(found, ["Ann/per said ,", "Bo/per left"], "{format}: {text}");
        }
    }
    // What is no UTF-8 costs its sentence, and the next one where it may be of that.
    let text = b"Sentence #,Word,Tag\n1,Ann,B-per\n,caf\xe9,O\n,was,O\n2,Bo,B-per\n3,Cy,B-per\n,\xe9,O\n4,Di,B-per\n";
    let found = read_with(Format::Conll, text, &ReadOptions::default());
    assert!(found[0].contains("f:3: the line is not valid UTF-8") && found[1] == "Bo/per", "{found:?}");
    assert!(found[2].contains("f:7: ") && found[3].contains("f:8: the line before this one"), "{found:?}");
}

#[test]
fn an_id_in_every_row_parts_where_it_changes() {
    let text =
        "sentence_id\ttoken\tlabel\n0\tAnn\tB-PER\n0\tsang\tO\n1\tBo\tB-PER\n2\tCy\tB-PER\n2\tran\tO\n";
    let expected = ["Ann/PER sang", "Bo/PER", "Cy/PER ran"];
    assert_eq!(read(text), expected);
    assert_eq!(read(&text.replace('\t', " ")), expected);
    let unlabelled = ReadOptions::new(TagScheme::Unlabelled, fishdip_tasks::Quirks::NONE);
    assert_eq!(read_with(Format::Conll, text.as_bytes(), &unlabelled), ["Ann sang", "Bo", "Cy ran"]);
    let documents =
        "doc_id sent_id word tag\na 1 Ann B-PER\na 1 sang O\na 2 Bo B-PER\nb 1 Cy B-PER\nb 1 ran O\n";
    assert_eq!(read(documents), expected);
    // Sentences that only the blank line between documents tells apart.
    assert_eq!(read("sent_id word tag\n1 Ann B-PER\n\n1 Bo B-PER\n"), ["Ann/PER", "Bo/PER"]);
}

#[test]
fn ids_that_leave_it_open_are_refused() {
    let shuffled = "sent_id word tag\n1 Ann B-PER\n2 Bo B-PER\n1 sang O\n";
    refused(shuffled, &["f:4: the sentence \"1\" goes on here, behind another one", "blank line"]);
    assert_eq!(read(shuffled)[1], "Bo/PER");
    refused(
        "sent_id\tword\ttag\n\tAnn\tB-PER\n1\tBo\tB-PER\n",
        &["f:2: the line does not say of which sentence"],
    );
    refused(
        "sent_id\tword\ttag\n1\tAnn\tB-PER\n\tsang\tO\n1\tBo\tB-PER\n",
        &["f:4: the sentence \"1\" is named again"],
    );
}

#[test]
fn ids_that_no_header_names_are_refused() {
    for (text, line, column) in [
        ("1 Ann B-PER\n1 sang O\n2 Bo B-PER\n2 ran O\n", 3, 1),
        ("Ann 1 B-PER\nsang 1 O\nBo 2 B-PER\nran 2 O\n", 3, 2),
        (
            "Ann NNP doc1 B-PER\nsang VBD doc1 O\n\nBo NNP doc1 B-PER\nran VBD doc1 O\nCy NNP doc2 B-PER\nate VBD doc2 O\n",
            6,
            3,
        ),
    ] {
        let parts = [
            format!("f:{line}: column {column} seems to say of which sentence or document a token is"),
            "sentence_id, word and tag".to_owned(),
        ];
        refused(text, &parts.each_ref().map(String::as_str));
    }
    // Where blank lines part the same sentences, nothing is lost.
    assert_eq!(read("Ann 1 B-PER\nsang 1 O\n\nBo 2 B-PER\nran 2 O\n"), ["Ann/PER sang", "Bo/PER ran"]);
    // Values that come back, or go up with every line, are no ids.
    assert_eq!(read("Ann 1 B-PER\nsang 0 O\nBo 1 B-PER\n").len(), 1);
    assert_eq!(read("Ann 3 B-PER\nsang 7 O\nBo 9 B-PER\n").len(), 1);
    // A header says that it is something else.
    assert_eq!(read("word page tag\nAnn 1 B-PER\nsang 1 O\nBo 2 B-PER\nran 2 O\n").len(), 1);
}

#[test]
fn numbers_alone_are_hardly_the_words() {
    let advice = "--word-column, data.word_column";
    for text in
        ["1 B-PER\n2 O\n\n1 B-LOC\n2 O\n", "0\tO\n1\tB-PER\n", "17 NNP B-PER\n4 VBD O\n99 NNP B-PER\n"]
    {
        refused(text, &["f:1: column 1 holds numbers alone", advice]);
    }
    let mut options = ReadOptions::default();
    options.word_column = Some(Column::Number(1));
    assert_eq!(read_with(Format::Conll, b"17 O\n4 B-QTY\n", &options), ["17 4/QTY"]);
    assert_eq!(read("17 O\nof O\n4 B-QTY\n"), ["17 of 4/QTY"]);
    let unlabelled = ReadOptions::new(TagScheme::Unlabelled, fishdip_tasks::Quirks::NONE);
    assert_eq!(read_with(Format::Conll, b"17\n4\n", &unlabelled), ["17 4"]);
}

#[test]
fn a_table_of_words_is_no_table_of_texts() {
    let text = "word,tag\nAnn,B-PER\nleft,O\n";
    let found = read_with(Format::Csv, text.as_bytes(), &ReadOptions::default()).concat();
    assert!(found.contains("f:1: the header (word, tag)") && found.contains("format conll"), "{found}");
    assert_eq!(read(text), ["Ann/PER left"]);
}

#[test]
fn a_column_of_ids_by_another_name_is_no_word_of_one_sentence() {
    for name in ["id", "group", "sid"] {
        let text = format!("{name},word,tag\n1,Ann,B-PER\n1,ran,O\n2,Bo,B-PER\n2,left,O\n");
        refused(&text, &["f:4", &format!("column {name:?}"), "call that column sentence_id"]);
        // Blank lines part them as well, and numbers that are no ids are nothing.
        let parted = text.replace("2,Bo", "\n2,Bo");
        assert_eq!(read(&parted), ["Ann/PER ran", "Bo/PER left"]);
    }
    assert_eq!(read("id,word,tag\n1,Ann,B-PER\n2,ran,O\n3,off,O\n"), ["Ann/PER ran off"]);
}

/// The sentences and what is told of the file.
fn told(text: &str, options: &ReadOptions) -> (Vec<String>, Vec<String>) {
    let mut examples =
        Format::Conll.read_from(Cursor::new(text.as_bytes().to_vec()), Path::new("f"), options).unwrap();
    let found = examples.by_ref().map(|example| match example {
        Ok(example) => format!("{:?}", example.entities.iter().map(|e| e.label.as_str()).collect::<Vec<_>>()),
        Err(error) => error.to_string(),
    });
    (found.collect(), examples.notes().take().iter().map(ToString::to_string).collect())
}

#[test]
fn a_first_line_that_may_be_a_header_is_told() {
    let text = "Wort Etikett\nAnn PER\nlebt O\n\nBonn ORT\nAnn PER\nist ORT\n";
    let expected =
        "f:1: the first line, \"Wort Etikett\", is read as a word and its label, which no other line has";
    let declared = ReadOptions::new(TagScheme::Io, fishdip_tasks::Quirks::NONE);
    for options in [ReadOptions::default(), declared] {
        let (_, notes) = told(text, &options);
        assert!(notes.iter().any(|note| note.starts_with(expected)), "{notes:?}");
        // A label that comes again names no column.
        let (_, notes) = told(text.strip_prefix("Wort Etikett\n").unwrap(), &options);
        assert!(!notes.iter().any(|note| note.contains("the first line")), "{notes:?}");
    }
    // Where tags have prefixes, it is an error.
    refused("Wort Etikett\nAnn B-PER\nlebt O\n", &["f:1: the tag \"Etikett\" is not of the form"]);
}

#[test]
fn of_several_columns_that_could_hold_the_tags_one_is_told_or_asked_for() {
    let (found, notes) = told("word,label,tag\nAnn,person,B-PER\nleft,none,O\n", &ReadOptions::default());
    assert_eq!(found, ["[\"PER\"]"]);
    let expected = "the columns \"label\" and \"tag\" could hold the tags; \"tag\" is read";
    assert!(notes.iter().any(|note| note.starts_with(expected)), "{notes:?}");
    let (found, _) = told("word tag label\nAnn NNP PER\nleft VBD O\n", &ReadOptions::default());
    assert_eq!(found, ["[\"PER\"]"]);
    for text in
        ["word,label,tag\nAnn,B-PER,B-NAME\nleft,O,O\n", "word,label,tag\nAnn,PER,NNP\nleft,NONE,VBD\n"]
    {
        refused(
            text,
            &[
                "the header names several columns of tags, \"label\" and \"tag\"",
                "--tag-column, data.tag_column",
            ],
        );
    }
    let mut options = ReadOptions::default();
    options.tag_column = Some(Column::Name("label".to_owned()));
    assert_eq!(told("word,label,tag\nAnn,B-PER,B-NAME\nleft,O,O\n", &options).0, ["[\"PER\"]"]);
}

#[test]
fn gold_and_predicted_tags_are_told_apart_by_the_user() {
    let conlleval = "Ann NNP B-PER B-LOC\nleft VBD O O\n\nOslo NNP B-LOC O\nin IN O O\n";
    refused(conlleval, &["f:1: columns 3 and 4 hold tags with the same labels", "--tag-column"]);
    refused(
        "Ann PER PER\nleft O O\n\nOslo LOC O\n",
        &["f:1: columns 2 and 3 hold tags with the same labels"],
    );
    let mut options = ReadOptions::default();
    options.tag_column = Some(Column::Number(3));
    assert_eq!(told(conlleval, &options).0, ["[\"PER\"]", "[\"LOC\"]"]);
    // A prediction that found nothing.
    let (_, notes) = told("Ann B-PER O\nleft O O\n", &ReadOptions::default());
    assert!(notes.iter().any(|note| note.starts_with("column 2 holds tags; the last is read")), "{notes:?}");
    // Chunks and entities have labels of their own.
    let (found, notes) = told("Ann NNP B-NP B-PER\nleft VBD B-VP O\n", &ReadOptions::default());
    assert_eq!(found, ["[\"PER\"]"]);
    assert!(
        notes.iter().any(|note| note.starts_with("columns 3 and 4 hold tags; the last is read")),
        "{notes:?}"
    );
}

#[test]
fn lines_of_several_splits_are_refused() {
    for (column, cells) in [("is_test", ["0", "1"]), ("fold", ["0", "1"]), ("dataset", ["train", "dev"])] {
        let [first, second] = cells;
        let text = format!("word tag {column}\nAnn B-PER {first}\nleft O {first}\n\nBo B-PER {second}\n");
        let expected = format!(
            "f:5: column {column:?} says that lines are of several splits ({first:?} before, {second:?} here)"
        );
        refused(&text, &[&expected]);
    }
    // A prediction answers all of them.
    let unlabelled = ReadOptions::new(TagScheme::Unlabelled, fishdip_tasks::Quirks::NONE);
    let text = b"sentence_id word is_test\n1 Ann 0\n2 Bo 1\n";
    assert_eq!(read_with(Format::Conll, text, &unlabelled), ["Ann", "Bo"]);
}
