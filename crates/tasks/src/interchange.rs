//! JSON lines in and out, for people who train elsewhere: examples to texts, outputs to what they say.

use std::io::{BufRead, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::read::{examples, json_lines};
use crate::{Decoded, Encoded, Error, Example, ReadError, Result, Task};

/// A line that [`encode`] writes.
#[derive(Serialize)]
struct Pair<'a> {
    id: &'a str,
    source: &'a str,
    target: &'a str,
    #[serde(skip_serializing_if = "<[usize]>::is_empty")]
    dropped: &'a [usize],
}

/// What [`encode`] wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// How many lines.
    pub lines: usize,
    /// The examples whose target does not show every span, by file and line, and how many spans each target
    /// lacks.
    pub dropped: Vec<(String, usize)>,
}

/// A line that [`decode`] reads: an example, with what a model wrote for it.
#[derive(Deserialize)]
struct Answered {
    #[serde(default)]
    output: Option<String>,
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
/// spans that the target cannot show, where there are any.
pub fn encode(task: &Task, input: impl BufRead, name: &Path, output: &mut impl Write) -> Result<Written> {
    let mut written = Written::default();
    for example in examples(input, name) {
        let example = example?;
        for instance in task.instances(&example) {
            let encoded = task.encode(&instance)?;
            let Encoded { source, target, dropped } = &encoded;
            write(output, &Pair { id: &example.id, source, target, dropped })?;
            written.lines += 1;
            if !dropped.is_empty() {
                written.dropped.push((instance.place(), dropped.len()));
            }
        }
    }
    Ok(written)
}

/// Reads examples with an `"output"` each, a JSON object a line, from `input` (called `name` in messages),
/// and writes what each output says: the id, what was found, the repairs and the kinds of fault. With
/// `score`, one more line at the end: `{"score": …}` over all of them, the examples' own annotations being
/// the gold. Gives how many were decoded.
pub fn decode(
    task: &Task,
    input: impl BufRead,
    name: &Path,
    score: bool,
    output: &mut impl Write,
) -> Result<usize> {
    let mut pairs: Vec<(Example, Decoded)> = Vec::new();
    let mut count = 0;
    for line in json_lines::<serde_json::Value, _>(input, name) {
        let (at, line) = line?;
        let answer = Answered::deserialize(&line).ok().and_then(|answered| answered.output);
        let Some(answer) = answer else {
            return Err(Error::Read(ReadError::Layout { at, expected: "a text in \"output\"" }));
        };
        let example = example(line, &at, count)?;
        let decoded = task.decode(&example, &answer);
        write(output, &Found { id: &example.id, decoded: &decoded })?;
        count += 1;
        if score {
            pairs.push((example, decoded));
        }
    }
    if score {
        let report = task.score(pairs.iter().map(|(example, decoded)| (example, decoded)));
        write(output, &serde_json::json!({ "score": report }))?;
    }
    Ok(count)
}

/// The example of a line; one without an id is called by its number.
fn example(line: serde_json::Value, at: &crate::Origin, number: usize) -> Result<Example> {
    let mut example: Example = serde_json::from_value(line)
        .map_err(|source| Error::Read(ReadError::Item { at: at.clone(), problem: source.to_string() }))?;
    if example.id.is_empty() {
        example.id = number.to_string();
    }
    example.origin = Some(at.clone());
    example.check()?;
    Ok(example)
}

fn write(output: &mut impl Write, line: &impl Serialize) -> Result<()> {
    let written = serde_json::to_writer(&mut *output, line).map_err(std::io::Error::from);
    written
        .and_then(|()| output.write_all(b"\n"))
        .map_err(|source| Error::Write { file: "the output".into(), source })
}
