//! Every reader on the corpus whose layout it reads: how much there is.

#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};

use fishdip_tasks::read::{Format, NoteKind, ReadOptions};
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::{Example, Quirks};

use crate::support::corpora;

fn read(format: Format, path: &Path, scheme: TagScheme) -> Vec<Example> {
    let examples = format.read(path, &ReadOptions::new(scheme, Quirks::NONE)).unwrap();
    examples.collect::<Result<_, _>>().unwrap()
}

/// (examples, what is annotated in them)
fn count(format: Format, path: &str, scheme: TagScheme) -> Option<(usize, usize)> {
    let examples = read(format, &corpora()?.join(path), scheme);
    let annotated = |e: &Example| {
        let mentions: usize = e.clusters.iter().map(Vec::len).sum();
        let one = usize::from(e.relation.is_some()) + usize::from(e.label.is_some());
        e.entities.len() + e.slots.len() + e.roles.len() + e.belief.len() + mentions + one
    };
    let counts = (examples.len(), examples.iter().map(annotated).sum());
    println!("{path}: {} examples, {} annotations", counts.0, counts.1);
    Some(counts)
}

/// Published sizes, or those in the corpora's own papers, are marked so; the rest were counted by
/// hand-written one-liners over the files.
#[test]
fn every_corpus_is_read_whole() {
    let published: &[(Format, TagScheme, &str, usize, usize)] = &[
        // Tjong Kim Sang & De Meulder 2003, table 1 and 2.
        (Format::Conll, TagScheme::Iob1, "conll2003/eng.train", 14_041, 23_499),
        (Format::Conll, TagScheme::Iob1, "conll2003/eng.testa", 3_250, 5_942),
        (Format::Conll, TagScheme::Iob1, "conll2003/eng.testb", 3_453, 5_648),
        // Eberts & Ulges 2020: 1,153 training sentences with dev, 288 test sentences.
        (Format::Spert, TagScheme::Auto, "conll04/conll04_train.json", 922, 3_377),
        (Format::Spert, TagScheme::Auto, "conll04/conll04_dev.json", 231, 893),
        (Format::Spert, TagScheme::Auto, "conll04/conll04_test.json", 288, 1_079),
        // Gurulingappa et al. 2012: 4,272 sentences.
        (Format::Ade, TagScheme::Auto, "ade/DRUG-AE.rel", 4_272, 10_835),
        // Goo et al. 2018.
        (Format::Intents, TagScheme::Auto, "atis/train", 4_478, 14_851),
        (Format::Intents, TagScheme::Auto, "atis/dev", 500, 1_709),
        (Format::Intents, TagScheme::Auto, "atis/test", 893, 2_837),
        (Format::Intents, TagScheme::Auto, "snips/train", 13_084, 33_958),
        (Format::Intents, TagScheme::Auto, "snips/dev", 700, 1_794),
        (Format::Intents, TagScheme::Auto, "snips/test", 700, 1_790),
        // Derczynski et al. 2017: entities 1,975, 836 and 1,079.
        (Format::Conll, TagScheme::Auto, "wnut17/wnut17train.conll", 3_394, 1_975),
        (Format::Conll, TagScheme::Auto, "wnut17/emerging.dev.conll", 1_009, 836),
        (Format::Conll, TagScheme::Auto, "wnut17/emerging.test.annotated", 1_287, 1_079),
        (Format::Conll, TagScheme::Auto, "bc5cdr/train.tsv", 4_560, 9_385),
        (Format::Conll, TagScheme::Auto, "bc5cdr/devel.tsv", 4_581, 9_593),
        (Format::Conll, TagScheme::Auto, "bc5cdr/test.tsv", 4_797, 9_809),
        // Dogan et al. 2014: mentions 5,145 (5,134 in IOB), 787 and 960.
        (Format::Conll, TagScheme::Auto, "ncbi-disease/train.tsv", 5_424, 5_134),
        (Format::Conll, TagScheme::Auto, "ncbi-disease/devel.tsv", 923, 787),
        (Format::Conll, TagScheme::Auto, "ncbi-disease/test.tsv", 940, 960),
        // The counts that the corpus states of itself. One entity of the test part begins with I-, which IOB2
        // refuses: 446 and one.
        (Format::Conll, TagScheme::Auto, "uner-danish/da_ddt-ud-dev.iob2", 564, 379),
        (Format::Conll, TagScheme::Iob1, "uner-danish/da_ddt-ud-test.iob2", 565, 447),
        // Han et al. 2018: 16 relations of 700 instances.
        (Format::Fewrel, TagScheme::Auto, "fewrel/val_wiki.json", 11_200, 11_200),
        // Zeng et al. 2018: 5,000 sentences each; of mentions that stand there more than once those of the
        // closest pairs.
        (Format::Triples, TagScheme::Auto, "nyt/dev_triples.json", 5_000, 10_885),
        (Format::Triples, TagScheme::Auto, "nyt/test_triples.json", 5_000, 10_866),
        (Format::Propbank, TagScheme::Auto, "up-ewt/en_ewt-up-dev.conllu", 4_977, 9_681),
        // Li & Roth 2002; Pang & Lee 2004; Socher et al. 2013.
        (Format::Classes, TagScheme::Auto, "textcls/TREC.train.all", 5_452, 5_452),
        (Format::Classes, TagScheme::Auto, "textcls/TREC.test.all", 500, 500),
        (Format::Classes, TagScheme::Auto, "textcls/subj.all", 10_000, 10_000),
        (Format::Classes, TagScheme::Auto, "textcls/stsa.binary.train", 6_920, 6_920),
        (Format::Classes, TagScheme::Auto, "textcls/stsa.binary.dev", 872, 872),
        (Format::Classes, TagScheme::Auto, "textcls/stsa.binary.test", 1_821, 1_821),
    ];
    for (format, scheme, path, examples, annotations) in published {
        if let Some(found) = count(*format, path, *scheme) {
            assert_eq!(found, (*examples, *annotations), "{path}");
        }
    }
}

