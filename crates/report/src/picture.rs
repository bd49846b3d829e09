//! Lines with bands, points, and a map of shares, as SVG: for a file of their own, or for a page, which brings the colours.

mod axes;
mod heat_map;
mod lines;
mod scale;
mod scatter;

pub use heat_map::HeatMap;
pub use lines::{Line, Picture, Size};
pub use scatter::{PointGroup, Scatter};

/// Colours and type, for light and dark.
pub(crate) const STYLE: &str = include_str!("picture.css");

/// An SVG of this size that stands alone.
fn file(width: f64, height: f64, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 {width} {height}\">\n<style>\n{STYLE}</style>\n\
         <rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n{body}</svg>\n"
    )
}

/// An SVG of this size in a page, which a screen reader calls `name`.
fn part(width: f64, height: f64, name: &str, body: &str) -> String {
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">\n{body}</svg>\n",
        escaped(name)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
