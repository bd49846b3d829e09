//! Hashes of files: the hub calls the content of a file by one, and the cache its blob.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha1::{Digest as _, Sha1};
use sha2::Sha256;

/// SHA-256 of a large file or git's SHA-1 of a small one, in lower-case hexadecimal digits. Safe as the name of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Etag(String);

impl Etag {
    /// Reads a header, with or without quotes and the mark of a weak tag; nothing where it holds no such hash.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let tag = header.strip_prefix("W/").unwrap_or(header);
        let tag = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(tag);
        let is_hash = matches!(tag.len(), 40 | 64) && is_lower_hex(tag);
        is_hash.then(|| Self(tag.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Hashes a file of `size` bytes by this tag's kind of hash.
    pub(super) fn hasher(&self, size: u64) -> Hasher {
        if self.0.len() == 64 {
            Hasher::Sha256(Sha256::new())
        } else {
            Hasher::Git(Sha1::new_with_prefix(format!("blob {size}\0")))
        }
    }

    /// Whether the file at `path` has this hash; a file that is not there has not.
    pub(super) fn is_of(&self, path: &Path) -> std::io::Result<bool> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let mut hasher = self.hasher(file.metadata()?.len());
        hasher.read(&mut file)?;
        Ok(hasher.finish() == self.0)
    }
}

/// Whether `text` consists of the digits that hashes are written in.
pub(super) fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The hash of a file while its bytes come.
pub(super) enum Hasher {
    Sha256(Sha256),
    Git(Sha1),
}

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Git(hasher) => hasher.update(bytes),
        }
    }

    /// Takes all that `source` still holds.
    pub(super) fn read(&mut self, source: &mut impl Read) -> std::io::Result<()> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            match source.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => self.update(&buffer[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn finish(self) -> String {
        match self {
            Self::Sha256(hasher) => format!("{:x}", hasher.finalize()),
            Self::Git(hasher) => format!("{:x}", hasher.finalize()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Etag;

    /// As `git hash-object` and `sha256sum` give them for the two bytes `{}`.
    const GIT: &str = "9e26dfeeb6e641a33dae4961196235bdb965b21b";
    const SHA256: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    #[test]
    fn only_hashes_are_tags() {
        for header in [GIT.to_owned(), format!("\"{GIT}\""), format!("W/\"{GIT}\""), format!("W/{GIT}")] {
            assert_eq!(Etag::parse(&header).as_ref().map(Etag::as_str), Some(GIT), "{header}");
        }
        assert_eq!(Etag::parse(SHA256).as_ref().map(Etag::as_str), Some(SHA256));
        let long = "a".repeat(65);
        let upper = GIT.to_uppercase();
        for header in ["", "\"\"", "abc", "../../x", &long, &upper, &format!("{}g", &GIT[..39])] {
            assert_eq!(Etag::parse(header), None, "{header}");
        }
        // As long as a hash, and a path all the same.
        assert_eq!(Etag::parse(&format!("../{}", &GIT[..37])), None);
    }

    #[test]
    fn files_are_compared_by_the_kind_of_hash() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("config.json");
        for tag in [GIT, SHA256].map(Etag::parse).into_iter().flatten() {
            std::fs::write(&path, "{}")?;
            assert!(tag.is_of(&path)?);
            std::fs::write(&path, "{ }")?;
            assert!(!tag.is_of(&path)?);
            assert!(!tag.is_of(&folder.path().join("absent"))?);
        }
        Ok(())
    }
}
