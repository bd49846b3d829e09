//! Why a model finds next to nothing: what the figures of its run show, and what to do.

/// Below this score a run is looked at.
const NEAR_ZERO: f64 = 0.1;

/// A share of outputs that is worth a remark.
const MANY: f64 = 0.1;

/// What is called so among the faults of outputs: they do not have the words of the text.
pub const CHANGED_TEXT: &str = "changed text";

/// Passes over the training data below which a training is short.
const PASSES: f64 = 3.0;

/// A loss that has fallen this far has nothing left to fall.
const LOW: f64 = 0.05;

/// What is known of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// The headline score.
    pub score: f64,
    /// Training losses by step.
    pub losses: Vec<(usize, f64)>,
    /// The highest learning rate.
    pub learning_rate: Option<f64>,
    /// How often each training example was seen.
    pub passes: Option<f64>,
    /// Kinds of fault in the form of outputs, and the share of outputs with each.
    pub faults: Vec<(&'static str, f64)>,
    /// Labels, how often each is annotated, and how often it was found.
    pub labels: Vec<(String, usize, usize)>,
    /// What is annotated in the scored examples: spans and everything else; nothing where they are not known.
    pub annotations: Option<usize>,
    /// Spans that are annotated.
    pub spans: usize,
    /// Those of them that were found with other borders.
    pub borders: usize,
    /// Those of them that were found with another label.
    pub mislabelled: usize,
}

/// Something that the figures show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub title: &'static str,
    /// The figures that show it.
    pub figures: String,
    /// What to do.
    pub advice: &'static str,
}

/// What speaks for itself in a run whose score is near zero; nothing for other runs.
pub fn diagnose(of: &Figures) -> Vec<Finding> {
    if of.score >= NEAR_ZERO {
        return Vec::new();
    }
    if of.annotations == Some(0) {
        // Whatever the model does, it comes to the same score.
        return vec![Finding {
            title: "Nothing is annotated in the data that are scored",
            figures: "0 annotated in all scored examples".to_owned(),
            advice: "No model can find anything right there, so that the score says nothing of this one. Name a file with annotations as `data.eval`, or \
                     see by `fishdip data check` whether its annotations are read (`data.format`, `data.scheme`, `data.tag_column`).",
        }];
    }
    // A learning rate that ruins the model is behind all that its outputs show.
    let findings = [
        too_high(of),
        malformed(of),
        silent(of),
        unwritten(of),
        borders(of),
        mislabelled(of),
        too_low(of),
        short(of),
    ];
    let mut found: Vec<Finding> = findings.into_iter().flatten().collect();
    if found.is_empty() {
        found.push(Finding {
            title: "None of the usual reasons",
            figures: format!("the score is {:.4}, and losses, labels and outputs look as they should", of.score),
            advice: "Read some sentences below, look at the data with `fishdip data check`, and see whether training and scored sentences \
                     are annotated in the same way.",
        });
    }
    found
}

fn malformed(of: &Figures) -> Option<Finding> {
    let faults: Vec<String> = of
        .faults
        .iter()
        .filter(|fault| fault.1 >= MANY)
        .map(|(name, share)| format!("{} of outputs have {name}", percent(*share)))
        .collect();
    (!faults.is_empty()).then(|| Finding {
        title: "Outputs cannot be read",
        figures: faults.join("; "),
        advice: "Decode with `evaluation.decode = \"constrained\"`, where every output can be read; or train for more steps.",
    })
}

fn silent(of: &Figures) -> Option<Finding> {
    let gold: usize = of.labels.iter().map(|label| label.1).sum();
    let changes_text = of.faults.iter().any(|(name, share)| *name == CHANGED_TEXT && *share >= MANY);
    (gold > 0 && of.borders == 0 && of.labels.iter().all(|label| label.2 == 0)).then(|| Finding {
        title: "The model writes no annotation at all",
        figures: format!("0 found, {gold} annotated"),
        advice: match () {
            () if too_high(of).is_some() => {
                "The training has taken from the model what it could do; look at the learning rate first."
            }
            () if changes_text => {
                "It does not write the text either. Train for more steps, or with more entries (`method.keep`)."
            }
            () => {
                "It copies the text. Train for more steps, with a higher learning rate, or with more entries (`method.keep`); sentences \
                 without any annotation in the training file teach it to write none."
            }
        },
    })
}

fn unwritten(of: &Figures) -> Option<Finding> {
    let never: Vec<String> = of
        .labels
        .iter()
        .filter(|label| label.1 > 0 && label.2 == 0)
        .map(|(label, gold, _)| {
            if *gold == 1 {
                format!("{label} (annotated once)")
            } else {
                format!("{label} (annotated {gold} times)")
            }
        })
        .collect();
    // If that is all of them, there is another finding for it.
    let some = of.labels.iter().any(|label| label.2 > 0);
    (some && !never.is_empty()).then(|| Finding {
        title: "Labels that are never written",
        figures: never.join(", "),
        advice: "Give each a plain natural name of its own under `[task]`, which the model reads as words, and see that the training file has \
                 some of each (`fishdip data check` counts them).",
    })
}

