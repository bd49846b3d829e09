//! Where the original program does something that one would not want, one switch each.

use serde::{Deserialize, Serialize};

use crate::Mode;

/// The quirks of the original program, each on its own switch.
///
/// [`Mode::Reference`] has all of them on, [`Mode::Fixed`] all off.
/// [`Task::with_quirks`](crate::Task::with_quirks) takes any mixture.
///
/// | switch | on: as the original | off: instead |
/// |---|---|---|
/// | `plain_delimiters` | `[ ] \| =` in the text look like markup; a stray one in an output is text | those of the text are escaped ([`codec::escape`](crate::codec::escape)); a stray one is left out and reported |
/// | `pair_unlike_tokens` | an output token that is not in the source may stand for any source token | only for one that it resembles ([`codec::resembles`](crate::codec::resembles)) |
/// | `cut_at_markers` | `((` and `))` may stand anywhere, as words of their own; nothing is read beyond a second one | they stand at the front; the sentence is whole |
/// | `schema_from_gold` | [`Task::for_split`](crate::Task::for_split) drops the labels that the gold of the split does not have, and with them predictions of these | every declared label counts |
/// | `padded_ranking` | label ranking compares losses that count padding | padding is not counted |
/// | `drop_ambiguous_sentences` | a relation end that fits several entities costs the sentence (ACE 2005 reader) | the first of them is meant |
/// | `drop_bare_sentences` | a sentence without entities is left out (ACE 2005 reader) | it is an example |
/// | `third_srl_field` | CoNLL-2005 lines need a third field, which is not read | two fields do, more are allowed |
/// | `extend_over_gaps` | an `I-` tag goes on with the last span whatever stands between (slots and CoNLL-2005 readers) | it opens a span where none is open |
/// | `cut_mentions` | FewRel mentions of three and more tokens are cut to two | mentions are whole |
/// | `prepare_as_trade` | raw MultiWOZ dialogues are prepared as by TRADE: texts in small letters with contractions and numbers written out, values mended by a list, long dialogues left out, a turn's domain that whose state changes | texts and values as they stand; a turn's domain is that of its first act |
/// | `empty_state_wrong` | an empty dialogue state is never right, unless slots are written as `not given` | it is right if nothing was asked for |
/// | `split_values` | a dialogue state value ends at its first comma and cannot contain `not given`; `-` equals a space | commas are escaped, values are taken as they are |
/// | `slice_without_markers` | without `[belief]` all of an output but 7 characters in front and 1 behind is taken as the state | what follows a single marker is, and nothing without one |
/// | `drop_overlapping_mentions` | a mention that overlaps an earlier one of its cluster is dropped; clusters may have one mention | it stays; clusters have two or more |
/// | `first_trigger_only` | only the first trigger of a sentence trains the argument stage | every trigger does |
/// | `swapped_precision` | precision and recall of event scores are exchanged | they are not |
/// | `skip_untriggered` | the gold arguments of sentences without a predicted trigger are not counted | they are |
/// | `typed_denominators` | event scores without types divide by the numbers of typed items | by their own |
/// | `macro_over_schema` | macro averages are over all labels of the schema | over those in gold or output, as seqeval's |
/// | `recall_by_gold` | MUC and B³ count recall over the gold's clusters, which tells where a mention is in two of them | over the output's, as the official scorer |
///
/// Where the original stops with an error neither mode does so for an output: one without intent markers has
/// no intent. An example that cannot be encoded (no predicate, a domain beyond the ontology) is an
/// [`Error`](crate::Error) in both. The quirks of readers are looked at by these, and those of training are
/// not here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[allow(clippy::struct_excessive_bools, reason = "independent switches")]
#[non_exhaustive]
pub struct Quirks {
    /// Delimiters in the text are not escaped, stray ones are text.
    pub plain_delimiters: bool,
    /// Any two tokens can be paired by the alignment.
    pub pair_unlike_tokens: bool,
    /// Intent markers may stand anywhere and end the sentence.
    pub cut_at_markers: bool,
    /// The labels are those that the split's gold has.
    pub schema_from_gold: bool,
    /// Label ranking counts padding.
    pub padded_ranking: bool,
    /// A relation end that fits several entities costs the sentence.
    pub drop_ambiguous_sentences: bool,
    /// A sentence of ACE 2005 without entities is left out.
    pub drop_bare_sentences: bool,
    /// CoNLL-2005 lines need a third field.
    pub third_srl_field: bool,
    /// `I-` goes on with the last slot or role over what stands between.
    pub extend_over_gaps: bool,
    /// FewRel mentions are cut to two tokens.
    pub cut_mentions: bool,
    /// Raw dialogues are prepared as by TRADE.
    pub prepare_as_trade: bool,
    /// An empty dialogue state is never right.
    pub empty_state_wrong: bool,
    /// Dialogue state values are split at commas.
    pub split_values: bool,
    /// A dialogue state without markers is sliced.
    pub slice_without_markers: bool,
    /// Overlapping mentions of a cluster are dropped.
    pub drop_overlapping_mentions: bool,
    /// One trigger a sentence trains the argument stage.
    pub first_trigger_only: bool,
    /// Precision and recall of event scores are exchanged.
    pub swapped_precision: bool,
    /// Sentences without a predicted trigger have no gold arguments.
    pub skip_untriggered: bool,
    /// Event scores without types divide by typed numbers.
    pub typed_denominators: bool,
    /// Macro averages are over all labels of the schema.
    pub macro_over_schema: bool,
    /// Recall of coreference is counted over the gold's clusters.
    pub recall_by_gold: bool,
}

impl Quirks {
    /// Nothing as the original does it.
    pub const NONE: Self = Self::all(false);

    /// Everything as the original does it.
    pub const ALL: Self = Self::all(true);

    const fn all(on: bool) -> Self {
        Self {
            plain_delimiters: on,
            pair_unlike_tokens: on,
            cut_at_markers: on,
            schema_from_gold: on,
            padded_ranking: on,
            drop_ambiguous_sentences: on,
            drop_bare_sentences: on,
            third_srl_field: on,
            extend_over_gaps: on,
            cut_mentions: on,
            prepare_as_trade: on,
            empty_state_wrong: on,
            split_values: on,
            slice_without_markers: on,
            drop_overlapping_mentions: on,
            first_trigger_only: on,
            swapped_precision: on,
            skip_untriggered: on,
            typed_denominators: on,
            macro_over_schema: on,
            recall_by_gold: on,
        }
    }
}

impl From<Mode> for Quirks {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Reference => Self::ALL,
            Mode::Fixed => Self::NONE,
        }
    }
}
