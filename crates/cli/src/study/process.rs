//! The process of one cell.

use fishdip_train::{Cell, CellState, Interrupter};
use std::collections::VecDeque;
use std::io::Write as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::exit::Failure;
use crate::hub;

/// How often it is asked whether the process has ended.
const PAUSE: Duration = Duration::from_millis(50);

/// The exit code of a command that was stopped.
const STOPPED: i32 = 3;

/// How the process of a cell ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// The cell is done, or it failed, which is noted.
    ByItself,
    /// It was asked to stop.
    Stopped,
    /// Another process had begun it in the same instant.
    Held,
}

/// Runs those of `cells` that are not done, each in a process of its own, as this same command with `alone` behind it: the option that names the cell
/// of an index. A cell that another process runs is left to it and looked at again when the others are done, so that several commands share the
/// cells, and one begun just after another was killed waits until that one's cell is kept. Gives the cell in which it was asked to stop.
/// Messages call a cell `kind`. Where none that is left has the files that it needs, none is begun.
pub(crate) fn run_all<'a>(
    cells: &'a [Cell],
    kind: &str,
    alone: impl Fn(usize) -> [String; 2],
    interrupter: &Interrupter,
) -> Result<Option<&'a Cell>, Failure> {
    Cell::check_files(cells, &hub::cache())?;
    let mut left: VecDeque<(usize, bool)> = (0..cells.len()).map(|index| (index, false)).collect();
    while let Some((index, again)) = left.pop_front() {
        let cell = &cells[index];
        // Progress is not worth failing for.
        let tell = |what: &str| {
            let _ =
                writeln!(std::io::stderr(), "{kind} {} of {}: {}{what}", index + 1, cells.len(), cell.name);
        };
        if again && cell.is_held() {
            tell(", which another process runs; waiting for it");
            while cell.is_held() {
                if interrupter.should_stop() {
                    return Ok(Some(cell));
                }
                std::thread::sleep(PAUSE);
            }
        }
        if cell.state() == CellState::Done {
            continue;
        }
        if cell.is_held() {
            left.push_back((index, true));
            continue;
        }
        tell("");
        match run(cell, &alone(index), interrupter)? {
            Ended::ByItself => {}
            Ended::Stopped => return Ok(Some(cell)),
            Ended::Held => left.push_back((index, true)),
        }
    }
    Ok(None)
}

/// Runs `cell` as this same command with `alone` behind it. Why it failed is noted by itself, or else here.
fn run(cell: &Cell, alone: &[String; 2], interrupter: &Interrupter) -> Result<Ended, Failure> {
    let failed =
        |error| Failure::Use(format!("failed to start a process for the cell {}: {error}", cell.name));
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    command.args(std::env::args_os().skip(1)).args(alone);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    // Ctrl-C is for this process, which hands it on once: the second one would end the cell before it is kept.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    #[cfg(target_os = "linux")]
    ends_with_this_process(&mut command);
    // What is noted in the end is of this process.
    cell.forget_failure()?;
    let mut child = command.spawn().map_err(failed)?;
    let mut is_asked = false;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if interrupter.should_stop() && !is_asked {
            is_asked = true;
            ask_to_stop(&mut child);
        }
        std::thread::sleep(PAUSE);
    };
    if interrupter.should_stop() || status.code() == Some(STOPPED) {
        return Ok(Ended::Stopped);
    }
    if cell.state() != CellState::Done && cell.failure().is_none() {
        if cell.is_held() {
            return Ok(Ended::Held);
        }
        cell.note_failure(&told(status))?;
    }
    Ok(Ended::ByItself)
}

/// Why a process failed that could not say it itself.
fn told(status: ExitStatus) -> String {
    format!(
        "its process was ended ({status}), perhaps for want of memory; what it said last is on standard error"
    )
}

/// Has the kernel ask the process to keep what it has and to end once this one is gone, killed perhaps: nobody would wait for it any more, and the
/// study that goes on later would meet it in the same run folder.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "the standard library has no word for it")]
fn ends_with_this_process(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    // SAFETY: between fork and exec only the system is called, with numbers.
    unsafe {
        command.pre_exec(|| match libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM) {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        });
    }
}

/// Asks the process to keep what it has and to end.
#[cfg(unix)]
#[allow(unsafe_code, reason = "the standard library can only kill")]
fn ask_to_stop(child: &mut Child) {
    // SAFETY: it takes two numbers; the process was not waited for yet, so that its number is its own.
    unsafe { libc::kill(child.id() as libc::pid_t, libc::SIGTERM) };
}

/// Ends the process, which goes on from its last checkpoint the next time.
#[cfg(not(unix))]
fn ask_to_stop(child: &mut Child) {
    // One that has ended is what is wanted.
    let _ = child.kill();
}
