//! One measurement of training, in a process of its own so that its peak memory is its own. Prints one JSON line.
//!
//! `measure-training FOLDER WHAT [KEY=VALUE]…`: FOLDER is a Hugging Face T5 folder; WHAT is `step`, `legal-step` (with the loss over legal pieces), `full-step`, `refresh`,
//! `refresh-recorded` (the losses are known), `lora-step`, `ia3-step`, `prefix-step`, `houlsby-step` (of what such a method adds) or `update` (the
//! optimizer's step beside a copy of as many bytes); keys are `backend`, `batch`, `source`, `target` (pieces), `density`, `candidates`, `hard`,
//! `repetitions`.

#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use burn::tensor::{Device, Tensor};
use fishdip::allocator;
use fishdip_bench::{Failure, Keys, rows};
use fishdip_peft::{
    Adaptable, Addition, Criterion, EntryCost, FishDip, Ia3Config, LegalPieces, LoraConfig, Mask, MaskMethod,
    MaskedOptimizer, MaskedOptimizerConfig, Objective, Placement, PrefixConfig, Samples as ChosenSamples,
    Scope, Spread, Trained, TrainedGradients,
};
use fishdip_t5::{Batch, Dropout, Precision, T5};

/// Random pieces: what they say does not matter to the time.
struct Samples {
    rows: Vec<(Vec<u32>, Vec<u32>)>,
    device: Device,
    batch: usize,
    /// Losses that need not be computed.
    recorded: Option<Vec<f32>>,
}

impl Samples {
    fn new(
        count: usize,
        source: usize,
        target: usize,
        vocabulary: usize,
        batch: usize,
        device: &Device,
    ) -> Self {
        let rows = rows(count, source, vocabulary).into_iter().zip(rows(count, target, vocabulary)).collect();
        Self { rows, device: device.clone(), batch, recorded: None }
    }

    fn batch(&self, chosen: &[usize], device: &Device) -> Batch {
        let sources: Vec<&[u32]> = chosen.iter().map(|&i| self.rows[i].0.as_slice()).collect();
        let targets: Vec<&[u32]> = chosen.iter().map(|&i| self.rows[i].1.as_slice()).collect();
        Batch::new(&sources, &targets, 0, device)
    }
}

impl Objective<T5> for Samples {
    type Error = fishdip_peft::Error;

    fn samples(&self) -> usize {
        self.rows.len()
    }

    fn losses(&self, model: &T5) -> Result<Vec<f32>, Self::Error> {
        if let Some(recorded) = &self.recorded {
            return Ok(recorded.clone());
        }
        let all: Vec<usize> = (0..self.rows.len()).collect();
        let losses = all
            .chunks(2 * self.batch)
            .flat_map(|chosen| model.loss(&self.batch(chosen, &self.device), &Dropout::none()).per_sample());
        Ok(losses.collect())
    }

    fn summed_loss(&self, model: &T5, samples: &[usize]) -> Result<Tensor<1>, Self::Error> {
        let batch = self.batch(samples, &self.device.clone().autodiff());
        Ok(model.summed_loss(&batch, &Dropout::none()))
    }

    fn batch_size(&self) -> usize {
        self.batch
    }
}

fn main() -> Result<(), Failure> {
    allocator::keep_pages();
    fishdip_train::on_worker(run)
}

