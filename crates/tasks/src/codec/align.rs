//! Which source token an output token stands for.

/// For every token of `output`, the index of the token of `source` it stands for.
///
/// A minimum edit distance with unit costs, traced from the end. Where several edits cost the same, pairing two tokens
/// goes before leaving out a source token, and that before an extra output token. Two different tokens can be paired if
/// `may_pair` says so; callers who care compare them.
pub fn align<S: AsRef<str>, O: AsRef<str>>(
    source: &[S],
    output: &[O],
    may_pair: impl Fn(&str, &str) -> bool,
) -> Vec<Option<usize>> {
    let same = |i: usize, j: usize| source[i].as_ref() == output[j].as_ref();
    // Leaving out one token and adding another costs 2, so that a pair for 3 is never made.
    let change = |i: usize, j: usize| match (source[i].as_ref(), output[j].as_ref()) {
        (expected, token) if expected == token => 0,
        (expected, token) if may_pair(expected, token) => 1,
        _ => 3,
    };
    let mut matched = vec![None; output.len()];

    // Equal last tokens always pair: that costs no more than any other edit and is preferred.
    let (mut rows, mut columns) = (source.len(), output.len());
    while rows > 0 && columns > 0 && same(rows - 1, columns - 1) {
        (rows, columns) = (rows - 1, columns - 1);
        matched[columns] = Some(rows);
    }

    let width = columns + 1;
    let mut cost = vec![0_u32; (rows + 1) * width];
    for (j, cell) in cost.iter_mut().enumerate().take(width) {
        *cell = j as u32;
    }
    for i in 1..=rows {
        cost[i * width] = i as u32;
        for j in 1..=columns {
            let pair = cost[(i - 1) * width + j - 1] + change(i - 1, j - 1);
            let skip = cost[(i - 1) * width + j].min(cost[i * width + j - 1]) + 1;
            cost[i * width + j] = pair.min(skip);
        }
    }

    let (mut i, mut j) = (rows, columns);
    while i > 0 && j > 0 {
        let here = cost[i * width + j];
        if here == cost[(i - 1) * width + j - 1] + change(i - 1, j - 1) {
            (i, j) = (i - 1, j - 1);
            matched[j] = Some(i);
        } else if here == cost[(i - 1) * width + j] + 1 {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    matched
}

/// Whether `output` may be a slip for `source`: the letters of one are within the other in order, or more than half of
/// the letters of the longer one are shared.
pub fn resembles(source: &str, output: &str) -> bool {
    let shorter_within = |a: &str, b: &str| {
        let mut rest = b.chars();
        a.chars().all(|letter| rest.any(|other| other == letter))
    };
    if shorter_within(source, output) || shorter_within(output, source) {
        return true;
    }
    let mut letters: Vec<char> = source.chars().collect();
    let (mut shared, mut length) = (0, 0);
    for letter in output.chars() {
        length += 1;
        if let Some(at) = letters.iter().position(|&other| other == letter) {
            letters.swap_remove(at);
            shared += 1;
        }
    }
    2 * shared > length.max(shared + letters.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any(_: &str, _: &str) -> bool {
        true
    }

    fn aligned(source: &str, output: &str) -> Vec<Option<usize>> {
        let split = |text: &'static str| text.split_whitespace().collect::<Vec<_>>();
        align(&split(source.to_owned().leak()), &split(output.to_owned().leak()), any)
    }

    #[test]
    fn a_copy_aligns_with_itself() {
        assert_eq!(aligned("a b c", "a b c"), [Some(0), Some(1), Some(2)]);
        assert_eq!(aligned("", ""), []);
        assert_eq!(aligned("", "a"), [None]);
        assert_eq!(aligned("a", ""), []);
    }

    #[test]
    fn a_changed_token_pairs() {
        assert_eq!(aligned("a b c", "a x c"), [Some(0), Some(1), Some(2)]);
    }

    #[test]
    fn left_out_and_extra_tokens() {
        assert_eq!(aligned("a b c", "a c"), [Some(0), Some(2)]);
        assert_eq!(aligned("a c", "a b c"), [Some(0), None, Some(1)]);
    }

    #[test]
    fn ties_pair_late_tokens_first() {
        // Both "a" of the output could be the source's; the trace starts at the end.
        assert_eq!(aligned("a", "a a"), [None, Some(0)]);
        assert_eq!(aligned("a a", "a"), [Some(1)]);
        // Pairing b with x costs as much as pairing a with x.
        assert_eq!(aligned("a b", "x"), [Some(1)]);
        // Two changes cost as much as a left-out and an extra token.
        assert_eq!(aligned("a b", "b x"), [Some(0), Some(1)]);
    }

    #[test]
    fn tokens_that_may_not_pair_do_not() {
        let never = |_: &str, _: &str| false;
        assert_eq!(align(&["a", "b", "c"], &["a", "x", "c"], never), [Some(0), None, Some(2)]);
        assert_eq!(align(&["a", "b"], &["b", "x"], never), [Some(1), None]);
    }

    #[test]
    fn slips_resemble() {
        for (source, output) in [("Tolkien", "Tolkein"), ("{x}", "x"), ("a", "a."), ("colour", "color")] {
            assert!(resembles(source, output) && resembles(output, source), "{source} {output}");
        }
        for (source, output) in [("here", "now"), ("here", "dear"), ("was", "here"), ("x", "y")] {
            assert!(!resembles(source, output) && !resembles(output, source), "{source} {output}");
        }
    }

    /// The recurrence as it is defined, with the option kept for every cell.
    fn plain(source: &[String], output: &[String]) -> Vec<Option<usize>> {
        let mut table = vec![vec![(0, 0); output.len() + 1]; source.len() + 1];
        for i in 0..=source.len() {
            for j in 0..=output.len() {
                let mut options = Vec::new();
                if i > 0 && j > 0 {
                    options.push((table[i - 1][j - 1].0 + usize::from(source[i - 1] != output[j - 1]), 1));
                }
                if i > 0 {
                    options.push((table[i - 1][j].0 + 1, 2));
                }
                if j > 0 {
                    options.push((table[i][j - 1].0 + 1, 3));
                }
                table[i][j] = options.into_iter().min().unwrap_or((0, 0));
            }
        }
        let mut matched = vec![None; output.len()];
        let (mut i, mut j) = (source.len(), output.len());
        while i > 0 && j > 0 {
            match table[i][j].1 {
                1 => {
                    (i, j) = (i - 1, j - 1);
                    matched[j] = Some(i);
                }
                2 => i -= 1,
                _ => j -= 1,
            }
        }
        matched
    }

    proptest! {
        #[test]
        fn the_short_cut_changes_nothing(
            source in prop::collection::vec("[abc]", 0..9),
            output in prop::collection::vec("[abc]", 0..9),
        ) {
            prop_assert_eq!(align(&source, &output, any), plain(&source, &output));
        }
    }
}
