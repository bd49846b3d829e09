//! What a stopping criterion looks at after a round.

use fishdip_active::Matrix;
use fishdip_active::stopping::OverallUncertainty;

use super::{Simulation, Tagger};
use crate::active::picked::Known;
use crate::active::stopping::agreement;
use crate::config::StopName;
use crate::predictions::{self, PREDICTIONS, PredictedExample};
use crate::run_folder::ADAPTER;
use crate::tagger::ClassProbabilities;
use crate::{AdaptedModel, Error, LearningCounts};

impl Simulation<'_> {
    /// The measure of `round`, which has the score `score` and was trained on the examples `labelled`.
    pub(super) fn measure(&mut self, round: u32, labelled: &[u32], score: f64) -> Result<Option<f64>, Error> {
        let before = self.curve.rounds.last().map(|round| round.score);
        match (self.ready.active.stop, round.checked_sub(1)) {
            (StopName::Budget, _) | (StopName::StabilizingPredictions, None) => Ok(None),
            (StopName::PerformanceDifference, _) => Ok(before.map(|before| score - before)),
            (StopName::OverallUncertainty, _) => self.uncertainty(round, labelled),
            (StopName::StabilizingPredictions, Some(before)) => {
                let kind = self.ready.task.kind();
                agreement(kind, &self.predicted(before)?, &self.predicted(round)?).map(Some)
            }
        }
    }

    /// How unsure the model of `round` is of what is not labelled; nothing where all is.
    fn uncertainty(&mut self, round: u32, labelled: &[u32]) -> Result<Option<f64>, Error> {
        let left = (0..self.ready.pool.len() as u32).filter(|id| !labelled.contains(id));
        let texts = self.examples(left);
        if texts.is_empty() {
            return Ok(None);
        }
        let tagger: Tagger = self.trained_model(round)?;
        let found = tagger.class_probabilities(&texts, &self.runtime.interrupter, &mut *self.sink)?;
        let ClassProbabilities { values, classes } = &found;
        let probabilities = Matrix::new("probabilities", values, texts.len(), *classes)?;
        Ok(Some(OverallUncertainty::measure(probabilities)?))
    }

    /// Of which class the new labels of `round` are, which was trained on the examples `labelled`: by the run that the config names, else by the
    /// round's own training, if that looked.
    pub(super) fn picked(&self, round: u32, labelled: &[u32]) -> Result<Option<LearningCounts>, Error> {
        let before = self.curve.rounds.last().map_or(0, |round| round.labels as usize);
        let examples = self.examples(labelled.iter().skip(before).copied());
        if let Some(known) = &self.ready.known {
            return known.count(&self.ready.task, &examples).map(Some);
        }
        let own = Known::of_run(&self.round(round))?;
        own.map(|known| known.count(&self.ready.task, &examples)).transpose()
    }

    /// The model that `round` has trained.
    pub(super) fn trained_model(&self, round: u32) -> Result<Tagger, Error> {
        let base = Some(self.ready.config.model.path.as_path());
        Ok(AdaptedModel::load(&self.round(round).join(ADAPTER), base, self.runtime)?.tagger)
    }

    /// What `round` has found in the scored examples.
    fn predicted(&self, round: u32) -> Result<Vec<PredictedExample>, Error> {
        let folder = self.round(round);
        let found = predictions::read(&folder, PREDICTIONS)?;
        found.ok_or_else(|| {
            let file = folder.join(PREDICTIONS);
            Error::Data(format!(
                "{} is gone, which this round left; bring it back, or begin anew in another folder",
                file.display()
            ))
        })
    }
}
