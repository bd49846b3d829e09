//! Signals: the first asks the run to stop and save, the second ends the process.

use fishdip_train::Interrupter;

use crate::exit::Failure;

/// An interrupter that SIGINT, SIGTERM and SIGHUP trigger.
pub(crate) fn on_signals() -> Result<Interrupter, Failure> {
    let interrupter = Interrupter::new();
    let handle = interrupter.clone();
    ctrlc::set_handler(move || {
        if handle.should_stop() {
            std::process::exit(3);
        }
        handle.stop(Some("signal"));
    })
    .map_err(|e| Failure::Use(format!("failed to listen to signals: {e}")))?;
    Ok(interrupter)
}
