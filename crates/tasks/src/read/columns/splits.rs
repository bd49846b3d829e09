//! Columns that say of which split of a data set a line or row is.

use std::collections::BTreeSet;

/// What headers call columns that name a split.
const NAMES: [&str; 10] = [
    "split",
    "set",
    "subset",
    "partition",
    "dataset",
    "data_set",
    "dataset_split",
    "data_split",
    "usage",
    "phase",
];

/// What they call columns that number the parts of a cross-validation.
const FOLDS: [&str; 8] = ["fold", "folds", "fold_id", "fold id", "kfold", "k_fold", "cv_fold", "cv"];

/// Cells, in lower case, that name a split.
const SPLITS: [&str; 19] = [
    "train",
    "training",
    "trn",
    "dev",
    "development",
    "test",
    "testing",
    "tst",
    "val",
    "valid",
    "validation",
    "eval",
    "evaluation",
    "heldout",
    "held-out",
    "held_out",
    "holdout",
    // As Kaggle has them.
    "publictest",
    "privatetest",
];

/// Cells of a column that says yes or no.
const FLAGS: [&str; 14] = ["", "0", "1", "0.0", "1.0", "true", "false", "t", "f", "yes", "no", "y", "n", "x"];

/// What a column tells by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Split,
    Fold,
    /// Whether a row is of one split.
    Flag,
    Other,
}

/// The different cells of a column, as far as they may say of which split a row is.
#[derive(Clone, Debug)]
pub(in crate::read) struct Splits {
    named: Named,
    cells: BTreeSet<String>,
    /// Whether every cell so far names a split.
    all: bool,
}

impl Splits {
    /// Of a column that a header calls `name`.
    pub(in crate::read) fn of_column(name: Option<&str>) -> Self {
        let name = name.unwrap_or_default().trim().to_lowercase();
        let has_part = |part: &str| name.split(['_', '-', ' ']).any(|own| own == part);
        let named = if FOLDS.contains(&name.as_str()) {
            Named::Fold
        } else if is_flag(&name) {
            Named::Flag
        } else if NAMES.contains(&name.as_str()) || has_part("split") {
            Named::Split
        } else {
            Named::Other
        };
        Self { named, cells: BTreeSet::new(), all: true }
    }

    /// Looks at a cell; whether another one can tell anything.
    pub(in crate::read) fn add(&mut self, cell: &str) -> bool {
        if !self.all && self.named == Named::Other {
            return false;
        }
        let cell = cell.trim().to_lowercase();
        self.all &= is_split(&cell);
        self.cells.insert(cell);
        true
    }

    /// The first of its cells, if the rows are of several splits.
    pub(in crate::read) fn several(&self) -> Option<String> {
        let is_fold = |cell: &String| {
            let number = cell.trim_start_matches("fold").trim_matches([' ', '_', '-']);
            is_split(cell) || (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
        };
        let tells = match self.named {
            Named::Split => self.cells.iter().any(|cell| is_split(cell)),
            Named::Fold => self.cells.iter().all(is_fold),
            Named::Flag => self.cells.iter().all(|cell| FLAGS.contains(&cell.as_str())),
            Named::Other => self.all,
        };
        let shown =
            || self.cells.iter().take(4).map(|cell| format!("{cell:?}")).collect::<Vec<_>>().join(", ");
        (tells && self.cells.len() > 1).then(shown)
    }
}

/// Whether a cell, in lower case, names a split.
fn is_split(cell: &str) -> bool {
    SPLITS.contains(&cell)
}

/// Whether a column of this name, as `is_test`, says whether a row is of one split.
fn is_flag(name: &str) -> bool {
    let asked = ["is_", "in_", "is-", "is ", "is"].iter().find_map(|start| name.strip_prefix(start));
    let marked = ["_set", "_flag"].iter().find_map(|end| name.strip_suffix(end));
    [asked, marked].into_iter().flatten().any(is_split)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn several(name: &str, cells: &[&str]) -> Option<String> {
        let mut splits = Splits::of_column(Some(name));
        for cell in cells {
            _ = splits.add(cell);
        }
        splits.several()
    }

    #[test]
    fn columns_of_splits() {
        for (name, cells) in [
            ("split", ["train", "test"]),
            ("Set", ["TRAIN", "extra"]),
            ("dataset", ["train", "dev"]),
            ("Usage", ["Training", "PublicTest"]),
            ("official_split", ["test", "unused"]),
            ("is_test", ["0", "1"]),
            ("is_train", ["True", "False"]),
            ("isTest", ["", "x"]),
            ("train_set", ["yes", "no"]),
            ("fold", ["0", "1"]),
            ("kfold", ["fold_1", "fold_2"]),
            // Whatever it is called.
            ("group", ["train", "test"]),
        ] {
            assert!(several(name, &cells).is_some(), "{name}");
        }
        assert_eq!(several("is_test", &["1", "0", "1"]).as_deref(), Some("\"0\", \"1\""));
    }

    #[test]
    fn columns_of_other_things() {
        for (name, cells) in [
            ("split", ["train", "train"]),
            ("set", ["red", "blue"]),
            ("dataset", ["imdb", "yelp"]),
            ("is_test", ["0", "0"]),
            ("is_test", ["a text", "another"]),
            ("is_active", ["0", "1"]),
            ("fold", ["TIM barrel", "jelly roll"]),
            ("group", ["train", "bus"]),
            ("test", ["0", "1"]),
        ] {
            assert_eq!(several(name, &cells), None, "{name}");
        }
    }
}
