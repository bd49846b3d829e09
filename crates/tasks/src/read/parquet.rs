//! Tables of Parquet, a row an example: <https://parquet.apache.org/docs/file-format>.

use std::io::BufRead;
use std::path::Path;

use super::NoteKind;
use super::Notes;
use crate::{Error, ReadError, Result};

/// What a file of Parquet begins with.
pub(super) const MAGIC: &[u8] = b"PAR1";

/// A table in memory.
pub(super) struct Table {
    /// The names of the columns.
    pub(super) header: Vec<String>,
    /// Their cells; what is null is empty.
    pub(super) rows: Vec<Vec<String>>,
    /// The columns of lists and records, which are left out.
    pub(super) nested: Vec<String>,
    /// The columns of bytes that are no text, such as pictures, which are left out as well.
    pub(super) bytes: Vec<String>,
}

/// The columns of `reader`, which messages call `file`, that hold a value a row.
pub(super) fn table(mut reader: impl BufRead, file: &Path, notes: &Notes) -> Result<Table> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|source| Error::Io { file: file.to_owned(), source })?;
    if bytes.is_empty() {
        return Err(Error::Read(ReadError::Empty { file: file.to_owned(), format: "parquet" }));
    }
    // The reader panics at some damaged files, such as at a date that no calendar has.
    let table = std::panic::catch_unwind(|| cells(bytes, file))
        .unwrap_or_else(|_| Err(unread(file, "the file is damaged; write it anew")))?;
    if !table.nested.is_empty() {
        let detail = format!("columns of lists and records are left out ({})", table.nested.join(", "));
        notes.add(NoteKind::Assumed, None, detail);
    }
    if !table.bytes.is_empty() {
        let detail = format!("columns of bytes that are no text are left out ({})", table.bytes.join(", "));
        notes.add(NoteKind::Assumed, None, detail);
    }
    Ok(table)
}

#[cfg(not(feature = "parquet"))]
fn cells(_: Vec<u8>, file: &Path) -> Result<Table> {
    let problem = "this program was built without its reader (the feature parquet); write the data set as JSON lines, with to_json() of the datasets library, or as CSV";
    Err(unread(file, problem))
}

#[cfg(feature = "parquet")]
fn cells(bytes: Vec<u8>, file: &Path) -> Result<Table> {
    use parquet::file::metadata::RowGroupMetaData;
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::schema::types::Type;

    let failed = |error: parquet::errors::ParquetError| unread(file, error.to_string());
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).map_err(failed)?;
    let schema = reader.metadata().file_metadata().schema();
    let (flat, nested): (Vec<_>, Vec<_>) = schema.get_fields().iter().cloned().partition(|column| {
        let info = column.get_basic_info();
        column.is_primitive() && !(info.has_repetition() && info.repetition() == REPEATED)
    });
    let names = |columns: &[parquet::schema::types::TypePtr]| -> Vec<String> {
        columns.iter().map(|column| column.name().to_owned()).collect()
    };
    let (header, nested) = (names(&flat), names(&nested));
    if header.is_empty() {
        return Err(unread(file, NO_COLUMN));
    }
    for chunk in reader.metadata().row_groups().iter().flat_map(RowGroupMetaData::columns) {
        let name = chunk.column_path().string();
        if header.contains(&name)
            && let Some(codec) = not_built_in(chunk.compression())
        {
            return Err(unread(file, format!("its column {name:?} is compressed with {codec}, {ADVICE}")));
        }
    }
    let columns = Type::group_type_builder(schema.name()).with_fields(flat).build().map_err(failed)?;
    let mut rows: Vec<Vec<Option<String>>> = Vec::new();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(failed)?;
        for row in group.get_row_iter(Some(columns.clone())).map_err(failed)? {
            let row = row.map_err(failed)?;
            rows.push(row.get_column_iter().map(|(_, cell)| text(cell)).collect());
        }
    }
    Ok(without_bytes(header, rows, nested))
}

#[cfg(feature = "parquet")]
const REPEATED: parquet::basic::Repetition = parquet::basic::Repetition::REPEATED;

#[cfg(feature = "parquet")]
const NO_COLUMN: &str = "it has no column of texts or numbers; write the data set as JSON lines, with to_json() of the datasets library";

#[cfg(feature = "parquet")]
const ADVICE: &str = "which this program cannot read; write it anew with snappy, gzip or zstd, such as pyarrow.parquet.write_table(table, file, compression=\"zstd\"), or as JSON lines";

/// The name of a codec that this program does not have.
#[cfg(feature = "parquet")]
fn not_built_in(codec: parquet::basic::Compression) -> Option<&'static str> {
    use parquet::basic::Compression as Codec;
    match codec {
        Codec::BROTLI(_) => Some("brotli"),
        Codec::LZ4 | Codec::LZ4_RAW => Some("lz4"),
        Codec::LZO => Some("lzo"),
        Codec::UNCOMPRESSED | Codec::SNAPPY | Codec::GZIP(_) | Codec::ZSTD(_) => None,
    }
}

/// The table without the columns in which some cell is none: only the cells tell whether bytes are a text.
#[cfg(feature = "parquet")]
fn without_bytes(header: Vec<String>, rows: Vec<Vec<Option<String>>>, nested: Vec<String>) -> Table {
    let is_text: Vec<bool> =
        (0..header.len()).map(|column| rows.iter().all(|row| row[column].is_some())).collect();
    let kept = |row: Vec<Option<String>>| {
        row.into_iter().zip(&is_text).filter(|(_, is_text)| **is_text).filter_map(|(cell, _)| cell).collect()
    };
    let rows = rows.into_iter().map(kept).collect();
    let (texts, bytes): (Vec<_>, Vec<_>) =
        header.into_iter().zip(&is_text).partition(|(_, is_text)| **is_text);
    let names = |columns: Vec<(String, &bool)>| columns.into_iter().map(|(name, _)| name).collect();
    Table { header: names(texts), rows, nested, bytes: names(bytes) }
}

/// A value as text; nothing for bytes that are none.
#[cfg(feature = "parquet")]
fn text(cell: &parquet::record::Field) -> Option<String> {
    use parquet::record::Field;
    Some(match cell {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => std::str::from_utf8(bytes.data()).ok()?.to_owned(),
        Field::Float(number) => number.to_string(),
        Field::Double(number) => number.to_string(),
        other => other.to_string(),
    })
}

fn unread(file: &Path, problem: impl Into<String>) -> Error {
    Error::Read(ReadError::Parquet { file: file.to_owned(), problem: problem.into() })
}

#[cfg(test)]
mod tests;
