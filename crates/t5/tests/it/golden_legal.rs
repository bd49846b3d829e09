//! The loss over legal pieces against what PyTorch computed: its logits, masked here, and its gradients and Fisher diagonal where all pieces are
//! legal.

use burn::tensor::{Device, Tensor};
use fishdip_peft::{Adaptable, LegalPieces, Weight};
use fishdip_t5::{Batch, Dropout, Precision, T5};

use crate::golden_folder::{Golden, folder};

/// Tied, and with an output layer of its own.
const VARIANTS: [&str; 2] = ["t5-tiny", "t5v1_1-tiny"];

/// The batch of the golden file, where `legal` tells which pieces are legal beside the target at each place of all targets together.
fn batch(golden: &Golden, device: &Device, legal: impl Fn(usize) -> Vec<u32>) -> Batch {
    let (sources, targets) = (golden.rows("input_ids", 0), golden.rows("labels", 0));
    let sources: Vec<&[u32]> = sources.iter().map(Vec::as_slice).collect();
    let mut place = 0;
    let mut rows = Vec::new();
    for target in &targets {
        let mut pieces = LegalPieces::default();
        for &id in target {
            pieces.push(&legal(place), id);
            place += 1;
        }
        rows.push(pieces);
    }
    let targets: Vec<&[u32]> = targets.iter().map(Vec::as_slice).collect();
    Batch::new(&sources, &targets, 0, device).with_legal(rows)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

fn close(what: &str, weight: &Weight, ours: &[f32], theirs: &[f32]) {
    let scale = theirs.iter().fold(1e-3f32, |m, g| m.max(g.abs()));
    for (i, ours) in (0..).zip(ours) {
        let theirs = theirs[weight.to_file(i) as usize];
        assert!((ours - theirs).abs() <= 1e-4 * scale, "{what}[{i}]: {ours}, PyTorch has {theirs}");
    }
}

/// Some pieces, one to seven at a place.
fn few(place: usize) -> Vec<u32> {
    (0..place % 7).map(|i| ((place * 5 + i * 13) % 96) as u32).collect()
}

#[test]
fn losses_are_those_of_masked_logits() {
    for variant in VARIANTS {
        let golden = Golden::read(variant);
        let device = Device::flex();
        let model = T5::load(&folder(variant), Precision::F32, &device).unwrap();
        let (logits, targets) = (golden.floats("logits"), golden.rows("labels", 0));
        let longest = targets.iter().map(Vec::len).max().unwrap();
        let mut place = 0;
        let mut expected = Vec::new();
        for (row, target) in targets.iter().enumerate() {
            let mut sum = 0.0;
            for (at, &id) in target.iter().enumerate() {
                let scores = &logits[(row * longest + at) * 96..][..96];
                let legal = (0..96u32).filter(|piece| *piece == id || few(place).contains(piece));
                let exponentials: f64 = legal.map(|piece| f64::from(scores[piece as usize]).exp()).sum();
                sum += exponentials.ln() - f64::from(scores[id as usize]);
                place += 1;
            }
            expected.push(sum / target.len() as f64);
        }
        let ours = model.loss(&batch(&golden, &device, few), &Dropout::none()).per_sample();
        assert_eq!(ours.len(), expected.len());
        for (ours, theirs) in ours.iter().zip(&expected) {
            assert!((f64::from(*ours) - theirs).abs() < 1e-4, "{variant}: {ours}, PyTorch has {theirs}");
        }
    }
}

#[test]
fn with_all_pieces_legal_gradients_are_those_of_the_softmax_over_all() {
    for variant in VARIANTS {
        let golden = Golden::read(variant);
        let device = Device::flex();
        let mut model = T5::load(&folder(variant), Precision::F32, &device).unwrap();
        let batch = batch(&golden, &device.autodiff(), |_| (0..96).collect());
        model.weights_mut().into_iter().for_each(Weight::watch_dense);
        let mut gradients = model.loss(&batch, &Dropout::none()).mean().backward();
        for weight in model.weights_mut() {
            let ours = values(weight.take_dense_gradient(&mut gradients).unwrap());
            let theirs = golden.floats(&format!("grad.{}", weight.path()));
            close(&format!("{variant} {}", weight.path()), weight, &ours, &theirs);
        }
        for weight in model.weights_mut() {
            weight.watch_squared(batch.shape()[0]);
        }
        let loss = model.summed_loss(&batch, &Dropout::none());
        assert!(model.weights().into_iter().all(Weight::separates_samples), "{variant}");
        let mut gradients = loss.backward();
        for weight in model.weights_mut() {
            let ours = values(weight.take_squared(&mut gradients).unwrap());
            let theirs = golden.floats(&format!("fisher.{}", weight.path()));
            close(&format!("{variant} fisher {}", weight.path()), weight, &ours, &theirs);
        }
    }
}
