#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic and says why")]
use super::super::Study;
use super::*;

const BASE: &str =
    "[model]\npath = \"m\"\n[data]\ndir = \"d\"\ntrain = \"t\"\neval = \"e\"\n[task]\nname = \"ner\"\n";

/// The study `text` on the base config, which stands in the same folder.
fn load(text: &str) -> Result<Study, Error> {
    load_with(text, &[])
}

/// The same with what a command line sets.
fn load_with(text: &str, set: &[String]) -> Result<Study, Error> {
    let folder = tempfile::tempdir().unwrap();
    let (base, file) = (folder.path().join("run.toml"), folder.path().join("study.toml"));
    std::fs::write(&base, BASE).unwrap();
    std::fs::write(&file, format!("base = {:?}\n{text}", base.display().to_string())).unwrap();
    Study::load(&file, set, &folder.path().join("out"))
}

/// The error of a study, without the folder.
fn error(text: &str) -> String {
    let error = load(text).unwrap_err().to_string();
    match error.rsplit_once("study.toml") {
        Some((_, rest)) => format!("study.toml{rest}"),
        None => error,
    }
}

fn names(text: &str) -> Vec<String> {
    load(text)
        .unwrap_or_else(|error| panic!("{error}"))
        .cells()
        .iter()
        .map(|cell| cell.name.clone())
        .collect()
}

const KEEP: &str = "[[axis]]\nkey = \"method.keep\"\nvalues = [0.01, 0.05]\n";

#[test]
fn a_command_line_sets_keys_of_all_cells() {
    let with =
        |set: &str| load_with(&format!("seeds = [1]\n[set]\ndata.dir = \"x\"\n{KEEP}"), &[set.to_owned()]);
    let study = with("data.dir=other").unwrap();
    assert!(study.cells().iter().all(|cell| cell.config.data.dir.to_str() == Some("other")));
    let refused = |set: &str| with(set).unwrap_err().to_string();
    for (set, by) in [("method.keep=0.02", "the axis keep"), ("training.seed=3", "seeds")] {
        let message = refused(set);
        assert!(message.contains(&format!("--set {set}")) && message.contains(by), "{message}");
    }
    assert!(
        refused("data.dri=x").starts_with("--set data.dri=x: unknown field `dri`"),
        "{}",
        refused("data.dri=x")
    );
    assert!(refused("x").contains("key=value"), "{}", refused("x"));
}

#[test]
fn cells_are_in_the_order_of_the_file() {
    let methods = "[[axis]]\nname = \"method\"\n[[axis.preset]]\nname = \"random\"\nset.method.name = \"random\"\n\
                   [[axis.preset]]\nname = \"fixed\"\nset.method.name = \"fixed\"\nset.optimizer.learning_rate = 1e-2\n";
    let study = load(&format!("seeds = [2, 1]\n[set]\ntraining.steps = 7\n{methods}{KEEP}")).unwrap();
    let names: Vec<&str> = study.cells().iter().map(|cell| cell.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "random,keep=0.01,seed=2",
            "random,keep=0.01,seed=1",
            "random,keep=0.05,seed=2",
            "random,keep=0.05,seed=1",
            "fixed,keep=0.01,seed=2",
            "fixed,keep=0.01,seed=1",
            "fixed,keep=0.05,seed=2",
            "fixed,keep=0.05,seed=1",
        ]
    );
    let last = &study.cells()[7];
    assert_eq!((last.config.training.steps(), last.config.training.seed), (7, 1));
    assert_eq!(last.config.method.name, crate::MethodName::Fixed);
    assert!((last.config.method.keep() - 0.05).abs() < 1e-12);
    assert!((last.config.optimizer.learning_rate() - 0.01).abs() < 1e-6);
    assert!(last.folder.ends_with("out/fixed,keep=0.05,seed=1"));
}

