//! The part of `docs/results.md` that is made of the cells; what stands below it is written by hand.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::cells::Finished;
use super::claims::first_paragraph;
use super::compare::{Figure, Found, Place};
use super::interval::Mean;
use super::picture;
use super::plan::{Cell, Plan, has};
use super::whole_file::put;

const PAGE: &str = "docs/results.md";
const PICTURE: &str = "docs/results/scores.svg";

/// The lines between which everything is made.
const MARKS: [&str; 2] =
    ["<!-- Made by `cargo xtask results` up to the next mark. -->", "<!-- Written by hand from here on. -->"];

/// Characters of a line of prose.
const WIDTH: usize = 118;

/// Makes the page and its picture of the `cells` that are done.
pub(super) fn write(root: &Path, plan: &Plan, cells: &[(&Cell, &Finished)]) -> Result<()> {
    let no_marks = || format!("{PAGE} has not the two marks between which the tables are made");
    let found = Found::new(plan, cells);
    let path = root.join(PAGE);
    let old = fs::read_to_string(&path).with_context(|| format!("failed to read {PAGE}"))?;
    // Before a new picture stands beside an old page.
    put_in(&old, "").with_context(no_marks)?;
    let has_picture = picture::draw(&root.join(PICTURE), &found)?;
    let new = put_in(&old, &made(&found, has_picture)).with_context(no_marks)?;
    put(&path, &new)
}

/// `page` with `made` between the marks; nothing if it has not both.
fn put_in(page: &str, made: &str) -> Option<String> {
    let (before, rest) = page.split_once(MARKS[0])?;
    let (_, after) = rest.split_once(MARKS[1])?;
    Some(format!("{before}{}\n\n{made}\n{}{after}", MARKS[0], MARKS[1]))
}

fn made(found: &Found<'_>, has_picture: bool) -> String {
    let mut text = wrapped(&first_paragraph(found));
    let first = found.plan.sizes.first().map_or(0, |size| size.examples);
    let told = format!(
        "A figure is the mean score in percent, its 95 % interval over seeds (Student's t; a seed draws the examples, their \
                order and what is random in training, so that the interval is for other draws of the examples, not of the scored \
                file), the number of seeds, and the minutes of a run, training and scoring. Differences are paired by seed. All methods \
                of a column have the same examples, steps and batches, and are decoded with the output constraint. All but FISH-DIP as in the paper \
                train with the loss over legal pieces, rate and k of the rules, and for slots with other mentions in three of ten places; that one \
                with the settings of `configs/paper.toml`, whose 1 % and learning rate were not tuned to this small model. The model untrained is \
                told the labels, and how long an example is: it is run once, beside {first} examples, and \
                stands beside all. CRF (python-crfsuite) and spaCy `ner` are trained from scratch. Labels have the names of `configs/results/data.toml`: for ATIS and SNIPS those of the original program. \
                What has fewer than two seeds in common is not compared. `configs/results` has the settings, and `docs/results/cells.json` every run. The command of a figure is that of its row with \
                the number of examples behind it, and `.SEED` behind that for one run:"
    );
    text.push('\n');
    text.push_str(&wrapped(&told));
    text.push_str("\n```sh\ncargo xtask results --data FOLDER --only conll03.ours.140\n```\n");
    if has_picture {
        text.push_str("\n![Scores over numbers of examples](results/scores.svg)\n");
    }
    text.push_str(&over_data(found));
    for of_score in found.places().chunk_by(|a, b| std::ptr::eq(a.measure, b.measure)) {
        if of_score.iter().any(|place| found.plan.methods.iter().any(|m| found.figure(*place, m).is_some())) {
            text.push_str(&table(found, of_score));
        }
    }
    let machines = found.machines();
    if !machines.is_empty() {
        let _ = write!(text, "\n{}", wrapped(&format!("Computed on: {}.", machines.join("; "))));
    }
    text
}

/// Our method minus each other one over data sets: a row a method, a column a number of examples; nothing where nothing can be compared.
fn over_data(found: &Found<'_>) -> String {
    let Some(ours) = found.ours() else { return String::new() };
    let sizes = found.plan.sizes_in_order();
    let mut rows = String::new();
    for other in found.plan.methods.iter().filter(|method| method.name != ours.name) {
        let differences: Vec<_> = sizes.iter().map(|size| found.over_data(size, ours, other)).collect();
        if differences.iter().any(Option::is_some) {
            let shown = differences.into_iter().map(|found| found.map_or_else(|| "–".to_owned(), difference));
            let _ = writeln!(rows, "| {} | {} |", other.title, shown.collect::<Vec<_>>().join(" | "));
        }
    }
    if rows.is_empty() {
        return rows;
    }
    let told = format!(
        "{} minus each of the others, in points of the first score of a data set: the mean over the data sets that both were run on, its 95 % \
         interval for other data sets (Student's t), and how many there were.",
        ours.title
    );
    let sizes: Vec<String> = sizes.iter().map(|size| size.examples.to_string()).collect();
    let columns = "---|".repeat(sizes.len());
    format!("\n### Over data sets\n\n{}\n| | {} |\n|---|{columns}\n{rows}", wrapped(&told), sizes.join(" | "))
}

/// `+2.4 [1.7, 3.1], 6`
fn difference(difference: Mean) -> String {
    let points = |score: f64| 100.0 * score;
    let interval = difference
        .interval
        .map_or_else(String::new, |[low, high]| format!(" [{:+.1}, {:+.1}]", points(low), points(high)));
    format!("{:+.1}{interval}, {}", points(difference.value), difference.count)
}