fn run() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("which folder?")?;
    let what = arguments.next().ok_or("what to measure?")?;
    let keys = Keys::new(arguments)?;
    let batch = keys.number("batch", 8)?;
    let repetitions = keys.number("repetitions", 3)?;

    let device = keys.device()?;
    let mut model = T5::load(Path::new(&folder), Precision::F32, &device)?;
    let count = if what.starts_with("refresh") { keys.number("candidates", 64)? } else { batch };
    let (source, target) = (keys.number("source", 128)?, keys.number("target", 128)?);
    let mut samples = Samples::new(count, source, target, model.config().vocab_size, batch, &device);
    if what == "refresh-recorded" {
        samples.recorded = Some((0..count).map(|i| i as f32).collect());
    }
    let mut fish_dip = FishDip {
        method: MaskMethod::Fixed,
        keep: keys.number("density", 0.01)?,
        hard_samples: keys.number("hard", 8)?,
        samples: ChosenSamples::Hardest,
        criterion: Criterion::StepAware,
        scope: Scope::Base,
        spread: Spread::Global,
        seed: 1,
    };
    let added = added(&what);
    if let Some(addition) = &added {
        model.add(addition, 1)?;
        (fish_dip.method, fish_dip.scope) = (MaskMethod::Full, Scope::Added);
    }
    let mut copies = Vec::new();
    let mut seconds = Vec::new();
    let mut entries = None;
    match what.as_str() {
        "refresh" | "refresh-recorded" => {
            for _ in 0..repetitions {
                let start = Instant::now();
                fish_dip.select(&mut model, &samples, None)?;
                seconds.push(start.elapsed().as_secs_f64());
            }
        }
        "step" | "legal-step" | "full-step" | "update" | "lora-step" | "ia3-step" | "prefix-step"
        | "houlsby-step" => {
            if added.is_none() {
                fish_dip.method = if what == "full-step" { MaskMethod::Full } else { MaskMethod::Random };
            }
            let mask = fish_dip.select(&mut model, &samples, None)?.mask;
            mask.apply(&mut model, EntryCost::USUAL);
            entries = Some(mask.entries(&model));
            let mut optimizer = MaskedOptimizer::new(MaskedOptimizerConfig::default());
            optimizer.set_mask(&mask, &model);
            let all: Vec<usize> = (0..batch).collect();
            let mut batch = samples.batch(&all, &device.clone().autodiff());
            if what == "legal-step" {
                batch = batch.with_legal(all.iter().map(|&row| legal(&samples.rows[row].1)).collect());
            }
            for _ in 0..=repetitions {
                let start = Instant::now();
                for weight in model.weights_mut() {
                    weight.watch();
                }
                let loss = model.loss(&batch, &Dropout::new(0.1, 1)).mean();
                // As the training loop does.
                optimizer.forget_previous();
                let mut gradients = loss.backward();
                let backward = Instant::now();
                let gradients = TrainedGradients::take(&mut model, &mut gradients);
                optimizer.step(&mut model, gradients, 1e-3)?;
                let from = if what == "update" { backward } else { start };
                seconds.push(from.elapsed().as_secs_f64());
                copies.extend((what == "update").then(|| copy(&mask, mask.entries(&model))));
            }
            // The first step allocates what the others use again.
            seconds.remove(0);
        }
        other => return Err(format!("`{other}` is not measured").into()),
    }
    println!(
        "{}",
        serde_json::json!({
            "what": what,
            "seconds": seconds,
            "peer_seconds": copies,
            "peak_mib": fishdip_train::peak_rss_mib(),
            "entries": entries,
        })
    );
    Ok(())
}

/// Thirty pieces that are legal at each place of a `target`, as in marking: twenty that are always the same, such as signs and the first pieces of labels,
/// and ten of the text around it, the target's own among them.
fn legal(target: &[u32]) -> LegalPieces {
    const ALWAYS: u32 = 20;
    let mut pieces = LegalPieces::default();
    for (place, &piece) in target.iter().enumerate() {
        let around = &target[place.saturating_sub(9)..=place];
        let others: BTreeSet<u32> = (2..2 + ALWAYS).chain(around.iter().copied()).collect();
        pieces.push(&Vec::from_iter(others), piece);
    }
    pieces
}

/// What the method adds whose step is asked for, with its default settings, which `xtask/peers/train.py` has as well.
fn added(what: &str) -> Option<Addition> {
    Some(match what {
        "lora-step" => Addition::Lora(LoraConfig::default()),
        "ia3-step" => Addition::Ia3(Ia3Config::default()),
        "prefix-step" => Addition::Prefix(PrefixConfig::default()),
        "houlsby-step" => Addition::Bottleneck(Placement::Houlsby.usual()),
        _ => return None,
    })
}

/// The time to copy as many bytes as an update reads and writes. Of an entry: value, two moments, age, gradient and position are read, the first
/// four written: five floats each way on average. Of the weights: the cache lines that hold masked entries are read and written, which is the least that a processor can do.
fn copy(mask: &Mask, entries: usize) -> f64 {
    let lines = |trained: &Trained| match trained {
        Trained::Entries(positions) => positions.chunk_by(|a, b| a / 16 == b / 16).count(),
        Trained::Nothing | Trained::All => 0,
    };
    let lines: usize = mask.trained().iter().map(lines).sum();
    let bytes = entries * 4 * 5 + lines * 64;
    let (from, mut to) = (vec![1u8; bytes], vec![1u8; bytes]);
    let start = Instant::now();
    to.copy_from_slice(&from);
    std::hint::black_box(&to);
    start.elapsed().as_secs_f64()
}
