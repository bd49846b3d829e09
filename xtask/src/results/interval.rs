//! How sure a mean over seeds is.

/// What 97.5 % of Student's distribution lie below, by degrees of freedom from 1.
const STUDENT: [f64; 20] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086,
];

/// A mean, and where it lies with 95 % confidence, if more than one value tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mean {
    pub(super) value: f64,
    pub(super) interval: Option<[f64; 2]>,
    /// How many values.
    pub(super) count: usize,
}

/// The mean of `values`, and its interval by Student's t; nothing if there are none.
pub(super) fn mean(values: &[f64]) -> Option<Mean> {
    let count = values.len();
    if count == 0 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count as f64;
    let interval = (count > 1).then(|| {
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let error = (squares / (count - 1) as f64 / count as f64).sqrt();
        // From 20 degrees on the last one errs to the safe side.
        let factor = STUDENT.get(count - 2).copied().unwrap_or(STUDENT[STUDENT.len() - 1]);
        [mean - factor * error, mean + factor * error]
    });
    Some(Mean { value: mean, interval, count })
}

#[cfg(test)]
mod tests {
    use super::mean;

    /// `scipy.stats.t.interval(0.95, 2, 0.546384, scipy.stats.sem([0.543552, 0.550561, 0.545038]))`
    #[test]
    fn three_seeds_have_the_interval_of_student() -> anyhow::Result<()> {
        let found =
            mean(&[0.543_552, 0.550_561, 0.545_038]).ok_or_else(|| anyhow::anyhow!("there are values"))?;
        let [low, high] = found.interval.ok_or_else(|| anyhow::anyhow!("there are three"))?;
        assert!((found.value - 0.546_384).abs() < 1e-6, "{found:?}");
        assert!((low - 0.537_209).abs() < 1e-5 && (high - 0.555_558).abs() < 1e-5, "{found:?}");
        Ok(())
    }

    #[test]
    fn one_value_tells_no_interval() {
        assert_eq!(mean(&[]), None);
        assert_eq!(mean(&[0.5]).and_then(|mean| mean.interval), None);
    }
}
