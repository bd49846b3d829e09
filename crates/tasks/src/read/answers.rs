//! What models wrote, as JSON lines: with the example that it is of, or with its id alone.
//!
//! | a line has | and |
//! |---|---|
//! | the fields of an [`Example`] | the answer |
//! | `"id"`, `"messages"`, `"source"`, `"gold"`: a [`Prompt`](crate::prompts::Prompt) | the answer |
//! | `"id"` | the answer, and the prompts are elsewhere |
//!
//! The answer is a text in `"output"`, `"response"` or `"content"`, or what the assistant says in the last of the
//! `"messages"`.

use std::io::BufRead;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::json::{self, Item, layouts};
use super::jsonl::example;
use crate::{Error, Example, Origin, ReadError, Result};

/// A line with what a model wrote.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Where it is.
    pub(crate) at: Origin,
    /// Its own id, if it has one.
    pub(crate) id: Option<String>,
    /// The example, if it is there, with its own id or else its number.
    pub(crate) example: Option<Example>,
    /// Whether it was written as a prompt, whose id is its alone.
    pub(crate) is_prompt: bool,
    /// What the model wrote.
    pub(crate) output: String,
}

/// The answers of `reader`, which messages call `file`.
pub(crate) fn answers<R: BufRead>(reader: R, file: &Path) -> impl Iterator<Item = Result<Answer>> + use<R> {
    json::each_line(reader, file, &layouts::ANSWERED, |item| {
        let (example, output) = (asked(item)?, output(item)?);
        let (at, id) = (item.at().clone(), item.own_id().map(str::to_owned));
        Ok(Answer { at, id, example, is_prompt: has(item, "gold"), output })
    })
}

/// The prompts or examples of `reader`, which messages call `file`, each with its own id.
pub(crate) fn prompts<R: BufRead>(
    reader: R,
    file: &Path,
) -> impl Iterator<Item = Result<(String, Example)>> + use<R> {
    json::each_line(reader, file, &layouts::ANSWERED, |item| {
        let example = asked(item)?.ok_or_else(|| {
            item.problem(
                "it is no prompt, which has \"gold\", and no example, which has \"tokens\" or \"text\"",
            )
        })?;
        let id = item
            .own_id()
            .ok_or_else(|| item.problem("it has no \"id\" by which an answer could be found"))?;
        Ok((id.to_owned(), example))
    })
}

fn has(item: &Item<'_>, key: &str) -> bool {
    item.keys().any(|own| own == key)
}

/// The example of a line, if there is one.
fn asked(item: &Item<'_>) -> Result<Option<Example>> {
    if has(item, "gold") {
        let prompt = item.as_layout(&layouts::PROMPT);
        prompt.check_keys()?;
        let mut entries = prompt.entries("prompt", &layouts::JSONL)?;
        let gold = entries.find(|entry| !matches!(entry, Ok((key, _)) if key != "gold"));
        let gold = gold.transpose()?.map(|(_, gold)| gold.at_place(item.at().of("gold")));
        let example = gold.map(|gold| example(&gold)).transpose()?.map(Example::with_words_of_text);
        return Ok(example.map(|example| Example { id: item.id(), ..example }));
    }
    if ["tokens", "text", "history"].into_iter().any(|key| has(item, key)) {
        return Ok(Some(example(item)?.with_words_of_text()));
    }
    item.as_layout(&layouts::ANSWER).check_keys()?;
    Ok(None)
}

