//! Texts with spans in, what a model reads and should write, and what an output is worth:
//! `cargo run -p fishdip-tasks --example score`.
//!
//! With a file, as `--example score -- train.conll`, it shows what that file's first examples become. A name
//! of a format behind it says how the file is read; without one the file shows it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is there to show something")]

use std::process::ExitCode;

use fishdip_tasks::read::{CharSpan, Format, from_spans};
use fishdip_tasks::{Decoded, Example, Mode, Naming, Origin, Schema, Task};

fn main() -> ExitCode {
    match show() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn show() -> fishdip_tasks::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let examples = match (arguments.next(), arguments.next()) {
        (Some(file), Some(format)) => format.parse::<Format>()?.load(file)?,
        (Some(file), None) => Format::Auto.load(file)?,
        (None, _) => written_here()?,
    };

    // The labels are those of the data, each with a name in plain words that the model reads and writes.
    let task = Task::ner(Schema::seen(&examples, Naming::LowerCased)?, Mode::Fixed);
    for example in examples.iter().take(3) {
        let encoded = task.encode(example)?;
        println!("source  {}\ntarget  {}\n", encoded.source, encoded.target);
    }

    // A model that finds every second entity: what it would write, read back and scored.
    let found: Vec<Decoded> = examples
        .iter()
        .map(|example| Ok(task.decode(example, &half(&task, example)?)))
        .collect::<fishdip_tasks::Result<_>>()?;
    print!("{}", task.score(examples.iter().zip(&found)));
    Ok(())
}

fn half(task: &Task, example: &Example) -> fishdip_tasks::Result<String> {
    let mut example = example.clone();
    example.relations.clear();
    example.arguments.clear();
    let mut keep = false;
    example.entities.retain(|_| {
        keep = !keep;
        keep
    });
    Ok(task.encode(&example)?.target)
}

fn written_here() -> fishdip_tasks::Result<Vec<Example>> {
    let span = |start, end, label: &str| CharSpan { start, end, label: label.to_owned() };
    let texts = [
        ("Aspirin-induced ulcers", vec![span(0, 7, "Chemical"), span(16, 22, "Disease")]),
        ("Take 10mg of warfarin.", vec![span(13, 21, "Chemical"), span(5, 9, "Dose")]),
    ];
    let read = |(number, (text, spans)): (usize, &(&str, Vec<CharSpan>))| {
        from_spans(text, spans, &Origin::new("score.rs", number + 1))
    };
    texts.iter().enumerate().map(read).collect()
}
