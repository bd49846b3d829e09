//! CoNLL column files.

use std::io::{self, Write};

use crate::Entity;
use crate::tags::iob2;
use crate::text::is_space;

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

/// Writes a comment before a sentence, as CoNLL-U has them: `# key = value`, in one line. White space in the key becomes
/// `_`, so that it is read as a comment.
pub fn write_conll_comment(out: &mut impl Write, key: &str, value: &str) -> io::Result<()> {
    let one_line = |text: &str| text.replace(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'], " ");
    let key: String = key.chars().map(|c| if is_space(c) { '_' } else { c }).collect();
    writeln!(out, "# {key} = {}", one_line(value))
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

    #[test]
    fn comments_are_no_tokens() {
        let mut file = Vec::new();
        write_conll_comment(&mut file, "sent id", "7").unwrap();
        write_conll_comment(&mut file, "text", "Ann\nleft B-X").unwrap();
        write_conll(&mut file, &["Ann", "left"], &[Entity::new("X", 0, 1)]).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&file),
            "# sent_id = 7\n# text = Ann left B-X\nAnn B-X\nleft O\n\n"
        );
        let example = ConllReader::new(&file[..], "f", TagScheme::Iob2).next().unwrap().unwrap();
        assert_eq!(example.tokens, ["Ann", "left"]);
    }
}
