//! A line for whoever waits for a large model where no bar can be shown.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What is loaded sooner needs no line, and bad input is refused without one.
const LONG: Duration = Duration::from_secs(3);

/// Says that data and model are loaded, if that is not over soon. Nothing is said any more once it is dropped.
pub(crate) struct Loading(Arc<AtomicBool>);

impl Loading {
    pub(crate) fn begin() -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&is_over);
        // Loading itself has no moment in between at which it could tell.
        std::thread::spawn(move || {
            std::thread::sleep(LONG);
            if !seen.load(Ordering::Relaxed) {
                // Progress is not worth failing for.
                let _ = writeln!(std::io::stderr(), "loading data and model");
            }
        });
        Self(is_over)
    }
}

impl Drop for Loading {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
