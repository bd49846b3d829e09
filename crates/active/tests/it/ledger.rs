//! A ledger outlives what can happen to a process and to a file.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use fishdip_active::{Header, Ledger, Pool};

fn header() -> Header {
    Header { examples: 50, data: "pool.jsonl".to_owned(), seed: u64::MAX }
}

/// What a run writes, step by step. The labels look like the ledger's own syntax.
const STEPS: &[fn(&mut Ledger) -> fishdip_active::Result<()>] = &[
    |ledger| ledger.ask(0, u64::MAX - 1, "random", &[7, 3, 49]),
    |ledger| ledger.label(&[(3, "a\nb"), (49, "\",\"chain\":\"0123\"}")]),
    |ledger| ledger.set_aside(&[7]),
    |ledger| ledger.ask(1, 2, "core-set", &[0, 1]),
    |ledger| ledger.label(&[(1, "ü { } [ x | y ]")]),
];

fn written(folder: &Path) -> (PathBuf, Vec<Pool>) {
    let path = folder.join("ledger.jsonl");
    let mut ledger = Ledger::open(&path, &header()).unwrap();
    let mut pools = vec![ledger.pool().clone()];
    for step in STEPS {
        step(&mut ledger).unwrap();
        pools.push(ledger.pool().clone());
    }
    (path, pools)
}

#[test]
fn it_opens_to_the_same_pool() {
    let folder = tempfile::tempdir().unwrap();
    let (path, pools) = written(folder.path());
    let ledger = Ledger::open(&path, &header()).unwrap();
    assert_eq!(Some(ledger.pool()), pools.last());
    assert_eq!(ledger.torn(), None);
    assert_eq!(ledger.pool().waiting().collect::<Vec<_>>(), [0]);
    assert_eq!(ledger.pool().labelled().collect::<Vec<_>>(), [1, 3, 49]);
    assert_eq!(ledger.pool().queries()[0].seed, u64::MAX - 1);
    let labels = [(3, "a\nb"), (49, "\",\"chain\":\"0123\"}"), (1, "ü { } [ x | y ]")];
    assert_eq!(ledger.labels().unwrap(), labels.map(|(id, label)| (id, label.to_owned())));
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 7);
}

#[test]
fn a_crash_at_any_byte_loses_nothing_that_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let (path, pools) = written(folder.path());
    let bytes = fs::read(&path).unwrap();
    for length in 0..bytes.len() {
        let cut = folder.path().join("cut.jsonl");
        fs::write(&cut, &bytes[..length]).unwrap();
        let ledger = Ledger::open(&cut, &header()).unwrap();
        // Whole lines before the cut, and a last one that lacks its line break alone, are all there.
        let text = &bytes[..length];
        let whole = String::from_utf8_lossy(text).matches('\n').count();
        let lines = whole + usize::from(bytes[length] == b'\n' && length > 0 && text.last() != Some(&b'\n'));
        let torn = length > 0 && text.last() != Some(&b'\n') && bytes[length] != b'\n';
        assert_eq!(ledger.torn().map(|torn| torn.line), torn.then_some(whole + 1), "{length}");
        let labels = ledger.labels().unwrap().len();
        let expected = match lines {
            0..3 => 0,
            3 => 1,
            4..7 => 2,
            _ => 3,
        };
        assert_eq!(labels, expected, "{length}");
        let pool = match lines {
            0 | 1 => Some(&pools[0]),
            2 => Some(&pools[1]),
            4 => Some(&pools[2]),
            5 => Some(&pools[3]),
            6 => Some(&pools[4]),
            _ => None,
        };
        assert!(pool.is_none_or(|pool| pool == ledger.pool()), "{length}");
        drop(ledger);
        // What was dropped stays dropped, and the ledger can be gone on with: the run does again what it must.
        let mut ledger = Ledger::open(&cut, &header()).unwrap();
        assert_eq!(ledger.torn(), None, "{length}");
        let waiting: Vec<u32> = ledger.pool().waiting().collect();
        ledger.set_aside(&waiting).unwrap();
        let round = ledger.pool().next_round();
        ledger.ask(round, 1, "random", &[20]).unwrap();
        drop(ledger);
        assert_eq!(Ledger::open(&cut, &header()).unwrap().pool().next_round(), round + 1, "{length}");
    }
}

