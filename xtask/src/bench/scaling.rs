//! How the time of a step grows with the density of the mask, the length of the texts and the batch, beside the original program.

use std::path::Path;

use anyhow::Result;

use super::plot::{Curve, Panel, plot};
use super::table::Row;
use super::{Options, median, programs::Programs};

/// What is varied: its key, its name, its values. The others stay at 1 %, 128 pieces, batch 8.
const AXES: &[(&[&str], &str, &[f64])] = &[
    (&["density"], "share of the entries", &[0.001, 0.003, 0.01, 0.03, 0.1]),
    (&["source", "target"], "pieces of source and target", &[32.0, 64.0, 128.0, 256.0]),
    (&["batch"], "samples in a batch", &[1.0, 2.0, 4.0, 8.0, 16.0]),
];

/// Measures all points and draws them into `docs/scaling.svg`.
pub(super) fn rows(root: &Path, options: &Options) -> Result<Vec<Row>> {
    let programs = Programs::new(root, options)?;
    let mut rows = Vec::new();
    for shape in &options.shapes {
        let mut panels = Vec::new();
        for (keys, name, values) in AXES {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for value in *values {
                let settings: Vec<String> = keys.iter().map(|key| format!("{key}={value}")).collect();
                let name = format!("scaling.{shape}.{}", settings.join(","));
                if !name.contains(&options.only) {
                    continue;
                }
                let [own, peer] = programs.side_by_side(shape, "step", "step", &settings, options.rounds)?;
                let [own, peer] =
                    [own, peer].map(|runs| median(runs.into_iter().flat_map(|r| r.seconds).collect()));
                ours.push((*value, own));
                theirs.push((*value, peer));
                rows.push(Row::new(name, "s", own, (peer, "original"), 1.0));
            }
            let curves = vec![
                Curve { name: "fishdip", points: ours },
                Curve { name: "original, PyTorch", points: theirs },
            ];
            panels.push(Panel { axis: name, curves });
        }
        let file = root.join(format!("docs/scaling-{shape}-{}.svg", options.backend.name));
        plot(&file, &panels)?;
        eprintln!("drawn: {}", file.display());
    }
    Ok(rows)
}
