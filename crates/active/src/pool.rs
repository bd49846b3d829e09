//! Which examples are labelled, and which can be asked for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Where an example stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It can be asked for.
    #[default]
    Unlabelled,
    /// It was asked for, and has no answer.
    Asked,
    /// It has a label.
    Labelled,
    /// It was asked for and cannot be labelled; it is not asked for again.
    SetAside,
}

impl State {
    fn words(self) -> &'static str {
        match self {
            Self::Unlabelled => "not asked for",
            Self::Asked => "asked for",
            Self::Labelled => "labelled",
            Self::SetAside => "set aside",
        }
    }
}

/// A query: the examples that were asked for at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The round, from 0, which is the start.
    pub round: u32,
    /// The seed that the strategy got.
    pub seed: u64,
    /// The strategy's name.
    pub strategy: String,
    /// The examples, in the order chosen.
    pub ids: Vec<u32>,
}

/// That no more is asked for, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stopped {
    /// The last round, which was asked for and trained.
    pub round: u32,
    /// The name of the criterion.
    pub criterion: String,
    /// What it has found, in words.
    pub why: String,
}

/// The examples of a study by their ids, `0..examples`: a byte each, without text or label.
///
/// A [`Ledger`](crate::Ledger) keeps one that outlives the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    states: Vec<State>,
    labelled: u32,
    queries: Vec<Asked>,
    stopped: Option<Stopped>,
}

impl Pool {
    /// A pool of which nothing is labelled.
    pub fn new(examples: u32) -> Self {
        Self {
            states: vec![State::default(); examples as usize],
            labelled: 0,
            queries: Vec::new(),
            stopped: None,
        }
    }

    /// How many examples there are.
    pub fn examples(&self) -> u32 {
        self.states.len() as u32
    }

    /// How many are labelled.
    pub fn labelled_count(&self) -> u32 {
        self.labelled
    }

    /// Where an example stands.
    pub fn state(&self, id: u32) -> Result<State> {
        let unknown = || Error::UnknownId { id, examples: self.examples() };
        self.states.get(id as usize).copied().ok_or_else(unknown)
    }

    /// The examples that can be asked for, by ascending id.
    pub fn unlabelled(&self) -> impl Iterator<Item = u32> + '_ {
        self.ids(State::Unlabelled)
    }

    /// The examples with a label, by ascending id.
    pub fn labelled(&self) -> impl Iterator<Item = u32> + '_ {
        self.ids(State::Labelled)
    }

    /// The examples that were asked for and wait for an answer, by ascending id: what to show again after a crash,
    /// instead of asking anew.
    pub fn waiting(&self) -> impl Iterator<Item = u32> + '_ {
        self.ids(State::Asked)
    }

    fn ids(&self, wanted: State) -> impl Iterator<Item = u32> + '_ {
        (0u32..).zip(&self.states).filter(move |&(_, &state)| state == wanted).map(|(id, _)| id)
    }

    /// All queries, in order.
    pub fn queries(&self) -> &[Asked] {
        &self.queries
    }

    /// The round that the next query belongs to.
    pub fn next_round(&self) -> u32 {
        self.queries.last().map_or(0, |query| query.round + 1)
    }

    /// That no more is asked for, if a criterion said so.
    pub fn stopped(&self) -> Option<&Stopped> {
        self.stopped.as_ref()
    }

    /// Notes that no more is asked for.
    pub fn stop(&mut self, stopped: Stopped) -> Result<()> {
        self.check_stop(&stopped)?;
        self.stopped = Some(stopped);
        Ok(())
    }

    /// Notes that examples are asked for.
    pub fn ask(&mut self, query: Asked) -> Result<()> {
        self.check_ask(&query)?;
        for &id in &query.ids {
            self.states[id as usize] = State::Asked;
        }
        self.queries.push(query);
        Ok(())
    }

    /// Notes that an example has its label.
    pub fn label(&mut self, id: u32) -> Result<()> {
        self.check_answer("label", id)?;
        self.states[id as usize] = State::Labelled;
        self.labelled += 1;
        Ok(())
    }

    /// Notes that an example cannot be labelled.
    pub fn set_aside(&mut self, id: u32) -> Result<()> {
        self.check_answer("set aside", id)?;
        self.states[id as usize] = State::SetAside;
        Ok(())
    }

    pub(crate) fn check_stop(&self, stopped: &Stopped) -> Result<()> {
        self.check_open()?;
        match self.queries.last().map(|query| query.round) {
            Some(present) if present == stopped.round => Ok(()),
            present => Err(Error::RoundOver { round: stopped.round, present: present.unwrap_or(0) }),
        }
    }

    /// Refuses what comes after the end.
    fn check_open(&self) -> Result<()> {
        let Some(Stopped { round, criterion, .. }) = self.stopped.clone() else { return Ok(()) };
        Err(Error::AskingEnded { round, criterion })
    }

    pub(crate) fn check_ask(&self, query: &Asked) -> Result<()> {
        self.check_open()?;
        let present = self.queries.last().map_or(0, |query| query.round);
        if query.round < present || query.round == u32::MAX {
            return Err(Error::RoundOver { round: query.round, present });
        }
        let mut seen = BTreeSet::new();
        for &id in &query.ids {
            let state = if seen.insert(id) { self.state(id)? } else { State::Asked };
            if state != State::Unlabelled {
                let advice = "ask for examples of `Pool::unlabelled`, each once";
                return Err(Error::WrongState { action: "ask for", id, state: state.words(), advice });
            }
        }
        Ok(())
    }

    pub(crate) fn check_answer(&self, action: &'static str, id: u32) -> Result<()> {
        let state = self.state(id)?;
        if state == State::Asked {
            return Ok(());
        }
        let advice = "only examples of `Pool::waiting` take an answer, each one";
        Err(Error::WrongState { action, id, state: state.words(), advice })
    }
}
