//! `insight/dynamics.json`: which examples a training learns and forgets.

use fishdip_active::{Cartography, Forgetting, Learning, Region, pvi};
use serde::{Deserialize, Serialize};

use super::targets::About;
use crate::{Error, Event};

/// The file in a run folder.
pub(crate) const DYNAMICS: &str = "insight/dynamics.json";

/// An example that is forgotten no more often is moderately forgettable: the code of the paper (arXiv 2305.14576) trains on those with fewer than
/// three events.
const MODERATE: u32 = 2;

/// The content of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Dynamics {
    /// The steps after which the model was led along all targets: the ends of the epochs, and of the training.
    pub(crate) steps: Vec<usize>,
    /// How many examples are of each class.
    pub(crate) counts: LearningCounts,
    /// The training examples, in their order.
    pub(crate) examples: Vec<LearnedExample>,
}

/// How the training dealt with an example.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LearnedExample {
    /// Where it comes from: file and line, or its id.
    pub(crate) at: String,
    /// What it is known by in another run.
    pub(crate) key: String,
    /// Its class.
    pub(crate) learning: Learning,
    /// How often it was right and wrong the next time; nothing if it was never right.
    pub(crate) events: Option<u32>,
    /// Confidence, variability, correctness and closeness to the threshold.
    #[serde(flatten)]
    pub(crate) region: Region,
    /// Where a task chooses a class: how many bits easier the text makes it than its share of the data alone (pointwise V-information), in the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pvi: Option<f64>,
}

/// How many examples are of each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearningCounts {
    /// Right after some epoch, and from then on.
    pub unforgettable: usize,
    /// Right, and later wrong.
    pub forgettable: usize,
    /// Those of the forgettable that were forgotten once or twice.
    pub moderately_forgettable: usize,
    /// Right after no epoch.
    pub never_learnt: usize,
    /// Those of which the training knows nothing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unknown: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl LearningCounts {
    /// Counts an example that was forgotten so many times.
    pub(crate) fn add(&mut self, learning: Option<Learning>, events: u32) {
        let is_moderate = learning == Some(Learning::Forgettable) && events <= MODERATE;
        self.moderately_forgettable += usize::from(is_moderate);
        *match learning {
            Some(Learning::Unforgettable) => &mut self.unforgettable,
            Some(Learning::Forgettable) => &mut self.forgettable,
            Some(Learning::NeverLearnt) => &mut self.never_learnt,
            None => &mut self.unknown,
        } += 1;
    }

    /// Those of a class: unforgettable, forgettable, never learnt.
    pub(crate) fn known(self) -> [usize; 3] {
        [self.unforgettable, self.forgettable, self.never_learnt]
    }

    /// The share of each among those of a class; none of nothing.
    pub(crate) fn shares(self) -> [f64; 3] {
        let all = self.known().iter().sum::<usize>().max(1);
        self.known().map(|count| count as f64 / all as f64)
    }

    /// Of both together.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            unforgettable: self.unforgettable + other.unforgettable,
            forgettable: self.forgettable + other.forgettable,
            moderately_forgettable: self.moderately_forgettable + other.moderately_forgettable,
            never_learnt: self.never_learnt + other.never_learnt,
            unknown: self.unknown + other.unknown,
        }
    }
}

