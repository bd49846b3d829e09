//! Training examples whose mentions are exchanged anew in every epoch.

use std::borrow::Cow;
use std::sync::Arc;

use fishdip_t5::Tokenizer;
use fishdip_tasks::{Example, MentionSwap, Task};

use super::labels;
use super::legal::LegalTargets;
use super::{TokenizedExample, TrainingExamples};
use crate::config::LossName;
use crate::schedule::{Purpose, seed};
use crate::warnings::Warnings;
use crate::{Error, RunConfig};

/// The examples, and what it takes to make others of them.
#[derive(Debug)]
pub(crate) struct SwappedExamples {
    plain: Vec<TokenizedExample>,
    /// What each of them was made of.
    inputs: Vec<Example>,
    mentions: MentionSwap,
    rate: f64,
    seed: u64,
    task: Task,
    tokenizer: Arc<Tokenizer>,
    /// The most pieces of a source and of a target.
    limits: [usize; 2],
    legal: Option<LegalTargets<Arc<Tokenizer>>>,
}

impl SwappedExamples {
    /// `plain`, made of `inputs`, as `config` has them in each epoch; `None` where it exchanges no mentions. Tells if there are none to exchange.
    pub(crate) fn new(
        plain: &[TokenizedExample],
        inputs: Vec<Example>,
        task: &Task,
        tokenizer: &Arc<Tokenizer>,
        config: &RunConfig,
        warnings: &mut Warnings,
    ) -> Result<Option<Self>, Error> {
        if config.data.mention_swap <= 0.0 {
            return Ok(None);
        }
        let mentions = MentionSwap::new(&inputs);
        if mentions.is_idle() {
            warnings.add_message(
                "data.mention_swap exchanges nothing here: no label of the training examples has two mentions that differ".to_owned(),
            );
        }
        let is_legal = config.training.loss == LossName::Legal;
        let legal = is_legal.then(|| LegalTargets::new(task, Arc::clone(tokenizer))).transpose()?;
        Ok(Some(Self {
            plain: plain.to_vec(),
            mentions,
            inputs,
            rate: config.data.mention_swap,
            seed: config.training.seed,
            task: task.clone(),
            tokenizer: Arc::clone(tokenizer),
            limits: [config.data.source_limit(), config.data.max_target_pieces],
            legal,
        }))
    }

    /// The example `index` as `epoch` shows it, if that is another than the plain one and not too long.
    fn swapped(&self, index: usize, epoch: usize) -> Result<Option<TokenizedExample>, Error> {
        // Every epoch and example has a seed of its own, so that what is drawn depends on no order.
        let number = (epoch * self.plain.len() + index) as u64;
        let input = &self.inputs[index];
        let other = self.mentions.swap(input, self.rate, seed(self.seed, Purpose::MentionSwap, number));
        if other == *input {
            return Ok(None);
        }
        let encoded = self.task.encode(&other)?;
        let (source, target) =
            (self.tokenizer.encode(&encoded.source)?, self.tokenizer.encode(&encoded.target)?);
        let [source_limit, target_limit] = self.limits;
        if source.len() > source_limit || target.len() > target_limit {
            return Ok(None);
        }
        let legal = self.legal.as_ref().map(|legal| legal.of(&other, &target)).transpose()?;
        let legal = legal.map(|legal| legal.pieces);
        Ok(Some(TokenizedExample { source, target, labels: labels(&other), legal }))
    }
}

impl TrainingExamples for SwappedExamples {
    fn count(&self) -> usize {
        self.plain.len()
    }

    /// An example that is too long with other mentions is shown with its own.
    fn example(&self, index: usize, epoch: usize) -> Result<Cow<'_, TokenizedExample>, Error> {
        Ok(self.swapped(index, epoch)?.map_or(Cow::Borrowed(&self.plain[index]), Cow::Owned))
    }
}