/// The table of one score: a row a method, a column a number of examples.
fn table(found: &Found<'_>, places: &[Place<'_>]) -> String {
    let Some(Place { data, measure, .. }) = places.first() else { return String::new() };
    let sizes: Vec<String> = places.iter().map(|place| place.size.examples.to_string()).collect();
    let mut text = format!("\n### {}\n\n", measure.title);
    let _ = writeln!(text, "| | `--only` | {} |", sizes.join(" | "));
    let _ = writeln!(text, "|---|---|{}", "---|".repeat(sizes.len()));
    for method in &found.plan.methods {
        if !places.iter().any(|place| has(data, method, place.size)) {
            continue;
        }
        let shown = |place: &Place<'_>| found.figure(*place, method).map_or_else(|| "–".to_owned(), figure);
        let figures: Vec<String> = places.iter().map(shown).collect();
        let _ = writeln!(
            text,
            "| {} | `{}.{}` | {} |",
            method.title,
            data.name,
            method.name,
            figures.join(" | ")
        );
    }
    text
}

/// `54.6 [53.7, 55.6], 3 seeds, 0.1 min`
fn figure(figure: Figure) -> String {
    let percent = |score: f64| 100.0 * score;
    let seeds = figure.score.count;
    let interval = figure
        .score
        .interval
        .map_or_else(String::new, |[low, high]| format!(" [{:.1}, {:.1}]", percent(low), percent(high)));
    let plural = if seeds == 1 { "seed" } else { "seeds" };
    format!("{:.1}{interval}, {seeds} {plural}, {:.1} min", percent(figure.score.value), figure.minutes)
}

/// `text` in lines that are not too wide.
fn wrapped(text: &str) -> String {
    let (mut lines, mut width) = (String::new(), 0);
    for word in text.split_whitespace() {
        let own = word.chars().count();
        if width > 0 && width + 1 + own > WIDTH {
            lines.push('\n');
            width = 0;
        } else if width > 0 {
            lines.push(' ');
            width += 1;
        }
        lines.push_str(word);
        width += own;
    }
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use super::super::cells::Finished;
    use super::super::compare::Found;
    use super::super::picture;
    use super::super::plan::tests::small;
    use super::{MARKS, PAGE, made, put_in, wrapped};
    use crate::cargo;

    #[test]
    fn tables_show_what_was_measured() -> anyhow::Result<()> {
        let plan = small()?;
        let finished = |score: f64| Finished {
            setup: String::new(),
            scores: [("f1".to_owned(), score), ("relation.f1".to_owned(), 0.25)].into(),
            seconds: 30.0,
            backend: "flex".to_owned(),
            threads: 2,
        };
        let (one, other) = (finished(0.5), finished(0.52));
        let cells = plan.cells.iter().map(|cell| (cell, if cell.seed == 1 { &one } else { &other }));
        let cells: Vec<_> = cells.filter(|(cell, _)| !cell.name().starts_with("a.crf.20")).collect();
        let found = Found::new(&plan, &cells);
        let page = made(&found, true);
        // Half the spread of two values, times 12.706.
        let row =
            "| Ours | `a.ours` | 51.0 [38.3, 63.7], 2 seeds, 0.5 min | 51.0 [38.3, 63.7], 2 seeds, 0.5 min |";
        assert!(page.contains(row), "{page}");
        assert!(page.contains("| CRF | `a.crf` | – | 51.0 [38.3, 63.7]"), "{page}");
        // The CRF was not run on 20 examples, and `b` on no more.
        assert!(
            page.contains("### Over data sets") && page.contains("| full | +0.0 [+0.0, +0.0], 2 | +0.0, 1 |"),
            "{page}"
        );
        assert!(page.contains("| CRF | – | +0.0, 1 |"), "{page}");
        assert!(page.contains("### B\n\n| | `--only` | 20 |\n") && !page.contains("`b.crf`"), "{page}");
        assert!(page.lines().all(|line| line.starts_with('|') || line.chars().count() <= 120), "{page}");
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("a/scores.svg");
        assert!(picture::draw(&file, &found)?);
        let svg = std::fs::read_to_string(&file)?;
        assert_eq!(
            (svg.matches("<polygon").count(), svg.matches("<polyline").count() >= 5),
            (5, true),
            "{svg}"
        );
        assert!(svg.contains("CRF") && !svg.contains("NaN"), "{svg}");
        assert!(!picture::draw(&file, &Found::new(&plan, &[]))?);
        Ok(())
    }

    #[test]
    fn what_is_written_by_hand_stays() -> anyhow::Result<()> {
        let page = std::fs::read_to_string(cargo::root().join(PAGE))?;
        assert!(put_in(&page, "").is_some_and(|page| page.contains("## Scores as probabilities")));
        let [begin, end] = MARKS;
        let page = format!("# Results\n\n{begin}\nold\n{end}\n\nby hand\n");
        let new = format!("# Results\n\n{begin}\n\nnew\n\n{end}\n\nby hand\n");
        assert_eq!(put_in(&page, "new\n"), Some(new.clone()));
        assert_eq!(put_in(&new, "new\n"), Some(new));
        assert_eq!(put_in("no marks", "new\n"), None);
        Ok(())
    }

    #[test]
    fn prose_is_wrapped() {
        let text = wrapped(&"word ".repeat(60));
        assert!(text.lines().all(|line| line.len() <= 118) && text.lines().count() == 3, "{text}");
    }
}
