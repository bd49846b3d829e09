// Longer than 400 lines: one list of methods goes through every command, and one list of refusals through `train`.
//! Methods that add weights, and pairs of an addition and a mask.

use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

use crate::checkpoints::set;
use crate::project::Project;
use crate::python::python;

/// Settings of a run that is over soon.
const QUICK: [&str; 2] = ["training.steps=4", "evaluation.before=false"];

fn quick<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let settings: Vec<&str> = QUICK.iter().copied().chain(more.iter().copied()).collect();
    set(&settings)
}

/// The settings of each method that adds something, small.
const ADDITIONS: [&[&str]; 8] = [
    &["method.name=lora", "method.lora.rank=2"],
    &["method.name=ia3"],
    &["method.name=houlsby"],
    &["method.name=pfeiffer", "method.bottleneck.activation=swish"],
    &["method.name=parallel", "method.bottleneck.reduction=8"],
    &["method.name=prefix", "method.prefix.length=3", "method.prefix.bottleneck=16"],
    &["method.name=prompt", "method.prompt.length=5"],
    &["method.name=unipelt", "method.unipelt.prefix_length=3", "method.unipelt.prefix_bottleneck=16"],
];

/// Settings of methods that go on to the same bits after an interruption.
pub(crate) const RESUMED: [&[&str]; 6] = [
    &["method.name=lora", "method.lora.dropout=0.1"],
    &["method.name=prefix", "method.prefix.length=2", "method.prefix.bottleneck=8"],
    &["method.name=unipelt", "method.unipelt.prefix_length=2", "method.unipelt.prefix_bottleneck=8"],
    &["method.name=houlsby", "method.most_fisher=1"],
    &["method.addition=lora", "method.keep=0.3"],
    &["method.growth=2", "method.spread=row"],
];

#[test]
fn what_is_added_is_trained_saved_and_used_again() {
    let project = Project::new();
    for (index, settings) in ADDITIONS.iter().enumerate() {
        let run = format!("run-{index}");
        let trained = project.train(&run, &quick(settings));
        assert_eq!(trained.code, Some(0), "{settings:?}: {}", trained.stderr);
        let report = trained.json();
        let adapter = format!("{run}/adapter");
        let info = project.run(&["adapter", "info", &adapter, "--json"]).json();
        assert_eq!(info["entries_added"], report["entries_trained"], "{settings:?}");
        assert_eq!(info["entries"], info["entries_added"], "nothing of the model is replaced");
        let evaluated = project.run(&["evaluate", "--adapter", &adapter, "--json"]);
        assert_eq!(
            evaluated.json()["results"][0]["score"],
            report["after"],
            "{settings:?}: {}",
            evaluated.stderr
        );
        // It goes on with the same method, and with no other.
        let mut arguments = quick(settings);
        arguments.extend(["--from", &adapter]);
        let more = project.train(&format!("{run}-more"), &arguments);
        assert_eq!(more.code, Some(0), "{settings:?}: {}", more.stderr);
        let mut arguments = quick(&[]);
        arguments.extend(["--from", &adapter]);
        let other = project.train(&format!("{run}-other"), &arguments);
        assert_eq!(other.code, Some(2), "{settings:?}");
        assert!(other.stderr.contains("does not add the same"), "{}", other.stderr);
        for command in [
            &["adapter", "prune", &adapter, "--keep", "0.5", "--out", "new"][..],
            &["adapter", "diff", &adapter, &adapter],
        ] {
            let refused = project.run(command);
            assert_eq!(refused.code, Some(2), "{command:?}");
            assert!(refused.stderr.contains("only sparse adapters"), "{}", refused.stderr);
            assert_eq!(refused.stderr.contains("adapter convert run-"), index < 2, "{}", refused.stderr);
        }
        let exported =
            project.run(&["export", "--merged", "--adapter", &adapter, "--out", &format!("{run}-model")]);
        let can = index < 2;
        assert_eq!(exported.code, Some(if can { 0 } else { 2 }), "{settings:?}: {}", exported.stderr);
        assert_eq!(project.path(&format!("{run}-model")).exists(), can);
    }
}

