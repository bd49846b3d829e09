//! Annotations written into the text.

use std::cmp::Reverse;

/// A span with its tags: `[ span | tag | attribute = value ]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// The tags, each a list of parts written with ` = ` between them.
    pub tags: Vec<Vec<String>>,
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
}

/// An augmented text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Augmented {
    /// The text.
    pub text: String,
    /// Indices of the annotations left out because they cross another one, in sorted order of their spans.
    pub dropped: Vec<usize>,
    /// Indices of the annotations that were written, in the order of their closing brackets.
    pub closing: Vec<usize>,
}

/// Writes `annotations` into `tokens`, with single spaces.
///
/// Spans nest by position; of two equal spans the earlier is outside. A span that starts inside another and
/// ends beyond it cannot be written and is dropped. All spans should lie within the tokens.
///
/// ```
/// use fishdip_tasks::codec::{Annotation, augment};
///
/// let tags = vec![vec!["person".to_owned()], vec!["born in".to_owned(), "here".to_owned()]];
/// let annotation = Annotation { tags, start: 0, end: 1 };
/// let text = augment(&["Tolkien", "was", "born", "here"], &[annotation]).text;
/// assert_eq!(text, "[ Tolkien | person | born in = here ] was born here");
/// ```
pub fn augment<S: AsRef<str>>(tokens: &[S], annotations: &[Annotation]) -> Augmented {
    let mut order: Vec<usize> = (0..annotations.len()).collect();
    order.sort_by_key(|&i| (annotations[i].start, Reverse(annotations[i].end)));

    let mut writer =
        Writer { tokens, out: Vec::with_capacity(tokens.len() + 5 * annotations.len()), next: 0 };
    let mut open: Vec<usize> = Vec::new();
    let (mut dropped, mut closing) = (Vec::new(), Vec::new());
    for i in order {
        let span = &annotations[i];
        // Asked before anything is closed: with `a b` open, a span over `b c` would close it, though it is
        // dropped and one over `b`, which comes next, still belongs inside.
        let crosses =
            |other: &Annotation| other.start < span.start && span.start < other.end && other.end < span.end;
        if open.iter().any(|&other| crosses(&annotations[other])) {
            dropped.push(i);
            continue;
        }
        let holds = |top: &Annotation| top.start <= span.start && span.end <= top.end;
        while let Some(top) = open.pop_if(|top| !holds(&annotations[*top])) {
            writer.close(&annotations[top]);
            closing.push(top);
        }
        writer.copy_to(span.start);
        writer.out.push("[");
        open.push(i);
    }
    for top in open.into_iter().rev() {
        writer.close(&annotations[top]);
        closing.push(top);
    }
    writer.copy_to(tokens.len());
    Augmented { text: writer.out.join(" "), dropped, closing }
}

/// The same without nesting: of spans that overlap only the outermost or first is written, of equal ones the
/// earlier.
pub fn augment_flat<S: AsRef<str>>(tokens: &[S], annotations: &[Annotation]) -> Augmented {
    let mut order: Vec<usize> = (0..annotations.len()).collect();
    order.sort_by_key(|&i| (annotations[i].start, Reverse(annotations[i].end)));
    let (mut kept, mut dropped, mut end) = (Vec::new(), Vec::new(), 0);
    for i in order {
        if annotations[i].start < end {
            dropped.push(i);
        } else {
            kept.push(i);
            end = annotations[i].end;
        }
    }
    let outermost: Vec<Annotation> = kept.iter().map(|&i| annotations[i].clone()).collect();
    let Augmented { text, closing, .. } = augment(tokens, &outermost);
    Augmented { text, dropped, closing: closing.into_iter().map(|i| kept[i]).collect() }
}

/// The text so far, and the next token to copy.
struct Writer<'a, S> {
    tokens: &'a [S],
    out: Vec<&'a str>,
    next: usize,
}

impl<'a, S: AsRef<str>> Writer<'a, S> {
    fn copy_to(&mut self, end: usize) {
        let tokens = self.tokens.get(self.next..end).unwrap_or_default();
        self.out.extend(tokens.iter().map(AsRef::as_ref));
        self.next = self.next.max(end);
    }

    fn close(&mut self, span: &'a Annotation) {
        self.copy_to(span.end);
        for tag in &span.tags {
            if let Some((first, rest)) = tag.split_first() {
                if !first.is_empty() {
                    self.out.extend(["|", first]);
                }
                self.out.extend(rest.iter().flat_map(|part| ["=", part]));
            }
        }
        self.out.push("]");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(label: &str, start: usize, end: usize) -> Annotation {
        Annotation { tags: vec![vec![label.to_owned()]], start, end }
    }

    fn text(tokens: &str, annotations: &[Annotation]) -> String {
        augment(&tokens.split(' ').collect::<Vec<_>>(), annotations).text
    }

    #[test]
    fn tolkien() {
        let tags = vec![vec!["person".to_owned()], vec!["born in".to_owned(), "here".to_owned()]];
        let annotations = [Annotation { tags, start: 0, end: 1 }, span("location", 3, 4)];
        let expected = "[ Tolkien | person | born in = here ] was born [ here | location ]";
        assert_eq!(text("Tolkien was born here", &annotations), expected);
    }

    #[test]
    fn spans_without_tags_or_first_parts() {
        let bare = |tags| [Annotation { tags, start: 0, end: 1 }];
        assert_eq!(text("X", &bare(vec![])), "[ X ]");
        assert_eq!(text("X", &bare(vec![vec![]])), "[ X ]");
        assert_eq!(text("X", &bare(vec![vec![String::new(), "v".to_owned()]])), "[ X = v ]");
    }

    #[test]
    fn nesting_is_by_position() {
        let annotations = [span("inner", 1, 2), span("outer", 0, 3), span("last", 2, 3)];
        assert_eq!(text("a b c", &annotations), "[ a [ b | inner ] [ c | last ] | outer ]");
        let equal = [span("first", 0, 1), span("second", 0, 1)];
        assert_eq!(text("a b", &equal), "[ [ a | second ] | first ] b");
        assert_eq!(augment(&["a", "b"], &equal).closing, [1, 0]);
        assert_eq!(augment(&["a", "b", "c"], &annotations).closing, [0, 2, 1]);
    }

    #[test]
    fn flat_text_has_the_outermost_spans() {
        let tokens = ["a", "b", "c", "d"];
        let annotations =
            [span("in", 1, 2), span("out", 0, 2), span("same", 0, 2), span("cross", 1, 3), span("d", 3, 4)];
        let flat = augment_flat(&tokens, &annotations);
        assert_eq!(flat.text, "[ a b | out ] c [ d | d ]");
        assert_eq!((flat.dropped, flat.closing), (vec![2, 3, 0], vec![1, 4]));
        assert_eq!(augment_flat(&tokens, &annotations[4..]), augment(&tokens, &annotations[4..]));
    }

    #[test]
    fn crossing_spans_are_dropped() {
        let annotations = [span("x", 0, 2), span("y", 1, 3)];
        let tokens = ["a", "b", "c"];
        let augmented = augment(&tokens, &annotations);
        assert_eq!(augmented.text, "[ a b | x ] c");
        assert_eq!(augmented.dropped, [1]);
        let touching = [span("x", 0, 2), span("y", 2, 3)];
        assert!(augment(&tokens, &touching).dropped.is_empty());
    }

    #[test]
    fn no_tokens_no_text() {
        assert_eq!(augment::<&str>(&[], &[]).text, "");
    }
}
