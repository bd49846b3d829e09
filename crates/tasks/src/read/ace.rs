//! ACE 2005 in the original program's files.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use super::json;
use crate::{Argument, Entity, Error, Example, Origin, Result};

/// Nested entities: `[{"context": "words", "label": {type: ["start;end", …]}}]`, ends included.
pub(super) fn entities(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    #[derive(Deserialize)]
    struct Line {
        context: String,
        label: BTreeMap<String, Vec<String>>,
    }
    let lines: Vec<Line> = json::document(reader, file)?;
    let at = Origin::new(file, 1);
    let example = |(number, line): (usize, Line)| {
        let mut example = Example::new(line.context.split(' ').filter(|word| !word.is_empty()));
        for (label, spans) in line.label {
            for span in spans {
                let ends = span.split_once(';').and_then(|(s, e)| Some((s.parse().ok()?, e.parse().ok()?)));
                let (start, end): (usize, usize) =
                    ends.ok_or_else(|| Error::Layout { at: at.clone(), expected: "spans as \"START;END\"" })?;
                example.entities.push(Entity::new(&label, start, end + 1));
            }
        }
        example.entities.sort_by_key(|e| (e.start, usize::MAX - e.end));
        example.id = number.to_string();
        example.check()?;
        Ok(Example { origin: Some(at.clone()), ..example })
    };
    Ok(lines.into_iter().enumerate().map(example).collect())
}

/// Events: `[{"tokens", "entities", "triggers", "relations": [{"type", "head", "tail"}]}]`, a relation leading from an entity (head) to a trigger
/// (tail) whose role it is.
pub(super) fn events(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    #[derive(Deserialize)]
    struct Line {
        tokens: Vec<String>,
        entities: Vec<Entity>,
        triggers: Vec<Entity>,
        relations: Vec<Role>,
    }
    #[derive(Deserialize)]
    struct Role {
        #[serde(rename = "type")]
        label: String,
        head: usize,
        tail: usize,
    }
    let lines: Vec<Line> = json::document(reader, file)?;
    let at = Origin::new(file, 1);
    let example = |(number, line): (usize, Line)| {
        let arguments = line.relations.into_iter().map(|r| Argument::new(r.label, r.head, r.tail)).collect();
        let example = Example {
            id: number.to_string(),
            entities: line.entities,
            triggers: line.triggers,
            arguments,
            ..Example::new(line.tokens)
        };
        example.check()?;
        Ok(Example { origin: Some(at.clone()), ..example })
    };
    Ok(lines.into_iter().enumerate().map(example).collect())
}
