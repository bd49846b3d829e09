//! Hubs that lie: every lie is an error that names it, and leaves the cache and the model that is there as they were.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fishdip_t5::{FetchError, Hub, RequestError};

use crate::hub_server::{Answer, COMMIT, NAME, Request, Server, WEIGHTS, content, fetch, hub, tag};

/// The error of fetching from a hub that answers so, which must have written nothing.
fn refused(bent: impl Fn(&Request, Answer) -> Answer + Send + Sync + 'static) -> FetchError {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(bent);
    let error = fetch(&server.hub(folder.path())).unwrap_err();
    let entries = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(entries, 0, "nothing is written: {error}");
    assert!(!error.is_part_way(), "{error}");
    error
}

/// The error of a download that goes wrong, which must have left no blob of that name and no `main`.
fn broken(bent: impl Fn(&Request, Answer) -> Answer + Send + Sync + 'static) -> FetchError {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(bent);
    let error = fetch(&server.hub(folder.path())).unwrap_err();
    assert!(error.is_part_way(), "{error}");
    let repository = folder.path().join("cache/models--tester--t5");
    assert!(!repository.join("refs/main").exists());
    assert!(!repository.join("blobs").join(tag(WEIGHTS)).exists());
    assert!(written(&repository.join("blobs")) <= 310_000, "no more than was announced");
    error
}

