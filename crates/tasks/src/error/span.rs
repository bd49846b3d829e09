//! What is wrong with a span in characters.

use crate::counted::counted;

/// Why the characters `start..end` are no span of a text of `length`, in words that follow "the span".
pub(crate) fn span_fault(start: usize, end: usize, length: usize) -> String {
    let text = format!("its text of {}", counted(length, "character"));
    if end > length {
        format!("ends at {end}, beyond {text}")
    } else if start > end {
        format!("ends before it begins, in {text}")
    } else {
        format!("covers no word of {text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults() {
        assert_eq!(span_fault(0, 9, 4), "ends at 9, beyond its text of 4 characters");
        assert_eq!(span_fault(3, 2, 4), "ends before it begins, in its text of 4 characters");
        assert_eq!(span_fault(2, 2, 4), "covers no word of its text of 4 characters");
    }
}
