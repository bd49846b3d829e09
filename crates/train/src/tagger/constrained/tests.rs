//! Outputs of a model with random weights, for every task: whatever it prefers, they can be read.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use burn::tensor::Device;
use fishdip_t5::{Batch, BeamSearch, Limits, Outputs, Precision, T5, Tokenizer};
use fishdip_tasks::{Entity, Example, Mode, OutputConstraint, Schema, Task, TaskKind, TokenSpan};
use safetensors::tensor::{Dtype, TensorView};

use super::{ConstrainedOutput, start};
use crate::word_pieces::WordPieces;

pub(crate) const NANO: &str = "../../fixtures/models/t5-nano";
const LIMIT: usize = 64;

/// Numbers that look random (a linear congruential generator).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % sides as u64) as usize
    }
}

/// A T5 of one narrow layer with random weights and the vocabulary of the bundled model.
pub(crate) fn random_model(dice: &mut Dice) -> T5 {
    let dir = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(Path::new(NANO).join("config.json")).unwrap();
    let mut config: serde_json::Value = serde_json::from_str(&text).unwrap();
    let sizes = [
        ("d_model", 8),
        ("d_kv", 4),
        ("d_ff", 8),
        ("num_heads", 2),
        ("num_layers", 1),
        ("num_decoder_layers", 1),
    ];
    for (key, size) in sizes {
        config[key] = size.into();
    }
    std::fs::write(dir.path().join("config.json"), config.to_string()).unwrap();
    let mut shapes: BTreeMap<String, Vec<usize>> = BTreeMap::from([("shared.weight".into(), vec![8128, 8])]);
    for (stack, layers) in
        [("encoder", &["SelfAttention"][..]), ("decoder", &["SelfAttention", "EncDecAttention"])]
    {
        shapes.insert(format!("{stack}.final_layer_norm.weight"), vec![8]);
        let block = format!("{stack}.block.0.layer");
        shapes.insert(format!("{block}.0.SelfAttention.relative_attention_bias.weight"), vec![32, 2]);
        for (at, layer) in layers.iter().enumerate() {
            shapes.insert(format!("{block}.{at}.layer_norm.weight"), vec![8]);
            for name in ["q", "k", "v", "o"] {
                shapes.insert(format!("{block}.{at}.{layer}.{name}.weight"), vec![8, 8]);
            }
        }
        let at = layers.len();
        shapes.insert(format!("{block}.{at}.layer_norm.weight"), vec![8]);
        for name in ["wi", "wo"] {
            shapes.insert(format!("{block}.{at}.DenseReluDense.{name}.weight"), vec![8, 8]);
        }
    }
    let mut values = |count: usize| -> Vec<u8> {
        (0..count).flat_map(|_| (dice.roll(4001) as f32 / 1000.0 - 2.0).to_le_bytes()).collect()
    };
    let data: Vec<(String, Vec<usize>, Vec<u8>)> = shapes
        .into_iter()
        .map(|(name, shape)| {
            let bytes = values(shape.iter().product());
            (name, shape, bytes)
        })
        .collect();
    let views = data
        .iter()
        .map(|(name, shape, bytes)| (name, TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
    safetensors::serialize_to_file(views, None, &dir.path().join("model.safetensors")).unwrap();
    T5::load(dir.path(), Precision::F32, &Device::flex()).unwrap()
}

pub(crate) fn task(kind: TaskKind) -> Task {
    let names = [("LOC", "location"), ("ORG", "organization"), ("PER", "person")];
    let schema = Schema::new(names, [("Kill", "kills"), ("Live_In", "lives in")]).unwrap();
    let schema = schema.with_classes(names).unwrap().with_triggers(names).unwrap();
    let schema = schema.with_ontology(Schema::multiwoz().ontology().clone()).unwrap();
    Task::new(kind, schema, Mode::Fixed)
}

/// A text with markup of its own and characters that the vocabulary lacks.
fn example(dice: &mut Dice) -> Example {
    const WORDS: [&str; 12] =
        ["the", "Tolkien", "was", "[", "born", "=", "here", "⛰", "|", "in", "Bloemfontein", "]"];
    let tokens: Vec<&str> = (0..=dice.roll(6)).map(|_| WORDS[dice.roll(WORDS.len())]).collect();
    let mut example = Example::new(tokens.iter().copied());
    let span = TokenSpan { start: 0, end: 1 };
    (example.predicate, example.head, example.tail) = (Some(span), Some(span), Some(span));
    example.triggers = vec![Entity::new("LOC", 0, 1)];
    (example.text, example.history) = (Some(tokens.join(" ")), Some(tokens.join(" ")));
    example
}

/// Over 1,000 outputs for each task: all are read as they stand, no label is unknown; drafts and steps write the same.
#[test]
fn whatever_the_model_prefers_can_be_read() {
    let dice = &mut Dice(1);
    let tokenizer_config = fishdip_t5::T5Config::read(&Path::new(NANO).join("config.json")).unwrap();
    let tokenizer = Tokenizer::load(Path::new(NANO), &tokenizer_config).unwrap();
    let pieces = WordPieces::new(&tokenizer, 1);
    let mut written = 0;
    for kind in TaskKind::ALL {
        let task = task(kind);
        let constraint = OutputConstraint::new(&task, &pieces).unwrap();
        for round in 0..25 {
            let model = random_model(dice);
            let examples: Vec<Example> =
                (0..50).flat_map(|_| task.instances(&example(dice))).take(50).collect();
            let sources: Vec<Vec<u32>> =
                examples.iter().map(|e| tokenizer.encode(&task.source(e).unwrap()).unwrap()).collect();
            let rows: Vec<&[u32]> = sources.iter().map(Vec::as_slice).collect();
            let batch = Batch::new(&rows, &[], 0, &Device::flex());
            let starts = || -> Vec<(ConstrainedOutput, usize)> {
                examples.iter().map(|e| start(&constraint, e, &pieces, LIMIT).unwrap()).collect()
            };
            let most = starts().iter().map(|(_, most)| *most).max().unwrap();
            let run = |draft: usize| -> Outputs {
                let limits = Limits { pieces: most, draft, keep_going: &|| true };
                let mut outputs: Vec<ConstrainedOutput> =
                    starts().into_iter().map(|(output, _)| output).collect();
                model.generate_constrained(&batch, &mut outputs, &limits).unwrap()
            };
            let found = run(8);
            let readable = |found: &Outputs| {
                for ((example, (start, _)), output) in examples.iter().zip(starts()).zip(&found.sequences) {
                    assert!(output.finished, "{kind}: {output:?}");
                    let ids: Vec<u32> = output.ids.iter().copied().chain([1]).collect();
                    let text = start.0.render(&ids).unwrap().text;
                    let decoded = task.decode(example, &text);
                    assert!(decoded.repairs.is_empty(), "{kind}: {text:?}: {:?}", decoded.repairs);
                    assert!(!decoded.label_error && !decoded.format_error && !decoded.wrong_reconstruction);
                }
            };
            readable(&found);
            written += found.sequences.len();
            if round % 5 == 0 {
                let steps = run(0);
                let ids = |outputs: &Outputs| -> Vec<Vec<u32>> {
                    outputs.sequences.iter().map(|output| output.ids.clone()).collect()
                };
                assert_eq!(ids(&steps), ids(&found), "{kind}");
                let limits = Limits { pieces: most, draft: 0, keep_going: &|| true };
                let beams = BeamSearch { count: 3, length_penalty: 1.0, early_stopping: false };
                let outputs: Vec<ConstrainedOutput> =
                    starts().into_iter().map(|(output, _)| output).collect();
                readable(&model.generate_constrained_beams(&batch, &outputs, &beams, &limits).unwrap());
            }
        }
    }
    assert!(written >= 10_000, "{written}");
}