impl Dynamics {
    /// What `events` tell of the examples `about`. Events of another number of examples are an error.
    pub(super) fn of(events: &[Event], about: &[About]) -> Result<Self, Error> {
        let (mut forgetting, mut map) = (Forgetting::new(about.len()), Cartography::new(about.len()));
        let (mut steps, mut last) = (Vec::new(), &[][..]);
        for event in events {
            let Event::Followed { step, right, probabilities, .. } = event else { continue };
            let mut is_right = vec![false; about.len()];
            for &example in right {
                let Some(is_right) = is_right.get_mut(example) else {
                    return Err(Error::Data(format!(
                        "the events of the run tell of an example {example} after step {step}, but there are {}; its events.jsonl was edited",
                        about.len()
                    )));
                };
                *is_right = true;
            }
            forgetting.epoch(&is_right)?;
            map.epoch(probabilities, &is_right)?;
            steps.push(*step);
            last = probabilities;
        }
        let mut counts = LearningCounts::default();
        let regions = map.regions()?;
        let classes: Option<Vec<u32>> = about.iter().map(|about| about.class).collect();
        // What is as good as impossible has no information in bits.
        let classes = classes.filter(|_| last.iter().all(|probability| *probability > 0.0));
        let informed = classes.map(|classes| pvi(last, &classes)).transpose()?;
        let figures = forgetting.events().zip(forgetting.learning()).zip(regions);
        let mut examples = Vec::with_capacity(about.len());
        for (number, (About { at, key, .. }, ((events, learning), region))) in
            about.iter().zip(figures).enumerate()
        {
            counts.add(Some(learning), events.unwrap_or(0));
            let pvi = informed.as_ref().map(|informed| informed[number]);
            let (at, key) = (at.clone(), key.clone());
            examples.push(LearnedExample { at, key, learning, events, region, pvi });
        }
        Ok(Self { steps, counts, examples })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::TimedEvent;
    use crate::digits::write_json_line;

    fn about(count: usize) -> Vec<About> {
        let about = |i| About { at: format!("train.txt:{i}"), key: format!("key {i}"), class: None };
        (0..count).map(about).collect()
    }

    fn followed(step: usize, right: &[usize], probabilities: &[f64]) -> Event {
        let (right, probabilities) = (right.to_vec(), probabilities.to_vec());
        Event::Followed { step, epochs: step / 10, right, probabilities, seconds: 0.5 }
    }

    /// Right after the epochs 1 and 2; 1, not 2, then 3; never; 3 alone.
    fn events() -> Vec<Event> {
        vec![
            Event::Step { step: 10, loss: 0.5, gradient_norm: 1.0, learning_rate: 0.1, seconds: 0.1 },
            followed(10, &[0, 1], &[0.9, 0.8, 0.1, 0.2]),
            followed(20, &[0], &[0.9, 0.4, 0.1, 0.4]),
            followed(30, &[0, 1, 3], &[0.9, 0.6, 0.1, 0.9]),
        ]
    }

    #[test]
    fn examples_are_counted_by_what_was_forgotten() {
        let dynamics = Dynamics::of(&events(), &about(4)).unwrap();
        assert_eq!(dynamics.steps, [10, 20, 30]);
        let expected = LearningCounts {
            unforgettable: 2,
            forgettable: 1,
            moderately_forgettable: 1,
            never_learnt: 1,
            unknown: 0,
        };
        assert_eq!(dynamics.counts, expected);
        let events: Vec<_> = dynamics.examples.iter().map(|example| example.events).collect();
        assert_eq!(events, [Some(0), Some(1), None, Some(0)]);
        // The mean of 0.8, 0.4 and 0.6, and the root of the mean of 0.04, 0.04 and 0.
        let Region { confidence, variability, correctness, .. } = dynamics.examples[1].region;
        assert!((confidence - 0.6).abs() < 1e-12 && (variability - (0.08_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!((correctness, dynamics.examples[1].at.as_str()), (2, "train.txt:1"));
    }

    #[test]
    fn what_is_forgotten_three_times_is_no_more_moderate() {
        let events: Vec<Event> = (1..=6)
            .map(|epoch| followed(10 * epoch, if epoch % 2 == 1 { &[0] } else { &[] }, &[0.5]))
            .collect();
        let found = |until: usize| Dynamics::of(&events[..until], &about(1)).unwrap();
        assert_eq!((found(4).examples[0].events, found(4).counts.moderately_forgettable), (Some(2), 1));
        assert_eq!((found(6).examples[0].events, found(6).counts.moderately_forgettable), (Some(3), 0));
    }

    #[test]
    fn classes_have_an_information_in_bits() {
        let mut about = about(4);
        about.iter_mut().zip([7, 7, 7, 9]).for_each(|(about, class)| about.class = Some(class));
        let last = followed(20, &[], &[0.75, 0.375, 1.0, 0.5]);
        let dynamics = Dynamics::of(&[events()[1].clone(), last], &about).unwrap();
        let bits: Vec<f64> = dynamics.examples.iter().map(|example| example.pvi.unwrap()).collect();
        // Three quarters are of the class 7: log2(0.75 / 0.75), log2(0.375 / 0.75), log2(1 / 0.75), log2(0.5 / 0.25).
        for (found, expected) in bits.into_iter().zip([0.0, -1.0, (4.0_f64 / 3.0).log2(), 1.0]) {
            assert!((found - expected).abs() < 1e-12, "{found}");
        }
        let none = Dynamics::of(&[followed(10, &[], &[0.5, 0.5, 0.5, 0.0])], &about).unwrap();
        assert!(none.examples.iter().all(|example| example.pvi.is_none()));
    }

    #[test]
    fn the_file_is_read_as_it_was_written() {
        let dynamics = Dynamics::of(&events(), &about(4)).unwrap();
        let text = serde_json::to_string(&dynamics).unwrap();
        assert!(text.contains(r#""learning":"never-learnt","events":null,"confidence":0.1"#), "{text}");
        let read: Dynamics = serde_json::from_str(&text).unwrap();
        assert_eq!((&read.steps, read.counts), (&dynamics.steps, dynamics.counts));
        for (read, written) in read.examples.iter().zip(&dynamics.examples) {
            // A number that is read may differ in its last bit from the one that was written.
            let near = (read.region.variability - written.region.variability).abs() < 1e-12;
            assert!(near, "{read:?}, {written:?}");
            assert_eq!(LearnedExample { region: written.region, ..read.clone() }, *written);
        }
        assert!(!text.contains("unknown"), "{text}");
    }

    /// A run that goes on reads what was recorded before it was ended, with the digits that a line keeps: no more and no less than one without
    /// interruption.
    #[test]
    fn recorded_events_give_the_same_file_again() {
        let third = [followed(10, &[1], &[1.0 / 3.0, 2.0 / 3.0]), followed(20, &[], &[1e-9, 0.123_456_789])];
        let recorded: Vec<Event> = third
            .iter()
            .map(|event| {
                let mut line = Vec::new();
                write_json_line(&mut line, &TimedEvent { at: 1.0, event }).unwrap();
                serde_json::from_slice::<TimedEvent>(&line).unwrap().event
            })
            .collect();
        let dynamics = Dynamics::of(&recorded, &about(2)).unwrap();
        let again: Vec<Event> = recorded
            .iter()
            .map(|event| {
                let mut line = Vec::new();
                write_json_line(&mut line, &TimedEvent { at: 2.0, event }).unwrap();
                serde_json::from_slice::<TimedEvent>(&line).unwrap().event
            })
            .collect();
        assert_eq!(Dynamics::of(&again, &about(2)).unwrap(), dynamics);
    }

    #[test]
    fn events_that_do_not_fit_are_refused() {
        assert!(Dynamics::of(&[], &about(2)).is_err(), "no epoch");
        assert!(Dynamics::of(&events(), &about(3)).is_err(), "other examples");
        let error = Dynamics::of(&[followed(10, &[7], &[0.5, 0.5])], &about(2)).unwrap_err().to_string();
        assert!(error.contains("example 7 after step 10"), "{error}");
    }
}
