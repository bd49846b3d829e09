//! One class for each example, also where a task finds spans.

use std::collections::{BTreeMap, BTreeSet};

use fishdip_tasks::{Example, TaskKind};

use super::labels;

/// Whether the task chooses one class an example.
pub(crate) fn names_a_class(kind: TaskKind) -> bool {
    matches!(kind, TaskKind::TextClassification | TaskKind::RelationClassification)
}

/// Of each of `examples` a number for its class, or for the rarest of its labels. One without any label is of a class of its own.
pub(crate) fn classes(kind: TaskKind, examples: &[Example]) -> Vec<u32> {
    let each: Vec<Vec<String>> = examples
        .iter()
        .map(|example| match (&example.label, &example.relation) {
            (Some(class), _) | (_, Some(class)) if names_a_class(kind) => vec![class.clone()],
            _ => labels(example),
        })
        .collect();
    let mut frequency: BTreeMap<&str, usize> = BTreeMap::new();
    for label in each.iter().flatten() {
        *frequency.entry(label).or_default() += 1;
    }
    let rarest = |labels: &Vec<String>| -> String {
        let rarest = labels.iter().map(|label| (frequency[label.as_str()], label.as_str())).min();
        rarest.map_or_else(String::new, |(_, label)| label.to_owned())
    };
    let rarest: Vec<String> = each.iter().map(rarest).collect();
    let known: BTreeSet<&str> = rarest.iter().map(String::as_str).collect();
    let numbers: BTreeMap<&str, u32> = known.into_iter().zip(0..).collect();
    rarest.iter().map(|label| numbers[label.as_str()]).collect()
}

#[cfg(test)]
mod tests {
    use fishdip_tasks::{Entity, Example, TaskKind};

    use super::classes;

    #[test]
    fn an_example_is_of_the_class_of_its_rarest_label() {
        let mut examples = vec![Example::new(["Ann", "left", "Rome"]); 4];
        let (person, place) = (Entity::new("PER", 0, 1), Entity::new("LOC", 2, 3));
        examples[0].entities = vec![person.clone(), place.clone()];
        examples[1].entities = vec![person.clone()];
        examples[2].entities = vec![person];
        // Without a label, then LOC, then PER, as they are sorted.
        assert_eq!(classes(TaskKind::Ner, &examples), [1, 2, 2, 0]);
        examples[0].label = Some("b".to_owned());
        examples[1].label = Some("a".to_owned());
        assert_eq!(classes(TaskKind::TextClassification, &examples[..2]), [1, 0]);
    }
}
