#![allow(clippy::unwrap_used)]
mod compat;

use super::parse;
use fishdip_tasks::read::Column;

use crate::{DecodeName, Error, Every, RunConfig, Setting};

const MINIMAL: &str =
    "[model]\npath = \"m\"\n[data]\ndir = \"d\"\ntrain = \"t\"\neval = \"e\"\n[task]\nname = \"ner\"\n";

fn with(text: &str, overrides: &[&str]) -> Result<RunConfig, Error> {
    let overrides: Vec<String> = overrides.iter().map(|s| (*s).to_owned()).collect();
    parse("run.toml", text, &overrides)
}

fn error(text: &str, overrides: &[&str]) -> String {
    with(text, overrides).unwrap_err().to_string()
}

#[test]
fn overrides_are_toml_or_text() {
    let config = with(MINIMAL, &["training.steps=7", "data.dir=../some/where", "method.keep=0.05"]).unwrap();
    assert_eq!(config.training.steps(), 7);
    assert_eq!(config.data.dir.to_str(), Some("../some/where"));
    assert!((config.method.keep() - 0.05).abs() < 1e-12);
}

#[test]
fn overrides_may_say_what_the_file_does_not() {
    let all = ["model.path=m", "data.dir=d", "data.train=t", "data.eval=e", "task.name=ner"];
    assert_eq!(with("", &all).unwrap(), with(MINIMAL, &[]).unwrap());
    let set = ["task.entities.PER=\"person\"", "task.entities.\"A.B\"=ab", "method={every = 7}"];
    let config = with(MINIMAL, &set).unwrap();
    let names: Vec<_> = config.task.entities.into_iter().collect();
    assert_eq!(names, [("A.B".to_owned(), "ab".to_owned()), ("PER".to_owned(), "person".to_owned())]);
    assert_eq!(config.method.every, Every::Steps(7));
    let config = with(MINIMAL, &["task.ontology.hotel.area=[\"north\", \"south\"]"]).unwrap();
    assert_eq!(config.task.ontology["hotel"]["area"], ["north", "south"]);
    // What is not given anywhere is the file's fault, and so is what is wrong in the file beside it.
    let missing = error(&MINIMAL.replace("train = \"t\"\n", ""), &["training.steps=7"]);
    assert_eq!(missing, "run.toml:3: `data.train` is missing");
    assert_eq!(error("", &["training.steps=7"]), "run.toml: the section [model] is missing");
    let both = MINIMAL.replace("train = \"t\"\n", "tarin = \"t\"\n");
    let message = error(&both, &["data.train=t"]);
    assert!(message.starts_with("run.toml:5: unknown field `tarin`"), "{message}");
}

#[test]
fn an_override_can_take_the_scored_file_away() {
    assert_eq!(with(MINIMAL, &[]).unwrap().data.eval.unwrap().to_str(), Some("e"));
    assert_eq!(with(MINIMAL, &["data.eval="]).unwrap().data.eval, None);
}

#[test]
fn an_unknown_key_names_line_and_nearest_key() {
    let text = format!("{MINIMAL}[training]\nstpes = 5\n");
    let message = error(&text, &[]);
    assert!(message.starts_with("run.toml:10: unknown field `stpes`"), "{message}");
    assert!(message.ends_with("did you mean `steps`?"), "{message}");
    let message = error(MINIMAL, &["steps=5"]);
    assert!(message.ends_with("did you mean `training.steps`?"), "{message}");
    let message = error(MINIMAL, &["training.learning_rate=5"]);
    assert!(message.ends_with("did you mean `optimizer.learning_rate`?"), "{message}");
}

#[test]
fn a_wrong_override_is_named() {
    let message = error(MINIMAL, &["training.steps=5", "method.kep=0.1", "training.seed=2"]);
    assert!(message.starts_with("--set method.kep=0.1: unknown field `kep`"), "{message}");
    assert!(message.ends_with("did you mean `keep`?"), "{message}");
    assert!(error(MINIMAL, &["steps"]).contains("key=value"));
    assert!(error(MINIMAL, &["method.name=fishdip"]).contains("did you mean `fish-dip`?"));
    assert!(error(MINIMAL, &["data.format=conl"]).ends_with("did you mean `conll`?"));
    assert!(error(MINIMAL, &["method=5"]).starts_with("--set method=5: `method` must be a section"));
    let message = error(MINIMAL, &["data.word_column=0", "training.seed=2"]);
    assert!(message.contains("must be a whole number from 1 to 1000000, or text, not 0"), "{message}");
    assert!(error(MINIMAL, &["data.word_column=\"0\""]).starts_with("--set data.word_column"));
    let config = with(MINIMAL, &["data.word_column=2", "data.tag_column=label"]).unwrap();
    assert_eq!(config.data.word_column, Some(Column::Number(2)));
    assert_eq!(config.data.tag_column, Some(Column::Name("label".to_owned())));
    assert_eq!(with(&config.to_toml().unwrap(), &[]).unwrap(), config);
}

