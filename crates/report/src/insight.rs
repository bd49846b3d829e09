//! What a training learned and forgot, and what it did to the layers of its model.

use crate::Text;
use crate::curve::BandPoint;
use crate::picture::{Line, Picture, PointGroup, Scatter};

/// How a training dealt with its examples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingDynamics {
    /// How often all examples were looked at.
    pub passes: usize,
    /// The examples, in the order of the data.
    pub examples: Vec<LearnedSample>,
}

/// How it dealt with one.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnedSample {
    /// Where it comes from: file and line.
    pub at: Text,
    /// Its class.
    pub class: LearningClass,
    /// How often it was right and wrong the next time.
    pub events: u32,
    /// The mean probability of its target.
    pub confidence: f64,
    /// The standard deviation of that.
    pub variability: f64,
    /// How often it was right.
    pub correctness: u32,
}

/// Classes of examples by what was forgotten of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LearningClass {
    /// Right once, and from then on.
    Unforgettable,
    /// Right, and later wrong.
    Forgettable,
    /// Never right.
    NeverLearnt,
}

impl LearningClass {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Unforgettable, Self::Forgettable, Self::NeverLearnt];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unforgettable => "unforgettable",
            Self::Forgettable => "forgettable",
            Self::NeverLearnt => "never learnt",
        }
    }
}

impl TrainingDynamics {
    /// How many examples are of a class.
    pub fn count(&self, class: LearningClass) -> usize {
        self.examples.iter().filter(|example| example.class == class).count()
    }

    /// The map of the data set: confidence over variability.
    pub fn picture(&self) -> Scatter {
        let group = |class: LearningClass| {
            let own = self.examples.iter().filter(|example| example.class == class);
            let points = own.map(|example| (example.variability, example.confidence)).collect();
            PointGroup { name: class.name().to_owned(), points }
        };
        Scatter {
            groups: LearningClass::ALL.map(group).into(),
            // The largest standard deviation of numbers from 0 to 1.
            across: ("variability".to_owned(), [0.0, 0.5]),
            up: ("confidence".to_owned(), [0.0, 1.0]),
        }
    }
}

/// Two figures of every layer of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerProfile {
    /// What the figures are.
    pub up: &'static str,
    /// What each of the two is.
    pub names: [&'static str; 2],
    /// How many examples they are of.
    pub examples: usize,
    /// The layers, from the first of the encoder to the last of the decoder.
    pub layers: Vec<LayerValues>,
    /// Means over early, middle and late layers.
    pub means: Vec<LayerMean>,
    /// The mean over all layers by training step, where it was measured on the way.
    pub steps: Vec<(usize, f64)>,
}

/// The figures of a layer; one that cannot be computed is nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerValues {
    /// Encoder or decoder.
    pub stack: &'static str,
    /// The number of its block, from 0.
    pub block: usize,
    /// Both figures.
    pub values: [Option<f64>; 2],
}

/// Means over a part of the layers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerMean {
    /// Encoder or decoder.
    pub stack: &'static str,
    /// Early, middle or late.
    pub part: &'static str,
    /// Both figures.
    pub values: [Option<f64>; 2],
}

impl LayerProfile {
    /// A line for each stack and figure, over the blocks.
    pub fn picture(&self) -> Picture {
        let mut lines: Vec<Line> = Vec::new();
        for layer in &self.layers {
            for (name, value) in self.names.iter().zip(layer.values) {
                let Some(value) = value else { continue };
                let name = format!("{}, {name}", layer.stack);
                let point = (layer.block as f64, value, [value; 2]);
                match lines.iter_mut().find(|line| line.name == name) {
                    Some(line) => line.points.push(point),
                    None => lines.push(Line { name, points: vec![point] }),
                }
            }
        }
        Picture { lines, across: "block".to_owned(), up: self.up.to_owned() }
    }

    /// The mean over all layers by training step; nothing for less than two.
    pub fn course(&self) -> Option<Picture> {
        let points: Vec<BandPoint> =
            self.steps.iter().map(|&(step, value)| (step as f64, value, [value; 2])).collect();
        (points.len() > 1).then(|| Picture {
            lines: vec![Line { name: "mean of all layers".to_owned(), points }],
            across: "steps".to_owned(),
            up: self.up.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_points() {
        let example = |class, confidence| LearnedSample {
            at: Text::from("a:1"),
            class,
            events: 0,
            confidence,
            variability: 0.25,
            correctness: 1,
        };
        let examples = vec![
            example(LearningClass::NeverLearnt, 0.1),
            example(LearningClass::Unforgettable, 0.9),
            example(LearningClass::NeverLearnt, 0.2),
        ];
        let dynamics = TrainingDynamics { passes: 3, examples };
        assert_eq!(LearningClass::ALL.map(|class| dynamics.count(class)), [1, 0, 2]);
        let groups = dynamics.picture().groups;
        assert_eq!(groups[2].points, [(0.25, 0.1), (0.25, 0.2)]);
        assert_eq!(groups[1].points, []);
    }

    #[test]
    fn a_layer_without_a_figure_has_no_point() {
        let layer = |stack, block, values| LayerValues { stack, block, values };
        let profile = LayerProfile {
            up: "similarity",
            names: ["linear", "RBF"],
            layers: vec![
                layer("encoder", 0, [Some(0.5), None]),
                layer("encoder", 1, [Some(0.25), Some(0.75)]),
                layer("decoder", 0, [None, None]),
            ],
            steps: vec![(50, 0.5)],
            ..LayerProfile::default()
        };
        let lines = profile.picture().lines;
        let names: Vec<_> = lines.iter().map(|line| (line.name.as_str(), line.points.len())).collect();
        assert_eq!(names, [("encoder, linear", 2), ("encoder, RBF", 1)]);
        assert!(profile.course().is_none(), "one point is no curve");
    }
}
