//! How sure a score is.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::{Task, TaskKind, coref};
use crate::score::{Comparison, CorefCounts, Counts, Interval, Score, bootstrap, paired_bootstrap};
use crate::{Decoded, Example};

/// What each example adds to the headline score, so that the score of any sample of them can be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcomes {
    /// Of each example numbers whose F1 is the headline score. An accuracy is the F1 of one answer an example.
    Counts(Vec<Counts>),
    /// Of coreference, of each document.
    Coref(Vec<CorefCounts>),
}

impl Outcomes {
    /// The headline score of the examples with the indices `sample`, each as often as it is there.
    pub fn headline(&self, sample: &[usize]) -> f64 {
        match self {
            Self::Counts(each) => sum(each, sample).f1(),
            Self::Coref(each) => sum(each, sample).score().f1,
        }
    }

    /// The outcomes of several sets of examples as those of one; nothing if there are none, or if they are not of one kind.
    pub fn joined<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let mut parts = parts.into_iter();
        let mut all = parts.next()?.clone();
        for part in parts {
            match (&mut all, part) {
                (Self::Counts(all), Self::Counts(more)) => all.extend(more),
                (Self::Coref(all), Self::Coref(more)) => all.extend(more),
                _ => return None,
            }
        }
        Some(all)
    }

    /// How many examples there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Counts(each) => each.len(),
            Self::Coref(each) => each.len(),
        }
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The sum over a sample. An index without an example adds nothing.
fn sum<T: Copy + Default + AddAssign>(each: &[T], sample: &[usize]) -> T {
    let mut sum = T::default();
    for part in sample.iter().filter_map(|&i| each.get(i)) {
        sum += *part;
    }
    sum
}

