//! The rounds of a simulation: what comes next follows from the ledger and from how many rounds are trained.
//!
//! Every action ends with one write: a query and labels into the ledger, a trained round into its folder. A process that is ended between any two
//! of them, or within one, leaves what the same actions go on from.

use fishdip_active::{Ledger, Pool, round_seed};

use crate::Error;

/// How labels are spent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Labels of the first round.
    pub(super) start: usize,
    /// Labels of each round after that.
    pub(super) query: usize,
    /// Labels in the end.
    pub(super) budget: usize,
    /// The seed of the run.
    pub(super) seed: u64,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Choose so many examples for a round, and ask for their labels.
    Choose { round: u32, count: usize },
    /// Give the labels of these.
    Answer(Vec<u32>),
    /// Train and score a round.
    Train { round: u32 },
    /// Nothing.
    End,
}

/// Who does it.
pub(super) trait Rounds {
    /// How many rounds are trained and scored.
    fn trained(&self) -> u32;

    /// Chooses `count` of the examples of `pool` that are not labelled, and says by which strategy.
    fn choose(
        &mut self,
        pool: &Pool,
        round: u32,
        count: usize,
        seed: u64,
    ) -> Result<(&'static str, Vec<u32>), Error>;

    /// The label of an example, as the ledger keeps it.
    fn label(&self, id: u32) -> Result<String, Error>;

    /// The criterion that ends the asking after the rounds that are trained, and what it has found; nothing if none does.
    fn verdict(&self) -> Option<(&'static str, String)>;

    /// Tells a user something.
    fn tell(&mut self, message: String);

    /// Trains and scores `round` on the examples `labelled`; `chain` is the hash of the ledger that has them.
    fn train(&mut self, round: u32, labelled: &[u32], chain: &str) -> Result<(), Error>;
}

impl Plan {
    /// What is to be done with `pool` when `trained` rounds are.
    pub(super) fn next(&self, pool: &Pool, trained: u32) -> Action {
        let waiting: Vec<u32> = pool.waiting().collect();
        if !waiting.is_empty() {
            return Action::Answer(waiting);
        }
        let asked = pool.next_round();
        if trained < asked {
            return Action::Train { round: trained };
        }
        if pool.stopped().is_some() {
            return Action::End;
        }
        let wanted = if asked == 0 { self.start } else { self.query };
        let affordable = self.budget.saturating_sub(pool.labelled_count() as usize);
        match wanted.min(affordable).min(pool.unlabelled().count()) {
            0 => Action::End,
            count => Action::Choose { round: asked, count },
        }
    }

    /// Does what is next, and tells whether there was anything.
    pub(super) fn step(&self, ledger: &mut Ledger, rounds: &mut dyn Rounds) -> Result<bool, Error> {
        match self.next(ledger.pool(), rounds.trained()) {
            Action::Choose { round, count } => {
                if let (Some(last), Some((criterion, why))) = (round.checked_sub(1), rounds.verdict()) {
                    ledger.stop(last, criterion, &why)?;
                    rounds.tell(format!("no more labels are asked for after round {last}: {why}"));
                    return Ok(true);
                }
                let seed = round_seed(self.seed, round);
                let (strategy, ids) = rounds.choose(ledger.pool(), round, count, seed)?;
                ledger.ask(round, seed, strategy, &ids)?;
            }
            Action::Answer(ids) => {
                let labels = ids.iter().map(|&id| rounds.label(id)).collect::<Result<Vec<_>, _>>()?;
                let answers: Vec<(u32, &str)> =
                    ids.iter().copied().zip(labels.iter().map(String::as_str)).collect();
                ledger.label(&answers)?;
            }
            Action::Train { round } => {
                let (labelled, chain) = (asked_until(ledger.pool(), round), ledger.chain().to_owned());
                rounds.train(round, &labelled, &chain)?;
            }
            Action::End => return Ok(false),
        }
        Ok(true)
    }
}

/// The examples that were asked for until the end of `round`, in order: what that round trains on.
fn asked_until(pool: &Pool, round: u32) -> Vec<u32> {
    let queries = pool.queries().iter().filter(|query| query.round <= round);
    queries.flat_map(|query| query.ids.iter().copied()).collect()
}

#[cfg(test)]
mod tests;
