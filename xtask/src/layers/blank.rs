//! Source without its comments, texts and tests, line for line, so that a word found in it is code.

/// `source` with everything inside comments, strings and characters replaced by blanks.
pub(super) fn comments_and_texts(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(next) = rest.chars().next() {
        let behind = out.chars().next_back();
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = raw_text(rest, behind) {
            length
        } else if next == '"' {
            text(rest, '"')
        } else if next == '\'' && is_character(rest) {
            text(rest, '\'')
        } else {
            out.push(next);
            rest = &rest[next.len_utf8()..];
            continue;
        };
        out.extend(rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[length..];
    }
    out
}

/// Length of a block comment, which may hold others.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Length of `r"…"`, `r#"…"#` and so on, if `rest` begins with one that no longer word ends in.
fn raw_text(rest: &str, behind: Option<char>) -> Option<usize> {
    let hashes = rest.strip_prefix('r')?;
    let opening = hashes.trim_start_matches('#').strip_prefix('"')?;
    // `br"…"` and `cr"…"` are texts too; their first letter is harmless code.
    if behind.is_some_and(|c| is_word(c) && c != 'b' && c != 'c') {
        return None;
    }
    let count = hashes.len() - opening.len() - 1;
    let closing = format!("\"{}", "#".repeat(count));
    let start = rest.len() - opening.len();
    Some(opening.find(&closing).map_or(rest.len(), |at| start + at + closing.len()))
}

/// Length of a text up to the `quote` that closes it.
fn text(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if !escaped && c == quote {
            return at + c.len_utf8();
        }
        escaped = !escaped && c == '\\';
    }
    rest.len()
}

/// Tells `'a'` from the lifetime `'a`.
fn is_character(rest: &str) -> bool {
    let mut chars = rest.chars().skip(1);
    chars.next() == Some('\\') || chars.next() == Some('\'')
}

pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `code`, already without comments and texts, with every item under `#[cfg(test)]` replaced by blanks.
pub(super) fn tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find(MARK) {
        out.push_str(&rest[..at]);
        let end = at + MARK.len() + item(&rest[at + MARK.len()..]);
        out.extend(rest[at..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[end..];
    }
    out + rest
}

/// Length of the item at the start: up to `;`, or to the brace that closes its first one.
fn item(rest: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in rest.char_indices() {
        match c {
            ';' if depth == 0 => return at + 1,
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => {
                depth = depth.saturating_sub(1);
                // A list of imports goes on to its semicolon.
                if c == '}' && depth == 0 && !rest[at + 1..].starts_with(';') {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::{comments_and_texts, tests};

    fn words(source: &str) -> Vec<String> {
        tests(&comments_and_texts(source)).split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn comments_and_texts_go() {
        assert_eq!(words("a // b \"\nc /* d /* e */ f */ g"), ["a", "c", "g"]);
        assert_eq!(words(r##"a "b \" c" d r#"e " f"# g '"' h '\'' i"##), ["a", "d", "g", "h", "i"]);
        assert_eq!(words(r#"a b"c" d"#), ["a", "b", "d"]);
    }

    #[test]
    fn lifetimes_and_names_that_end_in_r_stay() {
        assert_eq!(
            words("fn f<'a>(x: &'a str) -> &'a str"),
            ["fn", "f<'a>(x:", "&'a", "str)", "->", "&'a", "str"]
        );
        assert_eq!(words("for r in xr { y }"), ["for", "r", "in", "xr", "{", "y", "}"]);
    }

    #[test]
    fn lines_keep_their_numbers() {
        let source = "a\n/* b\nc */\n\"d\ne\"\n#[cfg(test)]\nmod tests {\n f() }\nz";
        let blank = tests(&comments_and_texts(source));
        assert_eq!(blank.lines().count(), source.lines().count());
        assert_eq!(blank.lines().next_back(), Some("z"));
    }

    #[test]
    fn items_under_test_go() {
        assert_eq!(words("a #[cfg(test)] mod tests { fn f() { g(); } } b"), ["a", "b"]);
        assert_eq!(words("a #[cfg(test)] use x::{y, z}; b"), ["a", "b"]);
        assert_eq!(words("a #[cfg(test)] fn f(x: [u8; 3]) { y } b"), ["a", "b"]);
    }
}
