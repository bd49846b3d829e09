//! Long examples, with the bundled tokenizer and a model of random weights that marks a lot.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use burn::tensor::Device;
use fishdip_t5::T5Config;
use fishdip_tasks::read::ConllReader;
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::{Decoded, Entity, Mode, Schema, TokenSpan};

use super::*;
use crate::EvaluationConfig;
use crate::tagger::constrained::tests::{Dice, NANO, random_model, task};
use crate::{Interrupter, Prediction, Tagger};

fn tokenizer() -> Tokenizer {
    Tokenizer::load(Path::new(NANO), &T5Config::read(&Path::new(NANO).join("config.json")).unwrap()).unwrap()
}

fn data(long_sources: &str, most: usize) -> DataConfig {
    toml::from_str(&format!(
        "dir = \"\"\ntrain = \"\"\neval = \"\"\nlong_sources = \"{long_sources}\"\n\
         max_source_pieces = {most}\nmax_target_pieces = {most}"
    ))
    .unwrap()
}

/// A text of `count` words and something to ask about in the middle.
fn example(count: usize, dice: &mut Dice) -> Example {
    const WORDS: [&str; 9] = ["the", "Tolkien", "was", "[", "born", ".", "here", "in", "Bloemfontein"];
    let tokens: Vec<&str> = (0..count).map(|_| WORDS[dice.roll(WORDS.len())]).collect();
    let mut example = Example::new(tokens.iter().copied());
    let span = TokenSpan { start: count / 2, end: count / 2 + 1 };
    (example.predicate, example.head, example.tail) = (Some(span), Some(span), Some(span));
    example.triggers = vec![Entity::new("LOC", span.start, span.end)];
    example.text = Some(tokens.join(" "));
    example
}

/// Label and place of every span, `offset` tokens further on, with its score.
fn spans(offset: usize, prediction: &Prediction) -> Vec<(String, usize, usize, f64)> {
    let spans = prediction.decoded.spans().zip(&prediction.scores);
    spans.map(|(s, &score)| (s.label.clone(), s.start + offset, s.end + offset, score)).collect()
}

#[test]
fn windows_are_answered_as_they_would_be_alone() {
    let (dice, tokenizer, device) = (&mut Dice(2), tokenizer(), Device::flex());
    let seed = dice.0;
    let data = data("window", 40);
    let evaluation = EvaluationConfig { max_output_pieces: 80, ..EvaluationConfig::default() };
    let interrupter = Interrupter::new();
    let mut counted = 0;
    for kind in TaskKind::ALL {
        if kind == TaskKind::DialogueState {
            continue;
        }
        let task = task(kind);
        // The same model for every task.
        let model = random_model(&mut Dice(seed));
        let tagger =
            Tagger::new(model, self::tokenizer(), task.clone(), &device, &data, &evaluation).unwrap();
        let predict = |examples: &[Example]| {
            let (mut warnings, mut done) = (Warnings::default(), 0);
            let mut progress = |now, all| done = all - now;
            let found = tagger.predict_all(examples, &interrupter, &mut warnings, &mut progress).unwrap();
            assert_eq!(done, 0);
            found.each
        };
        let examples = [example(90, dice), example(4, dice)];
        let windows = Windows { task: &task, tokenizer: &tokenizer, data: &data };
        let (chunks, are_windows) =
            windows.prediction_inputs(&examples[0], &mut Warnings::default()).unwrap();
        assert!(are_windows && !windows.prediction_inputs(&examples[1], &mut Warnings::default()).unwrap().1);
        for Chunk { example, .. } in &chunks {
            assert!(tokenizer.encode(&task.source(example).unwrap()).unwrap().len() <= 40);
        }

        let parts: Vec<Example> = chunks.iter().map(|chunk| chunk.example.clone()).collect();
        let (found, each) = (predict(&examples), predict(&parts));
        assert_eq!(found.len(), 2);
        let product: f64 = each.iter().map(|part| part.probability).product();
        assert!((found[0].probability - product).abs() <= 1e-4 * product, "{kind}");
        if kind == TaskKind::Coref {
            continue;
        }
        let joined = spans(0, &found[0]);
        counted += joined.len();
        let same = |a: &(String, usize, usize, f64), b: &(String, usize, usize, f64)| {
            (&a.0, a.1, a.2) == (&b.0, b.1, b.2) && (a.3 - b.3).abs() < 1e-4
        };
        let all: Vec<_> = chunks.iter().zip(&each).map(|(c, part)| (c, spans(c.offset, part))).collect();
        for span in &joined {
            assert!(span.2 <= 90 && all.iter().any(|(_, part)| part.iter().any(|s| same(s, span))), "{kind}");
        }
        for (chunk, part) in &all {
            let covers = |c: &Chunk, at: usize| c.offset <= at && at < c.offset + c.example.tokens.len();
            for span in part.iter().filter(|s| chunks.iter().filter(|c| covers(c, s.1)).count() == 1) {
                assert!(joined.iter().any(|s| same(s, span)), "{kind}: {span:?} of {}", chunk.offset);
            }
        }
    }
    assert!(counted > 20, "{counted} spans");
}

