//! How wide prose in Markdown is.

/// Characters a line, tables and code apart.
const WIDTH: usize = 120;

/// The page that is made of the config's types.
const GENERATED: &str = "docs/config.md";

/// Every line of prose in the Markdown file `path` that is too wide.
pub(super) fn check(path: &str, text: &str) -> Vec<String> {
    if path == GENERATED {
        return Vec::new();
    }
    let (mut broken, mut is_code) = (Vec::new(), false);
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        let width = line.chars().count();
        if width > WIDTH && !is_code && !line.starts_with('|') {
            broken.push(format!("{path}:{}: {width} characters; break the line at {WIDTH}", number + 1));
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn prose_alone_has_a_width() {
        let wide = "word ".repeat(30);
        let text = format!("# Title\n\n{wide}\n\n| {wide} |\n\n```text\n{wide}\n```\n{wide}\n");
        let places: Vec<String> = check("README.md", &text);
        assert_eq!(places.len(), 2);
        assert!(
            places[0].starts_with("README.md:3: 150 characters") && places[1].starts_with("README.md:10:")
        );
        assert!(check("docs/config.md", &text).is_empty());
    }
}
