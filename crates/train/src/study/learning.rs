// Longer than 400 lines: the table, its Markdown and its CSV show the same columns.
//! The table and the curves of a study whose cells simulate active learning.

use fishdip_active::{Curve, interval};
use fishdip_report::curve::band;
use fishdip_report::picture::{Line, Picture};
use fishdip_tasks::score::Interval;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::fmt::Write as _;

use super::CellState;
use super::cells::{Cell, Group};
use super::metric::metric;
use super::picked::{self, PickedRow};
use super::table::why_missing;
use super::text::{aligned, failures, number, quoted};
use crate::active::{CURVE, CurveFile};
use crate::run_result;
use crate::{Error, RoundReport};

/// The samples are the same each time.
const SEED: u64 = 1;

/// The strategy that all others are compared with.
const RANDOM: &str = "random";

/// What a study of active learning has come to.
#[derive(Clone, Debug, Serialize)]
pub struct LearningTable {
    /// A row a group, and one for each cell that is not done.
    pub rows: Vec<LearningRow>,
    /// What is compared: the area under the curve of F1, accuracy or another score.
    pub metric: String,
    /// The group that differences are taken to.
    pub baseline: Option<String>,
    /// The score whose labels and seconds are told: that of the study, else the mean score of the baseline with all labels.
    pub target: Option<f64>,
    /// What each group has picked, by what a training learns and forgets of it; empty where no cell knows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub picked: Vec<PickedRow>,
}

/// A group of cells that differ by their seeds alone; or a cell that is not done, which has no figures.
#[derive(Clone, Debug, Serialize)]
pub struct LearningRow {
    /// The name of the group, or of the cell.
    pub name: String,
    /// Axis by axis the value.
    pub group: Map<String, Json>,
    /// Cells that are done, each with its seed.
    pub seeds: usize,
    /// The mean area under their curves: the mean score over the range of labels.
    pub score: Option<f64>,
    /// Where it lies with 95 % confidence, over seeds; nothing for one seed.
    pub interval: Option<[f64; 2]>,
    /// The mean area minus that of the baseline, over the seeds that both have; for one seed, without an interval worth the name.
    pub difference: Option<Interval>,
    /// The same to the group that asks at random and is like this one otherwise; nothing for that group itself, and where it is the baseline.
    pub to_random: Option<Interval>,
    /// The mean score with all labels.
    pub last_score: Option<f64>,
    /// Labels in the end, of the cell with the most.
    pub labels: Option<u32>,
    /// How many labels fewer than the baseline it takes to the best score that both reach, the mean over seeds where both reach it.
    pub labels_saved: Option<f64>,
    /// Cells that reach the target.
    pub reached: usize,
    /// How many labels it takes to the target, by straight lines between the rounds, the mean over the cells that reach it.
    pub labels_to_target: Option<f64>,
    /// Seconds of all rounds up to the first that reaches the target, the mean over the same cells.
    pub seconds_to_target: Option<f64>,
    /// Seconds of all rounds, the mean over the cells.
    pub seconds: Option<f64>,
    /// Why the cell is not done.
    pub error: Option<String>,
}

/// A cell that is done.
pub(super) struct Done<'a> {
    pub(super) cell: &'a Cell,
    metric: String,
    pub(super) rounds: Vec<RoundReport>,
    curve: Curve,
}

impl Done<'_> {
    fn last_score(&self) -> f64 {
        self.rounds.last().map_or(0.0, |round| round.score)
    }

    fn seconds(&self) -> f64 {
        self.rounds.iter().map(seconds).sum()
    }

    /// Seconds up to the end of the first round with the score `target`.
    fn seconds_to(&self, target: f64) -> Option<f64> {
        let first = self.rounds.iter().position(|round| round.score >= target)?;
        Some(self.rounds[..=first].iter().map(seconds).sum())
    }

    /// The area; of one round, its score.
    fn area(&self) -> Result<f64, Error> {
        if self.rounds.len() < 2 { Ok(self.last_score()) } else { Ok(self.curve.area()?) }
    }
}

