//! Choices that can be checked by hand.

use fishdip_active::{Candidates, Matrix, Strategy, strategy};

const IDS: [u32; 4] = [40, 10, 30, 20];

fn choose(name: &str, candidates: &Candidates<'_>, n: usize) -> Vec<u32> {
    strategy::named(name).unwrap().choose(candidates, n, 5).unwrap()
}

#[test]
fn ties_go_to_the_lowest_id() {
    let probabilities = Matrix::new("probabilities", &[0.5; 8], 4, 2).unwrap();
    let zeros = Matrix::new("vectors", &[0.0; 8], 4, 2).unwrap();
    let candidates = Candidates::new(&IDS).unwrap().with_probabilities(probabilities).unwrap();
    let candidates = candidates.with_passes(&[probabilities]).unwrap().with_vectors(zeros).unwrap();
    let names = ["entropy", "least-confident", "margin", "mc-dropout", "mc-mean-entropy", "bald", "core-set"];
    for name in names.into_iter().chain(["representation-distance", "in-turn"]) {
        assert_eq!(choose(name, &candidates, 3), [10, 20, 30], "{name}");
    }
}

#[test]
fn core_set_takes_the_farthest_each_time() {
    // On a line: labelled at 0; 10 is the farthest, then 4 (at 4 from 0, at 6 from 10), then 8 (2 from 10).
    let vectors = Matrix::new("vectors", &[10.0, 4.0, 8.0, 1.0], 4, 1).unwrap();
    let labelled = Matrix::new("labelled", &[0.0], 1, 1).unwrap();
    let candidates = Candidates::new(&IDS).unwrap().with_vectors(vectors).unwrap();
    let candidates = candidates.with_labelled_vectors(labelled).unwrap();
    assert_eq!(choose("core-set", &candidates, 3), [40, 10, 30]);
    // At 10, 1, 4 and 9 words: 10 is at 4 a word; then 30, at 4 from 10 with 4 words, is before 40, at 6 with 10;
    // then 40, at 2 from 30, has 0.2, and 20 has 1/9.
    let priced = candidates.per_word(&[10, 1, 4, 9]).unwrap();
    assert_eq!(choose("core-set", &priced, 3), [10, 30, 40]);
}

#[test]
fn a_word_to_read_has_a_price() {
    // Doubts of 0.5, 0.3, 0.4, 0.2 at 10, 2, 4 and 1 words: 0.05, 0.15, 0.1 and 0.2 a word.
    let numbers = [0.5, 0.5, 0.7, 0.3, 0.6, 0.4, 0.8, 0.2];
    let probabilities = Matrix::new("probabilities", &numbers, 4, 2).unwrap();
    let candidates = Candidates::new(&IDS).unwrap().with_probabilities(probabilities).unwrap();
    assert_eq!(choose("least-confident", &candidates, 4), [40, 30, 10, 20]);
    let priced = candidates.per_word(&[10, 2, 4, 1]).unwrap();
    assert_eq!(choose("least-confident", &priced, 4), [20, 10, 30, 40]);
}

#[test]
fn random_reads_fewer_words_where_they_have_a_price() {
    // One candidate of 1 word, one of 3: the short one comes first in 3 of 4 draws.
    let candidates = Candidates::new(&[0, 1]).unwrap();
    let priced = candidates.clone().per_word(&[3, 1]).unwrap();
    let first = |candidates: &Candidates<'_>| {
        let short = |seed: &u64| strategy::Random.choose(candidates, 1, *seed).unwrap() == [1];
        (0..10_000).filter(short).count()
    };
    assert!(first(&candidates).abs_diff(5000) < 200, "{}", first(&candidates));
    assert!(first(&priced).abs_diff(7500) < 200, "{}", first(&priced));
}

#[test]
fn stratified_takes_as_many_of_each_class() {
    let ids: Vec<u32> = (0..100).collect();
    // Class 2 has two examples, class 1 has ten, class 0 the rest.
    let classes: Vec<u32> = ids.iter().map(|id| if *id < 2 { 2 } else { u32::from(*id < 12) }).collect();
    let candidates = Candidates::new(&ids).unwrap().with_classes(&classes).unwrap();
    let found = choose("stratified", &candidates, 14);
    let count = |class| found.iter().filter(|id| classes[**id as usize] == class).count();
    // ⌊14 / 3⌋ = 4 of each, but only 2 of class 2; the remainder of 4 is from the other two.
    assert_eq!(count(2), 2);
    assert!(count(0) >= 4 && count(1) >= 4 && count(0) + count(1) == 12, "{found:?}");
}