#[test]
fn an_end_is_kept_and_nothing_is_asked_for_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    let mut ledger = Ledger::open(&path, &header()).unwrap();
    assert!(ledger.stop(0, "performance-difference", "x").is_err(), "there is no round yet");
    ledger.ask(0, 1, "random", &[3, 4]).unwrap();
    assert!(ledger.stop(1, "performance-difference", "x").is_err(), "round 1 was not asked for");
    ledger.stop(0, "performance-difference", "scores \"stay\"").unwrap();
    drop(ledger);
    let mut ledger = Ledger::open(&path, &header()).unwrap();
    let stopped = ledger.pool().stopped().unwrap();
    assert_eq!(
        (stopped.round, stopped.criterion.as_str(), stopped.why.as_str()),
        (0, "performance-difference", "scores \"stay\"")
    );
    let error = ledger.ask(1, 2, "random", &[5]).unwrap_err().to_string();
    assert!(error.contains("performance-difference ended the asking after round 0"), "{error}");
    assert!(ledger.stop(0, "performance-difference", "again").is_err());
    // What was asked for still takes its labels.
    ledger.label(&[(3, "a")]).unwrap();
    drop(ledger);
    // An edited reason is found like any other edit.
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("stay", "move", 1)).unwrap();
    let error = Ledger::open(&path, &header()).unwrap_err().to_string();
    assert!(error.contains("line 3"), "{error}");
}

#[test]
fn every_edit_is_found_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = written(folder.path());
    let bytes = fs::read(&path).unwrap();
    let (mut found, mut line) = (0, 1);
    for (at, &byte) in bytes.iter().enumerate() {
        let mut edited = bytes.clone();
        edited[at] = if byte.is_ascii_digit() { b'0' + (byte - b'0' + 1) % 10 } else { byte ^ 1 };
        let copy = folder.path().join("edited.jsonl");
        fs::write(&copy, &edited).unwrap();
        let message = match Ledger::open(&copy, &header()) {
            Err(error) => error.to_string(),
            // The very last line break may be missing, and whatever else stands there is a torn line behind it.
            Ok(ledger) => {
                assert!(at == bytes.len() - 1 && ledger.torn().is_some(), "byte {at}");
                continue;
            }
        };
        let named =
            message.contains(&format!("line {line}: ")) || message.contains(&format!("line {}: ", line + 1));
        assert!(named, "byte {at} of line {line}: {message}");
        found += 1;
        line += usize::from(byte == b'\n');
    }
    assert_eq!(found, bytes.len() - 1);
}

#[test]
fn lines_that_are_removed_swapped_or_added_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = written(folder.path());
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let open = |lines: &[&str]| {
        let copy = folder.path().join("edited.jsonl");
        fs::write(&copy, lines.join("\n") + "\n").unwrap();
        Ledger::open(&copy, &header()).map(|_| ()).map_err(|error| error.to_string())
    };
    for removed in 0..lines.len() - 1 {
        let mut edited = lines.clone();
        edited.remove(removed);
        assert!(open(&edited).unwrap_err().contains(&format!("line {}: ", removed + 1)), "{removed}");
    }
    for swapped in 1..lines.len() {
        let mut edited = lines.clone();
        edited.swap(swapped - 1, swapped);
        assert!(open(&edited).unwrap_err().contains(&format!("line {swapped}: ")), "{swapped}");
    }
    for twice in 0..lines.len() {
        let mut edited = lines.clone();
        edited.insert(twice, lines[twice]);
        assert!(open(&edited).unwrap_err().contains(&format!("line {}: ", twice + 2)), "{twice}");
    }
    let mut edited = lines.clone();
    edited.push("{\"set_aside\":{\"id\":0}}");
    assert!(open(&edited).unwrap_err().contains("line 8: it is not a whole line"));
    assert_eq!(open(&lines), Ok(()));
}

#[test]
fn lines_missing_at_the_end_are_found_by_a_hash_kept_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = written(folder.path());
    let ledger = Ledger::open(&path, &header()).unwrap();
    let chain = ledger.chain().to_owned();
    ledger.check_reaches(&chain).unwrap();
    drop(ledger);
    let text = fs::read_to_string(&path).unwrap();
    let shorter: String = text.lines().take(6).flat_map(|line| [line, "\n"]).collect();
    fs::write(&path, shorter).unwrap();
    let message = Ledger::open(&path, &header()).unwrap().check_reaches(&chain).unwrap_err().to_string();
    assert!(message.contains("it has 6 lines") && message.contains(&chain), "{message}");
}

#[test]
fn it_belongs_to_its_data_and_seed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = written(folder.path());
    let bytes = fs::read(&path).unwrap();
    for (other, expected) in [
        (
            Header { data: "other.jsonl".to_owned(), ..header() },
            "its data is pool.jsonl, but other.jsonl is asked",
        ),
        (Header { examples: 51, ..header() }, "its number of examples is 50, but 51 is asked"),
        (Header { seed: 1, ..header() }, "its seed is 18446744073709551615, but 1 is asked"),
    ] {
        let message = Ledger::open(&path, &other).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(fs::read(&path).unwrap(), bytes, "a refused ledger is not touched");
}

