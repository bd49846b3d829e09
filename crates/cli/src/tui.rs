//! `--tui`: burn-train's terminal view, driven by the run's events.

use burn_train::logger::TrainingProgressLogger;
use burn_train::metric::{
    MetricAttributes, MetricDefinition, MetricEntry, MetricId, NumericAttributes, NumericEntry,
    SerializedEntry,
};
use burn_train::renderer::tui::TuiMetricsRendererWrapper;
use burn_train::renderer::{MetricState, MetricsRenderer, MetricsRendererTraining};
use fishdip_train::{Event, Interrupter, Sink};
use std::sync::Arc;

/// Curves of loss, gradient norm and mask churn. Quitting the view stops the run as a signal does.
pub(crate) struct Tui {
    view: TuiMetricsRendererWrapper,
    /// Set when the view is quit.
    quit: burn_train::Interrupter,
    interrupter: Interrupter,
}

const CURVES: [&str; 3] = ["Loss", "Gradient norm", "Mask churn"];

impl Tui {
    pub(crate) fn new(interrupter: &Interrupter) -> Self {
        let quit = burn_train::Interrupter::new();
        let mut view = TuiMetricsRendererWrapper::new(quit.clone(), None);
        for name in CURVES {
            view.register_metric(MetricDefinition {
                metric_id: id(name),
                name: Arc::new(name.to_owned()),
                description: None,
                attributes: MetricAttributes::Numeric(NumericAttributes {
                    unit: None,
                    higher_is_better: false,
                }),
            });
        }
        Self { view, quit, interrupter: interrupter.clone() }
    }

    fn point(&mut self, name: &str, value: f64) {
        let entry =
            MetricEntry::new(id(name), SerializedEntry::new(format!("{value:.4}"), value.to_string()));
        self.view.update_train(MetricState::Numeric(entry, Some(NumericEntry::Value(value))));
    }
}

fn id(name: &str) -> MetricId {
    MetricId::new(Arc::new(name.to_owned()))
}

impl Sink for Tui {
    fn event(&mut self, event: &Event) {
        if self.quit.should_stop() {
            self.interrupter.stop();
        }
        match event {
            Event::Started { steps, task, .. } => {
                self.view.start(1, 1, Some(*steps), Some(task));
                self.view.start_split("train", *steps);
            }
            Event::MaskChosen { churn, .. } => self.point("Mask churn", *churn),
            Event::Step { step, loss, gradient_norm, .. } => {
                self.point("Loss", f64::from(*loss));
                self.point("Gradient norm", f64::from(*gradient_norm));
                self.view.update_split(*step);
            }
            Event::Evaluated { report, .. } => {
                self.view.log_event_training(format!("{} {:.4}", report.headline_name(), report.headline()));
            }
            Event::Warning { .. }
            | Event::Note { .. }
            | Event::HeldOut { .. }
            | Event::HeldOutLoss { .. }
            | Event::Progress { .. }
            | Event::Batch { .. }
            | Event::Followed { .. }
            | Event::Smoothness { .. }
            | Event::StoppedEarly { .. }
            | Event::Checkpoint { .. }
            | Event::Resumed { .. }
            | Event::EntryCost { .. }
            | Event::Saved { .. } => {}
        }
    }
}
