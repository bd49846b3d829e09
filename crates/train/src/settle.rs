//! What `"auto"` stands for in a config, once the examples and the model are known.
//!
//! The rules rest on the study `configs/studies/lengths.toml`, on CoNLL-2003, ATIS and BC5CDR, with models of 4 and 8 million parameters; `docs/results.md`
//! has its figures.

use fishdip_peft::{Adaptable, MaskMethod, Scope};

use crate::data::mean_batch;
use crate::event::{Event, Sink};
use crate::{Error, RunConfig, TrainingExamples};

/// How often [`USUAL_EXAMPLES`] are shown in all; it grows with the square root of the examples.
const USUAL_SHOWN: f64 = 3200.0;
const USUAL_EXAMPLES: f64 = 140.0;
/// The least and the most steps.
const STEPS: [f64; 2] = [100.0, 10_000.0];

/// Parameters that are enough to train, where there are examples enough, and where there are fewer than [`FEW`].
const ENOUGH: [f64; 2] = [1_600_000.0, 400_000.0];
const FEW: usize = 40;
/// The least and the most of a model's own parameters: the paper's share, and what still makes a small file.
const SHARES: [f64; 2] = [0.01, 0.2];

/// Shares of the parameters, and the learning rates where so many are trained; in between, a line over the logarithms of both.
const RATES: [(f64, f64); 4] = [(0.01, 0.03), (0.05, 0.01), (0.2, 0.01), (1.0, 0.005)];
/// That of what a method adds.
const RATE_OF_ADDED: f32 = 0.1;

/// Puts numbers in the place of `"auto"`, for a training on `examples` that begins with `model`, and tells them. Windows of a longer example are
/// examples of their own. What comes of it is checked: the config, and that something of the model is trained.
pub(crate) fn settle(
    config: &mut RunConfig,
    examples: &dyn TrainingExamples,
    model: &impl Adaptable,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let batch = mean_batch(examples, &config.training)?;
    put_numbers(config, (examples.count(), batch), model, sink);
    config.check()?;
    config.fish_dip(examples.count()).budget(model).map(drop).map_err(|error| match error {
        fishdip_peft::Error::KeepsNone { .. } => {
            let message = format!("`method.keep` is too small: {error}");
            Error::Config { place: "the config".to_owned(), message, hint: None }
        }
        other => other.into(),
    })
}

/// A batch has `batch` of the `examples` on the mean.
fn put_numbers(
    config: &mut RunConfig,
    (examples, batch): (usize, f64),
    model: &impl Adaptable,
    sink: &mut dyn Sink,
) {
    let mut told = Vec::new();
    let (method, optimizer, training) = (&mut config.method, &mut config.optimizer, &mut config.training);
    let (scope, mask) = (method.scope(), method.mask());
    let entries = scope.entries(model);
    method.keep = method.keep.settled("method.keep", || keep(entries, examples, scope), &mut told);
    let batch = batch * training.accumulate as f64;
    training.steps = training.steps.settled("training.steps", || steps(examples, batch), &mut told);
    let share = if mask.is_sparse() { method.keep() } else { 1.0 };
    optimizer.learning_rate = optimizer.learning_rate.settled(
        "optimizer.learning_rate",
        || learning_rate(scope, mask, share),
        &mut told,
    );
    if !told.is_empty() {
        sink.event(&Event::Note { message: format!("\"auto\" is {}", told.join(", ")) });
    }
}

/// The steps of a training on `examples` examples, `batch` of them a step.
pub(crate) fn steps(examples: usize, batch: f64) -> usize {
    let steps = USUAL_SHOWN * (examples as f64 / USUAL_EXAMPLES).sqrt() / batch;
    ((steps / 10.0).round() * 10.0).clamp(STEPS[0], STEPS[1]) as usize
}

/// The share of `entries` parameters in scope.
fn keep(entries: usize, examples: usize, scope: Scope) -> f64 {
    let enough = ENOUGH[usize::from(examples < FEW)] / entries.max(1) as f64;
    // Of what was added all may be trained: it is little.
    let most = if scope == Scope::Added { 1.0 } else { SHARES[1] };
    // In thousandths, as a person would write it.
    (enough.clamp(SHARES[0], most) * 1000.0).round() / 1000.0
}