fn borders(of: &Figures) -> Option<Finding> {
    let share = of.borders as f64 / of.spans.max(1) as f64;
    (share >= MANY).then(|| Finding {
        title: "Spans are found with other borders",
        figures: format!("{} of {} annotated spans ({})", of.borders, of.spans, percent(share)),
        advice: "See below which words are left out or taken in: articles, titles, punctuation. If the annotations disagree among themselves, \
                 mend them; if they are cut into words otherwise than the text, check `data.format` and the tag scheme.",
    })
}

fn mislabelled(of: &Figures) -> Option<Finding> {
    let share = of.mislabelled as f64 / of.spans.max(1) as f64;
    (share >= MANY).then(|| Finding {
        title: "Spans are found with another label",
        figures: format!("{} of {} annotated spans ({})", of.mislabelled, of.spans, percent(share)),
        advice: "The confusions below show which labels; natural names that are further apart in meaning help.",
    })
}

fn too_high(of: &Figures) -> Option<Finding> {
    let means = tenths(&of.losses);
    let (first, last) = (means.first()?, means.last()?);
    // The model may be ruined within the first tenth. A batch is harder than another, so that a little more than the first loss is none.
    let begun = of.losses.first()?.1;
    let lowest = means.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let has_risen = last > first || *last > 1.5 * lowest || *last > 1.25 * begun || highest > 2.0 * begun;
    let is_up = means.len() > 1 && *last > LOW && has_risen;
    is_up.then(|| Finding {
        title: "The learning rate may be too high",
        figures: format!(
            "the loss was {begun:.3} at first; its mean was {first:.3} in the first tenth of the steps, {highest:.3} in the worst, {lowest:.3} in the \
             best and {last:.3} in the last{}",
            rate(of)
        ),
        advice: "Set `optimizer.learning_rate` to a third, and again to a third as long as the loss rises; or give it `optimizer.warmup`.",
    })
}

fn too_low(of: &Figures) -> Option<Finding> {
    let means = tenths(&of.losses);
    let (first, last) = (means.first()?, means.last()?);
    let is_flat = means.len() > 1 && *last > LOW && last <= first && *last > 0.8 * first;
    (is_flat && too_high(of).is_none()).then(|| Finding {
        title: "The learning rate may be too low",
        figures: format!(
            "the mean loss fell from {first:.3} in the first tenth of the steps to {last:.3} in the last alone{}",
            rate(of)
        ),
        advice: "Set `optimizer.learning_rate` three times as high, or train more entries (`method.keep`).",
    })
}

fn short(of: &Figures) -> Option<Finding> {
    let means = tenths(&of.losses);
    let few = of.passes.filter(|&passes| passes < PASSES);
    let [.., before, last] = means.as_slice() else {
        return few.map(|passes| too_few(format!("each training example was seen {passes:.1} times")));
    };
    // One that falls from where a learning rate has taken it tells nothing of the steps.
    let falls = *last > LOW && *last < 0.95 * before && too_high(of).is_none();
    let mut figures = Vec::new();
    figures.extend(few.map(|passes| format!("each training example was seen {passes:.1} times")));
    if falls {
        figures.push(format!(
            "the loss was still falling: {before:.3} in the ninth tenth of the steps, {last:.3} in the last"
        ));
    }
    (!figures.is_empty()).then(|| too_few(figures.join("; ")))
}

fn too_few(figures: String) -> Finding {
    Finding {
        title: "Too few steps",
        figures,
        advice: "Raise `training.steps`; `evaluation.every` shows when enough is enough.",
    }
}

