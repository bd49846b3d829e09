//! The text of a drafted config: every value under a comment that says why it is that one.

use std::fmt::Write as _;
use std::path::Path;

use fishdip_tasks::TaskKind;
use fishdip_tasks::read::{Column, DataSet, Format, MentionRule, ReadOptions};
use fishdip_tasks::tags::TagScheme;

use super::{BaseModel, Findings};
use crate::Error;
use crate::config::{USUAL_PIECES, USUAL_SHARE};
use crate::settle::steps;

/// Comments are broken before this column.
const WIDTH: usize = 100;
/// Examples a batch.
const BATCH: usize = 4;
/// The most pieces that are not cut into windows.
const MOST_PIECES: usize = 1024;

/// The config that follows from `findings`, as TOML.
pub fn config_text(findings: &Findings) -> Result<String, Error> {
    let mut page = Page(String::new());
    page.comment(&format!(
        "Drafted by `fishdip init` from {}. Every value says why it is that one; change what you know better. docs/config.md lists all keys. \
         Paths start from the folder in which `fishdip train` is run.",
        findings.train_path().display()
    ));
    page.model(&findings.model)?;
    page.data(findings)?;
    page.task(findings);
    page.method(findings.windows());
    page.training(findings);
    if let Some(most) = long_targets(findings) {
        page.section("evaluation");
        page.value("max_output_pieces", &most.to_string(), "As long as targets may be.");
    }
    Ok(page.0)
}

/// `[data]` as far as it says what the files are and how they are read.
pub(super) fn data_keys(data: &DataSet, read: &ReadOptions) -> Result<String, Error> {
    let mut page = Page(String::new());
    page.section("data");
    page.files(data, None)?;
    page.choices(data.format, read);
    Ok(page.0)
}

/// A text as TOML writes it, in one line, also as a key.
pub(super) fn quoted(text: &str) -> String {
    // What JSON writes is a basic string of TOML, but for one control character.
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007F")
}

/// A path as TOML writes it.
pub(super) fn quoted_path(path: &Path) -> Result<String, Error> {
    path.to_str().map(quoted).ok_or_else(|| {
        Error::Data(format!("{} is no UTF-8, so that no config can name it; rename it", path.display()))
    })
}

struct Page(String);

impl Page {
    fn section(&mut self, name: &str) {
        // Writing to a String cannot fail.
        _ = writeln!(self.0, "{}[{name}]", if self.0.is_empty() { "" } else { "\n" });
    }

    /// Lines of a comment.
    fn comment(&mut self, text: &str) {
        let mut line = String::from("#");
        for word in text.split_whitespace() {
            if line.len() > 1 && line.chars().count() + 1 + word.chars().count() > WIDTH {
                _ = writeln!(self.0, "{line}");
                line = String::from("#");
            }
            line.push(' ');
            // No control character may stand in a comment.
            line.extend(word.chars().filter(|c| !c.is_control()));
        }
        _ = writeln!(self.0, "{line}");
    }

    /// A key, and above it why it has this value.
    fn value(&mut self, key: &str, value: &str, why: &str) {
        self.comment(why);
        _ = writeln!(self.0, "{key} = {value}");
    }

    fn model(&mut self, model: &BaseModel) -> Result<(), Error> {
        self.section("model");
        let name = model.path().display();
        let why = match model {
            BaseModel::Asked(_) => "Asked for.".to_owned(),
            BaseModel::Bundled(_) => {
                "The bundled model, of 8 million parameters, knows names before it sees a label. For more \
                                      `fishdip fetch google-t5/t5-base`, and name that here."
                    .to_owned()
            }
            BaseModel::Hub(_) => {
                format!("A good start for most data; `fishdip fetch {name}` downloads it once.")
            }
        };
        self.value("path", &quoted_path(model.path())?, &why);
        Ok(())
    }

