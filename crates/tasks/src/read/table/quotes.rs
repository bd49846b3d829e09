//! Where a table has quotes around fields.

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

#[cfg(test)]
mod tests {
    use super::*;

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
