//! The line for which a small file is like no layout.

use std::path::Path;

use super::Sample;

/// How large a file is that is looked at line by line, in bytes and in lines.
const BYTES: usize = 64 << 10;
const LINES: usize = 100;

/// What the file would be like without one line, or up to a line, as the end of a message. `fit` gives name
/// and reason of the only layout that a sample fits.
pub(super) fn told(
    sample: &Sample,
    fit: impl Fn(&Sample) -> Option<(&'static str, String)>,
) -> Option<String> {
    let is_list = sample.json.as_ref().is_some_and(|json| json.is_list);
    let bytes: usize = sample.lines.iter().map(String::len).sum();
    if sample.is_folder || is_list || bytes > BYTES || sample.lines.len() > LINES {
        return None;
    }
    let filled: Vec<usize> =
        (0..sample.lines.len()).filter(|&at| !sample.lines[at].trim().is_empty()).collect();
    let of = |keep: &dyn Fn(usize) -> bool| {
        let lines = sample.lines.iter().enumerate().filter(|(at, _)| keep(*at));
        let text: Vec<&str> = lines.map(|(_, line)| line.as_str()).collect();
        fit(&Sample::of_bytes(text.join("\n").as_bytes(), Path::new(&sample.name), true))
    };
    let shown = |at: usize| {
        let short: String = sample.lines[at].chars().take(60).collect();
        format!("line {} ({short:?})", at + 1)
    };
    let tell = |(name, reason): (&str, String), but: String| {
        format!(
            "{but}, it is like {name} ({reason}); correct that line, or name the format to see what is wrong with it"
        )
    };
    // One line alone tells nothing of the others.
    if filled.len() < 2 {
        return None;
    }
    for &at in &filled {
        if let Some(found) = of(&|other| other != at) {
            return Some(tell(found, format!("but for {}", shown(at))));
        }
    }
    let ends = filled.windows(2).rev().skip(1).filter(|pair| pair[0] > filled[0]);
    for pair in ends {
        if let Some(found) = of(&|other| other <= pair[0]) {
            return Some(tell(found, format!("up to {}", shown(pair[1]))));
        }
    }
    None
}
