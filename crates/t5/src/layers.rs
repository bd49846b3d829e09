//! What each layer makes of a source: one vector each.

use burn::tensor::{DType, Tensor};

use crate::batch::ids_tensor;
use crate::model::means;
use crate::{Batch, Dropout, T5};

/// A vector for each row of a batch from each block, `[B, D]` in f32: what stands behind the block; behind the last one of a stack, what the
/// final norm makes of it.
#[derive(Clone, Debug)]
pub struct LayerVectors {
    /// Of the encoder: the mean over the pieces of the source, padding left out.
    pub encoder: Vec<Tensor<2>>,
    /// Of the decoder: where it is to write its first piece and has seen the source alone, so that no target is in it.
    pub decoder: Vec<Tensor<2>>,
}

impl T5 {
    /// What each block of encoder and decoder makes of the sources of `batch`. Its targets are not looked at.
    pub fn layer_vectors(&self, batch: &Batch) -> LayerVectors {
        let dropout = Dropout::none();
        let (mut encoder, mut decoder) = (Vec::new(), Vec::new());
        let encoded = self.encode(batch, &dropout, Some(&mut encoder));
        encoder.push(encoded.hidden.clone());
        let [rows, _, _] = batch.shape();
        let start = vec![self.config.decoder_start_token_id as i32; rows];
        let start = ids_tensor(start, [rows, 1], batch.device());
        let last = self.decode(start, &encoded, &dropout, batch.device(), Some(&mut decoder));
        decoder.push(last);
        let width = self.config.d_model;
        LayerVectors {
            encoder: encoder.into_iter().map(|x| means(self.of_source(x, batch), batch)).collect(),
            decoder: decoder.into_iter().map(|x| x.reshape([rows, width]).cast(DType::F32)).collect(),
        }
    }
}
