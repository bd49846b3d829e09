//! Events in two stages.
//!
//! First the triggers: `He [ died | die ]`. Then, for one trigger at a time, who and what takes part: the
//! source is `He [ died | die ]`, the target `[ He | person | victim = died ] died`.

use std::collections::BTreeSet;

use super::joint_er::{self, relation_name};
use super::spans::{self, Table};
use super::{Pairs, Task};
use crate::example::SpanExtent;
use crate::score::{Counts, Score, SpanCounts};
use crate::{
    Decoded, Entity, Example, FoundArgument, FoundEntity, Mode, RepairKind, Report, Result, TokenSpan,
};

pub(super) fn trigger_target(task: &Task, example: &Example) -> Result<(String, Vec<usize>)> {
    spans::target(task, example, Table::Triggers, &example.triggers)
}

pub(super) fn decode_triggers(task: &Task, example: &Example, output: &str) -> Decoded {
    if task.mode() == Mode::Reference {
        // The original reads triggers as it reads entities, relations included, and leaves the relations.
        let mut decoded = joint_er::decode(task, Table::Triggers, example, output);
        decoded.triggers = std::mem::take(&mut decoded.entities);
        decoded.relations.clear();
        return decoded;
    }
    let (mut reading, mut decoded) = spans::begin(task, example, output, 0..output.len());
    decoded.triggers = spans::found(task, Table::Triggers, &mut reading, &mut decoded);
    decoded.repairs = reading.take_repairs(output);
    decoded
}

pub(super) fn argument_source(task: &Task, example: &Example) -> Result<String> {
    Ok(spans::target(task, example, Table::Triggers, std::slice::from_ref(given(task, example)?))?.0)
}

/// The trigger whose arguments are asked for.
fn given<'a>(task: &Task, example: &'a Example) -> Result<&'a Entity> {
    example.triggers.first().ok_or_else(|| task.no_field(example, "triggers"))
}

pub(super) fn argument_target(task: &Task, example: &Example) -> Result<(String, Vec<usize>)> {
    let trigger = given(task, example)?;
    let text = spans::shown_span(task, example, TokenSpan::new(trigger.start, trigger.end));
    let mut annotations = spans::annotations(task, example, Table::Entities, &example.entities)?;
    for argument in example.arguments.iter().filter(|argument| argument.trigger == 0) {
        let role = relation_name(task, example, &argument.label)?;
        let (tag, tags) = (vec![role, text.clone()], &mut annotations[argument.entity].tags);
        // Said once is enough; the original repeats it.
        if task.mode() == Mode::Reference || !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let taking_part: Vec<usize> = (0..annotations.len()).filter(|&i| annotations[i].tags.len() > 1).collect();
    annotations.retain(|annotation| annotation.tags.len() > 1);
    let augmented = spans::marked(task, example, &annotations);
    Ok((augmented.text, augmented.dropped.into_iter().map(|i| taking_part[i]).collect()))
}

pub(super) fn decode_arguments(task: &Task, example: &Example, output: &str) -> Decoded {
    let (mut reading, mut decoded) = spans::begin(task, example, output, 0..output.len());
    let Some(trigger) = example.triggers.first() else { return decoded };
    let text = spans::shown_span(task, example, TokenSpan::new(trigger.start, trigger.end));
    let trigger =
        FoundEntity { label: trigger.label.clone(), start: trigger.start, end: trigger.end, markup: 0..0 };
    for span in std::mem::take(&mut reading.spans) {
        let label = spans::labelled(task, Table::Entities, &span, &mut reading, &mut decoded);
        let Some(entity) = label else { continue };
        for tag in &span.tags[1..] {
            match role(task, &trigger.label, tag) {
                Ok((label, of)) => {
                    // There is but one trigger that could be meant.
                    if of != text {
                        decoded.entity_error = true;
                        reading.repair(RepairKind::UnknownName, span.markup.start, of);
                    }
                    push(&mut decoded, label, &entity, &trigger);
                }
                Err(problem) => {
                    decoded.format_error |= problem == RepairKind::BadAttribute;
                    decoded.label_error |= problem != RepairKind::BadAttribute;
                    reading.repair(problem, span.markup.start, tag.join(" = "));
                }
            }
        }
        decoded.entities.push(entity);
    }
    spans::in_order(&mut decoded.entities);
    decoded.repairs = reading.take_repairs(output);
    decoded
}

/// The role that a tag names and the text it gives for the trigger, or what is wrong with it.
fn role<'a>(task: &'a Task, trigger: &str, tag: &'a [String]) -> Result<(&'a str, &'a str), RepairKind> {
    let [role, of] = tag else { return Err(RepairKind::BadAttribute) };
    let label = task.schema.relation_label(role).ok_or(RepairKind::UnknownLabel)?;
    if task.schema.allows_role(trigger, label) { Ok((label, of)) } else { Err(RepairKind::RoleNotAllowed) }
}