/// Bytes in the files of a folder.
fn written(folder: &Path) -> u64 {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

/// The description of a model with these files at this commit.
fn description(sha: &str, files: &[&str]) -> Answer {
    let siblings: Vec<_> = files.iter().map(|file| serde_json::json!({ "rfilename": file })).collect();
    let text = serde_json::json!({ "sha": sha, "siblings": siblings }).to_string();
    Answer::new("200 OK", text.into_bytes())
}

#[test]
fn names_that_lead_elsewhere() {
    for bad in ["../../../evil", "/etc/cron.d/evil", "..\\evil", "model-../../evil.safetensors"] {
        let error = refused(move |request, honest| {
            let files = ["config.json", WEIGHTS, bad];
            if request.is_description() { description(COMMIT, &files) } else { honest }
        });
        let message = error.to_string();
        assert!(matches!(error, FetchError::Announced { .. }), "{message}");
        assert!(message.contains("evil") && message.contains("within the model's folder"), "{message}");
    }
}

#[test]
fn commits_that_are_none() {
    let long = "f".repeat(100_000);
    for bad in ["main", "", "../../../../evil", &COMMIT.to_uppercase(), &long] {
        let sha = bad.to_owned();
        let error = refused(move |request, honest| {
            let files = ["config.json", WEIGHTS];
            if request.is_description() { description(&sha, &files) } else { honest }
        });
        let message = error.to_string();
        assert!(message.contains("the commit") && message.contains("40 lower-case"), "{message}");
        assert!(message.len() < 400, "{message}");
    }
    let error =
        refused(
            |request, honest| {
                if request.heads(WEIGHTS) { honest.with("X-Repo-Commit", &"f".repeat(40)) } else { honest }
            },
        );
    assert!(error.to_string().contains(&format!("{WEIGHTS} of {NAME}: the commit \"ffff")), "{error}");
}

#[test]
fn tags_that_are_no_hashes() {
    let path = format!("../{}", &tag(WEIGHTS)[3..]);
    for bad in ["\"../../../evil\"", "\"abc\"", "/etc/passwd", &tag(WEIGHTS).to_uppercase(), &path, ""] {
        let etag = bad.to_owned();
        let error = refused(
            move |request, honest| {
                if request.heads(WEIGHTS) { honest.with("ETag", &etag) } else { honest }
            },
        );
        let message = error.to_string();
        assert!(message.contains(&format!("{WEIGHTS} of {NAME}: the ETag")), "{message}");
    }
    // The link's tag counts, where there is one.
    let error = refused(
        |request, honest| {
            if request.heads(WEIGHTS) { honest.with("X-Linked-Etag", "\"..\"") } else { honest }
        },
    );
    assert!(error.to_string().contains("the ETag"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let linked = Server::start(|request, honest| {
        if request.heads(WEIGHTS) {
            return honest
                .with("ETag", "W/\"store-7\"")
                .with("X-Linked-Etag", &format!("W/\"{}\"", tag(WEIGHTS)));
        }
        honest
    });
    fetch(&linked.hub(folder.path())).unwrap();
}

#[test]
fn sizes_that_no_model_has() {
    for (file, size) in
        [("config.json", "67108865"), (WEIGHTS, "68719476737"), (WEIGHTS, "18446744073709551615")]
    {
        let error = refused(
            move |request, honest| {
                if request.heads(file) { honest.with("Content-Length", size) } else { honest }
            },
        );
        let message = error.to_string();
        assert!(message.contains(&format!("{file} of {NAME}")) && message.contains(size), "{message}");
    }
    for bad in ["-1", "many", "99999999999999999999999"] {
        let error = refused(
            move |request, honest| {
                if request.heads(WEIGHTS) { honest.with("X-Linked-Size", bad) } else { honest }
            },
        );
        assert!(error.to_string().contains("the size"), "{error}");
    }
}

#[test]
fn descriptions_that_are_none() {
    let nested = [b"{\"sha\":".to_vec(), vec![b'['; 1 << 20]].concat();
    let unknown = [b"{\"x\":".to_vec(), vec![b'['; 1 << 20]].concat();
    for text in [nested, unknown, b"<html>".to_vec(), b"{}".to_vec(), b"\xff".to_vec(), Vec::new()] {
        let error =
            refused(
                move |request, honest| {
                    if request.is_description() { Answer::new("200 OK", text.clone()) } else { honest }
                },
            );
        assert!(
            matches!(error, FetchError::Unreachable { source: RequestError::Json(_), .. }),
            "{error}: {error:?}"
        );
    }
    let error = refused(|request, mut answer| {
        if request.is_description() {
            answer = Answer::new("200 OK", vec![b' '; 1 << 20]).without("Content-Length");
            answer.times = 1_000;
        }
        answer
    });
    assert!(
        matches!(error, FetchError::Unreachable { source: RequestError::Endless(_), .. }),
        "{error}: {error:?}"
    );
}

#[test]
fn other_bytes_than_announced() {
    let damaged = broken(|request, mut answer| {
        if request.gets(WEIGHTS) {
            *answer.body.last_mut().unwrap() ^= 1;
        }
        answer
    });
    assert!(matches!(damaged, FetchError::Damaged { .. }), "{damaged}");
    assert!(damaged.to_string().contains(&tag(WEIGHTS)), "{damaged}");

    let long = |error: &FetchError| {
        matches!(error, FetchError::Download { source: RequestError::Long(300_000), .. })
    };
    let announced =
        broken(
            |request, answer| {
                if request.gets(WEIGHTS) { Answer::new("200 OK", vec![7; 300_001]) } else { answer }
            },
        );
    assert!(long(&announced), "{announced}");
    let endless = broken(|request, mut answer| {
        if request.gets(WEIGHTS) {
            answer = answer.without("Content-Length");
            answer.times = 10_000;
        }
        answer
    });
    assert!(long(&endless), "{endless}");
}

#[test]
fn another_range_than_was_asked_for() {
    for bad in ["bytes 0-299999/300000", "bytes 1000-299999/300001", "bytes 1000-5000/300000", "", "\u{fffd}"]
    {
        let folder = tempfile::tempdir().unwrap();
        let blobs = folder.path().join("cache/models--tester--t5/blobs");
        fs::create_dir_all(&blobs).unwrap();
        let part = blobs.join(tag(WEIGHTS)).with_extension("part");
        fs::write(&part, &content(WEIGHTS)[..1_000]).unwrap();
        let server =
            Server::start(
                move |request, honest| {
                    if request.gets(WEIGHTS) { honest.with("Content-Range", bad) } else { honest }
                },
            );
        let error = fetch(&server.hub(folder.path())).unwrap_err();
        assert!(
            matches!(error, FetchError::Download { source: RequestError::Range { from: 1_000, .. }, .. }),
            "{error}"
        );
        assert_eq!(server.downloads(WEIGHTS), [1_000], "it would lie again");
        assert_eq!(fs::read(&part).unwrap(), content(WEIGHTS)[..1_000]);
    }
}

#[test]
fn main_moves_when_all_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let repository = folder.path().join("cache/models--tester--t5");
    let (main, seen) = (repository.join("refs/main"), Arc::new(Mutex::new(Vec::new())));
    let (at, early) = (repository.clone(), Arc::clone(&seen));
    let honest = Server::start(move |request, answer| {
        if request.method == "GET" && !request.is_description() {
            early.lock().unwrap().push(at.join("refs/main").exists() || at.join("snapshots").exists());
        }
        answer
    });
    let old = fetch(&honest.hub(folder.path())).unwrap();
    assert_eq!(*seen.lock().unwrap(), [false; 3], "neither a snapshot nor main is there before the files");

    // The next commit has other weights, which do not come whole.
    let next = "f".repeat(40);
    let commit = next.clone();
    let broken = Server::start(move |request, answer| {
        let files = ["config.json", WEIGHTS, "tokenizer.json"];
        if request.is_description() {
            return description(&commit, &files);
        }
        if request.path.contains(&commit) {
            let file = request.path.rsplit('/').next().unwrap();
            let answer = Answer::new("200 OK", content(file)).with("X-Repo-Commit", &commit);
            let hash = if file == WEIGHTS { "e".repeat(64) } else { tag(file) };
            return answer.with("ETag", &hash);
        }
        answer
    });
    let error = fetch(&broken.hub(folder.path())).unwrap_err();
    assert!(matches!(error, FetchError::Damaged { .. }), "{error}");
    assert_eq!(fs::read_to_string(&main).unwrap(), COMMIT);
    assert!(!repository.join("snapshots").join(&next).exists());
    assert_eq!(fetch(&hub("http://127.0.0.1:9", folder.path())).unwrap(), old, "the old one is still there");
}

/// A hub that has its weights in a store at `store`, fetched with a token into `folder`.
fn with_store(store: &str, folder: &Path) -> (Server, Result<std::path::PathBuf, FetchError>) {
    let location = format!("{store}/weights");
    let server = Server::start(move |request, honest| {
        if request.gets(WEIGHTS) || request.heads(WEIGHTS) {
            return Answer::redirect(&location)
                .with("X-Linked-Etag", &format!("\"{}\"", tag(WEIGHTS)))
                .with("X-Linked-Size", &content(WEIGHTS).len().to_string());
        }
        honest
    });
    let fetched = fetch(&Hub { token: Some("secret".into()), ..server.hub(folder) });
    (server, fetched)
}

#[test]
fn the_token_goes_to_the_hub_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Server::start(|_, _| Answer::new("200 OK", content(WEIGHTS)).with("ETag", "\"../evil\""));
    let (server, fetched) = with_store(&store.endpoint, folder.path());
    fetched.unwrap();
    let told =
        |server: &Server| server.requests().into_iter().map(|request| request.token).collect::<Vec<_>>();
    assert!(told(&server).iter().all(|token| token.as_deref() == Some("Bearer secret")));
    assert_eq!(told(&store), [None], "the store is asked once, for the content");

    // Nor to another name of the same machine.
    let folder = tempfile::tempdir().unwrap();
    let (again, fetched) = with_store(&store.endpoint.replace("127.0.0.1", "localhost"), folder.path());
    fetched.unwrap();
    assert!(told(&again).iter().all(Option::is_some));
    assert_eq!(told(&store), [None, None]);
    let debug = format!("{:?}", Hub { token: Some("secret".into()), ..server.hub(folder.path()) });
    assert!(!debug.contains("secret"), "{debug}");
}

#[test]
fn the_token_of_a_login_is_found_and_one_that_no_header_holds_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("token"), "kept\n").unwrap();
    let server = Server::start(|_, honest| honest);
    fetch(&server.hub(folder.path())).unwrap();
    assert!(server.requests().iter().all(|request| request.token.as_deref() == Some("Bearer kept")));
    let bad = Hub { token: Some("a\r\nEvil: 1".into()), ..server.hub(folder.path()) };
    assert!(matches!(fetch(&bad).unwrap_err(), FetchError::Token));
}

