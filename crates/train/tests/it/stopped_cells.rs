//! Cells of a study that are asked to stop.

use std::fs;
use std::path::Path;

use burn::tensor::Device;
use fishdip_train::{FailureKind, HubCache, Interrupter, Runtime, Study};

const BASE: &str = "\
[model]
path = \"../../fixtures/models/t5-nano\"
[data]
dir = \"../../fixtures/data/questions\"
train = \"train.txt\"
eval = \"dev.txt\"
format = \"classes\"
train_examples = 8
eval_examples = 4
[task]
name = \"text-classification\"
[training]
steps = 2
batch_size = 2
[evaluation]
before = false
";

/// Stops a cell of `BASE` with `more` before its first step.
fn stopped(more: &str) {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    fs::write(place("texts.txt"), "how far is it\nwho was there\n").unwrap();
    fs::write(
        place("run.toml"),
        format!("{BASE}{}", more.replace("FOLDER", &folder.path().display().to_string())),
    )
    .unwrap();
    let study = format!(
        "base = {:?}\n[[axis]]\nkey = \"method.keep\"\nvalues = [0.01, 0.02]\n",
        place("run.toml").display().to_string()
    );
    fs::write(place("study.toml"), study).unwrap();
    let study = Study::load(&place("study.toml"), &[], Path::new(&place("out"))).unwrap();
    let interrupter = Interrupter::new();
    interrupter.stop();
    let runtime =
        Runtime { device: Device::flex(), backend: "flex".to_owned(), hub: HubCache::default(), interrupter };
    let cell = &study.cells()[0];
    let error = cell.run(&runtime, &mut ()).unwrap_err();
    assert_eq!(error.kind(), FailureKind::Stopped, "{error}");
    assert_eq!(cell.failure(), None, "it can go on, and has not failed");
}

#[test]
fn a_cell_that_is_stopped_has_not_failed() {
    stopped("");
    stopped("[self_training]\ntexts = \"FOLDER/texts.txt\"\nrounds = 1\n");
}