#[test]
fn log_probability_is_that_of_a_piece() {
    // −6 over 12 pieces is −0.5, −2 over 2 is −1, −3 over 10 is −0.3, −4 over 5 is −0.8.
    let candidates = Candidates::new(&IDS).unwrap();
    let candidates = candidates.with_log_probabilities(&[-6.0, -2.0, -3.0, -4.0], &[12, 2, 10, 5]).unwrap();
    assert_eq!(choose("log-probability", &candidates, 4), [10, 20, 40, 30]);
}

#[test]
fn the_least_sure_entity_counts() {
    let margins = [vec![0.9, 0.2], vec![0.5, 0.4, 0.6], vec![], vec![0.1]];
    let candidates = Candidates::new(&IDS).unwrap().with_entity_margins(&margins).unwrap();
    assert_eq!(choose("entity-margin", &candidates, 4), [20, 40, 10, 30]);
}

#[test]
fn disagreement_is_one_minus_f1() {
    // 1 − 2/3, 1, 0 (the same twice, in another order), 0 (nothing in either).
    let constrained = [vec![1, 2], vec![7], vec![3, 4, 4], vec![]];
    let free = [vec![1], vec![], vec![4, 3], vec![]];
    let candidates = Candidates::new(&IDS).unwrap().with_outputs(&constrained, &free).unwrap();
    assert_eq!(choose("disagreement", &candidates, 4), [10, 40, 20, 30]);
}

#[test]
fn in_turn_takes_diverse_then_similar_then_uncertain() {
    // Ids 0 to 3 lie together on the first axis, 4 on the second, 5 opposite the first.
    let vectors = [1.0, 0.0, 1.0, 0.1, 1.0, 0.2, 1.0, 0.3, 0.0, 1.0, -9.0, 0.0];
    let vectors = Matrix::new("vectors", &vectors, 6, 2).unwrap();
    let labelled = Matrix::new("labelled", &[1.0, 0.0], 1, 2).unwrap();
    let candidates = Candidates::new(&[0, 1, 2, 3, 4, 5]).unwrap().with_vectors(vectors).unwrap();
    let candidates = candidates.with_labelled_vectors(labelled).unwrap();
    let candidates =
        candidates.with_log_probabilities(&[-1.0, -5.0, -2.0, -3.0, -4.0, -9.0], &[1; 6]).unwrap();
    // Farthest is 5. The mean of the unit vectors is about (0.49, 0.26): its direction is nearest to that of 3. Of the
    // others 1 is least probable.
    assert_eq!(choose("in-turn", &candidates, 3), [5, 3, 1]);
}

#[test]
fn bald_wants_passes_that_are_sure_and_disagree() {
    // Id 0: both passes unsure and alike. Id 1: each sure of another class.
    let first = Matrix::new("pass", &[0.5, 0.5, 1.0, 0.0], 2, 2).unwrap();
    let second = Matrix::new("pass", &[0.5, 0.5, 0.0, 1.0], 2, 2).unwrap();
    let candidates = Candidates::new(&[0, 1]).unwrap().with_passes(&[first, second]).unwrap();
    assert_eq!(choose("bald", &candidates, 1), [1]);
    assert_eq!(choose("mc-mean-entropy", &candidates, 1), [0]);
    // The mean of either is (0.5, 0.5): a tie.
    assert_eq!(choose("mc-dropout", &candidates, 1), [0]);
}

#[test]
fn names_are_found_or_guessed() {
    for strategy in strategy::ALL {
        assert_eq!(strategy::named(strategy.name()).unwrap().name(), strategy.name());
    }
    let message = strategy::named("Core_Sets").err().unwrap().to_string();
    assert!(
        message
            .starts_with("failed to find the strategy \"Core_Sets\": did you mean \"core-set\"? known are "),
        "{message}"
    );
    assert!(message.contains("random, stratified, entropy"), "{message}");
    assert!(!strategy::named("xyz").err().unwrap().to_string().contains("did you mean"));
}

#[test]
fn a_strategy_that_breaks_its_contract_is_named() {
    struct Twice;
    impl Strategy for Twice {
        fn name(&self) -> &'static str {
            "twice"
        }
        fn positions(&self, _: &Candidates<'_>, n: usize, _: u64) -> fishdip_active::Result<Vec<usize>> {
            Ok(vec![0; n])
        }
    }
    let candidates = Candidates::new(&IDS).unwrap();
    assert_eq!(Twice.choose(&candidates, 1, 0).unwrap(), [10]);
    let message = Twice.choose(&candidates, 2, 0).unwrap_err().to_string();
    assert!(message.contains("choose by twice: it gave 1 choices, 2 different ones were due"), "{message}");
}
