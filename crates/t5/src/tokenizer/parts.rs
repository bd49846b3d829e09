//! What a tokenizer is made of, whichever file it comes from.

use serde::Deserialize;
use tokenizers::{AddedToken, NormalizerWrapper, PreTokenizerWrapper};

use super::unigram::{PieceModel, Pipeline};

/// The pieces and what is done to a text before it is cut.
pub(super) struct Parts {
    /// Pieces and their scores, by id.
    pub(super) vocabulary: Vec<(String, f32)>,
    /// The piece that characters without a piece become.
    pub(super) unknown: Option<usize>,
    /// Whether characters without a piece become the pieces of their bytes.
    pub(super) byte_fallback: bool,
    pub(super) normalizer: Option<NormalizerWrapper>,
    pub(super) pre_tokenizer: Option<PreTokenizerWrapper>,
    pub(super) added: Vec<Added>,
}

/// A piece that is found in a text before the text is cut.
#[derive(Clone, Debug, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "the file has them")]
pub(super) struct Added {
    pub(super) id: u32,
    pub(super) content: String,
    #[serde(default)]
    pub(super) single_word: bool,
    #[serde(default)]
    pub(super) lstrip: bool,
    #[serde(default)]
    pub(super) rstrip: bool,
    #[serde(default)]
    pub(super) normalized: bool,
    #[serde(default)]
    pub(super) special: bool,
}

impl Parts {
    /// The tokenizer, or what is wrong with its parts.
    pub(super) fn build(self) -> Result<Pipeline, String> {
        let pieces = self.vocabulary.len();
        if pieces == 0 || pieces > i32::MAX as usize {
            return Err(format!("it has {pieces} pieces"));
        }
        if let Some(id) = self.unknown.filter(|&id| id >= pieces) {
            return Err(format!("its unknown piece is number {id} of {pieces}"));
        }
        if let Some((piece, score)) = self.vocabulary.iter().find(|(_, score)| !score.is_finite()) {
            return Err(format!("the piece {piece:?} has the score {score}"));
        }
        for added in &self.added {
            // `tokenizers` would give a range that ends before it starts where another such piece takes the spaces before it.
            if added.lstrip && !added.content.is_empty() && added.content.trim().is_empty() {
                return Err(format!(
                    "the piece {:?} is white space that takes the spaces before it",
                    added.content
                ));
            }
        }
        let unknown = self.unknown.map(|id| id as u32);
        let mut pipeline = Pipeline::new(PieceModel::new(self.vocabulary, unknown, self.byte_fallback));
        pipeline.with_normalizer(self.normalizer).map_err(|e| e.to_string())?;
        pipeline.with_pre_tokenizer(self.pre_tokenizer);
        pipeline.add_tokens(self.added.iter().map(Added::token)).map_err(|e| e.to_string())?;
        for added in self.added.iter().filter(|added| !added.content.is_empty()) {
            let id = pipeline.token_to_id(&added.content);
            if id != Some(added.id) {
                let id = id.map_or("no".to_owned(), |id| id.to_string());
                return Err(format!(
                    "the added piece {:?} has number {}, and {id} as a piece",
                    added.content, added.id
                ));
            }
        }
        Ok(pipeline)
    }
}

impl Added {
    fn token(&self) -> AddedToken {
        AddedToken {
            content: self.content.clone(),
            single_word: self.single_word,
            lstrip: self.lstrip,
            rstrip: self.rstrip,
            normalized: self.normalized,
            special: self.special,
        }
    }
}
