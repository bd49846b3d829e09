//! `fishdip fetch` against a small hub of this machine's own.

use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;

use crate::hub::{Fault, Hub};
use crate::project::{Outcome, Project};

const NAME: &str = "tester/t5-nano";

/// SHA-256 of the bundled model's tensors, as `sha256sum` gives it.
const WEIGHTS: &str = "caf025fc13da0aee83c50159db309ddebab49cbf77c7688a175c246e670bb63f";
/// SHA-1 of its config, as `git hash-object` gives it.
const CONFIG: &str = "854ce073619a71cd7e558565e7bc454b9e674248";
const TOKENIZER: &str = "e4c04f38c1a16828af1e6550ec3549a406dc6f2a";

const FILES: &[(&str, &str)] =
    &[("config.json", CONFIG), ("model.safetensors", WEIGHTS), ("tokenizer.json", TOKENIZER)];

/// Runs fishdip in `project` with the cache `cache/` and the hub at `endpoint`.
fn fishdip(project: &Project, endpoint: &str, arguments: &[&str]) -> Outcome {
    let output = Command::cargo_bin("fishdip")
        .unwrap()
        .current_dir(project.path(""))
        .env("HF_HUB_CACHE", project.path("cache"))
        .env("HF_ENDPOINT", endpoint)
        .env_remove("HTTP_PROXY")
        .env_remove("http_proxy")
        .env_remove("ALL_PROXY")
        .env_remove("HF_TOKEN")
        .args(arguments)
        .output()
        .unwrap();
    output.into()
}

fn blob(project: &Project, name: &str) -> PathBuf {
    project.path("cache/models--tester--t5-nano/blobs").join(name)
}

#[test]
fn a_fetched_model_is_trained_and_used_by_its_name() {
    let project = Project::new();
    let hub = Hub::start(NAME, FILES, Fault::None);
    let fetched = fishdip(&project, hub.endpoint(), &["fetch", NAME]);
    assert_eq!(fetched.code, Some(0), "{}", fetched.stderr);
    let folder = PathBuf::from(fetched.stdout.trim());
    assert!(folder.starts_with(project.path("cache/models--tester--t5-nano/snapshots")), "{folder:?}");
    for (file, hash) in FILES {
        assert_eq!(
            fs::canonicalize(folder.join(file)).unwrap(),
            fs::canonicalize(blob(&project, hash)).unwrap()
        );
        assert_eq!(fs::read(folder.join(file)).unwrap(), fs::read(project.path("model").join(file)).unwrap());
    }

    // Again, and without a network: the same folder, and nothing is downloaded.
    let downloads = hub.downloads().len();
    assert_eq!(fishdip(&project, hub.endpoint(), &["fetch", NAME]).stdout, fetched.stdout);
    assert_eq!(hub.downloads().len(), downloads);
    drop(hub);
    let offline = fishdip(&project, "http://127.0.0.1:9", &["fetch", NAME, "--json"]);
    assert_eq!(offline.code, Some(0), "{}", offline.stderr);
    assert_eq!(offline.json()["folder"], folder.to_str().unwrap());

    let model = format!("model.path={NAME}");
    let train =
        ["train", "--config", "run.toml", "--run", "out", "--set", &model, "--set", "training.steps=1"];
    let trained = fishdip(&project, "", &train);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let adapter = fs::read_to_string(project.path("out/adapter/adapter_config.json")).unwrap();
    assert!(adapter.contains("\"base_model_name_or_path\": \"tester/t5-nano\""), "{adapter}");
    let score = fishdip(&project, "", &["evaluate", "--adapter", "out/adapter", "--json"]);
    assert_eq!(score.code, Some(0), "{}", score.stderr);
}

#[test]
fn a_broken_download_goes_on_where_it_stopped() {
    let project = Project::new();
    let weights = fs::metadata(project.path("model/model.safetensors")).unwrap().len();
    let hub = Hub::start(NAME, FILES, Fault::BreakAt(100_000));
    let broken = fishdip(&project, hub.endpoint(), &["fetch", NAME]);
    assert_eq!(broken.code, Some(4), "{}", broken.stderr);
    assert!(
        broken.stderr.contains("failed to download model.safetensors of tester/t5-nano"),
        "{}",
        broken.stderr
    );
    assert!(broken.stderr.contains("goes on from there"), "{}", broken.stderr);
    drop(hub);
    let part = fs::metadata(blob(&project, WEIGHTS).with_extension("part")).unwrap().len();
    assert!(part > 0 && part <= 100_000, "{part} of {weights} bytes are kept");
    let unfinished =
        fishdip(&project, "", &["train", "--config", "run.toml", "--set", "model.path=tester/t5-nano"]);
    assert_eq!(unfinished.code, Some(2));
    assert!(unfinished.stderr.contains("only in part"), "{}", unfinished.stderr);

    let hub = Hub::start(NAME, FILES, Fault::None);
    let fetched = fishdip(&project, hub.endpoint(), &["fetch", NAME]);
    assert_eq!(fetched.code, Some(0), "{}", fetched.stderr);
    assert!(hub.downloads().contains(&("model.safetensors".to_owned(), part)), "{:?}", hub.downloads());
    let bytes = fs::read(project.path("model/model.safetensors")).unwrap();
    assert_eq!(fs::read(blob(&project, WEIGHTS)).unwrap(), bytes);
}

#[test]
fn a_part_that_is_whole_is_no_dead_end() {
    let project = Project::new();
    fs::create_dir_all(blob(&project, "")).unwrap();
    fs::copy(project.path("model/model.safetensors"), blob(&project, WEIGHTS).with_extension("part"))
        .unwrap();
    let hub = Hub::start(NAME, FILES, Fault::None);
    let fetched = fishdip(&project, hub.endpoint(), &["fetch", NAME]);
    assert_eq!(fetched.code, Some(0), "{}", fetched.stderr);
}

#[test]
fn a_file_that_is_not_what_was_announced_is_refused() {
    let project = Project::new();
    let hub = Hub::start(NAME, FILES, Fault::FlipLastByte);
    let damaged = fishdip(&project, hub.endpoint(), &["fetch", NAME]);
    assert_eq!(damaged.code, Some(4), "{}", damaged.stderr);
    assert!(
        damaged.stderr.contains("model.safetensors of tester/t5-nano is not what the hub announced"),
        "{}",
        damaged.stderr
    );
    assert!(damaged.stderr.contains(WEIGHTS), "{}", damaged.stderr);
    assert!(!blob(&project, WEIGHTS).exists());
    drop(hub);
    let hub = Hub::start(NAME, FILES, Fault::None);
    let fetched = fishdip(&project, hub.endpoint(), &["fetch", NAME]);
    assert_eq!(fetched.code, Some(0), "{}", fetched.stderr);
}

#[test]
fn unknown_names_and_no_network() {
    let project = Project::new();
    let hub = Hub::start(NAME, FILES, Fault::None);
    let unknown = fishdip(&project, hub.endpoint(), &["fetch", "tester/t5-nono"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("404"), "{}", unknown.stderr);
    let offline = fishdip(&project, "http://127.0.0.1:9", &["fetch", NAME]);
    assert_eq!(offline.code, Some(2));
    assert!(offline.stderr.contains(&project.path("cache").display().to_string()), "{}", offline.stderr);
    assert!(!project.path("cache").exists(), "nothing is written");
}
