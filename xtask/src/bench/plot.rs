//! Curves as a picture.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use plotters::prelude::*;

/// A row of points.
pub(super) struct Curve {
    pub(super) name: &'static str,
    pub(super) points: Vec<(f64, f64)>,
}

/// Curves over the same axis.
pub(super) struct Panel<'a> {
    pub(super) axis: &'a str,
    pub(super) curves: Vec<Curve>,
}

const COLORS: [RGBColor; 2] = [RGBColor(0x0b, 0x6e, 0x99), RGBColor(0xd9, 0x73, 0x0d)];

/// Draws the panels beside each other into the SVG `file`: seconds of a step over a logarithmic axis. Panels without points are left out.
pub(super) fn plot(file: &Path, panels: &[Panel<'_>]) -> Result<()> {
    let panels: Vec<_> =
        panels.iter().filter(|panel| panel.curves.iter().any(|c| !c.points.is_empty())).collect();
    if panels.is_empty() {
        return Ok(());
    }
    let folder = file.parent().context("the picture has no folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    let area = SVGBackend::new(file, (360 * panels.len() as u32, 300)).into_drawing_area();
    let failed = |e: DrawingAreaErrorKind<std::io::Error>| anyhow!("failed to draw {}: {e}", file.display());
    area.fill(&WHITE).map_err(failed)?;
    for (part, panel) in area.split_evenly((1, panels.len())).iter().zip(panels) {
        let all = || panel.curves.iter().flat_map(|curve| &curve.points);
        let low = all().map(|p| p.0).fold(f64::INFINITY, f64::min);
        let high = all().map(|p| p.0).fold(0.0, f64::max);
        let top = all().map(|p| p.1).fold(0.0, f64::max) * 1.15;
        let mut chart = ChartBuilder::on(part)
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(44)
            .build_cartesian_2d((low..high * 1.05).log_scale(), 0.0..top)
            .map_err(failed)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_desc(panel.axis)
            .y_desc("seconds of a step")
            .draw()
            .map_err(failed)?;
        for (curve, color) in panel.curves.iter().zip(COLORS) {
            let line = LineSeries::new(curve.points.iter().copied(), color.stroke_width(2)).point_size(3);
            let sample = move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color.stroke_width(2));
            chart.draw_series(line).map_err(failed)?.label(curve.name).legend(sample);
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .border_style(TRANSPARENT)
            .draw()
            .map_err(failed)?;
    }
    area.present().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::{Curve, Panel, plot};

    #[test]
    fn a_picture_names_its_curves() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("docs/a.svg");
        plot(&file, &[Panel { axis: "batch", curves: vec![] }])?;
        assert!(!file.exists());
        let curves = vec![Curve { name: "fishdip", points: vec![(1.0, 0.5), (8.0, 2.0)] }];
        plot(&file, &[Panel { axis: "samples", curves }])?;
        let text = std::fs::read_to_string(&file)?;
        assert!(text.contains("fishdip") && text.contains("samples") && text.contains("polyline"), "{text}");
        Ok(())
    }
}
