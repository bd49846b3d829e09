//! The page in a browser, where there is one: 10,000 sentences, of which a window is rendered, and no error.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by a panic and says why")]

use fishdip_report::{Annotation, Page, Run, Sentence, Sentences, Span, State, render};
use std::path::Path;
use std::process::{Command, Output};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// Runs the browser that is there; nothing where there is none.
fn browser(arguments: &[&str], profile: &Path) -> Option<Output> {
    let fixed = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--enable-logging=stderr",
        "--virtual-time-budget=5000",
    ];
    let run = |name: &&str| {
        let profile = format!("--user-data-dir={}", profile.display());
        Command::new(name).args(fixed).arg(profile).args(arguments).output().ok()
    };
    NAMES.iter().find_map(run)
}

fn sentence(number: usize) -> Sentence {
    let words = ["Ann", "met", "مريم", "<script>bad()</script>", "in", "New", "Delhi", "."];
    let span =
        |label: &str, start, end| Span { label: label.into(), start, end, whole: true, score: Some(0.75) };
    let gold = vec![span("PER", 0, 1), span("PER", 2, 3), span("LOC", 5, 7)];
    let found = match number % 4 {
        0 => gold.clone(),
        1 => vec![span("PER", 0, 1), span("LOC", 2, 3), span("LOC", 5, 7)],
        2 => vec![span("PER", 0, 1), span("LOC", 6, 7), span("ORG", 3, 4)],
        _ => vec![span("PER", 0, 3), span("LOC", 5, 7)],
    };
    Sentence {
        id: format!("sentence-{number}").into(),
        words: words.map(Into::into).to_vec(),
        gold: Annotation::new(gold, vec![]),
        found: vec![Annotation::new(found, vec![])],
        ..Sentence::default()
    }
}

#[test]
fn ten_thousand_sentences_are_shown_a_window_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let all: Vec<Sentence> = (0..10_000).map(sentence).collect();
    let run = Run { name: "run".into(), state: State::Done, scored: Some(all.clone()), ..Run::default() };
    let page = Page {
        title: "run".into(),
        runs: vec![run],
        sentences: Some(Sentences { runs: vec!["run".into()], all }),
        ..Page::default()
    };
    let path = folder.path().join("report.html");
    std::fs::write(&path, render(&page)).unwrap();
    let url = format!("file://{}", path.display());
    let Some(output) = browser(&["--dump-dom", &url], folder.path()) else {
        println!("skipped: no Chromium");
        return;
    };
    let (dom, log) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(dom.matches("<article class=\"sentence\">").count(), 50, "{log}");
    // Three of four have an error, and those are shown first.
    assert!(dom.contains("7,500 of 10,000 sentences"), "{log}");
    assert!(dom.contains("<mark class=\"s borders\"") && dom.contains("<mark class=\"s spurious\""), "{log}");
    let rendered = &dom[dom.find("id=\"list\"").unwrap()..];
    assert!(rendered.contains("&lt;script&gt;bad()") && !dom.contains("<script>bad()"));
    for line in log.lines().filter(|line| line.contains(":CONSOLE")) {
        assert!(!line.contains("rror"), "{line}");
    }
}
