//! The studies that take minutes, each run once as a user runs it: every cell comes to its end, and soon enough.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::program;

/// Their files in `configs/studies`, and a row and the one whose score it does not come up to. Chance decides between the others.
const QUICK: [(&str, Option<[&str; 2]>); 2] =
    [("quick", Some(["random", "fish-dip"])), ("active-quick", None)];

/// What their comments promise.
const WITHIN: Duration = Duration::from_mins(5);

pub(crate) fn run(root: &Path) -> Result<()> {
    let program = program::build(root, "flex", "")?;
    for (name, order) in QUICK {
        let folder = tempfile::tempdir().context("failed to make a folder for a study")?;
        let config = format!("configs/studies/{name}.toml");
        println!("fishdip study --config {config}");
        let start = Instant::now();
        let mut study = Command::new(&program.file);
        study.current_dir(root).args(["study", "--json", "--config", &config, "--out"]).arg(folder.path());
        program.environment.apply(&mut study);
        let output = study.stderr(Stdio::inherit()).output().context("failed to run fishdip")?;
        let took = start.elapsed();
        ensure!(output.status.success(), "{config} ended with {}", output.status);
        let table: Value = serde_json::from_slice(&output.stdout).context("the table is no JSON")?;
        let rows = scores(&table)?;
        println!("{name}: {rows:.3?} in {} s", took.as_secs());
        if let Some([low, high]) = order {
            let score = |name: &str| {
                let row = rows.iter().find(|row| row.0.contains(name));
                row.map(|row| row.1).with_context(|| format!("{config} has no row {name}"))
            };
            ensure!(score(low)? < score(high)?, "{config}: {low} is not below {high}");
        }
        ensure!(took < WITHIN, "{config} took {} s", took.as_secs());
    }
    Ok(())
}

/// Name and score of every row, none of which may be of a cell that is not done.
fn scores(table: &Value) -> Result<Vec<(&str, f64)>> {
    let rows = table["rows"].as_array().filter(|rows| !rows.is_empty()).context("the table has no rows")?;
    let score = |row: &'_ Value| match (row["score"].as_f64(), row["seeds"].as_u64()) {
        (Some(score), Some(2)) => Ok(score),
        _ => bail!("a cell is not done: {row}"),
    };
    rows.iter().map(|row| Ok((row["name"].as_str().unwrap_or_default(), score(row)?))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::scores;

    #[test]
    fn a_cell_that_failed_is_no_row_with_a_score() -> anyhow::Result<()> {
        let done = json!({ "name": "full", "seeds": 2, "score": 0.9 });
        assert_eq!(scores(&json!({ "rows": [done] }))?, [("full", 0.9)]);
        let failed = json!({ "name": "lora-2", "seeds": 0, "score": null, "error": "it was killed" });
        for rows in [json!([]), json!([done, failed])] {
            assert!(scores(&json!({ "rows": rows })).is_err());
        }
        Ok(())
    }
}
