//! Lines with bands.

use std::fmt::Write as _;

use super::axes::{BOTTOM, LEFT, LEGEND_LINE, TOP, axes};
use super::scale::{Scale, label};
use super::{escaped, file, part};
use crate::curve::BandPoint;

/// How many colours the style has.
const COLOURS: usize = 7;
/// A line with no more points than this shows each.
const DOTS: usize = 24;

/// How large a picture is, the legend apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

impl Size {
    /// Of a file.
    pub const FILE: Self = Self { width: 760.0, height: 420.0 };
    /// Of one among others in a page.
    pub const PART: Self = Self { width: 520.0, height: 250.0 };
}

/// Lines in one pair of axes.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The lines.
    pub lines: Vec<Line>,
    /// What the horizontal axis shows.
    pub across: String,
    /// What the vertical axis shows.
    pub up: String,
}

/// A line with a band.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is.
    pub name: String,
    /// Its points, from left to right.
    pub points: Vec<BandPoint>,
}

impl Picture {
    /// The picture as a file.
    pub fn to_svg(&self) -> String {
        let (height, body) = self.body(Size::FILE, true);
        file(Size::FILE.width, height, &body)
    }

    /// The picture as a part of a page; a line alone needs no legend there.
    pub fn to_part(&self) -> String {
        let (height, body) = self.body(Size::PART, self.lines.len() > 1);
        part(Size::PART.width, height, &format!("{} over {}", self.up, self.across), &body)
    }

    /// How high it is with its legend, and what is in it.
    fn body(&self, size: Size, legend: bool) -> (f64, String) {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let across = Scale::new(points().map(|point| point.0), [LEFT, size.width - 16.0]);
        let up = Scale::new(points().flat_map(|point| point.2), [size.height - BOTTOM, TOP]);
        let mut svg = String::new();
        axes(&mut svg, (&across, &up), [&self.across, &self.up]);
        for (index, line) in self.lines.iter().enumerate() {
            let name = legend.then_some(size.height + LEGEND_LINE * index as f64);
            draw(&mut svg, index, line, (&across, &up), name);
        }
        let names = if legend { LEGEND_LINE * self.lines.len() as f64 } else { 0.0 };
        (size.height + names, svg)
    }
}

/// The band and the line, and its name at the height `name`.
fn draw(svg: &mut String, index: usize, line: &Line, (across, up): (&Scale, &Scale), name: Option<f64>) {
    // The colours come again, with dashes.
    let dash = match index / COLOURS {
        0 => String::new(),
        round => format!(" stroke-dasharray=\"{} 3\"", 9 / round.min(8) + 1),
    };
    let place = |x: f64, y: f64| format!("{:.1},{:.1}", across.place(x), up.place(y));
    let most = line.points.iter().map(|point| place(point.0, point.2[1]));
    let least = line.points.iter().rev().map(|point| place(point.0, point.2[0]));
    let band: Vec<String> = most.chain(least).collect();
    let middle: Vec<String> = line.points.iter().map(|point| place(point.0, point.1)).collect();
    // Writing to a String cannot fail.
    let _ = writeln!(
        svg,
        "<g class=\"s{}\"><title>{}</title>\n<polygon class=\"band\" points=\"{}\"/>\n\
         <polyline class=\"line\" points=\"{}\"{dash}/>",
        index % COLOURS,
        escaped(&line.name),
        band.join(" "),
        middle.join(" ")
    );
    if line.points.len() <= DOTS {
        for &(x, y, _) in &line.points {
            let _ = writeln!(
                svg,
                "<circle class=\"dot\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"><title>{}: {}</title></circle>",
                across.place(x),
                up.place(y),
                label(x),
                label((y * 1e4).round() / 1e4)
            );
        }
    }
    if let Some(y) = name {
        let _ = writeln!(
            svg,
            "<line class=\"line\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"{dash}/>",
            LEFT + 28.0
        );
    }
    svg.push_str("</g>\n");
    if let Some(y) = name {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            LEFT + 36.0,
            y + 4.0,
            escaped(&line.name)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_band_and_name() {
        let points = vec![(1.0, 0.5, [0.4, 0.6]), (2.0, 0.7, [0.7, 0.7])];
        let line = |name: &str| Line { name: name.to_owned(), points: points.clone() };
        let lines = (0..9).map(|i| line(&format!("a<{i}&b"))).collect();
        let picture = Picture { lines, across: "steps".to_owned(), up: "F1".to_owned() };
        for svg in [picture.to_svg(), picture.to_part()] {
            assert_eq!(svg.matches("<polyline").count(), 9);
            assert_eq!(svg.matches("<polygon").count(), 9);
            assert!(
                svg.contains(">a&lt;3&amp;b<") && svg.contains(">steps<") && svg.contains(">F1<"),
                "{svg}"
            );
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
        assert!(picture.to_svg().contains("<style>") && !picture.to_part().contains("<style>"));
    }

    #[test]
    fn points_have_their_places() {
        let line = Line { name: "x".to_owned(), points: vec![(0.0, 0.0, [0.0; 2]), (10.0, 1.0, [1.0; 2])] };
        let picture = Picture { lines: vec![line], across: "steps".to_owned(), up: "F1".to_owned() };
        // From the left end of the axis at its floor to the right end at its top.
        assert!(picture.to_part().contains("points=\"64.0,202.0 504.0,16.0\""), "{}", picture.to_part());
    }
}