fn push(decoded: &mut Decoded, label: &str, entity: &FoundEntity, trigger: &FoundEntity) {
    let is_known = |known: &FoundArgument| known.label == label && known.entity.key() == entity.key();
    if !decoded.arguments.iter().any(is_known) {
        let (entity, trigger) = (entity.clone(), trigger.clone());
        decoded.arguments.push(FoundArgument { label: label.to_owned(), entity, trigger });
    }
}

/// One example a trigger, which is its first and only one.
pub(super) fn instances(task: &Task, example: &Example) -> Vec<Example> {
    let once = if task.mode() == Mode::Fixed { example.once() } else { None };
    let example = once.as_ref().map_or(example, |once| &once.example);
    let count = if task.quirks.first_trigger_only { 1 } else { usize::MAX };
    let instance = |(index, trigger): (usize, &Entity)| {
        let mut instance = example.clone();
        instance.triggers = vec![trigger.clone()];
        instance.arguments.retain(|argument| argument.trigger == index);
        for argument in &mut instance.arguments {
            argument.trigger = 0;
        }
        instance
    };
    example.triggers.iter().enumerate().take(count).map(instance).collect()
}

impl Task {
    /// What the second stage of event extraction is to be asked: one example for every trigger that the first
    /// found.
    pub fn argument_prompts(&self, example: &Example, triggers: &Decoded) -> Vec<Example> {
        let prompt = |trigger: &FoundEntity| {
            let mut prompt = example.clone();
            prompt.triggers = vec![Entity::new(trigger.label.as_str(), trigger.start, trigger.end)];
            prompt.arguments.clear();
            prompt.entities.clear();
            prompt
        };
        triggers.triggers.iter().map(prompt).collect()
    }

    /// The scores of both stages of event extraction, arguments first.
    ///
    /// The predictions are those of the first stage, to which [`Decoded::add_arguments`] added those of the
    /// second.
    pub fn score_events<'a>(&self, pairs: impl IntoIterator<Item = (&'a Example, &'a Decoded)>) -> Report {
        let pairs: Vec<_> = pairs.into_iter().collect();
        let quirks = self.quirks;
        let (mut triggers, mut untyped_triggers) = (SpanCounts::default(), SpanCounts::default());
        let (mut arguments, mut untyped) = (SpanCounts::default(), SpanCounts::default());
        for &(gold, predicted) in &pairs {
            triggers.add_entities(&gold.triggers, &predicted.triggers);
            untyped_triggers.add_untyped(&gold.triggers, &predicted.triggers);
            let skip = quirks.skip_untriggered && predicted.triggers.is_empty();
            let gold = if skip { BTreeSet::new() } else { gold_items(gold) };
            add_arguments(&mut arguments, &mut untyped, &gold, predicted, quirks.swapped_precision);
        }
        let no_type = |typed: &SpanCounts, untyped: &SpanCounts| {
            let (typed, untyped) = (typed.total(), untyped.total());
            if quirks.typed_denominators { Counts { correct: untyped.correct, ..typed } } else { untyped }
        };
        let mut report = Report::new(Score::Spans(arguments.score()), &pairs);
        report.entity_no_type = Some(no_type(&arguments, &untyped).into());
        report.trigger = Some(triggers.score());
        report.trigger_no_type = Some(no_type(&triggers, &untyped_triggers).into());
        report
    }
}