#[test]
fn adapters_take_one_base_model_over_from_each_other_and_leave_no_trace() {
    let project = Project::new();
    let methods = ["method.name=lora", "method.keep=0.05", "method.name=prefix", "method.name=full"];
    let mut all = vec!["evaluate".to_owned(), "--json".to_owned()];
    let mut alone = Vec::new();
    for (index, method) in methods.iter().enumerate() {
        let run = format!("run-{index}");
        let trained =
            project.train(&run, &quick(&[method, "training.steps=30", "optimizer.learning_rate=0.02"]));
        assert_eq!(trained.code, Some(0), "{}", trained.stderr);
        all.extend(["--adapter".to_owned(), format!("{run}/adapter")]);
        alone.push(trained.json()["after"].clone());
    }
    // The first again, after all others.
    all.extend(["--adapter".to_owned(), "run-0/adapter".to_owned()]);
    alone.push(alone[0].clone());
    let together = project.run(&all.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(together.code, Some(0), "{}", together.stderr);
    let scores: Vec<Value> =
        together.json()["results"].as_array().unwrap().iter().map(|result| result["score"].clone()).collect();
    assert_eq!(scores, alone);
    assert!(alone.iter().any(|score| score["f1"].as_f64() > Some(0.0)), "a test of zeros: {alone:?}");
}

#[test]
fn a_mask_lies_in_what_was_added_or_over_all() {
    let project = Project::new();
    let entries = |run: &str, settings: &[&str]| {
        let trained = project.train(run, &quick(settings));
        assert_eq!(trained.code, Some(0), "{settings:?}: {}", trained.stderr);
        let info = project.run(&["adapter", "info", &format!("{run}/adapter"), "--json"]).json();
        let number = |of: &Value, key: &str| of[key].as_u64().unwrap();
        (number(&trained.json(), "entries_trained"), number(&info, "entries_added"), number(&info, "entries"))
    };
    let (trained, added, all) = entries("within", &["method.addition=lora", "method.keep=0.25"]);
    assert_eq!((trained, all), (added / 4, added));
    let (trained, added, all) = entries(
        "over",
        &["method.addition=ia3", "method.scope=all", "method.keep=0.001", "method.criterion=fisher"],
    );
    assert!(added > 0 && trained > 0 && all > added, "{trained} {added} {all}");
    let (_, added, all) = entries("norms", &["method.name=norms"]);
    assert!(added == 0 && all > 0);
    // A mask that grows ends with exactly its share, and nothing more is ever touched.
    let (trained, _, all) =
        entries("grown", &["method.growth=2", "method.keep=0.002", "method.spread=weight"]);
    assert_eq!(trained, all);
    // Also where each step is followed by a choice: there is no earlier place for it.
    let each = ["method.growth=2", "method.keep=0.002", "method.every=1", "training.steps=3"];
    let early = [&each[..], &["compat.early_choices=true"]].concat();
    let (late, early) = (entries("each", &each), entries("early", &early));
    assert_eq!((late.0, early), (late.2, late));
    for criterion in
        ["magnitude", "low-rank-magnitude", "gradient", "gradient-times-weight", "gradient-over-weight"]
    {
        let (trained, ..) =
            entries(criterion, &[&format!("method.criterion={criterion}"), "method.keep=0.001"]);
        assert!(trained > 0);
    }
}

#[test]
fn pairs_and_settings_that_make_no_sense_are_refused() {
    let project = Project::new();
    for (settings, says) in [
        (&["method.name=lora", "method.addition=ia3"][..], "names another"),
        (&["method.scope=added"], "nothing is"),
        (&["method.name=lora", "method.scope=base"], "never be trained"),
        (&["method.name=fixed", "method.growth=2"], "chosen once"),
        (&["method.lora.rank=4"], "[method.lora] has no effect"),
        (&["method.name=lora", "method.lora.rank=0"], "method.lora.rank"),
        (&["method.name=prefix", "method.prefix.length=5000"], "method.prefix.length"),
        (&["method.name=prompt", "method.prompt.length=5000"], "method.prompt.length"),
        (&["method.name=unipelt", "method.unipelt.prefix_length=5000"], "method.unipelt.prefix_length"),
        (&["method.name=lora", "method.lora.rank=100000"], "out of its range"),
        (&["method.name=lora", "method.lora.rank=4000"], "lower `method.lora.rank`"),
        (
            &["method.name=lora", "method.lora.targets=[\"query\"]"],
            "`method.lora.targets` has \"query\", but the model's linear layers are `k`",
        ),
        (&["method.name=houlsby", "method.bottleneck.reduction=5000"], "method.bottleneck.reduction"),
        (&["method.name=lora", "method.lora.rnk=4"], "`rank`"),
        (&["method.name=lora", "method.most_fisher=0"], "`method.most_fisher` must be"),
        (&["method.name=lora", "method.most_fisher=1000"], "asks for 1000 blocks"),
        (&["method.name=lora", "method.sites=[\"encoder.block.99\"]"], "no block `encoder.block.99`"),
        (
            &["method.name=lora", "method.most_fisher=2", "method.sites=[\"encoder.block.0\"]"],
            "take one of the two out",
        ),
        (&["method.name=unipelt", "method.most_fisher=1"], "no single block"),
        (&["method.most_fisher=1"], "the method adds nothing"),
        (&["method.name=unipelt", "method.unipelt.rank=4000"], "lower `method.unipelt.rank`"),
        (&["method.name=unipelt", "method.unipelt.alpha=2"], "unknown field `alpha`"),
        (&["method.name=lara"], "`lora`"),
        (&["method.name=lora", "method.mask=fixed", "method.criterion=magnitude"], "begin with zeros"),
        (
            &["method.addition=parallel", "method.criterion=gradient-times-weight"],
            "those that \"parallel\" adds begin with zeros",
        ),
        (&["method.addition=unipelt", "method.criterion=low-rank-magnitude"], "begin with zeros"),
        (&["method.addition=ia3", "method.criterion=magnitude"], "begin with ones"),
    ] {
        let refused = project.train("none", &quick(settings));
        assert_eq!(refused.code, Some(2), "{settings:?}: {}", refused.stdout);
        assert!(
            refused.stderr.contains(says) || says == "out of its range",
            "{settings:?}: {}",
            refused.stderr
        );
        assert!(!project.path("none").exists());
    }
}

#[test]
fn what_is_added_goes_to_the_blocks_with_the_most_information() {
    let project = Project::new();
    let lora = ["method.name=lora", "method.lora.rank=2"];
    let everywhere = project.train("everywhere", &quick(&lora));
    assert_eq!(everywhere.code, Some(0), "{}", everywhere.stderr);
    let settings = [lora[0], lora[1], "method.most_fisher=2"];
    let trained = project.train("some", &quick(&settings));
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let entries = |report: &Value| report["entries_trained"].as_u64().unwrap();
    let report = trained.json();
    assert!((1..entries(&everywhere.json())).contains(&entries(&report)), "{report}");
    let config: Value =
        serde_json::from_slice(&fs::read(project.path("some/adapter/adapter_config.json")).unwrap()).unwrap();
    let sites: Vec<&str> =
        config["sites"].as_array().unwrap().iter().map(|site| site.as_str().unwrap()).collect();
    assert_eq!(sites.len(), 2);
    let kept = fs::read_to_string(project.path("some/config.toml")).unwrap();
    assert!(sites.iter().all(|site| kept.contains(site)), "{kept}");
    let info = project.run(&["adapter", "info", "some/adapter", "--json"]).json();
    let weights = info["weights"].as_object().unwrap();
    assert!(
        weights.keys().all(|path| sites.iter().any(|site| path.starts_with(&format!("{site}.")))),
        "{info}"
    );
    let evaluated = project.run(&["evaluate", "--adapter", "some/adapter", "--json"]);
    assert_eq!(evaluated.json()["results"][0]["score"], report["after"], "{}", evaluated.stderr);
    // Another run goes on in the same blocks, and in no others.
    let from = |settings: &[&str], run: &str| {
        let mut arguments = quick(settings);
        arguments.extend(["--from", "some/adapter"]);
        project.train(run, &arguments)
    };
    let more = from(&settings, "more");
    assert_eq!(more.code, Some(0), "{}", more.stderr);
    let other = from(&lora, "other");
    assert_eq!(other.code, Some(2));
    assert!(other.stderr.contains("`method.sites`"), "{}", other.stderr);
    let python = ["adapter", "convert", "some/adapter", "--to", "python-peft", "--out", "new"];
    let refused = project.run(&python);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("all blocks"), "{}", refused.stderr);
}