#[test]
fn mentions_that_stand_more_than_once_are_counted() {
    let Some(data) = corpora() else { return };
    let mut examples =
        Format::Triples.read(&data.join("nyt/dev_triples.json"), &ReadOptions::default()).unwrap();
    let triples: usize = examples.by_ref().map(|example| example.unwrap().relations.len()).sum();
    let notes = examples.notes().take();
    assert!(notes.iter().all(|note| note.kind == NoteKind::AmbiguousMention));
    // Counted over the file in another language: of 15,970 mentions of 7,985 triples.
    assert_eq!((triples, notes.len()), (7_985, 834));
}

/// The format of every data file under `folder`, by its path; what is about the data, or in another layout,
/// has none.
fn formats(folder: &Path, root: &Path, found: &mut Vec<(String, Option<Format>)>) {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for path in files {
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        let format = Format::Auto.resolve(&path).ok().map(|(format, _)| format);
        if path.is_dir() && format.is_none() {
            formats(&path, root, found);
        } else {
            found.push((name, format));
        }
    }
}

#[test]
fn every_file_shows_its_format_or_none() {
    let Some(data) = corpora() else { return };
    let mut found = Vec::new();
    formats(&data, &data, &mut found);
    let expected = |name: &str| {
        let is = |part: &str| name.contains(part);
        let ends = |part: &str| name.ends_with(part);
        Some(match name {
            _ if is("SOURCE")
                || is("README")
                || is("LICENSE")
                || ends(".zip")
                || ends(".gz")
                || ends(".pm") =>
            {
                return None;
            }
            _ if is("conll2003/")
                || is("wnut17/")
                || is("bc5cdr/")
                || is("ncbi-disease/")
                || ends(".iob2") =>
            {
                Format::Conll
            }
            _ if is("litbank/entities/tsv/") => Format::Conll,
            _ if is("litbank/coref/conll/") || is("coref-scorer/test/DataFiles/") => Format::Coref,
            _ if is("conll04/") && !is("types") => Format::Spert,
            _ if ends("DRUG-AE.rel") => Format::Ade,
            "atis/train" | "atis/dev" | "atis/test" | "snips/train" | "snips/dev" | "snips/test" => {
                Format::Intents
            }
            "fewrel/val_wiki.json" => Format::Fewrel,
            _ if is("_triples.json") => Format::Triples,
            _ if is("up-ewt/") => Format::Propbank,
            _ if is("textcls/") => Format::Classes,
            _ => return None,
        })
    };
    let wrong: Vec<_> = found.iter().filter(|(name, format)| *format != expected(name)).collect();
    println!(
        "{} files, {} with a format",
        found.len(),
        found.iter().filter(|(_, format)| format.is_some()).count()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn litbank_documents() {
    let Some(data) = corpora() else { return };
    let mut files: Vec<_> =
        std::fs::read_dir(data.join("litbank/coref/conll")).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let documents: Vec<Example> =
        files.iter().flat_map(|file| read(Format::Coref, file, TagScheme::Auto)).collect();
    let mentions: usize = documents.iter().flat_map(|d| &d.clusters).map(Vec::len).sum();
    println!("litbank: {} documents, {mentions} mentions", documents.len());
    // Bamman et al. 2020: 100 documents, 29,103 mentions.
    assert_eq!((documents.len(), mentions), (100, 29_103));
}

#[test]
fn multiwoz_dialogues() {
    let Some(data) = corpora() else { return };
    let folder = tempfile::tempdir().unwrap();
    let unzip = std::process::Command::new("python3")
        .args(["-c", "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])"])
        .arg(data.join("multiwoz21/val.json.zip"))
        .arg(folder.path())
        .status();
    if !unzip.is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no python3 to unpack the dialogues");
        return;
    }
    let file = folder.path().join("val.json");
    assert_eq!(Format::Auto.resolve(&file).unwrap().0, Format::Multiwoz);
    let turns = read(Format::Multiwoz, &file, TagScheme::Auto);
    let dialogues: std::collections::BTreeSet<_> =
        turns.iter().filter_map(|t| t.id.split(':').next()).collect();
    println!("multiwoz: {} dialogues, {} turns", dialogues.len(), turns.len());
    // 7,374 turns of 1,000 dialogues are published; those on the police and the hospital are left out.
    assert_eq!((dialogues.len(), turns.len()), (999, 7_364));
}
