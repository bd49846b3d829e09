//! `predictions.jsonl` and `samples.jsonl`: what a run has found in each scored example, and what it was trained on, for those who look at it.

use fishdip_tasks::{Decoded, Example, Task, TaskKind};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::run_folder::RunFolder;
use crate::{Access, Error, Prediction};

/// A line for each scored example: gold and predicted, as `encode` takes examples and `decode` gives what is found.
pub(crate) const PREDICTIONS: &str = "predictions.jsonl";

/// A line for each training sample, which events name by its number: where it comes from, and its texts.
pub(crate) const SAMPLES: &str = "samples.jsonl";

/// A line of `predictions.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PredictedExample {
    /// The example with its own annotations.
    pub(crate) gold: Example,
    /// What was found in it.
    pub(crate) predicted: Decoded,
    /// For each span that was found (entities, slots, roles, triggers), how probable the model takes it.
    pub(crate) scores: Vec<f64>,
    /// The probability of the whole output.
    pub(crate) score: f64,
}

impl PredictedExample {
    /// What `prediction` found in `gold`.
    pub(crate) fn new(task: &Task, gold: &Example, prediction: Prediction) -> Self {
        let Prediction { mut decoded, scores, probability, .. } = prediction;
        // A relation that counts as another one is right; it is written as the data writes it there.
        if task.kind() == TaskKind::RelationClassification
            && task.judge(gold, &decoded, &scores, probability).iter().any(|judged| judged.right)
        {
            decoded.relation.clone_from(&gold.relation);
        }
        Self { gold: gold.clone(), predicted: decoded, scores, score: probability }
    }
}

/// Writes what was found in `eval` into the folder of a run.
pub(crate) fn write(
    folder: &RunFolder,
    task: &Task,
    eval: &[Example],
    predictions: Vec<Prediction>,
) -> Result<(), Error> {
    let lines: Vec<_> = eval
        .iter()
        .zip(predictions)
        .map(|(gold, prediction)| PredictedExample::new(task, gold, prediction))
        .collect();
    folder.write_json_lines(PREDICTIONS, &lines)
}

/// Reads the file `name` of the run folder `run`, a JSON value a line; nothing if it is not there.
pub(crate) fn read<T: DeserializeOwned>(run: &Path, name: &str) -> Result<Option<Vec<T>>, Error> {
    let path = run.join(name);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(source) if source.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(Error::Io { action: Access::Read, path, source }),
    };
    let line = |(at, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| {
            Error::Data(format!(
                "failed to read {}:{}: {error}; remove the file, and the report is made without it",
                path.display(),
                at + 1
            ))
        })
    };
    text.lines().enumerate().map(line).collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use fishdip_tasks::{Entity, Mode, Schema, TokenSpan};

    fn prediction(decoded: Decoded) -> Prediction {
        Prediction {
            scores: vec![0.5; decoded.spans().count()],
            decoded,
            links: Vec::new(),
            probability: 0.25,
            log_probability: -1.4,
            pieces: 3,
        }
    }

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let task = Task::ner(Schema::conll03(), Mode::Fixed);
        let mut example = Example::new(["Ada", "met", "Babbage"]);
        example.entities = vec![Entity::new("PER", 0, 1), Entity::new("PER", 2, 3)];
        let decoded = task.decode(&example, "[ Ada | person ] met Babbage ]");
        let line = PredictedExample::new(&task, &example, prediction(decoded.clone()));
        fs::write(folder.path().join(PREDICTIONS), serde_json::to_string(&line).unwrap() + "\n").unwrap();
        let read = read::<PredictedExample>(folder.path(), PREDICTIONS).unwrap().unwrap();
        let [read] = read.as_slice() else { panic!("one line") };
        assert_eq!((&read.gold, read.scores.as_slice(), read.score), (&example, &[0.5][..], 0.25));
        // Where its markup stood is of the output alone.
        assert_eq!(read.predicted.entities[0].key(), ("PER", 0, 1));
        assert_eq!((&read.predicted.repairs, read.predicted.format_error), (&decoded.repairs, true));
    }

    #[test]
    fn a_relation_that_counts_as_another_is_written_as_the_data_write_it() {
        let schema = Schema::new([], [("born", "born in"), ("died", "died in")]).unwrap();
        let schema = schema.with_same([("birthplace", "born")]).unwrap();
        let task = Task::relation_classification(schema, Mode::Fixed);
        let mut example = Example::new(["Tolkien", "was", "born", "here"]);
        (example.head, example.tail) = (Some(TokenSpan::new(0, 1)), Some(TokenSpan::new(3, 4)));
        for gold in ["born", "birthplace", "died"] {
            example.relation = Some(gold.to_owned());
            let decoded = task.decode(&example, "relationship between [ Tolkien ] and [ here ] = born in");
            let line = PredictedExample::new(&task, &example, prediction(decoded));
            assert_eq!(line.predicted.relation.as_deref() == Some(gold), gold != "died", "{gold}");
        }
    }

    #[test]
    fn what_is_no_line_is_named_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read::<PredictedExample>(folder.path(), PREDICTIONS).unwrap().is_none());
        fs::write(folder.path().join(SAMPLES), "{\"at\":\"a:1\",\"source\":\"x\",\"target\":\"y\"}\n{\n")
            .unwrap();
        let error = read::<crate::data::SampleText>(folder.path(), SAMPLES).unwrap_err().to_string();
        assert!(error.contains("samples.jsonl:2: "), "{error}");
    }
}