/// Loads the base model and the adapter with Python PEFT, and prints its logits for some pieces.
const PEFT: &str = r#"
import json, sys, warnings, torch
warnings.simplefilter("ignore")
from peft import PeftModel
from transformers import AutoModelForSeq2SeqLM
model = AutoModelForSeq2SeqLM.from_pretrained(sys.argv[1], dtype=torch.float32)
base = AutoModelForSeq2SeqLM.from_pretrained(sys.argv[2], dtype=torch.float32)
adapted = PeftModel.from_pretrained(model, sys.argv[3]).eval()
pieces = torch.arange(2, 42).reshape(2, 20)
with torch.no_grad():
    one, other = [m(input_ids=pieces, decoder_input_ids=pieces[:, :7]).logits for m in (adapted, base)]
print(json.dumps({"difference": float((one - other).abs().max()), "largest": float(one.abs().max())}))
"#;

/// What a method adds belongs to what shares are taken of, so that none is above 1.
#[test]
fn shares_are_of_the_model_with_what_was_added() {
    let project = Project::new();
    let trained = project.train("out", &quick(&["method.name=lora", "method.scope=all"]));
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let (result, base) = (trained.json(), 4_070_976);
    let info = project.run(&["adapter", "info", "out/adapter", "--json"]).json();
    let added = info["entries_added"].as_u64().unwrap();
    assert_eq!(info["entries_total"], base);
    assert_eq!(result["entries_total"], base + added);
    assert_eq!((&result["entries_trained"], info["share"].as_f64()), (&result["entries_total"], Some(1.0)));
    let shown = project.run(&["adapter", "info", "out/adapter"]).stdout;
    assert!(shown.contains("(100.00 %)"), "{shown}");
}

