//! The masks that a run chose, by layer and kind of weight.

use fishdip_report::{Choice, Mask, Text, WeightName};
use fishdip_t5::{StackName, WeightPlace};
use std::collections::{BTreeMap, BTreeSet};

use super::told::Told;
use crate::event::Event;

/// The masks in the events of a run.
pub(super) fn gather(told: &Told) -> Mask {
    let chosen = || {
        told.events.iter().map(|timed| &timed.event).filter(|event| matches!(event, Event::MaskChosen { .. }))
    };
    let mut paths: BTreeSet<(WeightPlace, &str)> = BTreeSet::new();
    for event in chosen() {
        if let Event::MaskChosen { weights, .. } = event {
            paths.extend(weights.iter().map(|(path, _)| (WeightPlace::of(path), path.as_str())));
        }
    }
    let layers: BTreeSet<_> = paths.iter().map(|(place, _)| layer(*place)).collect();
    let kinds: BTreeSet<_> = paths.iter().map(|(place, _)| place.kind).collect();
    let layers: Vec<_> = layers.into_iter().collect();
    let kinds: Vec<_> = kinds.into_iter().collect();
    let weights = paths.iter().map(|&(place, path)| WeightName {
        name: Text::from(path),
        layer: layers.iter().position(|other| *other == layer(place)).unwrap_or_default(),
        kind: kinds.iter().position(|other| *other == place.kind).unwrap_or_default(),
    });
    let index: BTreeMap<&str, usize> = paths.iter().enumerate().map(|(at, &(_, path))| (path, at)).collect();
    let choices = chosen().filter_map(|event| {
        let Event::MaskChosen {
            step, entries, churn, recorded_agreement, hard, weights, every, seconds, ..
        } = event
        else {
            return None;
        };
        Some(Choice {
            step: *step,
            entries: *entries,
            churn: *churn,
            agreement: *recorded_agreement,
            hard: hard.clone(),
            weights: weights.iter().map(|(path, entries)| (index[path.as_str()], *entries)).collect(),
            every: *every,
            seconds: *seconds,
        })
    });
    Mask {
        layers: layers.iter().map(|(_, name)| Text::from(name.as_str())).collect(),
        // The stack stands in the name of the layer.
        kinds: kinds
            .iter()
            .map(|&kind| Text::from(WeightPlace { stack: StackName::Both, block: None, kind }.kind_name()))
            .collect(),
        weights: weights.collect(),
        samples: samples(told),
        choices: choices.collect(),
    }
}

/// A layer in the order of the model: the embedding, the encoder, the decoder; behind the blocks what stands at the end of a stack.
fn layer(place: WeightPlace) -> ((u8, usize), String) {
    let stack = match place.stack {
        StackName::Both => 0,
        StackName::Encoder => 1,
        StackName::Decoder => 2,
    };
    ((stack, place.block.unwrap_or(usize::MAX)), place.block_name())
}

/// What there was to choose from.
fn samples(told: &Told) -> usize {
    let started = told.events.iter().find_map(|timed| match timed.event {
        Event::Started { train_examples, train_windows, .. } => Some(train_examples.max(train_windows)),
        _ => None,
    });
    started.unwrap_or_default()
}
