//! Tags to spans and back.

use super::TagScheme;
use super::form::{Part, advice, holds_several, is_affixed};
use crate::{Entity, TagProblem};

/// The entities that `tags` stand for, or the index of the first wrong tag and what is wrong with it.
///
/// [`TagScheme::Auto`] looks at these tags alone.
pub fn spans<S: AsRef<str>>(tags: &[S], scheme: TagScheme) -> Result<Vec<Entity>, (usize, TagProblem)> {
    let scheme = match scheme {
        TagScheme::Auto => {
            let mut evidence = super::Evidence::default();
            evidence.observe(tags);
            evidence.scheme()
        }
        TagScheme::Unlabelled => return Ok(Vec::new()),
        declared => declared,
    };
    let mut run = Run { entities: Vec::new(), open: None };
    for (at, tag) in tags.iter().enumerate() {
        let tag = tag.as_ref();
        let step =
            if scheme == TagScheme::Reference { run.lenient(at, tag) } else { run.strict(at, tag, scheme) };
        step.map_err(|problem| (at, problem))?;
    }
    if let (Some(closing), Some(_)) = (scheme.closing(), run.open) {
        return Err((tags.len().saturating_sub(1), TagProblem::OpenAtEnd { closing }));
    }
    run.close(tags.len());
    Ok(run.entities)
}

/// The closed entities and the open one: its label and first token.
struct Run<'a> {
    entities: Vec<Entity>,
    open: Option<(&'a str, usize)>,
}

impl<'a> Run<'a> {
    fn close(&mut self, end: usize) {
        if let Some((label, start)) = self.open.take() {
            self.entities.push(Entity::new(label, start, end));
        }
    }

    fn begin(&mut self, label: &'a str, start: usize) {
        self.close(start);
        self.open = Some((label, start));
    }

    fn strict(&mut self, at: usize, tag: &'a str, scheme: TagScheme) -> Result<(), TagProblem> {
        if tag == "O" {
            self.must_be_closed(scheme)?;
            self.close(at);
            return Ok(());
        }
        if holds_several(tag) {
            return Err(TagProblem::Several);
        }
        let parts = tag.split_once('-').and_then(|(prefix, label)| Some((scheme.part(prefix)?, label)));
        let (part, label) = match parts {
            Some(parts) => parts,
            None if scheme == TagScheme::Io && !is_affixed(tag) => (Part::Inside, tag),
            None => return Err(unknown_prefix(tag, scheme)),
        };
        if label.is_empty() {
            return Err(TagProblem::EmptyLabel);
        }
        match (part, self.open) {
            (Part::Begin | Part::Single, _) => {
                self.must_be_closed(scheme)?;
                self.begin(label, at);
            }
            (_, Some((open, _))) if open == label => {}
            _ if matches!(scheme, TagScheme::Iob1 | TagScheme::Io) => self.begin(label, at),
            (_, Some((open, _))) => return Err(TagProblem::TypeChange { open: open.to_owned() }),
            (_, None) => {
                return Err(TagProblem::ContinuesNothing { advice: scheme.advice_to_begin() });
            }
        }
        if matches!(part, Part::End | Part::Single) {
            self.close(at + 1);
        }
        Ok(())
    }

    fn must_be_closed(&self, scheme: TagScheme) -> Result<(), TagProblem> {
        match scheme.closing() {
            Some(closing) if self.open.is_some() => Err(TagProblem::Unclosed { closing }),
            _ => Ok(()),
        }
    }

    fn lenient(&mut self, at: usize, tag: &'a str) -> Result<(), TagProblem> {
        if tag == "O" {
            self.close(at);
            return Ok(());
        }
        let label = tag.char_indices().nth(2).map_or("", |(start, _)| &tag[start..]);
        let starts = tag.starts_with("B-") || tag.starts_with("S-");
        match self.open {
            Some((open, _)) if open == label && !starts => Ok(()),
            _ if label.is_empty() => Err(TagProblem::EmptyLabel),
            _ if tag.starts_with(['B', 'I', 'S']) => {
                self.begin(label, at);
                Ok(())
            }
            _ if tag.starts_with('E') => {
                Err(TagProblem::ContinuesNothing { advice: TagScheme::Reference.advice_to_begin() })
            }
            _ => Err(unknown_prefix(tag, TagScheme::Reference)),
        }
    }
}

fn unknown_prefix(tag: &str, scheme: TagScheme) -> TagProblem {
    TagProblem::UnknownPrefix { expected: scheme.forms(), advice: advice(tag) }
}

