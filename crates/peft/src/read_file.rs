//! Files that come from anywhere.

use std::fs::{self, File};
use std::io::{Error, ErrorKind, Read};
use std::path::Path;

/// The content of the file at `path`. What is no file (a folder, a pipe, a device) is an error instead of a wait without end, and so is a file
/// of more than `at_most` bytes.
pub fn read_file(path: &Path, at_most: u64) -> std::io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(Error::new(ErrorKind::IsADirectory, "it is a folder, not a file"));
    }
    if !metadata.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is a pipe, a socket or a device, not a file"));
    }
    let length = metadata.len();
    if length > at_most {
        let reason =
            format!("it has {length} bytes, which is more than the {at_most} that such a file may have");
        return Err(Error::new(ErrorKind::FileTooLarge, reason));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length as usize).map_err(|_| ErrorKind::OutOfMemory)?;
    // A file that grows meanwhile is read as far as it went.
    File::open(path)?.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::read_file;

    #[test]
    fn files_are_read_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, b"four").unwrap();
        assert_eq!(read_file(&file, 4).unwrap(), b"four");
        assert!(read_file(&file, 3).unwrap_err().to_string().contains("4 bytes"));
        assert!(read_file(folder.path(), 4).unwrap_err().to_string().contains("folder"));
        assert!(read_file(&folder.path().join("absent"), 4).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_device_and_a_pipe_are_not_waited_for() {
        assert!(read_file("/dev/zero".as_ref(), 4).unwrap_err().to_string().contains("a device"));
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        if std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
            assert!(read_file(&pipe, 4).unwrap_err().to_string().contains("a pipe"));
        }
    }
}
