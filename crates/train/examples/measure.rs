//! One measurement of training, in a process of its own so that its peak memory is its own. Prints one JSON line.
//!
//! `measure FOLDER WHAT [KEY=VALUE]…`: FOLDER is a Hugging Face T5 folder; WHAT is `step`, `full-step`, `refresh` or
//! `refresh-recorded`; keys are `batch`, `source`, `target` (pieces), `density`, `candidates`, `hard`, `repetitions`.

#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use burn::tensor::{Device, Tensor};
use fishdip_peft::{Adaptable, Criterion, FishDip, MaskMethod, MaskedAdamW, MaskedAdamWConfig, Objective};
use fishdip_t5::{Batch, Dropout, T5};

type Failure = Box<dyn std::error::Error>;

/// Random pieces: what they say does not matter to the time.
struct Samples {
    rows: Vec<(Vec<u32>, Vec<u32>)>,
    device: Device,
    batch: usize,
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
        let mut state = 1u32;
        let mut row = |length: usize| -> Vec<u32> {
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                2 + (state >> 8) % (vocabulary as u32 - 2)
            };
            (1..length).map(|_| next()).chain([1]).collect()
        };
        let rows = (0..count).map(|_| (row(source), row(target))).collect();
        Self { rows, device: device.clone(), batch }
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
        let all: Vec<usize> = (0..self.rows.len()).collect();
        let losses = all
            .chunks(2 * self.batch)
            .flat_map(|chosen| model.loss(&self.batch(chosen, &self.device), &Dropout::none()).per_sample());
        Ok(losses.collect())
    }

    fn summed_loss(&self, model: &T5, samples: &[usize]) -> Result<Tensor<1>, Self::Error> {
        Ok(model.summed_loss(&self.batch(samples, &self.device.clone().autodiff())))
    }

    fn at_once(&self) -> usize {
        self.batch
    }
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("which folder?")?;
    let what = arguments.next().ok_or("what to measure?")?;
    let mut keys = BTreeMap::new();
    for argument in arguments {
        let (key, value) = argument.split_once('=').ok_or("KEY=VALUE")?;
        keys.insert(key.to_owned(), value.parse::<f64>()?);
    }
    let key = |name: &str, default: f64| keys.get(name).copied().unwrap_or(default);
    let count = |name: &str, default: usize| key(name, default as f64) as usize;
    let (batch, source, target) = (count("batch", 8), count("source", 128), count("target", 128));
    let repetitions = count("repetitions", 3);

    let device = Device::flex();
    let mut model = T5::load(Path::new(&folder), &device)?;
    let candidates = if what.starts_with("refresh") { count("candidates", 64) } else { batch };
    let samples = Samples::new(candidates, source, target, model.config().vocab_size, batch, &device);
    let mut fish_dip = FishDip {
        method: MaskMethod::Fixed,
        keep: key("density", 0.01),
        hard_samples: count("hard", 8),
        criterion: Criterion::StepAware,
        seed: 1,
    };

    let mut seconds = Vec::new();
    if what.starts_with("refresh") {
        for _ in 0..repetitions {
            let start = Instant::now();
            fish_dip.select(&mut model, &samples)?;
            seconds.push(start.elapsed().as_secs_f64());
        }
    } else {
        fish_dip.method = if what == "full-step" { MaskMethod::Full } else { MaskMethod::Random };
        let mask = fish_dip.select(&mut model, &samples)?.mask;
        mask.apply(&mut model);
        let mut optimizer = MaskedAdamW::new(MaskedAdamWConfig::default());
        optimizer.set_mask(&mask, &device);
        let all: Vec<usize> = (0..batch).collect();
        let batch = samples.batch(&all, &device.clone().autodiff());
        for _ in 0..=repetitions {
            let start = Instant::now();
            for weight in model.weights_mut() {
                weight.watch();
            }
            let loss = model.loss(&batch, &Dropout::new(0.1, 1)).mean();
            let mut gradients = loss.backward();
            optimizer.step(&mut model, &mut gradients, 1e-3)?;
            seconds.push(start.elapsed().as_secs_f64());
        }
        // The first step allocates what the others use again.
        seconds.remove(0);
    }
    println!(
        "{}",
        serde_json::json!({"what": what, "seconds": seconds, "peak_mib": fishdip_train::peak_rss_mib()})
    );
    Ok(())
}
