//! What a user should know of single examples, told as few warnings.

use std::path::Path;

use fishdip_tasks::read::{Note, NoteKind};

use crate::event::{Event, Sink};

/// How many of a kind are told one by one.
const SHOWN: usize = 3;

/// Collects warnings about single examples, to be told as one a kind.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    /// How files are read that leave a choice, file by file.
    taken: Vec<String>,
    /// What readers told, in the order in which each kind came up first.
    read: Vec<(NoteKind, Vec<String>)>,
    kinds: Vec<(&'static str, Vec<String>)>,
}

impl Warnings {
    /// Adds that `what` is so at `place`; of several parts of an example once.
    pub(crate) fn add(&mut self, what: &'static str, place: String) {
        match self.kinds.iter_mut().find(|(kind, _)| *kind == what) {
            Some((_, places)) if places.last() == Some(&place) => {}
            Some((_, places)) => places.push(place),
            None => self.kinds.push((what, vec![place])),
        }
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
            match self.read.iter_mut().find(|(known, _)| known == kind) {
                Some((_, places)) => places.push(place),
                None => self.read.push((*kind, vec![place])),
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn kinds(&self) -> Vec<&'static str> {
        self.kinds.iter().map(|(kind, _)| *kind).collect()
    }

    /// How files are read, and one warning a kind: how many, and the first of them.
    pub(crate) fn send(self, sink: &mut dyn Sink) {
        for message in self.taken {
            sink.event(&Event::Note { message });
        }
        let read = self.read.into_iter().map(|(kind, places)| (kind.words(places.len()).to_owned(), places));
        let found = self.kinds.into_iter().map(|(what, places)| (format!("examples {what}"), places));
        for (what, places) in read.chain(found) {
            let more = if places.len() > SHOWN {
                format!(", and {} more", places.len() - SHOWN)
            } else {
                String::new()
            };
            let shown = places[..places.len().min(SHOWN)].join(", ");
            let message = format!("{} {what}: {shown}{more}", places.len());
            sink.event(&Event::Warning { message });
        }
    }
}
