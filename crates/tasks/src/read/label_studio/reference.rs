//! Places of files, where the text itself should be.

/// Whether `text` is beyond doubt the place of a file instead of its text, as annotation tools store what
/// they load from elsewhere.
pub(super) fn is_reference(text: &str) -> bool {
    const STORES: [&str; 6] =
        ["s3://", "gs://", "azure-blob://", "file://", "/data/upload/", "/data/local-files/"];
    const ENDS: [&str; 14] = [
        "txt", "text", "html", "htm", "json", "jsonl", "csv", "tsv", "md", "xml", "pdf", "conll", "ann",
        "log",
    ];
    let text = text.trim();
    if text.is_empty() || text.contains(char::is_whitespace) {
        return false;
    }
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let ends = path.rsplit_once('.').is_some_and(|(_, end)| ENDS.contains(&end.to_lowercase().as_str()));
    let drive = text.get(1..3).is_some_and(|mark| mark == ":\\" || mark == ":/");
    let rooted = text.starts_with(['/', '~']) || text.starts_with("./") || text.starts_with("../") || drive;
    STORES.iter().any(|store| text.starts_with(store)) || (ends && (rooted || is_url(text)))
}

/// Whether `text` is an address on the web.
pub(super) fn is_url(text: &str) -> bool {
    let text = text.trim();
    let scheme = text.get(..8).unwrap_or(text).to_lowercase();
    (scheme.starts_with("http://") || scheme.starts_with("https://")) && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_files_are_no_texts() {
        for text in [
            "/data/upload/3/a-b.txt",
            "s3://bucket/a",
            "https://a.b/c.txt?x=1",
            "C:\\a\\b.html",
            "../notes.md",
        ] {
            assert!(is_reference(text), "{text}");
        }
        for text in ["a.txt", "and/or", "/r/rust", "https://a.b/c", "see /data/upload/x.txt", "", "1/2.5"] {
            assert!(!is_reference(text), "{text}");
        }
    }
}
