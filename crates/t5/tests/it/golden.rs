//! The model against PyTorch `transformers`, on tiny random weights.

use burn::tensor::{DType, Device, Tensor};
use fishdip_peft::{Adaptable, EntryCost, Positions, Trained};
use fishdip_t5::{Batch, BeamSearch, Dropout, Limits, Precision, T5};

use crate::golden_folder::{Golden, folder};

const VARIANTS: [&str; 4] = ["t5-tiny", "t5v1_1-tiny", "mt5-tiny", "byt5-tiny"];

fn batch(golden: &Golden, device: &Device) -> Batch {
    let sources = golden.rows("input_ids", 0);
    let targets = golden.rows("labels", 0);
    let sources: Vec<&[u32]> = sources.iter().map(Vec::as_slice).collect();
    let targets: Vec<&[u32]> = targets.iter().map(Vec::as_slice).collect();
    Batch::new(&sources, &targets, 0, device)
}

fn close(what: &str, ours: &[f32], theirs: &[f32], tolerance: f32) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= tolerance, "{what}[{i}]: {a}, PyTorch has {b}");
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

fn limits(pieces: usize) -> Limits<'static> {
    Limits { pieces, draft: 8, keep_going: &|| true }
}

#[test]
fn logits_and_losses() {
    for variant in VARIANTS {
        let golden = Golden::read(variant);
        let device = Device::flex();
        let model = T5::load(&folder(variant), Precision::F32, &device).unwrap();
        let batch = batch(&golden, &device);
        close(variant, &values(model.encoder_output(&batch)), &golden.floats("encoder_hidden"), 1e-4);
        close(variant, &values(model.logits(&batch)), &golden.floats("logits"), 1e-4);
        close(
            variant,
            &values(model.loss(&batch, &Dropout::none()).mean()),
            &golden.floats("loss_ignore_pad"),
            1e-5,
        );
        let losses = model.loss(&batch, &Dropout::none()).per_sample();
        close(variant, &losses, &golden.floats("per_sample_loss"), 1e-5);
        let counted = batch.with_target_padding_counted();
        close(
            variant,
            &values(model.loss(&counted, &Dropout::none()).mean()),
            &golden.floats("loss_with_pad"),
            1e-5,
        );
    }
}

#[test]
fn encoder_means_leave_padding_out() {
    for variant in VARIANTS {
        let golden = Golden::read(variant);
        let device = Device::flex();
        let model = T5::load(&folder(variant), Precision::F32, &device).unwrap();
        let (rows, hidden) = (golden.rows("input_ids", 0), golden.floats("encoder_hidden"));
        let (longest, width) = (rows.iter().map(Vec::len).max().unwrap(), model.config().d_model);
        assert!(rows.iter().any(|row| row.len() < longest), "{variant}: nothing is padded");
        let mean = |row: usize, column: usize| {
            let states = (0..rows[row].len()).map(|at| hidden[(row * longest + at) * width + column]);
            states.sum::<f32>() / rows[row].len() as f32
        };
        let expected: Vec<f32> = (0..rows.len())
            .flat_map(|row| (0..width).map(move |column| (row, column)))
            .map(|(r, c)| mean(r, c))
            .collect();
        close(variant, &values(model.encoder_means(&batch(&golden, &device))), &expected, 1e-4);
    }
}

#[test]
fn bf16_is_as_near_as_pytorch_s() {
    // How far PyTorch's own bf16 gradient is from its f32 one: the norm of the difference over that of the gradient.
    let theirs = [0.212, 0.133, 0.0996, 0.125];
    for (variant, theirs) in VARIANTS.into_iter().zip(theirs) {
        let golden = Golden::read(variant);
        let device = Device::flex();
        let mut model = T5::load(&folder(variant), Precision::Bf16, &device).unwrap();
        let loss = values(model.loss(&batch(&golden, &device), &Dropout::none()).mean())[0];
        let exact = golden.floats("loss_ignore_pad")[0];
        // A product of bf16 numbers is wrong by up to 2⁻⁸.
        assert!((loss - exact).abs() < 0.004 * exact, "{variant}: {loss}, PyTorch has {exact} in f32");
        for weight in model.weights_mut() {
            assert_eq!(weight.dense().dtype(), DType::BF16);
            weight.watch_dense();
        }
        let batch = batch(&golden, &device.autodiff());
        let mut gradients = model.loss(&batch, &Dropout::none()).mean().backward();
        let (mut squares, mut errors) = (0.0, 0.0);
        for weight in model.weights_mut() {
            let ours = values(weight.take_dense_gradient(&mut gradients).unwrap());
            let exact = golden.floats(&format!("grad.{}", weight.path()));
            for (i, ours) in (0..).zip(ours) {
                let exact = exact[weight.to_file(i) as usize];
                errors += f64::from(ours - exact).powi(2);
                squares += f64::from(exact).powi(2);
            }
        }
        let relative = (errors / squares).sqrt();
        // Roundings fall otherwise here and there.
        assert!(
            relative < 1.25 * theirs,
            "{variant}: the gradient is off by {relative}, PyTorch's by {theirs}"
        );
    }
}

