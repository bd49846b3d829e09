//! Constrained decoding of the bundled model, held against what PyTorch `transformers` writes for the same sources.

use burn::tensor::Device;
use fishdip_t5::{Batch, BeamSearch, Constraint, Limits, Precision, T5, Tokenizer};
use serde_json::Value;
use std::path::Path;

const END: u32 = 1;
const PIECES: u32 = 8128;

/// Only the pieces of `path` in order, and of its side tracks; every piece if there is no path.
#[derive(Clone)]
struct Allowed {
    path: Option<Vec<u32>>,
    /// A piece that is allowed beside each of the path's.
    beside: Option<u32>,
    written: Vec<u32>,
    /// What is drafted: the path, with every so-manyth piece wrong.
    wrong: Option<usize>,
}

impl Constraint for Allowed {
    fn legal(&self, ids: &mut Vec<u32>) {
        match &self.path {
            Some(path) => ids.extend(path.get(self.written.len()).copied().into_iter().chain(self.beside)),
            None => ids.extend(0..PIECES),
        }
        ids.sort_unstable();
        ids.dedup();
    }

    fn advance(&mut self, id: u32) {
        self.written.push(id);
    }

    fn done(&self) -> bool {
        self.written.last() == Some(&END)
    }

    fn draft(&self, most: usize, ids: &mut Vec<u32>) {
        ids.clear();
        let (Some(path), Some(wrong), Some(beside)) = (&self.path, self.wrong, self.beside) else { return };
        let ahead = path.iter().enumerate().skip(self.written.len()).take(most);
        ids.extend(ahead.map(|(at, &id)| if at % wrong == wrong - 1 { beside } else { id }));
    }
}

struct Golden {
    model: T5,
    sources: Vec<Vec<u32>>,
    /// With the end.
    outputs: Vec<Vec<u32>>,
}

fn golden() -> Golden {
    let folder = Path::new("../../fixtures/models/t5-nano");
    let model = T5::load(folder, Precision::F32, &Device::flex()).unwrap();
    let tokenizer = Tokenizer::load(folder, model.config()).unwrap();
    let golden = std::fs::read_to_string("../../fixtures/golden/t5-nano-greedy.jsonl").unwrap();
    let golden: Vec<Value> = golden.lines().take(8).map(|line| serde_json::from_str(line).unwrap()).collect();
    let text = |line: &Value| tokenizer.encode(line["text"].as_str().unwrap()).unwrap();
    let ids = |line: &Value| {
        let ids = line["output_ids"].as_array().unwrap().iter();
        // The first is the start.
        ids.map(|id| id.as_u64().unwrap() as u32).filter(|&id| id != 0).collect()
    };
    let (sources, outputs) = (golden.iter().map(text).collect(), golden.iter().map(ids).collect());
    Golden { model, sources, outputs }
}

impl Golden {
    fn generate(&self, constraints: &mut [Allowed]) -> Vec<fishdip_t5::Generated> {
        let rows: Vec<&[u32]> = self.sources.iter().map(Vec::as_slice).collect();
        let batch = Batch::new(&rows, &[], 0, &Device::flex());
        self.model.generate_constrained(&batch, constraints, &limits(96)).unwrap().sequences
    }

    fn constraints(&self, path: impl Fn(usize) -> Option<Vec<u32>>, beside: Option<u32>) -> Vec<Allowed> {
        let new = |row| Allowed { path: path(row), beside, written: Vec::new(), wrong: None };
        (0..self.sources.len()).map(new).collect()
    }
}

fn limits(pieces: usize) -> Limits<'static> {
    Limits { pieces, draft: 8, keep_going: &|| true }
}

#[test]
fn where_everything_is_legal_it_is_greedy() {
    let golden = golden();
    let found = golden.generate(&mut golden.constraints(|_| None, None));
    let rows: Vec<&[u32]> = golden.sources.iter().map(Vec::as_slice).collect();
    let batch = Batch::new(&rows, &[], 0, &Device::flex());
    let greedy = golden.model.generate(&batch, &limits(96)).unwrap().sequences;
    for ((found, greedy), theirs) in found.iter().zip(&greedy).zip(&golden.outputs) {
        assert_eq!(&found.ids, &theirs[..theirs.len() - 1]);
        assert!(found.finished);
        for (one, other) in found.log_probabilities.iter().zip(&greedy.log_probabilities) {
            assert!((one - other).abs() < 1e-4, "{one} {other}");
        }
    }
}

