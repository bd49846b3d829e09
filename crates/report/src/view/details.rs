//! What a run warned of, and its config.

use maud::{Markup, html};

use crate::page::Run;

pub(super) fn warnings(run: &Run) -> Option<Markup> {
    (!run.warnings.is_empty())
        .then(|| html! { ul.warnings { @for warning in &run.warnings { li dir="auto" { (warning) } } } })
}

pub(super) fn config(run: &Run) -> Option<Markup> {
    (!run.config.is_empty()).then(|| html! {
        details { summary { "config.toml, with every default written out" } pre tabindex="0" { code { @for line in &run.config { (line) "\n" } } } }
    })
}
