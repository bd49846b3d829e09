//! Labels from a file.

use std::path::Path;

use fishdip_tasks::Schema;

use crate::Error;

/// The schema in the TOML file `path`; if there is no such file, the data set's of that name.
pub fn read_schema(path: &Path) -> Result<Schema, Error> {
    if let (false, Some(schema)) = (path.exists(), path.to_str().and_then(Schema::preset)) {
        return Ok(schema);
    }
    let text =
        std::fs::read_to_string(path).map_err(|source| Error::ReadConfig { path: path.into(), source })?;
    crate::config::read(&path.display().to_string(), &text)
}
