//! Unigram models cut as SentencePiece cuts: `tokenizers` adds scores up in f64 and for each word anew, SentencePiece in f32 over the
//! whole text, which decides between cuts of equal score such as `h hhh` and `hhh h`.

use std::cell::Cell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use tokenizers::models::unigram::{Unigram, UnigramTrainer};
use tokenizers::{
    DecoderWrapper, Model, NormalizerWrapper, PostProcessorWrapper, PreTokenizedString, PreTokenizerWrapper,
    Result, Token, TokenizerImpl, TruncationDirection,
};

/// What SentencePiece takes from the lowest score for a character without a piece.
const UNKNOWN_PENALTY: f32 = 10.0;

/// A tokenizer of SentencePiece's.
pub(super) type Pipeline =
    TokenizerImpl<PieceModel, NormalizerWrapper, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>;

/// The pieces of a vocabulary.
#[derive(Debug)]
pub(super) struct PieceModel {
    unknown: Option<u32>,
    unknown_score: f32,
    byte_fallback: bool,
    /// By their bytes.
    sorted: Vec<Piece>,
    /// Where each piece stands in `sorted`, by id.
    places: Vec<usize>,
}

#[derive(Debug)]
struct Piece {
    text: String,
    id: u32,
    score: f32,
}

/// The best way to cut a text up to some place.
#[derive(Clone, Copy)]
struct Best {
    score: f32,
    /// Where the last piece begins.
    start: usize,
    /// The last piece, `None` for a character without one.
    id: Option<u32>,
}

impl PieceModel {
    /// Pieces with their scores, by id, and the unknown one. With `byte_fallback`, characters without a piece become their bytes.
    pub(super) fn new(vocabulary: Vec<(String, f32)>, unknown: Option<u32>, byte_fallback: bool) -> Self {
        let piece = |(id, (text, score))| Piece { text, id, score };
        let mut sorted: Vec<Piece> = (0..).zip(vocabulary).map(piece).collect();
        sorted.sort_by(|a, b| a.text.cmp(&b.text));
        let lowest = sorted.iter().fold(f32::INFINITY, |lowest, piece| lowest.min(piece.score));
        let mut places = vec![0; sorted.len()];
        for (place, piece) in sorted.iter().enumerate() {
            places[piece.id as usize] = place;
        }
        Self { unknown, unknown_score: lowest - UNKNOWN_PENALTY, byte_fallback, sorted, places }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.sorted.len()
    }

    /// The id of the unknown piece.
    pub(super) fn unknown(&self) -> Option<u32> {
        self.unknown
    }

    /// The pieces that `text` begins with, the shortest first.
    fn beginnings(&self, text: &[u8]) -> impl Iterator<Item = &Piece> {
        let mut rest = self.sorted.as_slice();
        let longer = text.iter().enumerate().map_while(move |(at, byte)| {
            let next = |piece: &Piece| piece.text.as_bytes().get(at).copied();
            let from = rest.partition_point(|piece| next(piece) < Some(*byte));
            let to = from + rest[from..].partition_point(|piece| next(piece) == Some(*byte));
            rest = &rest[from..to];
            rest.first().map(|first| (first, at + 1))
        });
        longer.filter(|(first, length)| first.text.len() == *length).map(|(first, _)| first)
    }

    /// The pieces of a word, whose text before it has the best score `before`, which becomes that of the text with it.
    fn cut(&self, word: &str, before: &Cell<f32>) -> Vec<(usize, Option<u32>)> {
        let mut ends: Vec<Option<Best>> = vec![None; word.len() + 1];
        ends[0] = Some(Best { score: before.get(), start: 0, id: None });
        for (start, char) in word.char_indices() {
            let Some(till) = ends[start].map(|best| best.score) else { continue };
            let mut offer = |length: usize, score: f32, id: Option<u32>| {
                let end = &mut ends[start + length];
                if end.is_none_or(|best| till + score > best.score) {
                    *end = Some(Best { score: till + score, start, id });
                }
            };
            let mut alone = false;
            for piece in self.beginnings(&word.as_bytes()[start..]) {
                alone |= piece.text.len() == char.len_utf8();
                offer(piece.text.len(), piece.score, Some(piece.id));
            }
            if !alone {
                offer(char.len_utf8(), self.unknown_score, None);
            }
        }
        let mut pieces = Vec::new();
        let mut end = word.len();
        before.set(ends[end].map_or(before.get(), |best| best.score));
        while let Some(best) = ends[end].filter(|_| end > 0) {
            pieces.push((best.start, best.id));
            end = best.start;
        }
        pieces.reverse();
        pieces
    }

