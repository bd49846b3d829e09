//! A report as a table that people read.

use std::fmt;

use super::{ClassScore, CorefScore, DialogueScore, LabelScore, MicroScore, Report, Score, SpanScore};

/// Percentages with two digits, as papers give them; `-` where there is nothing to give.
const COLUMNS: &str = "  precision  recall      F1   gold";

/// A row: a name, precision, recall, F1 and the number of gold items.
struct Row {
    name: String,
    figures: [Option<f64>; 3],
    gold: Option<usize>,
}

/// Everything that the JSON shows: the main score label by label and on the whole, then relations, intents
/// and triggers, then how often outputs were wrong in form. Figures are percentages; a label that the gold
/// has not shows `-`.
///
/// ```
/// use fishdip_tasks::{Entity, Example, Mode, Schema, Task};
///
/// let task = Task::ner(Schema::conll03(), Mode::Fixed);
/// let mut example = Example::new(["Ann", "left", "Rome"]);
/// example.entities = vec![Entity::new("PER", 0, 1), Entity::new("LOC", 2, 3)];
/// let found = task.decode(&example, "[ Ann | person ] left [ Rome | organization ]");
/// let expected = "\
/// label       precision  recall      F1   gold
/// LOC              0.00    0.00    0.00      1
/// ORG              0.00       -       -      0
/// PER            100.00  100.00  100.00      1
/// all             50.00   50.00   50.00      2
/// macro           33.33   33.33   33.33
/// boundaries     100.00  100.00  100.00      2
///
/// examples 1
/// ";
/// assert_eq!(task.score([(&example, &found)]).to_string(), expected);
/// ```
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.score {
            Score::Spans(score) => {
                let mut rows = labels(score);
                rows.extend(self.macro_average.map(|mean| Row {
                    name: "macro".to_owned(),
                    figures: [mean.precision, mean.recall, mean.f1].map(Some),
                    gold: None,
                }));
                rows.extend(self.entity_no_type.map(|score| micro("boundaries", score)));
                write(f, "label", &rows)?;
            }
            Score::Classes(score) => classes(f, "label", score)?,
            Score::Dialogue(score) => dialogue(f, *score)?,
            Score::Coref(score) => coref(f, score)?,
        }
        if let Some(relation) = &self.relation {
            f.write_str("\n")?;
            write(f, "relation", &labels(relation))?;
        }
        if let Some(intent) = &self.intent {
            f.write_str("\n")?;
            classes(f, "intent", intent)?;
        }
        if let Some(trigger) = &self.trigger {
            f.write_str("\n")?;
            let mut rows = labels(trigger);
            rows.extend(self.trigger_no_type.map(|score| micro("boundaries", score)));
            write(f, "trigger", &rows)?;
        }
        let errors = [
            ("changed text", self.errors.wrong_reconstruction),
            ("bad markup", self.errors.format_error),
            ("unknown labels", self.errors.label_error),
            ("unknown mentions", self.errors.entity_error),
        ];
        write!(f, "\nexamples {}", self.examples)?;
        let faults = errors.into_iter().filter(|&(_, share)| share > 0.0);
        for (number, (name, share)) in faults.enumerate() {
            write!(f, "{}{name} {:.2} %", if number == 0 { "; outputs with " } else { ", " }, 100.0 * share)?;
        }
        f.write_str("\n")
    }
}

/// The rows of a score: its labels, and all together.
fn labels(score: &SpanScore) -> Vec<Row> {
    let mut rows: Vec<Row> = score.per_label.iter().map(|(name, score)| label(name, score)).collect();
    let all = MicroScore { f1: score.f1, precision: score.precision, recall: score.recall, n: score.n };
    rows.push(micro("all", all));
    rows
}

fn label(name: &str, score: &LabelScore) -> Row {
    let of_gold = |figure| score.has_gold().then_some(figure);
    Row {
        name: shown(name),
        figures: [Some(score.precision), of_gold(score.recall), of_gold(score.f1)],
        gold: Some(score.support),
    }
}

fn micro(name: &str, score: MicroScore) -> Row {
    let figures = [score.precision, score.recall, score.f1].map(Some);
    Row { name: name.to_owned(), figures, gold: Some(score.n) }
}

fn classes(f: &mut fmt::Formatter<'_>, title: &str, score: &ClassScore) -> fmt::Result {
    let rows: Vec<Row> = score.per_label.iter().map(|(name, score)| label(name, score)).collect();
    write(f, title, &rows)?;
    writeln!(f, "accuracy {:.2} of {}", 100.0 * score.accuracy, score.n)
}

fn dialogue(f: &mut fmt::Formatter<'_>, score: DialogueScore) -> fmt::Result {
    writeln!(f, "joint accuracy {:>6.2} of {} turns", 100.0 * score.joint_accuracy, score.n)?;
    writeln!(f, "slot accuracy  {:>6.2}", 100.0 * score.slot_accuracy)
}

