//! Runs beside each other: two on the same sentences, and the table of a study.

use fishdip_report::{Comparison, Run, Sentence, Sentences, Study, Text};
use fishdip_tasks::TaskKind;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::run;
use crate::run_folder::CONFIG;
use crate::run_result::read_scored;
use crate::study::{Asked, Best, interval};
use crate::{Error, FoldTable, StudyTable};

/// The difference between two runs, whose folders these are, and the sentences that both scored.
pub(super) fn two(
    runs: &[Run],
    folders: [&Path; 2],
) -> Result<(Option<Comparison>, Option<Sentences>), Error> {
    let [first, second] = runs else { return Ok((None, None)) };
    let (Some(of_first), Some(of_second)) = (&first.scored, &second.scored) else { return Ok((None, None)) };
    let metric = second.headline.as_ref().map_or("score", |headline| headline.metric);
    let difference = match (read_scored(folders[0])?, read_scored(folders[1])?) {
        (Some(first), Some(second)) if first.examples == second.examples => {
            let found = interval::of_differences(&[(&second, &first)]);
            Some((found.value, [found.low, found.high]))
        }
        _ => None,
    };
    let all = paired(of_first, of_second);
    let unpaired = of_first.len() + of_second.len() - 2 * all.len();
    let comparison = Comparison { metric, difference, sentences: all.len(), unpaired };
    let sentences =
        (!all.is_empty()).then(|| Sentences { runs: vec![first.name.clone(), second.name.clone()], all });
    Ok((Some(comparison), sentences))
}

/// The sentences of both with what each found: those with the same words, and the same of what is asked about them. One that comes several times
/// is paired in its order.
fn paired(first: &[Sentence], second: &[Sentence]) -> Vec<Sentence> {
    let key = |sentence: &Sentence| {
        let given =
            sentence.given.iter().map(|span| (span.label.clone(), span.start, span.end)).collect::<Vec<_>>();
        (sentence.id.clone(), sentence.words.clone(), given)
    };
    let mut waiting: BTreeMap<_, Vec<&Sentence>> = BTreeMap::new();
    for sentence in second.iter().rev() {
        waiting.entry(key(sentence)).or_default().push(sentence);
    }
    let pair = |sentence: &Sentence| {
        let other = waiting.get_mut(&key(sentence))?.pop().filter(|other| other.gold == sentence.gold)?;
        let found = sentence.found.iter().chain(&other.found).cloned().collect();
        Some(Sentence { found, ..sentence.clone() })
    };
    first.iter().filter_map(pair).collect()
}

/// The table of a study as it is in its Markdown file.
pub(super) fn study(table: &StudyTable) -> Study {
    Study {
        head: table.head().to_vec(),
        rows: table.lines().into_iter().map(|line| line.map(Text::from).to_vec()).collect(),
        remarks: table.explained().lines().filter(|line| !line.is_empty()).map(Text::from).collect(),
    }
}

/// The table of the folds that are the `runs` in `folder`; nothing where they are no folds.
pub(super) fn folds(folder: &Path, runs: &[(String, PathBuf)]) -> Result<Option<Study>, Error> {
    let Some((name, first)) = runs.first() else { return Ok(None) };
    let config: toml::Table =
        run::text(first, CONFIG)?.and_then(|text| text.parse().ok()).unwrap_or_default();
    let of_data = |key: &str| usize::try_from(config.get("data")?.get(key)?.as_integer()?).ok();
    let (Some(folds), Some(fold)) = (of_data("folds"), of_data("fold")) else { return Ok(None) };
    // A fold that is looked at alone, or was put elsewhere, beside runs of another kind.
    if first == folder || *name != FoldTable::name_of(fold) {
        return Ok(None);
    }
    let task = config.get("task").and_then(|task| task.get("name")?.as_str()?.parse::<TaskKind>().ok());
    let evaluated = config.get("evaluation").and_then(|table| table.get("every")?.as_integer());
    let watch = config.get("training").and_then(|table| table.get("watch")?.clone().try_into().ok());
    let asked = Asked {
        task: task.map_or("", TaskKind::name),
        folds,
        train_examples: of_data("train_examples").unwrap_or(0),
        best: Best::of(watch, evaluated.is_some_and(|every| every > 0)),
    };
    let table = FoldTable::of(folder, asked)?;
    let about = "Each fold is trained on examples outside of it and scored on its own, so that every example is scored once.";
    Ok(Some(Study {
        head: table.head().map(str::to_owned).to_vec(),
        rows: table.lines().map(|line| line.map(Text::from).to_vec()).collect(),
        remarks: table
            .sums()
            .into_iter()
            .chain([about.to_owned()])
            .chain(table.failures())
            .map(Text::from)
            .collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fishdip_report::{Annotation, Item};

    fn sentence(word: &str, gold: &str, found: &str) -> Sentence {
        let class = |label: &str| {
            let item = Item { label: label.into(), text: Text::default(), place: vec![], score: None };
            Annotation::new(vec![], vec![item])
        };
        Sentence {
            words: vec![word.into()],
            gold: class(gold),
            found: vec![class(found)],
            ..Sentence::default()
        }
    }

    #[test]
    fn the_same_sentences_are_paired() {
        let first = [
            sentence("a", "1", "x"),
            sentence("b", "1", "x"),
            sentence("a", "1", "y"),
            sentence("c", "1", "x"),
        ];
        let second = [
            sentence("a", "1", "p"),
            sentence("c", "2", "p"),
            sentence("a", "1", "q"),
            sentence("d", "1", "p"),
        ];
        let all = paired(&first, &second);
        let labels: Vec<Vec<&str>> =
            all.iter().map(|s| s.found.iter().map(|found| found.items[0].label.raw()).collect()).collect();
        // `b` and `d` have one run each, and `c` is annotated otherwise.
        assert_eq!(labels, [["x", "p"], ["y", "q"]]);
    }
}
