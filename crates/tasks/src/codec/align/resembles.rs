//! Slips of a model.

/// Whether `output` may be a slip for `source`: the letters of one are within the other in order, or more
/// than half of the letters of the longer one are shared.
pub fn resembles(source: &str, output: &str) -> bool {
    let shorter_within = |a: &str, b: &str| {
        let mut rest = b.chars();
        a.chars().all(|letter| rest.any(|other| other == letter))
    };
    if shorter_within(source, output) || shorter_within(output, source) {
        return true;
    }
    let mut letters: Vec<char> = source.chars().collect();
    let (mut shared, mut length) = (0, 0);
    for letter in output.chars() {
        length += 1;
        if let Some(at) = letters.iter().position(|&other| other == letter) {
            letters.swap_remove(at);
            shared += 1;
        }
    }
    2 * shared > length.max(shared + letters.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_resemble() {
        for (source, output) in [("Tolkien", "Tolkein"), ("{x}", "x"), ("a", "a."), ("colour", "color")] {
            assert!(resembles(source, output) && resembles(output, source), "{source} {output}");
        }
        for (source, output) in [("here", "now"), ("here", "dear"), ("was", "here"), ("x", "y")] {
            assert!(!resembles(source, output) && !resembles(output, source), "{source} {output}");
        }
    }
}