/// The IOB2 tags of a sentence of `length` tokens, and the indices of the entities they cannot show.
///
/// Tags cannot overlap: of overlapping entities the one that starts first, then the longest, then the first
/// listed is kept. Entities that reach beyond the sentence are not shown either.
pub fn iob2(length: usize, entities: &[Entity]) -> (Vec<String>, Vec<usize>) {
    let mut order: Vec<usize> = (0..entities.len()).collect();
    order.sort_by_key(|&i| (entities[i].start, std::cmp::Reverse(entities[i].end)));
    let mut tags = vec!["O".to_owned(); length];
    let (mut free, mut hidden) = (0, Vec::new());
    for i in order {
        let Entity { label, start, end, .. } = &entities[i];
        if *start < free || start >= end || *end > length {
            hidden.push(i);
            continue;
        }
        tags[*start] = format!("B-{label}");
        tags[start + 1..*end].fill(format!("I-{label}"));
        free = *end;
    }
    (tags, hidden)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use TagScheme::{Bilou, Bmes, Io, Iob1, Iob2, Iobes, Reference};

    fn read(tags: &str, scheme: TagScheme) -> Vec<(String, usize, usize)> {
        let tags: Vec<_> = tags.split(' ').collect();
        spans(&tags, scheme).unwrap().into_iter().map(|e| (e.label, e.start, e.end)).collect()
    }

    fn problem(tags: &str, scheme: TagScheme) -> (usize, TagProblem) {
        spans(&tags.split(' ').collect::<Vec<_>>(), scheme).unwrap_err()
    }

    fn found(list: &[(&str, usize, usize)]) -> Vec<(String, usize, usize)> {
        list.iter().map(|&(label, start, end)| (label.to_owned(), start, end)).collect()
    }

    #[test]
    fn iob1() {
        let expected = found(&[("X", 0, 2), ("X", 2, 3), ("Y", 3, 4), ("Y", 5, 6)]);
        assert_eq!(read("I-X I-X B-X I-Y O I-Y", Iob1), expected);
        assert_eq!(read("I-X I-X B-X I-Y O I-Y", Reference), expected);
    }

    #[test]
    fn iob2() {
        let expected = found(&[("X", 0, 2), ("X", 2, 3), ("Y", 4, 5)]);
        assert_eq!(read("B-X I-X B-X O B-Y", Iob2), expected);
        assert_eq!(read("B-X I-X B-X O B-Y", Reference), expected);
        assert!(matches!(problem("O I-X", Iob2), (1, TagProblem::ContinuesNothing { .. })));
        assert_eq!(problem("B-X I-Y", Iob2), (1, TagProblem::TypeChange { open: "X".to_owned() }));
    }

    #[test]
    fn iobes() {
        let expected = found(&[("X", 0, 3), ("Y", 3, 4), ("X", 4, 6)]);
        assert_eq!(read("B-X I-X E-X S-Y B-X E-X", Iobes), expected);
        assert_eq!(read("B-X I-X E-X S-Y B-X E-X", Reference), expected);
        assert!(matches!(problem("E-X", Iobes), (0, TagProblem::ContinuesNothing { .. })));
        assert!(matches!(problem("S-X I-X", Iobes), (1, TagProblem::ContinuesNothing { .. })));
        assert_eq!(problem("B-X O", Iobes), (1, TagProblem::Unclosed { closing: "E-" }));
        assert_eq!(problem("B-X B-X", Iobes), (1, TagProblem::Unclosed { closing: "E-" }));
        assert_eq!(problem("O B-X", Iobes), (1, TagProblem::OpenAtEnd { closing: "E-" }));
    }

    #[test]
    fn other_letters() {
        let expected = found(&[("X", 0, 3), ("Y", 3, 4), ("X", 4, 6)]);
        assert_eq!(read("B-X I-X L-X U-Y B-X L-X", Bilou), expected);
        assert_eq!(read("B-X M-X E-X S-Y B-X E-X", Bmes), expected);
        assert_eq!(problem("B-X O", Bilou), (1, TagProblem::Unclosed { closing: "L-" }));
        assert_eq!(problem("O B-X", Bilou), (1, TagProblem::OpenAtEnd { closing: "L-" }));
        assert!(matches!(problem("B-X E-X", Bilou), (1, TagProblem::UnknownPrefix { .. })));
        assert!(matches!(problem("B-X I-X E-X", Bmes), (1, TagProblem::UnknownPrefix { .. })));
    }

    #[test]
    fn labels_alone() {
        assert_eq!(read("X X Y O Y", Io), found(&[("X", 0, 2), ("Y", 2, 3), ("Y", 4, 5)]));
        assert_eq!(read("I-X I-X O R-A", Io), found(&[("X", 0, 2), ("R-A", 3, 4)]));
        assert!(matches!(problem("X B-X", Io), (1, TagProblem::UnknownPrefix { .. })));
    }

    #[test]
    fn wrong_forms() {
        assert!(matches!(problem("O X-PER", Iob2), (1, TagProblem::UnknownPrefix { .. })));
        assert!(matches!(problem("X-PER", Reference), (0, TagProblem::UnknownPrefix { .. })));
        assert!(matches!(problem("PER", Iob1), (0, TagProblem::UnknownPrefix { .. })));
        assert!(matches!(problem("S-PER", Iob2), (0, TagProblem::UnknownPrefix { .. })));
        assert_eq!(problem("B-", Iob2), (0, TagProblem::EmptyLabel));
        assert!(matches!(problem("E-X", Reference), (0, TagProblem::ContinuesNothing { .. })));
    }

    #[test]
    fn labels_may_contain_hyphens() {
        assert_eq!(read("B-R-A I-R-A", Iob2), found(&[("R-A", 0, 2)]));
    }

    #[test]
    fn spans_become_tags_again() {
        let entities = [Entity::new("X", 2, 3), Entity::new("Y", 0, 2), Entity::new("Z", 1, 2)];
        let (tags, hidden) = super::iob2(4, &entities);
        assert_eq!(tags, ["B-Y", "I-Y", "B-X", "O"]);
        assert_eq!(hidden, [2]);
    }
}
