//! The window around what an example asks about.

use std::ops::Range;

use super::cut::{Fits, largest};

/// The largest window around `asked`, which fits, in a text of `count` tokens: it grows on both sides at
/// once, then on the one where there is still room.
pub(super) fn around<E>(
    asked: Range<usize>,
    count: usize,
    fits: &mut Fits<'_, E>,
) -> Result<Range<usize>, E> {
    let both = |by: usize| asked.start.saturating_sub(by)..(asked.end + by).min(count);
    let by = largest(0, count, &mut |by| fits(both(by)))?;
    let Range { start, end } = both(by);
    let before = largest(0, start, &mut |by| fits(start - by..end))?;
    let start = start - before;
    Ok(start..largest(end, count, &mut |end| fits(start..end))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The window around `asked` where tokens have these lengths and at most `most` fit.
    fn window(lengths: &[usize], asked: Range<usize>, most: usize) -> Range<usize> {
        let mut fits = |part: Range<usize>| Ok::<_, ()>(lengths[part].iter().sum::<usize>() <= most);
        around(asked, lengths.len(), &mut fits).unwrap_or_default()
    }

    #[test]
    fn both_sides_grow_evenly() {
        assert_eq!(window(&[1; 20], 9..10, 7), 6..13);
        // One more fits, on the left.
        assert_eq!(window(&[1; 20], 9..10, 8), 5..13);
        assert_eq!(window(&[1; 20], 9..10, 1), 9..10);
        assert_eq!(window(&[1; 20], 9..10, 99), 0..20);
    }

    #[test]
    fn where_one_side_ends_the_other_goes_on() {
        assert_eq!(window(&[1; 20], 1..3, 9), 0..9);
        assert_eq!(window(&[1; 20], 18..19, 9), 11..20);
        // A long token on the right.
        assert_eq!(window(&[1, 1, 1, 1, 1, 1, 9, 1], 4..5, 6), 0..6);
        assert_eq!(window(&[1, 9, 1, 1, 1, 1, 1, 1], 3..4, 6), 2..8);
    }
}
