//! Gold against predicted, sentence by sentence: the frame, which the script fills.

use maud::{Markup, PreEscaped, html};

use super::counted;
use crate::page::Sentences;
use crate::sentence_data;

pub(super) fn view(sentences: &Sentences) -> Markup {
    let two = sentences.runs.len() > 1;
    html! {
        div.tools role="search" {
            label.search { span.unseen { "Search words, labels and ids" } input #find type="search" placeholder="Search words, labels, ids" autocomplete="off"; }
            label { span.unseen { "Show" }
                select #kind {
                    option value="all" { "all sentences" }
                    option value="wrong" selected[!two] { "with an error" }
                    option value="missed" { "something missed" }
                    option value="spurious" { "something spurious" }
                    option value="borders" { "other borders" }
                    option value="label" { "another label" }
                    option value="right" { "all right" }
                    @if two {
                        option value="differ" selected { "A and B differ" }
                        option value="first" { "A alone all right" }
                        option value="second" { "B alone all right" }
                        option value="neither" { "neither all right" }
                    }
                }
            }
            label { span.unseen { "Label" } select #label { option value="" { "any label" } } }
            label { span.unseen { "Order" }
                select #order {
                    option value="file" { "in their order" }
                    option value="errors" { "most errors first" }
                    option value="score" { "least sure first" }
                }
            }
            button #clear type="button" { "Clear" }
        }
        p.legend {
            span.key { mark.s.right { "right" } } span.key { mark.s.missed { "missed" } } span.key { mark.s.spurious { "spurious" } }
            span.key { mark.s.borders { "other borders" } } span.key { mark.s.label { "another label" } }
        }
        p #count.quiet role="status" aria-live="polite" { (counted(sentences.all.len(), "sentence")) }
        div #list {}
        nav.pager aria-label="Pages of sentences" {
            button #first type="button" { "First" } button #previous type="button" { "Previous" }
            span #page {} button #next type="button" { "Next" } button #last type="button" { "Last" }
        }
        noscript { p.remark { "The sentences are shown by a script, and scripts are turned off here." } }
    }
}

/// What the script fills the frame with.
pub(super) fn data(sentences: &Sentences) -> Markup {
    html! { script #data type="application/json" { (PreEscaped(sentence_data::json(sentences))) } }
}