/// A project with an adapter of LoRA in `out/adapter`, whose config stands in the file of this path.
fn with_lora() -> (Project, PathBuf, Value) {
    let project = Project::new();
    let trained = project.train("out", &quick(&["method.name=lora"]));
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let file = project.path("out/adapter/adapter_config.json");
    let config = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    (project, file, config)
}

/// What Python PEFT computes from the base model is no plain LoRA, and keys have the names of its file.
#[test]
fn what_cannot_be_imported_is_told_in_the_words_of_its_file() {
    let (project, _, written) = with_lora();
    fs::create_dir(project.path("peft")).unwrap();
    let tensors = "adapter_model.safetensors";
    fs::copy(project.path("out/adapter").join(tensors), project.path("peft").join(tensors)).unwrap();
    for (key, value, says) in [
        ("init_lora_weights", Value::from("pissa"), "`init_lora_weights` is \"pissa\""),
        ("init_lora_weights", Value::from("olora"), "`init_lora_weights` is \"olora\""),
        ("target_modules", serde_json::json!(["SelfAttention.q"]), "`target_modules` has"),
        ("r", 5000.into(), "lower `r`"),
        ("r", 7.into(), "failed to import peft/adapter_model.safetensors: the adapter does not fit"),
        ("use_rslora", "yes".into(), "`use_rslora` is \"yes\", neither true nor false"),
        ("lora_dropout", 1.5.into(), "`lora_dropout` is 1.5"),
        // Its config would do, but there are no tensors.
        ("r", 8.into(), "adapter_model.bin is not a valid adapter file: it is of an older layout"),
    ] {
        let mut config = written.clone();
        let keys = config.as_object_mut().unwrap();
        for own in ["addition", "run", "entries_total", "entries_added", "config_hash", "tensors_hash"] {
            keys.remove(own);
        }
        keys.insert(key.to_owned(), value);
        project.write("peft/adapter_config.json", &config.to_string());
        if says.contains("adapter_model.bin") {
            let peft = project.path("peft");
            fs::rename(peft.join(tensors), peft.join("adapter_model.bin")).unwrap();
        }
        let refused = project.run(&["adapter", "import", "peft", "--config", "run.toml", "--out", "new"]);
        assert_eq!(refused.code, Some(2), "{key}: {}", refused.stderr);
        assert!(refused.stderr.contains(says), "{key}: {}", refused.stderr);
        assert!(!project.path("new").exists());
    }
}

