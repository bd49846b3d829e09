//! Everything that can be wrong with numbers, queries, ledgers and curves.

use std::path::PathBuf;

/// The result of this crate's fallible functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What is wrong, where, and what to do about it. Messages begin with what failed, and end with what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read or write a ledger.
    #[error("failed to {action} the ledger {}: {source}", file.display())]
    Io {
        /// `open`, `read` or `append to`.
        action: &'static str,
        /// The ledger.
        file: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Another process works with the ledger.
    #[error("failed to open the ledger {}: another process has it; wait for it, or use another ledger", file.display())]
    LedgerHeld {
        /// The ledger.
        file: PathBuf,
    },
    /// A line of a ledger is not what was written there.
    #[error(
        "failed to read the ledger {}, line {line}: {problem}; a ledger is not edited by hand, so take it from a backup", file.display()
    )]
    LedgerLine {
        /// The ledger.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A ledger lacks lines at its end that it once had.
    #[error(
        "failed to read the ledger {}: it has {lines} lines, and the one with the chain {chain} is missing; take it from a backup", file.display()
    )]
    LedgerCut {
        /// The ledger.
        file: PathBuf,
        /// How many lines it has.
        lines: usize,
        /// The chain value that was looked for.
        chain: String,
    },
    /// A ledger was begun for something else.
    #[error(
        "failed to open the ledger {}: its {field} is {found}, but {expected} is asked for; use the data and seed it was begun with, or another ledger", file.display()
    )]
    LedgerOfOther {
        /// The ledger.
        file: PathBuf,
        /// Which part of its header.
        field: &'static str,
        /// What the ledger has.
        found: String,
        /// What was asked for.
        expected: String,
    },
    /// An id is not in the pool.
    #[error("failed to use example {id}: the pool has {examples} examples, with ids from 0")]
    UnknownId {
        /// The id.
        id: u32,
        /// How many examples the pool has.
        examples: u32,
    },
    /// An example cannot become what it is asked to become.
    #[error("failed to {action} example {id}: it is {state}; {advice}")]
    WrongState {
        /// `ask for`, `label` or `set aside`.
        action: &'static str,
        /// The id.
        id: u32,
        /// What it is.
        state: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// A query belongs to a round that is over.
    #[error("failed to ask in round {round}: the pool is in round {present}; rounds only go up")]
    RoundOver {
        /// The round that was given.
        round: u32,
        /// The round of the last query.
        present: u32,
    },
    /// A criterion has ended the asking.
    #[error(
        "failed to ask for more: {criterion} ended the asking after round {round}; begin another ledger to go on"
    )]
    AskingEnded {
        /// The last round.
        round: u32,
        /// The criterion.
        criterion: String,
    },
    /// Numbers do not have the size that was said.
    #[error("failed to use {what}: {rows} rows of {columns} need {} numbers, but there are {values}", rows.saturating_mul(*columns))]
    Shape {
        /// What the numbers are.
        what: &'static str,
        /// How many rows there should be.
        rows: usize,
        /// How many columns there should be.
        columns: usize,
        /// How many numbers there are.
        values: usize,
    },
    /// Two lists that belong together have different lengths.
    #[error("failed to use {what}: there are {found}, but {expected} are needed, one for each {of}")]
    Length {
        /// What the list holds.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many are needed.
        expected: usize,
        /// What each belongs to.
        of: &'static str,
    },
    /// A number is NaN or infinite.
    #[error("failed to use {what}: row {row} has {value}; look for what went wrong in the model there")]
    NotFinite {
        /// What the numbers are.
        what: &'static str,
        /// The row, from 0.
        row: usize,
        /// The number.
        value: f64,
    },
    /// A number is outside its range.
    #[error("failed to use {what}: row {row} has {value}, but {expected}")]
    OutOfRange {
        /// What the numbers are.
        what: &'static str,
        /// The row, from 0.
        row: usize,
        /// The number.
        value: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// An id is among the candidates twice.
    #[error("failed to choose among the candidates: id {id} is there twice; give each example once")]
    TwiceInPool {
        /// The id.
        id: u32,
    },
    /// A strategy needs something that was not given.
    #[error("failed to choose by {strategy}: it needs {what}; give them with `Candidates::{builder}`")]
    Missing {
        /// The strategy.
        strategy: &'static str,
        /// What it needs.
        what: &'static str,
        /// How it is given.
        builder: &'static str,
    },
    /// A strategy broke its contract.
    #[error(
        "failed to choose by {strategy}: it gave {found} choices, {expected} different ones were due; mend the strategy"
    )]
    BadChoice {
        /// The strategy.
        strategy: &'static str,
        /// How many different valid ones it gave.
        found: usize,
        /// How many were due.
        expected: usize,
    },
    /// No strategy has this name.
    #[error("failed to find the strategy {name:?}: {}known are {known}", meant.as_ref().map(|meant| format!("did you mean {meant:?}? ")).unwrap_or_default())]
    UnknownStrategy {
        /// The name.
        name: String,
        /// The nearest known name.
        meant: Option<&'static str>,
        /// All names.
        known: String,
    },
    /// There is too little to compute something from.
    #[error("failed to compute {what}: it needs {needs}")]
    TooLittle {
        /// What was to be computed.
        what: &'static str,
        /// What is needed.
        needs: &'static str,
    },
}
