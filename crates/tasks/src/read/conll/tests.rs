#![allow(clippy::unwrap_used, clippy::unnecessary_wraps)]
use super::*;
use crate::Entity;
use crate::read::Column;

fn read(text: &str, scheme: TagScheme) -> Result<Vec<Example>> {
    ConllReader::new(text.as_bytes(), "f.txt", scheme).collect()
}

fn message(text: &str, scheme: TagScheme) -> String {
    read(text, scheme).unwrap_err().to_string()
}

#[test]
fn first_and_last_columns() {
    let text = "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\n\nPeter  NNP\tI-NP I-PER \n";
    let examples = read(text, TagScheme::Auto).unwrap();
    assert_eq!(examples.len(), 2);
    assert_eq!(examples[0].tokens, ["EU", "rejects"]);
    assert_eq!(examples[0].entities, [Entity::new("ORG", 0, 1)]);
    assert_eq!((examples[1].id.as_str(), examples[1].place().as_str()), ("1", "f.txt:7"));
}

#[test]
fn one_column_is_prediction_input() {
    for scheme in [TagScheme::Auto, TagScheme::Iob2, TagScheme::Reference, TagScheme::Unlabelled] {
        let examples = read("a\nb\n\nc", scheme).unwrap();
        assert_eq!((examples.len(), examples[0].tokens.len()), (2, 2));
        assert!(examples[0].entities.is_empty());
    }
    assert_eq!(read("a X-what\n", TagScheme::Unlabelled).unwrap()[0].tokens, ["a"]);
}

#[test]
fn comments_of_conll_u_say_the_ids_of_sentences() {
    // https://universaldependencies.org/format.html: the comment stands before the words of its sentence.
    let text = "# newdoc id = d\n# sent_id = weblog-1\n# text = Ann left\n1\tAnn\tB-PER\n2\tleft\tO\n\n1\tBo\tB-PER\n\n\
                # sent_id =\n# sent_id=w 2\n1\tCy\tB-PER\n# sent_id = late\n2\tran\tO\n";
    for scheme in [TagScheme::Auto, TagScheme::Unlabelled] {
        let ids: Vec<String> = read(text, scheme).unwrap().into_iter().map(|example| example.id).collect();
        assert_eq!(ids, ["weblog-1", "1", "w 2"], "{scheme:?}");
    }
    // What predictions are written with.
    assert_eq!(read("# id = a\n# page = 3\nAnn B-PER\nleft O\n", TagScheme::Auto).unwrap()[0].id, "a");
    // A word of a text is none.
    assert_eq!(read("#sent_id\nis\nbig\n", TagScheme::Auto).unwrap()[0].id, "0");
}

#[test]
fn a_missing_tag_is_an_error() {
    let text = "a B-X\nb\n";
    assert!(message(text, TagScheme::Iob2).contains("f.txt:2: the token \"b\" has no tag"));
    assert_eq!(read(text, TagScheme::Reference).unwrap()[0].entities, [Entity::new("X", 0, 1)]);
}

#[test]
fn messages_name_file_line_and_tag() {
    let text = "a O\nb I-X\n";
    let found = message(text, TagScheme::Iob2);
    assert!(found.contains("f.txt:2") && found.contains("I-X") && found.contains("none is open"), "{found}");
    assert!(read(text, TagScheme::Iob1).is_ok());
    assert!(message("a O\n\nb X-PER\n", TagScheme::Auto).contains("f.txt:3"));
    assert!(message("a B-\n", TagScheme::Auto).contains("no label"));
    for text in [" O\n", "\tO\n", "\u{a0}\tO\n"] {
        assert!(
            message(text, TagScheme::Auto).contains("f.txt:1: column 1, where the token belongs, is blank")
        );
    }
}

#[test]
fn a_file_without_sentences_is_an_error() {
    for text in ["", "\n\n", "-DOCSTART- -X- O O\n\n"] {
        for scheme in [TagScheme::Auto, TagScheme::Iob2] {
            assert!(message(text, scheme).contains("f.txt: it holds no sentence"));
        }
    }
}

#[test]
fn a_bad_sentence_does_not_end_the_file() {
    let text = "a B-X\n\nb I-X\n\nc O\n".as_bytes();
    let mut reader = ConllReader::new(text, "f", TagScheme::Iob2);
    assert!(reader.next().unwrap().is_ok());
    assert!(reader.next().unwrap().is_err());
    // One bad sentence costs itself alone.
    assert_eq!(reader.next().unwrap().unwrap().id, "2");
    assert!(reader.next().is_none());
}

