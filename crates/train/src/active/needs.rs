//! What each query strategy has to know of the texts, and whether a task and a model can tell it.

use fishdip_active::strategy;
use fishdip_tasks::TaskKind;

use crate::Error;
pub(super) use crate::data::names_a_class;

/// Something that a strategy looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// The class of each text, where it is known.
    Classes,
    /// How probable each class is.
    Probabilities,
    /// The same, from passes with dropout.
    Passes,
    /// What the encoder makes of each text.
    Vectors,
    /// The same of those that are labelled; without any there is nothing to tell apart from.
    LabelledVectors,
    /// How probable the whole output is.
    LogProbabilities,
    /// How sure the model is of each span.
    SpanScores,
    /// What constrained and free decoding find.
    Outputs,
}

/// What a strategy is to work with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    pub(super) kind: TaskKind,
    /// Whether there is a model that was trained for the task.
    pub(super) is_trained: bool,
    /// Whether any text is labelled.
    pub(super) has_labelled: bool,
    /// Whether the classes of texts are known before they are labelled.
    pub(super) knows_classes: bool,
}

/// Whether what the model finds are spans with a score each.
fn finds_spans(kind: TaskKind) -> bool {
    !names_a_class(kind) && !matches!(kind, TaskKind::DialogueState | TaskKind::Coref)
}

/// What the strategy `name` looks at for a task of `kind`.
pub(super) fn signals(name: &str, kind: TaskKind) -> &'static [Signal] {
    use Signal::{
        Classes, LabelledVectors, LogProbabilities, Outputs, Passes, Probabilities, SpanScores, Vectors,
    };
    match name {
        "stratified" => &[Classes],
        "entropy" | "least-confident" | "margin" => &[Probabilities],
        "mc-dropout" | "mc-mean-entropy" | "bald" => &[Passes],
        "core-set" | "k-means" | "representation-distance" => &[Vectors],
        "dal" => &[Vectors, LabelledVectors],
        "badge" => &[Probabilities, Vectors],
        "log-probability" => &[LogProbabilities],
        "entity-margin" => &[SpanScores],
        "disagreement" => &[Outputs],
        "in-turn" if names_a_class(kind) => &[Vectors, Probabilities],
        "in-turn" => &[Vectors, LogProbabilities],
        _ => &[],
    }
}

/// The strategies that can work with what is `given`, in the order of the list of all.
fn possible(given: Given) -> String {
    let names = strategy::ALL.iter().map(|strategy| strategy.name());
    names.filter(|name| missing(name, given).is_none()).collect::<Vec<_>>().join(", ")
}

/// Refuses a strategy that is none, or that cannot work with what is `given`.
pub(super) fn check(name: &str, given: Given) -> Result<&'static dyn strategy::Strategy, Error> {
    let found = strategy::named(name)?;
    match missing(name, given) {
        None => Ok(found),
        Some(why) => {
            Err(Error::Data(format!("failed to choose by {name}: {why}; these can: {}", possible(given))))
        }
    }
}

/// Why the strategy `name` cannot work.
fn missing(name: &str, given: Given) -> Option<String> {
    let Given { kind, is_trained, has_labelled, knows_classes } = given;
    signals(name, kind).iter().find_map(|signal| match signal {
        Signal::Classes if !knows_classes => {
            Some("it needs the class of each text, which is not known before they are labelled".to_owned())
        }
        Signal::Probabilities | Signal::Passes if !names_a_class(kind) => {
            Some(format!("it needs the probability of each class, and the task {kind} chooses none"))
        }
        Signal::SpanScores if !finds_spans(kind) => {
            Some(format!("it needs spans with a score each, and the task {kind} finds none"))
        }
        Signal::LabelledVectors if !has_labelled => {
            Some("it tells texts apart from labelled ones, and there is none".to_owned())
        }
        Signal::Probabilities
        | Signal::Passes
        | Signal::LogProbabilities
        | Signal::SpanScores
        | Signal::Outputs
            if !is_trained =>
        {
            Some("it needs a model that was trained for the task".to_owned())
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(kind: TaskKind) -> Given {
        Given { kind, is_trained: true, has_labelled: true, knows_classes: false }
    }

    #[test]
    fn every_strategy_but_random_has_a_need() {
        for strategy in strategy::ALL {
            let needs = signals(strategy.name(), TaskKind::TextClassification);
            assert_eq!(needs.is_empty(), strategy.name() == "random", "{}", strategy.name());
        }
    }

    #[test]
    fn what_cannot_work_is_refused_with_what_can() {
        let refused = |name: &str, given| match check(name, given) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        };
        assert_eq!(refused("entropy", given(TaskKind::TextClassification)), "");
        let message = refused("entropy", given(TaskKind::Ner));
        assert!(message.contains("the task ner chooses none"), "{message}");
        assert!(message.contains("entity-margin, disagreement") && !message.contains("badge"), "{message}");
        assert!(refused("entity-margin", given(TaskKind::TextClassification)).contains("finds none"));
        let cold = Given { is_trained: false, has_labelled: false, ..given(TaskKind::Ner) };
        let message = refused("log-probability", cold);
        assert!(
            message.ends_with("these can: random, core-set, k-means, representation-distance"),
            "{message}"
        );
        assert!(
            refused("dal", Given { has_labelled: false, ..given(TaskKind::Ner) }).contains("there is none")
        );
        assert!(refused("stratified", given(TaskKind::Ner)).contains("not known before"));
        assert!(refused("entropie", given(TaskKind::Ner)).contains("did you mean \"entropy\"?"));
    }
}
