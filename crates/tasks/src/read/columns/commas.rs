//! Column files whose columns are separated by commas, semicolons or bars, as the tables of some corpora are.

use super::names::{TAGS, WORDS, is_of_another};
use super::sentence_ids;

/// What separates columns, where neither tabs nor spaces do.
pub(super) const SEPARATORS: [u8; 3] = [b',', b';', b'|'];

/// The separator of a file whose first line names columns of words and of something else with it.
pub(in crate::read) fn separator(line: &str) -> Option<u8> {
    SEPARATORS.into_iter().find(|&separator| names(line, separator, is_of_another))
}

/// Whether a line, cut at `separator`, names a column of words and one of tags or of sentences.
pub(in crate::read) fn is_header(line: &str, separator: u8) -> bool {
    names(line, separator, |name| TAGS.contains(&name) || sentence_ids::is_name(name))
}

/// Whether a line, cut at `separator`, names a column of words and one that `is_other`.
fn names(line: &str, separator: u8, is_other: fn(&str) -> bool) -> bool {
    let Some(fields) = fields(line, separator) else { return false };
    let has = |is: &dyn Fn(&str) -> bool| fields.iter().any(|field| is(&field.trim().to_lowercase()));
    has(&|name| WORDS.contains(&name)) && has(&is_other)
}

/// The same line with tabs between its columns, or what is wrong with it.
pub(in crate::read) fn with_tabs(line: &str, separator: u8) -> Result<String, &'static str> {
    let fields = fields(line, separator)
        .ok_or("a field begins with a quote that does not end before the next separator; quote the whole field, and double the quotes in it")?;
    if fields.iter().any(|field| field.contains(['\t', '\n', '\r'])) {
        return Err("a field holds a tab or a line end, which no token does; take it out");
    }
    Ok(fields.join("\t"))
}

/// The fields of one line, as RFC 4180 has them; nothing where a quote is not closed as it says.
fn fields(line: &str, separator: u8) -> Option<Vec<String>> {
    let separator = char::from(separator);
    let (mut found, mut rest) = (Vec::new(), line);
    loop {
        let mut field = String::new();
        if let Some(mut inside) = rest.strip_prefix('"') {
            loop {
                let (before, behind) = inside.split_once('"')?;
                field.push_str(before);
                // Within quotes a quote is written twice; one that stands alone ends the field.
                let Some(more) = behind.strip_prefix('"') else {
                    rest = behind;
                    break;
                };
                field.push('"');
                inside = more;
            }
        } else {
            let end = rest.find(separator).unwrap_or(rest.len());
            field.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        found.push(field);
        if rest.is_empty() {
            return Some(found);
        }
        rest = rest.strip_prefix(separator)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_tells() {
        assert_eq!(separator("Sentence #,Word,POS,Tag"), Some(b','));
        assert_eq!(separator("token;ner_tag"), Some(b';'));
        assert_eq!(separator("word|pos"), Some(b'|'));
        assert_eq!(separator("id,word"), Some(b','));
        for other in ["text,label", "word,sense", "Ann B-PER", "word\ttag", "a,b"] {
            assert_eq!(separator(other), None, "{other}");
        }
    }

    #[test]
    fn quoted_fields() {
        let tabs = |line: &str| with_tabs(line, b',');
        assert_eq!(tabs(",\",\",\",\",O").as_deref(), Ok("\t,\t,\tO"));
        assert_eq!(tabs("1,\"\"\"\",``,O").as_deref(), Ok("1\t\"\t``\tO"));
        assert_eq!(tabs("1,,O,").as_deref(), Ok("1\t\tO\t"));
        assert!(tabs("1,\"a\"b,O").is_err() && tabs("1,\"a,O").is_err() && tabs("a\tb,O").is_err());
    }
}
