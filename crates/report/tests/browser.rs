//! The page in a browser, where there is one: 10,000 sentences, of which a window is rendered, and no error.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by a panic and says why"
)]

use fishdip_report::{Annotation, Item, Page, Run, Sentence, Sentences, Span, State, Text, render};
use std::path::Path;
use std::process::{Command, Output};

/// Has timers pass at once, and the page be looked at when they have.
const AT_ONCE: &str = "--virtual-time-budget=5000";

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// Runs the browser that is there; nothing where there is none.
fn browser(arguments: &[&str], profile: &Path) -> Option<Output> {
    let fixed = [
        "--headless",
        "--hide-scrollbars",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--enable-logging=stderr",
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

fn page(sentences: usize) -> String {
    page_of((0..sentences).map(sentence).collect())
}

fn page_of(all: Vec<Sentence>) -> String {
    let run = Run { name: "run".into(), state: State::Done, scored: Some(all.clone()), ..Run::default() };
    render(&Page {
        title: "run".into(),
        runs: vec![run],
        sentences: Some(Sentences { runs: vec!["run".into()], all }),
        ..Page::default()
    })
}

#[test]
fn every_reader_can_use_it_at_two_widths_dark_and_light() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    let script = format!("<script>{}</script></body>", include_str!("audit.js"));
    std::fs::write(&path, page(200).replacen("</body>", &script, 1)).unwrap();
    let url = format!("file://{}", path.display());
    for (width, scheme) in [(1280, "1"), (1280, "0"), (500, "1"), (500, "0")] {
        let picture = folder.path().join(format!("{width}-{scheme}.png"));
        let window = format!("--window-size={width},900");
        let colours = format!("--blink-settings=preferredColorScheme={scheme}");
        let screenshot = format!("--screenshot={}", picture.display());
        let Some(output) =
            browser(&[AT_ONCE, "--dump-dom", &screenshot, &window, &colours, &url], folder.path())
        else {
            println!("skipped: no Chromium");
            return;
        };
        let (dom, log) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let start = dom.find("data-audit=\"").unwrap_or_else(|| panic!("no audit: {log}")) + 12;
        let audit = dom[start..].split('"').next().unwrap();
        let is_dark = scheme == "0";
        assert!(audit.contains(&format!("'dark':{is_dark},'width':{width}")), "{audit}");
        assert!(
            audit.ends_with("'problems':[]}"),
            "{width}, {}: {audit}",
            if is_dark { "dark" } else { "light" }
        );
        // Something was looked at: the words of fifty sentences, and what they are searched and filtered with.
        let count = |key: &str| {
            let rest = &audit[audit.find(key).unwrap() + key.len()..];
            rest.split([',', '}']).next().unwrap().parse::<usize>().unwrap()
        };
        assert!(count("'texts':") > 100 && count("'controls':") > 5, "{audit}");
        no_errors(&log);
        let png = std::fs::read(&picture).unwrap();
        let size = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        assert_eq!((&png[1..4], size(16)), (&b"PNG"[..], width));
        assert!(png.len() > 10_000, "a page is no single colour: {} bytes", png.len());
    }
}

#[test]
fn every_script_is_shown_in_its_order_and_what_is_cut_shows_it() {
    let span =
        |label: &str, start, end| Span { label: label.into(), start, end, whole: true, score: Some(0.75) };
    let long = "a-label-that-is-longer-than-there-is-room-for-it-above-a-matrix";
    let of = |words: &[&str], spans: Vec<Span>, items: Vec<Item>| Sentence {
        words: words.iter().map(|word| Text::from(*word)).collect(),
        gold: Annotation::new(vec![span(long, 0, 1)], vec![]),
        found: vec![Annotation::new(spans, items)],
        ..Sentence::default()
    };
    let link = |text: &str| Item {
        label: "نص".into(),
        text: text.into(),
        place: vec![0, 1, 2, 3],
        score: Some(0.25),
    };
    let all = vec![
        of(&["שרה", "גר", "בירושלים", "."], vec![span("PER", 0, 1), span("נ(1)", 2, 3)], vec![]),
        of(&["12", "גר", "ב", "Oslo"], vec![span("DATE", 0, 1), span("LOC", 3, 4)], vec![]),
        of(&["Ann", "met", "مريم", "."], vec![span("نص&\"'", 2, 3), span("PER", 0, 1)], vec![]),
        of(&["مريم", "in", "Oslo"], vec![], vec![link("مريم [نص] → أوسلو [LOC]"), link("Oslo = مريم")]),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    let script = format!("<script>{}</script></body>", include_str!("order.js"));
    std::fs::write(&path, page_of(all).replacen("</body>", &script, 1)).unwrap();
    let url = format!("file://{}", path.display());
    let Some(output) = browser(&[AT_ONCE, "--dump-dom", "--window-size=1280,900", &url], folder.path())
    else {
        println!("skipped: no Chromium");
        return;
    };
    let (dom, log) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let start = dom.find("data-order=\"").unwrap_or_else(|| panic!("nothing was looked at: {log}")) + 12;
    // Four gold names, and what was found: twice two spans, two more, and two links.
    assert_eq!(dom[start..].split('"').next().unwrap(), "12 marks; ");
    no_errors(&log);
}

/// Tells when the first thing was to be seen, in milliseconds after the page was asked for.
const PAINT: &str = r#"<script>new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (entry.name === "first-paint") document.documentElement.dataset.paint = Math.round(entry.startTime);
}).observe({ type: "paint", buffered: true })</script></body>"#;

#[test]
fn ten_thousand_sentences_are_painted_within_two_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    std::fs::write(&path, page(10_000).replacen("</body>", PAINT, 1)).unwrap();
    let url = format!("file://{}", path.display());
    let mut times = Vec::new();
    // A machine with other work may be slow once.
    for _ in 0..3 {
        let Some(output) = browser(&["--timeout=4000", "--dump-dom", &url], folder.path()) else {
            println!("skipped: no Chromium");
            return;
        };
        let dom = String::from_utf8_lossy(&output.stdout);
        let time =
            dom.split("data-paint=\"").nth(1).and_then(|rest| rest.split('"').next()?.parse::<u32>().ok());
        times.push(time.unwrap_or(u32::MAX));
    }
    assert!(times.iter().any(|time| *time < 2000), "first paint after {times:?} ms");
}

fn no_errors(log: &str) {
    for line in log.lines().filter(|line| line.contains(":CONSOLE")) {
        assert!(!line.contains("rror"), "{line}");
    }
}

#[test]
fn ten_thousand_sentences_are_shown_a_window_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    std::fs::write(&path, page(10_000)).unwrap();
    let url = format!("file://{}", path.display());
    let Some(output) = browser(&[AT_ONCE, "--dump-dom", &url], folder.path()) else {
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
    no_errors(&log);
}
