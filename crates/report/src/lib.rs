//! What a training came to, as one HTML page that needs no network, and as pictures.
//!
//! What is shown arrives as plain values: a [`Page`] of [`Run`]s, their [`Mask`]s and [`Sentence`]s. [`render`] makes the page. Figures
//! that follow from these values are made here: [`align`] says what was found, missed or found otherwise, [`Confusion`] counts which labels
//! are taken for which, [`MaskSummary`] how masks move, [`diagnose`] why a model finds next to nothing.
//!
//! Text of users is [`Text`]: whatever it holds is shown and never obeyed. No model, task, file or network is known here.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod alignment;
mod confusion;
pub mod curve;
mod diagnosis;
mod insight;
mod mask;
mod mask_summary;
mod page;
pub mod picture;
mod sentence;
mod sentence_data;
mod text;
mod view;

pub use alignment::{Alignment, Match, Verdict, align};
pub use confusion::Confusion;
pub use diagnosis::{CHANGED_TEXT, Figures, Finding, diagnose};
pub use insight::{LayerMean, LayerProfile, LayerValues, LearnedSample, LearningClass, TrainingDynamics};
pub use mask::{Choice, HardSample, Mask, Share, WeightName, effective_number, entropy};
pub use mask_summary::{ChoiceSummary, HardSummary, MaskSummary, WeightUse};
pub use page::{
    Bin, Calibration, Comparison, Headline, Learning, Page, Run, Sample, ScoreRow, ScoreTable, Sentences,
    State, Study,
};
pub use sentence::{Annotation, Item, Sentence, Span};
pub use text::Text;
pub use view::render;
