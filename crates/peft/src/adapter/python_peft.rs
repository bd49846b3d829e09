//! Adapter folders of Python PEFT: the keys that it looks for in `adapter_config.json`, and what it writes itself.

use serde_json::{Map, Value, json};
use std::path::Path;

use super::{CONFIG, LARGEST_CONFIG, TENSORS, read, tensors};
use crate::{AddedWeights, Addition, Error, Ia3Config, LoraConfig};

/// Settings of Python PEFT that are other methods than those here, with the values that leave them off.
const OFF: [(&str, &[Value]); 12] = [
    ("bias", &[Value::Null]),
    ("modules_to_save", &[Value::Null]),
    ("fan_in_fan_out", &[Value::Null, Value::Bool(false)]),
    ("layers_to_transform", &[Value::Null]),
    ("layer_replication", &[Value::Null]),
    ("exclude_modules", &[Value::Null]),
    ("trainable_token_indices", &[Value::Null]),
    ("target_parameters", &[Value::Null]),
    ("lora_bias", &[Value::Null, Value::Bool(false)]),
    ("use_qalora", &[Value::Null, Value::Bool(false)]),
    ("alora_invocation_tokens", &[Value::Null]),
    ("corda_config", &[Value::Null]),
];

/// Ways of Python PEFT to begin the factors of LoRA that leave the base model as it is. The others (`pissa`, `olora`, `corda`, `loftq` and
/// more) are computed from it, and take what they begin with out of its weights, also when they are loaded.
const BEGINNINGS: [&str; 3] = ["gaussian", "eva", "orthogonal"];

/// Patterns of names, which are empty where every layer has the same settings.
const PATTERNS: [&str; 2] = ["rank_pattern", "alpha_pattern"];

/// What a folder of Python PEFT holds.
#[derive(Clone, Debug)]
pub struct PythonPeft {
    /// What it adds.
    pub addition: Addition,
    /// The values.
    pub added: AddedWeights,
    /// The name or folder of the base model that it was trained on, if it tells.
    pub base_model: Option<String>,
}

/// Reads the folder `dir` that Python PEFT has written for LoRA or (IA)³. What it adds by other settings is refused.
pub fn read_python_peft(dir: &Path) -> Result<PythonPeft, Error> {
    let path = dir.join(CONFIG);
    let damaged = |reason: String| Error::Damaged { path: path.clone(), reason };
    let keys: Map<String, Value> =
        serde_json::from_slice(&read(&path, LARGEST_CONFIG)?).map_err(|e| damaged(e.to_string()))?;
    let addition = addition(&keys).map_err(damaged)?;
    let base_model = keys.get("base_model_name_or_path").and_then(Value::as_str).map(str::to_owned);
    let path = dir.join(TENSORS);
    let older = dir.join("adapter_model.bin");
    if !path.exists() && older.exists() {
        let reason = format!(
            "it is of an older layout, which can hold programs; load it with Python PEFT and save it again, which leaves {TENSORS}"
        );
        return Err(Error::Damaged { path: older, reason });
    }
    let damaged = |reason| Error::Damaged { path: path.clone(), reason };
    let (_, added) = tensors::from_bytes(&read(&path, u64::MAX)?, true).map_err(damaged)?;
    match added.not_finite() {
        Some(tensor) => Err(damaged(format!("`{tensor}` holds a value that is NaN or infinite"))),
        None => Ok(PythonPeft { addition, added, base_model }),
    }
}

