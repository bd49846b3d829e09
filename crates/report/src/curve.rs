//! Values over training steps, of one run or of several that differ by their seeds alone.

/// Points of a curve of losses, each the mean of those around it.
const POINTS: usize = 50;

/// A point of a line: its step, the mean over the seeds, and the least and the most of them.
pub type BandPoint = (f64, f64, [f64; 2]);

/// The means of neighbouring points, so that a curve of many steps can be seen.
pub fn thinned(points: &[(usize, f64)]) -> Vec<(usize, f64)> {
    let mean = |part: &[(usize, f64)]| {
        let sum: f64 = part.iter().map(|point| point.1).sum();
        (part.last().map_or(0, |point| point.0), sum / part.len() as f64)
    };
    points.chunks(points.len().div_ceil(POINTS).max(1)).map(mean).collect()
}

/// The steps that every one of `curves` has.
pub fn band(curves: &[Vec<(usize, f64)>]) -> Vec<BandPoint> {
    let Some((first, others)) = curves.split_first() else { return Vec::new() };
    let at = |step: usize| {
        let of = |curve: &Vec<(usize, f64)>| curve.iter().find(|point| point.0 == step).map(|point| point.1);
        others.iter().map(of).collect::<Option<Vec<f64>>>()
    };
    let point = |&(step, value): &(usize, f64)| {
        let values: Vec<f64> = [value].into_iter().chain(at(step)?).collect();
        // A loss that is no number has no place in a picture.
        if !values.iter().all(|value| value.is_finite()) {
            return None;
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some((step as f64, mean, [least, most]))
    };
    first.iter().filter_map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_has_the_steps_of_all_seeds() {
        let found = band(&[vec![(0, 1.0), (5, 0.5), (9, 0.1)], vec![(0, 3.0), (5, 0.5), (7, f64::NAN)]]);
        assert_eq!(found, [(0.0, 2.0, [1.0, 3.0]), (5.0, 0.5, [0.5, 0.5])]);
        assert_eq!(band(&[]), []);
    }

    #[test]
    fn many_points_become_few() {
        let points: Vec<(usize, f64)> = (1..=400).map(|step| (step, step as f64)).collect();
        let few = thinned(&points);
        assert_eq!((few.len(), few[0], few[49]), (50, (8, 4.5), (400, 396.5)));
        assert_eq!(thinned(&points[..3]), points[..3]);
        assert_eq!(thinned(&[]), []);
    }
}
