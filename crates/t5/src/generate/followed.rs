//! How a model takes a target that it is led along.

use burn::tensor::activation::log_softmax;

use super::legal::Choices;
use crate::batch::ids_tensor;
use crate::{Batch, Dropout, T5};

/// Places whose scores of all pieces are there at once.
const PLACES: usize = 256;

/// How a model takes the target of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Followed {
    /// The natural logarithm of the probability that the model gives the whole target, its end included.
    pub log_probability: f64,
    /// Whether each of its pieces is the most probable one behind those before it (of equal ones, the first): whether greedy decoding writes
    /// just this target.
    pub is_greedy: bool,
}

impl T5 {
    /// How the model takes each target of `batch`; among the pieces that are legal at each place where the batch has these, as constrained
    /// decoding chooses, else among all.
    pub fn follow(&self, batch: &Batch) -> Vec<Followed> {
        let has_legal = batch.rows().all(|(_, legal)| legal.is_some());
        let places = if has_legal { self.follow_legal(batch) } else { self.follow_all(batch) };
        let mut places = places.into_iter();
        let row = |ids: &[i32]| {
            let mut row = Followed { log_probability: 0.0, is_greedy: true };
            for (log_probability, is_best) in places.by_ref().take(ids.len()) {
                row.log_probability += f64::from(log_probability);
                row.is_greedy &= is_best;
            }
            row
        };
        batch.rows().map(|(ids, _)| ids).map(row).collect()
    }

    /// For each target piece that counts, row after row, its log-probability among what is legal, and whether it is the best.
    fn follow_legal(&self, batch: &Batch) -> Vec<(f32, bool)> {
        let [_, _, length] = batch.shape();
        let mut legal = Vec::new();
        for (ids, pieces) in batch.rows() {
            let of = |place: usize| match pieces {
                Some(pieces) if place < ids.len() => pieces.at(place).to_vec(),
                _ => Vec::new(),
            };
            legal.extend((0..length).map(of));
        }
        // Of equal ones the lowest id, as the decoder asks for them.
        for pieces in &mut legal {
            pieces.sort_unstable();
        }
        let choices = Choices::new(self, self.hidden(batch, &Dropout::none()), legal);
        let mut followed = Vec::new();
        for (row, (ids, _)) in batch.rows().enumerate() {
            for (place, &id) in ids.iter().enumerate() {
                let place = row * length + place;
                let own = choices.at(place).into_iter().find(|&(piece, _)| piece == id as u32);
                let best = choices.best(place);
                followed.push((own.map_or(f32::NEG_INFINITY, |own| own.1), best == own));
            }
        }
        followed
    }

    /// The same among all pieces.
    fn follow_all(&self, batch: &Batch) -> Vec<(f32, bool)> {
        let [rows, _, length] = batch.shape();
        let mut counted = Vec::new();
        let mut targets = Vec::new();
        for (ids, _) in batch.rows() {
            counted.extend((0..length).map(|place| place < ids.len()));
            targets.extend((0..length).map(|place| ids.get(place).copied().unwrap_or(0)));
        }
        let width = self.config().d_model;
        let hidden = self.hidden(batch, &Dropout::none()).reshape([1, rows * length, width]);
        let mut followed = Vec::new();
        for start in (0..rows * length).step_by(PLACES) {
            let count = PLACES.min(rows * length - start);
            let log_p = log_softmax(self.scores(hidden.clone().narrow(1, start, count)), 1);
            let ids = &targets[start..start + count];
            let own = log_p.clone().gather(1, ids_tensor(ids.to_vec(), [count, 1], batch.device()));
            let (own, best) = (own.into_data(), log_p.argmax(1).into_data());
            let each = own.iter::<f32>().zip(best.iter::<i64>()).zip(ids);
            let each = each.map(|((own, best), &id)| (own, best == i64::from(id)));
            followed.extend(each.zip(&counted[start..]).filter_map(|(each, &counts)| counts.then_some(each)));
        }
        followed
    }
}
