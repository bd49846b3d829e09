//! `cargo xtask results`: methods and peers over data sets and numbers of examples, and the page of what they came to.
//!
//! What is compared stands in `configs/results`. Every cell is one run, with one seed; what it came to is a line of `docs/results/cells.json`, from
//! which the page is made, so that run folders can be removed. A cell whose setting or base model has changed since counts as not run.

mod cells;
mod claims;
mod compare;
mod interval;
mod page;
mod picture;
mod plan;
mod runs;
mod setup;
mod whole_file;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, value_parser};

use crate::backends::Backend;
use crate::bench::peer::{self, Packages};
use cells::Cells;
use plan::{Cell, Plan};
use runs::{Ended, Runs};

/// Where the finished cells stand.
const CELLS: &str = "docs/results/cells.json";

/// What to run, and for how long.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Show the cells and how far each has come, and run none
    #[arg(long)]
    list: bool,
    /// Make the page of the cells that are done, and run none
    #[arg(long, conflicts_with = "list")]
    page: bool,
    /// Stop after this many minutes; what has begun goes on the next time
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    minutes: Option<u64>,
    /// Run so many cells at once, which share the threads of this machine; small models have more of it than of threads
    #[arg(long, value_name = "N", default_value = "1")]
    jobs: NonZeroUsize,
    /// Cells of this name, or of one of several with commas; with less than a whole name all that have it: conll03.ours.140.1, ours.140, trec
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// The folder of the data sets [default: that of the variable `FISHDIP_DATA`]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A Python that has the peers' packages; without it they are installed
    #[arg(long, value_name = "PATH")]
    python: Option<String>,
    #[command(flatten)]
    backend: Backend,
}

impl Options {
    fn asks_for(&self, cell: &Cell) -> bool {
        self.only.is_empty() || self.only.iter().any(|asked| is_called(cell, asked))
    }
}

/// Whether `asked` is the name of `cell` or some of its parts in a row, so that 50 does not mean 500 as well.
fn is_called(cell: &Cell, asked: &str) -> bool {
    let name = cell.name();
    let (parts, asked): (Vec<&str>, Vec<&str>) =
        (name.split('.').collect(), asked.trim().trim_matches('.').split('.').collect());
    parts.windows(asked.len()).any(|window| window == asked)
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<ExitCode> {
    let plan = Plan::load(root)?;
    let setups = setup::of(root, &plan)?;
    let mut cells = Cells::load(&root.join(CELLS))?;
    let asked: Vec<&Cell> = plan.cells.iter().filter(|cell| options.asks_for(cell)).collect();
    let is_none = |name: &&String| !plan.cells.iter().any(|cell| is_called(cell, name));
    if let Some(name) = options.only.iter().find(is_none) {
        bail!("no cell is called `{name}`, which must be whole parts of a name; `--list` shows them all");
    }
    if options.list {
        list(&asked, &cells, &setups);
        return Ok(ExitCode::SUCCESS);
    }
    let mut failed = Vec::new();
    if !options.page {
        failed = train(root, options, &plan, &setups, &asked, &mut cells)?;
    }
    page::write(root, &plan, &cells.present(&plan, &setups))?;
    eprintln!("written: docs/results.md");
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("error: failed: {}", failed.join(", "));
    Ok(ExitCode::FAILURE)
}

/// Runs what is not done of the cells `asked`; gives the names of those that failed.
fn train(
    root: &Path,
    options: &Options,
    plan: &Plan,
    setups: &setup::Setups,
    asked: &[&Cell],
    cells: &mut Cells,
) -> Result<Vec<String>> {
    let end = options.minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let data = options.data.clone().or_else(|| std::env::var_os("FISHDIP_DATA").map(PathBuf::from));
    let data = data.context("say with --data or FISHDIP_DATA where the data sets lie")?;
    let data = std::path::absolute(data).context("the folder of the data sets has no absolute path")?;
    ensure!(data.is_dir(), "the folder of the data sets, {}, is none", data.display());
    let left: Vec<&Cell> = asked.iter().copied().filter(|cell| !cells.is_done(cell, setups)).collect();
    if let Some(cell) = left.iter().find(|cell| !data.join(&plan.data[cell.data].folder).is_dir()) {
        let set = &plan.data[cell.data];
        bail!("{} has no folder {}, for {}", data.display(), set.folder.display(), cell.name());
    }
    if left.is_empty() {
        return Ok(Vec::new());
    }
    let runs = Runs::prepare(root, plan, &data, options, &left)?;
    let queue = Mutex::new(Queue { cells, left: left.iter(), failed: Vec::new(), end, total: left.len() });
    thread::scope(|scope| {
        let work = || work(&runs, setups, &queue);
        let workers: Vec<_> = (0..options.jobs.get()).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|_| bail!("a worker ended badly")))
    })?;
    Ok(queue.into_inner().unwrap_or_else(PoisonError::into_inner).failed)
}

