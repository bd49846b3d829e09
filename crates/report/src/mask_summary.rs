//! The figures of a run's masks, for people and programs.

use serde::Serialize;
use std::fmt::Write as _;

use crate::Text;
use crate::mask::{Mask, Share, effective_number, entropy};

/// Figures of the masks of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MaskSummary {
    /// Choice by choice.
    pub choices: Vec<ChoiceSummary>,
    /// The samples that were hard.
    pub hard: HardSummary,
    /// The mean share of each layer.
    pub layers: Vec<Share>,
    /// The mean share of each kind of weight.
    pub kinds: Vec<Share>,
    /// The weights that ever had entries.
    pub weights: Vec<WeightUse>,
}

/// Figures of one choice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChoiceSummary {
    /// Training steps before it.
    pub step: usize,
    /// Entries in the mask.
    pub entries: usize,
    /// The share of them that the mask before did not have; nothing for the first.
    pub churn: Option<f64>,
    /// Entries in both among those in this mask or the one before; nothing for the first.
    pub overlap: Option<f64>,
    /// Hard samples it was made by.
    pub hard: usize,
    /// The share of these that were hard for the choice before; nothing for the first.
    pub hard_again: Option<f64>,
    /// Over how many layers the entries are spread: 2 to the power of the entropy of their shares.
    pub layers: f64,
    /// Over how many kinds of weight, in the same way.
    pub kinds: f64,
    /// Steps to the next choice, where a rule said so.
    pub every: Option<usize>,
    /// Seconds it took.
    pub seconds: f64,
}

/// Figures of the samples that were hard.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HardSummary {
    /// Training samples.
    pub samples: usize,
    /// Those of them that were ever hard.
    pub ever: usize,
    /// The entropy of how often each was hard, in bits: 0 if it was one alone, `even` if each was as often.
    pub entropy: f64,
    /// The entropy if every training sample were hard as often as the others, in bits.
    pub even: f64,
}

/// How often a weight had entries.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WeightUse {
    /// Its name in the model's file.
    pub name: Text,
    /// In how many of the choices.
    pub choices: usize,
    /// The mean of its share of all entries.
    pub share: f64,
}

impl MaskSummary {
    /// The figures of `mask`.
    pub fn of(mask: &Mask) -> Self {
        let mean = mask.mean_cells();
        let named = |names: &[Text], shares: Vec<f64>| {
            names.iter().zip(shares).map(|(name, share)| Share { name: name.clone(), share }).collect()
        };
        let hard = mask.hard_samples();
        Self {
            choices: (0..mask.choices.len()).map(|at| choice(mask, at)).collect(),
            hard: HardSummary {
                samples: mask.samples,
                ever: hard.len(),
                entropy: entropy(hard.iter().map(|hard| hard.choices.len() as f64)),
                even: (mask.samples.max(1) as f64).log2(),
            },
            layers: named(&mask.layers, mask.by_layer(&mean)),
            kinds: named(&mask.kinds, mask.by_kind(&mean)),
            weights: weights(mask),
        }
    }

    /// The figures as tables of a terminal.
    pub fn to_text(&self) -> String {
        let mut text = "   step   entries   churn  overlap   hard  again  layers  kinds  seconds".to_owned();
        // Of a fixed number of steps a column would say one thing.
        let by_rule = self.choices.iter().any(|choice| choice.every.is_some());
        text.push_str(if by_rule { "  next in\n" } else { "\n" });
        let share = |share: Option<f64>| {
            share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", 100.0 * share))
        };
        // Writing to a String cannot fail.
        for c in &self.choices {
            let _ = write!(
                text,
                "{:>7}  {:>8}  {:>6}  {:>7}  {:>5}  {:>5}  {:>6.1}  {:>5.1}  {:>7.1}",
                c.step,
                c.entries,
                share(c.churn).trim_end_matches(" %"),
                share(c.overlap).trim_end_matches(" %"),
                c.hard,
                share(c.hard_again).trim_end_matches(" %"),
                c.layers,
                c.kinds,
                c.seconds
            );
            let _ = match c.every {
                Some(every) => writeln!(text, "  {every:>7}"),
                None => writeln!(text),
            };
        }
        let HardSummary { samples, ever, entropy, even } = &self.hard;
        let _ = writeln!(
            text,
            "\nchurn: new among the entries of a mask; overlap: in both among those in this mask or the one before; again: hard samples\n\
             that were hard before (all three in %); layers, kinds: over how many the entries are spread, 2 to the power of the entropy\n\n\
             hard samples  {ever} of {samples} were ever hard; entropy {entropy:.2} bits (all as often: {even:.2})"
        );
        for (title, shares) in [("layer", &self.layers), ("kind", &self.kinds)] {
            let _ = writeln!(text, "\n{title:26}  entries");
            for Share { name, share } in shares {
                let _ = writeln!(text, "{:26}  {:>5.1} %", name.shown(), 100.0 * share);
            }
        }
        let (all, choices) = (self.weights.len(), self.choices.len());
        let always = self.weights.iter().filter(|weight| weight.choices == choices).count();
        let once = self.weights.iter().filter(|weight| weight.choices == 1 && choices > 1).count();
        let _ = writeln!(
            text,
            "\nweights       {all} ever had entries: {always} in each of the {choices} choices, {once} in one alone"
        );
        text
    }
}

