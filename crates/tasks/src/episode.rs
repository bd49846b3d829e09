//! Few-shot episodes: N classes, K examples of each to learn from, Q to be asked.

use serde::{Deserialize, Serialize};

use crate::python_random::PythonRandom;
use crate::{Error, Example, ExampleError, Result};

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
}

impl Episode {
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
        let mut episode = Self { labels: Vec::new(), support: Vec::new(), query: Vec::new() };
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
    }

    #[test]
    fn too_much_asked_is_an_error() {
        let draw = |ways, shots| Episode::draw(&classes(), Shots { ways, shots, queries: 5 }, 0);
        assert!(draw(10, 7).is_ok());
        assert!(draw(11, 7).unwrap_err().to_string().contains("classes"));
        assert!(draw(10, 8).unwrap_err().to_string().contains("13"));
    }
}