#[test]
fn an_absent_file_is_named() {
    let error = ConllReader::open("no/such.txt", TagScheme::Auto).unwrap_err();
    assert!(error.to_string().contains("no/such.txt"));
}

fn with(text: &str, options: ReadOptions) -> (Vec<Result<Example, String>>, Vec<String>) {
    let notes = Notes::default();
    let reader = ConllReader::with_options(text.as_bytes(), "f", options, notes.clone());
    let examples = reader.map(|example| example.map_err(|error| error.to_string())).collect();
    (examples, notes.take().into_iter().map(|note| note.detail).collect())
}

fn columns(word: Option<Column>, tag: Option<Column>) -> ReadOptions {
    ReadOptions { word_column: word, tag_column: tag, ..ReadOptions::default() }
}

fn number(number: usize) -> Option<Column> {
    Some(Column::Number(number))
}

fn name(name: &str) -> Option<Column> {
    Some(Column::Name(name.to_owned()))
}

#[test]
fn columns_can_be_named() {
    let text = "1\tBank\tB-ORG\tO\n2\tWien\tI-ORG\tB-LOC\n";
    let outer = with(text, columns(None, number(3))).0.remove(0).unwrap();
    assert_eq!(
        (&outer.tokens[..], &outer.entities[..]),
        (&["Bank".to_owned(), "Wien".to_owned()][..], &[Entity::new("ORG", 0, 2)][..])
    );
    assert_eq!(
        with(text, columns(None, number(4))).0[0].as_ref().unwrap().entities,
        [Entity::new("LOC", 1, 2)]
    );
    let message = |options| with(text, options).0.remove(0).unwrap_err();
    assert!(message(columns(None, None)).contains("f:1: columns 3 and 4 all hold tags"));
    assert!(message(columns(None, number(7))).contains("there is no column 7: lines have 4"));
    assert!(message(columns(number(3), number(3))).contains("column 3 cannot hold both"));
    assert!(message(columns(None, name("NER"))).contains("no header names the column \"NER\""));

    let text = "FORM XNER YNER\nAnn O B-PER\n";
    let found = with(text, columns(None, name("XNER"))).0.remove(0).unwrap();
    assert_eq!((found.tokens.len(), found.entities.len()), (1, 0));
    let text = "# global.columns = ID FORM A B\n1\tAnn\tO\tB-PER\n2\tsang\tO\tO\n";
    assert_eq!(with(text, columns(None, name("B"))).0[0].as_ref().unwrap().entities.len(), 1);
    assert!(
        with(text, columns(None, name("C"))).0[0]
            .as_ref()
            .unwrap_err()
            .contains("the header has ID, FORM, A, B")
    );
}

