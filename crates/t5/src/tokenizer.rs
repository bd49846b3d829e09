//! Text to piece ids and back.

use std::ops::Range;
use std::path::Path;

use crate::{Error, T5Config};

/// What SentencePiece writes for a space.
const SPACE: char = '▁';

/// A T5 tokenizer, read from `tokenizer.json`.
#[derive(Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    eos: u32,
    unknown: Option<u32>,
    special: Vec<u32>,
}

/// A stretch of text that the vocabulary has no piece for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The characters.
    pub text: String,
    /// Where they stand, in characters (Unicode scalar values).
    pub chars: Range<usize>,
}

impl Tokenizer {
    /// Reads `tokenizer.json` of the folder `dir` and checks that it fits the model.
    pub fn load(dir: &Path, config: &T5Config) -> Result<Self, Error> {
        let path = dir.join("tokenizer.json");
        let bytes = std::fs::read(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
        let inner = tokenizers::Tokenizer::from_bytes(bytes)
            .map_err(|e| Error::Damaged { path: path.clone(), reason: e.to_string() })?;
        let pieces = inner.get_vocab(true).into_values().max().map_or(0, |id| id as usize + 1);
        if pieces > config.vocab_size {
            return Err(Error::TokenizerTooLarge { path, pieces, rows: config.vocab_size });
        }
        let mut special: Vec<u32> = inner
            .get_added_tokens_decoder()
            .into_iter()
            .filter(|(_, token)| token.special)
            .map(|(id, _)| id)
            .collect();
        special.extend([config.pad_token_id, config.eos_token_id]);
        special.sort_unstable();
        special.dedup();
        Ok(Self { unknown: inner.token_to_id("<unk>"), inner, eos: config.eos_token_id, special })
    }

    /// The pieces of `text`, followed by the end of the sequence.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, Error> {
        let encoding = self.encoding(text)?;
        Ok(encoding.get_ids().iter().copied().chain([self.eos]).collect())
    }

    /// The parts of `text` that become the unknown piece and so cannot come back.
    pub fn lost(&self, text: &str) -> Result<Vec<Lost>, Error> {
        let Some(unknown) = self.unknown else { return Ok(Vec::new()) };
        let encoding = self.encoding(text)?;
        let pieces = encoding.get_ids().iter().zip(encoding.get_offsets());
        let lost = pieces.filter(|&(&id, _)| id == unknown).map(|(_, &(start, end))| Lost {
            text: text.chars().skip(start).take(end - start).collect(),
            chars: start..end,
        });
        Ok(lost.collect())
    }

    /// The text of `ids`, special pieces left out, and for each id the bytes of the text that it stands for (an empty
    /// range for a special piece).
    pub fn decode(&self, ids: &[u32]) -> (String, Vec<Range<usize>>) {
        let mut text = String::new();
        let mut ranges = Vec::with_capacity(ids.len());
        let mut first = true;
        for &id in ids {
            let start = text.len();
            if self.special.binary_search(&id).is_err() {
                let piece = self.inner.id_to_token(id).unwrap_or_default();
                let piece = piece.replace(SPACE, " ");
                // The first piece's space is the tokenizer's own.
                text.push_str(if first { piece.strip_prefix(' ').unwrap_or(&piece) } else { &piece });
                first = false;
            }
            ranges.push(start..text.len());
        }
        (text, ranges)
    }

    fn encoding(&self, text: &str) -> Result<tokenizers::Encoding, Error> {
        self.inner
            .encode_char_offsets(text, false)
            .map_err(|e| Error::Tokenize { text: text.chars().take(80).collect(), reason: e.to_string() })
    }
}