#[test]
fn where_one_piece_is_legal_it_is_written_with_certainty() {
    let golden = golden();
    // Rows of unequal length, and none that the model would write.
    let path = |row: usize| (0..=row as u32).map(|at| 100 + at).chain([END]).collect::<Vec<_>>();
    for (row, found) in
        golden.generate(&mut golden.constraints(|row| Some(path(row)), None)).iter().enumerate()
    {
        assert_eq!(found.ids, path(row)[..=row]);
        assert!(found.finished && found.log_probabilities.iter().all(|&p| p == 0.0));
    }
}

#[test]
fn among_two_pieces_the_better_one_wins() {
    let golden = golden();
    // What the model likes best beside a piece that it never writes, in a different place of the sorted ids.
    for beside in [3, PIECES - 1] {
        let found =
            golden.generate(&mut golden.constraints(|row| Some(golden.outputs[row].clone()), Some(beside)));
        for (found, theirs) in found.iter().zip(&golden.outputs) {
            assert_eq!(&found.ids, &theirs[..theirs.len() - 1]);
            assert!(found.log_probabilities.iter().all(|&p| (-0.7..=0.0).contains(&p)));
        }
    }
}

#[test]
fn a_draft_changes_the_calls_and_not_the_output() {
    let golden = golden();
    let new = |wrong| {
        let mut constraints = golden.constraints(|row| Some(golden.outputs[row].clone()), Some(PIECES - 1));
        for one in &mut constraints {
            one.wrong = wrong;
        }
        constraints
    };
    let rows: Vec<&[u32]> = golden.sources.iter().map(Vec::as_slice).collect();
    let batch = Batch::new(&rows, &[], 0, &Device::flex());
    let run = |mut constraints: Vec<Allowed>| {
        golden.model.generate_constrained(&batch, &mut constraints, &limits(96)).unwrap()
    };
    let plain = run(new(None));
    let pieces: usize = golden.outputs.iter().map(Vec::len).sum();
    assert_eq!((plain.stats.pieces, plain.stats.calls, plain.stats.drafted), (pieces, pieces, 0));
    for wrong in [1, 2, 5, 1000] {
        let drafted = run(new(Some(wrong)));
        for (one, other) in drafted.sequences.iter().zip(&plain.sequences) {
            assert_eq!((&one.ids, one.finished), (&other.ids, other.finished));
            for (one, other) in one.log_probabilities.iter().zip(&other.log_probabilities) {
                assert!((one - other).abs() < 1e-4, "{one} {other}");
            }
        }
        assert_eq!(drafted.stats.pieces, pieces);
        // Of nine pieces eight are drafted; the first wrong one ends a call.
        let a_row = |output: &Vec<u32>| match wrong {
            1000 => output.len().div_ceil(9),
            _ => output.len().div_ceil(wrong.min(9)),
        };
        assert_eq!(drafted.stats.calls, golden.outputs.iter().map(a_row).sum::<usize>(), "{wrong}");
    }
}

#[test]
fn beams_stay_within_the_constraint() {
    let golden = golden();
    let rows: Vec<&[u32]> = golden.sources.iter().map(Vec::as_slice).collect();
    let batch = Batch::new(&rows, &[], 0, &Device::flex());
    let beams = BeamSearch { count: 4, length_penalty: 1.0, early_stopping: false };
    let constraints = golden.constraints(|row| Some(golden.outputs[row].clone()), Some(PIECES - 1));
    let found = golden.model.generate_constrained_beams(&batch, &constraints, &beams, &limits(96)).unwrap();
    for (found, theirs) in found.sequences.iter().zip(&golden.outputs) {
        // Where the greedy output is all but certain it is also the best of the beams.
        assert_eq!(&found.ids, &theirs[..theirs.len() - 1]);
        assert!(found.finished);
    }
    // One beam is greedy.
    let beams = BeamSearch { count: 1, ..beams };
    let all = golden.constraints(|_| None, None);
    let found = golden.model.generate_constrained_beams(&batch, &all, &beams, &limits(96)).unwrap();
    for (found, theirs) in found.sequences.iter().zip(&golden.outputs) {
        assert_eq!(&found.ids, &theirs[..theirs.len() - 1]);
    }
}
