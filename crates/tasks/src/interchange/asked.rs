//! What a model was asked, where its outputs stand in a file of their own.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

use crate::read::prompts;
use crate::{Example, ExampleError, Result};

/// Examples by their ids.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    examples: Vec<(String, Example)>,
    by_id: BTreeMap<String, usize>,
}

impl Asked {
    /// Reads [prompts](crate::prompts) or [`Example`]s, a JSON object a line, from `input` (called `name` in messages).
    /// One without an id, or with that of another one, is an error.
    pub fn read(input: impl BufRead, name: &Path) -> Result<Self> {
        let mut asked = Self::default();
        for line in prompts(input, name) {
            let (id, example) = line?;
            if asked.by_id.insert(id.clone(), asked.examples.len()).is_some() {
                return Err(ExampleError::SameId { example: example.place() }.into());
            }
            asked.examples.push((id, example));
        }
        Ok(asked)
    }

    /// The example of an id.
    pub fn example(&self, id: &str) -> Option<&Example> {
        let (_, example) = self.examples.get(*self.by_id.get(id)?)?;
        Some(example)
    }

    /// All ids, in the order of the file.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.examples.iter().map(|(id, _)| id.as_str())
    }
}
