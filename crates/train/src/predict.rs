//! Predictions for new text, as a stream of JSON lines.

mod answer;
mod input_format;
mod output;
mod several;
mod source;
mod threshold;

use fishdip_tasks::Example;
use fishdip_tasks::read::{RawFields, ReadOptions};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use crate::adapted::AdaptedModel;
use crate::adapters::adapter_task;
use crate::error::Access;
use crate::event::{Event, Phase, Sink};
use crate::tagger::Prediction;
use crate::warnings::Warnings;
use crate::{Error, Interrupter};

use answer::Answer;
pub use input_format::InputFormat;
use output::Output;
pub use output::OutputFormat;
pub use several::output_names;
pub use source::Source;
use source::{Item, Receiver};
pub use threshold::Thresholds;

/// What to read and what to write.
#[derive(Clone, Debug)]
pub struct PredictOptions {
    /// What the input looks like.
    pub format: InputFormat,
    /// What the format leaves open.
    pub read: ReadOptions,
    /// Spans less probable than these are left out, and with them the relations and clusters that they are in.
    pub thresholds: Thresholds,
    /// What the output looks like.
    pub output: OutputFormat,
    /// How many answers there will be, where it is to be told how many of them are written; 0 where that is not [known](count_answers).
    pub total: Option<usize>,
}

/// How often a wait for input looks whether to stop.
const LOOK: Duration = Duration::from_millis(100);

/// How long a wait for input is when there is something to answer: as long as the reader needs for a line that is there already.
const MOMENT: Duration = Duration::from_millis(5);

/// A text, the words the model sees, and where each stands.
#[derive(Clone, Debug)]
struct Input {
    text: String,
    example: Example,
    chars: Vec<Range<usize>>,
    fields: RawFields,
}

/// What a line of output is about.
enum Entry {
    Ask(Input),
    /// An input in which there is nothing that the task is asked about, such as a sentence without a trigger.
    Nothing(Input),
    Bad(Refusal),
}

/// The answer to what is no input.
#[derive(Debug, Serialize)]
struct Refusal {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    error: String,
}

/// Reads `sources`, one after another, and writes one answer for each text or example to `output`, as JSON lines unless another
/// [`OutputFormat`] is asked for; for one that cannot be read or answered, a line with its number and the error (where the format has no place
/// for that, a warning), and in the end [`Error::Unanswered`]. Gives how many answers were written.
///
/// Fields of the input come back as they came, but for those that are called as fields of the output: these hold what was found, or are not
/// there, which is told once. So a line has an `error` if it was not answered, and only then.
///
/// A source that lets one [wait](Source::waits) is answered as far as it has come: what is there is answered together, and written before
/// more is waited for. When `interrupter` asks to stop, what was read is answered, and the result is [`Error::Stopped`].
pub fn predict(
    adapted: &AdaptedModel,
    options: &PredictOptions,
    sources: Vec<Source>,
    output: &mut dyn Write,
    interrupter: &Interrupter,
    sink: &mut dyn Sink,
) -> Result<usize, Error> {
    options.thresholds.check_for(adapted.task())?;
    let mut output = options.output.open(adapted, &options.read, output)?;
    adapted.tell(sink);
    let mut answering = Answering {
        adapted,
        thresholds: &options.thresholds,
        output: &mut *output,
        sink,
        waiting: Vec::new(),
        told: BTreeSet::new(),
        warnings: Warnings::default(),
        written: 0,
        bad: 0,
        told_apart: false,
        first: None,
        total: options.total,
    };
    answering.tell_progress();
    let waits = sources.iter().any(|source| source.waits);
    let most = adapted.info.evaluation.batch_size;
    let input = source::read(sources, options, adapted.task().kind(), most)?;
    let done = answering.all(&input, waits, most, interrupter);
    // Of an input that nobody could count this is the end.
    if answering.total == Some(0) {
        answering.total = Some(answering.written);
        answering.tell_progress();
    }
    let Answering { written, bad, told_apart, first, warnings, sink, output, .. } = answering;
    warnings.send(sink);
    // What was answered is written whole, also where the rest could not be read.
    let finished = output.finish().map_err(unwritten);
    done?;
    finished?;
    let told = if told_apart { "which the warnings say" } else { "which the output says in their places" };
    match first {
        Some(first) => Err(Error::Unanswered { bad, total: written, told, first }),
        None => Ok(written),
    }
}

