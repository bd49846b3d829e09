//! Which labels are taken for which, as a matrix.

use maud::{Markup, html};

use super::counted;
use crate::Text;
use crate::confusion::Confusion;
use crate::page::Run;

/// More labels than this make no readable matrix: those that are confused least are left out.
const MOST: usize = 24;

/// The matrices of a run. With `linked`, a number leads to its sentences.
pub(super) fn view(run: &Run, linked: bool) -> Option<Markup> {
    let sentences = run.scored.as_ref()?;
    let of = [(true, "spans"), (false, "other annotations")]
        .map(|(spans, title)| (Confusion::of(sentences, 0, spans), title));
    let of: Vec<_> = of.iter().filter(|(confusion, _)| !confusion.is_empty()).collect();
    (!of.is_empty()).then(|| html! {
        @for (confusion, title) in &of { (matrix(confusion, if of.len() > 1 { title } else { "" }, linked)) }
        p.quiet {
            "Rows: what is annotated; columns: what was found in its place. Other borders: found with the same label over other words."
            @if linked { " A number leads to its sentences." }
        }
    })
}

fn matrix(confusion: &Confusion, title: &str, linked: bool) -> Markup {
    let shown = shown(confusion);
    let left_out = confusion.labels.len() - shown.len();
    let labels = &confusion.labels;
    let largest =
        shown.iter().flat_map(|&row| confusion.found[row].iter()).copied().max().unwrap_or(1).max(1);
    let sum = |counts: &[usize]| counts.iter().sum::<usize>();
    html! {
        @if !title.is_empty() { h3 { (title) } }
        div.scroll { table.matrix {
            thead { tr {
                th scope="col" { span.unseen { "annotated" } }
                @for &column in &shown { th.turned scope="col" { bdi title=(labels[column]) { (labels[column]) } } }
                @if sum(&confusion.borders) > 0 { th.turned scope="col" { "other borders" } }
                th.turned scope="col" { "missed" }
                th.turned scope="col" { "all" }
            } }
            tbody {
                @for &row in &shown { tr {
                    th scope="row" { bdi { (labels[row]) } }
                    @for &column in &shown {
                        (cell(confusion.found[row][column], largest, row == column, linked, (Some(&labels[row]), Some(&labels[column]), "")))
                    }
                    @if sum(&confusion.borders) > 0 { (cell(confusion.borders[row], largest, false, linked, (Some(&labels[row]), None, "borders"))) }
                    (cell(confusion.missed[row], largest, false, linked, (Some(&labels[row]), None, "missed")))
                    td.n.quiet { (confusion.times_gold(row)) }
                } }
                tr.sum {
                    th scope="row" { "spurious" }
                    @for &column in &shown { (cell(confusion.spurious[column], largest, false, linked, (None, Some(&labels[column]), "spurious"))) }
                    @if sum(&confusion.borders) > 0 { td {} }
                    td {} td.n.quiet { (sum(&confusion.spurious)) }
                }
            }
        } }
        @if left_out > 0 { p.quiet { "Left out: " (counted(left_out, "label")) " more, confused less." } }
    }
}

/// A count, as strong as it is large; wrong ones in another colour.
fn cell(
    count: usize,
    largest: usize,
    right: bool,
    linked: bool,
    (gold, found, kind): (Option<&Text>, Option<&Text>, &str),
) -> Markup {
    if count == 0 {
        return html! { td.n.zero { "·" } };
    }
    let strength = format!("--strength:{:.2}", (count as f64 / largest as f64).sqrt().clamp(0.1, 1.0));
    html! {
        td.n.right[right].wrong[!right] style=(strength) {
            @if linked {
                button type="button" data-gold=[gold] data-found=[found] data-kind=(kind) { (count) }
            } @else { (count) }
        }
    }
}

/// The labels that are shown, in order.
fn shown(confusion: &Confusion) -> Vec<usize> {
    let mut labels: Vec<usize> = (0..confusion.labels.len()).collect();
    if labels.len() > MOST {
        let wrong = |&label: &usize| {
            let taken: usize = confusion.found.iter().map(|row| row[label]).sum();
            let row: usize = confusion.found[label].iter().sum();
            let wrong = taken + row - 2 * confusion.found[label][label];
            wrong + confusion.borders[label] + confusion.missed[label] + confusion.spurious[label]
        };
        labels.sort_by_key(|label| std::cmp::Reverse(wrong(label)));
        labels.truncate(MOST);
        labels.sort_unstable();
    }
    labels
}
