//! Points in groups.

use std::fmt::Write as _;

use super::axes::{BOTTOM, LEFT, LEGEND_LINE, TOP, axes};
use super::lines::Size;
use super::scale::Scale;
use super::{escaped, file, part};

/// A group with more points shows so many of them, evenly drawn, so that a picture of many stays small.
const SHOWN: usize = 3000;

/// Points in one pair of axes.
#[derive(Clone, Debug)]
pub struct Scatter {
    /// The groups, each of a colour of its own.
    pub groups: Vec<PointGroup>,
    /// What the horizontal axis shows, and from where to where it goes.
    pub across: (String, [f64; 2]),
    /// The same of the vertical axis.
    pub up: (String, [f64; 2]),
}

/// Points of one kind.
#[derive(Clone, Debug)]
pub struct PointGroup {
    /// What they are.
    pub name: String,
    /// Across and up.
    pub points: Vec<(f64, f64)>,
}

impl Scatter {
    /// The picture as a file.
    pub fn to_svg(&self) -> String {
        let (height, body) = self.body(Size::FILE);
        file(Size::FILE.width, height, &body)
    }

    /// The picture as a part of a page.
    pub fn to_part(&self) -> String {
        let (height, body) = self.body(Size::FILE);
        part(Size::FILE.width, height, &format!("{} over {}", self.up.0, self.across.0), &body)
    }

    fn body(&self, size: Size) -> (f64, String) {
        let across = Scale::new(self.across.1.into_iter(), [LEFT, size.width - 16.0]);
        let up = Scale::new(self.up.1.into_iter(), [size.height - BOTTOM, TOP]);
        let mut svg = String::new();
        axes(&mut svg, (&across, &up), [&self.across.0, &self.up.0]);
        for (index, PointGroup { name, points }) in self.groups.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = writeln!(svg, "<g class=\"s{index}\"><title>{}</title>", escaped(name));
            for &(x, y) in points.iter().step_by(points.len().div_ceil(SHOWN).max(1)) {
                let (x, y) = (across.place(x), up.place(y));
                let _ = writeln!(svg, "<circle class=\"point\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>");
            }
            let y = size.height + LEGEND_LINE * index as f64;
            let _ = writeln!(
                svg,
                "<circle class=\"dot\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"4\"/></g>\n<text x=\"{:.1}\" y=\"{:.1}\">{} ({})</text>",
                LEFT + 14.0,
                LEFT + 36.0,
                y + 4.0,
                escaped(name),
                points.len()
            );
        }
        (size.height + LEGEND_LINE * self.groups.len() as f64, svg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_have_their_places_and_groups_their_names() {
        let group = |name: &str, points: Vec<(f64, f64)>| PointGroup { name: name.to_owned(), points };
        let scatter = Scatter {
            groups: vec![group("a<b", vec![(0.0, 0.0), (0.5, 1.0)]), group("many", vec![(0.25, 0.5); 7000])],
            across: ("variability".to_owned(), [0.0, 0.5]),
            up: ("confidence".to_owned(), [0.0, 1.0]),
        };
        let svg = scatter.to_svg();
        // From the left end of the axis at its floor to the right end at its top.
        assert!(
            svg.contains("cx=\"64.0\" cy=\"372.0\"") && svg.contains("cx=\"744.0\" cy=\"16.0\""),
            "{svg}"
        );
        assert!(svg.contains(">a&lt;b (2)<") && svg.contains(">many (7000)<"));
        assert_eq!(svg.matches("class=\"point\"").count(), 2 + 7000_usize.div_ceil(3));
        assert!(svg.contains("<style>") && !scatter.to_part().contains("<style>"));
        let none = Scatter { groups: Vec::new(), ..scatter }.to_svg();
        assert!(!none.contains("NaN"), "{none}");
    }
}