/// How many answers [`predict`] writes for `sources`, which are read to their end for that: sources that wait have none yet.
pub fn count_answers(adapted: &AdaptedModel, options: &PredictOptions, sources: Vec<Source>) -> usize {
    source::count(sources, options, adapted.task())
}

/// Refuses what the adapter in `folder` cannot be asked for, before a model is loaded.
pub fn check(folder: &Path, thresholds: &Thresholds, output: &OutputFormat) -> Result<(), Error> {
    let task = adapter_task(folder)?;
    thresholds.check_for(&task)?;
    output.check_for(task.kind())
}

/// What is answered together, and what came of it so far.
struct Answering<'a> {
    adapted: &'a AdaptedModel,
    thresholds: &'a Thresholds,
    output: &'a mut dyn Output,
    sink: &'a mut dyn Sink,
    waiting: Vec<Entry>,
    /// The fields of inputs of which was told that the output has its own.
    told: BTreeSet<&'static str>,
    /// What a user should know of the examples: of every kind the first is told at once, others in the end.
    warnings: Warnings,
    written: usize,
    bad: usize,
    /// Whether what is bad was told beside the output, which has no place for it.
    told_apart: bool,
    first: Option<String>,
    /// The answers that there will be, or 0, where those that are written are told.
    total: Option<usize>,
}

