//! A folder of texts and brat's annotations.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use fishdip_peft::{AtomicFolder, WriteError};
use fishdip_tasks::read::{RawFields, RawJson};
use fishdip_tasks::write::{Scored, is_brat_label, write_brat};
use fishdip_tasks::{Task, TaskKind};

use super::super::Refusal;
use super::super::answer::Answer;
use super::{Output, Unshown};
use crate::Error;
use crate::adapters::new_folder;

/// What the documents' ids and other fields are kept in, a line each.
const FIELDS: &str = "fields.jsonl";

pub(super) struct Documents {
    folder: Option<AtomicFolder>,
    events: bool,
    names: BTreeSet<String>,
    fields: String,
}

impl Documents {
    /// Begins the folder, which must not exist, for what `task` finds.
    pub(super) fn new(folder: &Path, task: &Task) -> Result<Self, Error> {
        let schema = task.schema();
        let labels = schema.entities().chain(schema.relations()).chain(schema.triggers());
        if let Some((label, _)) = labels.into_iter().find(|(label, _)| !is_brat_label(label)) {
            return Err(Error::Data(format!(
                "the label {label:?} is none for brat, whose labels have no white space, colon or semicolon; choose another output format"
            )));
        }
        if folder.symlink_metadata().is_ok() {
            return Err(Error::OutExists { path: folder.to_owned() });
        }
        Ok(Self {
            folder: Some(new_folder(folder)?),
            events: task.kind() == TaskKind::EventTriggers,
            names: BTreeSet::new(),
            fields: String::new(),
        })
    }

    /// A name for files: the id where it can be one and no other document has it, else the document's number.
    fn name(&mut self, id: Option<&str>) -> String {
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let can_be =
            |id: &&str| !id.is_empty() && id.len() <= 100 && !id.starts_with('.') && id.chars().all(is_plain);
        // On some systems names that differ by case alone are the same.
        let id = id.filter(can_be).filter(|id| !self.names.contains(&id.to_lowercase()));
        let mut number = self.names.len() + 1;
        let mut name = id.map(str::to_owned);
        while name.as_ref().is_none_or(|name| self.names.contains(&name.to_lowercase())) {
            name = Some(format!("text-{number}"));
            number += 1;
        }
        let name = name.unwrap_or_default();
        self.names.insert(name.to_lowercase());
        name
    }
}

impl Output for Documents {
    fn answer(&mut self, answer: &Answer) -> io::Result<Option<Unshown>> {
        let mut example = answer.example();
        if self.events {
            example.triggers = std::mem::take(&mut example.entities);
        }
        let mut annotations = Vec::new();
        write_brat(
            &mut annotations,
            Scored { example: &example, score: answer.score(), entities: &answer.scores() },
        )?;
        let name = self.name((!example.id.is_empty()).then_some(example.id.as_str()));
        let Some(folder) = &self.folder else { return Ok(None) };
        folder.write(&format!("{name}.txt"), answer.text().as_bytes()).map_err(reason)?;
        folder.write(&format!("{name}.ann"), &annotations).map_err(reason)?;
        let came = answer.came().clone().into_iter().filter(|(key, _)| key != "text");
        let line: RawFields =
            [("file".to_owned(), RawJson::from(name.as_str()))].into_iter().chain(came).collect();
        self.fields.push_str(&line.to_string());
        self.fields.push('\n');
        Ok(None)
    }

    fn refusal(&mut self, _: &Refusal) -> io::Result<bool> {
        Ok(false)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        let Some(folder) = self.folder.take() else { return Ok(()) };
        folder.write(FIELDS, self.fields.as_bytes()).map_err(reason)?;
        folder.commit().map_err(reason)
    }

    fn has_fields(&self) -> bool {
        false
    }
}

fn reason(error: WriteError) -> io::Error {
    io::Error::new(error.source.kind(), error)
}
