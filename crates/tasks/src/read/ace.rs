//! ACE 2005 in the original program's files.

use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use super::json::{self, InOrder, layouts};
use crate::counted::there_are;
use crate::{Argument, Entity, Example, Result};

/// Nested entities: `[{"context": "words", "label": {type: ["start;end", …]}}]`, ends included.
pub(super) fn entities(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    #[derive(Deserialize)]
    struct Line {
        context: String,
        label: InOrder<Vec<String>>,
    }
    json::each(reader, file, &layouts::ACE_ENTITIES, |item| {
        let line: Line = item.read()?;
        let mut example = Example::new(line.context.split(' ').filter(|word| !word.is_empty()));
        for (label, spans) in line.label.0 {
            for span in spans {
                let ends = span.split_once(';').and_then(|(start, end)| {
                    Some((start.parse().ok()?, end.parse::<usize>().ok()?.checked_add(1)?))
                });
                let wrong = || item.problem(format!("expected spans as \"START;END\", found {span:?}"));
                let (start, end) = ends.ok_or_else(wrong)?;
                let count = example.tokens.len();
                if start >= end || end > count {
                    return Err(item.problem(format!(
                        "the span {span:?} ({label:?}) should be the numbers of its first and last token, from 0, but {}; correct it",
                        there_are(count)
                    )));
                }
                example.entities.push(Entity::new(&label, start, end));
            }
        }
        example.entities.sort_by_key(|e| (e.start, usize::MAX - e.end));
        Ok(Example { id: item.id(), origin: Some(item.at().clone()), ..example })
    })
}

/// Events: `[{"tokens", "entities", "triggers", "relations": [{"type", "head", "tail"}]}]`, a relation
/// leading from an entity (head) to a trigger (tail) whose role it is.
pub(super) fn events(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    #[derive(Deserialize)]
    struct Line {
        tokens: Vec<String>,
        entities: Vec<Entity>,
        triggers: Vec<Entity>,
        relations: Vec<Role>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Role {
        #[serde(rename = "type")]
        label: String,
        head: usize,
        tail: usize,
    }
    json::each(reader, file, &layouts::ACE_EVENTS, |item| {
        let line: Line = item.read()?;
        let arguments = line.relations.into_iter().map(|r| Argument::new(r.label, r.head, r.tail)).collect();
        Ok(Example {
            id: item.id(),
            entities: line.entities,
            triggers: line.triggers,
            arguments,
            origin: Some(item.at().clone()),
            ..Example::new(line.tokens)
        })
    })
}
