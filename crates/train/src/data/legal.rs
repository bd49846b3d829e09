//! Which pieces the output constraint allows at each place of a target.

use std::collections::BTreeSet;
use std::ops::Deref;

use fishdip_peft::LegalPieces;
use fishdip_t5::Tokenizer;
use fishdip_tasks::{Example, OutputConstraint, Task};

use crate::Error;
use crate::word_pieces::WordPieces;

/// What constrained decoding chooses among, for targets that are known. `T` is a tokenizer, borrowed or shared.
#[derive(Debug)]
pub(crate) struct LegalTargets<T> {
    constraint: OutputConstraint,
    pieces: WordPieces<T>,
}

/// The pieces that are legal along a target.
pub(crate) struct Legal {
    pub(crate) pieces: LegalPieces,
    /// Whether the constraint allows the target from its start to its end.
    pub(crate) is_whole: bool,
}

impl<T: Deref<Target = Tokenizer>> LegalTargets<T> {
    /// Those of `task`, of whose outputs a constraint must know what can follow.
    pub(crate) fn new(task: &Task, tokenizer: T) -> Result<Self, Error> {
        let end = tokenizer.end();
        let pieces = WordPieces::new(tokenizer, end);
        Ok(Self { constraint: OutputConstraint::new(task, &pieces)?, pieces })
    }

    /// The pieces that are legal before each of `target`, which is the target of `example`.
    ///
    /// The constraint is led along the target. At a piece that it does not allow, as where a target was cut, it cannot be led further. That piece
    /// counts as legal there, and each of those behind it is one among all that were legal so far and all that are still to come.
    pub(crate) fn of(&self, example: &Example, target: &[u32]) -> Result<Legal, Error> {
        let mut state = self.constraint.start(example, &self.pieces)?;
        let mut pieces = LegalPieces::default();
        let (mut legal, mut seen) = (Vec::new(), BTreeSet::new());
        for (place, &piece) in target.iter().enumerate() {
            state.legal(&mut legal);
            seen.extend(legal.iter().copied());
            let is_legal = pieces.push(&legal, piece);
            if is_legal && state.advance(piece) {
                continue;
            }
            seen.extend(target[place..].iter().copied());
            let any: Vec<u32> = seen.into_iter().collect();
            for &piece in &target[place + 1..] {
                pieces.push(&any, piece);
            }
            return Ok(Legal { pieces, is_whole: false });
        }
        Ok(Legal { pieces, is_whole: state.done() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use fishdip_t5::{T5Config, Tokenizer};
    use fishdip_tasks::{Entity, Example, Mode, Schema, Task};

    use super::LegalTargets;

    const NANO: &str = "../../fixtures/models/t5-nano";

    fn tokenizer() -> Tokenizer {
        let folder = Path::new(NANO);
        Tokenizer::load(folder, &T5Config::read(&folder.join("config.json")).unwrap()).unwrap()
    }

    fn example() -> Example {
        let mut example = Example::new(["Tolkien", "was", "born", "here"]);
        example.entities.push(Entity::new("PER", 0, 1));
        example
    }

    #[test]
    fn every_piece_of_a_target_is_one_of_the_legal_ones() {
        let (tokenizer, task) = (tokenizer(), Task::ner(Schema::conll03(), Mode::Fixed));
        let target = tokenizer.encode(&task.encode(&example()).unwrap().target).unwrap();
        let legal = LegalTargets::new(&task, &tokenizer).unwrap().of(&example(), &target).unwrap();
        assert!(legal.is_whole);
        assert_eq!(legal.pieces.len(), target.len());
        let open = tokenizer.word("[", true).unwrap();
        let name = tokenizer.word("Tolkien", true).unwrap();
        // At the start: the first word, or a span. All else is decided by the grammar of the task.
        let mut first = vec![open[0], name[0]];
        first.sort_unstable();
        first.dedup();
        assert_eq!(legal.pieces.at(0), first);
        for (place, &piece) in target.iter().enumerate() {
            assert_eq!(legal.pieces.at(place)[legal.pieces.target(place)], piece);
            assert!(legal.pieces.at(place).len() < 20, "few of 8,128 are legal");
        }
    }

    #[test]
    fn a_target_that_was_cut_keeps_its_end_and_is_told() {
        let (tokenizer, task) = (tokenizer(), Task::ner(Schema::conll03(), Mode::Fixed));
        let mut target = tokenizer.encode(&task.encode(&example()).unwrap().target).unwrap();
        target.truncate(3);
        target.extend([tokenizer.end(), tokenizer.end()]);
        let legal = LegalTargets::new(&task, &tokenizer).unwrap().of(&example(), &target).unwrap();
        assert!(!legal.is_whole);
        assert_eq!(legal.pieces.len(), 5);
        for place in 3..5 {
            assert_eq!(legal.pieces.at(place)[legal.pieces.target(place)], tokenizer.end());
        }
        assert!(legal.pieces.at(4).contains(&target[0]), "behind it, all that was legal before");
    }
}
