//! Few-shot episodes: N classes, K examples of each to learn from, Q to be asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::python_random::PythonRandom;
use crate::{Error, Example, ExampleError, Result, TaskKind};

/// The size of an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shots {
    /// How many classes.
    pub ways: usize,
    /// How many examples of each to learn from.
    pub shots: usize,
    /// How many examples of each to be asked.
    pub queries: usize,
}

/// An episode.
#[derive(Clone, Debug, PartialEq)]
pub struct Episode {
    /// The classes, in the order in which they were drawn.
    pub labels: Vec<String>,
    /// What to learn from: the shots of the first class, then of the next.
    pub support: Vec<Example>,
    /// What to be asked, in the same order.
    pub query: Vec<Example>,
    /// The order in which the original trains on the support: indices, shuffled by the same numbers that drew it.
    pub training_order: Vec<usize>,
}

impl Episode {
    /// Draws an episode from the examples of a file, such as FewRel's, in its order. Their classes are their
    /// relations, in the order in which the file has them.
    pub fn of(examples: &[Example], size: Shots, seed: u64) -> Result<Self> {
        let mut classes: Vec<(String, Vec<Example>)> = Vec::new();
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        for example in examples {
            let Some(label) = &example.relation else {
                let task = TaskKind::RelationClassification.name();
                let example = example.place();
                return Err(Error::Example(ExampleError::NoField { example, task, field: "relation" }));
            };
            let class = *known.entry(label).or_insert(classes.len());
            if class == classes.len() {
                classes.push((label.clone(), Vec::new()));
            }
            classes[class].1.push(example.clone());
        }
        Self::draw(&classes, size, seed)
    }

    /// Draws an episode from examples by class, which should be in file order.
    ///
    /// The draw is that of the original program: Python's `random.seed(seed)`, a sample of the classes, then
    /// one of the examples of each class. Training and testing with one seed see the same episode.
    pub fn draw(classes: &[(String, Vec<Example>)], size: Shots, seed: u64) -> Result<Self> {
        let Shots { ways, shots, queries } = size;
        let mut random = PythonRandom::new(seed);
        if ways > classes.len() {
            return Err(Error::Example(ExampleError::TooFew {
                what: "classes".to_owned(),
                needed: ways,
                there: classes.len(),
            }));
        }
        let mut episode =
            Self { labels: Vec::new(), support: Vec::new(), query: Vec::new(), training_order: Vec::new() };
        for class in random.sample(classes.len(), ways) {
            let (label, examples) = &classes[class];
            if shots + queries > examples.len() {
                let what = format!("examples of {label:?}");
                return Err(Error::Example(ExampleError::TooFew {
                    what,
                    needed: shots + queries,
                    there: examples.len(),
                }));
            }
            let drawn = random.sample(examples.len(), shots + queries);
            episode.labels.push(label.clone());
            episode.support.extend(drawn[..shots].iter().map(|&i| examples[i].clone()));
            episode.query.extend(drawn[shots..].iter().map(|&i| examples[i].clone()));
        }
        episode.training_order = (0..episode.support.len()).collect();
        random.shuffle(&mut episode.training_order);
        Ok(episode)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn classes() -> Vec<(String, Vec<Example>)> {
        let class =
            |c: usize| (format!("P{c}"), (0..12).map(|i| Example::new([format!("{c}.{i}")])).collect());
        (0..10).map(class).collect()
    }

    fn tokens(examples: &[Example]) -> Vec<&str> {
        examples.iter().map(|example| example.tokens[0].as_str()).collect()
    }

    #[test]
    fn a_draw_is_that_of_python() {
        // random.seed(3); keys = random.sample(range(10), 3); [random.sample(range(12), 3) for k in keys]
        let episode = Episode::draw(&classes(), Shots { ways: 3, shots: 2, queries: 1 }, 3).unwrap();
        assert_eq!(episode.labels, ["P3", "P8", "P2"]);
        assert_eq!(tokens(&episode.support), ["3.5", "3.9", "8.10", "8.9", "2.9", "2.0"]);
        assert_eq!(tokens(&episode.query), ["3.7", "8.1", "2.7"]);
        // order = list(range(6)); random.shuffle(order)
        assert_eq!(episode.training_order, [5, 3, 0, 1, 4, 2]);
    }

    #[test]
    fn classes_of_a_file_keep_its_order() {
        let mut examples = Vec::new();
        for (label, class) in classes() {
            examples.extend(class.into_iter().map(|e| Example { relation: Some(label.clone()), ..e }));
        }
        let size = Shots { ways: 3, shots: 2, queries: 1 };
        let (of, drawn) =
            (Episode::of(&examples, size, 3).unwrap(), Episode::draw(&classes(), size, 3).unwrap());
        assert_eq!((of.labels, tokens(&of.support)), (drawn.labels, tokens(&drawn.support)));
        let message = Episode::of(&[Example::new(["a"])], size, 3).unwrap_err().to_string();
        assert!(message.contains("relation"), "{message}");
    }

    #[test]
    fn too_much_asked_is_an_error() {
        let draw = |ways, shots| Episode::draw(&classes(), Shots { ways, shots, queries: 5 }, 0);
        assert!(draw(10, 7).is_ok());
        assert!(draw(11, 7).unwrap_err().to_string().contains("classes"));
        assert!(draw(10, 8).unwrap_err().to_string().contains("13"));
    }
}
