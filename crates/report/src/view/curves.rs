//! Learning curves: a line a run, or one with a band for runs that differ by their seeds alone.

use maud::{Markup, PreEscaped, html};

use crate::curve::{band, thinned};
use crate::page::Run;
use crate::picture::{Line, Picture};

/// Values by step.
type Values = [(usize, f64)];

pub(super) fn view(runs: &[Run]) -> Option<Markup> {
    let metric =
        runs.iter().find_map(|run| run.headline.as_ref()).map_or("score", |headline| headline.metric);
    let pictures = [
        picture(runs, "training loss", |run| &run.losses, true),
        picture(runs, &format!("held-out {metric}"), |run| &run.scores, false),
        picture(runs, "held-out loss", |run| &run.held_out_losses, false),
        picture(runs, "norm of the gradient", |run| &run.gradient_norms, true),
        picture(runs, "learning rate", |run| &run.learning_rates, false),
    ];
    let pictures: Vec<String> = pictures.into_iter().flatten().collect();
    let seeds = groups(runs).iter().any(|group| group.len() > 1);
    (!pictures.is_empty()).then(|| html! {
        div.charts { @for picture in &pictures { figure { (PreEscaped(picture)) } } }
        @if seeds { p.quiet { "A band spans the runs that differ by their seeds alone; its line is their mean." } }
    })
}

/// The picture of `values`, as means of neighbouring steps where there are many; nothing if no run has two.
fn picture(runs: &[Run], up: &str, values: fn(&Run) -> &Values, thin: bool) -> Option<String> {
    let lines = groups(runs).into_iter().filter_map(|group| {
        let curves: Vec<Vec<(usize, f64)>> = group
            .iter()
            .map(|run| if thin { thinned(values(run)) } else { sparse(values(run)) })
            .filter(|curve| !curve.is_empty())
            .collect();
        let points = band(&curves);
        let name = match group.as_slice() {
            [run] => run.name.shown().into_owned(),
            [run, others @ ..] => format!("{} and {} with other seeds", run.name.shown(), others.len()),
            [] => String::new(),
        };
        (points.len() > 1).then_some(Line { name, points })
    });
    let lines: Vec<Line> = lines.collect();
    (!lines.is_empty()).then(|| Picture { lines, across: "steps".to_owned(), up: up.to_owned() }.to_part())
}

/// The same points, or 200 of them.
fn sparse(points: &Values) -> Vec<(usize, f64)> {
    points.iter().step_by(points.len().div_ceil(200).max(1)).copied().collect()
}

/// Runs that differ by their seeds alone together, in the order of the first of each.
fn groups(runs: &[Run]) -> Vec<Vec<&Run>> {
    let mut groups: Vec<Vec<&Run>> = Vec::new();
    for run in runs {
        match groups.iter_mut().find(|group| !run.group.raw().is_empty() && group[0].group == run.group) {
            Some(group) => group.push(run),
            None => groups.push(vec![run]),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, group: &str, losses: &Values) -> Run {
        Run { name: name.into(), group: group.into(), losses: losses.to_vec(), ..Run::default() }
    }

    #[test]
    fn seeds_share_a_line() {
        let runs = [
            run("a", "x", &[(1, 2.0), (2, 1.0)]),
            run("b", "y", &[(1, 2.0), (2, 1.5)]),
            run("c", "x", &[(1, 4.0), (2, 3.0)]),
        ];
        let html = view(&runs).map(Markup::into_string).unwrap_or_default();
        assert_eq!(html.matches("<polyline").count(), 2, "{html}");
        assert!(html.contains(">a and 1 with other seeds<") && html.contains(">b<"), "{html}");
        assert!(html.contains("differ by their seeds alone"));
    }

    #[test]
    fn one_point_is_no_curve() {
        assert!(view(&[run("a", "", &[(1, 2.0)])]).is_none() && view(&[]).is_none());
    }
}