#[test]
fn deep_keys_are_errors() {
    let deep = vec!["a"; 100_000].join(".");
    assert!(error(MINIMAL, &[&format!("{deep}=1")]).contains("more than 8 keys"));
    assert!(error(MINIMAL, &["task.entities.a.b.c.d=1"]).contains("`task.entities.a` must be text"));
    for text in [format!("{deep} = 1\n"), format!("[{deep}]\n"), format!("a = {}", "[".repeat(100_000))] {
        let message = error(&text, &[]);
        assert!(message.starts_with("run.toml"), "{}", &message[..message.len().min(200)]);
    }
}

/// Values out of range are refused with key, value, range and default, wherever they come from.
#[test]
fn values_out_of_range_are_refused() {
    let floats = ["optimizer.learning_rate", "optimizer.beta1", "optimizer.beta2", "optimizer.epsilon"];
    let more = ["optimizer.momentum", "optimizer.weight_decay", "optimizer.max_grad_norm", "method.keep"];
    let last = ["training.dropout", "data.eval_share"];
    for key in floats.into_iter().chain(more).chain(last) {
        for value in ["nan", "-nan", "inf", "-inf", "-0.1", "1e30", "1e300"] {
            // AdamW, the default, has no momentum.
            let name = if key == "optimizer.momentum" { "sgd" } else { "adamw" };
            let message = error(MINIMAL, &[&format!("optimizer.name={name}"), &format!("{key}={value}")]);
            assert!(
                message.starts_with(&format!("--set {key}={value}: `{key}` must be a number ")),
                "{message}"
            );
            assert!(message.contains("; the default is "), "{message}");
        }
    }
    let whole =
        ["training.steps", "training.batch_size", "training.seed", "method.every", "method.hard_samples"];
    let data =
        ["data.train_examples", "data.eval_examples", "data.max_source_pieces", "data.max_target_pieces"];
    let evaluation = ["batch_size", "batch_pieces", "max_output_pieces", "beams", "draft"];
    let evaluation = evaluation.map(|key| format!("evaluation.{key}"));
    for key in whole.into_iter().chain(data).chain(evaluation.iter().map(String::as_str)) {
        for value in ["-1", "1.5", "nan", "\"many\""] {
            let message = error(MINIMAL, &[&format!("{key}={value}")]);
            assert!(message.contains(&format!("`{key}` must be a whole number from ")), "{message}");
        }
        if key != "training.seed" {
            assert!(
                error(MINIMAL, &[&format!("{key}=9223372036854775807")]).contains("must be a whole number")
            );
        }
    }
    for key in ["training.batch_size", "method.every", "evaluation.beams", "data.max_target_pieces"] {
        assert!(error(MINIMAL, &[&format!("{key}=0")]).contains("from 1 to"), "{key}");
    }
    assert_eq!(
        error(MINIMAL, &["method.keep=0"]),
        "--set method.keep=0: `method.keep` must be a number above 0 and at most 1, or \"auto\", not 0; the default is 0.01"
    );
    let text = format!("{MINIMAL}[optimizer]\nname = \"adamw\"\nepsilon = nan\n");
    assert!(error(&text, &[]).starts_with("run.toml:11: `optimizer.epsilon` must be"));
    assert!(with(&text, &["optimizer.epsilon=1e-6"]).is_ok(), "an override mends it");
    // The ends of the ranges, in the precision that is computed with.
    let ends = ["optimizer.beta1=0.999999", "optimizer.epsilon=1e-30", "training.dropout=0", "method.keep=1"];
    let config = with(MINIMAL, &ends).unwrap();
    config.check().unwrap();
    assert!(config.optimizer.beta1 < 1.0 && config.optimizer.epsilon > 0.0);
}