#[test]
fn a_first_column_that_counts_is_no_word() {
    let text = "1\tAnn\tB-PER\n2-3\tsang's\t_\n2\tsang\tO\n3\t's\tO\n3.1\t_\t_\n\n1\tBo\tB-PER\n";
    let (examples, notes) = with(text, ReadOptions::default());
    assert_eq!(examples[0].as_ref().unwrap().tokens, ["Ann", "sang", "'s"]);
    assert_eq!(examples[1].as_ref().unwrap().entities, [Entity::new("PER", 0, 1)]);
    assert!(
        notes.contains(
            &"the first column counts the words of a sentence, the second holds the words".to_owned()
        )
    );
    assert!(notes.contains(&"column 3 holds the tags".to_owned()));
    // One sentence that does not count costs itself alone.
    let text = "1 Ann O\n2 sang O\n\n1 Bo O\n3 ate O\n\n1 Cy O\n2 ran O\n";
    let found = with(text, ReadOptions::default()).0;
    assert_eq!(found.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert!(found[1].as_ref().unwrap_err().contains("f:5: the first column does not count on"));
    // Numbers that are words.
    let found = with("1 O\n2 O\n\n7 O\nup O\n", ReadOptions::default()).0;
    assert_eq!(found[0].as_ref().unwrap().tokens, ["1", "2"]);
}

#[test]
fn the_layout_of_input_is_seen_in_its_first_sentence() {
    let options = || ReadOptions { scheme: TagScheme::Unlabelled, ..ReadOptions::default() };
    let notes = Notes::default();
    let text = std::io::BufReader::with_capacity(1, &b"1\tHi\n\n1\tAnn\n2\tsang\n\n1\tBo\n"[..]);
    let mut reader = ConllReader::with_options(text, "f", options(), notes);
    assert_eq!(reader.next().unwrap().unwrap().tokens, ["Hi"]);
    assert_eq!(reader.lines.origin().line(), 5);
    assert_eq!(reader.next().unwrap().unwrap().tokens, ["Ann", "sang"]);
    assert_eq!(reader.next().unwrap().unwrap().tokens, ["Bo"]);
    let words = with("Hi\n\nAnn\n", options()).0;
    assert_eq!(words[1].as_ref().unwrap().tokens, ["Ann"]);
    // A column too many is no word to be dropped.
    assert!(with("Hi\nNew York\nBonn\n", options()).0[0].as_ref().unwrap_err().contains("f:2"));
}

#[test]
fn sentences_without_tags_are_left_out_where_others_have_some() {
    let (examples, notes) = with("Ann B-PER\n\nBo\nLee\n\nCy B-PER\n", ReadOptions::default());
    let ids: Vec<_> = examples.iter().map(|example| example.as_ref().unwrap().id.as_str()).collect();
    assert_eq!(ids, ["0", "2"]);
    assert!(notes.contains(&"no line of the sentence has a tag".to_owned()));
}

#[test]
fn lines_that_are_cut_in_another_way_are_refused() {
    let text = "Ann\tB-PER\nsang\tO\n\nBo B-PER\n\nCy\tO\n";
    let found = with(text, ReadOptions::default()).0;
    assert!(found[1].as_ref().unwrap_err().contains("f:4: the line has no tab"));
    assert!(found[0].is_ok() && found[2].is_ok());
    let found = with("Ann B-PER\n#Rome now B-LOC\n", ReadOptions::default()).0;
    assert!(
        found[0].as_ref().unwrap_err().contains("f:2")
            && found[0].as_ref().unwrap_err().contains("if it is a comment")
    );
    let found = with("Ann O\rBo B-PER\nCy O\n", ReadOptions::default()).0;
    assert!(found[0].as_ref().unwrap_err().contains("carriage return"));
}

#[test]
fn a_line_that_is_no_utf8_costs_its_sentence_alone() {
    let reader = ConllReader::new(&b"Ann B-PER\n\nB\xff B-PER\n\nCy O\n"[..], "f", TagScheme::Auto);
    let found: Vec<_> = reader.map(|example| example.is_ok()).collect();
    assert_eq!(found, [true, false, true]);
}

#[test]
fn files_that_would_be_read_as_what_they_are_not_are_refused() {
    let cases = [
        (
            "docA\tAnn\tB-PER\ndocA\tleft\tO\ndocA\thome\tO\n\ndocB\tBo\tB-PER\n",
            "f:1: column 1 holds the same through whole sentences",
        ),
        (
            "docA\tAnn\tB-PER\ndocA\tleft\tO\ndocB\tBo\tB-PER\ndocB\tsat\tO\n",
            "f:1: column 1 holds the same through whole sentences",
        ),
        (
            "Ann\tB-PER\tdocA\nleft\tO\tdocA\nBo\tB-PER\tdocB\n",
            "f:3: column 3 seems to say of which sentence or document a token is",
        ),
        (
            "file\tword\ttag\na\tAnn\tB-PER\na\tleft\tO\nb\tBo\tB-PER\n",
            "f:4: column \"file\" seems to say of which sentence or document a token is",
        ),
        (
            "word\ttag\tset\nAnn\tB-PER\ttrain\nleft\tO\ttrain\n\nBo\tB-PER\ttest\n",
            "f:5: column \"set\" says that lines are of several splits (\"train\" before, \"test\" here)",
        ),
        (
            "token_id token tag\n1 Ann B-PER\n2 left O\n1 Bo B-PER\n2 came O\n",
            "f:4: column \"token_id\" counts the words and begins again here",
        ),
        (
            "1\tAnn\tB-PER\n2-3\tdel\tB-LOC\n2\tde\tO\n3\tel\tO\n\n1\tAnn\tB-PER\n2\tel\tO\n",
            "f:2: the line is of several words in one, or of a word that was left out, and has the tag \"B-LOC\"",
        ),
        ("Ann B-PER,B-ORG\nleft O\n", "the tag \"B-PER,B-ORG\" holds several tags"),
        ("Ann B-PER|O\nleft O\n", "the tag \"B-PER|O\" holds several tags"),
        ("Ann;B-PER\nleft;O\n\nBo;B-PER\n", "f:1: columns seem to be separated by ';'"),
        ("Ann|B-PER\nleft|O\n", "f:1: columns seem to be separated by '|'"),
        ("Ann,B-PER\nleft,O\n", "f:1: columns seem to be separated by ','"),
        (
            "1-1\tAnn\tB-PER\n1-2\tleft\tO\n\n2-1\tBo\tB-PER\n2-2\tleft\tO\n",
            "f:1: the first column holds ids such as 1-1, as in WebAnno TSV",
        ),
        (
            "U-PER U-PER\nleft L-PER\nBo B-PER\nLee L-PER\n",
            "none is open before it; start the entity with B-",
        ),
    ];
    for (text, expected) in cases {
        let found = with(text, ReadOptions::default()).0;
        let message = found.into_iter().find_map(std::result::Result::err).unwrap_or_default();
        assert!(message.contains(expected), "{text:?}: {message}");
    }
    let unlabelled = || ReadOptions { scheme: TagScheme::Unlabelled, ..ReadOptions::default() };
    for (text, expected) in [
        ("Ann;B-PER\nleft;O\n", "columns seem to be separated by ';'"),
        ("word,freq\nAnn,3\nleft,1\n", "columns seem to be separated by ','"),
        ("token_id\tword\n1\tAnn\n2\tleft\n1\tBo\n", "column \"token_id\" counts the words and begins again"),
    ] {
        let message = with(text, unlabelled()).0.remove(0).unwrap_err();
        assert!(message.contains(expected), "{text:?}: {message}");
    }
}

#[test]
fn headers_without_tags_are_no_words() {
    let unlabelled = || ReadOptions { scheme: TagScheme::Unlabelled, ..ReadOptions::default() };
    for text in [
        "token_id\tword\n1\tAnn\n2\tleft\n",
        "id,word\n1,Ann\n2,left\n",
        "word,pos\nAnn,NNP\nleft,VBD\n",
        "word pos\nAnn NNP\nleft VBD\n",
        "form lemma\nAnn Ann\nleft leave\n",
    ] {
        let found = with(text, unlabelled()).0;
        assert_eq!(found[0].as_ref().unwrap().tokens, ["Ann", "left"], "{text:?}");
    }
    let (found, notes) = with("word ner_fine ner_coarse\nAnn B-A B-X\nleft O O\n", ReadOptions::default());
    assert_eq!(found[0].as_ref().unwrap().entities, [Entity::new("X", 0, 1)]);
    assert!(
        notes.iter().any(|note| note.starts_with("columns 2 and 3 hold tags; the last is read")),
        "{notes:?}"
    );
}

#[test]
fn the_code_of_a_language_is_no_part_of_words() {
    let text = "en:Ann\tB-PER\nen:left\tO\n\nen:12:30\tO\n\nfr:Bo\tB-PER\nfr:part\tO\n";
    for scheme in [TagScheme::Auto, TagScheme::Unlabelled] {
        let (found, notes) = with(text, ReadOptions { scheme, ..ReadOptions::default() });
        let tokens: Vec<_> = found.iter().map(|example| example.as_ref().unwrap().tokens.join(" ")).collect();
        assert_eq!(tokens, ["Ann left", "12:30", "Bo part"]);
        let told = "words begin with the code of a language, as in \"en:Oslo\", which is left out";
        assert!(notes.contains(&told.to_owned()), "{notes:?}");
    }
    for text in ["en:Ann O\nleft O\n", "http://a.b O\n"] {
        let tokens = &with(text, ReadOptions::default()).0[0].as_ref().unwrap().tokens.clone();
        assert!(tokens[0].contains(':'), "{tokens:?}");
    }
}

#[test]
fn a_file_of_words_may_call_its_only_column_so() {
    for header in ["word", "Token", "form"] {
        let text = format!("{header}\nAnn\nleft\n");
        let (found, _) = with(&text, ReadOptions { scheme: TagScheme::Unlabelled, ..ReadOptions::default() });
        assert_eq!(found[0].as_ref().unwrap().tokens, ["Ann", "left"]);
    }
}
