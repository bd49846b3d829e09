//! Gold and predicted spans to scores.

mod counts;
mod report;
mod spans;

pub use counts::Counts;
pub(crate) use report::ErrorCounts;
pub use report::{ErrorRates, Report, Score};
pub use spans::{LabelScore, MicroScore, SpanCounts, SpanScore};
