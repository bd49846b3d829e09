//! A pool that outlives the process: an append-only file.

mod line;

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::pool::{Asked, Pool, Stopped};
use crate::{Error, Result};
use line::{Entry, Fault};

pub use line::Header;

/// The last line of a ledger that a crash had cut, and that was dropped when it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Which line, from 1.
    pub line: usize,
    /// What there was of it.
    pub text: String,
}

/// The pool of a study and the file that holds its history.
///
/// The file has one JSON object a line: a header, and then what was asked, labelled and set aside, in order, and that
/// a criterion has ended the asking. Each line ends with a hash of itself and of all before it, so that a line that was
/// changed, removed or put in between is found when the ledger is opened. Lines that are missing at the end are found
/// by [`check_reaches`].
///
/// A line is on the disk before the method that writes it returns, and only then the pool changes. A process that is
/// killed between any two instructions leaves a ledger that opens to the same pool: labels are not lost, and examples
/// that were asked for are in [`Pool::waiting`] until they are answered.
///
/// One process at a time has it, by a lock of the operating system that ends with the process.
///
/// ```
/// use fishdip_active::{Header, Ledger};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("ledger.jsonl");
/// let header = Header { examples: 1_000_000, data: "trec, 5,452 questions".to_owned(), seed: 7 };
/// let mut ledger = Ledger::open(&path, &header)?;
/// ledger.ask(0, 99, "random", &[17, 4])?;
/// ledger.label(&[(4, "location")])?;
/// drop(ledger);
///
/// let ledger = Ledger::open(&path, &header)?;
/// assert_eq!(ledger.pool().labelled().collect::<Vec<_>>(), [4]);
/// assert_eq!(ledger.pool().waiting().collect::<Vec<_>>(), [17]);
/// assert_eq!(ledger.labels()?, [(4, "location".to_owned())]);
/// # Ok::<(), fishdip_active::Error>(())
/// ```
///
/// [`check_reaches`]: Ledger::check_reaches
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    file: File,
    pool: Pool,
    chain: String,
    lines: usize,
    /// How much of the file is good, in bytes.
    length: u64,
    torn: Option<Torn>,
}

