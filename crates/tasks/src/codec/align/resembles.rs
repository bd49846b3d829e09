//! Slips of a model.

/// Whether `output` may be a slip for `source`: the letters of one are within the other in order, or more
/// than half of the letters of the longer one are shared.
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

/// [`resembles`] for any token of one text and any of another: for most of those that do not resemble, a look
/// at two numbers says so.
pub(in crate::codec) struct Resemblance<'a, S, O> {
    source: (&'a [S], Vec<Letters>),
    output: (&'a [O], Vec<Letters>),
}

/// The letters of a token.
struct Letters {
    sorted: Vec<char>,
    /// Two bits for the letters of a kind, of which there are 32: whether there is one, and a second.
    kinds: u64,
    /// How many letters have no bit.
    more: u32,
}

impl<'a, S: AsRef<str>, O: AsRef<str>> Resemblance<'a, S, O> {
    pub(in crate::codec) fn new(source: &'a [S], output: &'a [O]) -> Self {
        let source_letters = source.iter().map(|token| Letters::of(token.as_ref())).collect();
        let output_letters = output.iter().map(|token| Letters::of(token.as_ref())).collect();
        Self { source: (source, source_letters), output: (output, output_letters) }
    }

    /// Whether a token of the source, by its index, and one of the output resemble.
    pub(in crate::codec) fn of(&self, source: usize, output: usize) -> bool {
        let (a, b) = (&self.source.1[source], &self.output.1[output]);
        let shorter = a.sorted.len().min(b.sorted.len());
        let longer = a.sorted.len().max(b.sorted.len());
        // For one token to be within the other, all letters of the shorter one must be shared.
        let most = a.shares_at_most(b);
        if most < shorter && 2 * most <= longer {
            return false;
        }
        let shared = a.shares(b);
        2 * shared > longer
            || shared == shorter && resembles(self.source.0[source].as_ref(), self.output.0[output].as_ref())
    }
}

impl Letters {
    fn of(token: &str) -> Self {
        let mut sorted: Vec<char> = token.chars().collect();
        sorted.sort_unstable();
        let (mut kinds, mut more) = (0_u64, 0);
        for letter in &sorted {
            let bits = 2 * (u32::from(*letter) % 32);
            match kinds >> bits & 3 {
                0 => kinds |= 1 << bits,
                1 => kinds |= 2 << bits,
                _ => more += 1,
            }
        }
        Self { sorted, kinds, more }
    }

    /// How many letters two tokens share at most.
    fn shares_at_most(&self, other: &Self) -> usize {
        // Letters of one kind count as the same, though they may differ, so this is never too few.
        ((self.kinds & other.kinds).count_ones() + self.more.min(other.more)) as usize
    }

    /// How many letters two tokens share.
    fn shares(&self, other: &Self) -> usize {
        let mut others = other.sorted.iter().peekable();
        let mut shared = 0;
        for letter in &self.sorted {
            while others.next_if(|other| *other < letter).is_some() {}
            shared += usize::from(others.next_if_eq(&letter).is_some());
        }
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_look_at_letters_changes_nothing(
            source in prop::collection::vec("[a-d]{0,9}|[a-zäA1]{0,6}|a{0,5}", 1..6),
            output in prop::collection::vec("[a-d]{0,9}|[a-zäA1]{0,6}|a{0,5}", 1..6),
        ) {
            let both = Resemblance::new(&source, &output);
            for (i, a) in source.iter().enumerate() {
                for (j, b) in output.iter().enumerate() {
                    prop_assert_eq!(both.of(i, j), resembles(a, b), "{} {}", a, b);
                }
            }
        }
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
}
