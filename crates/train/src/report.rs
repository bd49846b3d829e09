//! `report.html` and the figures of masks: what a run folder holds, gathered as the values that `fishdip-report` shows.
//!
//! Everything is told from the folder: events, resolved config, result and predictions. So a run that goes on, was ended or was written by
//! another version has a report as well, which says what is not there.

mod compared;
mod facts;
mod folders;
mod learning;
mod mask;
mod run;
mod scores;
mod self_training;
mod told;

use fishdip_report::picture::HeatMap;
use fishdip_report::{Mask, MaskSummary, Page, Sentences, Text, render};
use serde::Serialize;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::kept::is_not_kept;
use crate::out_file::replace;
use crate::run_folder::runs_below;
use crate::{Error, OutFile};
use folders::Folders;

/// What a report is called in the folder of its run or study.
const REPORT: &str = "report.html";

/// How a page begins.
const PAGE: &[u8] = b"<!DOCTYPE html>";

/// How a picture begins.
const PICTURE: &[u8] = b"<svg ";

/// Where a run of active learning or self-training has its rounds.
const ROUNDS: &str = "rounds";

/// Makes the report of `folders`: run folders, or one study folder. It goes to `out`, or else into the first of them, in the place of an
/// earlier one; where it is, is returned.
pub fn write_report(folders: &[PathBuf], out: Option<&OutFile>) -> Result<PathBuf, Error> {
    if let Some(out) = out {
        if !is_free_for(out.path(), PAGE) {
            out.is_none_of(folders.iter().map(PathBuf::as_path))?;
            is_not_kept(out)?;
        }
        out.write(render(&page(folders)?).as_bytes())?;
        return Ok(out.path().to_owned());
    }
    let Some(first) = folders.first() else { return Err(no_report(Path::new(""), "no run was named")) };
    let out = first.join(REPORT);
    let html = render(&page(folders)?);
    if !is_free_for(&out, PAGE) {
        return Err(no_report(&out, "it is there already and is no page; name another file with --out"));
    }
    replace(&out, html.as_bytes())?;
    Ok(out)
}

/// Whether nothing is lost where something that begins with `start` is written to `out`: there is nothing, or an earlier one.
fn is_free_for(out: &Path, start: &[u8]) -> bool {
    let mut found = Vec::new();
    let read = File::open(out).and_then(|file| file.take(start.len() as u64).read_to_end(&mut found));
    read.is_err() || found.eq_ignore_ascii_case(start)
}

/// There is nothing to report of the folder `path`.
fn no_report(path: &Path, reason: &str) -> Error {
    Error::Data(format!("failed to report {}: {reason}", path.display()))
}

/// What the report of `folders` shows.
fn page(folders: &[PathBuf]) -> Result<Page, Error> {
    let Folders { title, runs, table } = folders::of(folders)?;
    let gathered =
        runs.iter().map(|(name, folder)| run::gather(name, folder)).collect::<Result<Vec<_>, _>>()?;
    let is_of_rounds = |folder: &PathBuf| folder.join(ROUNDS).is_dir();
    let (learning, self_training) = match folders {
        [folder] if is_of_rounds(folder) => {
            (learning::gather(folder)?, self_training::gather(folder, &gathered)?)
        }
        _ => (None, None),
    };
    let mut page = Page {
        title: Text::from(title),
        made_by: concat!("fishdip ", env!("CARGO_PKG_VERSION")).to_owned(),
        runs: gathered,
        study: table.as_ref().map(compared::study),
        learning,
        self_training,
        ..Page::default()
    };
    if let [folder] = folders {
        page.folds = compared::folds(folder, &runs)?;
    }
    match runs.as_slice() {
        [(name, _)] => {
            let all = page.runs.first().and_then(|run| run.scored.clone());
            page.sentences = all.map(|all| Sentences { runs: vec![Text::from(name.as_str())], all });
        }
        // Two folds have no sentence in common.
        [(_, first), (_, second)] if page.folds.is_none() => {
            (page.comparison, page.sentences) = compared::two(&page.runs, [first, second])?;
        }
        _ => {}
    }
    Ok(page)
}

/// The figures of the masks of a run, for people and programs.
#[derive(Clone, Debug, Serialize)]
pub struct MaskReport {
    /// The run folder.
    pub run: PathBuf,
    /// Where the picture was written, if it was.
    pub path: Option<PathBuf>,
    /// The figures.
    #[serde(flatten)]
    pub summary: MaskSummary,
    #[serde(skip)]
    mask: Mask,
}

/// The figures of the masks that the run in the folder `run` has chosen so far.
pub fn mask_report(run: &Path) -> Result<MaskReport, Error> {
    if run.join(ROUNDS).is_dir() {
        let reason =
            "it is a run of active learning; name one of its rounds, such as the folder rounds/00 in it";
        return Err(no_report(run, reason));
    }
    let told = told::read(run)?;
    if told.events.is_empty() {
        let reason = if runs_below(run).is_empty() {
            "it is no run folder, as there are no events.jsonl in it that this version can read"
        } else {
            "it is the folder of a study or of folds; name one of the runs in it"
        };
        return Err(no_report(run, reason));
    }
    let mask = mask::gather(&told);
    if mask.choices.is_empty() {
        return Err(no_report(run, "its run has chosen no mask yet, or trains the whole model"));
    }
    Ok(MaskReport { run: run.to_owned(), path: None, summary: MaskSummary::of(&mask), mask })
}

impl MaskReport {
    /// Draws the mean share of each layer and kind of weight into the file `out`.
    pub fn write_svg(&mut self, out: &OutFile) -> Result<(), Error> {
        if !is_free_for(out.path(), PICTURE) {
            out.is_none_of([self.run.as_path()])?;
            is_not_kept(out)?;
        }
        let cells = self.mask.mean_cells();
        let map = HeatMap { rows: &self.mask.layers, columns: &self.mask.kinds, cells: &cells };
        out.write(map.to_svg().as_bytes())?;
        self.path = Some(out.path().to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
