//! JSON lines in and out, for people who train elsewhere: examples to texts, outputs to what they say.
//!
//! A line that cannot be used costs itself alone: `{"line": 3, "error": "…"}` stands in its place. An example
//! that has a text and no tokens gets the [words](crate::words) of the text as its tokens.

use std::io::{BufRead, Write};
use std::path::Path;

use serde::Serialize;

use crate::read::{UnreadInput, answered_examples, examples};
use crate::{Decoded, Encoded, Error, Example, Result, Task};

/// A line that [`encode`] writes.
#[derive(Serialize)]
struct Pair<'a> {
    id: &'a str,
    source: &'a str,
    target: &'a str,
    #[serde(skip_serializing_if = "<[usize]>::is_empty")]
    dropped: &'a [usize],
}

/// What stands in the place of a line that cannot be used.
#[derive(Serialize)]
struct Refusal<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    error: &'a str,
}

/// What [`encode`] or [`decode`] wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// How many lines, without that of a score.
    pub lines: usize,
    /// How many of them tell an error.
    pub bad: usize,
    /// The first error.
    pub first: Option<String>,
    /// The examples whose target does not show every span, by file and line, and how many spans each target
    /// lacks.
    pub dropped: Vec<(String, usize)>,
}

/// A line that [`decode`] writes.
#[derive(Serialize)]
struct Found<'a> {
    id: &'a str,
    #[serde(flatten)]
    decoded: &'a Decoded,
}

/// Reads [`Example`]s, a JSON object a line, from `input` (called `name` in messages), and writes
/// `{"id", "source", "target"}` for each of the task's instances of it; and `"dropped"`, the indices of the
/// spans that the target cannot show, where there are any. It stops where the system refuses to read or
/// write.
pub fn encode(task: &Task, input: impl BufRead, name: &Path, output: &mut impl Write) -> Result<Written> {
    let mut written = Written::default();
    for example in examples(input, name) {
        let encoded = example.map_err(UnreadInput::from).and_then(|example| {
            let example = example.with_words_of_text();
            encode_each(task, &example)
                .map_err(|error| UnreadInput { at: example.origin.clone(), error: Box::new(error) })
        });
        for (instance, encoded) in written.good(encoded, name, output)?.into_iter().flatten() {
            let Encoded { source, target, dropped } = &encoded;
            write(output, &Pair { id: &instance.id, source, target, dropped })?;
            written.lines += 1;
            if !dropped.is_empty() {
                written.dropped.push((instance.place(), dropped.len()));
            }
        }
    }
    Ok(written)
}

/// The instances of an example with their texts.
fn encode_each(task: &Task, example: &Example) -> Result<Vec<(Example, Encoded)>> {
    let instances = task.instances(example).into_iter();
    instances.map(|instance| task.encode(&instance).map(|encoded| (instance, encoded))).collect()
}

/// Reads examples with an `"output"` each, a JSON object a line, from `input` (called `name` in messages),
/// and writes what each output says: the id, what was found, the repairs and the kinds of fault. With
/// `score`, one more line at the end: `{"score": …}` over all that could be decoded, the examples' own
/// annotations being the gold. It stops where the system refuses to read or write.
pub fn decode(
    task: &Task,
    input: impl BufRead,
    name: &Path,
    score: bool,
    output: &mut impl Write,
) -> Result<Written> {
    let mut pairs: Vec<(Example, Decoded)> = Vec::new();
    let mut written = Written::default();
    for line in answered_examples(input, name) {
        let answered = line.and_then(|(example, answer)| {
            if score {
                // What has no gold would be left out of the score, or count as if nothing were there.
                encode_each(task, &example)?;
            }
            Ok((example, answer))
        });
        let answered = answered.map_err(UnreadInput::from);
        let Some((example, answer)) = written.good(answered, name, output)? else { continue };
        let decoded = task.decode(&example, &answer);
        write(output, &Found { id: &example.id, decoded: &decoded })?;
        written.lines += 1;
        if score {
            pairs.push((example, decoded));
        }
    }
    if score {
        let report = task.score(pairs.iter().map(|(example, decoded)| (example, decoded)));
        write(output, &serde_json::json!({ "score": report }))?;
    }
    Ok(written)
}

impl Written {
    /// What came of a line; nothing, and its error in the output, if it cannot be used. The place of an error
    /// is its own, or else the one beside it.
    fn good<T>(
        &mut self,
        outcome: Result<T, UnreadInput>,
        name: &Path,
        output: &mut impl Write,
    ) -> Result<Option<T>> {
        let UnreadInput { at, error } = match outcome {
            Ok(good) => return Ok(Some(good)),
            Err(bad) if matches!(*bad.error, Error::Io { .. }) => return Err(*bad.error),
            Err(bad) => bad,
        };
        let line = error.origin_in(name).or(at).map(|at| at.line());
        let error = error.to_string();
        write(output, &Refusal { line, error: &error })?;
        self.lines += 1;
        self.bad += 1;
        self.first.get_or_insert(error);
        Ok(None)
    }
}

fn write(output: &mut impl Write, line: &impl Serialize) -> Result<()> {
    let written = serde_json::to_writer(&mut *output, line).map_err(std::io::Error::from);
    written
        .and_then(|()| output.write_all(b"\n"))
        .map_err(|source| Error::Write { file: "the output".into(), source })
}
