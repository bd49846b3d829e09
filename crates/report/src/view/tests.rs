//! What a page shows, and what it must never obey.

use super::{grouped, render};
use crate::mask::tests::mask;
use crate::page::*;
use crate::sentence::{Annotation, Sentence, Span};
use crate::{
    Finding, LayerMean, LayerProfile, LayerValues, LearnedSample, LearningClass, Text, TrainingDynamics,
};

const HOSTILE: &str = "</script><script>alert(1)</script>\u{1b}[31m\u{202e}<img src=x onerror=y>";

fn span(label: &str, start: usize, end: usize) -> Span {
    Span { label: label.into(), start, end, whole: true, score: Some(0.5) }
}

fn page(runs: Vec<Run>) -> Page {
    Page { title: "runs/a".into(), made_by: "fishdip 0.1.0".to_owned(), runs, ..Page::default() }
}

#[test]
fn a_run_that_has_done_nothing_is_a_page() {
    let html = render(&page(vec![Run { name: "a".into(), ..Run::default() }]));
    assert!(
        html.starts_with("<!DOCTYPE html>") && html.contains("ended early") && html.contains("no score"),
        "{html}"
    );
    for absent in ["id=\"scores\"", "id=\"sentences\"", "id=\"mask\"", "NaN", "application/json"] {
        assert!(!html.contains(absent), "{absent}");
    }
    assert!(render(&Page::default()).contains("There is no run to show."));
}

#[test]
fn rounds_that_teach_themselves_have_a_table() {
    let rows = vec![vec!["01".into(), "7 of 30 <b>".into()]];
    let table =
        Study { head: vec!["round".to_owned(), "texts accepted".to_owned()], rows, remarks: Vec::new() };
    let html = render(&Page { self_training: Some(table), ..page(vec![Run::default(), Run::default()]) });
    assert!(html.contains("id=\"self-training\"") && html.contains("7 of 30 &lt;b&gt;"), "{html}");
    assert!(!render(&page(vec![Run::default()])).contains("self-training"));
}

