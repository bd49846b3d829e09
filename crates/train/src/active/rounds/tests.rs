#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use fishdip_active::{Candidates, Header, Strategy as _, strategy};

use super::*;

const PLAN: Plan = Plan { start: 4, query: 3, budget: 12, seed: 7 };

fn open(path: &Path) -> Ledger {
    let header = Header { examples: 20, data: "a pool".to_owned(), seed: PLAN.seed };
    Ledger::open(path, &header).unwrap()
}

/// Where a simulation meets its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Never,
    /// Before anything is done by the call of that number.
    Before(usize),
    /// After it is done, and before anyone is told.
    After(usize),
}

/// Draws at random; what a round trains on is all that it leaves.
struct Fake<'a> {
    done: &'a mut Vec<Vec<u32>>,
    calls: usize,
    fault: Fault,
    /// How many trained rounds are enough.
    enough: usize,
}

impl Fake<'_> {
    fn end_at(&self, fault: fn(usize) -> Fault) -> Result<(), Error> {
        if self.fault == fault(self.calls) { Err(Error::Data("ended".to_owned())) } else { Ok(()) }
    }
}

impl Rounds for Fake<'_> {
    fn trained(&self) -> u32 {
        self.done.len() as u32
    }

    fn choose(
        &mut self,
        pool: &Pool,
        _: u32,
        count: usize,
        seed: u64,
    ) -> Result<(&'static str, Vec<u32>), Error> {
        self.calls += 1;
        self.end_at(Fault::Before)?;
        let ids: Vec<u32> = pool.unlabelled().collect();
        let chosen = strategy::Random.choose(&Candidates::new(&ids)?, count, seed)?;
        self.end_at(Fault::After)?;
        Ok(("random", chosen))
    }

    fn label(&self, id: u32) -> Result<String, Error> {
        Ok(format!("label of {id}"))
    }

    fn verdict(&self) -> Option<(&'static str, String)> {
        (self.done.len() >= self.enough).then(|| ("performance-difference", "it is enough".to_owned()))
    }

    fn tell(&mut self, _: String) {}

    fn train(&mut self, round: u32, labelled: &[u32], _: &str) -> Result<(), Error> {
        self.calls += 1;
        self.end_at(Fault::Before)?;
        assert_eq!(self.done.len(), round as usize, "no round is trained twice");
        self.done.push(labelled.to_vec());
        self.end_at(Fault::After)
    }
}

/// Goes on until the end or the fault, at most `steps` steps; tells whether it came to the end.
fn run(path: &Path, done: &mut Vec<Vec<u32>>, fault: Fault, steps: usize) -> bool {
    run_until(path, done, fault, steps, usize::MAX)
}

/// The same where `enough` rounds end the asking.
fn run_until(path: &Path, done: &mut Vec<Vec<u32>>, fault: Fault, steps: usize, enough: usize) -> bool {
    let mut ledger = open(path);
    let mut fake = Fake { done, calls: 0, fault, enough };
    for _ in 0..steps {
        match PLAN.step(&mut ledger, &mut fake) {
            Ok(true) => {}
            Ok(false) => return true,
            Err(_) => return false,
        }
    }
    false
}

/// What an interrupted simulation has come to is what one without an interruption comes to.
fn assert_same(path: &Path, done: &[Vec<u32>], expected: &(String, Vec<Vec<u32>>)) {
    assert_eq!(done, expected.1);
    assert_eq!(fs::read_to_string(path).unwrap(), expected.0);
    let ledger = open(path);
    let asked: Vec<u32> = ledger.pool().queries().iter().flat_map(|query| query.ids.clone()).collect();
    assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), asked.len(), "none is asked for twice");
    assert_eq!(ledger.labels().unwrap().len(), PLAN.budget);
}

fn whole() -> (String, Vec<Vec<u32>>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    let mut done = Vec::new();
    assert!(run(&path, &mut done, Fault::Never, 1000));
    (fs::read_to_string(&path).unwrap(), done)
}

#[test]
fn labels_are_spent_as_planned() {
    let (_, done) = whole();
    assert_eq!(done.iter().map(Vec::len).collect::<Vec<_>>(), [4, 7, 10, 12]);
    assert!(done.windows(2).all(|pair| pair[1].starts_with(&pair[0])), "{done:?}");
}

#[test]
fn an_end_before_or_after_any_call_loses_nothing() {
    let expected = whole();
    for call in 1..=8 {
        for fault in [Fault::Before(call), Fault::After(call)] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("ledger.jsonl");
            let mut done = Vec::new();
            assert!(!run(&path, &mut done, fault, 1000), "{fault:?}");
            assert!(run(&path, &mut done, Fault::Never, 1000));
            assert_same(&path, &done, &expected);
        }
    }
}

#[test]
fn an_end_between_any_two_steps_and_within_any_write_loses_nothing() {
    let expected = whole();
    for steps in 0..12 {
        for torn in ["", "{\"asked\":{\"round\":9"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("ledger.jsonl");
            let mut done = Vec::new();
            run(&path, &mut done, Fault::Never, steps);
            OpenOptions::new().append(true).open(&path).unwrap().write_all(torn.as_bytes()).unwrap();
            assert!(run(&path, &mut done, Fault::Never, 1000));
            assert_same(&path, &done, &expected);
        }
    }
}

#[test]
fn a_verdict_ends_the_asking_once_wherever_it_is_interrupted() {
    // The start and one round are trained with 4 and 7 labels; after three steps each, the seventh writes the end.
    for steps in 0..9 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        let mut done = Vec::new();
        run_until(&path, &mut done, Fault::Never, steps, 2);
        assert!(run_until(&path, &mut done, Fault::Never, 1000, 2));
        assert_eq!(done.iter().map(Vec::len).collect::<Vec<_>>(), [4, 7], "{steps}");
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches("\"stopped\"").count(), 1, "{text}");
        let ledger = open(&path);
        let stopped = ledger.pool().stopped().unwrap();
        assert_eq!((stopped.round, stopped.criterion.as_str()), (1, "performance-difference"));
        assert_eq!(ledger.labels().unwrap().len(), 7);
        // It stays so, whatever a later process would think.
        drop(ledger);
        assert!(run_until(&path, &mut done, Fault::Never, 1000, usize::MAX));
        assert_eq!(done.len(), 2);
    }
}

#[test]
fn a_pool_that_is_used_up_ends_it() {
    let mut pool = Pool::new(2);
    assert_eq!(PLAN.next(&pool, 0), Action::Choose { round: 0, count: 2 });
    let query = fishdip_active::Asked { round: 0, seed: 1, strategy: "random".to_owned(), ids: vec![1, 0] };
    pool.ask(query).unwrap();
    assert_eq!(PLAN.next(&pool, 0), Action::Answer(vec![0, 1]));
    pool.label(0).unwrap();
    assert_eq!(PLAN.next(&pool, 0), Action::Answer(vec![1]));
    pool.label(1).unwrap();
    assert_eq!(PLAN.next(&pool, 0), Action::Train { round: 0 });
    assert_eq!(PLAN.next(&pool, 1), Action::End);
}
