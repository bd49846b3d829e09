use super::*;
use proptest::prelude::*;

fn any(_: &str, _: &str) -> bool {
    true
}

/// With a question about the tokens themselves.
fn align<T: AsRef<str>>(
    source: &[T],
    output: &[T],
    may_pair: impl Fn(&str, &str) -> bool,
) -> Vec<Option<usize>> {
    super::align(source, output, |i, j| may_pair(source[i].as_ref(), output[j].as_ref()))
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

/// The recurrence as it is defined, with the option kept for every cell.
fn plain(source: &[String], output: &[String], may_pair: impl Fn(&str, &str) -> bool) -> Vec<Option<usize>> {
    let mut table = vec![vec![(0, 0); output.len() + 1]; source.len() + 1];
    for i in 0..=source.len() {
        for j in 0..=output.len() {
            let mut options = Vec::new();
            if i > 0 && j > 0 {
                let (expected, token) = (&source[i - 1], &output[j - 1]);
                if expected == token || may_pair(expected, token) {
                    options.push((table[i - 1][j - 1].0 + usize::from(expected != token), 1));
                }
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

/// Two tokens that are often enough unlike.
fn some(a: &str, b: &str) -> bool {
    (a.len() + b.len()).is_multiple_of(2)
}

/// Few different tokens, so that there are ties, and a text that was changed here and there.
fn changed() -> impl Strategy<Value = (Vec<String>, Vec<String>)> {
    let token = || prop::sample::select(vec!["a", "b", "cc", "d"]).prop_map(str::to_owned);
    let edit =
        (proptest::prelude::any::<prop::sample::Index>(), 0..4_u8, prop::collection::vec(token(), 0..30));
    (prop::collection::vec(token(), 0..90), prop::collection::vec(edit, 0..7)).prop_map(|(source, edits)| {
        let mut output = source.clone();
        for (at, kind, tokens) in edits {
            let at = at.index(output.len() + 1);
            match kind {
                0 => drop(output.splice(at..at, tokens)),
                1 => drop(output.drain(at..(at + tokens.len()).min(output.len()))),
                2 => output.truncate(at.max(output.len() / 2)),
                _ => drop(output.splice(at..(at + 1).min(output.len()), tokens.into_iter().take(1))),
            }
        }
        (source, output)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_band_changes_nothing_in_short_texts(
        source in prop::collection::vec("[abc]|dd", 0..9),
        output in prop::collection::vec("[abc]|dd", 0..9),
    ) {
        prop_assert_eq!(align(&source, &output, any), plain(&source, &output, any));
        prop_assert_eq!(align(&source, &output, some), plain(&source, &output, some));
        prop_assert_eq!(align(&source, &output, |_, _| false), plain(&source, &output, |_, _| false));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_band_changes_nothing_in_longer_texts((source, output) in changed()) {
        for (source, output) in [(&source, &output), (&output, &source)] {
            prop_assert_eq!(align(source, output, any), plain(source, output, any));
            prop_assert_eq!(align(source, output, some), plain(source, output, some));
        }
    }

    /// However little is allowed, pairs are in order, and a text is aligned with itself.
    #[test]
    fn too_little_room_gives_an_alignment_still((source, output) in changed(), cells in 0_usize..3000) {
        for (source, output) in [(&source, &output), (&output, &source)] {
            let found = align_within(source, output, |_, _| true, cells);
            prop_assert_eq!(found.len(), output.len());
            let pairs: Vec<usize> = found.into_iter().flatten().collect();
            prop_assert!(pairs.is_sorted_by(|a, b| a < b) && pairs.iter().all(|&i| i < source.len()));
            let own: Vec<_> = (0..source.len()).map(Some).collect();
            prop_assert_eq!(align_within(source, source, |_, _| true, cells), own);
        }
    }
}

/// A whole table of these would take 40 GB.
#[test]
fn a_hundred_thousand_tokens() {
    let source: Vec<String> = (0..100_000_u64).map(|i| format!("t{}", i * i % 7919)).collect();
    let mut output = source.clone();
    for at in (1..40).rev().map(|i| i * 2497) {
        output.remove(at);
        output.insert(at / 2, "x".to_owned());
    }
    let found = align(&source, &output, resembles);
    let wrong = found.iter().zip(&output).filter(|(index, token)| index.is_none_or(|i| source[i] != **token));
    assert_eq!(wrong.count(), output.iter().filter(|token| *token == "x").count());
    let other: Vec<String> = (0..100_000).map(|i| format!("{}", i % 10)).collect();
    assert_eq!(align_within(&source, &other, |_, _| false, 1 << 20).len(), 100_000);
    let runaway = vec!["a"; 1_000_000];
    assert_eq!(align(&["b", "a"], &runaway, any).iter().flatten().count(), 2);
}

/// An output that has everything in another order: no band is narrower than the table.
#[test]
fn thousands_of_tokens_in_another_order() {
    let letters = |n: u64| (0..3 + n % 6).map(move |at| char::from(b'a' + (n / 7 * (at + 11) % 26) as u8));
    let source: Vec<String> = (0..8000).map(|n| letters(n * n % 99_991).collect()).collect();
    let output: Vec<String> = source.iter().rev().cloned().collect();
    let both = Resemblance::new(&source, &output);
    let found = super::align(&source, &output, |i, j| both.of(i, j));
    let pairs: Vec<usize> = found.iter().flatten().copied().collect();
    assert!(pairs.is_sorted_by(|a, b| a < b) && !pairs.is_empty());
}
