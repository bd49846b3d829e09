//! `spiece.model`, the file of SentencePiece.

use prost::Message;
use tokenizers::NormalizerWrapper;
use tokenizers::normalizers::replace::ReplacePattern;
use tokenizers::normalizers::{Precompiled, Replace, Sequence, Strip};
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};

use super::parts::{Added, Parts};
use super::{NO_UNIGRAM, SPACE, charsmap};
use crate::T5Config;

/// The end-of-text pieces that T5 adds behind those of the file, `<extra_id_99>` to `<extra_id_0>`.
const EXTRA_IDS: usize = 100;

/// `sentencepiece_model.proto`, as far as it is needed.
#[derive(Clone, PartialEq, Message)]
struct ModelProto {
    #[prost(message, repeated, tag = "1")]
    pieces: Vec<SentencePiece>,
    #[prost(message, optional, tag = "2")]
    trainer_spec: Option<TrainerSpec>,
    #[prost(message, optional, tag = "3")]
    normalizer_spec: Option<NormalizerSpec>,
}

#[derive(Clone, PartialEq, Message)]
struct SentencePiece {
    #[prost(string, optional, tag = "1")]
    piece: Option<String>,
    #[prost(float, optional, tag = "2")]
    score: Option<f32>,
    /// 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
    #[prost(int32, optional, tag = "3")]
    kind: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
struct TrainerSpec {
    /// 1 unigram, 2 BPE, 3 word, 4 char.
    #[prost(int32, optional, tag = "3")]
    model_type: Option<i32>,
    #[prost(bool, optional, tag = "35")]
    byte_fallback: Option<bool>,
}

#[derive(Clone, PartialEq, Message)]
struct NormalizerSpec {
    #[prost(bytes = "vec", optional, tag = "2")]
    precompiled_charsmap: Option<Vec<u8>>,
    #[prost(bool, optional, tag = "3")]
    add_dummy_prefix: Option<bool>,
    #[prost(bool, optional, tag = "4")]
    remove_extra_whitespaces: Option<bool>,
}

/// Reads the content of a file, as `transformers` makes it a tokenizer of its own.
pub(super) fn read(bytes: &[u8], config: &T5Config) -> Result<Parts, String> {
    let model = ModelProto::decode(bytes).map_err(|e| e.to_string())?;
    let trainer = model.trainer_spec.unwrap_or_default();
    if trainer.model_type.unwrap_or(1) != 1 {
        return Err(NO_UNIGRAM.into());
    }
    let normalizer = model.normalizer_spec.unwrap_or_default();
    if !normalizer.add_dummy_prefix.unwrap_or(true) || !normalizer.remove_extra_whitespaces.unwrap_or(true) {
        return Err("it keeps white space in another way than T5's tokenizers".into());
    }
    let kind = |piece: &SentencePiece| piece.kind.unwrap_or(1);
    let unknown = model.pieces.iter().position(|piece| kind(piece) == 2).ok_or("it has no unknown piece")?;
    let text = |piece: &SentencePiece| piece.piece.clone().unwrap_or_default();
    let mut vocabulary: Vec<(String, f32)> =
        model.pieces.iter().map(|piece| (text(piece), piece.score.unwrap_or_default())).collect();
    let added_piece = |id: usize, content: String, special: bool| Added {
        id: id as u32,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special,
    };
    let mut added: Vec<Added> = (0..)
        .zip(&model.pieces)
        .filter(|(_, piece)| [2, 3, 4].contains(&kind(piece)))
        .map(|(id, piece)| added_piece(id, text(piece), kind(piece) != 4))
        .collect();
    if vocabulary.len() + EXTRA_IDS <= config.vocab_size {
        for number in (0..EXTRA_IDS).rev() {
            let name = format!("<extra_id_{number}>");
            if vocabulary.iter().all(|(piece, _)| *piece != name) {
                added.push(added_piece(vocabulary.len(), name.clone(), true));
                vocabulary.push((name, 0.0));
            }
        }
    }
    let mut normalizers: Vec<NormalizerWrapper> = Vec::new();
    if let Some(map) = normalizer.precompiled_charsmap.filter(|map| !map.is_empty()) {
        // `tokenizers` trusts what is in the table.
        charsmap::check(&map)?;
        normalizers.push(Precompiled::from(&map).map_err(|e| e.to_string())?.into());
    }
    normalizers.push(Strip::new(true, true).into());
    let spaces = Replace::new(ReplacePattern::Regex(" {2,}".to_owned()), " ").map_err(|e| e.to_string())?;
    normalizers.push(spaces.into());
    Ok(Parts {
        vocabulary,
        unknown: Some(unknown),
        byte_fallback: trainer.byte_fallback.unwrap_or_default(),
        normalizer: Some(Sequence::new(normalizers).into()),
        pre_tokenizer: Some(Metaspace::new(SPACE, PrependScheme::Always, true).into()),
        added,
    })
}
