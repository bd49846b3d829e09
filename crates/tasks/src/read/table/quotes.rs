//! Where a table has quotes around fields.

use std::collections::BTreeSet;

/// What the quotes of a table are like, by RFC 4180: a field that begins with one ends with one, and doubles
/// those in between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Quotes {
    /// The line of the first quoted field that does not end as it should.
    pub(super) bad: Option<usize>,
    /// The line of the first quoted field that goes over several lines.
    pub(super) over_lines: Option<usize>,
}

enum State {
    Start,
    Plain,
    Quoted,
    /// Behind a quote in a quoted field: its end, or the first of two.
    Quote,
}

impl Quotes {
    pub(super) fn of(bytes: &[u8], separator: u8) -> Self {
        let mut quotes = Self::default();
        let (mut state, mut line, mut start) = (State::Start, 1, 1);
        for &byte in bytes {
            let is_end = byte == separator || matches!(byte, b'\n' | b'\r');
            state = match state {
                State::Start if byte == b'"' => {
                    start = line;
                    State::Quoted
                }
                State::Start | State::Plain if is_end => State::Start,
                State::Start | State::Plain => State::Plain,
                State::Quoted if byte == b'"' => State::Quote,
                State::Quoted => {
                    if byte == b'\n' {
                        quotes.over_lines.get_or_insert(start);
                    }
                    State::Quoted
                }
                State::Quote if byte == b'"' => State::Quoted,
                State::Quote if is_end => State::Start,
                State::Quote => {
                    quotes.bad.get_or_insert(start);
                    State::Plain
                }
            };
            line += usize::from(byte == b'\n');
        }
        if matches!(state, State::Quoted) {
            quotes.bad.get_or_insert(start);
        }
        quotes
    }
}

/// Takes the quotes out of the lines whose quoted fields do not end as they should, and gives the numbers of these
/// lines. Nothing is done where it is open which lines are rows: a quote that is not closed in its line may be
/// closed in a later one, where there is one that has a quote too many as well.
pub(super) fn take_out(bytes: &mut [u8], separator: u8) -> Option<BTreeSet<usize>> {
    // One quote makes two parts.
    let is_odd = |line: &&[u8]| line.split(|byte| *byte == b'"').count() % 2 == 0;
    let is_bad = |line: &[u8]| Quotes::of(line, separator).bad.is_some();
    let mut odd = bytes.split(|byte| *byte == b'\n').filter(is_odd);
    if odd.next().is_some_and(|line| !is_bad(line)) || odd.next().is_some() {
        return None;
    }
    let mut bad = BTreeSet::new();
    for (number, line) in bytes.split_mut(|byte| *byte == b'\n').enumerate() {
        if is_bad(line) {
            bad.insert(number + 1);
            line.iter_mut().filter(|byte| **byte == b'"').for_each(|byte| *byte = b' ');
        }
    }
    Some(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_bad_quotes_are_told_from_rows_of_several_lines() {
        let take = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            take_out(&mut bytes, b',').map(|lines| (lines, String::from_utf8_lossy(&bytes).into_owned()))
        };
        let (lines, text) = take("a,b\n\"x\" y,1\n\"z\",2\n\"v,3\nw,4\n").unwrap_or_default();
        assert_eq!((lines, &*text), (BTreeSet::from([2, 4]), "a,b\n x  y,1\n\"z\",2\n v,3\nw,4\n"));
        // The quote of the second line may be closed in the fourth.
        assert_eq!(take("a,b\n\"x \"y\" z\nw,1\nv\",2\n"), None);
        assert_eq!(take("a,b\n\"x \"y\nv\",2\n"), None);
    }

    #[test]
    fn quotes_that_end_as_they_should() {
        let text = b"a,b\n\"x, \"\"y\"\"\",1\n\"two\nlines\",2\nan \"inner\" one,3\n";
        assert_eq!(Quotes::of(text, b','), Quotes { bad: None, over_lines: Some(3) });
    }

    #[test]
    fn quotes_that_do_not() {
        assert_eq!(Quotes::of(b"a,b\n\"x\" y,1\n", b',').bad, Some(2));
        assert_eq!(Quotes::of(b"a,b\nz,1\n\"x,1\ny,2\n", b',').bad, Some(3));
    }
}
