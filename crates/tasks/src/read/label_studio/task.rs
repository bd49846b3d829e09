//! Tasks and annotations, strictly.

use serde_json::{Map, Value};

use super::super::json::fields::{Fields, Record, name};
use super::LAYOUT;
use super::region::Region;
use crate::{Origin, Result};

/// The keys of a task, of exports and of the API, that say nothing about the labels.
const TASK_KEYS: [&str; 50] = [
    "id",
    "data",
    "annotations",
    "completions",
    "predictions",
    "drafts",
    "meta",
    "created_at",
    "updated_at",
    "inner_id",
    "total_annotations",
    "cancelled_annotations",
    "total_predictions",
    "comment_count",
    "unresolved_comment_count",
    "last_comment_updated_at",
    "comment_authors",
    "comments",
    "project",
    "updated_by",
    "file_upload",
    "agreement",
    "is_labeled",
    "overlap",
    "annotators",
    "annotators_count",
    "completed_at",
    "annotations_results",
    "annotations_ids",
    "predictions_results",
    "predictions_score",
    "predictions_model_versions",
    "avg_lead_time",
    "draft_exists",
    "reviewed",
    "reviews_accepted",
    "reviews_rejected",
    "reviewers",
    "reviewers_count",
    "storage_filename",
    "allow_skip",
    "allow_postpone",
    "unique_lock_id",
    "precomputed_agreement",
    "ground_truth",
    "state",
    "priority",
    "source",
    "tags",
    "url",
];
/// The keys of an annotation.
const ANNOTATION_KEYS: [&str; 34] = [
    "id",
    "result",
    "completed_by",
    "was_cancelled",
    "skipped",
    "ground_truth",
    "honeypot",
    "created_at",
    "updated_at",
    "draft_created_at",
    "created_ago",
    "created_username",
    "lead_time",
    "prediction",
    "predictions",
    "result_count",
    "unique_id",
    "import_id",
    "last_action",
    "bulk_created",
    "task",
    "task_id",
    "project",
    "updated_by",
    "last_created_by",
    "parent_prediction",
    "parent_annotation",
    "model_version",
    "score",
    "reviews",
    "comments",
    "comment_count",
    "unresolved_comment_count",
    "state",
];

/// A task: a text, somewhere in its data, and what annotators said of it.
pub(super) struct Task {
    pub(super) record: Record,
    pub(super) id: String,
    pub(super) data: Map<String, Value>,
    /// The fields of its `meta`.
    pub(super) meta: Map<String, Value>,
    pub(super) annotations: Vec<Annotation>,
    /// What it has instead of annotations, in words.
    pub(super) instead: &'static str,
}

/// What one annotator said of a text.
pub(super) struct Annotation {
    /// The annotator's id, email address and name, as far as they are known.
    pub(super) by: Vec<String>,
    /// The annotator skipped the task.
    pub(super) cancelled: bool,
    /// It is marked as the right one.
    pub(super) truth: bool,
    pub(super) regions: Vec<Region>,
}

/// The id of the task `value`, its own or that of its data; else its `number` in the file.
pub(in crate::read) fn task_id(value: &Value, number: usize) -> String {
    let own = value.get("id").and_then(name);
    let of_data = || value.get("data").and_then(|data| data.get("id")).and_then(name);
    own.or_else(of_data).unwrap_or_else(|| number.to_string())
}

impl Task {
    /// The task in `value`, the `number`th of its file; of one whose annotations are not looked at
    /// (`unlabelled`), its data alone.
    pub(super) fn parse(value: &Value, at: Origin, number: usize, unlabelled: bool) -> Result<Self> {
        let id = task_id(value, number);
        let record = Record::new(at, "task", &id);
        let fields = record.fields(value, LAYOUT)?;
        // JSON-MIN and other tools' lines have no data: what they are is told before which keys are not
        // known.
        let Some(data) = fields.object("data", "data")? else {
            let what =
                fields.other_layout().unwrap_or("export the project as JSON, which has the text in \"data\"");
            return Err(fields.wrong(format!("has no \"data\"; {what}")));
        };
        fields.only(&TASK_KEYS)?;
        let mut annotations = Vec::new();
        // Exports before version 1.0 say "completions".
        for key in ["annotations", "completions"].into_iter().filter(|_| !unlabelled) {
            for annotation in fields.objects(key, "annotation")? {
                annotations.push(Annotation::parse(&annotation)?);
            }
        }
        let some = |key: &str| fields.list(key).map(|list| !list.is_empty());
        let instead = match (some("drafts")?, some("predictions")?) {
            (true, _) => "has a draft that was not submitted",
            (false, true) => "has predictions alone, which nobody confirmed",
            (false, false) => "has no annotation",
        };
        let data = data.map().clone();
        let meta = fields.get("meta").and_then(Value::as_object).cloned().unwrap_or_default();
        Ok(Self { record, id, data, meta, annotations, instead })
    }
}

impl Annotation {
    fn parse(fields: &Fields<'_>) -> Result<Self> {
        fields.only(&ANNOTATION_KEYS)?;
        let by = match fields.get("completed_by") {
            Some(Value::Object(user)) => {
                let whole =
                    ["first_name", "last_name"].map(|key| user.get(key).and_then(name).unwrap_or_default());
                let whole = whole.join(" ").trim().to_owned();
                let parts = ["id", "email", "username"].map(|key| user.get(key).and_then(name));
                parts.into_iter().flatten().chain(Some(whole)).filter(|name| !name.is_empty()).collect()
            }
            Some(user) => name(user).into_iter().collect(),
            None => fields.get("created_username").and_then(name).into_iter().collect(),
        };
        let cancelled = fields.flag("was_cancelled")? || fields.flag("skipped")?;
        if fields.get("result").is_none() && !cancelled {
            return Err(fields.wrong(
                "has no \"result\", so that it is open what was annotated; export the project again, or write [] where nothing is there",
            ));
        }
        let regions = fields.objects("result", "region")?;
        Ok(Self {
            by,
            cancelled,
            truth: fields.flag("ground_truth")?,
            regions: regions.iter().map(Region::parse).collect::<Result<_>>()?,
        })
    }

    /// How messages call the annotator.
    pub(super) fn author(&self) -> &str {
        // An email address says more than a number.
        self.by.iter().find(|name| name.contains('@')).or(self.by.first()).map_or("somebody", String::as_str)
    }

    /// Whether `annotator` is who made it.
    pub(super) fn is_by(&self, annotator: Option<&str>) -> bool {
        annotator.is_none_or(|annotator| self.by.iter().any(|name| name.eq_ignore_ascii_case(annotator)))
    }
}
