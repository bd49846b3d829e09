//! Text to piece ids and back.

mod charsmap;
mod json;
mod parts;
mod spiece;
mod stages;
mod unigram;

use std::ops::Range;
use std::path::{Path, PathBuf};

use fishdip_peft::read_file;

use crate::{Error, T5Config};
use unigram::Pipeline;

/// What SentencePiece writes for a space.
const SPACE: char = '▁';

/// What is wrong with tokenizers of another kind.
const NO_UNIGRAM: &str = "it is no unigram model, which T5's tokenizers are";

/// Bytes of a tokenizer's file. Those of the largest models of the family have some 16 MB.
const LARGEST_FILE: u64 = 256 << 20;

/// The id of byte 0 in ByT5, behind padding, end and unknown (arXiv 2105.13626).
const FIRST_BYTE: u32 = 3;

/// A tokenizer of the T5 family.
#[derive(Debug)]
pub struct Tokenizer {
    vocabulary: Vocabulary,
    eos: u32,
    special: Vec<u32>,
    file: Option<PathBuf>,
}

#[derive(Debug)]
enum Vocabulary {
    Pieces {
        inner: Box<Pipeline>,
    },
    /// ByT5: the bytes of the text.
    Bytes,
}

/// A stretch of text that does not come back as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The characters.
    pub text: String,
    /// Where they stand, in characters (Unicode scalar values).
    pub chars: Range<usize>,
    /// What becomes of them.
    pub kind: LostKind,
}

/// What becomes of a stretch of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostKind {
    /// It becomes the unknown piece.
    Unknown,
    /// Of several spaces, or of spaces at an end of the text, at most one is left.
    Spaces,
}

impl Tokenizer {
    /// Reads `tokenizer.json` of the folder `dir`, or else `spiece.model`, and checks that it fits the model. A ByT5 model needs no file.
    pub fn load(dir: &Path, config: &T5Config) -> Result<Self, Error> {
        let (path, spiece) = (dir.join("tokenizer.json"), dir.join("spiece.model"));
        if !path.exists() && config.reads_bytes() {
            let pieces = FIRST_BYTE as usize + 256;
            if pieces > config.vocab_size {
                return Err(Error::TokenizerTooLarge { path: dir.into(), pieces, rows: config.vocab_size });
            }
            let special = vec![config.pad_token_id, config.eos_token_id];
            let eos = config.eos_token_id;
            return Ok(Self { vocabulary: Vocabulary::Bytes, eos, special, file: None });
        }
        let from_spiece = !path.exists() && spiece.exists();
        let path = if from_spiece { spiece } else { path };
        let bytes =
            read_file(&path, LARGEST_FILE).map_err(|source| Error::Read { path: path.clone(), source })?;
        let parts = if from_spiece { spiece::read(&bytes, config) } else { json::read(&bytes) };
        let damaged = |reason| Error::Damaged { path: path.clone(), reason };
        let inner = parts.and_then(parts::Parts::build).map_err(damaged)?;
        let added = inner.get_added_tokens_decoder();
        let pieces = added.keys().map(|&id| id as usize + 1).fold(inner.get_model().count(), usize::max);
        if pieces > config.vocab_size {
            return Err(Error::TokenizerTooLarge { path, pieces, rows: config.vocab_size });
        }
        let mut special: Vec<u32> =
            added.into_iter().filter(|(_, token)| token.special).map(|(id, _)| id).collect();
        special.extend([config.pad_token_id, config.eos_token_id]);
        special.sort_unstable();
        special.dedup();
        let vocabulary = Vocabulary::Pieces { inner: Box::new(inner) };
        Ok(Self { vocabulary, eos: config.eos_token_id, special, file: Some(path) })
    }

    /// The file that it was read from, if it needs one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The piece that ends a sequence.
    pub fn end(&self) -> u32 {
        self.eos
    }

    /// The pieces `<extra_id_0>`, `<extra_id_1>` and so on, in this order: what T5's span corruption marks gaps with. A tokenizer of another
    /// kind has none.
    pub fn sentinels(&self) -> Vec<u32> {
        let Vocabulary::Pieces { inner } = &self.vocabulary else { return Vec::new() };
        (0..).map_while(|number: usize| inner.token_to_id(&format!("<extra_id_{number}>"))).collect()
    }

