//! Cells of a study that are asked to stop.

use std::fs;
use std::path::Path;

use fishdip_train::{FailureKind, Study};

use crate::questions::{QUESTIONS, runtime};

/// What stands behind [`QUESTIONS`].
const STEPS: &str = "[training]\nsteps = 2\nbatch_size = 2\n[evaluation]\nbefore = false\n";

/// Stops a cell with `more` in its config before its first step.
fn stopped(more: &str) {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    fs::write(place("texts.txt"), "how far is it\nwho was there\n").unwrap();
    let more = more.replace("FOLDER", &folder.path().display().to_string());
    fs::write(place("run.toml"), format!("{QUESTIONS}{STEPS}{more}")).unwrap();
    let study = format!(
        "base = {:?}\n[[axis]]\nkey = \"method.keep\"\nvalues = [0.01, 0.02]\n",
        place("run.toml").display().to_string()
    );
    fs::write(place("study.toml"), study).unwrap();
    let study = Study::load(&place("study.toml"), &[], Path::new(&place("out"))).unwrap();
    let runtime = runtime();
    runtime.interrupter.stop();
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
