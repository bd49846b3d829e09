//! Few-shot prompts for any language model: what it is told, some examples with their answers, and one to answer.
//!
//! A prompt is a list of messages as chat models take them: what the task is ([`instructions`](Prompts::system)),
//! then source and target of each shot as if the model had been asked and had answered, then the source of the
//! example that is asked for. What a model answers is read back by [`decode`](crate::interchange::decode).

mod bm25;
mod instructions;

use std::collections::BTreeSet;
use std::io::Write;

use serde::Serialize;

use crate::interchange::write_line;
use crate::python_random::PythonRandom;
use crate::text::is_space;
use crate::{Encoded, Error, Example, ExampleError, Result, Task};
use bm25::Bm25;

/// Which training examples are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShotChoice {
    /// Those whose source is most like that of the example, by BM25 over words. The one most like it comes last,
    /// next to the example.
    Nearest,
    /// The same ones for every example, in random order: the first of the training examples as Python's
    /// `random.seed(seed)` and `random.shuffle` put them.
    Random {
        /// The seed.
        seed: u64,
    },
}

/// A message of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// `system`, `user` or `assistant`.
    pub role: &'static str,
    /// What it says.
    pub content: String,
}

/// A prompt, and what is needed to score the answer to it. As JSON it is a line that
/// [`decode`](crate::interchange::decode) takes once the answer is beside it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prompt {
    /// The id of the example; of several with one id, those after the first have `#2`, `#3` and so on behind it.
    pub id: String,
    /// The system's message, the shots, and the question.
    pub messages: Vec<Message>,
    /// What the model is asked.
    pub source: String,
    /// The example with its annotations.
    pub gold: Example,
}

/// What [`Prompts::write`] wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenPrompts {
    /// How many prompts.
    pub prompts: usize,
    /// Examples whose own text is that of training examples, which are no shots of theirs: their places.
    pub same_text: Vec<String>,
    /// Examples that have fewer shots than were asked for, since too few training examples are left: their places.
    pub fewer_shots: Vec<String>,
    /// Training examples that were shown as shots though their target cannot show all of their spans: their places.
    pub dropped: BTreeSet<String>,
}

/// Makes prompts from training examples.
#[derive(Clone, Debug)]
pub struct Prompts<'a> {
    task: &'a Task,
    system: String,
    shots: usize,
    training: Vec<Shot>,
    order: Order,
}

/// A training example as it can be shown.
#[derive(Clone, Debug)]
struct Shot {
    encoded: Encoded,
    place: String,
}

/// In which order training examples are taken.
#[derive(Clone, Debug)]
enum Order {
    Nearest(Bm25),
    Fixed(Vec<usize>),
}

impl<'a> Prompts<'a> {
    /// Prompts of `shots` shots out of `training`, which are [instances](Task::instances) of `task`. More shots than
    /// there are training examples are an error.
    pub fn new(task: &'a Task, training: &[Example], shots: usize, choice: ShotChoice) -> Result<Self> {
        if shots > training.len() {
            return Err(Error::Example(ExampleError::TooFewShots { shots, there: training.len() }));
        }
        let shot = |example: &Example| Ok(Shot { encoded: task.encode(example)?, place: example.place() });
        let training: Vec<Shot> = training.iter().map(shot).collect::<Result<_>>()?;
        let order = match choice {
            ShotChoice::Nearest => {
                Order::Nearest(Bm25::new(training.iter().map(|shot| shot.encoded.source.as_str())))
            }
            ShotChoice::Random { seed } => {
                let mut order: Vec<usize> = (0..training.len()).collect();
                PythonRandom::new(seed).shuffle(&mut order);
                Order::Fixed(order)
            }
        };
        Ok(Self { task, system: instructions::instructions(task), shots, training, order })
    }

    /// What every prompt begins with: what the task is, how an answer is written, and the labels.
    pub fn system(&self) -> &str {
        &self.system
    }

    /// The prompt for `example`, an [instance](Task::instances) of the task. A training example with the same text is
    /// not shown, as it would give the answer away.
    pub fn prompt(&self, example: &Example) -> Result<Prompt> {
        Ok(self.prompt_of(example, &mut WrittenPrompts::default())?.0)
    }

    /// Writes the prompts for `examples` to `output`, a line of JSON each. It stops at an example that cannot be asked.
    pub fn write(&self, examples: &[Example], output: &mut impl Write) -> Result<WrittenPrompts> {
        let mut written = WrittenPrompts::default();
        let mut ids = BTreeSet::new();
        for example in examples {
            let (mut prompt, shown) = self.prompt_of(example, &mut written)?;
            for &index in &shown {
                let shot = &self.training[index];
                if !shot.encoded.dropped.is_empty() {
                    written.dropped.insert(shot.place.clone());
                }
            }
            let (id, mut number) = (prompt.id.clone(), 1);
            while !ids.insert(prompt.id.clone()) {
                number += 1;
                prompt.id = format!("{id}#{number}");
            }
            write_line(output, &prompt)?;
            written.prompts += 1;
        }
        Ok(written)
    }

    /// The prompt and the training examples that it shows, in their order.
    fn prompt_of(&self, example: &Example, written: &mut WrittenPrompts) -> Result<(Prompt, Vec<usize>)> {
        let source = self.task.source(example)?;
        let shown = self.shown(&source, example, written);
        let message = |role, content: &str| Message { role, content: content.to_owned() };
        let mut messages = vec![message("system", &self.system)];
        for &index in &shown {
            let Encoded { source, target, .. } = &self.training[index].encoded;
            messages.extend([message("user", source), message("assistant", target)]);
        }
        messages.push(message("user", &source));
        Ok((Prompt { id: example.id.clone(), messages, source, gold: example.clone() }, shown))
    }

