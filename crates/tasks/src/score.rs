//! Gold and predicted annotations to scores.

mod assignment;
mod bootstrap;
mod calibration;
mod classes;
mod coref;
mod counts;
mod dialogue;
mod report;
mod spans;
mod table;
mod temperature;

pub use assignment::assign;
pub use bootstrap::{Comparison, Interval, bootstrap, crossed_bootstrap, paired_bootstrap};
pub use calibration::{Calibration, CalibrationBin, Judged};
pub use classes::{ClassCounts, ClassScore};
pub use coref::{CorefCounts, CorefMetric, CorefScore};
pub use counts::Counts;
pub use dialogue::{DialogueCounts, DialogueScore};
pub use report::{ErrorRates, Report, Score};
pub use spans::{LabelScore, MacroScore, MicroScore, SpanCounts, SpanScore};
pub use temperature::{Temperature, Temperatures};
