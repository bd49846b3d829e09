//! What `"auto"` stands for in a config, once the examples and the model are known.
//!
//! The rules rest on the study `configs/studies/lengths.toml`, on CoNLL-2003, ATIS and BC5CDR, with models of 4 and 8 million parameters; `docs/results.md`
//! has its figures.

use fishdip_peft::{Adaptable, Addition, MaskMethod, Scope};

use crate::RunConfig;
use crate::event::{Event, Sink};

/// How often [`USUAL_EXAMPLES`] are shown in all; it grows with the square root of the examples.
const USUAL_SHOWN: f64 = 3200.0;
const USUAL_EXAMPLES: f64 = 140.0;
/// The least and the most steps.
const STEPS: [f64; 2] = [100.0, 10_000.0];

/// Parameters that are enough to train, where there are examples enough, and where there are fewer than [`FEW`].
const ENOUGH: [f64; 2] = [1_600_000.0, 400_000.0];
const FEW: usize = 100;
/// The least and the most of a model's own parameters: the paper's share, and what still makes a small file.
const SHARES: [f64; 2] = [0.01, 0.2];

/// Learning rates of a hundredth of the parameters, and of a twentieth or more.
const RATES: [f64; 2] = [0.03, 0.01];
const RATES_AT: [f64; 2] = [0.01, 0.05];

/// Puts numbers in the place of `"auto"`, for a training on `examples` examples that begins with `model`, and tells them.
pub(crate) fn settle(config: &mut RunConfig, examples: usize, model: &impl Adaptable, sink: &mut dyn Sink) {
    let mut told = Vec::new();
    let (method, optimizer, training) = (&mut config.method, &mut config.optimizer, &mut config.training);
    let (scope, mask, addition) = (method.scope(), method.mask(), method.addition());
    let entries = scope.entries(model);
    method.keep = method.keep.settled("method.keep", || keep(entries, examples, scope), &mut told);
    let batch = training.batch_size * training.accumulate;
    training.steps = training.steps.settled("training.steps", || steps(examples, batch), &mut told);
    let share = if mask.is_sparse() { method.keep() } else { 1.0 };
    optimizer.learning_rate = optimizer.learning_rate.settled(
        "optimizer.learning_rate",
        || learning_rate(addition.as_ref(), scope, mask, share),
        &mut told,
    );
    if !told.is_empty() {
        sink.event(&Event::Note { message: format!("\"auto\" is {}", told.join(", ")) });
    }
}

/// The steps of a training on `examples` examples, `batch` of them a step.
pub(crate) fn steps(examples: usize, batch: usize) -> usize {
    let steps = USUAL_SHOWN * (examples as f64 / USUAL_EXAMPLES).sqrt() / batch as f64;
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
fn learning_rate(addition: Option<&Addition>, scope: Scope, mask: MaskMethod, share: f64) -> f32 {
    match (scope, addition) {
        // A product of two factors that begins with zeros.
        (Scope::Added, Some(Addition::Lora(_))) => 0.3,
        (Scope::Added, _) => RATES[0] as f32,
        // Norms are few, whatever their share.
        _ if mask == MaskMethod::Norms => RATES[0] as f32,
        // In between, a line over the logarithms.
        _ => {
            let way = (share / RATES_AT[0]).ln() / (RATES_AT[1] / RATES_AT[0]).ln();
            let rate = RATES[0] * (RATES[1] / RATES[0]).powf(way.clamp(0.0, 1.0));
            ((rate * 1000.0).round() / 1000.0) as f32
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{keep, learning_rate, steps};
    use fishdip_peft::{Addition, LoraConfig, MaskMethod, Scope};

    #[test]
    fn steps_grow_with_the_root_of_the_examples() {
        // 800 √(n / 140) for batches of 4, in tens, from 100 to 10,000.
        let expected =
            [(1, 100), (20, 300), (50, 480), (140, 800), (500, 1510), (1000, 2140), (100_000, 10_000)];
        for (examples, expected) in expected {
            assert_eq!(steps(examples, 4), expected, "{examples}");
        }
        assert_eq!([1, 2, 8, 16].map(|batch| steps(140, batch)), [3200, 1600, 400, 200]);
    }

    #[test]
    fn small_models_train_more_of_themselves() {
        let share = |entries, examples| format!("{}", keep(entries, examples, Scope::Base));
        // T5-nano, t5-mini, and Google's small, base and large.
        let entries = [4_070_976, 8_352_256, 60_506_624, 222_903_552, 737_668_096];
        assert_eq!(entries.map(|entries| share(entries, 140)), ["0.2", "0.192", "0.026", "0.01", "0.01"]);
        assert_eq!(entries.map(|entries| share(entries, 20)), ["0.098", "0.048", "0.01", "0.01", "0.01"]);
        assert_eq!(format!("{}", keep(500_000, 140, Scope::Added)), "1");
    }

    #[test]
    fn more_parameters_make_smaller_steps() {
        let lora = Addition::Lora(LoraConfig::default());
        let rate = |addition, scope, mask, share| format!("{}", learning_rate(addition, scope, mask, share));
        let own = |share| rate(None, Scope::Base, MaskMethod::FishDip, share);
        assert_eq!([0.001, 0.01, 0.0223, 0.05, 0.2].map(own), ["0.03", "0.03", "0.017", "0.01", "0.01"]);
        assert_eq!(rate(None, Scope::Base, MaskMethod::Full, 1.0), "0.01");
        assert_eq!(rate(None, Scope::Base, MaskMethod::Norms, 1.0), "0.03");
        assert_eq!(rate(Some(&lora), Scope::Added, MaskMethod::Full, 1.0), "0.3");
        assert_eq!(rate(Some(&lora), Scope::All, MaskMethod::Full, 1.0), "0.01");
    }
}
