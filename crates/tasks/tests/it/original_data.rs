//! Data as the original program has them: drawn by its seeds, and prepared as it prepares them. Expectations are those of
//! Python on the same files.

use fishdip_tasks::python_random::PythonRandom;
use fishdip_tasks::read::{Format, ReadOptions};
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::{Episode, Example, Quirks, Shots};

use crate::support::corpora;

fn read(format: Format, path: &std::path::Path) -> Vec<Example> {
    let examples = format.read(path, &ReadOptions::new(TagScheme::Auto, Quirks::ALL)).unwrap();
    examples.collect::<Result<_, _>>().unwrap()
}

/// `random.seed(seed)`, a sample of the keys of `json.load`, a sample of each list, a shuffle.
#[test]
fn episodes_of_fewrel() {
    let Some(data) = corpora() else { return };
    let examples = read(Format::Fewrel, &data.join("fewrel/val_wiki.json"));
    let numbers = |part: &[Example]| part.iter().map(|e| e.id.parse::<usize>().unwrap()).collect::<Vec<_>>();
    let episode = Episode::of(&examples, Shots { ways: 5, shots: 1, queries: 5 }, 0).unwrap();
    assert_eq!(episode.labels, ["P25", "P921", "P413", "P177", "P641"]);
    assert_eq!(numbers(&episode.support), [8923, 11_097, 4297, 317, 2903]);
    let query = numbers(&episode.query);
    assert_eq!((&query[..6], &query[23..]), (&[8897, 8814, 8710, 8888, 8766, 10_723][..], &[3425, 3455][..]));
    assert_eq!(episode.training_order, [0, 2, 4, 3, 1]);

    let episode = Episode::of(&examples, Shots { ways: 10, shots: 5, queries: 5 }, 7).unwrap();
    assert_eq!(episode.labels[..4], ["P26", "P2094", "P413", "P921"]);
    assert_eq!(numbers(&episode.support)[..8], [7059, 7519, 7219, 7038, 7088, 1964, 1834, 1460]);
    assert_eq!(numbers(&episode.query)[..6], [7444, 7428, 7071, 7246, 7092, 1628]);
    assert_eq!(episode.training_order[..10], [26, 47, 37, 48, 20, 0, 38, 32, 35, 21]);
}

/// `random.seed(1); random.shuffle(list(range(14041)))`, and the first `round(0.01 * 14041)` of it.
#[test]
fn a_hundredth_of_conll_2003() {
    let chosen = PythonRandom::new(1).subset(14_041, 0.01);
    assert_eq!((chosen.len(), &chosen[..5]), (140, &[13_295, 2503, 11_781, 13_981, 10_189][..]));
}

/// TRADE's `create_data.py` and `fix_label.py` and the original's `extract_examples.py`, with dictionaries in file order.
#[test]
fn dialogues_prepared_as_by_trade() {
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
    let turns = read(Format::Multiwoz, &folder.path().join("val.json"));
    let beliefs: usize = turns.iter().map(|turn| turn.belief.len()).sum();
    let characters: usize = turns.iter().filter_map(|turn| turn.history.as_ref()).map(String::len).sum();
    assert_eq!((turns.len(), characters, beliefs), (7353, 5_133_882, 41_232));
    // Every name, text and value: h = 31 h + byte, modulo 2 to the 64th.
    let hash = turns.iter().fold(0_u64, |hash, turn| {
        let belief = turn.belief.iter().map(|b| format!("{}-{}-{}", b.domain, b.slot, b.value));
        let belief = belief.collect::<Vec<_>>().join("\t");
        let line = format!("{}\t{}\t{belief}\n", turn.id, turn.history.as_deref().unwrap_or_default());
        line.bytes().fold(hash, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()))
    });
    assert_eq!(hash, 10_722_512_411_856_747_602);
}