    fn data(&mut self, findings: &Findings) -> Result<(), Error> {
        self.section("data");
        let Findings { data, read, train_examples, eval_examples, .. } = findings;
        self.files(data, Some((*train_examples, *eval_examples)))?;
        self.choices(data.format, read);
        if findings.task == TaskKind::Slots {
            let why = "Three in ten values are exchanged for others of their slot in every epoch, which brings much where slots were measured \
                       (docs/results.md).";
            self.value("mention_swap", "0.3", why);
        }
        if findings.holds_out() {
            let cause = match findings.unread_dev() {
                None => "No file is named as one to score".to_owned(),
                Some(files) => {
                    format!("What is named as one to score cannot be read with the training file ({files})")
                }
            };
            // The usual share is no key here, beside which `--folds` would be refused.
            self.comment(&format!(
                "{cause}, so a share of the training file is held out (eval_share, {USUAL_SHARE} unless it is set): {}, drawn with the seed. \
                 `fishdip train --folds 5` scores every example instead.",
                fishdip_tasks::counted(*eval_examples, "example")
            ));
        }
        self.lengths(findings);
        if let Some(test) = findings.test() {
            self.comment(&format!(
                "{} is left for the end: `fishdip evaluate --adapter RUN/adapter --split {}`.",
                test.display(),
                test.display()
            ));
        }
        Ok(())
    }

    /// The files, with the numbers of examples that are trained on and scored, if they are known.
    fn files(&mut self, data: &DataSet, counts: Option<(usize, usize)>) -> Result<(), Error> {
        let counted = |count: Option<usize>| match count {
            Some(count) => fishdip_tasks::counted(count, "example"),
            None => "examples".to_owned(),
        };
        self.value("dir", &quoted_path(&data.folder)?, "The folder of the files below.");
        let trained = counted(counts.map(|(train, _)| train));
        self.value("train", &quoted_path(&data.train)?, &format!("What is trained on: {trained}."));
        if let Some(dev) = &data.dev {
            let scored = counted(counts.map(|(_, eval)| eval));
            let why = format!("What is scored and not trained on, by its name: {scored}.");
            self.value("eval", &quoted_path(dev)?, &why);
        }
        let why = match &data.reason {
            Some(reason) => format!("Found: {reason}."),
            None => "Asked for.".to_owned(),
        };
        self.value("format", &quoted(data.format.name()), &why);
        Ok(())
    }

    /// What was said of what the layout leaves open.
    fn choices(&mut self, format: Format, read: &ReadOptions) {
        let read = read.clone().only_for(format);
        let column = |column: Option<Column>| column.map(String::from);
        let scheme = (read.scheme != TagScheme::Auto).then(|| read.scheme.name().to_owned());
        let mentions = (read.mentions == MentionRule::Every).then(|| "every".to_owned());
        for (key, value) in [
            ("scheme", scheme),
            ("word_column", column(read.word_column)),
            ("tag_column", column(read.tag_column)),
            ("text_key", read.text_key),
            ("annotator", read.annotator),
            ("mentions", mentions),
        ] {
            if let Some(value) = value {
                self.value(key, &quoted(&value), "Asked for.");
            }
        }
    }

    fn lengths(&mut self, findings: &Findings) {
        let Some(lengths) = findings.lengths else { return };
        self.comment(&format!(
            "In pieces of the model, half of the training sources have {} or less, and the longest has {}; the longest target has {}.",
            lengths.median_source, lengths.longest_source, lengths.longest_target
        ));
        if is_windowed(findings.task) {
            if lengths.longest_source > USUAL_PIECES {
                self.comment("Longer sources are read in windows, and what is found in these is joined.");
            }
            return;
        }
        if lengths.longest_source > USUAL_PIECES {
            let most = rounded(lengths.longest_source);
            let why = "Room for the longest source where it is not beyond reason, since this task loses what is cut off.";
            self.value("max_source_pieces", &most.to_string(), why);
        }
        if let Some(most) = long_targets(findings) {
            self.value(
                "max_target_pieces",
                &most.to_string(),
                "Room for the longest target, for the same reason.",
            );
        }
    }

