#![allow(clippy::unwrap_used)]

use super::*;
use crate::TokenSpan;
use crate::read::NoteKind;

fn read(text: &str) -> (Vec<Result<Example, String>>, Notes) {
    let notes = Notes::default();
    let text = text.replace(' ', "\t").replace('~', " ").into_bytes();
    let examples = columns(&text[..], Path::new("f"), &ReadOptions::default(), &notes);
    let examples = match examples {
        Ok(examples) => examples.map(|e| e.map_err(|error| error.to_string())).collect(),
        Err(error) => vec![Err(error.to_string())],
    };
    (examples, notes)
}

fn clusters(text: &str) -> Vec<Vec<TokenSpan>> {
    read(text).0.remove(0).unwrap().clusters
}

fn span(start: usize, end: usize) -> TokenSpan {
    TokenSpan::new(start, end)
}

#[test]
fn gum_has_three_columns() {
    let text = "#~begin~document~GUM_x\n0 Ann (person-1\n1 Lee (place-2)person-1)\n2 said _\n3 she (person-1)\n#~end~document\n";
    assert_eq!(clusters(text), [vec![span(0, 2), span(3, 4)], vec![span(1, 2)]]);
    assert_eq!(read(text).0[0].as_ref().unwrap().id, "GUM_x");
}

#[test]
fn brackets_may_touch() {
    let text = "#begin~document~d\n0 a (1(2\n1 b 2)|(3)\n2 c 1)\n#end~document\n";
    assert_eq!(clusters(text), [[span(0, 3)], [span(0, 2)], [span(1, 2)]]);
}

#[test]
fn clusters_are_counted_as_the_official_scorer_does() {
    // As they come up, of one word mentions of one word first (CorScorer.pm 8.01, `GetCoreference`).
    let text = "#begin~document~d\n0 a (26)|(8)\n1 b (8)\n2 c (26)\n3 d (4|(2)\n4 e 4)|(2)\n#end~document\n";
    let expected = [[span(0, 1), span(2, 3)], [span(0, 1), span(1, 2)], [span(3, 4), span(4, 5)]];
    assert_eq!(clusters(text)[..3], expected);
    assert_eq!(clusters(text)[3], [span(3, 5)]);
}

#[test]
fn corefud_has_entities_in_its_last_column() {
    let line = |id: &str, word: &str, misc: &str| format!("{id} {word} _ _ _ _ 0 _ _ {misc}\n");
    let text = [
        "#~newdoc~id~=~d\n".to_owned(),
        line("1", "Ann", "SpaceAfter=No|Entity=(e1-person-1-(e2-place-1-)"),
        line("2-3", "whos", "_"),
        line("2", "who", "Entity=e1)"),
        line("2.1", "_", "Entity=(e1-person-1-)(e3-thing-1-"),
        line("3", "is", "Entity=(e4[1/2]-x-1-)"),
        line("4", "she", "Entity=(e1-person-1-)e3)"),
    ]
    .concat();
    let (examples, notes) = read(&text);
    let example = examples[0].as_ref().unwrap();
    assert_eq!(example.tokens, ["Ann", "who", "is", "she"]);
    assert_eq!(example.clusters, [vec![span(0, 2), span(3, 4)], vec![span(0, 1)], vec![span(2, 4)]]);
    assert!(
        notes.take().iter().any(|note| note.kind == NoteKind::LeftOut && note.detail.starts_with("2 parts"))
    );
}

#[test]
fn a_mention_of_two_clusters_is_noted() {
    let text = "#begin~document~d\nt 0 0 a (0)|(1)\nt 0 1 b (1)\nt 0 2 c (0)\nt 0 3 d -\n#end~document\n";
    let (_, notes) = read(text);
    let notes = notes.take();
    assert_eq!(notes[0].kind, NoteKind::TwoClusters);
    assert_eq!(notes[0].at.as_ref().unwrap().line(), 2);
    let detail = &notes[0].detail;
    assert!(detail.contains("\"a\" of the document \"d\" is in the clusters 0 and 1"), "{detail}");
    assert!(detail.contains("in 0 alone, and cluster 1 is lost"), "{detail}");
}

#[test]
fn a_bad_document_costs_itself_alone() {
    let good = "#begin~document~g\nt 0 0 a (0)\nt 0 1 b (0)\n#end~document\n";
    for (bad, message) in [
        ("#begin~document~b\nt 0 0 \u{a0} NN -\n#end~document\n", "f:6: column 4"),
        (
            "#begin~document~b\nt 0 0 a (0\n#end~document\n",
            "f:6: a mention of cluster 0 opens and never closes",
        ),
        (
            "#begin~document~b\nt 0 0 a 0)\n#end~document\n",
            "f:6: a mention of cluster 0 closes, but none is open",
        ),
        ("#begin~document~b\nt 0 0 a NN\n#end~document\n", "f:6: expected mentions"),
        ("#begin~document~b\nt 0 0 a -\n", "f:7: a document begins"),
        ("#begin~document~b\n#end~document\n", "f:5: expected words"),
        ("t 0 0 a -\n", "f:5: the line stands outside"),
    ] {
        let (examples, _) = read(&format!("{good}{bad}{good}"));
        assert_eq!(examples.len(), 3, "{bad}");
        assert!(examples[0].is_ok() && examples[2].is_ok(), "{bad}");
        let found = examples[1].as_ref().unwrap_err();
        assert!(found.contains(message), "{found}");
    }
}

#[test]
fn what_is_no_document_is_refused() {
    let (examples, _) = read("1 Ann B-PER\n");
    assert!(examples[0].as_ref().unwrap_err().contains("f:1: expected documents between #begin document"));
    let (examples, _) = read("#begin~document~d\na NN (1) x\n#end~document\n");
    assert!(examples[0].as_ref().unwrap_err().contains("--word-column"));
}
