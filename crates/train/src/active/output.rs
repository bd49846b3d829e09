//! The file that annotators get.

use std::io::{self, Write as _};

use fishdip_tasks::write::{Scored, write_conll, write_label_studio_predictions, write_label_studio_texts};
use fishdip_tasks::{Example, TaskKind};
use serde_json::Value;

use crate::Error;
use crate::digits::rounded;
use crate::tagger::Prediction;

/// How texts to be labelled are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// Label Studio's JSON, with what the model found as predictions.
    LabelStudio,
    /// Examples, a JSON object a line, with what the model found as annotations.
    Jsonl,
    /// Columns of words and tags.
    Conll,
}

/// Digits of a probability.
const DIGITS: usize = 4;

impl OutputFormat {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::LabelStudio => "label-studio",
            Self::Jsonl => "jsonl",
            Self::Conll => "conll",
        }
    }

    /// Refuses a layout that does not hold what the task finds.
    pub(super) fn check(self, kind: TaskKind) -> Result<(), Error> {
        let holds = match self {
            Self::LabelStudio => {
                matches!(kind, TaskKind::Ner | TaskKind::JointEr | TaskKind::TextClassification)
            }
            Self::Jsonl => true,
            Self::Conll => kind == TaskKind::Ner,
        };
        if holds {
            return Ok(());
        }
        Err(Error::Data(format!(
            "the layout {} does not hold what the task {kind} finds; write jsonl (--output-format jsonl)",
            self.name()
        )))
    }

    /// The file of `texts` with what `model` found in each; nothing was found where there is no model that knows the task.
    pub(super) fn write(
        self,
        texts: &[&Example],
        found: Option<&[Prediction]>,
        model: &str,
    ) -> io::Result<Vec<u8>> {
        let annotated: Vec<Example> = match found {
            Some(found) => {
                texts.iter().zip(found).map(|(text, found)| text.with_found(&found.decoded)).collect()
            }
            None => texts.iter().map(|&text| text.clone()).collect(),
        };
        let score = |at: usize| found.map(|found| rounded(found[at].probability, DIGITS));
        let mut out = Vec::new();
        match (self, found) {
            (Self::LabelStudio, None) => write_label_studio_texts(&mut out, &annotated)?,
            (Self::LabelStudio, Some(found)) => {
                let scores: Vec<Vec<f64>> = found
                    .iter()
                    .map(|found| found.scores.iter().map(|&score| rounded(score, DIGITS)).collect())
                    .collect();
                let scored = annotated.iter().zip(&scores).enumerate();
                let scored =
                    scored.map(|(at, (example, entities))| Scored { example, score: score(at), entities });
                write_label_studio_predictions(&mut out, model, scored)?;
            }
            (Self::Jsonl, _) => {
                for (at, example) in annotated.iter().enumerate() {
                    let mut line = serde_json::to_value(example)?;
                    if let (Value::Object(fields), Some(score)) = (&mut line, score(at)) {
                        fields.insert("score".to_owned(), score.into());
                    }
                    if let (Value::Object(fields), None) = (&mut line, found) {
                        // Empty lists would say that somebody has looked.
                        fields.remove("entities");
                        fields.remove("relations");
                    }
                    writeln!(out, "{line}")?;
                }
            }
            (Self::Conll, _) => {
                for example in &annotated {
                    write_conll(&mut out, &example.tokens, &example.entities)?;
                }
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use fishdip_tasks::{Mode, Schema, Task};

    use super::*;

    fn written(format: OutputFormat, is_found: bool) -> String {
        let task = Task::ner(Schema::conll03(), Mode::Fixed);
        let mut example = Example::new(["Ann", "left"]);
        example.id = "a".to_owned();
        let decoded = task.decode(&example, "[ Ann | person ] left");
        let found = Prediction {
            decoded,
            scores: vec![0.750_04],
            links: Vec::new(),
            probability: 0.5,
            log_probability: 0.5_f64.ln(),
            pieces: 9,
        };
        let found = [found];
        let bytes = format.write(&[&example], is_found.then_some(&found[..]), "m").unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_was_found_stands_in_every_layout() {
        assert_eq!(written(OutputFormat::Conll, true), "Ann B-PER\nleft O\n\n");
        let line: Value = serde_json::from_str(&written(OutputFormat::Jsonl, true)).unwrap();
        assert_eq!(
            (&line["id"], &line["score"], &line["entities"][0]["type"]),
            (&"a".into(), &0.5.into(), &"PER".into())
        );
        let tasks: Value = serde_json::from_str(&written(OutputFormat::LabelStudio, true)).unwrap();
        let prediction = &tasks[0]["predictions"][0];
        assert_eq!((&prediction["score"], &prediction["result"][0]["score"]), (&0.5.into(), &0.75.into()));
        assert_eq!(tasks[0]["data"]["id"], "a");
    }

    #[test]
    fn a_model_that_does_not_know_the_task_says_nothing() {
        assert_eq!(written(OutputFormat::Conll, false), "Ann O\nleft O\n\n");
        let line: Value = serde_json::from_str(&written(OutputFormat::Jsonl, false)).unwrap();
        assert!(line.get("entities").is_none() && line.get("score").is_none(), "{line}");
        let tasks: Value = serde_json::from_str(&written(OutputFormat::LabelStudio, false)).unwrap();
        assert!(tasks[0].get("predictions").is_none(), "{tasks}");
    }
}
