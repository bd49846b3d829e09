//! One measurement of decoding, in a process of its own so that its peak memory is its own. Prints one JSON line.
//!
//! - `measure-decoding greedy FOLDER [KEY=VALUE]…`: plain greedy decoding of random sources by the model in FOLDER; keys are `batch`, `source`, `target`
//!   (pieces), `repetitions`.
//! - `measure-decoding evaluate ADAPTER FILE [KEY=VALUE]…`: FILE, in the layout of the adapter's training data, decoded and scored; keys are those of
//!   `[evaluation]`, `examples`, and `free=true` for unconstrained decoding.
//! - `measure-decoding sources ADAPTER FILE OUT [KEY=VALUE]…`: what a peer needs to do the same: the merged model in the folder OUT, and its sources in
//!   OUT/sources.jsonl.

#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use fishdip::allocator;
use fishdip_bench::{Failure, Keys, rows};
use fishdip_t5::{Batch, Limits, Precision, T5};
use fishdip_train::{AdaptedModel, HubCache, Interrupter, Runtime, evaluate_examples, read_split};
use serde_json::json;

fn main() -> Result<(), Failure> {
    allocator::keep_pages();
    fishdip_train::on_worker(run)
}

fn run() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (plain, keys): (Vec<&String>, Vec<&String>) = arguments.iter().partition(|a| !a.contains('='));
    let keys = Keys::new(keys.into_iter().cloned())?;
    let words: Vec<&str> = plain.into_iter().map(String::as_str).collect();
    match words[..] {
        ["greedy", folder] => greedy(Path::new(folder), &keys),
        ["evaluate", adapter, file] => evaluate(Path::new(adapter), Path::new(file), &keys),
        ["sources", adapter, file, out] => {
            sources(Path::new(adapter), Path::new(file), Path::new(out), &keys)
        }
        _ => Err("greedy FOLDER, evaluate ADAPTER FILE or sources ADAPTER FILE OUT".into()),
    }
}

fn greedy(folder: &Path, keys: &Keys) -> Result<(), Failure> {
    let device = keys.device()?;
    let model = T5::load(folder, Precision::F32, &device)?;
    let (batch, source, target) =
        (keys.number("batch", 8)?, keys.number("source", 128)?, keys.number("target", 64)?);
    let rows = rows(batch, source, model.config().vocab_size);
    let rows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
    let batch = Batch::new(&rows, &[], model.config().pad_token_id, &device);
    let limits = Limits { pieces: target, draft: 0, keep_going: &|| true };
    let (mut seconds, mut pieces) = (Vec::new(), 0);
    for _ in 0..=keys.number("repetitions", 3)? {
        let start = Instant::now();
        let outputs = model.generate(&batch, &limits).ok_or("stopped")?;
        pieces = outputs.stats.pieces;
        seconds.push(start.elapsed().as_secs_f64() / pieces as f64);
    }
    // The first one allocates what the others use again.
    seconds.remove(0);
    println!("{}", json!({"seconds": seconds, "pieces": pieces, "peak_mib": fishdip_train::peak_rss_mib()}));
    Ok(())
}

/// The adapter and the first examples of the file.
fn load(
    adapter: &Path,
    file: &Path,
    keys: &Keys,
) -> Result<(AdaptedModel, Vec<fishdip_train::tasks::Example>), Failure> {
    let runtime = Runtime {
        device: keys.device()?,
        backend: String::new(),
        hub: HubCache::default(),
        interrupter: Interrupter::new(),
    };
    let mut adapted = AdaptedModel::load(adapter, None, &runtime)?;
    let mut evaluation = adapted.info.evaluation.clone();
    evaluation.batch_size = keys.number("batch_size", evaluation.batch_size)?;
    evaluation.batch_pieces = keys.number("batch_pieces", evaluation.batch_pieces)?;
    evaluation.draft = keys.number("draft", evaluation.draft)?;
    evaluation.beams = keys.number("beams", evaluation.beams)?;
    if keys.number("free", false)? {
        evaluation.decode = fishdip_train::DecodeName::Free;
    }
    adapted.set_evaluation(evaluation)?;
    let mut examples = read_split(file, &adapted.info.data, adapted.task().kind())?.examples;
    examples.truncate(keys.number("examples", 500)?);
    let examples = examples.iter().flat_map(|example| adapted.task().instances(example)).collect();
    Ok((adapted, examples))
}

fn evaluate(adapter: &Path, file: &Path, keys: &Keys) -> Result<(), Failure> {
    let (adapted, examples) = load(adapter, file, keys)?;
    let (mut seconds, mut last) = (Vec::new(), None);
    for _ in 0..keys.number("repetitions", 1)? {
        let start = Instant::now();
        last = Some(evaluate_examples(&adapted, &examples, &Interrupter::new(), &mut ())?);
        seconds.push(start.elapsed().as_secs_f64() / examples.len() as f64);
    }
    let evaluation = last.ok_or("`repetitions` is 0")?;
    println!(
        "{}",
        json!({
            "seconds": seconds,
            "peak_mib": fishdip_train::peak_rss_mib(),
            "score": evaluation.score,
            "decoding": evaluation.decoding,
        })
    );
    Ok(())
}

fn sources(adapter: &Path, file: &Path, out: &Path, keys: &Keys) -> Result<(), Failure> {
    let (adapted, examples) = load(adapter, file, keys)?;
    adapted.save_merged(out)?;
    let mut sources = std::fs::File::create(out.join("sources.jsonl"))?;
    for example in &examples {
        let line = json!({"source": adapted.task().source(example)?});
        writeln!(sources, "{line}")?;
    }
    println!("{}", json!({"seconds": [], "peak_mib": null}));
    Ok(())
}
