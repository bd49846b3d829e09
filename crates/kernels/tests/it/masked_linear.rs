//! The masked linear layer: both ways to its gradient against stock autodiff.

use burn::tensor::{Device, Int, Tensor, TensorData, Tolerance, module};
use fishdip_kernels::{WeightGradient, masked_linear};
use proptest::prelude::*;

use crate::device::{cases, device};
use crate::tensors::wave;

fn tensor<const D: usize>(shape: [usize; D], seed: f32, device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(wave(shape.iter().product(), seed), shape), device)
}

/// dx and the gathered dW of Σ y², by stock operations.
fn stock(shape: [usize; 4], positions: &[u32]) -> (TensorData, Vec<f32>) {
    let [batch, length, input, output] = shape;
    let device = self::device().autodiff();
    let x = tensor([batch, length, input], 0.1, &device).require_grad();
    let w = tensor([input, output], 0.2, &device).require_grad();
    let mut gradients = module::linear(x.clone(), w.clone(), None).square().sum().backward();
    let dw: Vec<f32> = w.grad_remove(&mut gradients).unwrap().into_data().iter::<f32>().collect();
    let dx = x.grad_remove(&mut gradients).unwrap().into_data();
    (dx, positions.iter().map(|&p| dw[p as usize]).collect())
}

fn ours(shape: [usize; 4], positions: &[u32], gradient: WeightGradient) -> (TensorData, Vec<f32>) {
    let [batch, length, input, output] = shape;
    let plain = self::device();
    let device = plain.clone().autodiff();
    let x = tensor([batch, length, input], 0.1, &device).require_grad();
    let weight = tensor::<2>([input, output], 0.2, &plain);
    let dense = wave(input * output, 0.2);
    let k = positions.len();
    let values: Vec<f32> = positions.iter().map(|&p| dense[p as usize]).collect();
    let values = Tensor::<1>::from_data(TensorData::new(values, [k]), &device).require_grad();
    let ints: Vec<i32> = positions.iter().map(|&p| p as i32).collect();
    let indices = Tensor::<1, Int>::from_data(TensorData::new(ints, [k]), &plain);
    let flat = x.clone().reshape([batch * length, input]);
    let y = masked_linear(flat, Tensor::from_inner(weight), values.clone(), indices, gradient);
    let mut gradients = y.square().sum().backward();
    let dv = values.grad_remove(&mut gradients).unwrap().into_data().iter::<f32>().collect();
    (x.grad_remove(&mut gradients).unwrap().into_data(), dv)
}

fn check(shape: [usize; 4], positions: &[u32]) {
    let (dx, dw) = stock(shape, positions);
    let near = Tolerance::<f32>::rel_abs(1e-4, 1e-4);
    for gradient in [WeightGradient::Gathered, WeightGradient::Sampled] {
        let (our_dx, our_dw) = ours(shape, positions, gradient);
        our_dx.assert_approx_eq::<f32>(&dx, near);
        let scale = dw.iter().fold(1.0f32, |m, g| m.max(g.abs()));
        for (ours, theirs) in our_dw.iter().zip(&dw) {
            assert!((ours - theirs).abs() <= 1e-5 * scale, "{gradient:?} {shape:?}: {ours} {theirs}");
        }
    }
}

#[test]
fn one_entry_by_hand() {
    // y = x W, L = Σ y²: dL/dW[i, j] = Σ_t 2 y[t, j] x[t, i]. With one token x = (1, 2), W = ((1, 0), (0, 1)): y = (1, 2).
    let plain = self::device();
    let device = plain.clone().autodiff();
    for gradient in [WeightGradient::Gathered, WeightGradient::Sampled] {
        let x = Tensor::<2>::from_data([[1.0, 2.0]], &device);
        let weight = Tensor::from_inner(Tensor::<2>::from_data([[1.0, 0.0], [0.0, 1.0]], &plain));
        let values = Tensor::<1>::from_data([0.0], &device).require_grad();
        let indices = Tensor::<1, Int>::from_data(TensorData::new(vec![1i32], [1]), &plain);
        let y = masked_linear(x, weight, values.clone(), indices, gradient);
        let mut gradients = y.square().sum().backward();
        let dv: f32 = values.grad_remove(&mut gradients).unwrap().into_scalar();
        // entry 1 is (0, 1): 2 · y[1] · x[0] = 4
        assert!((dv - 4.0).abs() < 1e-6, "{gradient:?}");
    }
}

#[test]
fn odd_shapes() {
    check([1, 1, 1, 1], &[0]);
    check([3, 17, 5, 7], &[0, 6, 7, 34]);
    check([2, 33, 48, 3], &(0..144).collect::<Vec<_>>());
    check([2, 300, 40, 50], &(0..2000).step_by(3).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_shape(
        (shape, positions) in (1usize..4, 1usize..40, 1usize..30, 1usize..30).prop_flat_map(|(b, t, i, o)| {
            let entries = (i * o) as u32;
            let positions = proptest::collection::btree_set(0..entries, 1..=(entries.min(50) as usize));
            (Just([b, t, i, o]), positions)
        }),
    ) {
        check(shape, &positions.into_iter().collect::<Vec<_>>());
    }
}
