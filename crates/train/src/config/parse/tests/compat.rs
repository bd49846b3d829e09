//! The preset of the original program, and its switches.

use fishdip_peft::Criterion;
use fishdip_tasks::Mode;

use super::super::parse_resolved;
use super::{MINIMAL, error, with};
use crate::{Every, OptimizerName};

/// The name of a preset stands for keys that neither the file nor an override has.
#[test]
fn a_preset_lies_under_the_config() {
    let text = format!("compat = \"reference\"\n{MINIMAL}[method]\nevery = 50\n");
    let config =
        with(&text, &["compat.dropout_while_choosing=false", "optimizer.learning_rate=0.02"]).unwrap();
    assert!(config.compat.counted_padding && config.compat.early_choices && config.compat.dense_adafactor);
    assert!(!config.compat.dropout_while_choosing);
    assert_eq!((config.method.every, config.method.criterion), (Every::Steps(50), Criterion::Fisher));
    assert_eq!((config.optimizer.name, config.optimizer.learning_rate()), (OptimizerName::Adafactor, 0.02));
    assert_eq!((config.task.mode, config.data.mode), (Mode::Reference, Mode::Reference));
    config.check().unwrap();
    // What a run keeps says the same without the preset, also where it is the usual.
    let fixed = with(&text, &["task.mode=fixed", "compat.early_choices=false"]).unwrap();
    for config in [config, fixed] {
        let kept = config.to_toml().unwrap();
        assert!(!kept.contains("preset"), "{kept}");
        assert_eq!(with(&kept, &[]).unwrap(), config);
    }
    assert_eq!(
        with(MINIMAL, &["compat=reference"]).unwrap(),
        with(MINIMAL, &["compat.preset=reference"]).unwrap()
    );
    assert_eq!(with(&text, &["compat=fixed"]).unwrap(), with(&text, &["compat={}"]).unwrap());
    assert!(!with(MINIMAL, &[]).unwrap().to_toml().unwrap().contains("compat"));
}

#[test]
fn switches_of_the_original_program_are_checked() {
    let message = error(MINIMAL, &["compat=refrence"]);
    assert!(message.starts_with("--set compat=refrence: unknown variant `refrence`"), "{message}");
    assert!(message.ends_with("did you mean `reference`?"), "{message}");
    let message = error(&format!("compat = 3\n{MINIMAL}"), &[]);
    assert!(message.starts_with("run.toml:1: `compat` must be"), "{message}");
    assert!(error(MINIMAL, &["compat.early_choice=true"]).contains("did you mean `early_choices`?"));
    let refused = |overrides: &[&str]| error(MINIMAL, overrides);
    let decayed = ["compat.dense_adafactor=true", "optimizer.name=adafactor", "optimizer.weight_decay=0.1"];
    assert!(refused(&decayed).contains("no weight decay"));
    assert!(refused(&["task.mode=reference"]).contains("evaluation.decode"));
    assert!(refused(&["compat=reference", "evaluation.decode=beam"]).contains("evaluation.decode"));
}

/// `min(max(int(0.1 * len(loader)), 3), 25)`, less than there are samples; the numbers of CoNLL-2003 and `CoNLL04` are those of the scripts.
#[test]
fn hard_samples_by_batches_are_those_of_the_original() {
    let config = with(MINIMAL, &["compat=reference"]).unwrap();
    let expected =
        [(140, 3), (1404, 4), (14_041, 25), (9, 3), (3, 2), (10_000, 25), (1280, 4), (1281, 4), (1569, 5)];
    for (examples, samples) in expected {
        assert_eq!(config.fish_dip(examples).hard_samples, samples, "{examples}");
    }
    assert_eq!(with(MINIMAL, &["method.hard_samples=7"]).unwrap().fish_dip(140).hard_samples, 7);
}

/// A switch about choices says nothing beside a method that makes none, and the preset leaves it out there.
#[test]
fn switches_without_effect_are_refused() {
    for (overrides, says) in [
        (&["method.name=lora", "compat.early_choices=true"][..], "parameters are not chosen again"),
        (&["method.name=fixed", "compat.early_choices=true"], "parameters are not chosen again"),
        (
            &["method.name=fixed", "compat.dropout_while_choosing=true", "training.dropout=0.1"],
            "ranked once or not at all",
        ),
        (
            &["method.criterion=magnitude", "compat.dropout_while_choosing=true", "training.dropout=0.1"],
            "ranked once or not at all",
        ),
        (&["training.dropout=0", "compat.dropout_while_choosing=true"], "`training.dropout` is 0"),
        (&["optimizer.name=sgd", "compat.dense_adafactor=true"], "only Adafactor is computed so"),
        (&["method.name=full", "compat.samples_by_batches=true"], "chooses no hard examples"),
        (&["method.name=all-samples", "compat.samples_by_batches=true"], "chooses no hard examples"),
        (&["compat.samples_by_batches=true", "method.hard_samples=7"], "from the number of batches"),
        (&["compat=reference", "method.hard_samples=7"], "from the number of batches"),
    ] {
        let message = error(MINIMAL, overrides);
        assert!(message.contains("has no effect, as ") && message.contains(says), "{overrides:?}: {message}");
        assert!(message.starts_with(&format!("--set {}", overrides[1])), "{message}");
    }
    let own =
        with(MINIMAL, &["compat=reference", "compat.samples_by_batches=false", "method.hard_samples=7"]);
    assert_eq!(own.unwrap().fish_dip(140).hard_samples, 7);
    for name in ["lora", "full", "fixed", "random"] {
        let config = with(MINIMAL, &["compat=reference", &format!("method.name={name}")]).unwrap();
        assert!(!config.compat.early_choices && !config.compat.dropout_while_choosing, "{name}");
        assert!(config.compat.counted_padding && config.compat.samples_by_batches == (name == "fixed"));
        assert_eq!(with(&config.to_toml().unwrap(), &[]).unwrap(), config);
    }
    // The same where the file itself names the method.
    for own in ["name = \"lora\"", "name = \"full\"", "criterion = \"magnitude\"", "name = \"all-samples\""] {
        let text = format!("compat = \"reference\"\n{MINIMAL}[method]\n{own}\n");
        assert!(!with(&text, &[]).unwrap().compat.samples_by_batches, "{own}");
        let text = format!("{MINIMAL}[method]\n{own}\n[compat]\nsamples_by_batches = true\n");
        assert!(error(&text, &[]).contains(":12: `compat.samples_by_batches` has no effect"), "{own}");
    }
    let adamw = with(MINIMAL, &["compat=reference", "optimizer.name=adamw"]).unwrap();
    assert!(!adamw.compat.dense_adafactor);
    adamw.check().unwrap();
    // A run of an older version, which wrote them, goes on as it was.
    let older = format!("{MINIMAL}[method]\nname = \"full\"\n[compat]\nearly_choices = true\n");
    assert!(parse_resolved("config.toml", &older).unwrap().compat.early_choices);
}
