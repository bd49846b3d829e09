//! New York Times relations in the original program's files.

use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use super::json::{self, layouts};
use crate::{Entity, Example, Relation, Result};

/// Start, end (not included) and type of the subject, the relation, and the same of the object.
type Detail = (usize, usize, String, String, usize, usize, String);

/// `[{"tokens", "spo_details": [[start, end, type, relation, start, end, type]]}]`. Equal spans of equal type
/// are one entity.
pub(super) fn details(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    #[derive(Deserialize)]
    struct Line {
        tokens: Vec<String>,
        spo_details: Vec<Detail>,
    }
    json::each(reader, file, &layouts::NYT, |item| {
        let line: Line = item.read()?;
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
        Ok(Example { id: item.id(), origin: Some(item.at().clone()), ..example })
    })
}
