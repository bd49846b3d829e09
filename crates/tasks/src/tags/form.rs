//! What a tag looks like.

use super::TagScheme;

/// What a prefix says of its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Begin,
    Inside,
    End,
    Single,
}

/// The prefixes of all schemes.
const PREFIXES: [&str; 7] = ["B", "I", "E", "S", "L", "U", "M"];

impl TagScheme {
    /// What `prefix` means in this scheme.
    pub(super) fn part(self, prefix: &str) -> Option<Part> {
        use TagScheme::{Bilou, Bmes, Io, Iob1, Iob2, Iobes};
        match (prefix, self) {
            ("B", Iob1 | Iob2 | Iobes | Bilou | Bmes) => Some(Part::Begin),
            ("I", Iob1 | Iob2 | Iobes | Bilou | Io) | ("M", Bmes) => Some(Part::Inside),
            ("E", Iobes | Bmes) | ("L", Bilou) => Some(Part::End),
            ("S", Iobes | Bmes) | ("U", Bilou) => Some(Part::Single),
            _ => None,
        }
    }

    /// What closes an entity of several tokens, where something must.
    pub(super) fn closing(self) -> Option<&'static str> {
        match self {
            Self::Iobes | Self::Bmes => Some("E-"),
            Self::Bilou => Some("L-"),
            _ => None,
        }
    }

    /// What to do about a tag that continues nothing.
    pub(super) fn advice_to_begin(self) -> &'static str {
        match self {
            Self::Iob2 => "start the entity with B-, or declare the scheme iob1 (--scheme, data.scheme)",
            _ => "start the entity with B-",
        }
    }

    /// The forms of its tags.
    pub(super) fn forms(self) -> &'static str {
        match self {
            Self::Bilou => "O, B-TYPE, I-TYPE, L-TYPE or U-TYPE",
            Self::Bmes => "O, B-TYPE, M-TYPE, E-TYPE or S-TYPE",
            Self::Io => "O, TYPE or I-TYPE",
            Self::Iobes | Self::Reference => "O, B-TYPE, I-TYPE, E-TYPE or S-TYPE",
            _ => "O, B-TYPE or I-TYPE",
        }
    }
}

/// Prefix and label of a tag with a prefix that some scheme knows.
pub(super) fn prefixed(tag: &str) -> Option<(&str, &str)> {
    tag.split_once('-').filter(|(prefix, _)| PREFIXES.contains(prefix))
}

/// Whether it is `O`, or has a prefix that some scheme knows.
pub(crate) fn is_tag(text: &str) -> bool {
    text == "O" || prefixed(text).is_some()
}

/// What is behind the prefix of a tag, or all of one that has none.
pub(crate) fn label(tag: &str) -> &str {
    prefixed(tag).map_or(tag, |(_, label)| label)
}

/// Whether several tags stand where one should, as `B-PER|B-ORG`.
pub(crate) fn holds_several(tag: &str) -> bool {
    let are_tags = |cut: char| tag.contains(cut) && tag.split(cut).all(|part| is_tag(part.trim()));
    [',', ';', '|', '/', '+', ' '].into_iter().any(are_tags)
}

/// Whether a tag without a known prefix has one all the same, written in another way: `B_PER`, `b-per`,
/// `PER-B`, or `B` alone.
pub(super) fn is_affixed(tag: &str) -> bool {
    let is_prefix =
        |c: char| PREFIXES.iter().any(|prefix| prefix.eq_ignore_ascii_case(c.encode_utf8(&mut [0; 4])));
    let is_joint = |c: char| !c.is_alphanumeric();
    let mut chars = tag.chars();
    let (first, second) = (chars.next(), chars.next());
    let mut ends = tag.chars().rev();
    let (last, before) = (ends.next(), ends.next());
    let at_start = first.is_some_and(is_prefix) && second.is_none_or(is_joint);
    let at_end = last.is_some_and(is_prefix) && before.is_some_and(is_joint);
    at_start || at_end
}

/// Whether a single letter stands before a hyphen or the like, as a prefix would.
pub(super) fn has_letter_in_front(tag: &str) -> bool {
    let mut chars = tag.chars();
    chars.next().is_some_and(char::is_alphabetic) && chars.next().is_some_and(|c| !c.is_alphanumeric())
}

/// What to do about a tag that the scheme does not know.
pub(super) fn advice(tag: &str) -> &'static str {
    match prefixed(tag) {
        Some(("L" | "U", _)) => {
            "the scheme bilou has such tags: declare it (--scheme, data.scheme), or correct the tag"
        }
        Some(("M", _)) => {
            "the scheme bmes has such tags: declare it (--scheme, data.scheme), or correct the tag"
        }
        Some(("E" | "S", _)) => {
            "the schemes iobes and bmes have such tags: declare one (--scheme, data.scheme), or correct the tag"
        }
        Some(("I", _)) => {
            "the schemes iob1, iob2 and iobes have such tags: declare one (--scheme, data.scheme), or correct the tag"
        }
        Some(_) => {
            "the schemes iob1, iob2, iobes, bilou and bmes have such tags: declare one (--scheme, data.scheme), or correct the tag"
        }
        None if is_affixed(tag) => "write the prefix in front, as a capital with a hyphen: B-TYPE",
        None => {
            "add the prefix, declare the scheme io if no tag has one (--scheme, data.scheme), or name the column of the tags (--tag-column, data.tag_column)"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_tags_in_one_cell() {
        for tag in ["B-PER,B-ORG", "B-PER|O", "B-A; I-B", "O/O", "B-X I-Y"] {
            assert!(holds_several(tag), "{tag}");
        }
        for tag in ["B-PER", "B-R,D", "B-A/B", "O", "B-time|date", "A,B"] {
            assert!(!holds_several(tag), "{tag}");
        }
    }

    #[test]
    fn prefixes_in_other_clothes() {
        for tag in ["B_PER", "b-per", "B:PER", "PER-B", "PER_I", "B", "i"] {
            assert!(is_affixed(tag), "{tag}");
        }
        for tag in ["PER", "NAME", "Song", "ORG-GPE", "LOC", "E2"] {
            assert!(!is_affixed(tag), "{tag}");
        }
    }
}
