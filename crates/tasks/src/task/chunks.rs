//! Documents that are too long for a model, piece by piece.

use super::part::part;
use super::{Task, coref};
use crate::{Decoded, Example, Link, TokenSpan};

/// How a document is cut for coreference: into overlapping chunks, so that what is close is seen together
/// once at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunking {
    /// Tokens in a chunk.
    pub size: usize,
    /// Tokens that a chunk shares with the next.
    pub overlap: usize,
}

/// A part of an example: a chunk of a document, or a [window](Task::windows).
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// How many tokens are before it; of a text without tokens, words.
    pub offset: usize,
    /// The part: its tokens, and the annotations fully within it; of clusters, those that have two or more
    /// mentions there.
    pub example: Example,
}

impl Default for Chunking {
    /// As the original: 128 tokens, 64 of them shared.
    fn default() -> Self {
        Self { size: 128, overlap: 64 }
    }
}

impl Chunking {
    /// The chunks of a document. The last ends with the document; a chunk has at least one token of its own.
    pub fn chunks(self, document: &Example) -> Vec<Chunk> {
        let size = self.size.max(1);
        let stride = size.saturating_sub(self.overlap).max(1);
        let mut chunks = Vec::new();
        let mut offset = 0;
        while offset < document.tokens.len() {
            let end = (offset + size).min(document.tokens.len());
            chunks.push(Chunk { offset, example: part(document, offset..end, chunks.len()) });
            if end == document.tokens.len() {
                break;
            }
            offset += stride;
        }
        chunks
    }
}

impl Task {
    /// What a model learns from `example`, text by text: of a document its chunks, otherwise its
    /// [instances](Task::instances).
    pub fn training_inputs(&self, example: &Example) -> Vec<Example> {
        let instances = self.instances(example);
        instances.iter().flat_map(|instance| self.chunks(instance)).map(|chunk| chunk.example).collect()
    }

    /// What was found in the chunks of one document, each with its offset, as found in the whole document.
    ///
    /// The repairs are left out: they speak of several outputs.
    pub fn join_chunks<'a>(&self, chunks: impl IntoIterator<Item = (usize, &'a Decoded)>) -> Decoded {
        let mut whole = Decoded::default();
        for (offset, chunk) in chunks {
            let shift = |span: TokenSpan| TokenSpan::new(span.start + offset, span.end + offset);
            whole.links.extend(chunk.links.iter().map(|link| Link {
                mention: shift(link.mention),
                antecedent: link.antecedent.map(shift),
                markup: link.markup.clone(),
            }));
            whole.wrong_reconstruction |= chunk.wrong_reconstruction;
            whole.format_error |= chunk.format_error;
            whole.label_error |= chunk.label_error;
            whole.entity_error |= chunk.entity_error;
        }
        whole.clusters = coref::clusters(self, &whole.links);
        whole
    }

    /// The mentions of each thing that is spoken of, as `links` have it: each cluster sorted, clusters by
    /// first mention.
    pub fn clusters<'a>(&self, links: impl IntoIterator<Item = &'a Link>) -> Vec<Vec<TokenSpan>> {
        coref::clusters(self, links)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use super::*;
    use crate::Mode;

    fn document() -> Example {
        let mut document = Example::new((0..300).map(|i| format!("t{i}")));
        let mention = |start| TokenSpan::new(start, start + 1);
        document.clusters = vec![
            [10, 70, 130, 190, 250, 299].map(mention).to_vec(),
            vec![mention(5), TokenSpan::new(100, 102)],
            vec![mention(0), mention(298)],
        ];
        document
    }

    #[test]
    fn chunks_overlap_by_half() {
        let chunks = Chunking::default().chunks(&document());
        let cut: Vec<_> = chunks.iter().map(|chunk| (chunk.offset, chunk.example.tokens.len())).collect();
        assert_eq!(cut, [(0, 128), (64, 128), (128, 128), (192, 108)]);
        assert_eq!(chunks[0].example.clusters.len(), 2);
        assert_eq!(chunks[1].example.clusters, [[6, 66, 126].map(|i| TokenSpan::new(i, i + 1)).to_vec()]);
        assert!(Chunking::default().chunks(&Example::default()).is_empty());
        assert_eq!(Chunking { size: 0, overlap: 9 }.chunks(&Example::new(["a", "b"])).len(), 2);
        let short = Example::new(["a", "b"]);
        assert_eq!(Chunking::default().chunks(&short)[0].example.tokens, short.tokens);
    }

    #[test]
    fn what_chunks_share_joins_them() {
        for mode in [Mode::Fixed, Mode::Reference] {
            let task = Task::coref(mode);
            let chunks = Chunking::default().chunks(&document());
            let found: Vec<_> = chunks
                .iter()
                .map(|chunk| {
                    let target = task.encode(&chunk.example).unwrap().target;
                    (chunk.offset, task.decode(&chunk.example, &target))
                })
                .collect();
            let whole = task.join_chunks(found.iter().map(|(offset, decoded)| (*offset, decoded)));
            // The third cluster is never seen together.
            let mut expected = document().clusters;
            expected.pop();
            expected.sort();
            assert_eq!(whole.clusters, expected);
            let report = task.score([(&document(), &whole)]);
            assert!(report.headline() > 0.8 && report.headline() < 1.0);
        }
    }
}
