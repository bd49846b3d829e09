//! From values to places on an axis.

/// An axis.
pub(super) struct Scale {
    from: f64,
    to: f64,
    pub(super) start: f64,
    pub(super) end: f64,
}

impl Scale {
    pub(super) fn new(values: impl Iterator<Item = f64> + Clone, [start, end]: [f64; 2]) -> Self {
        let from = values.clone().fold(f64::INFINITY, f64::min);
        let to = values.fold(f64::NEG_INFINITY, f64::max);
        let (from, to) = if from <= to { (from, to) } else { (0.0, 1.0) };
        // All the same: a line in the middle.
        let (from, to) = if to - from > 1e-12 { (from, to) } else { (from - 0.5, to + 0.5) };
        Self { from, to, start, end }
    }

    pub(super) fn place(&self, value: f64) -> f64 {
        self.start + (value - self.from) / (self.to - self.from) * (self.end - self.start)
    }

    /// Round values, about five of them.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let rough = (self.to - self.from) / 5.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|round| round * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let (first, last) = ((self.from / step).ceil() as i64, (self.to / step).floor() as i64);
        (first..=last).map(|tick| tick as f64 * step).collect()
    }
}

/// A tick without the digits of its rounding.
pub(super) fn label(tick: f64) -> String {
    // A learning rate would be 0 with six digits after the point.
    if tick != 0.0 && tick.abs() < 1e-4 {
        return format!("{tick:.0e}");
    }
    let text = format!("{tick:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
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
        assert_eq!([label(0.0), label(2e-5), label(1500.0)], ["0", "2e-5", "1500"]);
    }
}
