//! JSON lines in and out, for people who train elsewhere: examples to texts, outputs to what they say.
//!
//! A line that cannot be used costs itself alone: `{"line": 3, "error": "…"}` stands in its place. An example
//! that has a text and no tokens gets the [words](crate::words) of the text as its tokens.

mod asked;

pub use asked::Asked;

use std::collections::BTreeSet;
use std::io::{BufRead, Write};
use std::path::Path;

use serde::Serialize;

use crate::read::{Answer, UnreadInput, answers, examples};
use crate::{Decoded, Encoded, Error, Example, ExampleError, ReadError, Result, Task, shortened};

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
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    error: &'a str,
}

/// What [`encode`] or [`decode`] wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// How many lines, without that of a score and those of [`Self::bad`] that tell again what is counted.
    pub lines: usize,
    /// How many of them tell an error. What is asked for and not answered is counted once: where a line is bad that may
    /// have been its answer, that line is.
    pub bad: usize,
    /// The first error.
    pub first: Option<String>,
    /// The examples whose target does not show every span, by file and line, and how many spans each target
    /// lacks.
    pub dropped: Vec<(String, usize)>,
    /// With a score: the labels that were found and that no scored example has.
    pub foreign: BTreeSet<String>,
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
            write_line(output, &Pair { id: &instance.id, source, target, dropped })?;
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

/// How [`decode`] reads and what it adds.
#[derive(Clone, Copy, Debug, Default)]
pub struct DecodeOptions<'a> {
    /// Whether the score comes as one more line.
    pub score: bool,
    /// What was asked, where the outputs stand alone. Each of it is to have one output.
    pub asked: Option<&'a Asked>,
}

/// Reads examples or [prompts](crate::prompts) with what a model wrote for each, a JSON object a line, from `input`
/// (called `name` in messages), and writes what each output says: the id, what was found, the repairs and the kinds
/// of fault. The output is a text in `"output"`, `"response"` or `"content"`, or what the assistant says in the last
/// of the `"messages"`. With `options.asked` the examples are found there by their ids; an output of an unknown id, a
/// second one of the same id, and in the end an example without any, are told in their place. With `options.score`,
/// one more line at the end: `{"score": …}` over all that could be decoded, the examples' own annotations being the
/// gold, and beside it as `"left_out"` how many are not in it, where there are any: of what was asked, or else of the
/// lines. It stops where the system refuses to read or write.
pub fn decode(
    task: &Task,
    input: impl BufRead,
    name: &Path,
    options: DecodeOptions<'_>,
    output: &mut impl Write,
) -> Result<Written> {
    let mut pairs: Vec<(Example, Decoded)> = Vec::new();
    let mut written = Written::default();
    let mut answered = BTreeSet::new();
    // Bad lines that are the answer to nothing that was asked, as far as they tell.
    let mut stray = 0;
    for line in answers(input, name) {
        let mut is_known = false;
        let known = line.and_then(|answer| {
            is_known = is_asked(&answer, options.asked);
            let (example, text) = with_example(answer, options.asked, &mut answered)?;
            if options.score {
                // What has no gold would be left out of the score, or count as if nothing were there. A label that the schema has not is gold that
                // cannot be found: it counts as missed, as where a trained model is scored.
                match encode_each(task, &example) {
                    Ok(_) | Err(Error::Example(ExampleError::UnknownLabel { .. })) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok((example, text))
        });
        let known = known.map_err(UnreadInput::from);
        let Some((example, text)) = written.good(known, name, output)? else {
            stray += usize::from(!is_known);
            continue;
        };
        let decoded = task.decode(&example, &text);
        write_line(output, &Found { id: &example.id, decoded: &decoded })?;
        written.lines += 1;
        if options.score {
            pairs.push((example, decoded));
        }
    }
    for id in options.asked.into_iter().flat_map(Asked::ids).filter(|id| !answered.contains(*id)) {
        let error = format!("{} has no output for {id:?}", name.display());
        if stray > 0 {
            // The line that was to be its answer is counted.
            stray -= 1;
            write_line(output, &Refusal { id: Some(id), line: None, error: &error })?;
        } else {
            written.refuse(Some(id), None, error, output)?;
        }
    }
    if options.score {
        let own = pairs.iter().flat_map(|(example, _)| task.labels(example));
        let own: BTreeSet<String> = own.map(|seen| seen.label).collect();
        let found = pairs.iter().flat_map(|(_, decoded)| decoded.labels());
        written.foreign = found.filter(|label| !own.contains(*label)).map(str::to_owned).collect();
        let report = task.score(pairs.iter().map(|(example, decoded)| (example, decoded)));
        let mut line = serde_json::json!({ "score": report });
        let left_out = match options.asked {
            Some(asked) => asked.ids().count() - pairs.len(),
            None => written.bad,
        };
        if left_out > 0 {
            line["left_out"] = left_out.into();
        }
        write_line(output, &line)?;
    }
    Ok(written)
}

/// Whether it is the answer to something that was asked.
fn is_asked(answer: &Answer, asked: Option<&Asked>) -> bool {
    answer.id.as_ref().zip(asked).is_some_and(|(id, asked)| asked.example(id).is_some())
}

/// The example that an answer is of, and the answer. The ids of prompts are added to `answered`.
fn with_example(
    answer: Answer,
    asked: Option<&Asked>,
    answered: &mut BTreeSet<String>,
) -> Result<(Example, String)> {
    let Answer { at, id, example, is_prompt, output } = answer;
    let refuse = |problem: String| Err(Error::Read(ReadError::Item { at: at.clone(), problem }));
    let example = match (asked, &id, example) {
        (None, _, Some(example)) => example,
        (None, _, None) => {
            return refuse("no example stands beside the output; name the file of the prompts".to_owned());
        }
        (Some(_), None, _) => {
            return refuse("it has no \"id\" by which its prompt could be found".to_owned());
        }
        (Some(asked), Some(id), _) => match asked.example(id) {
            Some(example) => example.clone(),
            None => return refuse(format!("no prompt has the id {:?}", shortened(id))),
        },
    };
    if (asked.is_some() || is_prompt)
        && let Some(id) = id
        && !answered.insert(id)
    {
        return refuse("an output of this id was there before; take one of them out".to_owned());
    }
    Ok((example, output))
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
        self.refuse(None, line, error.to_string(), output)?;
        Ok(None)
    }

    /// Writes what is wrong in its place, and counts it.
    fn refuse(
        &mut self,
        id: Option<&str>,
        line: Option<usize>,
        error: String,
        output: &mut impl Write,
    ) -> Result<()> {
        write_line(output, &Refusal { id, line, error: &error })?;
        self.lines += 1;
        self.bad += 1;
        self.first.get_or_insert(error);
        Ok(())
    }
}

/// Writes `line` as a line of JSON.
pub(crate) fn write_line(output: &mut impl Write, line: &impl Serialize) -> Result<()> {
    let written = serde_json::to_writer(&mut *output, line).map_err(std::io::Error::from);
    written
        .and_then(|()| output.write_all(b"\n"))
        .map_err(|source| Error::Write { file: "the output".into(), source })
}
