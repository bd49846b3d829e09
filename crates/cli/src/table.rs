//! Scores as a table.

use fishdip_train::tasks::Report;

use crate::shown::shown;

/// Everything that the JSON says, as a table.
pub(crate) fn scores(report: &Report) -> String {
    report.to_string().lines().flat_map(|line| [shown(line), "\n".into()]).collect()
}