#[test]
fn names_are_safe_for_file_systems() {
    let axis = |values: &str| format!("[[axis]]\nkey = \"task.prefix\"\nvalues = [{values}]\n");
    assert_eq!(names(&axis("'../a b', 'c:d', '', 'é'")), ["_.-a-b", "c-d", "prefix=", "é"]);
    assert_eq!(
        names(KEEP),
        ["keep=0.01", "keep=0.05"],
        "without seeds there is one, that of the base config"
    );
    for same in ["'a/b', 'a:b'", "'x', 'X'", "'Table.md'"] {
        let message = error(&axis(same));
        assert!(message.contains("is the name of two things"), "{message}");
    }
    let message = error(&axis(&format!("'{}'", "x".repeat(300))));
    assert!(message.contains("has a name too long for a folder"), "{message}");
    let message = error(
        "[[axis]]\nkey = \"method.every\"\nname = \"k\"\nvalues = [1]\n[[axis]]\nname = \"k\"\nkey = \"method.keep\"\nvalues = [1]\n",
    );
    assert!(message.starts_with("study.toml:6: two axes are called \"k\""), "{message}");
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let with = |line: &str| format!("{line}\n{KEEP}");
    for (text, starts, ends) in [
        (with("seed = [1]"), "study.toml:2: unknown field `seed`", "did you mean `seeds`?"),
        (
            with("baseline = \"keep=0.02\""),
            "study.toml:2: the baseline `keep=0.02` is no group",
            "did you mean `keep=0.01`?",
        ),
        (with("seeds = []"), "study.toml:2: `seeds` is empty", "that of the base config"),
        (
            with("seeds = [9223372036854775808]"),
            "study.toml:2: `seeds` has 9223372036854775808",
            "is 9223372036854775807",
        ),
        (
            with("seeds = [1]\n[set]\ntraining.seed = 4"),
            "study.toml:4: sets the seed",
            "take one of the two out",
        ),
        (with("seeds = [1, 1]"), "study.toml:2: `seeds` has 1 twice", "take one out"),
        (with("[set]\ntraining.stpes = 1"), "study.toml:3: unknown field `stpes`", "did you mean `steps`?"),
        (with("[set.training]\nbatch_size = 0"), "study.toml:3: `training.batch_size` must be", ""),
        (with("[set]\ntraining.patience = 2"), "study.toml:3: `training.patience`", ""),
        (String::new(), "study.toml: the study has no axis", ""),
        (
            with("[[axis]]\nname = \"other\"\n[[axis.preset]]\nname = \"a\"\nset.method.keep = 0.5"),
            "study.toml:9: sets a key that the axis \"other\" sets as well",
            "different keys",
        ),
        (
            "[[axis]]\nkey = \"method.keeps\"\nvalues = [1]".into(),
            "study.toml:3: unknown field `keeps`",
            "did you mean `keep`?",
        ),
        (
            "[[axis]]\nkey = \"method.keep\"\nvalues = [0.1,\n7]".into(),
            "study.toml:5: `method.keep` must be",
            "",
        ),
        ("[[axis]]\nkey = \"method.keep\"\nvalues = []".into(), "study.toml:2: the axis has no value", ""),
        (
            "[[axis]]\nkey = \"method.keep\"\nvalues = [0.1, 0.1]".into(),
            "study.toml:4: the axis \"keep\" has the value 0.1 twice",
            "",
        ),
        ("[[axis]]\nkey = \"training.seed\"\nvalues = [1]".into(), "study.toml:3: seeds are no axis", ""),
        ("[[axis]]\nkey = \"a..b\"\nvalues = [1]".into(), "study.toml:3: a key is empty", ""),
        ("[[axis]]\nkey = \"method.keep\"".into(), "study.toml:2: an axis has either", ""),
        (
            "[[axis]]\n[[axis.preset]]\nname = \"a\"\nset.method.keep = 1".into(),
            "study.toml:2: an axis of presets",
            "",
        ),
        (
            "[[axis]]\nname = \"m\"\n[[axis.preset]]\nname = \"a\"\nset.method.name = \"fill\"".into(),
            "study.toml:4 (preset \"a\"): unknown variant `fill`",
            "did you mean `full`?",
        ),
    ] {
        let message = error(&text);
        assert!(message.starts_with(starts) && message.ends_with(ends), "{message}\n{text}");
    }
    let many = "[[axis]]\nkey = \"method.KEY\"\nvalues = [".to_owned()
        + &(1..200).map(|i| i.to_string()).collect::<Vec<_>>().join(", ")
        + "]\n";
    let message = error(&(many.replace("KEY", "every") + &many.replace("KEY", "hard_samples")));
    assert!(message.contains("more than 10000 combinations"), "{message}");
}

#[test]
fn a_cell_is_found_by_its_name() {
    let study = load(KEEP).unwrap();
    assert_eq!(study.cell("keep=0.05").unwrap().name, "keep=0.05");
    let message = study.cell("keep=0.50").unwrap_err().to_string();
    assert_eq!(
        message,
        "the study has no cell keep=0.50; did you mean `keep=0.05`?; --list shows those that it has"
    );
}
