//! `compat = "reference"` is the original program: every choice of its training loop, in PyTorch, on a tiny model
//! (`fixtures/golden/make_reference.py`).

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use fishdip_peft::{Adaptable, Mask};
use fishdip_t5::{Precision, T5};
use fishdip_train::{
    Error, Event, HubCache, Interrupter, RunConfig, Runtime, Sink, TokenizedExample, TrainState, fit,
};
use safetensors::SafeTensors;

const CONFIG: &str = "\
compat = \"reference\"
[model]
path = \"fixtures/golden/t5-tiny\"
[data]
dir = \".\"
train = \"train.txt\"
max_target_pieces = 16
[task]
name = \"ner\"
[method]
every = 10
[training]
steps = 40
batch_size = 2
dropout = 0.0
seed = 1
";

/// The number of choices, the first one included.
const CHOICES: usize = 5;

fn golden(file: &str) -> PathBuf {
    Path::new("../../fixtures/golden").join(file)
}

/// What PyTorch has computed.
struct Golden(Vec<u8>);

impl Golden {
    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        file.tensor(name).ok().map(|tensor| tensor.data().to_vec())
    }

    fn floats(&self, name: &str) -> Vec<f32> {
        let bytes = self.bytes(name).unwrap_or_else(|| panic!("there is no {name}"));
        bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
    }

    /// Sorted numbers; none where the file has none of the name.
    fn numbers(&self, name: &str) -> Vec<usize> {
        let bytes = self.bytes(name).unwrap_or_default();
        bytes.chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap()) as usize).collect()
    }
}

/// Keeps losses and hard samples, and stops the training whenever entries were chosen, so that they can be looked at.
struct Watcher {
    losses: Vec<f32>,
    hard: Vec<usize>,
    interrupter: Interrupter,
}

impl Sink for Watcher {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Step { loss, .. } => self.losses.push(*loss),
            Event::MaskChosen { hard, .. } => {
                self.hard.clone_from(hard);
                self.hard.sort_unstable();
                self.interrupter.stop();
            }
            _ => {}
        }
    }
}

fn config() -> RunConfig {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.toml");
    std::fs::write(&path, CONFIG).unwrap();
    let config = RunConfig::load(&path, &[]).unwrap();
    config.check().unwrap();
    config
}

fn examples(config: &RunConfig) -> Vec<TokenizedExample> {
    let text = std::fs::read_to_string(golden("reference/examples.json")).unwrap();
    let examples: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let read = |example: &serde_json::Value| {
        let ids = |key: &str| serde_json::from_value(example[key].clone()).unwrap();
        let mut read = TokenizedExample {
            source: ids("source"),
            target: ids("target"),
            labels: Vec::new(),
            legal: None,
        };
        read.pad_target(config.data.max_target_pieces, 0);
        read
    };
    examples.iter().map(read).collect()
}

#[test]
fn the_training_loop_is_that_of_the_original() {
    let golden_values = Golden(std::fs::read(golden("reference/trajectory.safetensors")).unwrap());
    let device = Device::flex();
    let mut model = T5::load(&golden("t5-tiny"), Precision::F32, &device).unwrap();
    let config = config();
    let examples = examples(&config);
    let mut state = TrainState::new(&config, examples.len());
    let mut losses = Vec::new();
    let mut choices = 0;
    loop {
        let interrupter = Interrupter::new();
        let mut watcher = Watcher { losses: Vec::new(), hard: Vec::new(), interrupter: interrupter.clone() };
        let (device, backend) = (device.clone(), "flex".to_owned());
        let runtime = Runtime { device, backend, hub: HubCache::default(), interrupter };
        let outcome = fit(&mut model, &examples, &config, &runtime, &mut state, &mut watcher);
        losses.append(&mut watcher.losses);
        match outcome {
            Ok(()) => break,
            Err(Error::Interrupted { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        // Before the step whose number, counted from 1, is due.
        assert_eq!(state.step, if choices == 0 { 0 } else { 10 * choices - 1 });
        assert_eq!(watcher.hard, golden_values.numbers(&format!("hard.{choices}")), "choice {choices}");
        check_mask(&state.mask, &model, &golden_values, choices);
        choices += 1;
    }
    assert_eq!(choices, CHOICES);

    let expected = golden_values.floats("losses");
    assert_eq!(losses.len(), expected.len());
    let apart = losses.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let mut weights_apart: f32 = 0.0;
    for weight in model.weights() {
        let expected = golden_values.floats(&format!("final.{}", weight.path()));
        let values: Vec<f32> = weight.dense().into_data().iter::<f32>().collect();
        for (i, value) in values.into_iter().enumerate() {
            weights_apart = weights_apart.max((value - expected[weight.to_file(i as u32) as usize]).abs());
        }
    }
    println!("losses within {apart:.1e}, weights within {weights_apart:.1e} of PyTorch's");
    assert!(apart <= 1e-4, "losses: {losses:?}, PyTorch has {expected:?}");
    assert!(weights_apart <= 1e-4, "{weights_apart}");
}

/// Entry for entry.
fn check_mask(mask: &Mask, model: &T5, golden: &Golden, choice: usize) {
    assert_eq!(mask.entries(model), 243, "choice {choice}");
    for (weight, trained) in model.weights().into_iter().zip(mask.trained()) {
        let positions = trained.positions(weight.entries());
        let mut positions: Vec<usize> = positions.map(|p| weight.to_file(p) as usize).collect();
        positions.sort_unstable();
        let expected = golden.numbers(&format!("mask.{choice}.{}", weight.path()));
        assert_eq!(positions, expected, "choice {choice}, {}", weight.path());
    }
}