fn seconds(round: &RoundReport) -> f64 {
    round.query_seconds.unwrap_or(0.0) + round.train_seconds
}

/// The cells that are done.
pub(super) fn done(cells: &[Cell]) -> Result<Vec<Done<'_>>, Error> {
    fn read(cell: &Cell) -> Result<Done<'_>, Error> {
        let CurveFile { metric, rounds } = run_result::json(&cell.folder.join(CURVE))?;
        let curve = Curve::new(rounds.iter().map(|round: &RoundReport| (round.labels, round.score)))?;
        Ok(Done { cell, metric, rounds, curve })
    }
    cells.iter().filter(|cell| cell.state() == CellState::Done).map(read).collect()
}

/// The table of `groups` and their `cells`, of which some are `done`; differences are taken to the group `baseline`, and labels and seconds
/// are told to the score `target`, or else to that of the baseline with all labels.
pub(super) fn table(
    groups: &[Group],
    cells: &[Cell],
    done: &[Done<'_>],
    baseline: Option<usize>,
    target: Option<f64>,
) -> Result<LearningTable, Error> {
    let of_group = |group: usize| done.iter().filter(|done| done.cell.group == group).collect::<Vec<_>>();
    let baseline_cells = baseline.map(of_group).unwrap_or_default();
    let target = target.or_else(|| mean_of(baseline_cells.iter().map(|done| done.last_score()).collect()));
    let (mut rows, mut picked) = (Vec::new(), Vec::new());
    for (index, group) in groups.iter().enumerate() {
        let own = of_group(index);
        picked.extend(picked::row(group, own.iter().flat_map(|done| &done.rounds)));
        if !own.is_empty() {
            let against = if baseline == Some(index) { &[][..] } else { &baseline_cells[..] };
            let random = at_random(groups, cells, index).filter(|&random| baseline != Some(random));
            let to_random = difference(&own, &random.map(of_group).unwrap_or_default())?;
            rows.push(LearningRow { to_random, ..row(group, &own, against, target)? });
        }
        let missing = cells.iter().filter(|cell| cell.group == index && cell.state() != CellState::Done);
        rows.extend(missing.map(|cell| LearningRow {
            name: cell.name.clone(),
            error: Some(why_missing(cell)),
            ..LearningRow::empty(group)
        }));
    }
    let metric = metric(done.iter().map(|done| done.metric.as_str()));
    Ok(LearningTable {
        rows,
        metric: format!("area under the curve of {metric}"),
        baseline: baseline.and_then(|index| groups.get(index)).map(|group| group.name.clone()),
        target,
        picked,
    })
}

/// The group that asks at random and is like the group `index` in all but one axis; nothing if that asks at random itself.
fn at_random(groups: &[Group], cells: &[Cell], index: usize) -> Option<usize> {
    let is_random = |group: usize| {
        let cell = cells.iter().find(|cell| cell.group == group);
        cell.and_then(|cell| cell.config.active.as_ref()).is_some_and(|active| active.strategy == RANDOM)
    };
    let own = &groups.get(index)?.values;
    let is_alike = |other: &Group| {
        own.iter().filter(|(axis, value)| other.values.get(*axis) != Some(value)).count() == 1
    };
    if is_random(index) {
        return None;
    }
    let mut others = groups.iter().enumerate();
    others.find(|&(at, other)| is_alike(other) && is_random(at)).map(|(at, _)| at)
}

/// The mean area of `cells` minus that of `others`, over the seeds that both have; nothing where they have none together.
fn difference(cells: &[&Done<'_>], others: &[&Done<'_>]) -> Result<Option<Interval>, Error> {
    let (mut paired, mut against) = (Vec::new(), Vec::new());
    for done in cells {
        let Some(other) = others.iter().find(|other| other.cell.seed == done.cell.seed) else { continue };
        paired.push(done.area()?);
        against.push(other.area()?);
    }
    if paired.is_empty() {
        return Ok(None);
    }
    let interval::Interval { mean, low, high, .. } = interval::of_difference(&paired, &against, SEED)?;
    Ok(Some(Interval { value: mean, low, high }))
}

fn mean_of(figures: Vec<f64>) -> Option<f64> {
    let count = figures.len();
    (count > 0).then(|| figures.into_iter().sum::<f64>() / count as f64)
}

fn row(
    group: &Group,
    cells: &[&Done<'_>],
    baseline: &[&Done<'_>],
    target: Option<f64>,
) -> Result<LearningRow, Error> {
    let areas = cells.iter().map(|done| done.area()).collect::<Result<Vec<_>, _>>()?;
    let mean = interval::of_mean(&areas, SEED)?;
    let same_seed = |done: &&Done<'_>| baseline.iter().find(|other| other.cell.seed == done.cell.seed);
    let mut saved = Vec::new();
    for done in cells {
        let Some(base) = same_seed(done) else { continue };
        saved.extend(done.curve.labels_saved(&base.curve, done.curve.common_best(&base.curve)));
    }
    let to_target = |reach: &dyn Fn(&Done<'_>, f64) -> Option<f64>| -> Vec<f64> {
        target.map_or_else(Vec::new, |target| cells.iter().filter_map(|done| reach(done, target)).collect())
    };
    let labels_to_target = to_target(&|done, target| done.curve.labels_to_reach(target));
    Ok(LearningRow {
        seeds: cells.len(),
        score: Some(mean.mean),
        interval: (cells.len() > 1).then_some([mean.low, mean.high]),
        difference: difference(cells, baseline)?,
        last_score: mean_of(cells.iter().map(|done| done.last_score()).collect()),
        labels: cells.iter().filter_map(|done| Some(done.rounds.last()?.labels)).max(),
        labels_saved: mean_of(saved),
        reached: labels_to_target.len(),
        labels_to_target: mean_of(labels_to_target),
        seconds_to_target: mean_of(to_target(&|done, target| done.seconds_to(target))),
        seconds: mean_of(cells.iter().map(|done| done.seconds()).collect()),
        ..LearningRow::empty(group)
    })
}

/// The curves of the cells that are done, a line a group: scores over labels.
pub(super) fn picture(groups: &[Group], done: &[Done<'_>]) -> Picture {
    let lines = groups.iter().enumerate().filter_map(|(index, group)| {
        let own = done.iter().filter(|done| done.cell.group == index);
        let curves: Vec<Vec<(usize, f64)>> = own
            .map(|done| done.rounds.iter().map(|round| (round.labels as usize, round.score)).collect())
            .collect();
        let points = band(&curves);
        (!points.is_empty()).then(|| Line { name: group.name.clone(), points })
    });
    let metric = metric(done.iter().map(|done| done.metric.as_str()));
    Picture { lines: lines.collect(), across: "labels".to_owned(), up: format!("held-out {metric}") }
}

impl LearningRow {
    fn empty(group: &Group) -> Self {
        Self {
            name: group.name.clone(),
            group: group.values.clone(),
            seeds: 0,
            score: None,
            interval: None,
            difference: None,
            to_random: None,
            last_score: None,
            labels: None,
            labels_saved: None,
            reached: 0,
            labels_to_target: None,
            seconds_to_target: None,
            seconds: None,
            error: None,
        }
    }

    fn cells(&self) -> [String; 10] {
        let none = || "-".to_owned();
        if self.error.is_some() {
            // Why is told below, where there is room for it.
            let mut cells = std::array::from_fn(|_| none());
            (cells[0], cells[1], cells[2]) = (self.name.clone(), "0".to_owned(), "not done".to_owned());
            return cells;
        }
        let ends = self.interval.map_or_else(String::new, |[low, high]| format!(" ({low:.4} to {high:.4})"));
        let difference = |Interval { value, low, high }: Interval| {
            let ends = if low < high { format!(" ({low:+.4} to {high:+.4})") } else { String::new() };
            format!("{value:+.4}{ends}")
        };
        [
            self.name.clone(),
            self.seeds.to_string(),
            self.score.map_or_else(none, |score| format!("{score:.4}{ends}")),
            self.difference.map_or_else(none, difference),
            self.last_score.map_or_else(none, |score| format!("{score:.4}")),
            self.labels_saved.map_or_else(none, |saved| format!("{saved:.0}")),
            self.labels_to_target.map_or_else(none, |labels| {
                // What some cells never reach is no mean of all.
                let of = if self.reached < self.seeds {
                    format!(" ({} of {})", self.reached, self.seeds)
                } else {
                    String::new()
                };
                format!("{labels:.0}{of}")
            }),
            self.seconds_to_target.map_or_else(none, |seconds| format!("{seconds:.0}")),
            self.seconds.map_or_else(none, |seconds| format!("{seconds:.0}")),
            self.to_random.map_or_else(none, difference),
        ]
    }
}

impl LearningTable {
    /// As a table of Markdown, which can be read as it is, with what its figures are.
    pub fn to_markdown(&self) -> String {
        let head = [
            "group",
            "seeds",
            "area (95 %)",
            "difference (95 %)",
            "last score",
            "labels saved",
            "labels to target",
            "seconds to target",
            "seconds",
        ];
        let lines = self.rows.iter().map(LearningRow::cells);
        let has_random = self.rows.iter().any(|row| row.to_random.is_some());
        let mut text = if has_random {
            let [a, b, c, d, e, f, g, h, i] = head;
            aligned(&[a, b, c, d, e, f, g, h, i, "to random (95 %)"], &lines.collect::<Vec<_>>())
        } else {
            aligned(&head, &lines.map(|[cells @ .., _]| cells).collect::<Vec<[String; 9]>>())
        };
        let metric = &self.metric;
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "\nThe {metric} over labels, divided by their range, is the mean score over it; its 95 % interval is that of a bootstrap over seeds. Few seeds \
             make it somewhat too narrow, and one makes none."
        );
        if let Some(baseline) = &self.baseline {
            let _ = writeln!(
                text,
                "Differences are to {baseline}, seed by seed; labels saved are to the best score that both reach."
            );
        }
        if has_random {
            let _ = writeln!(text, "To random: to the group that asks at random and is like it otherwise.");
        }
        if let Some(target) = self.target {
            let _ = writeln!(
                text,
                "The target is a score of {target:.4}: the mean over the cells that reach it of the labels that this takes, by straight lines between rounds, and of \
                 the seconds until the first round with it."
            );
        }
        text += &picked::to_markdown(&self.picked);
        text + &failures(self.rows.iter().filter_map(|row| Some((&row.name, row.error.as_ref()?))))
    }

    /// As CSV, every figure in a column of its own.
    pub fn to_csv(&self) -> String {
        let head = "name,seeds,area,low,high,difference,difference_low,difference_high,last_score,labels,labels_saved,reached,labels_to_target,seconds_to_target,seconds,error,to_random,to_random_low,to_random_high,unforgettable,forgettable,moderately_forgettable,never_learnt,unknown";
        let mut text = format!("{head}\n");
        for row in &self.rows {
            let end = |at: usize| number(row.interval.map(|ends| ends[at]));
            let fields = [
                quoted(&row.name),
                row.seeds.to_string(),
                number(row.score),
                end(0),
                end(1),
                number(row.difference.map(|difference| difference.value)),
                number(row.difference.map(|difference| difference.low)),
                number(row.difference.map(|difference| difference.high)),
                number(row.last_score),
                row.labels.map_or_else(String::new, |labels| labels.to_string()),
                number(row.labels_saved),
                row.reached.to_string(),
                number(row.labels_to_target),
                number(row.seconds_to_target),
                number(row.seconds),
                row.error.as_deref().map_or_else(String::new, quoted),
                number(row.to_random.map(|difference| difference.value)),
                number(row.to_random.map(|difference| difference.low)),
                number(row.to_random.map(|difference| difference.high)),
                picked::fields(
                    self.picked.iter().find(|picked| picked.name == row.name).map(|picked| picked.counts),
                ),
            ];
            text += &fields.join(",");
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use std::fs;

    use serde_json::json;

    use super::super::cells::cells;
    use super::super::config::StudyConfig;
    use super::*;

    const BASE: &str = "[model]\npath = \"m\"\n[data]\ndir = \"d\"\ntrain = \"t\"\n[task]\nname = \"ner\"\n[active]\nstart = 10\nbudget = 30\n";

    /// Leaves what a cell that is done leaves: rounds with these scores, of which the second has picked two forgettable examples.
    fn write(cell: &Cell, scores: &[f64]) {
        fs::create_dir_all(&cell.folder).unwrap();
        let rounds = scores.iter().enumerate().map(|(round, score)| {
            let picked = (round == 1).then(|| json!({ "unforgettable": 0, "forgettable": 2, "moderately_forgettable": 1, "never_learnt": 0 }));
            json!({ "round": round, "labels": 10 * (round + 1), "score": score, "macro_f1": null, "picked": picked, "query_seconds": 1.0, "train_seconds": 2.0, "ledger": "" })
        });
        let rounds: Vec<_> = rounds.collect();
        fs::write(cell.folder.join(CURVE), json!({ "metric": "F1", "rounds": rounds }).to_string()).unwrap();
        fs::write(cell.folder.join("result.json"), "{}").unwrap();
    }

    /// Two methods with two strategies each.
    #[test]
    fn strategies_are_compared_with_random_questions_of_the_same_method() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("base.toml");
        fs::write(&base, BASE).unwrap();
        let study = format!(
            "base = {base:?}\nseeds = [1]\n[[axis]]\nkey = \"method.name\"\nvalues = [\"full\", \"lora\"]\n[[axis]]\nkey = \"active.strategy\"\nvalues = [\"random\", \"core-set\"]\n"
        );
        let config = StudyConfig::parse("study.toml", &study).unwrap();
        let (groups, cells) = cells(&config, folder.path()).unwrap();
        for (cell, scores) in cells.iter().zip([[0.5, 0.7], [0.6, 0.7], [0.1, 0.3], [0.1, 0.2]]) {
            write(cell, &scores);
        }
        let done = done(&cells).unwrap();
        let table = super::table(&groups, &cells, &done, Some(0), None).unwrap();
        let found: Vec<Option<f64>> = table.rows.iter().map(|row| row.to_random.map(|to| to.value)).collect();
        // Areas are 0.6 and 0.65, 0.2 and 0.15; the second is compared with the baseline already.
        assert_eq!(found[..3], [None, None, None]);
        assert!((found[3].unwrap() + 0.05).abs() < 1e-9, "{table:?}");
        let text = table.to_markdown();
        assert!(text.contains("to random (95 %)") && text.contains("asks at random"), "{text}");
        let csv = table.to_csv();
        let last = csv.lines().last().unwrap();
        assert!(
            last.starts_with("\"lora,core-set\",1,0.150000,")
                && last.ends_with(",-0.050000,-0.050000,-0.050000,0,2,1,0,0"),
            "{csv}"
        );
        assert!(
            csv.lines().all(|line| line.matches(',').count()
                - line.matches("lora,").count()
                - line.matches("full,").count()
                == 23),
            "{csv}"
        );
        let rounds = super::super::rounds::to_csv(&done);
        let lines: Vec<&str> = rounds.lines().collect();
        assert_eq!(lines.len(), 9, "{rounds}");
        assert_eq!(lines[1], "\"full,random,seed=1\",1,0,10,0.500000,,1.000000,2.000000,,,,,");
        assert_eq!(lines[8], "\"lora,core-set,seed=1\",1,1,20,0.200000,,1.000000,2.000000,0,2,1,0,0");
    }

    /// Two strategies of two seeds, whose curves are written by hand; one cell is not done.
    #[test]
    fn areas_are_compared_seed_by_seed() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("base.toml");
        fs::write(&base, BASE).unwrap();
        let study = format!(
            "base = {base:?}\nseeds = [1, 2]\n[[axis]]\nkey = \"active.strategy\"\nvalues = [\"random\", \"log-probability\", \"core-set\"]\n"
        );
        let config = StudyConfig::parse("study.toml", &study).unwrap();
        let (groups, cells) = cells(&config, folder.path()).unwrap();
        let scores = [[0.1, 0.3, 0.5], [0.2, 0.4, 0.6], [0.1, 0.5, 0.7], [0.4, 0.4, 0.6], [0.0, 0.0, 0.0]];
        for (cell, scores) in cells.iter().zip(scores) {
            write(cell, &scores);
        }
        let done = done(&cells).unwrap();
        let table = super::table(&groups, &cells, &done, Some(0), None).unwrap();
        let names: Vec<&str> = table.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["random", "log-probability", "core-set", "core-set,seed=2"]);
        // (0.2 + 0.4) / 2 and (0.3 + 0.5) / 2 of random; (0.3 + 0.6) / 2 and (0.4 + 0.5) / 2 of the other.
        let close = |found: Option<f64>, expected: f64| {
            assert!((found.unwrap() - expected).abs() < 1e-9, "{table:?}");
        };
        close(table.rows[0].score, 0.35);
        close(table.rows[1].score, 0.45);
        close(table.rows[1].difference.map(|difference| difference.value), 0.1);
        // Of 0.15 and 0.05.
        assert_eq!(table.rows[1].difference.map(|d| (d.low > 0.0, d.high < 0.16)), Some((true, true)));
        // 0.5 comes with 30 labels and with 20, 0.6 with 30 both.
        close(table.rows[1].labels_saved, 5.0);
        close(table.rows[1].last_score, 0.65);
        close(table.rows[1].seconds, 9.0);
        assert!(table.rows[0].difference.is_none() && table.rows[2].interval.is_none());
        // The baseline ends with 0.55 on average, which its second seed alone reaches, between 20 and 30 labels.
        close(table.target, 0.55);
        assert_eq!((table.rows[0].reached, table.rows[1].reached), (1, 2));
        close(table.rows[0].labels_to_target, 27.5);
        // Of 20 + 10 · 0.05 / 0.2 and 20 + 10 · 0.15 / 0.2.
        close(table.rows[1].labels_to_target, 25.0);
        close(table.rows[1].seconds_to_target, 9.0);
        let other = super::table(&groups, &cells, &done, Some(0), Some(0.4)).unwrap();
        close(other.target, 0.4);
        // With 15 labels of the first seed, and with the 10 of the start of the second.
        close(other.rows[1].labels_to_target, 13.75);
        // In the second round and in the first.
        close(other.rows[1].seconds_to_target, 4.5);
        assert_eq!(table.rows[3].error.as_deref(), Some("it was not run"));
        let text = table.to_markdown();
        assert!(
            text.contains("area under the curve of F1") && text.contains("- core-set,seed=2: it was not run"),
            "{text}"
        );
        let widths: Vec<usize> = text.lines().take(6).map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{text}");
        assert_eq!(table.to_csv().lines().count(), 5);
        // The baseline asks at random, so that the column would say the same twice.
        assert!(
            table.rows.iter().all(|row| row.to_random.is_none()) && !text.contains("to random (95 %)"),
            "{text}"
        );
        let svg = picture(&groups, &done).to_svg();
        assert!(svg.contains(">labels<") && svg.matches("<polyline").count() == 3, "{svg}");
    }
}