    fn tokens(&self, word: &str, before: &Cell<f32>) -> Result<Vec<Token>> {
        let pieces = self.cut(word, before);
        let ends = pieces.iter().skip(1).map(|(start, _)| *start).chain([word.len()]);
        let all: Vec<(usize, usize, Option<u32>)> =
            pieces.iter().zip(ends).map(|(&(start, id), end)| (start, end, id)).collect();
        let mut tokens = Vec::with_capacity(all.len());
        // Characters without a piece that follow one another are one unknown piece.
        for run in all.chunk_by(|a, b| a.2.is_none() && b.2.is_none()) {
            let (Some(&(start, _, id)), Some(&(_, end, _))) = (run.first(), run.last()) else { continue };
            match id {
                Some(id) => tokens.push(Token::new(id, word[start..end].into(), (start, end))),
                None => tokens.extend(self.without_piece(&word[start..end], start)?),
            }
        }
        Ok(tokens)
    }

    /// The pieces of the bytes of `text`, if the vocabulary has them, or the unknown piece.
    fn without_piece(&self, text: &str, start: usize) -> Result<Vec<Token>> {
        let offsets = (start, start + text.len());
        let token = |name: String| self.token_to_id(&name).map(|id| Token::new(id, name, offsets));
        let bytes = text.bytes().map(|byte| token(format!("<0x{byte:02X}>")));
        let bytes = if self.byte_fallback { bytes.collect::<Option<Vec<_>>>() } else { None };
        let one = || self.unknown.map(|id| vec![Token::new(id, text.into(), offsets)]);
        bytes.or_else(one).ok_or_else(|| format!("no piece for {text:?}, and no unknown piece").into())
    }
}

impl Model for PieceModel {
    type Trainer = UnigramTrainer;

    fn tokenize(&self, sequence: &str) -> Result<Vec<Token>> {
        self.tokens(sequence, &Cell::new(0.0))
    }

    /// No piece goes over the end of a word, so that a text can be cut word by word, as long as scores are added up over all of them.
    fn tokenize_in_pretokenized(
        &self,
        text: &mut PreTokenizedString,
        _: Option<(usize, TruncationDirection)>,
    ) -> Result<()> {
        let score = Cell::new(0.0);
        text.tokenize(|word| self.tokens(word.get(), &score))
    }

    fn token_to_id(&self, token: &str) -> Option<u32> {
        let place = self.sorted.partition_point(|piece| *piece.text < *token);
        self.sorted.get(place).filter(|piece| piece.text == token).map(|piece| piece.id)
    }

    fn id_to_token(&self, id: u32) -> Option<String> {
        self.places.get(id as usize).map(|&place| self.sorted[place].text.clone())
    }

    fn get_vocab(&self) -> HashMap<String, u32> {
        self.sorted.iter().map(|piece| (piece.text.clone(), piece.id)).collect()
    }

    fn get_vocab_size(&self) -> usize {
        self.count()
    }

    fn save(&self, folder: &Path, prefix: Option<&str>) -> Result<Vec<PathBuf>> {
        let by_id = self.places.iter().map(|&place| &self.sorted[place]);
        let vocabulary = by_id.map(|piece| (piece.text.clone(), f64::from(piece.score))).collect();
        Unigram::from(vocabulary, self.unknown.map(|id| id as usize), self.byte_fallback)?
            .save(folder, prefix)
    }

    fn get_trainer(&self) -> UnigramTrainer {
        UnigramTrainer::default()
    }
}