/// What workers share.
struct Queue<'a> {
    /// The finished.
    cells: &'a mut Cells,
    /// Those that no worker has taken.
    left: std::slice::Iter<'a, &'a Cell>,
    /// The names of those that failed.
    failed: Vec<String>,
    /// When to stop.
    end: Option<Instant>,
    /// How many there were to run.
    total: usize,
}

impl<'a> Queue<'a> {
    /// The next cell to run, if there is one and the time is not over.
    fn next(&mut self) -> Option<&'a Cell> {
        let left = self.left.len();
        if left > 0 && self.end.is_some_and(|end| Instant::now() >= end) {
            eprintln!("the time is over; {left} of {} cells are left", self.total);
            self.left = [].iter();
        }
        let cell = self.left.next()?;
        eprintln!("cell {} of {}: {}", self.total - self.left.len(), self.total, cell.name());
        Some(cell)
    }
}

/// Runs one cell after the other, until none is left or the time is over. An error keeps other workers from taking more.
fn work(runs: &Runs<'_>, setups: &setup::Setups, queue: &Mutex<Queue<'_>>) -> Result<()> {
    let locked = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    let end = locked().end;
    loop {
        let Some(cell) = locked().next() else { return Ok(()) };
        let ended = runs.run(cell, setups.of(cell), end);
        let mut queue = locked();
        let kept = ended.and_then(|ended| match ended {
            Ended::Done(finished) => queue.cells.add(&runs.root.join(CELLS), cell.name(), finished),
            Ended::Stopped => {
                eprintln!("the time is over; {} goes on the next time", cell.name());
                Ok(())
            }
            Ended::Failed(why) => {
                eprintln!("{}: {why}", cell.name());
                queue.failed.push(cell.name());
                Ok(())
            }
        });
        if kept.is_err() {
            queue.left = [].iter();
            return kept;
        }
    }
}

fn list(asked: &[&Cell], cells: &Cells, setups: &setup::Setups) {
    let width = asked.iter().map(|cell| cell.name().len()).max().unwrap_or(0);
    for cell in asked {
        println!("{:width$}  {}", cell.name(), cells.state(cell, setups));
    }
    let done = asked.iter().filter(|cell| cells.is_done(cell, setups)).count();
    println!("{done} of {} cells are done", asked.len());
}

/// The Python of the taggers.
fn taggers(root: &Path, asked: Option<&str>) -> Result<PathBuf> {
    peer::python(root, asked, Packages::Taggers)
}

#[cfg(test)]
mod tests {
    use super::is_called;
    use super::plan::tests::small;

    #[test]
    fn cells_are_asked_for_by_whole_parts_of_their_names() -> anyhow::Result<()> {
        let plan = small()?;
        let called = |asked: &str| {
            let cells = plan.cells.iter().filter(|cell| is_called(cell, asked));
            cells.map(super::Cell::name).collect::<Vec<_>>()
        };
        assert_eq!(called("a.ours.140.1"), ["a.ours.140.1"]);
        assert_eq!(called(" a.ours.140 "), ["a.ours.140.1", "a.ours.140.2"]);
        assert!(!called("20").is_empty() && called("20") == called(".20."));
        for none in ["", "14", "a.our", "ours.a", "a.ours.140.1.1"] {
            assert!(called(none).is_empty(), "{none}");
        }
        Ok(())
    }
}