#[test]
fn f16_is_refused() {
    let refused = T5::load(&folder("t5-tiny"), Precision::F16, &Device::flex()).unwrap_err().to_string();
    assert!(refused.contains("65504") && refused.contains("bf16"), "{refused}");
}

#[test]
fn every_gradient() {
    for variant in VARIANTS {
        let golden = Golden::read(variant);
        let device = Device::flex();
        let mut model = T5::load(&folder(variant), Precision::F32, &device).unwrap();
        let batch = batch(&golden, &device.autodiff());
        for weight in model.weights_mut() {
            weight.watch_dense();
        }
        let mut gradients = model.loss(&batch, &Dropout::none()).mean().backward();
        for weight in model.weights_mut() {
            let ours = values(weight.take_dense_gradient(&mut gradients).unwrap());
            let theirs = golden.floats(&format!("grad.{}", weight.path()));
            let scale = theirs.iter().fold(0.0f32, |m, g| m.max(g.abs()));
            let mut in_file_order = vec![0.0; ours.len()];
            for (i, g) in ours.into_iter().enumerate() {
                in_file_order[weight.to_file(i as u32) as usize] = g;
            }
            close(&format!("{variant} {}", weight.path()), &in_file_order, &theirs, 1e-4 * scale.max(1e-3));
        }
    }
}

#[test]
fn greedy_generation() {
    for variant in VARIANTS {
        let golden = Golden::read(variant);
        let device = Device::flex();
        let model = T5::load(&folder(variant), Precision::F32, &device).unwrap();
        let outputs = model.generate(&batch(&golden, &device), &limits(12)).unwrap().sequences;
        for (output, theirs) in outputs.iter().zip(golden.rows("greedy", 0)) {
            let ended = theirs.last() == Some(&1);
            let theirs = if ended { &theirs[..theirs.len() - 1] } else { &theirs[..] };
            assert_eq!((output.ids.as_slice(), output.finished), (theirs, ended), "{variant}");
        }
    }
}

#[test]
fn generation_with_four_beams() {
    for variant in VARIANTS {
        let golden = Golden::read(variant);
        let device = Device::flex();
        let model = T5::load(&folder(variant), Precision::F32, &device).unwrap();
        for (length_penalty, early_stopping) in [(1.0, true), (1.0, false), (2.0, true), (2.0, false)] {
            let beams = BeamSearch { count: 4, length_penalty, early_stopping };
            let outputs = model.generate_beams(&batch(&golden, &device), &beams, &limits(12)).unwrap();
            let key = format!("beam4.lp{length_penalty}.{}", if early_stopping { "early" } else { "full" });
            let scores = golden.floats(&format!("{key}.score"));
            let rows = outputs.sequences.iter().zip(golden.rows(&key, 0)).zip(scores);
            for ((output, theirs), score) in rows {
                let ended = theirs.last() == Some(&1);
                let words = if ended { &theirs[..theirs.len() - 1] } else { &theirs[..] };
                assert_eq!((output.ids.as_slice(), output.finished), (words, ended), "{variant} {key}");
                let ours = output.log_probability / (theirs.len() as f32).powf(length_penalty);
                assert!((ours - score).abs() < 1e-4, "{variant} {key}: {ours}, PyTorch has {score}");
            }
        }
    }
}

#[test]
fn a_gradient_of_masked_values_is_the_dense_one_gathered() {
    let golden = Golden::read("t5-tiny");
    let device = Device::flex();
    let mut model = T5::load(&folder("t5-tiny"), Precision::F32, &device).unwrap();
    for weight in model.weights_mut() {
        let entries = weight.entries() as u32;
        let positions = Positions::new((0..entries).step_by(7).collect()).unwrap();
        weight.train(&Trained::Entries(positions), EntryCost::USUAL);
        weight.watch();
    }
    let mut gradients = model.loss(&batch(&golden, &device.autodiff()), &Dropout::none()).mean().backward();
    for weight in model.weights_mut() {
        let ours = values(weight.take_gradient(&mut gradients).unwrap());
        let dense = golden.floats(&format!("grad.{}", weight.path()));
        let scale = dense.iter().fold(0.0f32, |m, g| m.max(g.abs()));
        let theirs: Vec<f32> =
            (0..weight.entries() as u32).step_by(7).map(|i| dense[weight.to_file(i) as usize]).collect();
        close(weight.path(), &ours, &theirs, 1e-4 * scale.max(1e-3));
    }
}