fn coref(f: &mut fmt::Formatter<'_>, score: &CorefScore) -> fmt::Result {
    let metrics = [("MUC", score.muc), ("B3", score.b3), ("CEAF-e", score.ceafe), ("average", score.average)];
    let rows = metrics.map(|(name, metric)| Row {
        name: name.to_owned(),
        figures: [metric.precision, metric.recall, metric.f1].map(Some),
        gold: None,
    });
    write(f, "metric", &rows)?;
    writeln!(f, "gold mentions {}", score.n)
}

/// A label that may hold anything, on a line of a terminal.
fn shown(label: &str) -> String {
    let mut shown = String::new();
    for c in label.chars() {
        if c.is_control() {
            shown.extend(c.escape_debug());
        } else {
            shown.push(c);
        }
    }
    shown
}

fn write(f: &mut fmt::Formatter<'_>, title: &str, rows: &[Row]) -> fmt::Result {
    let names = rows.iter().map(|row| row.name.chars().count());
    let width = names.chain([title.len()]).max().unwrap_or_default();
    writeln!(f, "{title:width$}{COLUMNS}")?;
    for Row { name, figures, gold } in rows {
        let [precision, recall, f1] = figures
            .map(|figure| figure.map_or_else(|| "-".to_owned(), |share| format!("{:.2}", 100.0 * share)));
        let gold = gold.map_or_else(String::new, |gold| format!("  {gold:>5}"));
        writeln!(f, "{name:width$}  {precision:>9}  {recall:>6}  {f1:>6}{gold}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::{Belief, Entity, Example, Mode, Relation, Schema, Task, TokenSpan};

    #[test]
    fn relations_and_faults_are_shown() {
        let task = Task::joint_er(Schema::conll04(), Mode::Fixed);
        let mut example = Example::new(["Ann", "in", "Rome"]);
        example.entities = vec![Entity::new("Peop", 0, 1), Entity::new("Loc", 2, 3)];
        example.relations = vec![Relation::new("Live_In", 0, 1)];
        let found = task.decode(&example, "[ Ann | person | kills = Rome ] in [ Rome | location ] ]");
        let expected = "\
label       precision  recall      F1   gold
Loc            100.00  100.00  100.00      1
Peop           100.00  100.00  100.00      1
all            100.00  100.00  100.00      2
macro          100.00  100.00  100.00
boundaries     100.00  100.00  100.00      2

relation  precision  recall      F1   gold
Kill           0.00       -       -      0
Live_In        0.00    0.00    0.00      1
all            0.00    0.00    0.00      1

examples 1; outputs with bad markup 100.00 %
";
        assert_eq!(task.score([(&example, &found)]).to_string(), expected);
    }

    #[test]
    fn intents_are_shown_and_labels_are_made_harmless() {
        let schema = Schema::new([("a\u{1b}[31m", "a")], []).unwrap();
        let task =
            Task::slots(schema.with_classes([("Play", "play"), ("Rate", "rate")]).unwrap(), Mode::Fixed);
        let mut example = Example::new(["x"]);
        example.slots = vec![Entity::new("a\u{1b}[31m", 0, 1)];
        example.intent = Some("Play".to_owned());
        let found = task.decode(&example, "(( rate )) [ x | a ]");
        let text = task.score([(&example, &found)]).to_string();
        assert!(
            text.starts_with("label        precision") && text.contains("\na\\u{1b}[31m     100.00"),
            "{text}"
        );
        let intents = "\
intent  precision  recall      F1   gold
Play         0.00    0.00    0.00      1
Rate         0.00       -       -      0
accuracy 0.00 of 1
";
        assert!(text.contains(intents), "{text}");
    }

    #[test]
    fn dialogues_and_coreference_are_shown() {
        let mut example = Example::new(["a", "b", "c"]);
        example.clusters = vec![vec![TokenSpan::new(0, 1), TokenSpan::new(1, 2), TokenSpan::new(2, 3)]];
        (example.history, example.belief) =
            (Some("x".to_owned()), vec![Belief::new("taxi", "departure", "x")]);
        let coref = Task::coref(Mode::Fixed);
        let found = coref.decode(&example, "[ a ] [ b | a ] c");
        let expected = "\
metric   precision  recall      F1   gold
MUC         100.00   50.00   66.67
B3          100.00   44.44   61.54
CEAF-e       80.00   80.00   80.00
average      93.33   58.15   69.40
gold mentions 3

examples 1
";
        assert_eq!(coref.score([(&example, &found)]).to_string(), expected);
        let dialogue = Task::dialogue_state(Schema::multiwoz(), Mode::Fixed);
        let found = dialogue.decode(&example, "[belief] taxi departure x [belief]");
        let text = dialogue.score([(&example, &found)]).to_string();
        assert_eq!(text, "joint accuracy 100.00 of 1 turns\nslot accuracy  100.00\n\nexamples 1\n");
    }
}
