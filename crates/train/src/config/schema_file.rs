//! Labels from a file.

use std::io::ErrorKind;
use std::path::Path;

use fishdip_tasks::{Schema, shortened};

use crate::Error;

/// No config is larger, in bytes.
const LARGEST: u64 = 1 << 24;

/// The schema in the TOML file `path`; if there is no such file, the data set's of that name.
pub fn read_schema(path: &Path) -> Result<Schema, Error> {
    if !path.exists() {
        if let Some(schema) = path.to_str().and_then(Schema::preset) {
            return Ok(schema);
        }
        if path.extension().is_none() && path.components().count() == 1 {
            let place = format!("the schema {}", shortened(&path.to_string_lossy()));
            let known = Schema::PRESETS.join(", ");
            let message = format!(
                "it is no file, and no data set whose labels are known ({known}); without a schema, labels are named by task.naming"
            );
            return Err(Error::Config { place, message, hint: None });
        }
    }
    super::parse::read(&path.display().to_string(), &read_toml(path)?)
}

/// The text of a TOML file; not of a device or a pipe, which need not end.
pub(crate) fn read_toml(path: &Path) -> Result<String, Error> {
    let read = fishdip_peft::read_file(path, LARGEST);
    let text = read.and_then(|bytes| {
        String::from_utf8(bytes).map_err(|error| std::io::Error::new(ErrorKind::InvalidData, error))
    });
    text.map_err(|source| Error::ReadConfig { path: path.into(), source })
}
