//! Outputs that hold only what can be read.

use fishdip_tasks::constraint::State;
use fishdip_tasks::{ConstraintError, Example, OutputConstraint, Vocabulary};

use crate::Error;

/// The state of one output.
#[derive(Clone, Debug)]
pub(crate) struct ConstrainedOutput(pub(crate) State);

impl fishdip_t5::Constraint for ConstrainedOutput {
    fn legal(&self, ids: &mut Vec<u32>) {
        self.0.legal(ids);
    }

    fn advance(&mut self, id: u32) {
        self.0.advance(id);
    }

    fn done(&self) -> bool {
        self.0.done()
    }

    fn draft(&self, most: usize, ids: &mut Vec<u32>) {
        self.0.draft(most, ids);
    }
}

/// The start of an output for `example` of at most `limit` pieces, and how many pieces it may have: more than `limit` only where the shortest
/// output needs them.
pub(crate) fn start(
    constraint: &OutputConstraint,
    example: &Example,
    pieces: &dyn Vocabulary,
    limit: usize,
) -> Result<(ConstrainedOutput, usize), Error> {
    match constraint.start_within(example, pieces, limit) {
        Err(fishdip_tasks::Error::Constraint(ConstraintError::OutputTooLong { needed, .. })) => {
            // The shortest output is the text without any span; twice as much leaves room for spans.
            Ok((ConstrainedOutput(constraint.start_within(example, pieces, 2 * needed)?), 2 * needed))
        }
        state => Ok((ConstrainedOutput(state?), limit)),
    }
}

#[cfg(test)]
pub(crate) mod tests;
