//! Text from files, on a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

/// `text` without what a terminal obeys instead of showing: control characters, line ends among them, and those that turn the direction of the
/// writing are written as escapes. Letters and marks of every script stay.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => escaped.extend(c.escape_default()),
            // Writing to a String cannot fail.
            c if is_obeyed(c) => _ = write!(escaped, "{}", c.escape_unicode()),
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// `path` as a shell reads it back as one word.
pub(crate) fn argument(path: &Path) -> String {
    let path = path.display().to_string();
    let path = shown(&path);
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,".contains(c);
    if path.chars().all(is_plain) { path.into_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

fn is_obeyed(c: char) -> bool {
    // Embeddings, overrides and isolates of direction; separators of lines and paragraphs.
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::{argument, shown};
    use std::path::Path;

    #[test]
    fn a_shell_reads_a_path_back() {
        for (path, expected) in [
            ("b/ü-1.toml", "b/ü-1.toml"),
            ("my data.toml", "'my data.toml'"),
            ("it's", "'it'\\''s'"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(argument(Path::new(path)), expected);
        }
    }

    #[test]
    fn letters_stay_and_orders_do_not() {
        for text in
            ["PER", "città", "i\u{301}", "مريم", "玛丽", "👩\u{200d}👧", "a\u{200f}b", "it's \"x\" \\ y"]
        {
            assert_eq!(shown(text), text);
        }
        assert_eq!(shown("\u{1b}[31mPER\u{7}"), "\\u{1b}[31mPER\\u{7}");
        assert_eq!(shown("a\nb\tc\r\u{9b}1m"), "a\\nb\\tc\\r\\u{9b}1m");
        assert_eq!(shown("x\u{202e}y\u{2066}"), "x\\u{202e}y\\u{2066}");
    }
}
