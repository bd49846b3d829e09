//! Checks that did not run. A test that skips one prints `skipped: why` on a line of its own.

use std::collections::BTreeMap;

const MARK: &str = "skipped: ";

/// The reason on this line of output, if it has one.
pub(crate) fn reason(line: &str) -> Option<&str> {
    // Without capture, libtest leaves the cursor behind `test name ... `.
    let tail = line.rfind("... ").map_or(line, |at| &line[at + 4..]);
    [line, tail].iter().find_map(|text| text.trim().strip_prefix(MARK))
}

/// The reasons in an XML report that keeps the output of passing tests.
pub(crate) fn in_report(xml: &str) -> Vec<String> {
    let text = |line: &str| {
        let line = line.trim();
        let start =
            ["<system-out>", "<system-err>"].iter().find_map(|tag| line.strip_prefix(tag)).unwrap_or(line);
        let end = ["</system-out>", "</system-err>"].iter().find_map(|tag| start.strip_suffix(tag));
        unescape(end.unwrap_or(start))
    };
    xml.lines().filter_map(|line| reason(&text(line)).map(str::to_owned)).collect()
}

fn unescape(xml: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    entities.iter().fold(xml.to_owned(), |text, (entity, sign)| text.replace(entity, sign))
}

/// Each reason once, with how often it was given, and the total on the last line.
pub(crate) fn summary(reasons: &[String]) -> String {
    let mut counts = BTreeMap::<&str, usize>::new();
    for reason in reasons {
        *counts.entry(reason).or_default() += 1;
    }
    let lines = counts.iter().map(|(reason, count)| format!("  {count} skipped: {reason}\n"));
    format!("{}{} checks skipped", lines.collect::<String>(), reasons.len())
}

#[cfg(test)]
mod tests {
    use super::{in_report, reason, summary};

    #[test]
    fn a_reason_stands_at_the_start_of_a_line() {
        assert_eq!(reason("skipped: no data"), Some("no data"));
        assert_eq!(reason("test reads_conll ... skipped: no data\n"), Some("no data"));
        assert_eq!(reason("Summary 3 tests run: 3 passed, 0 skipped"), None);
        assert_eq!(reason("the reader skipped: a line"), None);
    }

    #[test]
    fn reasons_are_found_in_a_report() {
        let xml = "<testcase name=\"a\">\n  <system-out>\nrunning 1 test\n</system-out>\n  \
                   <system-err>skipped: &quot;A&amp;B&quot; is not set\nskipped: no\n</system-err>\n</testcase>";
        assert_eq!(in_report(xml), ["\"A&B\" is not set", "no"]);
    }

    #[test]
    fn the_summary_ends_with_the_count() {
        let reasons = ["b", "a", "b"].map(str::to_owned);
        assert_eq!(summary(&reasons), "  1 skipped: a\n  2 skipped: b\n3 checks skipped");
        assert_eq!(summary(&[]), "0 checks skipped");
    }
}
