//! The keys of every layout of JSON whose objects are told by their keys.
//!
//! They stand here, below the readers, since what an object of the wrong layout
//! [seems](super::recognize::seems) to be is said by any reader of any of them.

use super::Keys;

/// The layouts whose objects have keys of their own, for [`recognize`](super::recognize).
pub(in crate::read) const BY_KEYS: &[&Keys] = &[
    &NYT,
    &TRIPLES,
    &FEWREL_HUB,
    &TACRED,
    &OPENNRE,
    &DYGIE,
    &ACE_EVENTS,
    &ACE_ENTITIES,
    &SPERT,
    &CONLL12,
    &COREF_JSON,
    &SGD,
    &JSONL,
];

pub(in crate::read) const JSONL: Keys = Keys {
    format: "jsonl",
    item: "example",
    id: &["id"],
    needed: &[],
    read: &[
        "tokens",
        "entities",
        "relations",
        "intent",
        "slots",
        "predicate",
        "roles",
        "head",
        "tail",
        "relation",
        "history",
        "belief",
        "clusters",
        "triggers",
        "arguments",
        "text",
        "label",
    ],
    // What a model wrote, which is for those who decode, how sure it was, and SpERT's number of the sentence.
    ignored: &["output", "score", "orig_id"],
};

/// Examples with what a model wrote for each, and with what [`encode`](crate::interchange::encode) made of it.
pub(in crate::read) const ANSWERED: Keys = Keys {
    ignored: &[
        "output", "response", "content", "messages", "score", "orig_id", "source", "target", "dropped",
    ],
    ..JSONL
};

/// A prompt, and what a model wrote.
pub(in crate::read) const PROMPT: Keys = Keys {
    format: "jsonl",
    item: "prompt",
    id: &["id"],
    needed: &["gold"],
    read: &["messages", "source", "output", "response", "content"],
    ignored: &[],
};

/// What a model wrote, with the id of what it was asked.
pub(in crate::read) const ANSWER: Keys = Keys {
    format: "jsonl",
    item: "answer",
    id: &["id"],
    needed: &[],
    read: &["messages", "source", "output", "response", "content"],
    ignored: &[],
};

pub(in crate::read) const SPERT: Keys = Keys {
    format: "spert",
    item: "example",
    id: &["id"],
    needed: &["tokens", "entities"],
    read: &["relations"],
    // The number of the sentence in the corpus that it is from, and what a parser said.
    ignored: &["orig_id", "pos", "dep", "dep_label", "dep_head", "verb_indicator"],
};

pub(in crate::read) const DYGIE: Keys = Keys {
    format: "dygie",
    item: "document",
    id: &["doc_key"],
    needed: &["sentences", "ner"],
    read: &["relations"],
    // What the entity and relation tasks do not look at: coreference, events, where sentences start, and a
    // model's predictions.
    ignored: &[
        "clusters",
        "events",
        "event_clusters",
        "dataset",
        "sentence_start",
        "_sentence_start",
        "weight",
        "section_starts",
        "predicted_ner",
        "predicted_relations",
        "predicted_clusters",
        "predicted_events",
    ],
};

pub(in crate::read) const TACRED: Keys = Keys {
    format: "tacred",
    item: "example",
    id: &["id"],
    needed: &["token", "subj_start", "subj_end", "obj_start", "obj_end", "relation"],
    read: &[],
    // Of the corpus and of its revisions.
    ignored: &[
        "docid",
        "subj_type",
        "obj_type",
        "stanford_pos",
        "stanford_ner",
        "stanford_head",
        "stanford_deprel",
    ],
};

pub(in crate::read) const FEWREL: Keys = Keys {
    format: "fewrel",
    item: "example",
    id: &["id"],
    needed: &["tokens", "h", "t"],
    read: &[],
    ignored: &[],
};

/// FewRel as the Hugging Face hub has it.
pub(in crate::read) const FEWREL_HUB: Keys = Keys {
    format: "fewrel",
    item: "example",
    id: &["id"],
    needed: &["relation", "tokens", "head", "tail"],
    read: &[],
    ignored: &["names"],
};

pub(in crate::read) const OPENNRE: Keys = Keys {
    format: "opennre",
    item: "example",
    id: &["id"],
    needed: &["h", "t"],
    read: &["token", "text", "relation"],
    ignored: &[],
};

pub(in crate::read) const NYT: Keys = Keys {
    format: "nyt",
    item: "example",
    id: &["id"],
    needed: &["tokens", "spo_details"],
    // The same relations as texts.
    read: &["spo_list", "triple_list"],
    // Parts of speech.
    ignored: &["pos_tags"],
};

pub(in crate::read) const TRIPLES: Keys = Keys {
    format: "triples",
    item: "example",
    id: &["id"],
    needed: &["text", "triple_list"],
    read: &[],
    ignored: &[],
};

/// The keys that may hold the tags.
pub(in crate::read) const HF_TAGS: [&str; 5] =
    ["ner_tags", "tags", "labels", "fine_ner_tags", "coarse_ner_tags"];

pub(in crate::read) const HF_TOKENS: Keys = Keys {
    format: "hf-tokens",
    item: "example",
    id: &["id"],
    needed: &["tokens"],
    read: &HF_TAGS,
    // Other layers of well-known data sets: CoNLL-2003, WikiANN, MultiNERD. `data.tag_column` names one of
    // them where it is meant.
    ignored: &["pos_tags", "chunk_tags", "langs", "lang", "spans", "doc_id", "sent_id"],
};

pub(in crate::read) const CONLL12: Keys = Keys {
    format: "conll12",
    item: "example",
    id: &["id", "doc_id", "doc_key"],
    needed: &["raw_text", "events"],
    read: &[],
    ignored: &[],
};

pub(in crate::read) const COREF_JSON: Keys = Keys {
    format: "coref-json",
    item: "document",
    id: &["id", "doc_id", "doc_key"],
    needed: &["preprocessing", "annotations"],
    read: &[],
    ignored: &["raw_text", "text"],
};

pub(in crate::read) const SGD: Keys = Keys {
    format: "sgd",
    item: "dialogue",
    id: &["dialogue_id"],
    needed: &["turns"],
    read: &["services"],
    ignored: &[],
};

pub(in crate::read) const MULTIWOZ: Keys = Keys {
    format: "multiwoz",
    item: "dialogue",
    id: &["dialogue_id"],
    needed: &["log"],
    read: &[],
    // What the user was to ask for.
    ignored: &["goal"],
};

pub(in crate::read) const MULTIWOZ_PREPARED: Keys = Keys {
    format: "multiwoz-prepared",
    item: "dialogue",
    id: &["ID"],
    needed: &["turn_id", "dialog_history", "turn_belief"],
    read: &[],
    // The turn itself, which the history ends with, and what TRADE keeps for its own model.
    ignored: &["turn_uttr", "domains", "turn_domain", "gating_label", "generate_y"],
};

pub(in crate::read) const ACE_ENTITIES: Keys = Keys {
    format: "ace-entities",
    item: "example",
    id: &["id"],
    needed: &["context", "label"],
    read: &[],
    ignored: &[],
};

pub(in crate::read) const ACE_EVENTS: Keys = Keys {
    format: "ace-events",
    item: "example",
    id: &["id"],
    needed: &["tokens", "entities", "triggers", "relations"],
    read: &[],
    ignored: &["orig_id"],
};