    /// The pieces of `text`, followed by the end of the sequence.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, Error> {
        let mut ids = self.pieces(text)?;
        ids.push(self.eos);
        Ok(ids)
    }

    /// The pieces of `word` within a text, or at its very start. Those of a text with single spaces are those of its words, but for
    /// words such as `hhhh` that can be cut in several ways of equal score, which what stands before them decides in a text.
    pub fn word(&self, word: &str, at_start: bool) -> Result<Vec<u32>, Error> {
        match self.vocabulary {
            Vocabulary::Bytes if !at_start => self.pieces(&format!(" {word}")),
            // SentencePiece puts a space before a text.
            _ => self.pieces(word),
        }
    }

    fn pieces(&self, text: &str) -> Result<Vec<u32>, Error> {
        match &self.vocabulary {
            Vocabulary::Pieces { inner } => Ok(encoding(inner, text)?.get_ids().to_vec()),
            Vocabulary::Bytes => Ok(text.bytes().map(|byte| u32::from(byte) + FIRST_BYTE).collect()),
        }
    }

    /// The parts of `text` that cannot come back: those that become the unknown piece, and spaces beside spaces. Sorted by place.
    pub fn lost(&self, text: &str) -> Result<Vec<Lost>, Error> {
        let Vocabulary::Pieces { inner } = &self.vocabulary else { return Ok(Vec::new()) };
        let (encoding, unknown) = (encoding(inner, text)?, inner.get_model().unknown());
        let pieces = encoding.get_ids().iter().zip(encoding.get_offsets());
        let unknown = pieces.filter(|&(&id, _)| Some(id) == unknown).map(|(_, &(start, end))| Lost {
            text: text.chars().skip(start).take(end.saturating_sub(start)).collect(),
            chars: start..end,
            kind: LostKind::Unknown,
        });
        let mut lost: Vec<Lost> = unknown.chain(squeezed(text)).collect();
        lost.sort_by_key(|lost| (lost.chars.start, lost.chars.end));
        Ok(lost)
    }

    /// The text of `ids`, special pieces left out, and for each id the bytes of the text that it stands for (an empty
    /// range for a special piece, and for bytes that are no text).
    pub fn decode(&self, ids: &[u32]) -> (String, Vec<Range<usize>>) {
        match &self.vocabulary {
            Vocabulary::Pieces { inner } => self.decode_pieces(inner, ids),
            Vocabulary::Bytes => decode_bytes(ids),
        }
    }

    fn decode_pieces(&self, inner: &Pipeline, ids: &[u32]) -> (String, Vec<Range<usize>>) {
        let mut text = String::new();
        let mut ranges = Vec::with_capacity(ids.len());
        let mut first = true;
        for &id in ids {
            let start = text.len();
            if self.special.binary_search(&id).is_err() {
                let piece = inner.id_to_token(id).unwrap_or_default();
                let piece = piece.replace(SPACE, " ");
                // The first piece's space is the tokenizer's own.
                text.push_str(if first { piece.strip_prefix(' ').unwrap_or(&piece) } else { &piece });
                first = false;
            }
            ranges.push(start..text.len());
        }
        (text, ranges)
    }
}

fn encoding(inner: &Pipeline, text: &str) -> Result<tokenizers::Encoding, Error> {
    inner
        .encode_char_offsets(text, false)
        .map_err(|e| Error::Tokenize { text: text.chars().take(80).collect(), reason: e.to_string() })
}

/// White space of which at most one space is left.
fn squeezed(text: &str) -> Vec<Lost> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut start = 0;
    for run in chars.chunk_by(|a, b| a.is_whitespace() == b.is_whitespace()) {
        let range = start..start + run.len();
        start = range.end;
        let at_an_end = range.start == 0 || range.end == chars.len();
        if run[0].is_whitespace() && (run.len() > 1 || at_an_end) {
            found.push(Lost { text: run.iter().collect(), chars: range, kind: LostKind::Spaces });
        }
    }
    found
}

/// What is no UTF-8 is left out, as `transformers` leaves it out.
fn decode_bytes(ids: &[u32]) -> (String, Vec<Range<usize>>) {
    let byte = |&id: &u32| id.checked_sub(FIRST_BYTE).and_then(|byte| u8::try_from(byte).ok());
    let bytes: Vec<u8> = ids.iter().filter_map(byte).collect();
    let mut text = String::with_capacity(bytes.len());
    let mut of_bytes = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        of_bytes.extend((0..chunk.valid().len()).map(|at| text.len() + at..text.len() + at + 1));
        text.push_str(chunk.valid());
        of_bytes.extend(chunk.invalid().iter().map(|_| text.len()..text.len()));
    }
    let mut of_bytes = of_bytes.into_iter();
    let mut last = 0;
    let ranges = ids.iter().map(|id| {
        let range = byte(id).and_then(|_| of_bytes.next()).unwrap_or(last..last);
        last = range.end;
        range
    });
    let ranges = ranges.collect();
    (text, ranges)
}
