//! Which texts are most like another one: BM25 over words (Robertson and Zaragoza 2009).

use std::collections::BTreeMap;

use crate::words::words;

/// How soon more of one word adds nothing.
const K1: f64 = 1.2;

/// How much the length of a text counts.
const B: f64 = 0.75;

/// An index of texts by their words, in small letters. What is no letter and no digit is no word.
#[derive(Clone, Debug)]
pub(super) struct Bm25 {
    /// Of each word the texts that have it, and how often.
    postings: BTreeMap<String, Vec<(usize, u32)>>,
    /// Words of each text.
    lengths: Vec<f64>,
    mean_length: f64,
}

impl Bm25 {
    pub(super) fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut postings: BTreeMap<String, Vec<(usize, u32)>> = BTreeMap::new();
        let mut lengths = Vec::new();
        for (index, text) in texts.into_iter().enumerate() {
            let mut length = 0;
            for (word, count) in counts(text) {
                length += count;
                postings.entry(word).or_default().push((index, count));
            }
            lengths.push(f64::from(length));
        }
        let mean_length = lengths.iter().sum::<f64>() / lengths.len().max(1) as f64;
        Self { postings, lengths, mean_length }
    }

    /// All texts, the most like `text` first, by their index. Texts that are alike keep their order.
    pub(super) fn ranked(&self, text: &str) -> Vec<usize> {
        let mut scores = vec![0.0; self.lengths.len()];
        // In the order of the words, so that sums have the same last bit on every machine.
        for word in counts(text).keys() {
            let Some(postings) = self.postings.get(word) else { continue };
            let (all, with) = (self.lengths.len() as f64, postings.len() as f64);
            let rarity = (1.0 + (all - with + 0.5) / (with + 0.5)).ln();
            for &(index, count) in postings {
                let (count, length) = (f64::from(count), self.lengths[index] / self.mean_length);
                scores[index] += rarity * count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * length));
            }
        }
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&one, &other| scores[other].total_cmp(&scores[one]));
        order
    }
}

/// The words of a text in small letters, and how often each is there.
fn counts(text: &str) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for word in words(text) {
        if word.text.chars().any(char::is_alphanumeric) {
            *counts.entry(word.text.to_lowercase()).or_default() += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_words_count_more_and_long_texts_less() {
        let texts = ["the cat sat", "the dog sat", "the cat sat on the mat by the door", "a bird"];
        let index = Bm25::new(texts);
        // Both have the rare word; the first is shorter.
        assert_eq!(index.ranked("The CAT!"), [0, 2, 1, 3]);
        assert_eq!(index.ranked("nothing known"), [0, 1, 2, 3], "the order of the texts");
    }

    #[test]
    fn the_formula_is_that_of_the_paper() {
        // Two texts of three words each, so that the length counts as 1; one of them has "b" twice.
        let index = Bm25::new(["a b b", "a c c"]);
        assert_eq!(index.ranked("b"), [0, 1]);
        assert_eq!(index.ranked("c"), [1, 0]);
        // ln(1 + (2 - 2 + 0.5) / 2.5) is more than 0: a word that every text has still counts.
        assert_eq!(Bm25::new(["x", "a x"]).ranked("a x"), [1, 0]);
    }

    #[test]
    fn no_texts_no_panic() {
        assert!(Bm25::new([]).ranked("a").is_empty());
        assert_eq!(Bm25::new(["", "..."]).ranked("a"), [0, 1]);
    }
}
