//! The masked update on GPUs: one kernel for every runtime of `CubeCL`, one thread an entry.

#![allow(
    clippy::used_underscore_binding,
    reason = "the kernels' macro reads the types that `_types` defines"
)]

use burn::backend::cubecl::dtype_to_storage_type;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::{CubeBackend, tensor::CubeTensor};
use cubecl::{calculate_cube_count_elemwise, prelude::*};

use super::{Buffers, MaskedUpdateOps, Rule, Step, counters, reference};

#[cube(launch)]
#[allow(clippy::too_many_arguments, reason = "buffers and settings of one launch")]
fn masked_adamw_kernel<F: Float, M: Float, I: Int>(
    weight: &mut Tensor<F>,
    values: &mut Tensor<F>,
    first: &mut Tensor<M>,
    second: &mut Tensor<M>,
    age: &mut Tensor<M>,
    gradient: &Tensor<M>,
    indices: &Tensor<I>,
    learning_rate: f32,
    beta1: f32,
    beta2: f32,
    ln_beta1: f32,
    ln_beta2: f32,
    epsilon: f32,
    weight_decay: f32,
    clip: f32,
    #[define(F, M, I)] _types: [ElemType; 3],
) {
    let k = ABSOLUTE_POS;
    if k >= indices.len() {
        terminate!();
    }
    let t = f32::cast_from(age[k]) + 1.0f32;
    let g = clip * f32::cast_from(gradient[k]);
    let m = beta1 * f32::cast_from(first[k]) + (1.0f32 - beta1) * g;
    let v = beta2 * f32::cast_from(second[k]) + (1.0f32 - beta2) * g * g;
    // βᵗ as exp(t ln β): the logarithms are the same for all entries and come from the host; the powers are not, as
    // every entry has an age of its own.
    let mean = m / (1.0f32 - (t * ln_beta1).exp());
    let root = (v / (1.0f32 - (t * ln_beta2).exp())).sqrt();
    let w = f32::cast_from(values[k]);
    let w = F::cast_from(w - learning_rate * (mean / (root + epsilon) + weight_decay * w));
    first[k] = M::cast_from(m);
    second[k] = M::cast_from(v);
    age[k] = M::cast_from(t);
    values[k] = w;
    // Positions are unique, so no two threads write to one place. Both get the same rounded number, so that
    // weight[indices] == values holds bit for bit.
    weight[usize::cast_from(indices[k])] = w;
}

/// Follows a sum of gradients: plain gradient descent, with momentum or not.
#[cube(launch)]
#[allow(clippy::too_many_arguments, reason = "buffers and settings of one launch")]
fn masked_descent_kernel<F: Float, M: Float, I: Int>(
    weight: &mut Tensor<F>,
    values: &mut Tensor<F>,
    first: &mut Tensor<M>,
    gradient: &Tensor<M>,
    indices: &Tensor<I>,
    learning_rate: f32,
    momentum: f32,
    weight_decay: f32,
    clip: f32,
    #[define(F, M, I)] _types: [ElemType; 3],
) {
    let k = ABSOLUTE_POS;
    if k >= indices.len() {
        terminate!();
    }
    let m = momentum * f32::cast_from(first[k]) + clip * f32::cast_from(gradient[k]);
    let w = f32::cast_from(values[k]);
    let w = F::cast_from(w - learning_rate * (m + weight_decay * w));
    first[k] = M::cast_from(m);
    values[k] = w;
    weight[usize::cast_from(indices[k])] = w;
}

/// The tensor itself if nobody else holds its buffer, else a copy; contiguous in either case.
fn unique(tensor: CubeTensor) -> CubeTensor {
    let tensor = into_contiguous(tensor);
    if tensor.can_mut() && tensor.is_nonoverlapping() { tensor } else { tensor.copy() }
}

impl MaskedUpdateOps for CubeBackend {
    fn masked_update(
        buffers: Buffers<Self>,
        gradient: FloatTensor<Self>,
        indices: IntTensor<Self>,
        step: Step,
    ) -> Buffers<Self> {
        let entries = indices.meta.num_elements();
        if entries == 0 {
            return buffers;
        }
        let Step { learning_rate, weight_decay, clip, rule } = step;
        counters::count(buffers.weight.can_mut());
        let Buffers { weight, values, first, second, age } = buffers;
        let (weight, values) = (unique(weight), unique(values));
        // The kernels are there for the scattered write into the weight. What else there is to do runs over entries
        // that lie side by side, where stock operations are as good; and the RMS in Adafactor's rule is a mean over all
        // entries, while a thread of a kernel knows only its own.
        let (first, second, age, gradient, clip) = match rule {
            Rule::AdamW { .. } => (unique(first), unique(second), unique(age), gradient, clip),
            Rule::Sgd { .. } => (unique(first), second, reference::older::<Self>(age), gradient, clip),
            Rule::Adafactor => {
                let age = reference::older::<Self>(age);
                let (u, second, direction) = reference::adafactor::<Self>(gradient, second, &age, clip);
                (unique(u), second, age, direction, 1.0)
            }
        };
        let (gradient, indices) = (into_contiguous(gradient), into_contiguous(indices));
        let client = weight.client.clone();
        let cube_dim = CubeDim::new(&client, entries);
        let cube_count = calculate_cube_count_elemwise(&client, entries, cube_dim);
        let types = [weight.dtype, first.dtype, indices.dtype].map(dtype_to_storage_type);
        if let Rule::AdamW { beta1, beta2, epsilon } = rule {
            masked_adamw_kernel::launch(
                &client,
                cube_count,
                cube_dim,
                weight.clone().into_tensor_arg(),
                values.clone().into_tensor_arg(),
                first.clone().into_tensor_arg(),
                second.clone().into_tensor_arg(),
                age.clone().into_tensor_arg(),
                gradient.into_tensor_arg(),
                indices.into_tensor_arg(),
                learning_rate,
                beta1,
                beta2,
                beta1.ln(),
                beta2.ln(),
                epsilon,
                weight_decay,
                clip,
                types,
            );
            return Buffers { weight, values, first, second, age };
        }
        // With momentum 0 the sum that the kernel follows is the direction itself. The kernel writes this sum as well,
        // into a copy that is thrown away: `first` has to keep Adafactor's u, which is not the direction where its RMS
        // is above 1.
        let (momentum, moment) = match rule {
            Rule::Sgd { momentum } => (momentum, first.clone()),
            _ => (0.0, unique(gradient.clone())),
        };
        masked_descent_kernel::launch(
            &client,
            cube_count,
            cube_dim,
            weight.clone().into_tensor_arg(),
            values.clone().into_tensor_arg(),
            moment.into_tensor_arg(),
            gradient.into_tensor_arg(),
            indices.into_tensor_arg(),
            learning_rate,
            momentum,
            weight_decay,
            clip,
            types,
        );
        Buffers { weight, values, first, second, age }
    }
}