fn rate(of: &Figures) -> String {
    of.learning_rate.map_or_else(String::new, |rate| format!(", with a learning rate of {rate:.0e}"))
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// The mean loss of each tenth of the steps; of fewer than ten, each alone.
fn tenths(losses: &[(usize, f64)]) -> Vec<f64> {
    let mean = |part: &[(usize, f64)]| part.iter().map(|loss| loss.1).sum::<f64>() / part.len() as f64;
    let n = losses.len();
    let parts = n.min(10);
    (0..parts).map(|part| mean(&losses[part * n / parts..(part + 1) * n / parts])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(of: &Figures) -> Vec<&'static str> {
        diagnose(of).iter().map(|finding| finding.title).collect()
    }

    fn losses(each: impl Fn(f64) -> f64) -> Vec<(usize, f64)> {
        (0..100).map(|step| (step, each(step as f64 / 99.0))).collect()
    }

    #[test]
    fn a_good_run_is_left_alone() {
        let bad = Figures { faults: vec![("bad markup", 0.5)], ..Figures::default() };
        assert_eq!(titles(&Figures { score: 0.5, ..bad.clone() }), [""; 0]);
        assert_eq!(titles(&bad), ["Outputs cannot be read"]);
        assert_eq!(titles(&Figures::default()), ["None of the usual reasons"]);
    }

    #[test]
    fn losses_tell_of_the_learning_rate() {
        let of = |each: fn(f64) -> f64| titles(&Figures { losses: losses(each), ..Figures::default() });
        assert_eq!(of(|x| 1.0 + x), ["The learning rate may be too high"]);
        assert_eq!(of(|x| (x - 0.5).abs() + 0.1), ["The learning rate may be too high"]);
        assert_eq!(of(|x| 2.0 - 0.1 * x), ["The learning rate may be too low"]);
        assert_eq!(of(|x| 2.0 - 1.8 * x), ["Too few steps"]);
        assert_eq!(of(|x| (2.0 - 4.0 * x).max(0.01)), ["None of the usual reasons"]);
    }

    /// The losses of a training of 30 steps with a rate of 5 on the bundled model, whose first loss was 2.03; of one of 60 steps with a rate of 1,
    /// the means of every six; and one that has come back by itself.
    #[test]
    fn a_model_that_is_ruined_within_the_first_steps_is_seen() {
        let ruined = [
            2.03, 138., 830., 792., 941., 1105., 1067., 1129., 1029., 923., 927., 787., 919., 695., 701.,
            649., 556., 492., 462., 394., 388., 371., 289., 242., 230., 228., 221., 228., 213., 168.,
        ];
        let slower = [2.03, 18.756, 15.396, 10.989, 7.709, 6.87, 5.634, 5.501, 5.03, 5.18, 5.058];
        let came_back = [2.03, 9.5, 8.1, 6.0, 4.4, 3.3, 2.6, 2.2, 1.9, 1.7];
        for losses in [&ruined[..], &slower, &came_back] {
            let losses = losses.iter().copied().enumerate().collect();
            let labels = vec![("PER".to_owned(), 12, 0)];
            let faults = vec![(CHANGED_TEXT, 1.0)];
            let found = diagnose(&Figures { losses, faults, labels, ..Figures::default() });
            assert_eq!(found[0].title, "The learning rate may be too high");
            assert!(found[0].figures.starts_with("the loss was 2.030 at first;"), "{}", found[0].figures);
            let all = format!("{found:?}");
            for wrong in ["copies", "higher learning rate", "still falling", "too low"] {
                assert!(!all.contains(wrong), "{wrong}: {all}");
            }
        }
    }

    #[test]
    fn a_model_that_writes_something_else_does_not_copy() {
        let labels = vec![("PER".to_owned(), 12, 0)];
        let of = |faults| diagnose(&Figures { faults, labels: labels.clone(), ..Figures::default() });
        assert!(of(vec![(CHANGED_TEXT, 0.05)])[0].advice.starts_with("It copies the text."));
        let found = of(vec![(CHANGED_TEXT, 0.5)]);
        assert!(found[1].advice.starts_with("It does not write the text either."), "{found:?}");
    }

    #[test]
    fn labels_and_borders_are_told_with_their_figures() {
        let label = |name: &str, gold, found| (name.to_owned(), gold, found);
        let of = Figures {
            labels: vec![label("PER", 12, 30), label("LOC", 7, 0), label("ORG", 1, 0)],
            spans: 19,
            borders: 6,
            ..Figures::default()
        };
        let found = diagnose(&of);
        assert_eq!(found[0].figures, "LOC (annotated 7 times), ORG (annotated once)");
        assert_eq!(found[1].figures, "6 of 19 annotated spans (32 %)");
        let silent = Figures { labels: vec![label("PER", 12, 0)], ..Figures::default() };
        assert_eq!(titles(&silent), ["The model writes no annotation at all"]);
    }

    #[test]
    fn data_without_annotations_are_not_blamed_on_the_training() {
        let losses = losses(|x| 1.0 + x);
        let of = Figures { annotations: Some(0), passes: Some(0.4), losses, ..Figures::default() };
        assert_eq!(titles(&of), ["Nothing is annotated in the data that are scored"]);
        // With one annotation, or where they are not known, the training is looked at.
        for annotations in [Some(1), None] {
            let of = titles(&Figures { annotations, ..of.clone() });
            assert_eq!(of, ["The learning rate may be too high", "Too few steps"]);
        }
    }

    #[test]
    fn few_passes_are_told() {
        let of = Figures { passes: Some(0.4), ..Figures::default() };
        assert_eq!(diagnose(&of)[0].figures, "each training example was seen 0.4 times");
    }

    #[test]
    fn a_tenth_is_a_tenth() {
        let means = tenths(&(0..25).map(|i| (i, i as f64)).collect::<Vec<_>>());
        assert_eq!((means.len(), means[0], means[9]), (10, 0.5, 23.0));
        assert_eq!(tenths(&[(1, 2.0), (2, 4.0)]), [2.0, 4.0]);
        assert!(tenths(&[]).is_empty());
    }
}