impl Ledger {
    /// Opens the ledger at `path`, or begins one if there is none.
    ///
    /// It is an error if another process has it, if it was begun with another header, or if a line is not what was
    /// written there. A last line that a crash has cut is dropped, and stands in [`torn`](Self::torn).
    pub fn open(path: impl AsRef<Path>, header: &Header) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let at = |source| io_error("open", &path, source);
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(at)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::LedgerHeld { file: path }),
            Err(TryLockError::Error(source)) => return Err(at(source)),
        }
        let mut ledger = Self {
            path,
            file,
            pool: Pool::new(header.examples),
            chain: String::new(),
            lines: 0,
            length: 0,
            torn: None,
        };
        ledger.replay(header)?;
        Ok(ledger)
    }

    /// The pool as it stands.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// The line that was dropped when the ledger was opened.
    pub fn torn(&self) -> Option<&Torn> {
        self.torn.as_ref()
    }

    /// The hash of the last line and all before it. A checkpoint that keeps it can later tell by
    /// [`check_reaches`](Self::check_reaches) that no line of that time is missing.
    pub fn chain(&self) -> &str {
        &self.chain
    }

    /// Writes down that examples are asked for, before anyone is shown them.
    pub fn ask(&mut self, round: u32, seed: u64, strategy: &str, ids: &[u32]) -> Result<()> {
        let query = Asked { round, seed, strategy: strategy.to_owned(), ids: ids.to_vec() };
        self.pool.check_ask(&query)?;
        self.append(&[Entry::Asked(query.clone())])?;
        self.pool.ask(query)
    }

    /// Writes down labels: ids and whatever text stands for the annotation. All of them, or none in case of an error.
    pub fn label(&mut self, answers: &[(u32, &str)]) -> Result<()> {
        self.check_answers("label", answers.iter().map(|&(id, _)| id))?;
        let entry = |&(id, label): &(u32, &str)| Entry::Labelled { id, label: label.to_owned() };
        self.append(&answers.iter().map(entry).collect::<Vec<_>>())?;
        answers.iter().try_for_each(|&(id, _)| self.pool.label(id))
    }

    /// Writes down that examples cannot be labelled.
    pub fn set_aside(&mut self, ids: &[u32]) -> Result<()> {
        self.check_answers("set aside", ids.iter().copied())?;
        self.append(&ids.iter().map(|&id| Entry::SetAside { id }).collect::<Vec<_>>())?;
        ids.iter().try_for_each(|&id| self.pool.set_aside(id))
    }

    /// Writes down that no more is asked for after `round`, the last one: which criterion said so, and why.
    pub fn stop(&mut self, round: u32, criterion: &str, why: &str) -> Result<()> {
        let stopped = Stopped { round, criterion: criterion.to_owned(), why: why.to_owned() };
        self.pool.check_stop(&stopped)?;
        self.append(&[Entry::Stopped(stopped.clone())])?;
        self.pool.stop(stopped)
    }

    /// All labels in the order they came, read from the file.
    pub fn labels(&self) -> Result<Vec<(u32, String)>> {
        let mut labels = Vec::new();
        self.each_line(|_, _, line| {
            if let Ok((Entry::Labelled { id, label }, _)) = line {
                labels.push((id, label));
            }
            Ok(())
        })?;
        Ok(labels)
    }

    /// Checks that a line with this hash is there: what [`chain`](Self::chain) gave at an earlier time.
    pub fn check_reaches(&self, chain: &str) -> Result<()> {
        let mut found = false;
        self.each_line(|_, _, line| {
            found |= line.is_ok_and(|(_, found)| found == chain);
            Ok(())
        })?;
        let cut = || Error::LedgerCut { file: self.path.clone(), lines: self.lines, chain: chain.to_owned() };
        found.then_some(()).ok_or_else(cut)
    }

    fn check_answers(&self, action: &'static str, ids: impl Iterator<Item = u32>) -> Result<()> {
        let mut seen = BTreeSet::new();
        for id in ids {
            self.pool.check_answer(action, id)?;
            if !seen.insert(id) {
                let (state, advice) = ("answered in the same call", "give each answer once");
                return Err(Error::WrongState { action, id, state, advice });
            }
        }
        Ok(())
    }

    fn append(&mut self, entries: &[Entry]) -> Result<()> {
        let mut chain = self.chain.clone();
        let mut text = String::new();
        for entry in entries {
            let written = line::write(&mut text, &chain, entry).map_err(io::Error::from);
            chain = written.map_err(|source| io_error("append to", &self.path, source))?;
        }
        self.write(text.as_bytes())?;
        self.chain = chain;
        self.lines += entries.len();
        Ok(())
    }

    /// Appends to the file and waits until it is on the disk. After an error the file is as it was.
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        // Whatever an earlier failure may have left behind the good part goes first.
        let mut file = &self.file;
        let written =
            file.set_len(self.length).and_then(|()| file.write_all(bytes)).and_then(|()| file.sync_data());
        if let Err(source) = written {
            // If this fails as well, the next append or the next opening does it.
            let _ = file.set_len(self.length);
            return Err(io_error("append to", &self.path, source));
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Reads the file from its start and brings the pool to its end.
    fn replay(&mut self, header: &Header) -> Result<()> {
        let (mut chain, mut lines, mut length) = (String::new(), 0, 0);
        let mut pool = self.pool.clone();
        let (mut torn, mut unended) = (None, false);
        let fault = |line, problem: String| Error::LedgerLine { file: self.path.clone(), line, problem };
        self.each_line(|number, bytes, read| {
            let ended = bytes.ends_with(b"\n");
            match read {
                Ok((entry, link)) => {
                    self.apply(&mut pool, header, number, entry)?;
                    (chain, lines, length, unended) = (link, number, length + bytes.len() as u64, !ended);
                }
                // The first line of a file that is none of ours is not for us to drop.
                Err(Fault::Form(_)) if !ended && (number > 1 || header.begins_with(bytes)) => {
                    torn = Some(Torn { line: number, text: String::from_utf8_lossy(bytes).into_owned() });
                }
                Err(Fault::Form(problem) | Fault::Chain(problem)) => return Err(fault(number, problem)),
            }
            Ok(())
        })?;
        (self.pool, self.chain, self.lines, self.length) = (pool, chain, lines, length);
        self.torn = torn;
        if unended {
            self.write(b"\n")?;
        }
        if lines == 0 {
            self.append(&[Entry::header(header)])?;
            self.sync_folder()?;
        } else if self.torn.is_some() {
            self.file
                .set_len(length)
                .and_then(|()| self.file.sync_data())
                .map_err(|source| io_error("append to", &self.path, source))?;
        }
        Ok(())
    }

    fn apply(&self, pool: &mut Pool, header: &Header, number: usize, entry: Entry) -> Result<()> {
        let done = match entry {
            Entry::Ledger { header: found, .. } if number == 1 => {
                let other = |(field, found, expected)| {
                    Err(Error::LedgerOfOther { file: self.path.clone(), field, found, expected })
                };
                return header.difference(&found).map_or(Ok(()), other);
            }
            Entry::Ledger { .. } => Err("a second header".to_owned()),
            _ if number == 1 => Err("the header is missing".to_owned()),
            Entry::Asked(query) => pool.ask(query).map_err(|error| error.to_string()),
            Entry::Labelled { id, .. } => pool.label(id).map_err(|error| error.to_string()),
            Entry::SetAside { id } => pool.set_aside(id).map_err(|error| error.to_string()),
            Entry::Stopped(stopped) => pool.stop(stopped).map_err(|error| error.to_string()),
        };
        let file = || self.path.clone();
        done.map_err(|problem| Error::LedgerLine { file: file(), line: number, problem })
    }

    /// Calls `each` with the number of a line, its bytes, and what it holds if it is sound.
    fn each_line(
        &self,
        mut each: impl FnMut(usize, &[u8], Result<(Entry, String), Fault>) -> Result<()>,
    ) -> Result<()> {
        let at = |source| io_error("read", &self.path, source);
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0)).map_err(at)?;
        let mut reader = BufReader::new(file);
        let (mut bytes, mut chain, mut number) = (Vec::new(), String::new(), 0);
        while reader.read_until(b'\n', &mut bytes).map_err(at)? > 0 {
            number += 1;
            let read = line::read(&chain, &bytes);
            if let Ok((_, link)) = &read {
                chain.clone_from(link);
            }
            each(number, &bytes, read)?;
            bytes.clear();
        }
        Ok(())
    }

    /// Makes the name of a new file as lasting as what is in it.
    fn sync_folder(&self) -> Result<()> {
        #[cfg(unix)]
        {
            let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            let at = |source| io_error("open", &self.path, source);
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(at)?;
        }
        Ok(())
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        // Closing alone would leave the lock to a child process that was started in the same instant. If it fails, the
        // lock ends with the process.
        let _ = self.file.unlock();
    }
}

fn io_error(action: &'static str, file: &Path, source: io::Error) -> Error {
    Error::Io { action, file: file.to_owned(), source }
}