/// The method that the `keys` of a config say.
fn addition(keys: &Map<String, Value>) -> Result<Addition, String> {
    let of = |key: &str| keys.get(key).unwrap_or(&Value::Null);
    let is_off = |key: &str, off: &[Value]| off.contains(of(key)) || (key == "bias" && of(key) == "none");
    if let Some((key, _)) = OFF.iter().find(|(key, off)| !is_off(key, off)) {
        return Err(format!("`{key}` is {}, which is a setting that fishdip has not", of(key)));
    }
    if let Some(key) = PATTERNS.iter().find(|key| of(key).as_object().is_some_and(|map| !map.is_empty())) {
        return Err(format!("`{key}` gives layers settings of their own, which fishdip has not"));
    }
    let beginning = of("init_lora_weights");
    if !(beginning.is_null()
        || beginning.is_boolean()
        || beginning.as_str().is_some_and(|name| BEGINNINGS.contains(&name)))
    {
        return Err(format!(
            "`init_lora_weights` is {beginning}, which changes the base model's weights as well; have Python PEFT convert it to plain LoRA \
             (`save_pretrained` with `path_initial_model_for_weight_conversion`)"
        ));
    }
    let whole = |key: &str| of(key).as_u64().ok_or_else(|| format!("`{key}` is no whole number"));
    let number = |key: &str| of(key).as_f64().ok_or_else(|| format!("`{key}` is no number"));
    let share = |key: &str| match number(key)? {
        share if (0.0..1.0).contains(&share) => Ok(share),
        share => Err(format!("`{key}` is {share}, and must be at least 0 and below 1")),
    };
    let flag = |key: &str| match of(key) {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(*flag),
        other => Err(format!("`{key}` is {other}, neither true nor false")),
    };
    let names = |key: &str| {
        let names = of(key).as_array().map(|names| names.iter().map(|name| name.as_str().map(str::to_owned)));
        let names = names.and_then(Iterator::collect::<Option<Vec<String>>>);
        let mut names = names.ok_or_else(|| format!("`{key}` is no list of layers' names"))?;
        // Python writes a set, in no certain order.
        names.sort_unstable();
        Ok::<_, String>(names)
    };
    match of("peft_type").as_str() {
        Some("LORA") => Ok(Addition::Lora(LoraConfig {
            rank: whole("r")? as usize,
            alpha: number("lora_alpha")?,
            dropout: share("lora_dropout")?,
            targets: names("target_modules")?,
            rank_stabilized: flag("use_rslora")?,
            dora: flag("use_dora")?,
        })),
        Some("IA3") => {
            let (targets, inward) = (names("target_modules")?, names("feedforward_modules")?);
            if let Some(path) = inward.iter().find(|name| name.contains('.')) {
                return Err(format!(
                    "`feedforward_modules` has {path:?}, a path; fishdip goes by the names of layers"
                ));
            }
            // Python PEFT goes by how names end: with "o" it means "wo" as well.
            let is_inward = |target: &&String| inward.iter().any(|name| target.ends_with(name.as_str()));
            let feedforward = targets.iter().filter(is_inward).cloned().collect();
            Ok(Addition::Ia3(Ia3Config { targets, feedforward }))
        }
        _ => Err(format!("peft_type is {}; LORA and IA3 can be read", of("peft_type"))),
    }
}

/// What Python PEFT calls the method, if it has it.
pub(super) fn type_of(addition: &Addition) -> Option<&'static str> {
    match addition {
        Addition::Lora(_) => Some("LORA"),
        Addition::Ia3(_) => Some("IA3"),
        Addition::Bottleneck(_) | Addition::Prefix(_) | Addition::Prompt(_) | Addition::UniPelt(_) => None,
    }
}

/// The settings of `addition` as Python PEFT calls them, beside those of any method.
pub(super) fn keys(addition: &Addition) -> Map<String, Value> {
    let own = match addition {
        Addition::Lora(LoraConfig { rank, alpha, dropout, targets, rank_stabilized, dora }) => json!({
            "r": rank,
            "lora_alpha": alpha,
            "lora_dropout": dropout,
            "target_modules": targets,
            "use_rslora": rank_stabilized,
            "use_dora": dora,
            "bias": "none",
            "init_lora_weights": true,
        }),
        Addition::Ia3(Ia3Config { targets, feedforward }) => json!({
            "target_modules": targets,
            "feedforward_modules": feedforward,
            "init_ia3_weights": true,
        }),
        Addition::Bottleneck(_) | Addition::Prefix(_) | Addition::Prompt(_) | Addition::UniPelt(_) => {
            json!({})
        }
    };
    let every = json!({
        "task_type": "SEQ_2_SEQ_LM",
        "inference_mode": true,
        "fan_in_fan_out": false,
        "modules_to_save": null,
    });
    [own, every]
        .into_iter()
        .filter_map(|keys| if let Value::Object(keys) = keys { Some(keys) } else { None })
        .flatten()
        .collect()
}
