//! The events of a run, as far as they can be read.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::event::{EVENTS_VERSION, Event, TimedEvent};
use crate::run_folder::EVENTS;
use crate::{Access, Error};

/// What a run has told so far.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) events: Vec<TimedEvent>,
    /// What a reader must know of them.
    pub(super) remarks: Vec<String>,
}

/// Reads the events of the run in the folder `run`. Lines of another version that this one cannot read are left out, and told; so is a last line
/// that is not whole. A run that has none yet has told nothing.
pub(super) fn read(run: &Path) -> Result<Told, Error> {
    let path = run.join(EVENTS);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(source) if source.kind() == ErrorKind::NotFound => return Ok(Told::default()),
        Err(source) => return Err(Error::Io { action: Access::Read, path, source }),
    };
    Ok(parse(&String::from_utf8_lossy(&bytes)))
}

/// The events in `text`.
fn parse(text: &str) -> Told {
    let (mut told, mut unread) = (Told::default(), 0);
    // What follows the last line end was being written when the file was read, or when the run was ended.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for line in whole.lines() {
        match serde_json::from_str(line) {
            Ok(event) => told.events.push(event),
            Err(_) => unread += 1,
        }
    }
    let version = told.events.iter().find_map(|event| match event.event {
        Event::Started { version, .. } => Some(version),
        _ => None,
    });
    if let Some(version) = version.filter(|&version| version != EVENTS_VERSION) {
        told.remarks.push(format!(
            "The run was written by another version of fishdip: its events have version {version}, and this program writes {EVENTS_VERSION}. \
             What it does not know is left out."
        ));
    }
    if unread > 0 {
        told.remarks.push(format!(
            "{unread} {} of events.jsonl cannot be read by this version, and {} left out.",
            if unread == 1 { "line" } else { "lines" },
            if unread == 1 { "is" } else { "are" }
        ));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: &str = r#"{"at":1.5,"event":"step","step":1,"loss":0.5,"gradient_norm":1,"learning_rate":0.01,"seconds":0.1}"#;

    #[test]
    fn what_another_version_wrote_is_told() {
        let started = r#"{"at":0,"event":"started","version":7,"run":"a","task":"ner","backend":"flex","config_hash":"","base_model_hash":"","train_examples":4,"eval_examples":2,"entries_total":9,"steps":3}"#;
        let told = parse(&format!("{started}\n{{\"at\":1,\"event\":\"danced\"}}\n{STEP}\n"));
        assert_eq!(told.events.len(), 2);
        assert!(
            told.remarks[0].contains("version 7") && told.remarks[1].starts_with("1 line of"),
            "{:?}",
            told.remarks
        );
    }

    #[test]
    fn a_torn_line_is_no_event_and_no_remark() {
        let told = parse(&format!("{STEP}\n{}", &STEP[..40]));
        assert_eq!((told.events.len(), told.remarks.len()), (1, 0));
        assert_eq!(parse("").events.len(), 0);
    }
}
