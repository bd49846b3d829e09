//! Where a mention is meant that is told by its text alone.

use unicode_normalization::UnicodeNormalization as _;

use super::MentionRule;

/// A stretch of a text, in tokens or in characters: the first, and one past the last.
pub(super) type MentionRange = (usize, usize);

/// The places that a relation is meant to hold between, of all `heads` and `tails`, each in the order of the
/// text and of one length. What overlaps is taken only where nothing else is there.
pub(super) fn meant(
    heads: &[MentionRange],
    tails: &[MentionRange],
    rule: MentionRule,
) -> Vec<(MentionRange, MentionRange)> {
    if rule == MentionRule::Every {
        let disjoint = |head: MentionRange, tail: MentionRange| head.1 <= tail.0 || tail.1 <= head.0;
        let pairs = heads.iter().flat_map(|head| tails.iter().map(move |tail| (*head, *tail)));
        let pairs: Vec<_> = pairs.filter(|(head, tail)| disjoint(*head, *tail)).collect();
        if !pairs.is_empty() {
            return pairs;
        }
    }
    closest(heads, tails).into_iter().collect()
}

/// The two that have the least between them, of several such pairs the first.
fn closest(heads: &[MentionRange], tails: &[MentionRange]) -> Option<(MentionRange, MentionRange)> {
    let near = heads.iter().flat_map(|head| {
        let behind = tails.partition_point(|tail| tail.0 < head.1);
        let before = tails.partition_point(|tail| tail.1 <= head.0).checked_sub(1);
        [tails.get(behind), before.and_then(|before| tails.get(before))]
            .into_iter()
            .flatten()
            .map(|tail| (*head, *tail))
    });
    let gap = |(head, tail): &(MentionRange, MentionRange)| head.0.max(tail.0) - head.1.min(tail.1);
    let first = near.min_by_key(|pair| (gap(pair), pair.0.0.min(pair.1.0), pair.0.0));
    first.or_else(|| {
        // All overlap: one inside the other, as a city in the name of its club.
        let unlike = |head: &&MentionRange| tails.iter().any(|tail| tail != *head);
        let head = heads.iter().find(unlike).or(heads.first())?;
        Some((*head, *tails.iter().find(|tail| *tail != head).or(tails.first())?))
    })
}

/// Whether `name` is what `text` says, but for case, accents, white space and marks.
pub(super) fn is_name_of(name: &str, text: &str) -> bool {
    let bare = |text: &str| -> String {
        text.nfd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    name == text || bare(name) == bare(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_pair_that_does_not_overlap() {
        // atlanta hawks fans left atlanta late
        let (city, club) = ([(0, 1), (4, 5)], [(0, 2)]);
        assert_eq!(meant(&city, &club, MentionRule::Closest), [((4, 5), (0, 2))]);
        assert_eq!(meant(&city, &club, MentionRule::Every), [((4, 5), (0, 2))]);
        // Both ways round it is the same pair.
        assert_eq!(meant(&[(3, 4)], &[(1, 2), (5, 6)], MentionRule::Closest), [((3, 4), (1, 2))]);
        assert_eq!(meant(&[(1, 2), (5, 6)], &[(3, 4)], MentionRule::Closest), [((1, 2), (3, 4))]);
    }

    #[test]
    fn every_pair_that_does_not_overlap() {
        let (a, b) = ([(0, 1), (2, 3)], [(1, 2), (4, 5)]);
        let pairs = [((0, 1), (1, 2)), ((0, 1), (4, 5)), ((2, 3), (1, 2)), ((2, 3), (4, 5))];
        assert_eq!(meant(&a, &b, MentionRule::Every), pairs);
    }

    #[test]
    fn names_are_compared_by_their_letters() {
        for (name, text) in
            [("st. john's", "St . John 's"), ("jose", "José"), ("ponta_delgada", "Ponta Delgada"), ("…", "…")]
        {
            assert!(is_name_of(name, text), "{name}");
        }
        for (name, text) in [("acme", "Ann"), ("ann", "Ann Lee"), ("…", "Ann")] {
            assert!(!is_name_of(name, text), "{name}");
        }
    }

    #[test]
    fn what_overlaps_is_taken_where_nothing_else_is() {
        for rule in [MentionRule::Closest, MentionRule::Every] {
            assert_eq!(meant(&[(0, 1)], &[(0, 2)], rule), [((0, 1), (0, 2))]);
            assert_eq!(meant(&[(0, 1)], &[(0, 1)], rule), [((0, 1), (0, 1))]);
            assert_eq!(meant(&[], &[(0, 1)], rule), []);
        }
    }
}
