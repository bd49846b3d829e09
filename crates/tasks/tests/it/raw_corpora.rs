//! How the words of raw text fit what annotators marked, where a corpus is at hand.

use fishdip_tasks::read::{Format, NoteKind, ReadOptions};
use fishdip_tasks::{Example, Result};

use crate::support::corpora;

/// The ADE corpus is raw text. Spans were cut out of it by characters, with no look at words.
#[test]
fn few_spans_of_ade_end_inside_words() {
    let Some(data) = corpora() else { return };
    let file = data.join("ade/DRUG-AE.rel");
    if !file.exists() {
        eprintln!("skipped: {} is not there", file.display());
        return;
    }
    let mut examples = Format::Ade.read(&file, &ReadOptions::default()).unwrap();
    let read: Vec<Example> = examples.by_ref().collect::<Result<_>>().unwrap();
    let spans: usize = read.iter().map(|example| example.entities.len()).sum();
    let inside: usize = read.iter().map(|example| example.inside_words().len()).sum();
    let notes = examples.notes().take();
    let told: Vec<_> = notes.iter().filter(|note| note.kind == NoteKind::InsideWord).collect();
    for note in &told {
        eprintln!("{}", note.detail);
    }
    assert_eq!(told.len(), inside);
    assert!(inside * 500 < spans, "{inside} of {spans}");
}
