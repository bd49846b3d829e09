//! Keys of `[method]` that have no effect beside the others: a config that sets them says something else than it does.

use fishdip_peft::{Addition, MaskMethod};

use super::{AdditionName, MethodConfig};

/// The tables of additions.
const TABLES: [&str; 6] = ["lora", "ia3", "bottleneck", "prefix", "prompt", "unipelt"];

/// The keys that say where in the model an addition goes.
const PLACES: [&str; 2] = ["most_fisher", "sites"];

impl MethodConfig {
    /// The keys that have no effect, of those that `is_set` takes, each with a message that says why.
    pub(in crate::config) fn idle(&self, is_set: impl Fn(&str) -> bool) -> Vec<(&'static str, String)> {
        let choice = CHOICE.iter().filter_map(|&key| Some((key, self.why_idle(key)?)));
        let own = self.addition_name().table();
        let tables = TABLES.into_iter().filter(|&table| Some(table) != own).map(|table| {
            let message = format!(
                "[method.{table}] has no effect, as the method adds nothing of the kind; set `method.name` or `method.addition`, or leave it out"
            );
            (table, message)
        });
        let choice = choice.map(|(key, why)| {
            (key, format!("`method.{key}` has no effect, as {why}; leave it out, or take another method"))
        });
        let addition = self.addition();
        let has_places = addition.as_ref().is_some_and(Addition::has_sites);
        let places = PLACES.into_iter().filter(|_| !has_places).map(|key| {
            let why = match &addition {
                Some(_) => "what the method adds belongs to no single block of the model",
                None => "the method adds nothing",
            };
            (
                key,
                format!(
                    "`method.{key}` has no effect, as {why}; leave it out, or take LoRA, (IA)³ or bottlenecks"
                ),
            )
        });
        choice.chain(places).chain(tables).filter(|(key, _)| is_set(key)).collect()
    }

    /// Why `key`, which is about the choice of parameters, has no effect; nothing if it has one.
    pub(in crate::config) fn why_idle(&self, key: &str) -> Option<&'static str> {
        let mask = self.mask();
        let looks_at_samples = self.criterion.needs_samples();
        match (key, mask) {
            (_, MaskMethod::Full) => Some(match self.addition_name() {
                AdditionName::None => "every parameter is trained",
                _ => "all that the method adds is trained",
            }),
            (_, MaskMethod::Norms) => Some("norms and position biases are trained, all of them"),
            ("every", mask) if !mask.refreshes() => Some("the parameters are chosen once"),
            // A mask that should grow and is chosen once is refused in words of its own.
            ("keep" | "spread" | "growth" | "every", _) => None,
            (_, MaskMethod::Random) => Some("the parameters are drawn at random"),
            ("criterion", _) => None,
            (_, _) if !looks_at_samples => Some("its `method.criterion` looks at no example"),
            ("hard_samples" | "samples", MaskMethod::AllSamples) => {
                Some("the choice is made from all examples")
            }
            ("losses", MaskMethod::Fixed) => Some("there are no losses of training steps before the first"),
            _ => None,
        }
    }
}

/// The keys that say how parameters are chosen.
const CHOICE: [&str; 8] =
    ["keep", "every", "hard_samples", "samples", "criterion", "spread", "growth", "losses"];
