//! Which layout a file has.

mod json;

pub(super) use json::seems;
