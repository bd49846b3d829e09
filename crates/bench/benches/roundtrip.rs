//! Encoding, decoding (alignment included) and scoring, on one core.
//!
//! `tasks.roundtrip.conll` is the test half of CoNLL-2003 in the folder that `FISHDIP_DATA` names: 3,453
//! sentences, to be done in half a second; without it, the bundled sentences alone are measured.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use fishdip_tasks::read::{Format, ReadOptions};
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::{Example, Mode, Naming, Quirks, Schema, Task, TaskKind};

fn read(path: &Path) -> (Task, Vec<Example>) {
    let examples = Format::Conll.read(path, &ReadOptions::new(TagScheme::Auto, Quirks::NONE)).unwrap();
    let examples: Vec<Example> = examples.map(Result::unwrap).collect();
    let schema = Schema::seen(&examples, Naming::LowerCased).unwrap();
    (Task::new(TaskKind::Ner, schema, Mode::Fixed), examples)
}

/// Every example is encoded, its target decoded, and all are scored.
fn roundtrip(task: &Task, examples: &[Example]) -> f64 {
    let decoded: Vec<_> = examples.iter().map(|e| task.decode(e, &task.encode(e).unwrap().target)).collect();
    task.score(examples.iter().zip(&decoded)).headline()
}

/// The same with every target damaged, so that the whole table of the alignment is needed.
fn damaged(task: &Task, examples: &[Example]) -> f64 {
    let decode = |example| {
        let target = task.encode(example).unwrap().target;
        let mut words: Vec<&str> = target.split(' ').collect();
        words.remove(words.len() / 2);
        task.decode(example, &words.join(" "))
    };
    let decoded: Vec<_> = examples.iter().map(decode).collect();
    task.score(examples.iter().zip(&decoded)).headline()
}

fn benches(criterion: &mut Criterion) {
    let bundled = Path::new("../../fixtures/data/quickstart/dev.txt");
    let mut sets: Vec<(&str, PathBuf)> = vec![("bundled", bundled.to_owned())];
    match std::env::var_os("FISHDIP_DATA") {
        Some(data) => sets.push(("conll", PathBuf::from(data).join("conll2003/eng.testb"))),
        None => eprintln!("skipped: FISHDIP_DATA does not name a folder with conll2003/eng.testb"),
    }
    for (name, path) in sets {
        let (task, examples) = read(&path);
        assert!((roundtrip(&task, &examples) - 1.0).abs() < 1e-9);
        let mut one = |id: String, work: fn(&Task, &[Example]) -> f64| {
            criterion.bench_function(&id, |b| b.iter(|| work(black_box(&task), black_box(&examples))));
        };
        one(format!("tasks.roundtrip.{name}"), roundtrip);
        one(format!("tasks.damaged.{name}"), damaged);
    }
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(10);
    targets = benches
}
criterion_main!(all);
