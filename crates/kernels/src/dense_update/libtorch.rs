//! The dense update on LibTorch: in the processor's memory one pass over the entries, elsewhere its in-place operations.

use burn::backend::LibTorch;
use burn_tch::TchTensor;
use tch::{Kind, Tensor};

use super::slices::Slices;
use super::{DenseBuffers, DenseStepped, DenseUpdateOps};
use crate::Step;
use crate::backend::libtorch::{floats, floats_mut, unique, within_reach};
use crate::masked_update::counters;
use crate::masked_update::libtorch::direction;

impl DenseUpdateOps for LibTorch {
    fn dense_update(buffers: DenseBuffers<Self>, step: Step) -> DenseStepped<Self> {
        counters::count(buffers.weight.can_mut());
        let DenseBuffers { weight, gradient, first, second, age } = buffers;
        let (mut weight, mut gradient) = (unique(weight), unique(gradient));
        let (mut first, mut second, mut age) = (unique(first), unique(second), unique(age));
        if within_reach(&[&weight, &gradient, &first, &second, &age]) {
            let steps = floats(&age.tensor)[0];
            let all = Slices {
                weight: floats_mut(&mut weight),
                gradient: floats_mut(&mut gradient),
                first: floats_mut(&mut first),
                second: floats_mut(&mut second),
            };
            let check = if all.step(steps, step) { 0.0 } else { f32::NAN };
            floats_mut(&mut age)[0] = steps + 1.0;
            let check = TchTensor::new(Tensor::from_slice(&[check]));
            return DenseStepped { weight, previous: gradient, first, second, age, check };
        }
        let [rate, decay] = [step.learning_rate, step.weight_decay].map(f64::from);
        let direction =
            direction(&gradient.tensor, &mut first.tensor, &mut second.tensor, &mut age.tensor, step);
        // Through a view, so that the write goes to the weight's own buffer.
        let mut flat = weight.tensor.view(-1);
        // `direction` has all that is needed of the gradient, whose memory holds the values before the step from here
        // on.
        gradient.tensor.copy_(&flat);
        let w = &gradient.tensor;
        flat.copy_(&(w - (direction + w * decay) * rate));
        // Zero times a number is zero, zero times NaN or an infinite value is NaN, and a sum keeps NaN.
        let check = TchTensor::new((flat.to_kind(Kind::Float) * 0.0).sum(Kind::Float).view(1));
        DenseStepped { weight, previous: gradient, first, second, age, check }
    }
}