    fn task(&mut self, findings: &Findings) {
        self.section("task");
        self.value("name", &quoted(findings.task.name()), &findings.task_reason);
        for table in &findings.labels {
            self.section(&format!("task.{}", table.name));
            self.comment(
                "Label = \"natural name\": the words that the model reads and writes for it. Say it as you would explain it to a person; \
                 names that mean something are worth much where examples are few.",
            );
            for (label, name, count) in &table.labels {
                let times = if *count == 1 { "once".to_owned() } else { format!("{count} times") };
                let rare = if *count < 10 { ", which is little to learn from" } else { "" };
                _ = writeln!(self.0, "{} = {}  # {times}{rare}", key(label), quoted(name));
            }
        }
        if findings.task == TaskKind::DialogueState {
            self.comment("Domains and slots are those of the training file.");
        }
    }

    fn method(&mut self, examples: usize) {
        const AS_USUAL: &str = "as in configs/quickstart.toml";
        self.section("method");
        self.value(
            "name",
            "\"fish-dip\"",
            "The parameters with the most Fisher information on hard examples are trained.",
        );
        self.value(
            "keep",
            "\"auto\"",
            "By the size of the model and the number of examples: a fifth of a small model (a twentieth below 40 examples), the hundredth of \
             the paper of a large one, which makes a smaller file.",
        );
        self.value("every", "50", &format!("They are chosen again after so many steps, {AS_USUAL}."));
        let why = match examples {
            0..16 => "They are chosen from all examples, since there are few.".to_owned(),
            _ => format!("They are chosen from so many of the hardest examples, {AS_USUAL}."),
        };
        self.value("hard_samples", &examples.clamp(1, 16).to_string(), &why);
        self.section("optimizer");
        self.value(
            "learning_rate",
            "\"auto\"",
            "Times the scale of each weight: smaller where more is trained.",
        );
    }

    fn training(&mut self, findings: &Findings) {
        self.section("training");
        let examples = findings.windows();
        let of = if examples == findings.train_examples { "example" } else { "window" };
        let batch = examples.clamp(1, BATCH);
        let steps = steps(examples, batch as f64);
        let seen = (steps * batch) as f64 / examples.max(1) as f64;
        let why = format!(
            "By the number of {of}s: {steps}, with which each of the {} is seen {} on average; more are worth a try, `--set training.steps={}`.",
            fishdip_tasks::counted(examples, of),
            if seen < 1.5 { format!("{seen:.1} times") } else { format!("{seen:.0} times") },
            2 * steps
        );
        self.value("steps", "\"auto\"", &why);
        let why = if batch < BATCH {
            "All examples."
        } else {
            "More steps with small batches learn more from few examples than fewer steps with large ones, which take more memory."
        };
        self.value("batch_size", &batch.to_string(), why);
        self.value(
            "loss",
            "\"legal\"",
            "What is learned is the choice that constrained decoding makes, which brings more than the loss over all pieces, \"all\".",
        );
        self.value(
            "seed",
            "1",
            "Another one draws other batches and another part to hold out: how much scores vary by chance.",
        );
    }
}

/// A bare key where it can be one.
fn key(label: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !label.is_empty() && label.chars().all(is_bare) { label.to_owned() } else { quoted(label) }
}

/// Whether longer sources are read in windows whose findings are joined.
fn is_windowed(task: TaskKind) -> bool {
    matches!(
        task,
        TaskKind::Ner
            | TaskKind::JointEr
            | TaskKind::Slots
            | TaskKind::EventTriggers
            | TaskKind::Coref
            | TaskKind::TextClassification
    )
}

/// Room for the longest target, where it needs more than usual.
fn long_targets(findings: &Findings) -> Option<usize> {
    let longest = findings.lengths?.longest_target;
    (longest > USUAL_PIECES && !is_windowed(findings.task)).then(|| rounded(longest))
}

fn rounded(pieces: usize) -> usize {
    pieces.next_multiple_of(64).min(MOST_PIECES)
}

#[cfg(test)]
mod tests;
