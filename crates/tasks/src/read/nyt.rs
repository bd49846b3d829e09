//! New York Times relations in the original program's files.

use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use super::json;
use crate::{Entity, Example, Origin, Relation, Result};

/// Start, end (not included) and type of the subject, the relation, and the same of the object.
type Detail = (usize, usize, String, String, usize, usize, String);

/// `[{"tokens", "spo_details": [[start, end, type, relation, start, end, type]]}]`. Equal spans of equal type are one entity.
pub(super) fn details(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    #[derive(Deserialize)]
    struct Line {
        tokens: Vec<String>,
        spo_details: Vec<Detail>,
    }
    let lines: Vec<Line> = json::document(reader, file)?;
    let at = Origin::new(file, 1);
    let example = |(number, line): (usize, Line)| {
        let mut example = Example::new(line.tokens);
        for (start, end, label, relation, object_start, object_end, object_label) in line.spo_details {
            let mut find = |entity: Entity| {
                example.entities.iter().position(|e| *e == entity).unwrap_or_else(|| {
                    example.entities.push(entity);
                    example.entities.len() - 1
                })
            };
            let head = find(Entity::new(label, start, end));
            let tail = find(Entity::new(object_label, object_start, object_end));
            example.relations.push(Relation::new(relation, head, tail));
        }
        Ok(Example { id: number.to_string(), origin: Some(at.clone()), ..example })
    };
    Ok(lines.into_iter().enumerate().map(example).collect())
}
