//! What the scores of several cells are.

/// What scores are, which are F1 for some tasks and accuracy for others: each of `metrics` once.
pub(super) fn metric<'a>(metrics: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in metrics {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() { "score".to_owned() } else { names.join(" or ") }
}

#[cfg(test)]
mod tests {
    use super::metric;

    #[test]
    fn what_scores_are_is_told_once_each() {
        assert_eq!(metric(["F1", "accuracy", "F1"].into_iter()), "F1 or accuracy");
        assert_eq!(metric(["accuracy", "accuracy"].into_iter()), "accuracy");
        assert_eq!(metric([].into_iter()), "score");
    }
}
