//! Scores over numbers of examples, a panel a score, with the interval of each as a band.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;

use super::compare::{Figure, Found, Place};
use super::plan::Method;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Failure = DrawingAreaErrorKind<std::io::Error>;

const COLUMNS: usize = 3;
const PANEL: [u32; 2] = [330, 250];

const COLORS: [RGBColor; 9] = [
    RGBColor(0xc9, 0xb0, 0x8a),
    RGBColor(0x7a, 0x7a, 0x7a),
    RGBColor(0x0b, 0x6e, 0x99),
    RGBColor(0x4c, 0xb0, 0xd8),
    RGBColor(0x2e, 0x8b, 0x57),
    RGBColor(0x9a, 0xb8, 0x3a),
    RGBColor(0xd9, 0x73, 0x0d),
    RGBColor(0x8b, 0x3a, 0x9a),
    RGBColor(0xc8, 0x3a, 0x4a),
];

/// A line: its colour, and the figures by number of examples.
type Line = (RGBColor, Vec<(f64, Figure)>);

/// Draws what was found into the SVG `file`; tells whether there was anything to draw.
pub(super) fn draw(file: &Path, found: &Found<'_>) -> Result<bool> {
    let panels = panels(found);
    if panels.is_empty() {
        return Ok(false);
    }
    let folder = file.parent().context("the picture has no folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    // The last one is for the names.
    let rows = (panels.len() + 1).div_ceil(COLUMNS);
    let size = (PANEL[0] * COLUMNS as u32, PANEL[1] * rows as u32);
    let failed = |error: Failure| anyhow!("failed to draw {}: {error}", file.display());
    let area = SVGBackend::new(file, size).into_drawing_area();
    area.fill(&WHITE).map_err(failed)?;
    let parts = area.split_evenly((rows, COLUMNS));
    for ((title, lines), part) in panels.iter().zip(&parts) {
        panel(part, title, lines).map_err(failed)?;
    }
    if let Some(part) = parts.get(panels.len()) {
        legend(part, &found.plan.methods).map_err(failed)?;
    }
    area.present().map_err(failed)?;
    Ok(true)
}

/// The scores of which there is any figure, with a line a method.
fn panels<'a>(found: &Found<'a>) -> Vec<(&'a str, Vec<Line>)> {
    let places = found.places();
    let mut panels = Vec::new();
    for of_score in places.chunk_by(|a, b| std::ptr::eq(a.measure, b.measure)) {
        let line = |(color, method): (&RGBColor, &Method)| {
            let point = |place: &Place<'_>| Some((place.size.examples as f64, found.figure(*place, method)?));
            let points: Vec<_> = of_score.iter().filter_map(point).collect();
            (!points.is_empty()).then_some((*color, points))
        };
        let lines: Vec<Line> = COLORS.iter().cycle().zip(&found.plan.methods).filter_map(line).collect();
        if let (Some(place), false) = (of_score.first(), lines.is_empty()) {
            panels.push((place.measure.title.as_str(), lines));
        }
    }
    panels
}

fn panel(part: &Area<'_>, title: &str, lines: &[Line]) -> Result<(), Failure> {
    let all = || lines.iter().flat_map(|line| &line.1);
    let low = all().map(|point| point.0).fold(f64::INFINITY, f64::min);
    let high = all().map(|point| point.0).fold(0.0, f64::max);
    let band = |figure: &Figure| {
        let [low, high] = figure.score.interval.unwrap_or([figure.score.value; 2]);
        [100.0 * low.clamp(0.0, 1.0), 100.0 * high.clamp(0.0, 1.0)]
    };
    let mut ticks: Vec<f64> = all().map(|point| point.0).collect();
    ticks.sort_by(f64::total_cmp);
    ticks.dedup();
    let top = all().map(|point| band(&point.1)[1]).fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(part)
        .margin(10)
        .caption(title, ("sans-serif", 14))
        .x_label_area_size(34)
        .y_label_area_size(38)
        .build_cartesian_2d(
            (low / 1.1..high * 1.1).log_scale().with_key_points(ticks),
            0.0..(top * 1.05).min(100.0),
        )?;
    let mesh = |number: &f64| format!("{number:.0}");
    let mut mesh_style = chart.configure_mesh();
    mesh_style.light_line_style(TRANSPARENT).x_label_formatter(&mesh).y_label_formatter(&mesh);
    mesh_style.x_desc("examples").draw()?;
    for (color, points) in lines {
        let upper = points.iter().map(|(x, figure)| (*x, band(figure)[1]));
        let lower = points.iter().rev().map(|(x, figure)| (*x, band(figure)[0]));
        let around: Vec<(f64, f64)> = upper.chain(lower).collect();
        chart.draw_series([Polygon::new(around, color.mix(0.12))])?;
    }
    for (color, points) in lines {
        let means = points.iter().map(|(x, figure)| (*x, 100.0 * figure.score.value));
        chart.draw_series(LineSeries::new(means, color.stroke_width(2)).point_size(3))?;
    }
    Ok(())
}

fn legend(part: &Area<'_>, methods: &[Method]) -> Result<(), Failure> {
    for (index, (method, color)) in methods.iter().zip(COLORS.iter().cycle()).enumerate() {
        let y = 40 + 22 * index as i32;
        part.draw(&PathElement::new([(24, y), (48, y)], color.stroke_width(2)))?;
        let name = method.title.replace('`', "");
        part.draw(&Text::new(name, (56, y - 6), ("sans-serif", 13).into_font()))?;
    }
    Ok(())
}
