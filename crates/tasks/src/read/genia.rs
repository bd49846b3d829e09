//! Nested entities in lines of four, as GENIA and other corpora of nested entities are given.

use std::io::BufRead;
use std::path::Path;

use super::Lines;
use super::columns::unclear;
use crate::{Entity, Error, Example, Origin, ReadError, Result};

/// Four lines an example: the tokens, a line that is not read (parts of speech), the entities as
/// `start,end TYPE` joined by `|`, and a blank line. Ends are not included. The `G#` that GENIA has before
/// its types is no part of the label.
pub(super) fn genia<R: BufRead>(reader: R, file: &Path) -> impl Iterator<Item = Result<Example>> + use<R> {
    let mut lines = Lines::new(reader, file);
    let mut number = 0;
    std::iter::from_fn(move || {
        let first = loop {
            match lines.next()? {
                Ok((_, line)) if line.trim().is_empty() => {}
                other => break other,
            }
        };
        let mut group = vec![first];
        // The line of the entities is blank where there are none.
        group.extend(lines.by_ref().take(2));
        let end = lines.next();
        let mut example = example(group);
        if let Some(Ok((at, line))) = end
            && !line.trim().is_empty()
        {
            let problem =
                "expected a blank line after tokens, parts of speech and entities; check the format";
            example = example.and(Err(unclear(&at, problem)));
            // On to the next blank line, where the next example begins.
            lines
                .by_ref()
                .take_while(|line| matches!(line, Ok((_, line)) if !line.trim().is_empty()))
                .for_each(drop);
        }
        let id = number.to_string();
        number += 1;
        Some(example.map(|example| Example { id, ..example }))
    })
}

fn example(group: Vec<Result<(Origin, String)>>) -> Result<Example> {
    let group: Vec<(Origin, String)> = group.into_iter().collect::<Result<_>>()?;
    let [(at, tokens), _, (place, entities)] = &group[..] else {
        let at = group.into_iter().next().map_or_else(|| Origin::new("", 0), |(at, _)| at);
        return Err(Error::Read(ReadError::Layout {
            at,
            expected: "tokens, parts of speech, entities and a blank line",
        }));
    };
    let entities = entities.split('|').filter(|e| !e.trim().is_empty()).map(|e| entity(e, place));
    let entities = entities.collect::<Result<_>>()?;
    Ok(Example { entities, origin: Some(at.clone()), ..Example::new(tokens.split_ascii_whitespace()) })
}

fn entity(text: &str, at: &Origin) -> Result<Entity> {
    let entity = || {
        let (span, label) = text.trim().split_once(' ')?;
        let (start, end) = span.split_once(',')?;
        let label = label.trim();
        let label = label.strip_prefix("G#").unwrap_or(label);
        (!label.is_empty()).then_some(())?;
        Some(Entity::new(label, start.trim().parse().ok()?, end.trim().parse().ok()?))
    };
    entity().ok_or_else(|| {
        Error::Read(ReadError::Layout { at: at.clone(), expected: "entities as START,END TYPE" })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_and_without_the_prefix_of_genia() {
        let text = "a b c\nN N N\n0,1 G#DNA|1,3 cell_type\n\nd\nN\n\n\ne f\nN N\n0,2 GPE\n";
        let found: Vec<_> = genia(text.as_bytes(), Path::new("f")).map(|e| e.map(|e| e.entities)).collect();
        let expected = [
            vec![Entity::new("DNA", 0, 1), Entity::new("cell_type", 1, 3)],
            vec![],
            vec![Entity::new("GPE", 0, 2)],
        ];
        assert!(
            found.iter().zip(&expected).all(|(found, expected)| found.as_ref().is_ok_and(|f| f == expected))
        );
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn a_bad_example_costs_itself_alone() {
        let text = "a\nN\n0,1 X\nb\n\nc\nN\n0 X\n\nd\nN\n0,1 X\n\ne\nN";
        let found: Vec<_> =
            genia(text.as_bytes(), Path::new("f")).map(|e| e.map_err(|e| e.to_string())).collect();
        assert!(found[0].as_ref().is_err_and(|e| e.contains("f:4: expected a blank line")), "{found:?}");
        assert!(found[1].as_ref().is_err_and(|e| e.contains("f:8: expected entities")), "{found:?}");
        assert!(found[2].is_ok());
        assert!(found[3].as_ref().is_err_and(|e| e.contains("f:14")), "{found:?}");
    }
}
