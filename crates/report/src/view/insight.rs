//! What the training learned and forgot, and what it did to the layers.

use maud::{Markup, PreEscaped, html};

use super::{counted, grouped, percent};
use crate::insight::{LayerProfile, LearnedSample, LearningClass};
use crate::page::Run;

/// Examples that are listed.
const LISTED: usize = 200;

/// Which examples were learnt and forgotten.
pub(super) fn dynamics(run: &Run) -> Option<Markup> {
    let dynamics = run.dynamics.as_ref()?;
    let mut hardest: Vec<&LearnedSample> =
        dynamics.examples.iter().filter(|example| example.class != LearningClass::Unforgettable).collect();
    // Stable: of equal ones, the first of the data.
    hardest.sort_by_key(|example| std::cmp::Reverse((example.class, example.events)));
    Some(html! {
        p {
            "Of " (counted(dynamics.examples.len(), "training example")) ", looked at " (counted(dynamics.passes, "time")) ", "
            @for (at, class) in LearningClass::ALL.into_iter().enumerate() {
                @if at > 0 { ", " } strong { (grouped(dynamics.count(class))) } " are " (class.name())
            }
            "."
        }
        div.charts { figure { (PreEscaped(dynamics.picture().to_part())) } }
        p.quiet {
            "Confidence is the mean probability of the whole target, variability its standard deviation. An example is right when greedy decoding would \
             write its target; it is forgotten when it is wrong after it was right."
        }
        @if !hardest.is_empty() {
            div.scroll.tall { table {
                thead { tr {
                    th scope="col" { "example" } th scope="col" { "class" } th.n scope="col" { "forgotten" } th.n scope="col" { "right" }
                    th.n scope="col" { "confidence %" } th.n scope="col" { "variability %" }
                } }
                tbody { @for example in hardest.iter().take(LISTED) { tr {
                    td { bdi { (example.at) } } td { (example.class.name()) }
                    td.n { (example.events) } td.n { (example.correctness) }
                    td.n { (percent(example.confidence)) } td.n { (percent(example.variability)) }
                } } }
            } }
        }
        @if hardest.len() > LISTED { p.quiet { "The first " (LISTED) " are listed." } }
    })
}

/// How alike the layers of base and trained model are.
pub(super) fn similarity(run: &Run) -> Option<Markup> {
    run.similarity.as_ref().map(|profile| {
        layers(
            profile,
            "Centred kernel alignment of what each block of the base and of the trained model makes of scored examples: 1 is the same up to rotation and \
             scale. With fewer examples than a layer is wide it comes out high.",
        )
    })
}

/// How smoothly classes change over the layers.
pub(super) fn smoothness(run: &Run) -> Option<Markup> {
    run.smoothness.as_ref().map(|profile| {
        layers(
            profile,
            "Besov index of the classes of training examples over what each block makes of them: larger is smoother.",
        )
    })
}

fn layers(profile: &LayerProfile, about: &str) -> Markup {
    let figure = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"));
    html! {
        div.charts {
            figure { (PreEscaped(profile.picture().to_part())) }
            @if let Some(course) = profile.course() { figure { (PreEscaped(course.to_part())) } }
        }
        div.scroll { table {
            thead { tr {
                th scope="col" { "blocks" } @for name in profile.names { th.n scope="col" { (name) } }
            } }
            tbody { @for mean in &profile.means { tr {
                th scope="row" { (mean.part) ", " (mean.stack) } @for value in mean.values { td.n { (figure(value)) } }
            } } }
        } }
        p.quiet { (about) " Of " (counted(profile.examples, "example")) "." }
    }
}
