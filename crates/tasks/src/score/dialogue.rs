//! Scores of dialogue states.

use serde::{Deserialize, Serialize};

use super::counts::fraction;

/// Scores of dialogue states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DialogueScore {
    /// Turns whose whole state is right.
    pub joint_accuracy: f64,
    /// Slots of the ontology that are right, over all turns; a slot nobody speaks of is right if it stays
    /// empty.
    pub slot_accuracy: f64,
    /// How many turns there are.
    pub n: usize,
}

/// Counts of turns and slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DialogueCounts {
    turns: usize,
    right_turns: usize,
    slots: usize,
    right_slots: usize,
}

impl DialogueCounts {
    /// Counts one turn: whether the state is right, and how many of how many slots are.
    pub fn add(&mut self, is_right: bool, right_slots: usize, slots: usize) {
        self.turns += 1;
        self.right_turns += usize::from(is_right);
        self.right_slots += right_slots;
        self.slots += slots;
    }

    /// The scores.
    pub fn score(self) -> DialogueScore {
        DialogueScore {
            joint_accuracy: fraction(self.right_turns, self.turns),
            slot_accuracy: fraction(self.right_slots, self.slots),
            n: self.turns,
        }
    }
}
