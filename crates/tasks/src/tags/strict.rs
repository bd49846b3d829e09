//! Tags as a strict scorer reads them.

use crate::Entity;

/// The entities of IOB2 tags that follow the rules, as seqeval counts them in its strict mode: `B-X` and the
/// `I-X` right behind it. Everything else, an `I-` without its `B-` for one, is no entity rather than an
/// error.
///
/// conlleval and seqeval's default mode count the entities that [`spans`](super::spans) finds with
/// [`TagScheme::Reference`](super::TagScheme::Reference), whether tags are IOB1 or IOB2. All three count an
/// entity as right if label and both ends are, and average as [`SpanCounts`](crate::score::SpanCounts) does.
pub fn strict_iob2<S: AsRef<str>>(tags: &[S]) -> Vec<Entity> {
    let mut entities: Vec<Entity> = Vec::new();
    let mut is_open = false;
    for (at, tag) in tags.iter().enumerate() {
        match (tag.as_ref().split_once('-'), entities.last_mut()) {
            (Some(("B", label)), _) => {
                entities.push(Entity::new(label, at, at + 1));
                is_open = true;
            }
            (Some(("I", label)), Some(open)) if is_open && open.label == label => open.end = at + 1,
            _ => is_open = false,
        }
    }
    entities
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_the_rules_is_no_entity() {
        let found = strict_iob2(&["I-X", "B-X", "I-X", "I-Y", "I-X", "O", "I-X", "B-Y"]);
        assert_eq!(found, [Entity::new("X", 1, 3), Entity::new("Y", 7, 8)]);
        assert!(strict_iob2::<&str>(&[]).is_empty());
    }
}
