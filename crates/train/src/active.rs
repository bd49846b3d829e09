//! Active learning: which texts to label next, and labels that come back.
//!
//! The choice itself is that of `fishdip-active`, from plain numbers. Here is what makes these numbers of a model and a file
//! (`signals`), and what happens around a choice: one round with annotators ([`query`] and [`merge_labels`]), or all rounds of a
//! simulation ([`active`]), whose state is its ledger (`rounds`) and which may end before its labels are spent (`stopping`).

mod curve;
mod merge;
mod needs;
mod output;
mod picked;
mod query;
mod ready;
mod rounds;
mod signals;
mod simulation;
mod stopping;

pub(crate) use curve::CurveFile;
pub use curve::RoundReport;
pub use merge::{LabelOptions, LabelReport, Refused, merge_labels};
pub use output::OutputFormat;
pub(crate) use picked::{PICKED, shares_map};
pub use query::{Chosen, QueryModel, QueryOptions, QueryReport, query};
pub use simulation::{ActiveReport, active, resume_active};
pub(crate) use simulation::{CURVE, LEDGER};