/// A role, the span of the entity, and the trigger. The kind of the entity does not matter.
type Item<'a> = (&'a str, (SpanExtent, (&'a str, SpanExtent)));

fn gold_items(gold: &Example) -> BTreeSet<Item<'_>> {
    gold.arguments
        .iter()
        .filter_map(|argument| {
            let entity = gold.entities.get(argument.entity)?;
            let trigger = gold.triggers.get(argument.trigger)?;
            let trigger = (trigger.label.as_str(), trigger.extent());
            Some((argument.label.as_str(), (entity.extent(), trigger)))
        })
        .collect()
}

fn add_arguments(
    typed: &mut SpanCounts,
    untyped: &mut SpanCounts,
    gold: &BTreeSet<Item<'_>>,
    predicted: &Decoded,
    swap: bool,
) {
    let predicted: BTreeSet<Item<'_>> = predicted
        .arguments
        .iter()
        .map(|found| {
            let trigger = (found.trigger.label.as_str(), found.trigger.extent());
            (found.label.as_str(), (found.entity.extent(), trigger))
        })
        .collect();
    let (gold, predicted) = if swap { (&predicted, gold) } else { (gold, &predicted) };
    typed.add(gold.iter().copied(), predicted.iter().copied());
    untyped.add(gold.iter().map(|item| ("", item.1)), predicted.iter().map(|item| ("", item.1)));
}

pub(super) fn score_triggers(task: &Task, pairs: &Pairs<'_>) -> Report {
    let (mut triggers, mut untyped) = (SpanCounts::default(), SpanCounts::default());
    for (gold, predicted) in pairs {
        triggers.add_entities(&gold.triggers, &predicted.triggers);
        untyped.add_untyped(&gold.triggers, &predicted.triggers);
    }
    let mut report = Report::new(Score::Spans(triggers.score()), pairs);
    report.entity_no_type = Some(untyped.total().into());
    report.macro_average = Some(spans::macro_average(task, &triggers, task.schema.triggers()));
    report
}

pub(super) fn score_arguments(task: &Task, pairs: &Pairs<'_>) -> Report {
    let (mut arguments, mut untyped) = (SpanCounts::default(), SpanCounts::default());
    for (gold, predicted) in pairs {
        add_arguments(&mut arguments, &mut untyped, &gold_items(gold), predicted, false);
    }
    let mut report = Report::new(Score::Spans(arguments.score()), pairs);
    report.entity_no_type = Some(untyped.total().into());
    report.macro_average = Some(spans::macro_average(task, &arguments, task.schema.relations()));
    report
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use super::*;
    use crate::{Argument, Quirks, Schema};

    fn schema() -> Schema {
        let schema = Schema::new([("PER", "person")], [("Victim", "victim"), ("Agent", "agent")]).unwrap();
        schema.with_triggers([("Die", "die"), ("Hurt", "hurt")]).unwrap()
    }

    fn task(quirks: Quirks) -> Task {
        Task::event_arguments(schema(), Mode::Fixed).with_quirks(quirks)
    }

    /// Ann hurt Bob, who died.
    fn example() -> Example {
        let mut example = Example::new(["Ann", "hurt", "Bob", "died"]);
        example.entities = vec![Entity::new("PER", 0, 1), Entity::new("PER", 2, 3)];
        example.triggers = vec![Entity::new("Hurt", 1, 2), Entity::new("Die", 3, 4)];
        example.arguments =
            vec![Argument::new("Agent", 0, 0), Argument::new("Victim", 1, 0), Argument::new("Victim", 1, 1)];
        example
    }

    /// What both stages find if the first writes `triggers` and the second the same for each.
    fn found(triggers: &str, arguments: &str) -> Decoded {
        let task = task(Quirks::NONE);
        let mut found = Task::event_triggers(schema(), Mode::Fixed).decode(&example(), triggers);
        for prompt in task.argument_prompts(&example(), &found.clone()) {
            found.add_arguments(task.decode(&prompt, arguments));
        }
        found
    }

    #[test]
    fn every_trigger_is_an_instance() {
        let targets = |quirks| {
            let task = task(quirks);
            let instances = task.instances(&example()).into_iter();
            instances.map(|instance| task.encode(&instance).unwrap().target).collect::<Vec<_>>()
        };
        let first = "[ Ann | person | agent = hurt ] hurt [ Bob | person | victim = hurt ] died";
        let second = "Ann hurt [ Bob | person | victim = died ] died";
        assert_eq!(targets(Quirks::NONE), [first, second]);
        assert_eq!(targets(Quirks { first_trigger_only: true, ..Quirks::NONE }), [first]);
        assert!(task(Quirks::NONE).encode(&Example::new(["a"])).is_err());
        assert_eq!(task(Quirks::NONE).decode(&Example::new(["a"]), "[ a | person ]").entities, []);
    }

    #[test]
    fn both_stages_are_scored() {
        // Triggers: one of two, and one wrong. Arguments: victim of hurt right; agent of hurt and both of
        // `Ann` wrong.
        let found = found(
            "[ Ann | die ] [ hurt | hurt ] Bob died",
            "Ann hurt [ Bob | person | victim = hurt | agent = hurt ] died",
        );
        assert_eq!(found.arguments.len(), 4);
        let report = task(Quirks::NONE).score_events([(&example(), &found)]);
        let (arguments, triggers) = (report.spans().unwrap(), report.trigger.as_ref().unwrap());
        assert_eq!((arguments.precision, arguments.recall, arguments.n), (0.25, 1.0 / 3.0, 3));
        assert_eq!((triggers.precision, triggers.recall), (0.5, 0.5));
        let untyped = report.entity_no_type.unwrap();
        assert_eq!((untyped.precision, untyped.recall), (0.5, 1.0 / 3.0));

        let swapped =
            task(Quirks { swapped_precision: true, ..Quirks::NONE }).score_events([(&example(), &found)]);
        let figures = swapped.spans().unwrap();
        assert_eq!((figures.precision, figures.recall, figures.f1), (1.0 / 3.0, 0.25, arguments.f1));
        let typed =
            task(Quirks { typed_denominators: true, ..Quirks::NONE }).score_events([(&example(), &found)]);
        assert_eq!(typed.entity_no_type.unwrap().precision, 0.25);
    }

    #[test]
    fn what_is_missed_counts_unless_the_quirk_is_on() {
        let nothing = found("Ann hurt Bob died", "");
        let recall = |skip_untriggered| {
            let task = task(Quirks { skip_untriggered, ..Quirks::NONE });
            task.score_events([(&example(), &nothing)]).spans().unwrap().n
        };
        assert_eq!((recall(false), recall(true)), (3, 0));
    }

    #[test]
    fn an_argument_of_a_span_inside_a_word_is_missed_with_it() {
        let found = found("Ann hurt Bob [ died | die ]", "Ann hurt [ Bob | person | victim = died ] died");
        let chars = Some(crate::CharRange { start: 0, end: 1 });
        let mut gold = example();
        gold.arguments.retain(|argument| argument.trigger == 1);
        assert_eq!(task(Quirks::NONE).score_events([(&gold, &found)]).headline(), 1.0);
        let mut by_entity = gold.clone();
        by_entity.entities[1].chars = chars;
        let mut by_trigger = gold;
        by_trigger.triggers[1].chars = chars;
        for gold in [by_entity, by_trigger] {
            assert_eq!(task(Quirks::NONE).score_events([(&gold, &found)]).headline(), 0.0);
        }
    }

    #[test]
    fn the_kind_of_the_entity_does_not_matter_for_the_score() {
        let mut gold = example();
        gold.entities[1].label = "ORG".to_owned();
        gold.arguments.retain(|argument| argument.trigger == 1);
        let found = found("Ann hurt Bob [ died | die ]", "Ann hurt [ Bob | person | victim = died ] died");
        assert_eq!(task(Quirks::NONE).score_events([(&gold, &found)]).headline(), 1.0);
    }
}
