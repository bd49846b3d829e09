#![allow(clippy::unwrap_used)]

use super::*;
use crate::read::Column;

fn read_with(text: &str, options: &ReadOptions) -> Result<Vec<Result<Example>>> {
    let text = text.replace(' ', "\t").replace('~', " ").into_bytes();
    Ok(propbank(&text[..], Path::new("f"), options, &Notes::default())?.collect())
}

/// Predicate and roles of each example.
fn read(text: &str) -> Vec<(usize, Vec<Entity>)> {
    let examples = read_with(text, &ReadOptions::default()).unwrap();
    examples.into_iter().map(|e| e.unwrap()).map(|e| (e.predicate.unwrap().start, e.roles)).collect()
}

#[test]
fn senses_are_found_behind_a_column_of_marks() {
    let text = "1 Ich ich PRON _ _ 2 nsubj _ _ A0 _\n2 höre hören VERB _ _ 0 root Y hear.01 _ _\n\
        3 sie sie PRON _ _ 4 nsubj _ _ _ A0\n4 singen singen VERB _ _ 2 xcomp Y sing.01 A1 _\n";
    let expected =
        [(1, vec![Entity::new("A0", 0, 1), Entity::new("A1", 2, 4)]), (3, vec![Entity::new("A0", 2, 3)])];
    assert_eq!(read(text), expected);
}

#[test]
fn heads_that_are_no_tree_are_refused() {
    let tree = "1 The the DET _ _ 2 det _ _ _ _\n2 man man NOUN _ _ 3 nsubj _ _ _ A0\n3 ate eat VERB _ _ 0 root _ _ eat.01 V\n";
    let read = |text: &str, scheme: TagScheme| {
        let options = ReadOptions { scheme, ..ReadOptions::default() };
        read_with(text, &options).unwrap().remove(0).map_err(|error| error.to_string())
    };
    assert!(read(tree, TagScheme::Auto).is_ok());
    let circle = tree.replace("NOUN _ _ 3", "NOUN _ _ 1");
    assert_eq!(
        read(&circle, TagScheme::Auto).unwrap_err(),
        "failed to read f:1: the heads lead in a circle, from word to word 1 to 2 to 1, so that they are no tree; correct one"
    );
    let own = tree.replace("NOUN _ _ 3", "NOUN _ _ 2");
    assert!(read(&own, TagScheme::Auto).unwrap_err().contains("f:2: the heads lead in a circle"));
    let beyond = tree.replace("NOUN _ _ 3", "NOUN _ _ 4");
    assert!(read(&beyond, TagScheme::Auto).unwrap_err().contains("f:2: expected the number of a word"));
    let counted = tree.replace("3 ate", "4 ate");
    assert!(
        read(&counted, TagScheme::Auto)
            .unwrap_err()
            .contains("f:3: the first column should have the number 3")
    );
    // A prediction asks for no phrase.
    assert!(read(&circle, TagScheme::Unlabelled).is_ok());
}

#[test]
fn conll_2009_has_its_heads_elsewhere() {
    let text = "1 The the the DT DT _ _ 2 2 NMOD NMOD _ _ _\n2 man man man NN NN _ _ 3 3 SBJ SBJ _ _ A0\n\
        3 ate eat eat VBD VBD _ _ 0 0 ROOT ROOT Y eat.01 _\n";
    assert_eq!(read(text), [(2, vec![Entity::new("A0", 0, 2)])]);
}

#[test]
fn arguments_beside_the_predicate() {
    let tree = "1 The the DET _ _ 2 det _ _ _\n2 man man NOUN _ _ 3 nsubj _ _ _\n3 ate eat VERB _ _ 0 root";
    let spans = format!(
        "# global.columns~= ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL UP:PRED UP:ARGHEADS UP:ARGSPANS\n{tree} eat.01 A0:2 A0:1-2\n"
    );
    let spans = spans.replace("# global.columns~=", "#~global.columns~=");
    let expected = [(2, vec![Entity::new("A0", 0, 2)])];
    assert_eq!(read(&spans), expected);
    let without_names = spans.lines().skip(1).collect::<Vec<_>>().join("\n");
    assert_eq!(read(&without_names), expected);
    let no_words = "#~global.columns~= ID UP:PRED UP:ARGHEADS UP:ARGSPANS\n1 _ _ _\n";
    let error = read_with(no_words, &ReadOptions::default()).err().unwrap().to_string();
    assert!(error.contains("f:2") && error.contains("join the file with the treebank"), "{error}");
    let bad = format!("{tree} eat.01 A0:9 A0:1-9\n");
    let found = read_with(&bad, &ReadOptions::default()).unwrap();
    assert!(found[0].as_ref().unwrap_err().to_string().contains("f:3: the argument \"A0:1-9\""));
}

#[test]
fn what_fits_twice_is_asked_for() {
    // Neither the tenth nor the eleventh column looks like senses.
    let text = "1 a a X _ _ 2 x _ _ A0 _\n2 b b X _ _ 0 x Y P _ _\n3 c c X _ _ 2 x _ Q _ A0\n";
    let error = read_with(text, &ReadOptions::default()).err().unwrap().to_string();
    assert!(error.contains("columns 10 and 11") && error.contains("data.tag_column"), "{error}");
    let options = ReadOptions { tag_column: Some(Column::Number(10)), ..ReadOptions::default() };
    assert_eq!(read_with(text, &options).unwrap().len(), 2);
}

#[test]
fn a_damaged_sentence_costs_itself_alone() {
    let good = "1 Ann a X _ _ 2 x _ _ _ A0\n2 ate eat X _ _ 0 x _ _ eat.01 _\n\n";
    let bad = "1 Ann a X _ _ 2 x _ _ _\n2 ate eat X _ _ 0 x _ _ eat.01\n\n";
    let found = read_with(&format!("{good}{bad}{good}"), &ReadOptions::default()).unwrap();
    assert_eq!(found.len(), 3);
    let error = found[1].as_ref().unwrap_err().to_string();
    assert!(error.contains("f:4: the line has 11 columns") && error.contains("12"), "{error}");
}

#[test]
fn a_sentence_without_predicate_may_have_empty_columns_behind() {
    let text = "1 He he PRON _ _ 2 nsubj _ _ _ A0\n2 ate eat VERB _ _ 0 root _ _ eat.01 V\n\n\
        1 Excerpt excerpt NOUN _ _ 0 root _ _ _ \n2 : : PUNCT _ _ 1 punct _ _ _ _\n";
    assert_eq!(read(text), [(1, vec![Entity::new("A0", 0, 1)])]);
}
