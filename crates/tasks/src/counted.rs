//! Numbers in messages, with what follows them in the number that it must have.

/// `1 line`, `2 lines`.
pub fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// `there is 1`, `there are 2`.
pub(crate) fn there_are(count: usize) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("there {verb} {count}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        let lines = [0, 1, 2].map(|count| counted(count, "line"));
        assert_eq!(lines, ["0 lines", "1 line", "2 lines"]);
        assert_eq!([0, 1].map(there_are), ["there are 0", "there is 1"]);
    }
}