/// The rate for steps by the scale of each weight, where `share` of what is in `scope` is trained.
fn learning_rate(scope: Scope, mask: MaskMethod, share: f64) -> f32 {
    match scope {
        Scope::Added => RATE_OF_ADDED,
        // Norms are few, whatever their share.
        _ if mask == MaskMethod::Norms => RATES[0].1 as f32,
        _ => {
            let after = RATES.iter().position(|&(at, _)| share <= at).unwrap_or(RATES.len() - 1).max(1);
            let ((less, first), (more, second)) = (RATES[after - 1], RATES[after]);
            let way = ((share / less).ln() / (more / less).ln()).clamp(0.0, 1.0);
            let rate = first * (second / first).powf(way);
            ((rate * 1000.0).round() / 1000.0) as f32
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;
    use std::path::Path;

    use fishdip_peft::{MaskMethod, Scope};
    use toml::{Table, Value};

    use super::{keep, learning_rate, steps};

    #[test]
    fn steps_grow_with_the_root_of_the_examples() {
        // 800 √(n / 140) for batches of 4, in tens, from 100 to 10,000.
        let expected =
            [(1, 100), (20, 300), (50, 480), (140, 800), (500, 1510), (1000, 2140), (100_000, 10_000)];
        for (examples, expected) in expected {
            assert_eq!(steps(examples, 4.0), expected, "{examples}");
        }
        assert_eq!([1.0, 2.0, 2.5, 8.0, 16.0].map(|batch| steps(140, batch)), [3200, 1600, 1280, 400, 200]);
    }

    /// The table of results says that its runs have the steps of the rule, and of the paper's method that it has the settings of its config.
    #[test]
    fn the_table_of_results_has_the_settings_that_it_tells_of() {
        let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs");
        let read = |name: &str| -> Table { fs::read_to_string(configs.join(name)).unwrap().parse().unwrap() };
        let (methods, paper) = (read("results/methods.toml"), read("paper.toml"));
        let sizes = methods["size"].as_array().unwrap();
        assert!(!sizes.is_empty());
        for size in sizes {
            let number = |value: &Value| value.as_integer().unwrap() as usize;
            let examples = number(&size["examples"]);
            assert_eq!(number(&size["set"]["training"]["steps"]), steps(examples, 4.0), "{examples}");
        }
        let rows = methods["method"].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"].as_str() == Some("paper")).unwrap();
        for table in ["method", "optimizer"] {
            for (key, value) in row["set"][table].as_table().unwrap() {
                assert_eq!(Some(value), paper[table].get(key), "{table}.{key}");
            }
        }
    }

    #[test]
    fn small_models_train_more_of_themselves() {
        let share = |entries, examples| format!("{}", keep(entries, examples, Scope::Base));
        // T5-nano, t5-mini, and Google's small, base and large.
        let entries = [4_070_976, 8_352_256, 60_506_624, 222_903_552, 737_668_096];
        assert_eq!(entries.map(|entries| share(entries, 140)), ["0.2", "0.192", "0.026", "0.01", "0.01"]);
        assert_eq!(entries.map(|entries| share(entries, 20)), ["0.098", "0.048", "0.01", "0.01", "0.01"]);
        assert_eq!([39, 40, 50].map(|examples| share(8_352_256, examples)), ["0.048", "0.192", "0.192"]);
        assert_eq!(format!("{}", keep(500_000, 140, Scope::Added)), "1");
    }

    #[test]
    fn more_parameters_make_smaller_steps() {
        let rate = |scope, mask, share| format!("{}", learning_rate(scope, mask, share));
        let own = |share| rate(Scope::Base, MaskMethod::FishDip, share);
        let expected = ["0.03", "0.03", "0.017", "0.01", "0.01", "0.007", "0.005"];
        assert_eq!([0.001, 0.01, 0.0223, 0.05, 0.2, 0.45, 1.0].map(own), expected);
        assert_eq!(rate(Scope::Base, MaskMethod::Full, 1.0), "0.005");
        assert_eq!(rate(Scope::Base, MaskMethod::Norms, 1.0), "0.03");
        assert_eq!(rate(Scope::Added, MaskMethod::Full, 1.0), "0.1");
        assert_eq!(rate(Scope::All, MaskMethod::Full, 1.0), "0.005");
    }
}
