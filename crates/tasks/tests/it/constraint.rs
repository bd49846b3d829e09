//! What the constraint allows can be read without a repair, and what is gold is allowed, in every task.

use std::sync::LazyLock;

use fishdip_tasks::codec::escape;
use fishdip_tasks::constraint::State;
use fishdip_tasks::{
    ConstraintError, Error, Example, Mode, Nesting, OutputConstraint, Task, TaskKind, Vocabulary,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::examples::{example, schema, token};
use crate::support::vocabularies::{Bytes, Sentencepiece, Whole};

static NANO: LazyLock<Sentencepiece> = LazyLock::new(Sentencepiece::nano);

/// Numbers that look random (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

/// The task, with the values of a dialogue state that are no text of the dialogue.
fn task(kind: TaskKind, example: &Example) -> Task {
    let mut ontology = schema().ontology().clone();
    for belief in &example.belief {
        let words: Vec<&str> = belief.value.split(' ').collect();
        if !example.tokens.windows(words.len()).any(|run| run == words) {
            ontology
                .get_mut(&belief.domain)
                .unwrap()
                .get_mut(&belief.slot)
                .unwrap()
                .push(belief.value.clone());
        }
    }
    let schema = schema().with_ontology(ontology).unwrap();
    Task::new(kind, schema, Mode::Fixed).with_prefix("some task")
}

/// Every path can be read without a repair.
fn check_path(task: &Task, example: &Example, start: &State, path: &[u32]) -> Result<(), TestCaseError> {
    let rendered = start.render(path).unwrap();
    let decoded = task.decode(example, &rendered.text);
    prop_assert!(decoded.repairs.is_empty(), "{:?}: {:?}", rendered.text, decoded.repairs);
    prop_assert!(!decoded.wrong_reconstruction && !decoded.format_error, "{:?}", rendered.text);
    prop_assert!(!decoded.label_error && !decoded.entity_error, "{:?}", rendered.text);
    prop_assert_eq!(rendered.words.len(), path.len());
    prop_assert!(rendered.words.is_sorted_by_key(|range| range.start));
    Ok(())
}

/// A path of random ids; `eager` in ten of them go on copying where that is possible.
fn walk(start: &State, dice: &mut Dice, eager: usize, most: usize) -> Result<Vec<u32>, TestCaseError> {
    let (mut state, mut path, mut legal, mut draft) = (start.clone(), Vec::new(), Vec::new(), Vec::new());
    while !state.done() {
        prop_assert!(path.len() < most, "{path:?}");
        state.legal(&mut legal);
        prop_assert!(!legal.is_empty() && legal.is_sorted_by(|a, b| a < b), "{legal:?}");
        state.draft(1, &mut draft);
        let id = match draft[..] {
            [id] if dice.roll(10) < eager && legal.contains(&id) => id,
            _ => legal[dice.roll(legal.len())],
        };
        prop_assert!(state.advance(id));
        path.push(id);
    }
    state.legal(&mut legal);
    prop_assert!(legal.is_empty());
    Ok(path)
}

/// Whether a span covers only tokens without pieces; or whether there is such a token where spans are told
/// apart by text.
fn is_silent(kind: TaskKind, example: &Example, pieces: &dyn Vocabulary) -> bool {
    let silent: Vec<bool> =
        example.tokens.iter().map(|token| pieces.ids(&escape(token), false).is_empty()).collect();
    let spans = [&example.entities, &example.triggers].into_iter().flatten();
    let by_text = matches!(kind, TaskKind::JointEr | TaskKind::Coref | TaskKind::DialogueState);
    silent.iter().any(|&silent| silent && by_text)
        || spans.into_iter().any(|span| silent[span.start..span.end].iter().all(|&silent| silent))
}

fn check(example: &Example, pieces: &impl Whole, dice: &mut Dice) -> Result<(), TestCaseError> {
    for kind in TaskKind::ALL {
        let task = task(kind, example);
        let constraint = OutputConstraint::new(&task, pieces).unwrap();
        for example in task.instances(example) {
            let start = constraint.start(&example, pieces).unwrap();
            for _ in 0..3 {
                let path = walk(&start, dice, 5, 100_000)?;
                check_path(&task, &example, &start, &path)?;
            }
            let flat = task.clone().with_nesting(Nesting::Flat);
            let flat = OutputConstraint::new(&flat, pieces).unwrap().start(&example, pieces).unwrap();
            for _ in 0..2 {
                let path = walk(&flat, dice, 5, 100_000)?;
                check_path(&task, &example, &flat, &path)?;
                let decoded = task.decode(&example, &flat.render(&path).unwrap().text);
                let mut spans: Vec<_> = decoded.spans().map(|span| (span.start, span.end)).collect();
                spans.extend(decoded.links.iter().map(|link| (link.mention.start, link.mention.end)));
                spans.sort_unstable();
                prop_assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{kind} {spans:?}");
            }
            if !is_silent(kind, &example, pieces) {
                let target = task.encode(&example).unwrap().target;
                let gold = pieces.text(&target);
                prop_assert!(is_legal(&start, &gold), "{kind} {target:?} {gold:?}");
                let rendered = start.render(&gold).unwrap();
                check_path(&task, &example, &start, &gold)?;
                prop_assert_eq!(pieces.text(&rendered.text), gold);
            }
        }
    }
    Ok(())
}

/// Whether `path` leads to the end, each id being among the legal ones.
fn is_legal(start: &State, path: &[u32]) -> bool {
    let (mut state, mut legal) = (start.clone(), Vec::new());
    for &id in path {
        state.legal(&mut legal);
        if legal.binary_search(&id).is_err() || !state.advance(id) {
            return false;
        }
    }
    state.done()
}

/// A number that depends on both.
fn logit(seed: u64, id: u32) -> u64 {
    let mut dice = Dice((seed ^ u64::from(id).wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1);
    dice.roll(2);
    dice.roll(2);
    dice.0
}

/// Greedy decoding with random logits: new ones at each step, or the same for all of a sequence, so that a
/// model that loves brackets goes on with them.
#[test]
fn ten_thousand_sequences() {
    let mut runner = TestRunner::deterministic();
    let examples = example(prop_oneof![token(), odd_token(), "[ab2]"]);
    let (mut state_ids, mut sequences) = (Vec::new(), 0);
    for seed in 0..1000_u64 {
        let made = examples.new_tree(&mut runner).unwrap().current();
        for kind in TaskKind::ALL {
            let task = task(kind, &made);
            let pieces: &dyn Vocabulary = if seed % 2 == 0 { &*NANO } else { &Bytes };
            let constraint = OutputConstraint::new(&task, pieces).unwrap();
            let example = task.instances(&made).remove(0);
            let most = 500;
            let start = constraint.start_within(&example, pieces, most).unwrap();
            let (mut state, mut path) = (start.clone(), Vec::new());
            while !state.done() {
                assert!(path.len() < most, "{kind} {path:?}");
                state.legal(&mut state_ids);
                let step = if seed % 4 < 2 { path.len() as u64 } else { 0 };
                let seed = (seed << 20 | step).wrapping_mul(0x2545_f491_4f6c_dd1d);
                let id = *state_ids.iter().max_by_key(|&&id| logit(seed, id)).unwrap();
                assert!(state.advance(id));
                path.push(id);
            }
            check_path(&task, &example, &start, &path).unwrap();
            sequences += 1;
        }
    }
    assert_eq!(sequences, 10_000);
}

/// Tokens that a tokenizer changes, drops, confuses, or takes for something special.
fn odd_token() -> impl Strategy<Value = String> {
    let odd = [
        "</s>",
        "<pad>",
        "<unk>",
        "<extra_id_5>",
        "a</s>b",
        "{",
        "}",
        "<",
        "{}",
        "ﬁ",
        "fi",
        "½",
        "\u{200b}",
        "\u{1}",
        "x\u{200b}y",
        "\u{301}",
        "﹇",
        "﹈",
        "⁼",
        "﹦",
        "⩵",
        "&(",
        "&",
        "￨",
        "{a",
        "}a",
        "a",
        "¨",
        "\u{600}",
        "▁",
        "▁a",
    ];
    prop::sample::select(odd.to_vec()).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn bytes_of_any_tokens(example in example(token()), seed in 1_u64..) {
        check(&example, &Bytes, &mut Dice(seed))?;
    }

    #[test]
    fn bytes_where_texts_repeat(example in example("[ab2]"), seed in 1_u64..) {
        check(&example, &Bytes, &mut Dice(seed))?;
    }

    #[test]
    fn pieces_of_any_tokens(example in example(token()), seed in 1_u64..) {
        check(&example, &*NANO, &mut Dice(seed))?;
    }

    #[test]
    fn pieces_where_texts_repeat(example in example("[ab2]"), seed in 1_u64..) {
        check(&example, &*NANO, &mut Dice(seed))?;
    }

    #[test]
    fn pieces_of_odd_tokens(example in example(odd_token()), seed in 1_u64..) {
        check(&example, &*NANO, &mut Dice(seed))?;
    }

    #[test]
    fn an_output_ends_in_time(example in example("[ab2]"), seed in 1_u64.., more in 0_usize..40) {
        let dice = &mut Dice(seed);
        for kind in TaskKind::ALL {
            let task = task(kind, &example);
            let constraint = OutputConstraint::new(&task, &Bytes).unwrap();
            for example in task.instances(&example) {
                let Err(Error::Constraint(ConstraintError::OutputTooLong { needed, .. })) = constraint.start_within(&example, &Bytes, 1) else {
                    return Err(TestCaseError::fail("an output of one id"));
                };
                prop_assert!(constraint.start_within(&example, &Bytes, needed - 1).is_err());
                let start = constraint.start_within(&example, &Bytes, needed + more).unwrap();
                for eager in [0, 5, 10] {
                    let path = walk(&start, dice, eager, needed + more)?;
                    check_path(&task, &example, &start, &path)?;
                }
            }
        }
    }
}