/// Ten sentences of the bundled data as one.
fn document() -> Example {
    let text = std::fs::read_to_string("../../fixtures/data/quickstart/train.txt").unwrap();
    let text = text.split("\n\n").take(10).collect::<Vec<_>>().join("\n") + "\n";
    let mut all: Vec<_> = ConllReader::new(text.as_bytes(), "train.txt", TagScheme::Iob2).collect();
    assert_eq!(all.len(), 1);
    all.remove(0).unwrap()
}

fn ner() -> Task {
    let names = [("PER", "person"), ("LOC", "location"), ("ORG", "organization"), ("DATE", "date")];
    Task::ner(Schema::new(names, []).unwrap(), Mode::Fixed)
}

#[test]
fn lessons_fit_and_say_everything() {
    let (document, tokenizer, task) = (document(), tokenizer(), ner());
    for most in [32, 64, 100] {
        let data = data("window", most);
        let windows = Windows { task: &task, tokenizer: &tokenizer, data: &data };
        let mut warnings = Warnings::default();
        let inputs = windows.training_inputs(&document, &mut warnings).unwrap();
        assert_eq!(
            warnings.kinds(),
            ["are longer than data.max_source_pieces or data.max_target_pieces and are learned in windows"]
        );
        assert!(inputs.len() > 1);
        let found: Vec<Decoded> = inputs
            .iter()
            .map(|lesson| {
                let encoded = task.encode(&lesson.example).unwrap();
                for text in [&encoded.source, &encoded.target] {
                    assert!(tokenizer.encode(text).unwrap().len() <= most);
                }
                task.decode(&lesson.example, &encoded.target)
            })
            .collect();
        let found: Vec<_> = found.iter().map(|decoded| (decoded, 1.0)).collect();
        let joined = task.join_windows(&inputs, &found).decoded;
        let found: Vec<_> = joined.entities.iter().map(|e| Entity::new(&*e.label, e.start, e.end)).collect();
        assert_eq!(found, document.entities);
    }
}

#[test]
fn what_is_too_long_is_cut_or_refused_where_the_config_says_so() {
    let (document, tokenizer, task) = (document(), tokenizer(), ner());
    let count = tokenizer.encode(&task.source(&document).unwrap()).unwrap().len();
    let inputs = |long_sources: &str, most: usize| {
        let data = data(long_sources, most);
        let windows = Windows { task: &task, tokenizer: &tokenizer, data: &data };
        windows.training_inputs(&document, &mut Warnings::default()).map(|inputs| inputs.len())
    };
    assert_eq!(inputs("cut", 32).unwrap(), 1);
    // Targets are cut, with a warning.
    assert_eq!(inputs("refuse", count).unwrap(), 1);
    let error = inputs("refuse", count - 1).unwrap_err();
    assert!(
        matches!(error, Error::LongSource { pieces, limit, .. } if pieces == count && limit == count - 1)
    );
    assert!(error.to_string().starts_with(&format!("train.txt:1 has a source of {count} pieces")), "{error}");
    let error = inputs("window", 2).unwrap_err().to_string();
    let expected = "train.txt:1 is too long, and cannot be read in windows: token 0 (";
    assert!(error.starts_with(expected), "{error}");
    assert!(error.contains("data.max_source_pieces = 2 and data.max_target_pieces = 2"), "{error}");
}

#[test]
fn a_dialogue_keeps_its_end() {
    let (tokenizer, task) = (tokenizer(), task(TaskKind::DialogueState));
    let mut example = Example::new(["a"]);
    example.history = Some("so it goes on . ".repeat(40));
    let questions = |long_sources: &str| {
        let data = data(long_sources, 40);
        let windows = Windows { task: &task, tokenizer: &tokenizer, data: &data };
        windows
            .prediction_inputs(&example, &mut Warnings::default())
            .map(|(parts, are_windows)| (parts.len(), are_windows))
    };
    assert_eq!(questions("window").unwrap(), (1, false));
    assert_eq!(questions("cut").unwrap(), (1, false));
    assert!(questions("refuse").is_err());
}
