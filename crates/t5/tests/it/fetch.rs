//! Models from a hub: what comes where, what is resumed, and what a broken connection costs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fishdip_t5::{FetchError, HubCache, RequestError};

use crate::hub_server::{Answer, COMMIT, NAME, Server, WEIGHTS, content, fetch, hub, tag};

fn repository(folder: &Path) -> PathBuf {
    folder.join("cache/models--tester--t5")
}

fn blob(folder: &Path, file: &str) -> PathBuf {
    repository(folder).join("blobs").join(tag(file))
}

/// What an interrupted download of the weights has left.
fn leave_part(folder: &Path, bytes: &[u8]) {
    fs::create_dir_all(repository(folder).join("blobs")).unwrap();
    fs::write(blob(folder, WEIGHTS).with_extension("part"), bytes).unwrap();
}

#[test]
fn a_model_comes_whole_once_and_is_there_without_a_network() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|_, honest| honest);
    let mut seen = Vec::new();
    let hub_here = server.hub(folder.path());
    let snapshot = fishdip_t5::fetch(&hub_here, NAME, &mut |progress| {
        seen.push((progress.file.to_owned(), progress.at, progress.size));
    })
    .unwrap();
    assert_eq!(snapshot, repository(folder.path()).join("snapshots").join(COMMIT));
    for file in ["config.json", WEIGHTS, "tokenizer.json"] {
        assert_eq!(fs::read(snapshot.join(file)).unwrap(), content(file));
        assert_eq!(fs::read(blob(folder.path(), file)).unwrap(), content(file));
        #[cfg(unix)]
        assert_eq!(
            fs::read_link(snapshot.join(file)).unwrap(),
            Path::new("../../blobs").join(tag(file)),
            "as huggingface_hub links it"
        );
        let size = content(file).len() as u64;
        assert!(seen.contains(&(file.to_owned(), size, size)), "{file}: {seen:?}");
    }
    assert!(!snapshot.join("README.md").exists());
    assert_eq!(fs::read_to_string(repository(folder.path()).join("refs/main")).unwrap(), COMMIT);
    let cache = HubCache::at(hub_here.cache.clone());
    assert_eq!(cache.model_folder(Path::new(NAME)).unwrap(), snapshot);

    let asked = server.requests().len();
    assert_eq!(fetch(&hub_here).unwrap(), snapshot);
    assert_eq!(server.requests().len(), asked + 1, "what is there is not asked for again");
    assert_eq!(fetch(&hub("http://127.0.0.1:9", folder.path())).unwrap(), snapshot);
}

#[test]
fn a_download_that_broke_off_is_resumed_by_the_next_call() {
    let folder = tempfile::tempdir().unwrap();
    let breaking = Server::start(|request, mut answer| {
        if request.gets(WEIGHTS) {
            answer.body.truncate(100_000 - request.range.unwrap_or(0).min(100_000));
        }
        answer
    });
    let error = fetch(&breaking.hub(folder.path())).unwrap_err();
    assert!(error.is_part_way(), "{error}");
    assert!(error.to_string().contains(&format!("failed to download {WEIGHTS} of {NAME}")), "{error}");
    assert_eq!(breaking.downloads(WEIGHTS), [0, 100_000, 100_000], "as often as there is patience for");
    assert_eq!(fs::metadata(blob(folder.path(), WEIGHTS).with_extension("part")).unwrap().len(), 100_000);
    assert!(!repository(folder.path()).join("refs/main").exists());
    let cache = HubCache::at(folder.path().join("cache"));
    let in_part = cache.model_folder(Path::new(NAME)).unwrap_err().to_string();
    assert!(in_part.contains("only in part"), "{in_part}");

    let server = Server::start(|_, honest| honest);
    fetch(&server.hub(folder.path())).unwrap();
    assert_eq!(server.downloads(WEIGHTS), [100_000]);
    assert_eq!(fs::read(blob(folder.path(), WEIGHTS)).unwrap(), content(WEIGHTS));
}

#[test]
fn a_connection_that_breaks_or_stalls_is_taken_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let tries = AtomicUsize::new(0);
    let server = Server::start(move |request, mut answer| {
        if request.gets(WEIGHTS) {
            match tries.fetch_add(1, Ordering::Relaxed) {
                0 => answer.body.truncate(1_000),
                1 => {
                    answer.body.truncate(2_000);
                    answer.silence = Duration::from_secs(20);
                }
                _ => {}
            }
        }
        answer
    });
    let mut hub = server.hub(folder.path());
    hub.patience.stall = Duration::from_secs(1);
    fetch(&hub).unwrap();
    assert_eq!(server.downloads(WEIGHTS), [0, 1_000, 3_000]);
    assert_eq!(fs::read(blob(folder.path(), WEIGHTS)).unwrap(), content(WEIGHTS));
}

#[test]
fn a_hub_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let tries = AtomicUsize::new(0);
    let busy = Server::start(move |request, answer| {
        let asks = request.heads(WEIGHTS) || request.gets(WEIGHTS);
        if asks && tries.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            return Answer::new("503 Service Unavailable", Vec::new());
        }
        answer
    });
    fetch(&busy.hub(folder.path())).unwrap();
    assert_eq!(busy.downloads(WEIGHTS), [0, 0]);

    let folder = tempfile::tempdir().unwrap();
    let refusing =
        Server::start(
            |request, answer| {
                if request.heads(WEIGHTS) { Answer::new("403 Forbidden", Vec::new()) } else { answer }
            },
        );
    let error = fetch(&refusing.hub(folder.path())).unwrap_err();
    assert!(error.to_string().contains("status 403"), "{error}");
    assert!(!error.is_part_way() && !folder.path().join("cache").exists(), "nothing was written: {error}");
}

