//! What headers call columns.

use super::sentence_ids;

/// What a header calls the column of the words, where it is no column of whole texts.
pub(super) const WORDS: [&str; 6] = ["word", "words", "token", "tokens", "form", "term"];

/// The same, where texts are cut into words.
pub(super) const WORDS_OR_TEXTS: [&str; 7] = ["word", "words", "token", "tokens", "form", "text", "term"];

/// What a header calls the column of the tags.
pub(super) const TAGS: [&str; 13] = [
    "tag", "tags", "label", "labels", "ner", "ner_tag", "ner_tags", "ner-tag", "entity", "entities", "bio",
    "iob", "ne",
];

/// What it calls other columns.
const OTHERS: [&str; 32] = [
    "id",
    "token_id",
    "tokenid",
    "token id",
    "word_id",
    "wordid",
    "word id",
    "index",
    "idx",
    "token_index",
    "word_index",
    "no",
    "nr",
    "position",
    "offset",
    "start",
    "end",
    "begin",
    "pos",
    "upos",
    "xpos",
    "pos_tag",
    "postag",
    "pos_tags",
    "lemma",
    "lemmas",
    "chunk",
    "head",
    "deprel",
    "feats",
    "misc",
    "shape",
];

/// Whether a name is that of another column than the words, as far as headers have known ones.
pub(super) fn is_of_another(name: &str) -> bool {
    let name = name.to_lowercase();
    let has_part = || name.split(['_', '-', ' ']).any(|part| TAGS.contains(&part));
    OTHERS.contains(&name.as_str()) || sentence_ids::is_name(&name) || has_part()
}
