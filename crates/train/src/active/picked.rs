//! Of which class what was asked for is, by what a training learns and forgets.

use std::collections::BTreeMap;
use std::path::Path;

use fishdip_active::Learning;
use fishdip_report::picture::HeatMap;
use fishdip_report::{LearningClass, Text};
use fishdip_tasks::{Example, Task};

use super::curve::RoundReport;
use crate::insight::{DYNAMICS, Dynamics, LearningCounts, key};
use crate::{Error, run_result};

/// The picture in the folder of a simulation, and in that of a study.
pub(crate) const PICKED: &str = "picked.svg";

/// The class of each example that a training has looked at, and how often it was forgotten, by what the example is known by.
#[derive(Debug)]
pub(super) struct Known(BTreeMap<String, (Learning, u32)>);

impl Known {
    /// Of the training in the run folder `run`; nothing if it did not look.
    pub(super) fn of_run(run: &Path) -> Result<Option<Self>, Error> {
        let path = run.join(DYNAMICS);
        if !path.is_file() {
            return Ok(None);
        }
        let dynamics: Dynamics = run_result::json(&path)?;
        Ok(Some(Self::of(&dynamics)))
    }

    fn of(dynamics: &Dynamics) -> Self {
        // Examples of one text and target are dealt with alike, so that any of them will do.
        let each = dynamics.examples.iter();
        let each = each.map(|of| (of.key.clone(), (of.learning, of.events.unwrap_or(0))));
        Self(each.collect())
    }

    /// Of the run that the key `active.dynamics` names, for the examples of `pool`, of which it must know some; also how many it does not know.
    pub(super) fn of_pool(run: &Path, task: &Task, pool: &[Example]) -> Result<(Self, usize), Error> {
        let place = run.display();
        let Some(known) = Self::of_run(run)? else {
            return Err(Error::Data(format!(
                "active.dynamics is {place}, where there is no {DYNAMICS}; name a run folder whose training had insight.dynamics = true and has ended"
            )));
        };
        let unknown = known.count(task, pool)?.unknown;
        if unknown == pool.len() {
            return Err(Error::Data(format!(
                "active.dynamics is {place}, whose training had none of the examples of the pool; name a run on the same data with the same [task]"
            )));
        }
        Ok((known, unknown))
    }

    /// How many of `examples` are of each class.
    pub(super) fn count(&self, task: &Task, examples: &[Example]) -> Result<LearningCounts, Error> {
        let mut counts = LearningCounts::default();
        for example in examples {
            let known = self.0.get(&key(task, example)?);
            counts.add(known.map(|known| known.0), known.map_or(0, |known| known.1));
        }
        Ok(counts)
    }
}

/// The shares of the classes among what each of `rounds` has asked for, as a picture; nothing if none knows.
pub(super) fn picture(rounds: &[RoundReport]) -> Option<String> {
    let rows = rounds.iter().filter_map(|round| {
        let name = if round.round == 0 { "start".to_owned() } else { format!("round {}", round.round) };
        Some((name, round.picked?))
    });
    shares_map(rows.collect())
}

/// A row for each of `rows` with the shares of the classes in it; nothing without a row that has any.
pub(crate) fn shares_map(rows: Vec<(String, LearningCounts)>) -> Option<String> {
    let rows: Vec<_> = rows.into_iter().filter(|(_, counts)| counts.known() != [0; 3]).collect();
    let names: Vec<Text> = rows.iter().map(|(name, _)| Text::from(name.as_str())).collect();
    let cells: Vec<f64> = rows.iter().flat_map(|(_, counts)| counts.shares()).collect();
    let columns = LearningClass::ALL.map(|class| Text::from(class.name()));
    let map = HeatMap { rows: &names, columns: &columns, cells: &cells };
    (!names.is_empty()).then(|| map.to_svg())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use std::fs;

    use fishdip_active::Region;
    use fishdip_tasks::{Entity, Mode, Schema};

    use super::*;
    use crate::insight::LearnedExample;

    fn task() -> Task {
        Task::ner(Schema::conll03(), Mode::Fixed)
    }

    fn pool() -> Vec<Example> {
        let mut pool: Vec<Example> =
            ["Ann", "Bob", "Cid", "Dan"].map(|name| Example::new([name, "left"])).into();
        pool[0].entities.push(Entity::new("PER", 0, 1));
        pool
    }

    /// A run that has looked at the first three of the pool.
    fn run(folder: &Path) {
        let learning = [Learning::Unforgettable, Learning::Forgettable, Learning::NeverLearnt];
        let region = Region { confidence: 0.5, variability: 0.1, correctness: 1, threshold_closeness: 0.25 };
        let mut counts = LearningCounts::default();
        let examples = pool().into_iter().zip(learning).map(|(example, learning)| {
            counts.add(Some(learning), 3);
            let key = key(&task(), &example).unwrap();
            LearnedExample { at: example.place(), key, learning, events: Some(3), region, pvi: None }
        });
        let dynamics = Dynamics { steps: vec![1], examples: examples.collect(), counts };
        fs::create_dir_all(folder.join("insight")).unwrap();
        fs::write(folder.join(DYNAMICS), serde_json::to_string(&dynamics).unwrap()).unwrap();
    }

    #[test]
    fn picks_are_counted_by_class() {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path());
        let (known, unknown) = Known::of_pool(folder.path(), &task(), &pool()).unwrap();
        assert_eq!(unknown, 1);
        let counts =
            known.count(&task(), &[pool()[1].clone(), pool()[3].clone(), pool()[1].clone()]).unwrap();
        assert_eq!(counts, LearningCounts { forgettable: 2, unknown: 1, ..LearningCounts::default() });
        // With another label it is another example.
        let mut other = pool()[0].clone();
        other.entities.clear();
        assert_eq!(known.count(&task(), &[other]).unwrap().unknown, 1);
    }

    #[test]
    fn a_run_that_cannot_tell_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused =
            |pool: &[Example]| Known::of_pool(folder.path(), &task(), pool).unwrap_err().to_string();
        assert!(refused(&pool()).contains("insight.dynamics = true"), "{}", refused(&pool()));
        run(folder.path());
        assert!(
            refused(&pool()[3..]).contains("none of the examples of the pool"),
            "{}",
            refused(&pool()[3..])
        );
        fs::write(folder.path().join(DYNAMICS), "{").unwrap();
        assert!(refused(&pool()).contains("dynamics.json"), "{}", refused(&pool()));
    }

    #[test]
    fn rows_are_shares_of_what_is_known() {
        let counts =
            LearningCounts { unforgettable: 1, forgettable: 3, unknown: 5, ..LearningCounts::default() };
        assert_eq!(counts.shares(), [0.25, 0.75, 0.0]);
        assert_eq!(LearningCounts::default().shares(), [0.0; 3]);
        let svg =
            shares_map(vec![("random".to_owned(), counts), ("none".to_owned(), LearningCounts::default())])
                .unwrap();
        assert!(svg.contains(">75.0<") && svg.contains(">random<") && !svg.contains(">none<"), "{svg}");
        assert!(shares_map(vec![("none".to_owned(), LearningCounts::default())]).is_none());
    }
}