#[test]
fn redirects_that_lead_nowhere() {
    for bad in ["ftp://127.0.0.1/x", "file:///etc/passwd", "gopher:x", "", "http://"] {
        let error = refused(
            move |request, honest| {
                if request.heads(WEIGHTS) { Answer::redirect(bad) } else { honest }
            },
        );
        assert!(
            matches!(error, FetchError::File { source: RequestError::Redirect(_), .. }),
            "{bad}: {error}"
        );
    }
    let error = refused(
        |request, honest| {
            if request.is_description() { Answer::redirect(&request.path) } else { honest }
        },
    );
    assert!(
        matches!(error, FetchError::Unreachable { source: RequestError::Redirects(_), .. }),
        "{error}: {error:?}"
    );
    // Within the hub they are followed.
    let folder = tempfile::tempdir().unwrap();
    let moved = Server::start(|request, honest| {
        let path = request.path.strip_prefix("/moved");
        match path {
            Some(path) => crate::hub_server::honest(&Request { path: path.to_owned(), ..request.clone() }),
            None if request.is_description() => honest,
            None => Answer::redirect(&format!("/moved{}", request.path)),
        }
    });
    fetch(&moved.hub(folder.path())).unwrap();
}

#[test]
fn a_hub_that_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|request, mut answer| {
        if request.is_description() {
            answer.body.truncate(1);
            answer.silence = Duration::from_secs(30);
        }
        answer
    });
    let mut hub = server.hub(folder.path());
    hub.patience.stall = Duration::from_millis(300);
    let error = fetch(&hub).unwrap_err();
    assert!(
        matches!(error, FetchError::Unreachable { source: RequestError::Stalled(_), .. }),
        "{error}: {error:?}"
    );
}