/// An adapter for Python PEFT says its method twice; whoever changes one alone is told.
#[test]
fn a_method_that_is_written_twice_is_the_same_twice() {
    let (project, file, mut config) = with_lora();
    config.as_object_mut().unwrap().remove("config_hash").unwrap();
    fs::write(&file, config.to_string()).unwrap();
    assert_eq!(project.run(&["adapter", "info", "out/adapter"]).code, Some(0));
    config["lora_alpha"] = 99.into();
    fs::write(&file, config.to_string()).unwrap();
    let refused = project.run(&["adapter", "info", "out/adapter"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("`lora_alpha` is 99, and `addition` says"), "{}", refused.stderr);
}

#[test]
fn python_peft_loads_what_is_written_and_what_it_wrote_comes_back() {
    let project = Project::new();
    // Also factors at other sides than usual.
    let inward = ["method.name=ia3", "method.ia3.targets=[\"k\", \"wi\"]", "method.ia3.feedforward=[\"wi\"]"];
    let outward = ["method.name=ia3", "method.ia3.targets=[\"k\", \"o\"]", "method.ia3.feedforward=[\"o\"]"];
    let methods: [(&str, &[&str]); 4] = [
        ("lora", &["method.name=lora"]),
        ("ia3", &["method.name=ia3"]),
        ("inward", &inward),
        ("outward", &outward),
    ];
    for (name, settings) in methods {
        let trained = project.train(name, &quick(settings));
        assert_eq!(trained.code, Some(0), "{}", trained.stderr);
        let adapter = format!("{name}/adapter");
        // What Python PEFT would have written: its keys alone.
        let config: Value =
            serde_json::from_slice(&fs::read(project.path(&adapter).join("adapter_config.json")).unwrap())
                .unwrap();
        let own = ["addition", "run", "entries_total", "entries_replaced", "entries_added"];
        let theirs: serde_json::Map<String, Value> = config
            .as_object()
            .unwrap()
            .iter()
            .filter(|(key, _)| !own.contains(&key.as_str()) && !key.ends_with("_hash"))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let folder = format!("{name}-peft");
        project.write(&format!("{folder}/adapter_config.json"), &serde_json::to_string(&theirs).unwrap());
        fs::copy(
            project.path(&adapter).join("adapter_model.safetensors"),
            project.path(&folder).join("adapter_model.safetensors"),
        )
        .unwrap();
        let refused = project.run(&["evaluate", "--adapter", &folder]);
        assert_eq!(refused.code, Some(2));
        assert!(refused.stderr.contains("adapter import"), "{}", refused.stderr);
        let back = format!("{name}-back");
        let imported = project.run(&["adapter", "import", &folder, "--config", "run.toml", "--out", &back]);
        assert_eq!(imported.code, Some(0), "{}", imported.stderr);
        let score = |adapter: &str| {
            project
                .run(&["evaluate", "--adapter", adapter, "--data", "data", "--split", "dev.txt", "--json"])
                .json()["results"][0]["score"]
                .clone()
        };
        assert_eq!(score(&back), score(&adapter), "{name}");
        assert!(!imported.stderr.contains("was trained on the base model"), "{}", imported.stderr);
        // Another model of the same shapes is as good as any other.
        let renamed = json!({ "base_model_name_or_path": "google/another-model" });
        let renamed: serde_json::Map<String, Value> =
            theirs.into_iter().chain(renamed.as_object().unwrap().clone()).collect();
        project.write(&format!("{folder}/adapter_config.json"), &serde_json::to_string(&renamed).unwrap());
        let out = format!("{name}-other");
        let imported = project.run(&["adapter", "import", &folder, "--config", "run.toml", "--out", &out]);
        assert_eq!(imported.code, Some(0), "{}", imported.stderr);
        let says = "was trained on the base model google/another-model, and `model.path` is model";
        assert!(imported.stderr.contains(says), "{}", imported.stderr);
    }
    let Some(python) = python("peft,torch,transformers") else { return };
    for (name, _) in methods {
        let exported = project.run(&[
            "export",
            "--merged",
            "--adapter",
            &format!("{name}/adapter"),
            "--out",
            &format!("{name}-model"),
        ]);
        assert_eq!(exported.code, Some(0), "{}", exported.stderr);
        let path = |folder: &str| project.path(folder).display().to_string();
        let output = python(&[
            "-c",
            PEFT,
            &path("model"),
            &path(&format!("{name}-model")),
            &path(&format!("{name}/adapter")),
        ]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let (difference, largest) = (told["difference"].as_f64().unwrap(), told["largest"].as_f64().unwrap());
        assert!(difference < 1e-4 * largest.max(1.0), "{name}: {told}");
    }
}

#[test]
fn hard_examples_are_spread_over_labels_or_apart() {
    let project = Project::new();
    let hard = |samples: &str| {
        let setting = format!("method.samples={samples}");
        let trained = project.train(samples, &quick(&[&setting, "method.hard_samples=4"]));
        assert_eq!(trained.code, Some(0), "{}", trained.stderr);
        let events = fs::read_to_string(project.path(samples).join("events.jsonl")).unwrap();
        let chosen = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let first = chosen.into_iter().find(|event| event["event"] == "mask-chosen").unwrap();
        first["hard"].as_array().unwrap().iter().map(|sample| sample.as_u64().unwrap()).collect::<Vec<_>>()
    };
    let [hardest, by_label, far_apart] = ["hardest", "by-label", "far-apart"].map(hard);
    // All begin with the hardest; the others take it, and go on elsewhere.
    for spread in [&by_label, &far_apart] {
        assert_eq!((spread.len(), spread[0]), (4, hardest[0]));
    }
    assert!(by_label != hardest || far_apart != hardest);
}

#[test]
fn a_rule_says_when_the_next_choice_comes() {
    let project = Project::new();
    let settings = ["method.every=auto", "training.steps=51", "training.batch_size=1", "training.dropout=0"];
    let trained = project.train("auto", &quick(&settings));
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let told = project.run(&["mask", "auto", "--json"]).json();
    let choices = told["choices"].as_array().unwrap();
    assert_eq!((choices.len(), &choices[0]["step"], &choices[1]["step"]), (2, &0.into(), &50.into()));
    // Twice as many if at least half of the mask stayed.
    let is_stable = choices[1]["churn"].as_f64().unwrap() <= 0.5;
    let expected = [50, if is_stable { 100 } else { 50 }];
    assert_eq!([&choices[0]["every"], &choices[1]["every"]], expected.map(Value::from).each_ref());
    assert!(project.run(&["mask", "auto"]).stdout.contains("next in"));
}

#[test]
fn adapters_are_converted() {
    let project = Project::new();
    for name in ["lora", "ia3"] {
        let method = format!("method.name={name}");
        let settings = [method.as_str(), "training.steps=30", "optimizer.learning_rate=0.02"];
        let trained = project.train(name, &quick(&settings));
        assert_eq!(trained.code, Some(0), "{}", trained.stderr);
        let adapter = format!("{name}/adapter");
        let convert = |from: &str, form: &str, out: &str| {
            project.run(&["adapter", "convert", from, "--to", form, "--out", out, "--json"])
        };
        let score = |adapter: &str| {
            let scored = project.run(&[
                "evaluate",
                "--adapter",
                adapter,
                "--data",
                "data",
                "--split",
                "dev.txt",
                "--json",
            ]);
            scored.json()["results"][0]["score"].clone()
        };
        // As entries, it does the same to the last bits of rounding, and can be pruned.
        let entries = format!("{name}-entries");
        let made = convert(&adapter, "entries", &entries);
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        let info = project.run(&["adapter", "info", &entries, "--json"]).json();
        assert_eq!((&info["entries_added"], &info["entries"]), (&0.into(), &made.json()["entries"]));
        assert!(
            (score(&entries)["f1"].as_f64().unwrap() - score(&adapter)["f1"].as_f64().unwrap()).abs() < 0.05
        );
        let pruned =
            project.run(&["adapter", "prune", &entries, "--keep", "0.5", "--out", &format!("{name}-less")]);
        assert_eq!(pruned.code, Some(0), "{}", pruned.stderr);
        assert_eq!(convert(&entries, "entries", "new").code, Some(2), "it is entries already");
        // Rounded, its values take half the bytes, and rounding them again changes nothing.
        let narrow = format!("{name}-narrow");
        let made = convert(&entries, "bf16", &narrow);
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        let bytes = made.json()["bytes"].clone();
        assert!(bytes[1].as_u64().unwrap() < bytes[0].as_u64().unwrap() * 2 / 3, "{bytes}");
        assert!(convert(&narrow, "bf16", "new").stderr.contains("would stay as it is"));
        // Python PEFT's folder and back.
        let python = format!("{name}-python");
        assert_eq!(convert(&adapter, "python-peft", &python).code, Some(0));
        let keys = fs::read_to_string(project.path(&python).join("adapter_config.json")).unwrap();
        assert!(!keys.contains("_hash") && !keys.contains("\"run\""), "{keys}");
        let back = format!("{name}-again");
        let imported = project.run(&["adapter", "import", &python, "--config", "run.toml", "--out", &back]);
        assert_eq!(imported.code, Some(0), "{}", imported.stderr);
        assert_eq!(score(&back), score(&adapter));
        assert!(convert(&entries, "python-peft", "new").stderr.contains("replaced entries"));
        assert!(!project.path("new").exists());
    }
}
