//! A folder with the bundled model and a little data, and the binary run in it.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

pub(crate) struct Project {
    folder: TempDir,
}

/// What a command came to.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// `model/` (a copy of the bundled one), `data/{train,dev}.txt` (the first sentences of the bundled data) and
    /// `run.toml` (three steps).
    pub(crate) fn new() -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        let fixtures = Path::new("../../fixtures");
        fs::create_dir_all(project.path("model")).unwrap();
        for file in ["config.json", "model.safetensors", "tokenizer.json"] {
            fs::copy(fixtures.join("models/t5-nano").join(file), project.path("model").join(file)).unwrap();
        }
        fs::create_dir_all(project.path("data")).unwrap();
        for (file, sentences) in [("train.txt", 12), ("dev.txt", 4)] {
            let text = fs::read_to_string(fixtures.join("data/quickstart").join(file)).unwrap();
            let start: Vec<&str> = text.split("\n\n").take(sentences).collect();
            project.write(&format!("data/{file}"), &(start.join("\n\n") + "\n"));
        }
        project.write(
            "run.toml",
            "[model]\npath = \"model\"\n\n[data]\ndir = \"data\"\ntrain = \"train.txt\"\neval = \"dev.txt\"\nscheme = \"iob2\"\n\n\
             [task]\nname = \"ner\"\n\n[task.entities]\nPER = \"person\"\nLOC = \"location\"\nORG = \"organization\"\nDATE = \"date\"\n\n\
             [method]\nevery = 2\nhard_samples = 2\n\n[training]\nsteps = 3\nbatch_size = 4\ndropout = 0.1\n\n\
             [evaluation]\nmax_output_pieces = 48\n",
        );
        project
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and its folder if there is none.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with(arguments, "")
    }

    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &str) -> Outcome {
        let output = Command::cargo_bin("fishdip")
            .unwrap()
            .current_dir(self.folder.path())
            .args(arguments)
            .write_stdin(stdin)
            .output()
            .unwrap();
        output.into()
    }

    /// Trains into the folder `run` with more arguments.
    pub(crate) fn train(&self, run: &str, more: &[&str]) -> Outcome {
        let mut arguments = vec!["train", "--config", "run.toml", "--run", run, "--json"];
        arguments.extend(more);
        self.run(&arguments)
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Outcome {
    /// The last line of standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(self.stdout.lines().last().unwrap_or_default()).unwrap()
    }
}
