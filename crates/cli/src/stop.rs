//! Signals: the first asks the run to stop and save, the second ends the process.

use fishdip_train::Interrupter;
use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::exit::Failure;

/// Signals within this time are one.
const ONE_WISH: Duration = Duration::from_secs(1);

/// An interrupter that SIGINT, SIGTERM and SIGHUP trigger.
pub(crate) fn on_signals() -> Result<Interrupter, Failure> {
    let interrupter = Interrupter::new();
    let handle = interrupter.clone();
    let mut first: Option<Instant> = None;
    ctrlc::set_handler(move || match first {
        // A shell that closes sends several at once, which are one wish.
        Some(first) if first.elapsed() < ONE_WISH => {}
        Some(_) => {
            // Nobody is left to tell if this fails.
            let _ = writeln!(
                std::io::stderr(),
                "error: stopped at once by a second signal; a run goes on from its last checkpoint by `train --resume`"
            );
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