/// What a model wrote, which stands in one place.
fn output(item: &Item<'_>) -> Result<String> {
    #[derive(Deserialize)]
    struct Answered {
        output: Option<Value>,
        response: Option<Value>,
        content: Option<Value>,
        #[serde(default)]
        messages: Vec<Message>,
    }
    #[derive(Deserialize)]
    struct Message {
        role: String,
        content: Option<Value>,
    }
    let Answered { output, response, content, mut messages } = item.value()?;
    // A prompt ends with what the user asks.
    let last =
        messages.pop().filter(|message| message.role == "assistant").and_then(|message| message.content);
    let mut found = [output, response, content, last].into_iter().flatten();
    match (found.next(), found.next()) {
        (Some(Value::String(output)), None) => Ok(output),
        (Some(_), Some(_)) => Err(item.problem(
            "several of \"output\", \"response\", \"content\" and an assistant's last message hold an answer; leave one of them",
        )),
        _ => Err(Error::Read(ReadError::Layout {
            at: item.at().clone(),
            expected: "a text in \"output\", \"response\" or \"content\", or an assistant's message at the end of \"messages\"",
        })),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(line: &str) -> Result<Answer> {
        answers(line.as_bytes(), Path::new("a.jsonl")).next().unwrap()
    }

    #[test]
    fn answers_are_as_strict_as_examples() {
        let lines = concat!(
            "{\"tokens\": [\"a\"], \"output\": \"a\", \"source\": \"a\"}\n",
            "{\"id\": \"x\", \"tokens\": [\"a\"], \"output\": \"a\", \"entitys\": []}\n",
            "{\"id\": \"x\", \"tokens\": [\"a\"]}\n",
            "{\"id\": \"x\", \"id\": \"y\", \"tokens\": [\"a\"], \"output\": \"a\"}\n",
        );
        let found: Vec<_> = answers(lines.as_bytes(), Path::new("a.jsonl")).collect();
        assert!(found[0].is_ok());
        let messages: Vec<_> = found[1..].iter().map(|line| line.as_ref().unwrap_err().to_string()).collect();
        assert!(
            messages[0].contains("a.jsonl:2, example x: the key \"entitys\" is not known"),
            "{messages:?}"
        );
        assert!(messages[1].contains("a.jsonl:3, example x: expected a text in \"output\""), "{messages:?}");
        assert!(messages[2].contains("the key \"id\" stands there twice"), "{messages:?}");
    }

    #[test]
    fn an_answer_may_stand_in_four_places() {
        let asked = "{\"role\": \"user\", \"content\": \"a\"}";
        for answer in [
            "\"output\": \"b\"".to_owned(),
            "\"response\": \"b\"".to_owned(),
            "\"content\": \"b\"".to_owned(),
            format!(
                "\"messages\": [{asked}, {{\"role\": \"assistant\", \"content\": \"b\", \"refusal\": null}}]"
            ),
            format!("\"messages\": [{asked}], \"output\": \"b\""),
        ] {
            for example in ["\"tokens\": [\"a\"]", "\"gold\": {\"tokens\": [\"a\"]}, \"source\": \"a\""] {
                let found = read(&format!("{{\"id\": 7, {example}, {answer}}}")).unwrap();
                assert_eq!((found.output.as_str(), found.id.as_deref()), ("b", Some("7")), "{answer}");
                let example = found.example.unwrap();
                assert_eq!((example.id.as_str(), example.tokens), ("7", vec!["a".to_owned()]), "{answer}");
            }
            assert!(read(&format!("{{\"id\": 7, {answer}}}")).unwrap().example.is_none(), "{answer}");
        }
    }

    #[test]
    fn what_is_no_answer_is_told() {
        let user = "\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]";
        for (line, says) in [
            (format!("{{\"id\": \"x\", {user}}}"), "a.jsonl:1, example x: expected a text in \"output\""),
            ("{\"id\": \"x\", \"output\": 3}".to_owned(), "expected a text in \"output\""),
            ("{\"id\": \"x\", \"output\": \"a\", \"content\": \"a\"}".to_owned(), "several of \"output\""),
            ("{\"id\": \"x\", \"outptu\": \"a\"}".to_owned(), "the key \"outptu\" is not known"),
            ("{\"id\": \"x\", \"output\": \"a\", \"messages\": 3}".to_owned(), "messages: "),
            (
                "{\"id\": \"x\", \"gold\": {\"tokens\": [\"a\"], \"entitys\": []}, \"output\": \"a\"}"
                    .to_owned(),
                "a.jsonl:1, example x, gold: the key \"entitys\" is not known",
            ),
            (
                "{\"id\": \"x\", \"gold\": {\"tokens\": [\"a\"]}, \"output\": \"a\", \"note\": 1}".to_owned(),
                "the key \"note\" is not known",
            ),
        ] {
            let message = read(&line).unwrap_err().to_string();
            assert!(message.contains(says), "{message}");
        }
    }
}