#[test]
fn a_pretraining_has_its_held_out_loss() {
    let of = |losses: &[(usize, f64)]| {
        let run = Run { held_out_losses: losses.to_vec(), held_out_texts: 3, ..Run::default() };
        render(&page(vec![run]))
    };
    let html = of(&[(0, 6.73662), (1200, 2.86629)]);
    for part in
        ["2.8663", "held-out loss", "6.7366 before pretraining", "after 1,200 steps", "texts held out: 3"]
    {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(html.contains("id=\"curves\"") && !html.contains("no score"), "{html}");
    // One that goes on has the loss before its first step.
    let html = of(&[(0, 6.73662)]);
    assert!(
        html.contains("6.7366") && html.contains("after 0 steps") && !html.contains("before pretraining")
    );
    assert!(of(&[]).contains("no score"));
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    let html = render(&page(vec![Run::default()]));
    for outward in ["src=\"http", "href=\"http", "url(", "@import", "fetch("] {
        assert!(!html.contains(outward), "{outward}");
    }
    assert!(html.contains("default-src 'none'"));
}

#[test]
fn text_of_users_is_shown_and_never_obeyed() {
    let text = || Text::from(HOSTILE);
    let sentence = Sentence {
        id: text(),
        words: vec![text()],
        gold: Annotation::new(vec![span(HOSTILE, 0, 1)], vec![]),
        found: vec![Annotation::new(vec![span("x", 0, 1)], vec![])],
        ..Sentence::default()
    };
    let mut mask = mask();
    mask.weights[0].name = text();
    mask.layers[0] = text();
    let run = Run {
        name: text(),
        remarks: vec![text()],
        facts: vec![("task", text())],
        warnings: vec![text()],
        config: vec![text()],
        tables: vec![ScoreTable {
            title: "entities",
            rows: vec![ScoreRow { name: text(), ..ScoreRow::default() }],
        }],
        scored: Some(vec![sentence.clone()]),
        samples: Some(vec![Sample { at: text(), source: text(), target: text() }; 8]),
        losses: vec![(1, 2.0), (2, 1.0)],
        mask,
        ..Run::default()
    };
    let mut both = page(vec![run.clone(), run.clone()]);
    both.study =
        Some(Study { head: vec!["group".to_owned()], rows: vec![vec![text()]], remarks: vec![text()] });
    let mut one = page(vec![run]);
    one.title = text();
    one.sentences = Some(Sentences { runs: vec![text()], all: vec![sentence] });
    for page in [one, both] {
        let html = render(&page);
        assert!(!html.contains("<script>alert") && !html.contains("<img"), "markup of a text");
        assert!(!html.contains('\u{1b}') && !html.contains('\u{202e}'), "orders of a text");
        assert!(html.contains("&lt;script&gt;alert(1)") && html.contains("\\u{1b}[31m\\u{202e}"));
        // The page's own scripts end where they should.
        let scripts = if page.sentences.is_some() { 2 } else { 1 };
        assert_eq!(html.matches("</script>").count(), scripts);
    }
}

#[test]
fn figures_stand_in_their_places() {
    let row = ScoreRow {
        name: "PER".into(),
        precision: Some(0.5),
        recall: None,
        f1: Some(0.625),
        interval: Some([0.5, 0.75]),
        gold: Some(1234),
        ..ScoreRow::default()
    };
    let run = Run {
        state: State::Done,
        headline: Some(Headline {
            metric: "F1",
            before: Some(0.0),
            after: 0.918_6,
            interval: Some([0.9, 0.93]),
            step: 400,
            examples: 200,
        }),
        tables: vec![ScoreTable { title: "entities", rows: vec![row] }],
        faults: vec![("bad markup", 0.25), ("changed text", 0.0)],
        mask: mask(),
        findings: vec![Finding {
            title: "Too few steps",
            figures: "0.4 times".to_owned(),
            advice: "Raise it.",
        }],
        calibration: Some(Calibration {
            n: 4,
            error: 0.25,
            bins: vec![Bin { from: 0.9, to: 1.0, n: 4, mean_score: Some(0.95), share_right: Some(0.7) }],
        }),
        ..Run::default()
    };
    let html = render(&page(vec![run]));
    for part in [
        ">91.9<small> % F1</small>",
        "95 % interval 90.0 – 93.0 · 0.0 before training · after 400 steps · 200 examples scored",
        "<td class=\"n\">50.0</td><td class=\"n\">–</td><td class=\"n\">62.5</td><td class=\"n quiet\">50.0 – 75.0</td>",
        "1,234",
        "25.0 % of outputs have bad markup.",
        "Too few steps",
        "Ever among the hardest: 3 of 8 training samples.",
        "<strong>1.50 bits</strong> (3.00 if all were as often)",
        "data-shares=\"37500 25000 0 37500;25000 0 0 75000;50000 50000 0 0\"",
        "Expected calibration error <strong>0.250</strong>",
    ] {
        assert!(html.contains(part), "{part:?} is not in {html}");
    }
}

#[test]
fn one_is_singular() {
    let sentence = Sentence { words: vec!["Rome".into()], ..Sentence::default() };
    let learned = LearnedSample {
        at: "a".into(),
        class: LearningClass::Forgettable,
        events: 1,
        confidence: 0.5,
        variability: 0.25,
        correctness: 1,
    };
    let run = Run {
        headline: Some(Headline { metric: "F1", step: 1, examples: 1, ..Headline::default() }),
        calibration: Some(Calibration { n: 1, ..Calibration::default() }),
        dynamics: Some(TrainingDynamics { passes: 1, examples: vec![learned] }),
        mask: crate::mask::Mask { choices: mask().choices[..1].to_vec(), ..mask() },
        ..Run::default()
    };
    let sentences = Some(Sentences { runs: vec!["a".into()], all: vec![sentence] });
    let comparison = Some(Comparison { sentences: 1, unpaired: 1, ..Comparison::default() });
    let one = Page { sentences: sentences.clone(), ..page(vec![run]) };
    let two = Page { comparison, sentences, ..page(vec![Run::default(), Run::default()]) };
    let html = render(&one) + &render(&two);
    for part in [
        "after 1 step · 1 example scored",
        "over 1 score:",
        "Of 1 training example, looked at 1 time,",
        ">1 sentence<",
        "1 sentence that both scored",
        "1 sentence that one alone scored",
    ] {
        assert!(html.contains(part), "{part:?} is not in {html}");
    }
    let text = html.split("<script").next().unwrap_or_default();
    for noun in ["steps", "examples", "sentences", "scores", "times", "choices", "samples"] {
        assert!(!text.contains(&format!(" 1 {noun}")) && !text.contains(&format!(">1 {noun}")), "{noun}");
    }
}

#[test]
fn the_matrix_leads_to_its_sentences() {
    let sentence = Sentence {
        words: vec!["Rome".into()],
        gold: Annotation::new(vec![span("LOC", 0, 1)], vec![]),
        found: vec![Annotation::new(vec![span("PER", 0, 1)], vec![])],
        ..Sentence::default()
    };
    let run = Run { scored: Some(vec![sentence.clone()]), ..Run::default() };
    let mut page = page(vec![run]);
    page.sentences = Some(Sentences { runs: vec!["a".into()], all: vec![sentence] });
    let html = render(&page);
    assert!(
        html.contains(
            "<button type=\"button\" data-gold=\"LOC\" data-found=\"PER\" data-kind=\"\">1</button>"
        ),
        "{html}"
    );
    assert!(html.contains(r#""g":[[0,0,1,[[3,1]]]],"p":[[[1,0,1,0.5,[3,0]]]]"#), "{html}");
}

#[test]
fn two_runs_are_compared_by_what_each_has_right() {
    let found = |label: &str| Annotation::new(vec![span(label, 0, 1)], vec![]);
    let sentence = |first: &str, second: &str| Sentence {
        gold: found("A"),
        found: vec![found(first), found(second)],
        ..Sentence::default()
    };
    let mut page = page(vec![
        Run { name: "one".into(), ..Run::default() },
        Run { name: "two".into(), ..Run::default() },
    ]);
    let all = vec![
        sentence("A", "A"),
        sentence("A", "B"),
        sentence("A", "B"),
        sentence("B", "A"),
        sentence("B", "B"),
    ];
    page.sentences = Some(Sentences { runs: vec!["one".into(), "two".into()], all });
    page.comparison =
        Some(Comparison { metric: "F1", difference: Some((-0.05, [-0.1, 0.02])), sentences: 5, unpaired: 1 });
    let html = render(&page);
    for part in [
        "data-filter=\"first\">2<",
        "data-filter=\"second\">1<",
        "data-filter=\"neither\">1<",
        "−5.0 points of F1",
        "−10.0 to +2.0",
    ] {
        assert!(html.contains(part), "{part:?} is not in {html}");
    }
}

#[test]
fn thousands_are_apart() {
    assert_eq!([0, 999, 1_000, 4_070_976].map(grouped), ["0", "999", "1,000", "4,070,976"]);
}

#[test]
fn insight_is_shown_where_there_is_any() {
    let of = |value| LayerProfile {
        up: "similarity",
        names: ["linear", "RBF"],
        examples: 12,
        layers: vec![LayerValues { stack: "encoder", block: 0, values: [Some(value), None] }],
        means: vec![LayerMean { stack: "encoder", part: "middle", values: [Some(value), None] }],
        steps: vec![(50, 0.5), (100, 0.75)],
    };
    let example = |class, events| LearnedSample {
        at: HOSTILE.into(),
        class,
        events,
        confidence: 0.25,
        variability: 0.125,
        correctness: 2,
    };
    let examples = vec![
        example(LearningClass::Unforgettable, 0),
        example(LearningClass::Forgettable, 3),
        example(LearningClass::NeverLearnt, 0),
    ];
    let run = Run {
        dynamics: Some(TrainingDynamics { passes: 4, examples }),
        similarity: Some(of(0.9375)),
        smoothness: Some(of(0.5)),
        ..Run::default()
    };
    for html in [render(&page(vec![run.clone()])), render(&page(vec![run.clone(), run]))] {
        for shown in
            ["looked at 4 times", "never learnt (1)", "0.9375", "middle, encoder", "mean of all layers"]
        {
            // A line alone has no legend; its name is in the title of its group.
            assert!(html.contains(shown), "{shown}");
        }
        assert!(!html.contains("<img src=x") && !html.contains("NaN"));
        let (never, forgotten) = (html.find("<td>never learnt</td>"), html.find("<td>forgettable</td>"));
        assert!(never.is_some() && never < forgotten, "the hardest come first");
    }
    let without = render(&page(vec![Run::default()]));
    assert!(!without.contains("id=\"dynamics\"") && !without.contains("id=\"similarity\""));
}