#[test]
fn a_config_from_elsewhere_is_checked_as_well() {
    let mut config = with(MINIMAL, &["evaluation.decode=beam"]).unwrap();
    assert_eq!(config.evaluation.decode, DecodeName::Beam);
    config.evaluation.check().unwrap();
    config.data.check().unwrap();
    config.evaluation.beams = 0;
    let message = config.evaluation.check().unwrap_err().to_string();
    assert!(message.contains("`evaluation.beams` must be a whole number from 1 to 256, not 0"), "{message}");
    config.data.max_target_pieces = usize::MAX;
    assert!(config.data.check().unwrap_err().to_string().contains("`data.max_target_pieces`"));
    config.data.max_target_pieces = 1 << 40;
    assert!(config.data.check().unwrap_err().to_string().contains("`data.max_target_pieces`"));
    config.optimizer.epsilon = f32::NAN;
    assert!(config.check().is_err());
}

#[test]
fn long_values_and_names_are_shown_in_part() {
    let long = "x".repeat(100_000);
    let overrides = [
        format!("task.name={long}"),
        format!("data.scheme={long} {long}"),
        format!("training.steps={long}"),
        format!("data.format=\"{long}\""),
        format!("data.word_column=0{}", "0".repeat(100_000)),
        format!("method.{long}=1"),
        format!("{long}=1"),
        format!("{long}.a=1"),
        format!("model.path.{long}=1"),
        format!("'{long}=1"),
        long.clone(),
    ];
    for set in &overrides {
        let message = error(MINIMAL, &[set]);
        assert!(message.len() < 1000 && message.contains('…'), "{} bytes: {message:.2000}", message.len());
    }
    let message = error(&format!("{MINIMAL}\n[{long}]\n"), &[]);
    assert!(message.len() < 1000 && message.contains('…'), "{} bytes: {message:.2000}", message.len());
    let message = error(&format!("{MINIMAL}\n[optimizer]\n{long} = 1\n{long} = 2\n"), &[]);
    assert!(message.len() < 1000, "{} bytes: {message:.2000}", message.len());
}

/// A key without effect is refused where it stands, unless overrides ask for another method than the file is written for.
#[test]
fn keys_without_effect_are_refused() {
    let norms = format!("{MINIMAL}[method]\nname = \"norms\"\nkeep = 0.1\n");
    let message = error(&norms, &[]);
    assert!(message.starts_with("run.toml:11: `method.keep` has no effect"), "{message}");
    assert!(with(&norms, &["method.name=fish-dip"]).is_ok(), "an override mends it");
    for (overrides, key) in [
        (&["method.name=norms", "method.keep=0.1"][..], "method.keep"),
        (&["method.name=full", "method.criterion=fisher"], "method.criterion"),
        (&["method.name=lora", "method.every=5"], "method.every"),
        (&["method.name=fixed", "method.every=5"], "method.every"),
        (&["method.name=random", "method.hard_samples=5"], "method.hard_samples"),
        (&["method.name=all-samples", "method.hard_samples=5"], "method.hard_samples"),
        (&["method.criterion=magnitude", "method.losses=recorded"], "method.losses"),
        (&["method.name=lora", "method.prefix.length=5"], "method.prefix"),
    ] {
        let message = error(MINIMAL, overrides);
        assert!(message.contains(key) && message.contains("has no effect"), "{overrides:?}: {message}");
        assert!(message.starts_with(&format!("--set {}", overrides[1])), "{message}");
    }
    // The file is of one method, and the override takes another.
    let dip = format!("{MINIMAL}[method]\nname = \"fish-dip\"\nkeep = 0.1\nevery = 7\n");
    assert_eq!(with(&dip, &["method.name=lora"]).unwrap(), with(MINIMAL, &["method.name=lora"]).unwrap());
    assert_eq!(
        error(&dip, &["method.name=lora", "method.keep=0.2"]).split(':').next(),
        Some("--set method.keep=0.2")
    );
    let within = with(&dip, &["method.addition=lora"]).unwrap();
    assert!((within.method.keep() - 0.1).abs() < 1e-12, "a mask within what was added has its share");
}

