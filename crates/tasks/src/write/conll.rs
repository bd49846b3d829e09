//! CoNLL column files.

use std::io::{self, Write};

use crate::Entity;
use crate::tags::iob2;

/// Writes one sentence as lines of token, space, IOB2 tag, and a blank line.
///
/// Gives the indices of the entities that tags cannot show, because they overlap another; see [`iob2`].
pub fn write_conll<S: AsRef<str>>(
    out: &mut impl Write,
    tokens: &[S],
    entities: &[Entity],
) -> io::Result<Vec<usize>> {
    let (tags, hidden) = iob2(tokens.len(), entities);
    for (token, tag) in tokens.iter().zip(tags) {
        writeln!(out, "{} {tag}", token.as_ref())?;
    }
    writeln!(out)?;
    Ok(hidden)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::read::ConllReader;
    use crate::tags::TagScheme;

    #[test]
    fn what_is_written_reads_back() {
        let entities = [Entity::new("X", 0, 2), Entity::new("X", 2, 3)];
        let mut file = Vec::new();
        let hidden = write_conll(&mut file, &["a", "b", "c", "d"], &entities).unwrap();
        assert!(hidden.is_empty());
        assert_eq!(String::from_utf8_lossy(&file), "a B-X\nb I-X\nc B-X\nd O\n\n");
        let example = ConllReader::new(&file[..], "f", TagScheme::Iob2).next().unwrap().unwrap();
        assert_eq!(example.entities, entities);
    }
}
