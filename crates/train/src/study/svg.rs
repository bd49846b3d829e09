//! Lines with bands as an SVG picture.

use std::fmt::Write as _;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 64.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 48.0;
/// Of one name in the legend.
const LEGEND_LINE: f64 = 18.0;

/// Colours that people tell apart who see few of them (Okabe and Ito).
const COLOURS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/// Lines in one pair of axes.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub(super) lines: Vec<Line>,
    /// What the horizontal axis shows.
    pub(super) across: String,
    /// What the vertical axis shows.
    pub(super) up: String,
}

/// A point of a line: its step, the mean over the seeds, and the least and the most of them.
pub(super) type BandPoint = (f64, f64, [f64; 2]);

/// A line with a band.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) points: Vec<BandPoint>,
}

/// From values to places.
struct Scale {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Scale {
    fn new(values: impl Iterator<Item = f64> + Clone, [start, end]: [f64; 2]) -> Self {
        let from = values.clone().fold(f64::INFINITY, f64::min);
        let to = values.fold(f64::NEG_INFINITY, f64::max);
        let (from, to) = if from <= to { (from, to) } else { (0.0, 1.0) };
        // All the same: a line in the middle.
        let (from, to) = if to - from > 1e-12 { (from, to) } else { (from - 0.5, to + 0.5) };
        Self { from, to, start, end }
    }

    fn place(&self, value: f64) -> f64 {
        self.start + (value - self.from) / (self.to - self.from) * (self.end - self.start)
    }

    /// Round values, about five of them.
    fn ticks(&self) -> Vec<f64> {
        let rough = (self.to - self.from) / 5.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|round| round * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let (first, last) = ((self.from / step).ceil() as i64, (self.to / step).floor() as i64);
        (first..=last).map(|tick| tick as f64 * step).collect()
    }
}

impl Picture {
    /// The picture as a file.
    pub(super) fn to_svg(&self) -> String {
        let legend = LEGEND_LINE * self.lines.len() as f64;
        let height = HEIGHT + legend;
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let across = Scale::new(points().map(|point| point.0), [LEFT, WIDTH - 16.0]);
        let up = Scale::new(points().flat_map(|point| point.2), [HEIGHT - BOTTOM, TOP]);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        );
        self.axes(&mut svg, &across, &up);
        for (index, line) in self.lines.iter().enumerate() {
            draw(&mut svg, index, line, &across, &up);
        }
        svg + "</svg>\n"
    }

    fn axes(&self, svg: &mut String, across: &Scale, up: &Scale) {
        let (right, floor) = (across.end, up.start);
        // Writing to a String cannot fail.
        for tick in across.ticks() {
            let x = across.place(tick);
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                floor + 18.0,
                label(tick)
            );
        }
        for tick in up.ticks() {
            let y = up.place(tick);
            let _ = writeln!(
                svg,
                "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#ddd\"/>\n\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                y + 4.0,
                label(tick)
            );
        }
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {TOP}V{floor}H{right}\" fill=\"none\" stroke=\"black\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n\
             <text transform=\"translate(14 {:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            f64::midpoint(LEFT, right),
            floor + 36.0,
            escaped(&self.across),
            f64::midpoint(TOP, floor),
            escaped(&self.up)
        );
    }
}

/// The band, the line, and its name below the picture.
fn draw(svg: &mut String, index: usize, line: &Line, across: &Scale, up: &Scale) {
    let colour = COLOURS[index % COLOURS.len()];
    // The colours come again, with dashes.
    let dash = match index / COLOURS.len() {
        0 => String::new(),
        round => format!(" stroke-dasharray=\"{} 3\"", 9 / round.min(8) + 1),
    };
    let place = |x: f64, y: f64| format!("{:.1},{:.1}", across.place(x), up.place(y));
    let most = line.points.iter().map(|point| place(point.0, point.2[1]));
    let least = line.points.iter().rev().map(|point| place(point.0, point.2[0]));
    let band: Vec<String> = most.chain(least).collect();
    let middle: Vec<String> = line.points.iter().map(|point| place(point.0, point.1)).collect();
    let y = HEIGHT + LEGEND_LINE * index as f64;
    // Writing to a String cannot fail.
    let _ = writeln!(
        svg,
        "<polygon points=\"{}\" fill=\"{colour}\" fill-opacity=\"0.15\"/>\n\
         <polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dash}/>\n\
         <line x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"{colour}\" stroke-width=\"2\"{dash}/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
        band.join(" "),
        middle.join(" "),
        LEFT + 28.0,
        LEFT + 36.0,
        y + 4.0,
        escaped(&line.name)
    );
}

/// A tick without the digits of its rounding.
fn label(tick: f64) -> String {
    let text = format!("{tick:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    #[test]
    fn ticks_are_round() {
        let scale = Scale::new([0.03, 0.97].into_iter(), [0.0, 100.0]);
        assert_eq!(scale.ticks().into_iter().map(label).collect::<Vec<_>>(), ["0.2", "0.4", "0.6", "0.8"]);
        assert_eq!([scale.place(0.03), scale.place(0.97)], [0.0, 100.0]);
        let same = Scale::new([2.0].into_iter(), [0.0, 100.0]);
        assert_eq!(same.place(2.0), 50.0);
        assert!(!Scale::new(std::iter::empty(), [0.0, 1.0]).ticks().is_empty());
    }

    #[test]
    fn every_line_has_its_band_and_name() {
        let points = vec![(1.0, 0.5, [0.4, 0.6]), (2.0, 0.7, [0.7, 0.7])];
        let line = |name: &str| Line { name: name.to_owned(), points: points.clone() };
        let lines = (0..9).map(|i| line(&format!("a<{i}&b"))).collect();
        let picture = Picture { lines, across: "steps".to_owned(), up: "F1".to_owned() };
        let svg = picture.to_svg();
        assert_eq!(svg.matches("<polyline").count(), 9);
        assert_eq!(svg.matches("<polygon").count(), 9);
        assert!(svg.contains(">a&lt;3&amp;b<") && svg.contains(">steps<") && svg.contains(">F1<"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