/// Keys that do not go together are told where the last of them stands.
#[test]
fn keys_that_clash_are_told_with_their_place() {
    let says = |text: &str, overrides: &[&str], place: &str| {
        let message = error(text, overrides);
        assert!(message.starts_with(&format!("{place}: ")), "{overrides:?}: {message}");
    };
    let patience = format!("{MINIMAL}[training]\npatience = 3\n");
    says(&patience, &[], "run.toml:10");
    says(&patience, &["training.seed=2"], "run.toml:10");
    says(MINIMAL, &["training.patience=3", "training.seed=2"], "--set training.patience=3");
    says(
        MINIMAL,
        &["evaluation.decode=free", "training.loss=legal", "training.seed=2"],
        "--set training.loss=legal",
    );
    says(MINIMAL, &["method.scope=added"], "--set method.scope=added");
    says(MINIMAL, &["active.start=9", "active.budget=3"], "--set active.budget=3");
    says(MINIMAL, &["task.mode=reference"], "--set task.mode=reference");
    let message = error(MINIMAL, &["training.seed=99999999999999999999"]);
    assert!(message.contains("9223372036854775807, not 99999999999999999999;"), "{message}");
}

/// What is "auto" stays so until examples and model are known; a number is written back as it was.
#[test]
fn numbers_can_be_left_to_rules() {
    let all = ["training.steps=auto", "optimizer.learning_rate=auto", "method.keep=auto"];
    let config = with(MINIMAL, &all).unwrap();
    assert_eq!(config.training.steps, Setting::Auto);
    assert_eq!(config.optimizer.learning_rate, Setting::Auto);
    assert_eq!(config.method.keep, Setting::Auto);
    let text = config.to_toml().unwrap();
    assert_eq!(with(&text, &[]).unwrap(), config);
    let config = with(&text, &["training.steps=7", "optimizer.learning_rate=1", "method.keep=0.1"]).unwrap();
    assert_eq!(config.training.steps, Setting::Number(7));
    assert_eq!(config.optimizer.learning_rate, Setting::Number(1.0));
    assert_eq!(config.method.keep, Setting::Number(0.1));
    // How long a training is comes to be known later than a warm-up can be compared with it.
    assert!(with(MINIMAL, &["training.steps=auto", "optimizer.warmup=9000"]).is_ok());
    assert!(with(MINIMAL, &["training.steps=400", "optimizer.warmup=9000"]).is_err());
    let message = error(MINIMAL, &["method.keep=much"]);
    let says = "`method.keep` must be a number above 0 and at most 1, or \"auto\", not \"much\"";
    assert!(message.contains(says), "{message}");
    let message = error(MINIMAL, &["training.steps=-1"]);
    let says = "`training.steps` must be a whole number from 0 to 1000000000, or \"auto\", not -1; the default is 400";
    assert!(message.contains(says), "{message}");
    let message = error(MINIMAL, &["training.steps="]);
    assert!(message.contains("or \"auto\", not an empty value; the default is 400"), "{message}");
}

#[test]
fn choices_come_after_steps_or_by_the_rule() {
    let config = with(MINIMAL, &["method.every=auto"]).unwrap();
    assert_eq!(config.method.every, Every::Auto);
    assert_eq!(with(&config.to_toml().unwrap(), &[]).unwrap(), config);
    for value in ["0", "-1", "1.5", "2000000000", "true"] {
        let message = error(MINIMAL, &[&format!("method.every={value}")]);
        let says =
            format!("`method.every` must be a whole number from 1 to 1000000000, or \"auto\", not {value};");
        assert!(message.contains(&says), "{message}");
    }
    let message = error(MINIMAL, &["training.steps=3", "method.every=often"]);
    assert!(message.starts_with("--set method.every=often: "), "{message}");
    assert!(message.contains("from 1 to 1000000000, or \"auto\", not \"often\";"), "{message}");
    let growing = error(MINIMAL, &["method.every=auto", "method.growth=2"]);
    assert!(growing.contains("never drops a parameter"), "{growing}");
}

#[test]
fn what_is_written_out_is_read_again() {
    for name in ["fish-dip", "fixed", "all-samples", "random", "norms", "full", "lora", "prefix"] {
        let config = with(MINIMAL, &[&format!("method.name={name}")]).unwrap();
        config.check().unwrap();
        let text = config.to_toml().unwrap();
        assert_eq!(with(&text, &[]).unwrap(), config, "{text}");
        assert_eq!(
            text.contains("keep = 0.01"),
            !["norms", "full", "lora", "prefix"].contains(&name),
            "{text}"
        );
    }
    // Older versions wrote every default out.
    let older = format!("{MINIMAL}[method]\nname = \"norms\"\nkeep = 0.01\nevery = 50\n");
    assert_eq!(
        super::parse_resolved("run.toml", &older).unwrap(),
        with(MINIMAL, &["method.name=norms"]).unwrap()
    );
}

