//! The training loop of the original program of FISH-DIP, quirk by quirk.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::Error;

/// What `compat.preset = "reference"` is: a config that lies under the user's own.
const REFERENCE: &str = include_str!("reference.toml");

/// `[compat]`: what the original program of FISH-DIP does otherwise in its training loop, one switch each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools, reason = "independent switches")]
pub struct CompatConfig {
    /// What keys are that the config leaves out, in all sections. `config.toml` of a run has them written out, and no preset.
    // Kept nowhere: under a config that has every key written out it would change those that are left out because they are usual.
    #[serde(skip_serializing)]
    pub preset: CompatPreset,
    /// n follows from the number of training batches, of which it is a tenth, at least 3 and at most 25, but less than there are examples, instead
    /// of from `method.hard_samples`.
    pub samples_by_batches: bool,
    /// Targets are padded to `data.max_target_pieces`, and the padding counts in losses as if it were to be written: a long output ranks before a
    /// short one.
    pub counted_padding: bool,
    /// Dropout acts while examples are ranked and their Fisher information is taken, except for the first choice.
    pub dropout_while_choosing: bool,
    /// Parameters are chosen again before step m, 2 m, … counted from 1, instead of after it.
    pub early_choices: bool,
    /// Adafactor runs on the dense gradients of whole weights with zeros outside the mask: its factored moments stay when the mask changes, and a
    /// step is scaled by the present RMS of its weight. Only with `optimizer.name = "adafactor"`.
    pub dense_adafactor: bool,
    /// Training ends after 20 steps in a row with a loss below 1e-6.
    pub stop_at_no_loss: bool,
}

/// Values of `compat.preset`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CompatPreset {
    /// The defaults of this page.
    #[default]
    Fixed,
    /// The original program: its switches here, `task.mode`, `data.mode` and `data.order`, and its settings of method, optimizer and decoding.
    Reference,
}

impl CompatConfig {
    /// Whether everything is as it is by default.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// How many of the hardest of `examples` examples a choice is made from, in batches of `batch_size`; `usual` where the config says it.
    pub(super) fn hard_samples(self, usual: usize, examples: usize, batch_size: usize) -> usize {
        if !self.samples_by_batches {
            return usual;
        }
        let batches = examples.div_ceil(batch_size);
        ((0.1 * batches as f64) as usize).clamp(3, 25).min(examples.saturating_sub(1)).max(1)
    }
}

/// The table, or the name of a preset.
pub(super) fn schema(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = CompatConfig::json_schema(generator);
    schema.insert("type".to_owned(), serde_json::json!(["object", "string"]));
    schema.insert("pattern".to_owned(), "^(fixed|reference)$".into());
    schema
}

/// Writes `compat = NAME` in `config` as the table that it is short for.
pub(super) fn write_out(config: &mut Table) {
    if let Some(Value::String(preset)) = config.get("compat") {
        let table = Table::from_iter([("preset".to_owned(), Value::String(preset.clone()))]);
        config.insert("compat".to_owned(), Value::Table(table));
    }
}

/// Puts the preset that `config` names, of which `read` makes a table, under it: keys that it has stay. Tells whether there is one.
pub(super) fn lay_preset_under(
    config: &mut Table,
    read: impl FnOnce(&str, &str) -> Result<Table, Error>,
) -> Result<bool, Error> {
    let preset = config.get("compat").and_then(|compat| compat.get("preset")).and_then(Value::as_str);
    // A name of no preset is refused with the rest of the config.
    let is_there = preset == Some("reference");
    if is_there {
        lay_under(config, read("the preset \"reference\"", REFERENCE)?);
    }
    Ok(is_there)
}

fn lay_under(config: &mut Table, preset: Table) {
    for (key, value) in preset {
        match config.get_mut(&key) {
            None => {
                config.insert(key, value);
            }
            Some(own) => {
                if let (Value::Table(own), Value::Table(inner)) = (own, value) {
                    lay_under(own, inner);
                }
            }
        }
    }
}
