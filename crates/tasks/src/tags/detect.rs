//! Which tag scheme a file uses.

use super::TagScheme;

/// What the tags seen so far say about their scheme.
///
/// Any `E-` or `S-` means IOBES. Otherwise what opens most entities decides, counting those that do not directly follow
/// one of their own type: `I-` means IOB1, `B-` means IOB2, and so does a tie. A majority, since the IOB1 files of
/// CoNLL-2003 have a few such `B-`, and a single wrong `I-` should be reported rather than make a file IOB1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence {
    iobes: bool,
    opened_by_b: usize,
    opened_by_i: usize,
}

impl Evidence {
    /// Looks at the tags of one sentence.
    pub fn observe<S: AsRef<str>>(&mut self, tags: &[S]) {
        let mut previous = "";
        for tag in tags {
            let (prefix, label) = tag.as_ref().split_once('-').unwrap_or_default();
            match prefix {
                "E" | "S" => self.iobes = true,
                "B" if label != previous => self.opened_by_b += 1,
                "I" if label != previous => self.opened_by_i += 1,
                _ => {}
            }
            previous = label;
        }
    }

    /// The scheme.
    pub fn scheme(self) -> TagScheme {
        if self.iobes {
            TagScheme::Iobes
        } else if self.opened_by_i > self.opened_by_b {
            TagScheme::Iob1
        } else {
            TagScheme::Iob2
        }
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
    }

    #[test]
    fn a_broken_iob2_file_is_not_taken_for_iob1() {
        assert_eq!(detect(&["B-PER O", "O I-PER"]), TagScheme::Iob2);
    }
}