#[test]
fn a_file_of_something_else_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    for text in ["notes", "notes\n", "{\"labelled\":{\"id\":1}}\n"] {
        fs::write(&path, text).unwrap();
        let message = Ledger::open(&path, &header()).unwrap_err().to_string();
        assert!(message.contains("line 1: "), "{message}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    let message = Ledger::open(folder.path(), &header()).unwrap_err().to_string();
    assert!(message.starts_with("failed to open the ledger "), "{message}");
}

#[test]
fn one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    let first = Ledger::open(&path, &header()).unwrap();
    assert!(Ledger::open(&path, &header()).unwrap_err().to_string().contains("another process has it"));
    drop(first);
    Ledger::open(&path, &header()).unwrap();
}

#[test]
fn a_refused_call_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = written(folder.path());
    let bytes = fs::read(&path).unwrap();
    let mut ledger = Ledger::open(&path, &header()).unwrap();
    let before = ledger.pool().clone();
    assert!(ledger.ask(1, 1, "random", &[30, 3]).is_err(), "3 has a label");
    assert!(
        ledger.label(&[(0, "x"), (0, "y")]).unwrap_err().to_string().contains("answered in the same call")
    );
    assert!(ledger.label(&[(0, "x"), (30, "y")]).is_err(), "30 was not asked for");
    assert!(ledger.set_aside(&[1]).is_err(), "1 has a label");
    assert_eq!(ledger.pool(), &before);
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_million_examples() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    let header = Header { examples: 1_000_000, ..header() };
    let mut ledger = Ledger::open(&path, &header).unwrap();
    let ids: Vec<u32> = (0..1_000_000).step_by(10).collect();
    ledger.ask(0, 1, "random", &ids).unwrap();
    let answers: Vec<(u32, &str)> = ids.iter().map(|&id| (id, "label")).collect();
    ledger.label(&answers).unwrap();
    let before = ledger.pool().clone();
    drop(ledger);
    let ledger = Ledger::open(&path, &header).unwrap();
    assert_eq!(ledger.pool(), &before);
    assert_eq!((ledger.pool().labelled_count(), ledger.pool().unlabelled().count()), (100_000, 900_000));
}

/// Names the ledger to the process that is killed.
const KILLED: &str = "FISHDIP_ACTIVE_KILLED";

#[test]
fn a_killed_process_loses_no_label_and_asks_for_none_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    let header = Header { examples: 100_000, ..header() };
    let mut told = Vec::new();
    for milliseconds in [1, 3, 7, 20, 50, 100] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "ledger::asks_and_answers_until_it_is_killed", "--nocapture"])
            .env(KILLED, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // It begins to count when the process has the ledger.
        lines.by_ref().map(Result::unwrap).find(|line| line.ends_with("opened")).unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
        // A line may be cut as well; only whole ones end with a full stop.
        let whole = lines.map(Result::unwrap).filter_map(|line| line.strip_suffix('.').map(str::to_owned));
        told.extend(whole.map(|id| id.parse::<u32>().unwrap()));

        let ledger = Ledger::open(&path, &header).unwrap();
        let labelled: BTreeSet<u32> = ledger.pool().labelled().collect();
        assert!(told.iter().all(|id| labelled.contains(id)), "a label that was told is lost");
        let asked: Vec<u32> = ledger.pool().queries().iter().flat_map(|query| query.ids.clone()).collect();
        assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), asked.len(), "asked twice");
        assert_eq!(labelled.len() + ledger.pool().waiting().count(), asked.len());
        assert_eq!(ledger.labels().unwrap().len(), labelled.len());
    }
    assert!(!told.is_empty());
}

/// A test only because the killed process is the test binary.
#[allow(clippy::print_stdout, reason = "the killer reads it")]
#[test]
fn asks_and_answers_until_it_is_killed() {
    let Some(path) = std::env::var_os(KILLED) else { return };
    let mut ledger = Ledger::open(path, &Header { examples: 100_000, ..header() }).unwrap();
    println!("\nopened");
    loop {
        // What was asked for before the last kill is answered, and not asked for again.
        let mut waiting: Vec<u32> = ledger.pool().waiting().collect();
        if waiting.is_empty() {
            waiting = ledger.pool().unlabelled().take(3).collect();
            ledger.ask(ledger.pool().next_round(), 1, "random", &waiting).unwrap();
        }
        for id in waiting {
            ledger.label(&[(id, "label")]).unwrap();
            println!("{id}.");
        }
    }
}
