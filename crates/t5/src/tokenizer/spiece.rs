//! `spiece.model`, the file of SentencePiece, as the same model in the terms of `tokenizer.json`.

use std::path::Path;

use prost::Message;
use serde_json::{Value, json};

use super::SPACE;
use crate::{Error, T5Config};

/// The end-of-text pieces that T5 adds behind those of the file, `<extra_id_99>` to `<extra_id_0>`.
const EXTRA_IDS: usize = 100;

/// What is wrong with tokenizers of another kind.
pub(super) const NO_UNIGRAM: &str = "it is no unigram model, which T5's tokenizers are";

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

/// Reads the file at `path` and builds its tokenizer.
pub(super) fn read(path: &Path, config: &T5Config) -> Result<tokenizers::Tokenizer, Error> {
    let damaged = |reason: String| Error::Damaged { path: path.into(), reason };
    let bytes = std::fs::read(path).map_err(|source| Error::Read { path: path.into(), source })?;
    let model = ModelProto::decode(bytes.as_slice()).map_err(|e| damaged(e.to_string()))?;
    let json = tokenizer_json(&model, config).map_err(damaged)?;
    tokenizers::Tokenizer::from_bytes(json.to_string()).map_err(|e| damaged(e.to_string()))
}

/// What `transformers` makes of the file for its own tokenizers.
fn tokenizer_json(model: &ModelProto, config: &T5Config) -> Result<Value, String> {
    let trainer = model.trainer_spec.clone().unwrap_or_default();
    if trainer.model_type.unwrap_or(1) != 1 {
        return Err(NO_UNIGRAM.into());
    }
    let normalizer = model.normalizer_spec.clone().unwrap_or_default();
    if !normalizer.add_dummy_prefix.unwrap_or(true) || !normalizer.remove_extra_whitespaces.unwrap_or(true) {
        return Err("it keeps white space in another way than T5's tokenizers".into());
    }
    let kind = |piece: &SentencePiece| piece.kind.unwrap_or(1);
    let unknown = model.pieces.iter().position(|piece| kind(piece) == 2).ok_or("it has no unknown piece")?;
    let text = |piece: &SentencePiece| piece.piece.clone().unwrap_or_default();
    let mut vocabulary: Vec<(String, f32)> =
        model.pieces.iter().map(|piece| (text(piece), piece.score.unwrap_or_default())).collect();
    let mut added: Vec<(usize, String, bool)> = (0..)
        .zip(&model.pieces)
        .filter(|(_, piece)| [2, 3, 4].contains(&kind(piece)))
        .map(|(id, piece)| (id, text(piece), kind(piece) != 4))
        .collect();
    if vocabulary.len() + EXTRA_IDS <= config.vocab_size {
        for number in (0..EXTRA_IDS).rev() {
            let name = format!("<extra_id_{number}>");
            if vocabulary.iter().all(|(piece, _)| *piece != name) {
                added.push((vocabulary.len(), name.clone(), true));
                vocabulary.push((name, 0.0));
            }
        }
    }
    let added: Vec<Value> = added
        .into_iter()
        .map(|(id, content, special)| {
            json!({
                "id": id, "content": content, "special": special,
                "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
            })
        })
        .collect();
    let metaspace =
        json!({"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": true});
    let mut normalizers = Vec::new();
    if let Some(map) = normalizer.precompiled_charsmap.filter(|map| !map.is_empty()) {
        normalizers.push(json!({"type": "Precompiled", "precompiled_charsmap": base64(&map)}));
    }
    normalizers.push(json!({"type": "Strip", "strip_left": true, "strip_right": true}));
    normalizers.push(json!({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}));
    Ok(json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": {"type": "Sequence", "normalizers": normalizers},
        "pre_tokenizer": metaspace.clone(),
        "post_processor": null,
        "decoder": metaspace,
        "model": {
            "type": "Unigram",
            "unk_id": unknown,
            "vocab": vocabulary,
            "byte_fallback": trainer.byte_fallback.unwrap_or_default(),
        },
    }))
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let all = group.iter().chain(&[0; 2]).take(3).fold(0u32, |all, &byte| all << 8 | u32::from(byte));
        for digit in 0..4 {
            let value = (all >> (18 - 6 * digit)) & 63;
            text.push(if digit <= group.len() { char::from(DIGITS[value as usize]) } else { '=' });
        }
    }
    text
}
