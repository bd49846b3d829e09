//! Columns of tags beside the one that is read: told, or refused where it is open which is meant.

use std::collections::BTreeSet;

use super::layout::Layout;
use super::names::TAGS;
use super::{Block, unclear};
use crate::read::{NoteKind, Notes};
use crate::tags::label;
use crate::{Origin, Result};

impl Layout {
    /// The column that the header calls that of the tags. Of several the one that alone holds tags is taken, and
    /// that is noted.
    pub(super) fn named_tags(
        &self,
        blocks: &[Block],
        names: &[String],
        first: &Origin,
        notes: &Notes,
    ) -> Result<Option<usize>> {
        let is_named =
            |column: &usize| *column != self.word && TAGS.contains(&names[*column].to_lowercase().as_str());
        let named: Vec<usize> = (0..names.len().min(self.width)).filter(is_named).collect();
        if named.len() < 2 {
            return Ok(named.first().copied());
        }
        let surveys = self.surveys(blocks);
        let of_entities: Vec<usize> =
            named.iter().copied().filter(|&i| surveys[i].names_entities()).collect();
        let outside: Vec<usize> = named.iter().copied().filter(|&i| surveys[i].outside > 0).collect();
        let shown: Vec<String> = named.iter().map(|&column| format!("{:?}", names[column])).collect();
        let shown = shown.join(" and ");
        match (&of_entities[..], &outside[..]) {
            (&[column], _) | ([], &[column]) => {
                let detail = format!(
                    "the columns {shown} could hold the tags; {:?} is read, which alone has tags such as O or B-TYPE",
                    names[column]
                );
                notes.add(NoteKind::Assumed, None, detail);
                Ok(Some(column))
            }
            _ => Err(unclear(
                first,
                format!(
                    "the header names several columns of tags, {shown}; name the one to read (--tag-column, data.tag_column)"
                ),
            )),
        }
    }

    /// Refuses a file whose last column, which would be read, has labels of another column of tags as well, as
    /// the gold tags and the predicted ones of conlleval's files do.
    pub(super) fn check_gold(&self, blocks: &[Block], others: &[usize], first: &Origin) -> Result<()> {
        let Some((&last, others)) = others.split_last() else { return Ok(()) };
        let mut labels: Vec<(bool, BTreeSet<&str>)> = vec![Default::default(); self.width];
        for (_, row) in blocks.iter().flat_map(|block| self.rows(block)) {
            for (cell, (has_outside, labels)) in row.into_iter().zip(&mut labels) {
                if cell == "O" {
                    *has_outside = true;
                } else {
                    labels.insert(label(cell));
                }
            }
        }
        let (_, own) = &labels[last];
        let is_rival = |column: &&usize| {
            let (has_outside, labels) = &labels[**column];
            *has_outside && !labels.is_disjoint(own)
        };
        match others.iter().find(is_rival) {
            None => Ok(()),
            Some(column) => Err(unclear(
                first,
                format!(
                    "columns {} and {} hold tags with the same labels, as those of the gold and of a prediction in the files of conlleval; name the one to read (--tag-column, data.tag_column)",
                    column + 1,
                    last + 1
                ),
            )),
        }
    }
}
