//! What a user should know of single examples, told as few warnings.

use std::collections::BTreeMap;
use std::path::Path;

use fishdip_tasks::read::{Note, NoteKind};

use crate::event::{Event, Sink};

/// How many of a kind are told one by one.
const SHOWN: usize = 3;
/// How many labels are listed.
const LABELS_SHOWN: usize = 10;

/// Collects warnings, those about single examples to be told as one a kind.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    /// What is about no example.
    messages: Vec<String>,
    /// How files are read that leave a choice, file by file.
    taken: Vec<String>,
    /// What readers told, in the order in which each kind came up first.
    read: Vec<(NoteKind, Places)>,
    kinds: Vec<(Kind, Places)>,
}

/// What is so of one example, and of several, in words that follow "example" and "examples".
pub(crate) type Kind = [&'static str; 2];

/// Where something is so.
#[derive(Debug, Default)]
struct Places {
    /// The first that were not told yet.
    first: Vec<String>,
    /// The last one.
    last: String,
    /// How many were not told yet.
    count: usize,
    told: bool,
}

impl Warnings {
    /// Adds that `what` is so at `place`; of several parts of an example once.
    pub(crate) fn add(&mut self, what: Kind, place: String) {
        self.add_with(what, place, "");
    }

    /// The same, with more about it; of several parts of an example that of the first.
    pub(crate) fn add_with(&mut self, what: Kind, place: String, more: &str) {
        let places = places_of(&mut self.kinds, what);
        if places.last != place {
            places.add(place, more);
        }
    }

    /// Adds a warning that is about no example.
    pub(crate) fn add_message(&mut self, message: String) {
        self.messages.push(message);
    }

    /// Adds what the reader of `file` noted.
    pub(crate) fn add_notes(&mut self, file: &Path, notes: &[Note]) {
        let taken = notes.iter().filter(|note| note.is_of_file()).map(|note| note.detail.as_str());
        let taken: Vec<&str> = taken.collect();
        if !taken.is_empty() {
            self.taken.push(format!("{}: {}", file.display(), taken.join("; ")));
        }
        for Note { kind, at, detail } in notes.iter().filter(|note| !note.is_of_file()) {
            let place = match at {
                Some(at) if detail.is_empty() => at.to_string(),
                Some(at) => format!("{at} ({detail})"),
                None => detail.clone(),
            };
            places_of(&mut self.read, *kind).add(place, "");
        }
    }

    #[cfg(test)]
    pub(crate) fn kinds(&self) -> Vec<&'static str> {
        self.kinds.iter().map(|([_, several], _)| *several).collect()
    }

    /// How files are read, and one warning a kind: how many, and the first of them.
    pub(crate) fn send(mut self, sink: &mut dyn Sink) {
        for message in std::mem::take(&mut self.messages) {
            sink.event(&Event::Warning { message });
        }
        for message in std::mem::take(&mut self.taken) {
            sink.event(&Event::Note { message });
        }
        for (kind, places) in &mut self.read {
            places.send(|count| format!(" {}", kind.words(count)), sink);
        }
        for (what, places) in &mut self.kinds {
            places.send(|count| examples(*what, count), sink);
        }
    }

    /// Adds what others are about.
    pub(crate) fn absorb(&mut self, others: Self) {
        for (what, others) in others.kinds {
            let places = places_of(&mut self.kinds, what);
            places.count += others.count;
            let room = SHOWN.saturating_sub(places.first.len());
            places.first.extend(others.first.into_iter().take(room));
            places.last = others.last;
        }
    }

    /// Tells what was not told before, of every kind the first time. What comes later of the kind is told by [`Warnings::send`].
    pub(crate) fn send_first(&mut self, sink: &mut dyn Sink) {
        for (kind, places) in self.read.iter_mut().filter(|(_, places)| !places.told) {
            places.send(|count| format!(" {}", kind.words(count)), sink);
        }
        for (what, places) in self.kinds.iter_mut().filter(|(_, places)| !places.told) {
            places.send(|count| examples(*what, count), sink);
        }
    }
}