#[test]
fn a_server_that_knows_no_ranges_sends_all_of_it_again() {
    let folder = tempfile::tempdir().unwrap();
    leave_part(folder.path(), &content(WEIGHTS)[..1_000]);
    let server =
        Server::start(
            |request, answer| {
                if request.gets(WEIGHTS) { Answer::new("200 OK", content(WEIGHTS)) } else { answer }
            },
        );
    fetch(&server.hub(folder.path())).unwrap();
    assert_eq!(server.downloads(WEIGHTS), [1_000]);
    assert_eq!(fs::read(blob(folder.path(), WEIGHTS)).unwrap(), content(WEIGHTS));
}

#[test]
fn no_part_is_a_dead_end() {
    let whole = content(WEIGHTS);
    let wrong = vec![7; 1_000];
    let long = vec![7; whole.len() + 1];
    let parts = [(whole.clone(), vec![]), (wrong, vec![1_000, 0]), (long, vec![0])];
    for (part, downloads) in parts {
        let folder = tempfile::tempdir().unwrap();
        leave_part(folder.path(), &part);
        let server = Server::start(|_, honest| honest);
        fetch(&server.hub(folder.path())).unwrap();
        assert_eq!(server.downloads(WEIGHTS), downloads, "a part of {} bytes", part.len());
        assert_eq!(fs::read(blob(folder.path(), WEIGHTS)).unwrap(), whole);
        assert!(!blob(folder.path(), WEIGHTS).with_extension("part").exists());
    }
}

#[test]
fn a_file_of_the_cache_that_is_damaged_comes_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|_, honest| honest);
    let snapshot = fetch(&server.hub(folder.path())).unwrap();
    let mut bytes = content(WEIGHTS);
    bytes[5] ^= 1;
    fs::write(blob(folder.path(), WEIGHTS), &bytes).unwrap();
    fetch(&server.hub(folder.path())).unwrap();
    assert_eq!(fs::read(snapshot.join(WEIGHTS)).unwrap(), content(WEIGHTS));
    assert_eq!(server.downloads("config.json"), [0], "the others stay");

    // Where a tool has no links, it keeps the files themselves.
    fs::remove_file(snapshot.join(WEIGHTS)).unwrap();
    fs::write(snapshot.join(WEIGHTS), &bytes).unwrap();
    fetch(&server.hub(folder.path())).unwrap();
    assert_eq!(fs::read(snapshot.join(WEIGHTS)).unwrap(), content(WEIGHTS));
}

#[test]
fn what_another_process_downloads_is_waited_for_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    leave_part(folder.path(), b"of another process");
    let part = blob(folder.path(), WEIGHTS).with_extension("part");
    let others = repository(folder.path()).join("blobs/0123.part");
    fs::write(&others, b"of another file").unwrap();
    let lock = fs::File::create(blob(folder.path(), WEIGHTS).with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let server = Server::start(|_, honest| honest);
    let mut hub = server.hub(folder.path());
    hub.patience.stall = Duration::from_secs(1);
    let error = fetch(&hub).unwrap_err();
    assert!(matches!(error, FetchError::Busy { .. }) && error.is_part_way(), "{error}");
    assert_eq!(fs::read(&part).unwrap(), b"of another process");

    let waiting = std::thread::spawn(move || fetch(&hub));
    std::thread::sleep(Duration::from_millis(300));
    drop(lock);
    waiting.join().unwrap().unwrap();
    assert_eq!(fs::read(blob(folder.path(), WEIGHTS)).unwrap(), content(WEIGHTS));
    assert_eq!(fs::read(&others).unwrap(), b"of another file");
}

#[test]
fn a_connection_over_which_nothing_comes_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|request, mut answer| {
        if request.gets(WEIGHTS) {
            answer.body.truncate(10);
            answer.silence = Duration::from_mins(1);
        }
        answer
    });
    let mut hub = server.hub(folder.path());
    hub.patience.stall = Duration::from_secs(1);
    hub.patience.retries = 1;
    let start = Instant::now();
    let error = fetch(&hub).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    assert!(
        matches!(&error, FetchError::Download { source: RequestError::Stalled(_), .. }),
        "{error}: {error:?}"
    );
    assert!(error.to_string().contains("stalled, no byte came for 1s"), "{error}");
    assert_eq!(server.downloads(WEIGHTS), [0, 10]);
}

#[test]
fn names_that_are_none_and_hubs_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|_, honest| honest);
    for name in ["../x", "a/b/c", "a--b", "", "a b", "a?b", "a/..", "\u{1b}[2J"] {
        let error = fishdip_t5::fetch(&server.hub(folder.path()), name, &mut |_| ()).unwrap_err();
        assert!(matches!(error, FetchError::Name(_)), "{name:?}: {error}");
        assert!(!error.to_string().contains('\u{1b}'), "{error}");
    }
    assert!(server.requests().is_empty());
    for endpoint in ["", "hub.example", "ftp://hub.example", "file:///etc", "https://", "https://h/?x"] {
        let error = fetch(&hub(endpoint, folder.path())).unwrap_err();
        assert!(matches!(error, FetchError::Endpoint(_)), "{endpoint:?}: {error}");
    }
    let error = fishdip_t5::fetch(&server.hub(folder.path()), "tester/other", &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("status 404"), "{error}");
    assert!(error.to_string().contains(&folder.path().join("cache").display().to_string()), "{error}");
    assert!(!error.is_part_way() && !folder.path().join("cache").exists());
}
