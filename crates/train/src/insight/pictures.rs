//! The files as what `fishdip-report` draws and shows.

use fishdip_active::Learning;
use fishdip_report::{
    LayerMean, LayerProfile, LayerValues, LearnedSample, LearningClass, Text, TrainingDynamics,
};

use super::dynamics::Dynamics;
use super::layers::{Cka, Smoothness};
use super::profile::{Pair, Profile};

/// Dataset cartography.
pub(crate) fn dynamics(of: &Dynamics) -> TrainingDynamics {
    let examples = of.examples.iter().map(|example| LearnedSample {
        at: Text::from(example.at.as_str()),
        class: match example.learning {
            Learning::Unforgettable => LearningClass::Unforgettable,
            Learning::Forgettable => LearningClass::Forgettable,
            Learning::NeverLearnt => LearningClass::NeverLearnt,
        },
        events: example.events.unwrap_or(0),
        confidence: example.region.confidence,
        variability: example.region.variability,
        correctness: example.region.correctness,
    });
    TrainingDynamics { passes: of.steps.len(), examples: examples.collect() }
}

/// The similarity of base and trained model, layer by layer.
pub(crate) fn cka(of: &Cka) -> LayerProfile {
    profile(&of.profile, of.examples, "similarity (CKA)", ["linear", "RBF"])
}

/// The smoothness of both, layer by layer, and over the steps.
pub(crate) fn smoothness(of: &Smoothness) -> LayerProfile {
    let steps = of.steps.iter().filter_map(|at| Some((at.step, at.index?))).collect();
    let names = ["base model", "trained model"];
    LayerProfile { steps, ..profile(&of.profile, of.examples, "smoothness (Besov index)", names) }
}

fn profile<T: Pair>(
    of: &Profile<T>,
    examples: usize,
    up: &'static str,
    names: [&'static str; 2],
) -> LayerProfile {
    let layer = |layer: &super::profile::Layer<T>| LayerValues {
        stack: layer.stack.name(),
        block: layer.block,
        values: layer.value.figures(),
    };
    let thirds = [("encoder", &of.encoder), ("decoder", &of.decoder)];
    let means = thirds.into_iter().flat_map(|(stack, thirds)| {
        thirds.each().map(|(part, value)| LayerMean { stack, part, values: value.figures() })
    });
    LayerProfile {
        up,
        names,
        examples,
        layers: of.layers.iter().map(layer).collect(),
        means: means.collect(),
        steps: Vec::new(),
    }
}