fn choice(mask: &Mask, at: usize) -> ChoiceSummary {
    let of = &mask.choices[at];
    let before = at.checked_sub(1).and_then(|before| mask.choices.get(before));
    let cells = mask.cells(of);
    let again = before.filter(|_| !of.hard.is_empty()).map(|before| {
        of.hard.iter().filter(|sample| before.hard.contains(sample)).count() as f64 / of.hard.len() as f64
    });
    ChoiceSummary {
        step: of.step,
        entries: of.entries,
        churn: before.map(|_| of.churn),
        overlap: mask.overlap(at),
        hard: of.hard.len(),
        hard_again: again,
        layers: effective_number(&mask.by_layer(&cells)),
        kinds: effective_number(&mask.by_kind(&cells)),
        every: of.every,
        seconds: of.seconds,
    }
}

/// The most often used first, then those with the largest share.
fn weights(mask: &Mask) -> Vec<WeightUse> {
    let mut shares = vec![0.0; mask.weights.len()];
    for choice in &mask.choices {
        let all = (choice.entries.max(1) * mask.choices.len()) as f64;
        for &(weight, entries) in &choice.weights {
            if let Some(share) = shares.get_mut(weight) {
                *share += entries as f64 / all;
            }
        }
    }
    let uses = mask.weights.iter().zip(mask.times_used()).zip(shares);
    let mut uses: Vec<WeightUse> = uses
        .map(|((weight, choices), share)| WeightUse { name: weight.name.clone(), choices, share })
        .collect();
    uses.sort_by(|a, b| {
        b.choices.cmp(&a.choices).then(b.share.total_cmp(&a.share)).then(a.name.cmp(&b.name))
    });
    uses
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;
    use crate::mask::tests::mask;

    #[test]
    fn figures_by_hand() {
        let summary = MaskSummary::of(&mask());
        let [first, second] = summary.choices.as_slice() else { panic!("two choices") };
        assert_eq!((first.churn, first.overlap, first.hard_again), (None, None, None));
        assert_eq!((second.churn, second.hard_again), (Some(0.5), Some(0.5)));
        // All in one layer, evenly over two kinds.
        assert_eq!((second.layers, second.kinds), (1.0, 2.0));
        assert_eq!((summary.hard.ever, summary.hard.entropy, summary.hard.even), (3, 1.5, 3.0));
        let uses: Vec<_> = summary.weights.iter().map(|w| (w.name.raw(), w.choices, w.share)).collect();
        assert_eq!(uses, [("a", 2, 0.375), ("c", 1, 0.375), ("b", 1, 0.25)]);
        let text = summary.to_text();
        assert!(
            text.contains("     50         6    50.0     42.9      2   50.0     1.0    2.0      0.0"),
            "{text}"
        );
        assert!(text.contains("3 ever had entries: 1 in each of the 2 choices, 2 in one alone"), "{text}");
    }

    #[test]
    fn a_rule_shows_when_the_next_choice_comes() {
        let mut mask = mask();
        assert!(!MaskSummary::of(&mask).to_text().contains("next in"));
        mask.choices[1].every = Some(100);
        let text = MaskSummary::of(&mask).to_text();
        assert!(text.contains("seconds  next in\n"), "{text}");
        assert!(text.contains("    2.0      0.0      100\n"), "{text}");
    }

    #[test]
    fn a_run_without_a_choice_has_figures() {
        let summary = MaskSummary::of(&Mask::default());
        assert_eq!((summary.hard.entropy, summary.choices.len()), (0.0, 0));
        assert!(!summary.to_text().contains("NaN"));
    }
}
