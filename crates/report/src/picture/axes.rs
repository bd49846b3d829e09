//! A pair of axes with their names and round values.

use std::fmt::Write as _;

use super::escaped;
use super::scale::{Scale, label};

/// Where the vertical axis stands.
pub(super) const LEFT: f64 = 64.0;
/// Room above it.
pub(super) const TOP: f64 = 16.0;
/// Room below the horizontal one.
pub(super) const BOTTOM: f64 = 48.0;
/// Of one name in the legend.
pub(super) const LEGEND_LINE: f64 = 18.0;

/// Draws the axes `across` and `up`, which have these names.
pub(super) fn axes(svg: &mut String, (across, up): (&Scale, &Scale), names: [&str; 2]) {
    let (right, floor) = (across.end, up.start);
    // Writing to a String cannot fail.
    for tick in across.ticks() {
        let x = across.place(tick);
        let _ = writeln!(
            svg,
            "<text class=\"quiet\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            floor + 18.0,
            label(tick)
        );
    }
    for tick in up.ticks() {
        let y = up.place(tick);
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\n\
             <text class=\"quiet\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 6.0,
            y + 4.0,
            label(tick)
        );
    }
    let _ = writeln!(
        svg,
        "<path class=\"axis\" d=\"M{LEFT} {TOP}V{floor}H{right}\"/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n\
         <text transform=\"translate(14 {:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
        f64::midpoint(LEFT, right),
        floor + 36.0,
        escaped(names[0]),
        f64::midpoint(TOP, floor),
        escaped(names[1])
    );
}
