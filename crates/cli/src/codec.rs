//! `fishdip encode` and `fishdip decode`

use fishdip_train::tasks::interchange::{self, Asked, DecodeOptions, Written};
use fishdip_train::tasks::{Schema, Task};
use fishdip_train::{Error, read_schema};
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::args::{CodecArgs, DecodeArgs};
use crate::exit::Failure;
use crate::input::Input;
use crate::shown::shown;

pub(crate) fn encode(args: &CodecArgs) -> Result<(), Failure> {
    let task = task(args)?;
    let input = Input::open(&args.input)?;
    let mut output = BufWriter::new(std::io::stdout().lock());
    let done = interchange::encode(&task, input.reader, &input.name, &mut output);
    // What was encoded before an error is not lost.
    output.flush()?;
    let written = done.map_err(Error::from)?;
    if let Some((place, spans)) = written.dropped.first() {
        let examples = match written.dropped.len() {
            1 => "1 example has".to_owned(),
            count => format!("{count} examples have"),
        };
        let message = format!(
            "{examples} crossing spans that the target cannot show, whose numbers are under \"dropped\"; the first: {place} ({spans})"
        );
        // Nobody is left to tell if this fails.
        let _ = writeln!(std::io::stderr(), "warning: {}", shown(&message));
    }
    all_good(written)
}

pub(crate) fn decode(args: &DecodeArgs) -> Result<(), Failure> {
    let task = task(&args.codec)?;
    let asked = args.prompts.as_deref().map(asked).transpose()?;
    let input = Input::open(&args.codec.input)?;
    let mut output = BufWriter::new(std::io::stdout().lock());
    let options = DecodeOptions { score: args.score, asked: asked.as_ref() };
    let done = interchange::decode(&task, input.reader, &input.name, options, &mut output);
    output.flush()?;
    let written = done.map_err(Error::from)?;
    if args.codec.schema.is_none() && !written.foreign.is_empty() {
        const SHOWN: usize = 8;
        let labels: Vec<&str> = written.foreign.iter().take(SHOWN).map(String::as_str).collect();
        let more = if written.foreign.len() > SHOWN { " and others" } else { "" };
        let message = format!(
            "outputs have labels that no example has, and count as wrong: {}{more}; without a schema every label is its own name, so if these are natural \
             names, say with --schema which labels they stand for",
            labels.join(", ")
        );
        // Nobody is left to tell if this fails.
        let _ = writeln!(std::io::stderr(), "warning: {}", shown(&message));
    }
    all_good(written)
}

/// The prompts of a file.
fn asked(path: &Path) -> Result<Asked, Failure> {
    let file = Input::open(path)?;
    Ok(Asked::read(file.reader, &file.name).map_err(Error::from)?)
}

/// An error if there was a line that could not be used.
fn all_good(written: Written) -> Result<(), Failure> {
    match written.first {
        Some(first) => {
            let told = "which the output says in their places";
            Err(Error::Unanswered { bad: written.bad, total: written.lines, told, first }.into())
        }
        None => Ok(()),
    }
}

fn task(args: &CodecArgs) -> Result<Task, Failure> {
    Ok(Task::new(args.task, schema(args.schema.as_deref())?, args.mode.into()))
}

/// The labels of a file or data set; without one, every label is its own name.
pub(crate) fn schema(file: Option<&Path>) -> Result<Schema, Failure> {
    Ok(file.map(read_schema).transpose()?.unwrap_or_else(Schema::open))
}