#[test]
fn a_name_stands_in_a_list_once() {
    for (set, says) in [
        (
            &["method.name=lora", "method.lora.targets=[\"q\", \"v\", \"q\"]"][..],
            "`method.lora.targets` has `q` twice",
        ),
        (&["method.name=ia3", "method.ia3.targets=[\"k\", \"k\"]"], "`method.ia3.targets` has `k` twice"),
        (
            &["method.name=ia3", "method.ia3.feedforward=[\"wo\", \"wo\"]"],
            "`method.ia3.feedforward` has `wo` twice",
        ),
        (
            &["method.name=unipelt", "method.unipelt.targets=[\"q\", \"q\"]"],
            "`method.unipelt.targets` has `q` twice",
        ),
        (&["method.name=lora", "method.sites=[\"a\", \"b\", \"a\"]"], "`method.sites` has `a` twice"),
    ] {
        let message = error(MINIMAL, set);
        assert!(message.contains(says) && message.ends_with("take one out"), "{message}");
    }
    let set = ["method.name=lora", "method.lora.targets=[\"q\", \"v\"]", "method.sites=[\"a\", \"b\"]"];
    with(MINIMAL, &set).unwrap();
}

#[test]
fn keys_without_effect_are_told_outside_the_method_too() {
    let active = "[active]\nstrategy = \"random\"\n";
    let (passes, threshold) =
        (format!("{MINIMAL}{active}passes = 5\n"), format!("{MINIMAL}{active}stop_threshold = 0.5\n"));
    let window = format!("{MINIMAL}{active}stop = \"overall-uncertainty\"\nstop_window = 5\n");
    for (text, sets, says) in [
        (
            MINIMAL,
            &["optimizer.momentum=0.9"][..],
            "--set optimizer.momentum=0.9: `optimizer.momentum` has no effect, as only SGD",
        ),
        (
            MINIMAL,
            &["optimizer.name=sgd", "optimizer.beta1=0.8"],
            "`optimizer.beta1` has no effect, as only AdamW",
        ),
        (
            MINIMAL,
            &["optimizer.name=adafactor", "optimizer.epsilon=0.1"],
            "`optimizer.epsilon` has no effect",
        ),
        (MINIMAL, &["method.name=full", "optimizer.keep_moments=true"], "as no parameter leaves the mask"),
        (MINIMAL, &["training.average_share=0.5"], "as `training.average` is \"none\""),
        (MINIMAL, &["training.watch=loss"], "as `training.patience` is 0"),
        (MINIMAL, &["insight.samples=9"], "as neither `insight.cka` nor"),
        (&passes, &[], "run.toml:11: `active.passes` has no effect"),
        (&threshold, &[], "run.toml:11: `active.stop_threshold` has no effect"),
        (&window, &[], "run.toml:12: `active.stop_window` has no effect"),
    ] {
        let message = error(text, sets);
        assert!(message.contains(says) && message.contains("; leave it out, or "), "{sets:?}: {message}");
    }
    for sets in [
        &["optimizer.name=sgd", "optimizer.momentum=0.9"][..],
        &["optimizer.beta1=0.8", "optimizer.keep_moments=true"],
        &["training.average=last", "training.average_share=0.5"],
        &["training.watch=loss", "training.patience=2"],
        &["training.watch=smoothness", "insight.samples=9"],
        // A default says nothing.
        &["optimizer.momentum=0", "training.watch=score", "training.average_share=0.2"],
    ] {
        with(MINIMAL, sets).unwrap_or_else(|error| panic!("{sets:?}: {error}"));
    }
    // What is written out whole is read again, as a config and as that of a run.
    let text = with(MINIMAL, &[]).unwrap().to_toml().unwrap();
    assert!(text.contains("momentum = 0.0") && text.contains("average_share = 0.2"), "{text}");
    assert_eq!(with(&text, &[]).unwrap(), with(MINIMAL, &[]).unwrap());
    // What is said of one optimizer goes with it where another one is asked for.
    let sgd = format!("{MINIMAL}[optimizer]\nname = \"sgd\"\nmomentum = 0.9\n");
    assert_eq!(
        with(&sgd, &["optimizer.name=adamw"]).unwrap().optimizer,
        with(MINIMAL, &[]).unwrap().optimizer
    );
    // A run that was begun when nobody was told goes on.
    let older = format!("{MINIMAL}[optimizer]\nmomentum = 0.9\n");
    assert!((super::parse_resolved("config.toml", &older).unwrap().optimizer.momentum - 0.9).abs() < 1e-6);
}
