//! What active learning left: the score by the labels that were spent, round by round, and why it ended.

use maud::{Markup, PreEscaped, html};

use super::overview;
use crate::page::Learning;
use crate::picture::{Line, Picture};

pub(super) fn view(learning: &Learning) -> Markup {
    let Learning { metric, points, table } = learning;
    let point = |&(labels, score): &(usize, f64)| (labels as f64, score, [score, score]);
    let line = Line { name: metric.shown().into_owned(), points: points.iter().map(point).collect() };
    let picture = Picture { lines: vec![line], across: "labels".to_owned(), up: metric.shown().into_owned() };
    html! {
        @if points.len() > 1 { div.charts { figure { (PreEscaped(picture.to_part())) } } }
        (overview::study(table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Study;

    #[test]
    fn rounds_are_a_curve_and_a_table() {
        let table = Study {
            head: vec!["round".to_owned(), "labels".to_owned()],
            rows: vec![vec!["0".into(), "10".into()]],
            remarks: vec!["it ended since <b>".into()],
        };
        let learning = Learning { metric: "F1".into(), points: vec![(10, 0.2), (20, 0.4)], table };
        let html = view(&learning).into_string();
        assert_eq!(html.matches("<polyline").count(), 1, "{html}");
        assert!(html.contains("labels") && html.contains("it ended since &lt;b&gt;"), "{html}");
        let one = Learning { points: vec![(10, 0.2)], ..learning };
        assert!(!view(&one).into_string().contains("<polyline"), "one point is no curve");
    }
}
