//! What is said where memory runs out: the system has the program ended, and can tell nothing of what it was at.

use fishdip_train::{Event, Phase, Sink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use crate::stop::GoesOn;

/// Bytes of the longest message.
const ROOM: usize = 1024;

/// The message, ready before it is needed: when there is no memory, nothing can be put together any more.
static MESSAGE: [AtomicU8; ROOM] = [const { AtomicU8::new(0) }; ROOM];
static LENGTH: AtomicUsize = AtomicUsize::new(0);

/// Says what to do where the program ends for want of memory, from the events of a run. It shows nothing of them.
pub(crate) struct OutOfMemory {
    goes_on: GoesOn,
    run: PathBuf,
    checkpoint: Option<usize>,
}

impl OutOfMemory {
    /// From now on, an end for want of memory has a message and the exit code of a failure part-way. A run goes on as `goes_on` says.
    pub(crate) fn watch(goes_on: GoesOn) -> Self {
        #[cfg(unix)]
        on_abort();
        let watched = Self { goes_on, run: PathBuf::new(), checkpoint: None };
        watched.prepare("while data and model were loaded", "take a smaller model, or free some");
        watched
    }

    fn prepare(&self, at: &str, advice: &str) {
        let goes_on = match (self.goes_on, self.checkpoint) {
            (GoesOn::Resume(command), Some(step)) => {
                let run = shown(whole(&self.run));
                format!("; with more memory, `{command} --resume {run}` goes on from step {step}")
            }
            (GoesOn::Again, Some(step)) => {
                format!("; with more memory, the same command goes on from step {step}")
            }
            _ => String::new(),
        };
        let message = format!("error: ran out of memory {at}; {advice}{goes_on}\n");
        let bytes = &message.as_bytes()[..message.len().min(ROOM)];
        for (place, &byte) in MESSAGE.iter().zip(bytes) {
            place.store(byte, Ordering::Relaxed);
        }
        LENGTH.store(bytes.len(), Ordering::Release);
    }
}

/// The run that the training in `folder` is a part of: rounds have folders of their own, and it is all of them that goes on.
fn whole(folder: &Path) -> &Path {
    let rounds = folder.parent().filter(|parent| parent.ends_with("rounds"));
    rounds.and_then(Path::parent).unwrap_or(folder)
}

fn shown(path: &Path) -> String {
    crate::shown::shown(&path.display().to_string()).into_owned()
}

impl Sink for OutOfMemory {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Started { run, .. } => self.run.clone_from(run),
            Event::Resumed { step, .. } | Event::Checkpoint { step, .. } => self.checkpoint = Some(*step),
            Event::Batch { examples, source_pieces, target_pieces } => self.prepare(
                &format!(
                    "in a training step on a batch of {examples} examples of {source_pieces} source and {target_pieces} target pieces"
                ),
                "begin a new run with a lower training.batch_size (training.accumulate makes up for it), set training.batch_pieces, or a shorter data.max_source_pieces",
            ),
            Event::Progress { phase: Phase::Ranking | Phase::Fisher, .. } => self.prepare(
                "while parameters were chosen",
                "begin a new run with a lower training.batch_size (training.accumulate makes up for it) or shorter data.max_source_pieces",
            ),
            Event::Progress { phase: Phase::Scoring, .. } => self.prepare(
                "while examples were scored",
                "begin a new run with a lower evaluation.batch_size, evaluation.batch_pieces or evaluation.beams",
            ),
            _ => {}
        }
    }
}

/// The standard library ends a program without memory by this signal, and so does LibTorch.
#[cfg(unix)]
#[allow(unsafe_code, reason = "what is called has to be fit for a signal handler")]
fn on_abort() {
    extern "C" fn tell(_: libc::c_int) {
        let mut message = [0; ROOM];
        let length = LENGTH.load(Ordering::Acquire);
        for (byte, place) in message.iter_mut().zip(&MESSAGE) {
            *byte = place.load(Ordering::Relaxed);
        }
        // SAFETY: both may be called in a signal handler; the bytes lie in this frame.
        unsafe {
            libc::write(libc::STDERR_FILENO, message.as_ptr().cast(), length);
            libc::_exit(4)
        }
    }
    // SAFETY: the handler allocates nothing, takes no lock and does not return.
    unsafe { libc::signal(libc::SIGABRT, tell as extern "C" fn(libc::c_int) as libc::sighandler_t) };
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::whole;

    #[test]
    fn a_round_is_a_part_of_its_run() {
        assert_eq!(whole(Path::new("runs/self-1/rounds/02")), Path::new("runs/self-1"));
        assert_eq!(whole(Path::new("runs/quick-1")), Path::new("runs/quick-1"));
        assert_eq!(whole(Path::new("out")), Path::new("out"));
    }
}