impl Task {
    /// The headline score of [`Task::score`] with its 95 % interval over `samples` bootstrap samples of the
    /// examples.
    ///
    /// ```
    /// use fishdip_tasks::{Entity, Example, Mode, Schema, Task};
    ///
    /// let task = Task::ner(Schema::conll03(), Mode::Fixed);
    /// let mut example = Example::new(["Rome"]);
    /// example.entities = vec![Entity::new("LOC", 0, 1)];
    /// let right = task.decode(&example, "[ Rome | location ]");
    /// let interval = task.interval([(&example, &right), (&example, &right)], 1000, 1);
    /// assert_eq!((interval.low, interval.value, interval.high), (1.0, 1.0, 1.0));
    /// ```
    pub fn interval<'a>(
        &self,
        pairs: impl IntoIterator<Item = (&'a Example, &'a Decoded)>,
        samples: usize,
        seed: u64,
    ) -> Interval {
        let pairs: Vec<_> = pairs.into_iter().collect();
        let outcomes = self.outcomes(pairs.iter().copied());
        bootstrap(pairs.len(), samples, seed, |sample| outcomes.headline(sample))
    }

    /// Compares the headline scores of two systems on the same examples, of which each has a first and a
    /// second output.
    pub fn compare<'a>(
        &self,
        outputs: impl IntoIterator<Item = (&'a Example, &'a Decoded, &'a Decoded)>,
        samples: usize,
        seed: u64,
    ) -> Comparison {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for (gold, one, other) in outputs {
            first.push((gold, one));
            second.push((gold, other));
        }
        let examples = first.len();
        let outcomes = [self.outcomes(first), self.outcomes(second)];
        let [one, other] = outcomes.each_ref().map(|outcomes| |sample: &[usize]| outcomes.headline(sample));
        paired_bootstrap(examples, samples, seed, one, other)
    }

    /// What each example adds to the headline score of [`Task::score`].
    pub fn outcomes<'a>(&self, pairs: impl IntoIterator<Item = (&'a Example, &'a Decoded)>) -> Outcomes {
        let pairs = pairs.into_iter();
        if self.kind == TaskKind::Coref {
            return Outcomes::Coref(pairs.map(|pair| coref::counts(self, &pair)).collect());
        }
        Outcomes::Counts(pairs.map(|pair| self.counts(pair)).collect())
    }

    /// Numbers whose F1 is the headline score, here of one example. An accuracy is the F1 of one answer an
    /// example.
    fn counts(&self, pair: (&Example, &Decoded)) -> Counts {
        let answers =
            |n, share: f64| Counts { gold: n, predicted: n, correct: (share * n as f64).round() as usize };
        match self.score([pair]).score {
            Score::Spans(score) => score.counts,
            Score::Classes(score) => answers(score.n, score.accuracy),
            Score::Dialogue(score) => answers(score.n, score.joint_accuracy),
            Score::Coref(_) => Counts::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Entity, Mode, Schema, TokenSpan};

    #[test]
    fn the_value_is_the_headline_of_every_task() {
        let names = [("A", "x"), ("B", "y")];
        let schema = Schema::new(names, names).unwrap().with_classes(names).unwrap();
        let schema = schema.with_ontology(Schema::multiwoz().ontology().clone()).unwrap();
        let mut gold = Example::new(["a", "b", "c"]);
        gold.entities = vec![Entity::new("A", 0, 1), Entity::new("B", 1, 2)];
        (gold.slots, gold.roles) = (gold.entities.clone(), gold.entities.clone());
        gold.clusters = vec![vec![TokenSpan::new(0, 1), TokenSpan::new(2, 3)]];
        (gold.label, gold.relation) = (Some("A".to_owned()), Some("A".to_owned()));
        let outputs = ["[ a | x ] b c", "[ a | y ] [ b | x ] [ c | a ]", "= x", "x", "[belief]  [belief]"];
        for kind in TaskKind::ALL {
            let task = Task::new(kind, schema.clone(), Mode::Fixed);
            let found = outputs.map(|output| task.decode(&gold, output));
            let pairs = || found.iter().map(|found| (&gold, found));
            let interval = task.interval(pairs(), 200, 7);
            assert!((interval.value - task.score(pairs()).headline()).abs() < 1e-12, "{kind}");
            assert!(interval.low <= interval.value && interval.value <= interval.high, "{kind}");
            let same = task.compare(found.iter().map(|found| (&gold, found, found)), 50, 7);
            assert!(same.difference == Interval::default() && same.p > 0.99, "{kind}");
            let text = serde_json::to_string(&task.outcomes(pairs())).unwrap();
            let kept: Outcomes = serde_json::from_str(&text).unwrap();
            let all: Vec<usize> = (0..kept.len()).collect();
            assert_eq!(all.len(), outputs.len(), "{kind}");
            assert!((kept.headline(&all) - interval.value).abs() < 1e-12, "{kind}: {text}");
        }
    }

    #[test]
    fn outcomes_of_parts_are_those_of_the_whole() {
        let counts = |each: &[(usize, usize, usize)]| {
            let count = |&(gold, predicted, correct): &_| Counts { gold, predicted, correct };
            Outcomes::Counts(each.iter().map(count).collect())
        };
        let parts = [counts(&[(2, 1, 1)]), counts(&[(1, 1, 0), (1, 0, 0)])];
        let all = Outcomes::joined(&parts).unwrap();
        assert_eq!(all, counts(&[(2, 1, 1), (1, 1, 0), (1, 0, 0)]));
        // One of four is found, and one of two answers is right: 2 / (4 + 2).
        assert!((all.headline(&[0, 1, 2]) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(Outcomes::joined([&parts[0], &Outcomes::Coref(Vec::new())]), None);
        assert_eq!(Outcomes::joined([]), None);
    }

    #[test]
    fn a_better_system_is_seen_to_be() {
        let task = Task::ner(Schema::conll03(), Mode::Fixed);
        let mut gold = Example::new(["a", "b"]);
        gold.entities = vec![Entity::new("LOC", 0, 1)];
        let [wrong, right] =
            ["a [ b | location ]", "[ a | location ] b"].map(|output| task.decode(&gold, output));
        let outputs = (0..100).map(|i| (&gold, if i % 2 == 0 { &right } else { &wrong }, &right));
        let found = task.compare(outputs, 500, 1);
        assert!((found.difference.value - 0.5).abs() < 1e-9 && found.difference.low > 0.35 && found.p < 0.01);
    }
}
