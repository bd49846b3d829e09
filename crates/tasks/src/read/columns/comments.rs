//! Lines that begin with `#`: comments in some files, hashtags in others.

use std::collections::BTreeSet;

use super::Cut;
use crate::tags::is_tag;

/// What tells comments from tokens in a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Comments {
    cut: Cut,
    width: usize,
    /// What stands in the last column of the lines that do not begin with `#`.
    ends: BTreeSet<String>,
}

impl Comments {
    /// From the lines that do not begin with `#`.
    pub(super) fn of<'a>(cut: Cut, width: usize, lines: impl Iterator<Item = &'a str>) -> Self {
        let ends = lines.filter_map(|line| cut.fields(line).last().map(|&end| end.to_owned())).collect();
        Self { cut, width, ends }
    }

    /// Whether a line is a comment: it begins with `#`, is no single word, and has not the columns of a
    /// token.
    ///
    /// One with a column too many or too few, but with a tag at its end, is no comment, so that it is told
    /// rather than left out.
    pub(super) fn is(&self, line: &str) -> bool {
        if !line.starts_with('#') {
            return false;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.len() == 1 {
            return false;
        }
        // `# sent_id = 7`, of CoNLL-U.
        if words[0] == "#" && words.get(2) == Some(&"=") {
            return true;
        }
        let fields = self.cut.fields(line);
        let end = fields.last().copied().unwrap_or_default();
        if fields.len() == self.width {
            // It could be a token `#`. It is one if it ends in a tag, or, as tags may be bare labels, in what
            // other lines end in: `# NAME` beside `Ann NAME`.
            return self.width > 1 && !is_tag(end) && !self.ends.contains(end);
        }
        !words.last().is_some_and(|end| is_tag(end))
    }
}

/// The id of a sentence in the comment `# sent_id = 7` of CoNLL-U, or in `# id = 7`, which this program writes.
pub(in crate::read) fn sentence_id(line: &str) -> Option<&str> {
    let (key, id) = line.strip_prefix('#')?.split_once('=')?;
    let id = id.trim();
    (matches!(key.trim(), "sent_id" | "id") && !id.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comments(text: &str) -> Vec<bool> {
        let others = || text.lines().filter(|line| !line.starts_with('#'));
        let cut = Cut::of(&others().collect::<Vec<_>>());
        let comments = Comments::of(cut, cut.width(others()), others());
        text.lines().map(|line| comments.is(line)).collect()
    }

    #[test]
    fn comments_of_corpora() {
        let multiconer = "# id 12-3\tdomain=en\nann _ _ B-PER\nsings _ _ O";
        let germeval = "#\thttp://example.org [2009]\n1\tAnn\tB-PER\tO";
        let conllu = "# sent_id = 4\n# text = O\nAnn NNP B-NP B-PER";
        assert_eq!(comments(multiconer), [true, false, false]);
        assert_eq!(comments(germeval), [true, false]);
        assert_eq!(comments(conllu), [true, true, false]);
    }

    #[test]
    fn hashtags_are_tokens() {
        assert_eq!(comments("#Rome\tB-LOC\n#\tO\nis\tO"), [false; 3]);
        assert_eq!(comments("# NAME\nBonn PLACE\nAnn NAME"), [false; 3]);
        assert_eq!(comments("#Rome\nis\nbig"), [false; 3]);
        // Not left out in silence.
        assert_eq!(comments("#Rome now B-LOC\nis O"), [false; 2]);
    }
}
