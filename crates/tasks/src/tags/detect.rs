//! Which tag scheme a file uses.

use super::TagScheme;
use super::form::{has_letter_in_front, is_affixed, prefixed};

/// What the tags seen so far say about their scheme.
///
/// Where as many entities or more are closed by `E-`, `S-`, `L-` or `U-` as are left open, the scheme is one
/// that closes them: BILOU if most of these are `L-` and `U-`, BMES if `M-` stands where IOBES has `I-`, else
/// IOBES. Where no tag has a prefix and some are `O`, it is IO. Otherwise what opens most entities decides,
/// counting those that do not directly follow one of their own type: `I-` means IOB1, `B-` means IOB2, and so
/// does a tie. Majorities, since the IOB1 files of CoNLL-2003 have a few such `B-`, and a single wrong tag
/// should be reported rather than make all others wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence {
    by_letter: Letters,
    opened_by_b: usize,
    opened_by_i: usize,
    left_open: usize,
    outside: usize,
    bare: usize,
    affixed: bool,
}

/// How often prefixes were seen.
#[derive(Clone, Copy, Debug, Default)]
struct Letters {
    any: usize,
    e_or_s: usize,
    l_or_u: usize,
    i: usize,
    m: usize,
}

impl Evidence {
    /// Looks at the tags of one sentence.
    pub fn observe<S: AsRef<str>>(&mut self, tags: &[S]) {
        let (mut previous, mut open) = ("", false);
        for tag in tags {
            let tag = tag.as_ref();
            let (prefix, label) = prefixed(tag).unwrap_or_default();
            let letters = &mut self.by_letter;
            letters.any += usize::from(!prefix.is_empty());
            match prefix {
                "B" if label != previous => self.opened_by_b += 1,
                "I" if label != previous => self.opened_by_i += 1,
                "E" | "S" => letters.e_or_s += 1,
                "L" | "U" => letters.l_or_u += 1,
                _ => {}
            }
            match prefix {
                "I" => letters.i += 1,
                "M" => letters.m += 1,
                "" if tag == "O" => self.outside += 1,
                "" if !tag.is_empty() => {
                    self.bare += 1;
                    self.affixed |= is_affixed(tag) || has_letter_in_front(tag);
                }
                _ => {}
            }
            self.left_open += usize::from(open && matches!(prefix, "" | "B" | "S" | "U"));
            open = matches!(prefix, "B" | "I" | "M");
            previous = label;
        }
        self.left_open += usize::from(open);
    }

    /// The scheme.
    pub fn scheme(self) -> TagScheme {
        let Letters { any, e_or_s, l_or_u, i, m } = self.by_letter;
        let closed = e_or_s + l_or_u;
        if any == 0 && self.bare > 0 && self.outside > 0 && !self.affixed {
            TagScheme::Io
        } else if closed > 0 && closed >= self.left_open && l_or_u > e_or_s {
            TagScheme::Bilou
        } else if m > i {
            TagScheme::Bmes
        } else if closed > 0 && closed >= self.left_open {
            TagScheme::Iobes
        } else if self.opened_by_i > self.opened_by_b {
            TagScheme::Iob1
        } else {
            TagScheme::Iob2
        }
    }

    /// Whether any tag is not `O`.
    pub fn is_labelled(self) -> bool {
        self.by_letter.any + self.bare > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(sentences: &[&str]) -> TagScheme {
        let mut evidence = Evidence::default();
        for sentence in sentences {
            evidence.observe(&sentence.split(' ').collect::<Vec<_>>());
        }
        evidence.scheme()
    }

    #[test]
    fn each_scheme_is_found() {
        assert_eq!(detect(&["O O"]), TagScheme::Iob2);
        assert_eq!(detect(&["B-PER I-PER O B-LOC"]), TagScheme::Iob2);
        assert_eq!(detect(&["I-PER I-PER O", "I-LOC B-LOC"]), TagScheme::Iob1);
        assert_eq!(detect(&["I-PER", "O I-LOC O B-LOC"]), TagScheme::Iob1);
        assert_eq!(detect(&["I-PER", "S-LOC O", "B-PER E-PER"]), TagScheme::Iobes);
        assert_eq!(detect(&["U-LOC O", "B-PER I-PER L-PER"]), TagScheme::Bilou);
        assert_eq!(detect(&["S-LOC O", "B-PER M-PER E-PER"]), TagScheme::Bmes);
        assert_eq!(detect(&["LOC O", "PER PER"]), TagScheme::Io);
    }

    #[test]
    fn a_broken_iob2_file_is_not_taken_for_another() {
        assert_eq!(detect(&["B-PER O", "O I-PER"]), TagScheme::Iob2);
        assert_eq!(detect(&["B-PER O", "O B-PER", "S-PER"]), TagScheme::Iob2);
        assert_eq!(detect(&["B-PER O", "O B-PER", "U-PER"]), TagScheme::Iob2);
        assert_eq!(detect(&["B-PER O", "PER O"]), TagScheme::Iob2);
    }

    #[test]
    fn one_wrong_letter_leaves_the_scheme() {
        assert_eq!(detect(&["B-PER E-PER", "S-LOC", "B-PER L-PER"]), TagScheme::Iobes);
        assert_eq!(detect(&["B-PER L-PER", "U-LOC", "B-PER E-PER"]), TagScheme::Bilou);
    }

    #[test]
    fn prefixes_in_other_clothes_are_no_labels() {
        for tags in ["B_PER O", "PER-B O", "b-per O", "B O", "X-PER O"] {
            assert_eq!(detect(&[tags]), TagScheme::Iob2, "{tags}");
        }
        // Without any O it may be a column of something else.
        assert_eq!(detect(&["NN VB"]), TagScheme::Iob2);
    }
}