fn places_of<K: PartialEq>(kinds: &mut Vec<(K, Places)>, kind: K) -> &mut Places {
    let index = kinds.iter().position(|(known, _)| *known == kind).unwrap_or_else(|| {
        kinds.push((kind, Places::default()));
        kinds.len() - 1
    });
    &mut kinds[index].1
}

impl Places {
    fn add(&mut self, place: String, more: &str) {
        self.count += 1;
        if self.first.len() < SHOWN {
            self.first.push(format!("{place}{more}"));
        }
        self.last = place;
    }

    /// How many there are, what they are by `words`, and the first of them.
    fn send(&mut self, words: impl Fn(usize) -> String, sink: &mut dyn Sink) {
        let count = std::mem::take(&mut self.count);
        if count == 0 {
            return;
        }
        let shown = std::mem::take(&mut self.first);
        let more =
            if count > shown.len() { format!("; and {} more", count - shown.len()) } else { String::new() };
        let again = if std::mem::replace(&mut self.told, true) { " more" } else { "" };
        let message = format!("{count}{again}{}: {}{more}", words(count), shown.join("; "));
        sink.event(&Event::Warning { message });
    }
}

/// Labels with how often each is there, the first of them by name, and how many more there are.
pub(crate) fn counted_labels(labels: &BTreeMap<String, usize>) -> String {
    let shown = labels.iter().take(LABELS_SHOWN).map(|(label, count)| format!("{label:?} ({count})"));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match labels.len().saturating_sub(LABELS_SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// What is so of `count` examples.
fn examples([one, several]: Kind, count: usize) -> String {
    if count == 1 { format!(" example {one}") } else { format!(" examples {several}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_of_one_example_are_one_example_whatever_is_said_of_each() {
        let mut warnings = Warnings::default();
        for (place, more) in [("a:1", " (x)"), ("a:1", " (y)"), ("a:2", " (x)")] {
            warnings.add_with(["holds odd ones", "hold odd ones"], place.to_owned(), more);
        }
        assert_eq!(told(|sink| warnings.send(sink)), ["2 examples hold odd ones: a:1 (x); a:2 (x)"]);
    }

    #[test]
    fn ten_labels_are_listed_and_the_rest_counted() {
        let labels = |count: usize| (0..count).map(|label| (format!("l{label:02}"), label + 1)).collect();
        assert_eq!(counted_labels(&labels(2)), "\"l00\" (1), \"l01\" (2)");
        let ten = counted_labels(&labels(10));
        assert!(ten.ends_with(", \"l09\" (10)"), "{ten}");
        assert_eq!(counted_labels(&labels(13)), format!("{ten} and 3 more"));
    }

    fn told(send: impl FnOnce(&mut dyn Sink)) -> Vec<String> {
        struct All(Vec<String>);
        impl Sink for All {
            fn event(&mut self, event: &Event) {
                if let Event::Warning { message } = event {
                    self.0.push(message.clone());
                }
            }
        }
        let mut all = All(Vec::new());
        send(&mut all);
        all.0
    }

    #[test]
    fn one_is_one_and_several_are_several() {
        let mut warnings = Warnings::default();
        for place in ["a:1", "a:1", "a:2", "a:3", "a:4"] {
            warnings.add(["holds x", "hold x"], place.to_owned());
        }
        warnings
            .add(["is long and is read in windows", "are long and are read in windows"], "a:1".to_owned());
        warnings.add(["to score is trained on as well", "to score are trained on as well"], "a:1".to_owned());
        let expected = [
            "4 examples hold x: a:1; a:2; a:3; and 1 more",
            "1 example is long and is read in windows: a:1",
            "1 example to score is trained on as well: a:1",
        ];
        assert_eq!(told(|sink| warnings.send(sink)), expected);
    }

    #[test]
    fn what_comes_again_and_again_is_told_at_first_and_in_the_end() {
        let mut warnings = Warnings::default();
        let mut all = Vec::new();
        for place in ["a:1", "a:2", "a:3"] {
            warnings.add(["holds x", "hold x"], place.to_owned());
            all.extend(told(|sink| warnings.send_first(sink)));
        }
        all.extend(told(|sink| warnings.send(sink)));
        assert_eq!(all, ["1 example holds x: a:1", "2 more examples hold x: a:2; a:3"]);
    }
}
