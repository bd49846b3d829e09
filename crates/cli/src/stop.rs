//! Signals: the first asks the run to stop and save, the second ends the process.

use fishdip_train::Interrupter;
use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::exit::Failure;

/// Signals within this time are one.
const ONE_WISH: Duration = Duration::from_secs(1);

/// How that goes on which is stopped or ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum GoesOn {
    /// By this command with `--resume`.
    Resume(&'static str),
    /// By the same command.
    Again,
    /// It has to begin anew.
    Not,
}

/// An interrupter that SIGINT, SIGTERM and SIGHUP trigger; what they stop goes on as `goes_on` says.
pub(crate) fn on_signals(goes_on: GoesOn) -> Result<Interrupter, Failure> {
    let interrupter = Interrupter::new();
    let handle = interrupter.clone();
    let mut first: Option<Instant> = None;
    ctrlc::set_handler(move || match first {
        // A shell that closes sends several at once, which are one wish.
        Some(first) if first.elapsed() < ONE_WISH => {}
        Some(_) => {
            // Nobody is left to tell if this fails.
            let _ = writeln!(std::io::stderr(), "error: stopped at once by a second signal{}", told(goes_on));
            std::process::exit(3);
        }
        None => {
            first = Some(Instant::now());
            handle.stop();
        }
    })
    .map_err(|e| Failure::Use(format!("failed to listen to signals: {e}")))?;
    Ok(interrupter)
}

fn told(goes_on: GoesOn) -> String {
    match goes_on {
        GoesOn::Resume(command) => {
            format!("; a run goes on from its last checkpoint by `{command} --resume`")
        }
        GoesOn::Again => "; the same command goes on from the last checkpoint".to_owned(),
        GoesOn::Not => String::new(),
    }
}
