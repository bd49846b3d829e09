//! When a line of progress is due, where no bar can be shown.

use std::time::{Duration, Instant};

/// Between the first lines.
const SHORTEST: Duration = Duration::from_secs(2);

/// Between the lines of what has been going on for long.
const LONGEST: Duration = Duration::from_mins(1);

/// Says when a line is due: soon at first, so that whoever watches a log sees something, and then after intervals that double, so that a long
/// run does not fill it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    start: Instant,
    /// What was done before the start.
    before: usize,
    due: Instant,
    interval: Duration,
}

impl Pace {
    /// Of what is worth a line as soon as something is done.
    pub(crate) fn at_once(start: Instant, before: usize) -> Self {
        Self { start, before, due: start, interval: SHORTEST }
    }

    /// Of what needs no line if it is done soon.
    pub(crate) fn if_long(start: Instant) -> Self {
        Self { due: start + SHORTEST, ..Self::at_once(start, 0) }
    }

    /// Whether a line is due at `now`; the next one is due an interval later.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        let is_due = now >= self.due;
        if is_due {
            self.due = now + self.interval;
            self.interval = (2 * self.interval).min(LONGEST);
        }
        is_due
    }

    /// The time that the rest of `total` takes, if it goes as fast as what was done since the start, in words.
    pub(crate) fn left(&self, now: Instant, done: usize, total: usize) -> String {
        let each = (now - self.start).as_secs_f64() / done.saturating_sub(self.before).max(1) as f64;
        let seconds = each * total.saturating_sub(done) as f64;
        let (time, unit) = match seconds {
            ..100.0 => (seconds, "s"),
            ..6000.0 => (seconds / 60.0, "min"),
            _ => (seconds / 3600.0, "h"),
        };
        format!("{time:.0} {unit} left")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds, of those from 0 on, at which a line is due.
    fn due(mut pace: Pace, start: Instant, seconds: u64) -> Vec<u64> {
        (0..seconds).filter(|&second| pace.is_due(start + Duration::from_secs(second))).collect()
    }

    #[test]
    fn lines_come_soon_and_then_ever_more_seldom() {
        let start = Instant::now();
        assert_eq!(due(Pace::at_once(start, 0), start, 200), [0, 2, 6, 14, 30, 62, 122, 182]);
        assert_eq!(due(Pace::if_long(start), start, 70), [2, 4, 8, 16, 32, 64]);
    }

    #[test]
    fn a_line_waits_for_what_is_told() {
        let start = Instant::now();
        let mut pace = Pace::if_long(start);
        let at = |second| start + Duration::from_secs(second);
        assert!(!pace.is_due(at(1)));
        assert!(pace.is_due(at(100)), "late");
        assert!(!pace.is_due(at(101)), "it does not make up for those that were not told");
        assert!(pace.is_due(at(102)));
    }

    #[test]
    fn what_is_left_follows_from_what_was_done_since_the_start() {
        let start = Instant::now();
        let left = |before, seconds, done, total| {
            Pace::at_once(start, before).left(start + Duration::from_secs(seconds), done, total)
        };
        assert_eq!(left(0, 10, 50, 100), "10 s left");
        assert_eq!(left(40, 10, 50, 100), "50 s left");
        assert_eq!(left(0, 10, 100, 100), "0 s left");
        assert_eq!(left(0, 60, 1, 11), "10 min left");
        assert_eq!(left(0, 60, 1, 601), "10 h left");
        assert_eq!(left(50, 10, 50, 60), "2 min left", "as if one were done");
    }
}
