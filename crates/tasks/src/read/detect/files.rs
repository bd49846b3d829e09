//! Layouts of several files, and what is no text at all.

use super::Sample;

/// The three files of [`Format::Intents`](crate::read::Format::Intents).
const INTENTS: [&str; 3] = ["seq.in", "seq.out", "label"];

pub(super) fn intents(sample: &Sample) -> Option<String> {
    let all = sample.is_folder && INTENTS.iter().all(|name| sample.files.iter().any(|file| file == name));
    all.then(|| "the folder holds seq.in, seq.out and label".to_owned())
}

pub(super) fn brat(sample: &Sample) -> Option<String> {
    let ends = |name: &str, end: &str| name.rsplit_once('.').is_some_and(|(_, found)| found == end);
    if sample.is_folder {
        let any = |end: &str| sample.files.iter().any(|file| ends(file, end));
        return (any("ann") && any("txt")).then(|| "the folder holds .txt and .ann files".to_owned());
    }
    let is_pair = ends(&sample.name, "ann") || (ends(&sample.name, "txt") && !sample.files.is_empty());
    is_pair.then(|| "its annotations stand in an .ann file".to_owned())
}

/// What to do about a file that is no text, or a part of something.
pub(super) fn no_data(sample: &Sample) -> Option<&'static str> {
    let begins = |bytes: &[u8]| sample.magic.starts_with(bytes);
    if sample.is_folder {
        return None;
    }
    if INTENTS.contains(&sample.name.as_str()) {
        return Some("it is one of the files seq.in, seq.out and label; give their folder (format intents)");
    }
    if begins(b"PK\x03\x04")
        || begins(b"\x1f\x8b")
        || begins(b"BZh")
        || begins(b"\xfd7zXZ")
        || begins(b"7z\xbc\xaf")
    {
        return Some("it is packed; unpack it, and give a file of what comes out");
    }
    if begins(b"\xff\xfe") || begins(b"\xfe\xff") {
        return Some("it seems to be UTF-16; convert it to UTF-8");
    }
    sample.magic.contains(&0).then_some("it is no text")
}