impl Answering<'_> {
    fn all(
        &mut self,
        input: &Receiver,
        waits: bool,
        most: usize,
        interrupter: &Interrupter,
    ) -> Result<(), Error> {
        loop {
            let moment = if waits && !self.waiting.is_empty() { MOMENT } else { LOOK };
            let (full, last) = match input.recv_timeout(moment) {
                Ok(item) => {
                    self.take(item)?;
                    (self.waiting.len() >= most, false)
                }
                Err(RecvTimeoutError::Timeout) => (waits, false),
                Err(RecvTimeoutError::Disconnected) => (true, true),
            };
            let stops = interrupter.should_stop();
            if stops && waits {
                // No more than there can be: who writes faster than the model answers must not keep it from stopping.
                for item in input.try_iter().take(source::ahead(most)) {
                    self.take(item)?;
                }
            }
            if full || stops {
                self.flush()?;
            }
            match (last, stops) {
                (true, _) => return Ok(()),
                (false, true) => return Err(Error::Stopped { answered: self.written }),
                (false, false) => {}
            }
        }
    }

    /// Puts what was read with what waits. What came before an end of all reading is still answered.
    fn take(&mut self, item: Item) -> Result<(), Error> {
        match item {
            Item::Question(question) => {
                let instances = self.adapted.task().instances(&question.example);
                if instances.is_empty() {
                    let text = question.example.chars().0;
                    let (example, fields) = (Example::default(), question.fields.clone());
                    self.waiting.push(Entry::Nothing(Input { text, example, chars: Vec::new(), fields }));
                }
                for example in instances {
                    let (text, chars) = example.chars();
                    let input = Input { text, example, chars, fields: question.fields.clone() };
                    let checked =
                        if input.is_empty() { Ok(()) } else { self.adapted.tagger.check(&input.example) };
                    self.waiting.push(match checked {
                        Ok(()) => Entry::Ask(input),
                        Err(error) => Entry::Bad(refusal(&input, &error)),
                    });
                }
            }
            Item::Note(message) => self.sink.event(&Event::Note { message }),
            Item::Told(file, note) => {
                self.warnings.add_notes(&file, &[note]);
                self.warnings.send_first(self.sink);
            }
            Item::Bad { line, error } => self.waiting.push(Entry::Bad(Refusal { line, error })),
            Item::Failed(error) => {
                self.flush()?;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Answers what waits.
    fn flush(&mut self) -> Result<(), Error> {
        let entries = std::mem::take(&mut self.waiting);
        let asked = entries.iter().filter_map(|entry| match entry {
            Entry::Ask(input) if !input.is_empty() => Some(&input.example),
            _ => None,
        });
        let examples: Vec<Example> = asked.cloned().collect();
        let mut predictions = self.predictions(&examples).into_iter();
        for entry in entries {
            if let Entry::Ask(input) | Entry::Nothing(input) = &entry
                && self.output.has_fields()
            {
                self.tell_replaced(input);
            }
            let refusal = match entry {
                Entry::Nothing(input) => {
                    self.write(&input.blank(self.adapted.task()), String::new)?;
                    continue;
                }
                Entry::Ask(input) if input.is_empty() => {
                    self.write(&input.blank(self.adapted.task()), String::new)?;
                    continue;
                }
                Entry::Ask(input) => match predictions.next() {
                    Some(Ok(prediction)) => {
                        let place = input.example.place();
                        let answer = input.answer(self.adapted.task(), &prediction, self.thresholds);
                        self.write(&answer, || place)?;
                        continue;
                    }
                    Some(Err(error)) => refusal(&input, &error),
                    None => break,
                },
                Entry::Bad(refusal) => refusal,
            };
            self.refuse(refusal)?;
        }
        self.tell_progress();
        self.output.flush().map_err(unwritten)
    }

    fn tell_progress(&mut self) {
        if let Some(total) = self.total {
            self.sink.event(&Event::Progress { phase: Phase::Answering, done: self.written, total });
        }
    }

    /// Writes that an input has no answer, or tells it where the output has no place for it.
    fn refuse(&mut self, refusal: Refusal) -> Result<(), Error> {
        self.bad += 1;
        self.written += 1;
        if !self.output.refusal(&refusal).map_err(unwritten)? {
            self.told_apart = true;
            let message = format!("an input is not in the output: {}", refusal.error);
            self.sink.event(&Event::Warning { message });
        }
        self.first.get_or_insert(refusal.error);
        Ok(())
    }

    /// Tells, once for a field, that the input has it and the output has its own.
    fn tell_replaced(&mut self, input: &Input) {
        let replaced = input.replaced(self.adapted.task().kind(), self.output.columns());
        let new: Vec<&str> = replaced.into_iter().filter(|field| self.told.insert(field)).collect();
        if !new.is_empty() {
            let message = format!(
                "the input has fields that are called as those of the output ({}); the output has its own in their place",
                new.join(", ")
            );
            self.sink.event(&Event::Warning { message });
        }
    }

    /// What the model says about each of `examples`; where one of them spoils it for all, one by one.
    fn predictions(&mut self, examples: &[Example]) -> Vec<Result<Prediction, Error>> {
        let Self { adapted, sink, warnings, .. } = self;
        let mut ask = |examples: &[Example]| {
            // What was read is answered, so nothing stops the model.
            let never = Interrupter::new();
            let mut new = Warnings::default();
            let mut found = adapted.tagger.predict_all(examples, &never, &mut new, &mut |_, _| {})?;
            adapted.tagger.calibrate(&mut found);
            warnings.absorb(new);
            warnings.send_first(*sink);
            Ok(found.each)
        };
        match ask(examples) {
            Ok(found) => found.into_iter().map(Ok).collect(),
            Err(error) if examples.len() == 1 => vec![Err(error)],
            Err(_) => {
                let one = |example| ask(std::slice::from_ref(example)).map(|mut found| found.remove(0));
                examples.iter().map(one).collect()
            }
        }
    }

    /// Writes an answer. What the output cannot show of it is told, with its place.
    fn write(&mut self, answer: &Answer, place: impl FnOnce() -> String) -> Result<(), Error> {
        self.written += 1;
        if let Some(unshown) = self.output.answer(answer).map_err(unwritten)? {
            self.warnings.add(unshown.words(), place());
            self.warnings.send_first(self.sink);
        }
        Ok(())
    }
}

fn unwritten(source: std::io::Error) -> Error {
    Error::Io { action: Access::Write, path: "the output".into(), source }
}

fn refusal(input: &Input, error: &Error) -> Refusal {
    let line = input.example.origin.as_ref().map(fishdip_tasks::Origin::line);
    Refusal { line, error: error.to_string() }
}
