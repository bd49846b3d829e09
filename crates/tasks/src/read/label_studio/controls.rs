//! Which control of the labelling interface is read.

use std::collections::BTreeMap;

use super::quoted;
use super::region::{Body, Region};
use super::task::Task;
use crate::Result;

/// The control that is read: the one that was asked for, or any.
#[derive(Clone, Debug, Default)]
pub(super) struct Control {
    /// Its name.
    pub(super) name: Option<String>,
    /// There are choices and no labels, so that a text without a choice has no annotation.
    pub(super) is_of_classes: bool,
}

impl Control {
    /// Whether what `region` says is read.
    pub(super) fn takes(&self, region: &Region) -> bool {
        self.name.as_ref().is_none_or(|name| region.control() == name)
    }
}

/// The control called `asked`, or any where there is one of a kind. Two of one kind say different things of a
/// text, so one must be chosen; so are two objects that are labelled, of which an example can be one only.
pub(super) fn choose<'a>(
    tasks: impl Iterator<Item = &'a Task>,
    asked: Option<&str>,
    annotator: Option<&str>,
) -> Result<Control> {
    let mut seen: BTreeMap<(&str, bool), Vec<&str>> = BTreeMap::new();
    let mut known: Vec<&str> = Vec::new();
    let mut kinds: Vec<&str> = Vec::new();
    let mut last = None;
    for task in tasks {
        last = Some(task);
        let active = task.annotations.iter().filter(|a| !a.cancelled && a.is_by(annotator));
        for region in active.flat_map(|annotation| &annotation.regions) {
            let kind = match &region.body {
                Body::Span { .. } => "labels",
                Body::Choice { of_region: false, .. } => "choices",
                _ => continue,
            };
            known.push(region.control());
            if asked.is_some_and(|asked| region.control() != asked) {
                continue;
            }
            kinds.push(kind);
            // Programs that write this format leave names out; types can be compared with types alone.
            let is_named = region.control.is_some();
            let parts = [(kind, is_named, Some(region.control())), ("texts", true, region.object.as_deref())];
            for (kind, is_named, name) in
                parts.into_iter().filter_map(|(kind, is_named, name)| Some((kind, is_named, name?)))
            {
                let names = seen.entry((kind, is_named)).or_default();
                if !names.contains(&name) {
                    names.push(name);
                }
                if let [first, second] = names.as_slice() {
                    let (first, second) = (format!("{first:?}"), format!("{second:?}"));
                    return Err(task.record.wrong(match kind {
                        "texts" => format!(
                            "labels two things, {first} and {second} (to_name), but an example has one text; export a project with one \
                             of them, or choose a control of one with --tag-column (data.tag_column)"
                        ),
                        kind => format!(
                            "has a second control of {kind}, {second} beside {first} (from_name, or else type); choose the one to learn, such as \
                             data.tag_column = {first} (--tag-column)"
                        ),
                    }));
                }
            }
        }
    }
    if let (Some(asked), Some(task)) = (asked, last)
        && !known.is_empty()
        && !known.contains(&asked)
    {
        known.sort_unstable();
        known.dedup();
        return Err(task.record.wrong(format!(
            "like every other task has nothing of the control {asked:?}; the controls are {}",
            quoted(known)
        )));
    }
    Ok(Control {
        name: asked.map(str::to_owned),
        is_of_classes: kinds.contains(&"choices") && !kinds.contains(&"labels"),
    })
}