    /// The training examples that are shown with `source`, that of `example`, in their order.
    fn shown(&self, source: &str, example: &Example, written: &mut WrittenPrompts) -> Vec<usize> {
        let is_same = |index: &usize| same_text(&self.training[*index].encoded.source, source);
        let (order, nearest) = match &self.order {
            Order::Nearest(index) => (index.ranked(source), true),
            Order::Fixed(order) => (order.clone(), false),
        };
        if self.shots > 0 && order.iter().any(is_same) {
            written.same_text.push(example.place());
        }
        let mut shown: Vec<usize> =
            order.into_iter().filter(|index| !is_same(index)).take(self.shots).collect();
        if shown.len() < self.shots {
            written.fewer_shots.push(example.place());
        }
        if nearest {
            shown.reverse();
        }
        shown
    }
}

/// Whether two texts have the same words, in large or small letters.
fn same_text(one: &str, other: &str) -> bool {
    let words = |text: &str| {
        let words = text.split(is_space).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect::<Vec<_>>()
    };
    one == other || words(one) == words(other)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Entity, Mode, Schema};

    fn example(id: &str, text: &str) -> Example {
        let mut example = Example::new(text.split(' '));
        (example.id, example.entities) = (id.to_owned(), vec![Entity::new("LOC", 0, 1)]);
        example
    }

    fn training() -> Vec<Example> {
        let texts = ["Oslo is cold", "Rome has old stones", "Bern lies low", "Riga has new stones"];
        texts.iter().enumerate().map(|(i, text)| example(&format!("t{i}"), text)).collect()
    }

    fn task() -> Task {
        Task::ner(Schema::conll03(), Mode::Fixed)
    }

    fn contents(prompt: &Prompt) -> Vec<(&str, &str)> {
        prompt.messages.iter().map(|message| (message.role, message.content.as_str())).collect()
    }

    #[test]
    fn the_nearest_shot_stands_next_to_the_question() {
        let (task, training) = (task(), training());
        let prompts = Prompts::new(&task, &training, 2, ShotChoice::Nearest).unwrap();
        let prompt = prompts.prompt(&example("x", "Pisa has new houses")).unwrap();
        let expected = [
            ("system", prompts.system()),
            ("user", "Rome has old stones"),
            ("assistant", "[ Rome | location ] has old stones"),
            ("user", "Riga has new stones"),
            ("assistant", "[ Riga | location ] has new stones"),
            ("user", "Pisa has new houses"),
        ];
        assert_eq!(contents(&prompt), expected);
    }

    #[test]
    fn random_shots_are_those_of_python() {
        let (task, training) = (task(), training());
        let prompts = Prompts::new(&task, &training, 2, ShotChoice::Random { seed: 1 }).unwrap();
        let shown = |text: &str| {
            let prompt = prompts.prompt(&example("x", text)).unwrap();
            contents(&prompt)[1..].iter().step_by(2).map(|(_, text)| (*text).to_owned()).collect::<Vec<_>>()
        };
        // import random; x = [0, 1, 2, 3]; random.seed(1); random.shuffle(x); x == [3, 0, 2, 1]
        assert_eq!(
            shown("Pisa has new houses"),
            ["Riga has new stones", "Oslo is cold", "Pisa has new houses"]
        );
        // The first of them has the text of the question, so the third takes its place.
        assert_eq!(shown("riga has new stones"), ["Oslo is cold", "Bern lies low", "riga has new stones"]);
    }

    #[test]
    fn what_gives_the_answer_away_is_left_out_and_told() {
        let (task, training) = (task(), training());
        let prompts = Prompts::new(&task, &training, 4, ShotChoice::Nearest).unwrap();
        let mut output = Vec::new();
        let asked = [example("a", "Oslo is COLD"), example("a", "Kiel is cold"), example("a", "Graz")];
        let written = prompts.write(&asked, &mut output).unwrap();
        assert_eq!(written.prompts, 3);
        assert_eq!((written.same_text.len(), written.fewer_shots.len()), (1, 1));
        assert!(written.same_text[0].contains("\"a\""), "{written:?}");
        let lines: Vec<serde_json::Value> = String::from_utf8(output)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let ids: Vec<_> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["a", "a#2", "a#3"]);
        let counts: Vec<_> = lines.iter().map(|line| line["messages"].as_array().unwrap().len()).collect();
        assert_eq!(counts, [1 + 2 * 3 + 1, 1 + 2 * 4 + 1, 1 + 2 * 4 + 1]);
        assert_eq!(
            (&lines[1]["source"], &lines[1]["gold"]["entities"][0]["type"]),
            (&"Kiel is cold".into(), &"LOC".into())
        );
    }

    #[test]
    fn no_shots_are_a_prompt_and_too_many_an_error() {
        let (task, training) = (task(), training());
        let prompts = Prompts::new(&task, &[], 0, ShotChoice::Nearest).unwrap();
        assert_eq!(prompts.prompt(&training[0]).unwrap().messages.len(), 2);
        let message = Prompts::new(&task, &training, 5, ShotChoice::Nearest).unwrap_err().to_string();
        assert_eq!(
            message,
            "failed to make prompts of 5 shots: there are 4 to train on; ask for fewer shots"
        );
    }
}
