//! Tasks of Label Studio with predictions.

use std::io::{self, Write};

use fishdip_tasks::read::{RawFields, RawJson};
use fishdip_tasks::write::{Controls, Scored, add_label_studio_prediction};

use super::super::Refusal;
use super::super::answer::Answer;
use super::{Output, Unshown};

pub(super) struct Tasks<'w> {
    out: &'w mut dyn Write,
    model: String,
    /// The control that is asked for.
    asked: Option<String>,
    /// As the tasks so far have them.
    controls: Controls,
    written: usize,
}

impl<'w> Tasks<'w> {
    pub(super) fn new(out: &'w mut dyn Write, model: String, asked: Option<String>) -> Self {
        Self { out, model, asked, controls: Controls::default(), written: 0 }
    }
}

impl Output for Tasks<'_> {
    fn answer(&mut self, answer: &Answer) -> io::Result<Option<Unshown>> {
        let mut task = match answer.came() {
            // A task goes back as it came.
            came if came.get("data").is_some_and(|data| data.as_str().starts_with('{')) => came.clone(),
            came => {
                let mut data = came.clone();
                data.insert("text", RawJson::from(answer.text()));
                RawFields::from_iter([("data".to_owned(), RawJson::from(&data))])
            }
        };
        let asked = self.asked.as_deref();
        self.controls = std::mem::take(&mut self.controls).of_task(&task, asked);
        let (example, scores) = (answer.example(), answer.scores());
        let is_open = |kind: &str| {
            let shown = Controls::shown(&task, kind);
            shown.len() > 1 && shown.iter().all(|(name, _)| Some(name.as_str()) != asked)
        };
        let are_several = (!example.entities.is_empty() && is_open("labels"))
            || (example.label.is_some() && is_open("choices"));
        let found = Scored { example: &example, score: answer.score(), entities: &scores };
        add_label_studio_prediction(&mut task, &self.model, found, &self.controls)?;
        self.out.write_all(if self.written == 0 { b"[\n" } else { b",\n" })?;
        self.written += 1;
        write!(self.out, "{task}")?;
        Ok(are_several.then_some(Unshown::Controls))
    }

    fn refusal(&mut self, _: &Refusal) -> io::Result<bool> {
        Ok(false)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.write_all(if self.written == 0 { b"[]\n" } else { b"\n]\n" })?;
        self.out.flush()
    }

    fn has_fields(&self) -> bool {
        false
    }
}
