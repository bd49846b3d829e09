//! Text classification: the target is the name of the class.

use super::{Pairs, Task};
use crate::codec::Reading;
use crate::score::{ClassCounts, Score};
use crate::text::is_space;
use crate::{Decoded, Example, RepairKind, Report, Result};

pub(super) fn source(example: &Example) -> String {
    example.text.clone().unwrap_or_else(|| example.tokens.join(" "))
}

pub(super) fn target(task: &Task, example: &Example) -> Result<String> {
    let label = example.label.as_deref().ok_or_else(|| task.no_field(example, "label"))?;
    super::class_name(task, example, label)
}

pub(super) fn decode(task: &Task, output: &str) -> Decoded {
    let mut decoded = Decoded::default();
    let words: Vec<&str> = output.split(is_space).filter(|word| !word.is_empty()).collect();
    let name = words.join(" ");
    decoded.label = task.schema.class_label(&name).map(str::to_owned);
    if decoded.label.is_none() {
        let mut reading = Reading::default();
        reading.repair(RepairKind::UnknownLabel, 0, name);
        decoded.repairs = reading.take_repairs(output);
        decoded.label_error = true;
    }
    decoded
}

pub(super) fn score(pairs: &Pairs<'_>) -> Report {
    let mut counts = ClassCounts::default();
    for (gold, predicted) in pairs {
        if let Some(label) = &gold.label {
            counts.add(label, predicted.label.as_deref());
        }
    }
    Report::new(Score::Classes(counts.score()), pairs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use super::*;
    use crate::{Mode, Schema};

    #[test]
    fn the_target_is_the_name() {
        let schema = Schema::default().with_classes([("0", "objective"), ("1", "very subjective")]).unwrap();
        let task = Task::text_classification(schema, Mode::Fixed);
        let mut example = Example::new(["a", "="]);
        example.label = Some("1".to_owned());
        let encoded = task.encode(&example).unwrap();
        assert_eq!((encoded.source.as_str(), encoded.target.as_str()), ("a =", "very subjective"));
        example.text = Some("As [it] stands. ".to_owned());
        assert_eq!(task.source(&example).unwrap(), "As [it] stands. ");

        let found = ["very  subjective ", "objective", "subjective"].map(|o| task.decode(&example, o));
        assert_eq!(found.each_ref().map(|d| d.label.as_deref()), [Some("1"), Some("0"), None]);
        assert!(found[2].label_error && found[2].repairs[0].detail == "subjective");
        let report = task.score(found.iter().map(|decoded| (&example, decoded)));
        assert_eq!(report.headline(), 1.0 / 3.0);
    }
}
