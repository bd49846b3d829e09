//! Targets that a model is led along, and the vectors of its layers, against what PyTorch computed.

use burn::tensor::{Device, Tensor};
use fishdip_peft::{Adaptable, LegalPieces};
use fishdip_t5::{Batch, Followed, LayerVectors, Precision, T5};

use crate::golden_folder::{Golden, folder};

/// Tied, and with an output layer of its own.
const VARIANTS: [&str; 2] = ["t5-tiny", "t5v1_1-tiny"];

/// Pieces of their vocabularies.
const PIECES: u32 = 96;

fn load(variant: &str, device: &Device) -> (Golden, T5) {
    (Golden::read(variant), T5::load(&folder(variant), Precision::F32, device).unwrap())
}

fn batch(golden: &Golden, device: &Device) -> Batch {
    let (sources, targets) = (golden.rows("input_ids", 0), golden.rows("labels", 0));
    let sources: Vec<&[u32]> = sources.iter().map(Vec::as_slice).collect();
    let targets: Vec<&[u32]> = targets.iter().map(Vec::as_slice).collect();
    Batch::new(&sources, &targets, 0, device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// What PyTorch's logits say of the targets, where `legal` tells which pieces can stand at the place of a row beside the target.
fn expected(golden: &Golden, legal: impl Fn(usize, usize, u32) -> bool) -> Vec<Followed> {
    let (logits, targets) = (golden.floats("logits"), golden.rows("labels", 0));
    let longest = targets.iter().map(Vec::len).max().unwrap();
    let of = |(row, target): (usize, &Vec<u32>)| {
        let mut followed = Followed { log_probability: 0.0, is_greedy: true };
        for (at, &id) in target.iter().enumerate() {
            let scores = &logits[(row * longest + at) * PIECES as usize..][..PIECES as usize];
            let own = f64::from(scores[id as usize]);
            let can = (0..PIECES).filter(|&piece| piece == id || legal(row, at, piece));
            let can: Vec<f64> = can.map(|piece| f64::from(scores[piece as usize])).collect();
            followed.log_probability += own - can.iter().map(|score| score.exp()).sum::<f64>().ln();
            followed.is_greedy &= can.iter().all(|&score| score <= own);
        }
        followed
    };
    targets.iter().enumerate().map(of).collect()
}

fn agree(variant: &str, ours: &[Followed], theirs: &[Followed]) {
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        let near = (ours.log_probability - theirs.log_probability).abs() < 1e-3;
        assert!(near && ours.is_greedy == theirs.is_greedy, "{variant}: {ours:?}, PyTorch has {theirs:?}");
    }
}

#[test]
fn probabilities_of_targets_are_those_of_the_logits() {
    for variant in VARIANTS {
        let device = Device::flex();
        let (golden, model) = load(variant, &device);
        let theirs = expected(&golden, |_, _, _| true);
        assert!(theirs.iter().all(|row| !row.is_greedy), "weights at random write no target");
        agree(variant, &model.follow(&batch(&golden, &device)), &theirs);
    }
}

#[test]
fn among_legal_pieces_a_target_can_be_the_best() {
    for variant in VARIANTS {
        let device = Device::flex();
        let (golden, model) = load(variant, &device);
        let (logits, targets) = (golden.floats("logits"), golden.rows("labels", 0));
        let longest = targets.iter().map(Vec::len).max().unwrap();
        // In even rows what scores lower than the target, in odd ones also what scores higher at their first place.
        let legal = |row: usize, at: usize, piece: u32| {
            let scores = &logits[(row * longest + at) * PIECES as usize..];
            let own = scores[targets[row][at] as usize];
            scores[piece as usize] < own || (row % 2 == 1 && at == 0)
        };
        let rows = targets.iter().enumerate().map(|(row, target)| {
            let mut pieces = LegalPieces::default();
            for (at, &id) in target.iter().enumerate() {
                let can: Vec<u32> =
                    (0..PIECES).filter(|&piece| piece == id || legal(row, at, piece)).collect();
                pieces.push(&can, id);
            }
            pieces
        });
        let ours = model.follow(&batch(&golden, &device).with_legal(rows.collect()));
        let theirs = expected(&golden, legal);
        agree(variant, &ours, &theirs);
        assert!(theirs[0].is_greedy && theirs.iter().any(|row| !row.is_greedy), "{theirs:?}");
    }
}

#[test]
fn the_vectors_of_the_last_layers_are_those_of_the_output() {
    for variant in VARIANTS {
        let device = Device::flex();
        let (golden, model) = load(variant, &device);
        let batch = batch(&golden, &device);
        let LayerVectors { encoder, decoder } = model.layer_vectors(&batch);
        let config = model.config();
        assert_eq!([encoder.len(), decoder.len()], [config.num_layers, config.num_decoder_layers]);
        let last = encoder.last().unwrap().clone();
        assert_eq!(values(last), values(model.encoder_means(&batch)), "{variant}");
        // What PyTorch has for the first place of each target follows from the decoder's last state.
        let head = if config.tied { "shared.weight" } else { "lm_head.weight" };
        let weights = model.weights();
        let weight = weights.into_iter().find(|weight| weight.path() == head).unwrap().dense();
        let state = decoder.last().unwrap().clone();
        let scores = if config.tied {
            (state * (config.d_model as f64).powf(-0.5)).matmul(weight.transpose())
        } else {
            state.matmul(weight)
        };
        let [rows, _, longest] = batch.shape();
        let logits = golden.floats("logits");
        let size = PIECES as usize;
        let theirs = (0..rows).flat_map(|row| &logits[row * longest * size..][..size]);
        for (ours, theirs) in values(scores).into_iter().zip(theirs) {
            assert!((ours - theirs).abs() < 1e-4, "{variant}: {ours}, PyTorch has {theirs}");
        }
        // The first layers are others.
        assert_ne!(values(encoder[0].clone()), values(encoder[encoder.len() - 1].clone()));
        assert_ne!(values(decoder[0].clone()), values(decoder[decoder.len() - 1].clone()));
    }
}
