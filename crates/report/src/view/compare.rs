//! Two runs on the same sentences.

use maud::{Markup, html};

use super::{counted, grouped, percent};
use crate::page::{Comparison, Page};

pub(super) fn view(page: &Page, of: &Comparison) -> Markup {
    let [first, second] = page.runs.as_slice() else { return html! {} };
    let mut counts = [0_usize; 4];
    for sentence in page.sentences.iter().flat_map(|sentences| &sentences.all) {
        let right = [0, 1].map(|run| usize::from(sentence.alignment(run).errors() == 0));
        counts[2 * right[0] + right[1]] += 1;
    }
    let [neither, second_alone, first_alone, both] = counts;
    html! {
        p {
            "A is " strong { bdi { (first.name) } } ", B is " strong { bdi { (second.name) } } ". "
            @if let Some((difference, [low, high])) = of.difference {
                "B has " strong { (signed(difference)) " points of " (of.metric) } " (95 % interval "
                (signed(low)) " to " (signed(high)) ", a bootstrap over the sentences that both scored)."
            } @else {
                "The runs scored other sentences, so that their scores cannot be taken from each other."
            }
        }
        @if of.sentences > 0 {
            div.scroll { table.compare {
                thead { tr { th {} th.n scope="col" { "B all right" } th.n scope="col" { "B with errors" } } }
                tbody {
                    tr { th scope="row" { "A all right" } td.n { (grouped(both)) } td.n { button type="button" data-filter="first" { (grouped(first_alone)) } } }
                    tr { th scope="row" { "A with errors" } td.n { button type="button" data-filter="second" { (grouped(second_alone)) } } td.n { button type="button" data-filter="neither" { (grouped(neither)) } } }
                }
            } }
            p.quiet {
                (counted(of.sentences, "sentence")) " that both scored. A number leads to its sentences."
                @if of.unpaired > 0 { " Left out: " (counted(of.unpaired, "sentence")) " that one alone scored." }
            }
        }
    }
}

fn signed(share: f64) -> String {
    let text = percent(share);
    if share > 0.0 { format!("+{text}") } else { text.replace('-', "−") }
}
