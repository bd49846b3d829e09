//! Fields of the input that its layout does not know, which go along into the output.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::super::RawFields;

/// The fields of objects, those of a line in their order.
type ByLine = BTreeMap<usize, VecDeque<RawFields>>;

/// The fields of the objects of a file, by the line where an object begins. The one who rewrites a file puts
/// them in, and the one who gives its examples takes them out.
#[derive(Clone, Debug, Default)]
pub(super) struct KeptFields(Arc<Mutex<ByLine>>);

impl KeptFields {
    pub(super) fn put(&self, line: usize, fields: RawFields) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(line).or_default().push_back(fields);
    }

    /// Those of the next object of a line. Several examples of the last one have the same.
    pub(super) fn take(&self, line: usize) -> RawFields {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Examples come in the order of the lines.
        *lines = lines.split_off(&line);
        let Some(objects) = lines.get_mut(&line) else { return RawFields::default() };
        match objects.len() {
            0 | 1 => objects.front().cloned().unwrap_or_default(),
            _ => objects.pop_front().unwrap_or_default(),
        }
    }
}
