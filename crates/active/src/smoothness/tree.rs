//! A regression tree of several outputs, as scikit-learn grows it (CART by squared error, all features).

use rayon::prelude::*;

use super::Wavelet;

/// Feature values nearer than this are not told apart.
const NEAR: f32 = 1e-7;

/// A node with less variance is a leaf.
const PURE: f64 = f64::EPSILON;

/// A tree; the first node is the root, and the left child follows its parent.
pub(super) struct Tree {
    nodes: Vec<Node>,
}

struct Node {
    /// The mean of its examples.
    mean: Vec<f64>,
    /// Where its box is cut, unless it is a leaf.
    cut: Option<Cut>,
}

struct Cut {
    feature: usize,
    /// What is at most this goes left.
    threshold: f64,
    left: usize,
    right: usize,
}

/// What trees are grown from.
struct Data<'a> {
    rows: &'a [Vec<f32>],
    targets: &'a [Vec<f64>],
    /// How often each row counts.
    counts: &'a [u32],
}

impl Tree {
    pub(super) fn grow(rows: &[Vec<f32>], targets: &[Vec<f64>], counts: &[u32], depth: usize) -> Self {
        let mut tree = Self { nodes: Vec::new() };
        let drawn: Vec<usize> = (0..rows.len()).filter(|&row| counts[row] > 0).collect();
        if !drawn.is_empty() {
            tree.add(&Data { rows, targets, counts }, drawn, depth);
        }
        tree
    }

    /// Adds the node of the examples `members`, and those below it; gives its index.
    fn add(&mut self, data: &Data<'_>, members: Vec<usize>, depth: usize) -> usize {
        let sums = data.sums(&members);
        let node = self.nodes.len();
        let mean = sums.targets.iter().map(|sum| sum / sums.count).collect();
        self.nodes.push(Node { mean, cut: None });
        if depth == 0 || data.variance(&members, &sums) <= PURE {
            return node;
        }
        if let Some((feature, threshold)) = data.best_cut(&members, &sums) {
            let (low, high): (Vec<usize>, Vec<usize>) =
                members.into_iter().partition(|&row| f64::from(data.rows[row][feature]) <= threshold);
            let left = self.add(data, low, depth - 1);
            let right = self.add(data, high, depth - 1);
            self.nodes[node].cut = Some(Cut { feature, threshold, left, right });
        }
        node
    }

    /// The wavelet of each node, in order.
    pub(super) fn wavelets(&self, rows: &[Vec<f32>]) -> Vec<Wavelet> {
        let mut wavelets = Vec::with_capacity(self.nodes.len());
        if let Some(root) = self.nodes.first() {
            let nothing = vec![0.0; root.mean.len()];
            self.collect(0, &nothing, (0..rows.len()).collect(), &mut Vec::new(), rows, &mut wavelets);
        }
        wavelets
    }

    /// `bounds` are those features of the node's box that are not from 0 to 1.
    fn collect(
        &self,
        node: usize,
        parent: &[f64],
        members: Vec<usize>,
        bounds: &mut Vec<(usize, f64, f64)>,
        rows: &[Vec<f32>],
        wavelets: &mut Vec<Wavelet>,
    ) {
        let node = &self.nodes[node];
        let value: Vec<f64> = node.mean.iter().zip(parent).map(|(mean, parent)| mean - parent).collect();
        let volume: f64 = bounds.iter().map(|(_, low, high)| high - low).product();
        let norm = (value.iter().map(|value| value * value).sum::<f64>() * volume).sqrt();
        let inside = members.clone();
        wavelets.push(Wavelet { norm, value, rows: members });
        let Some(cut) = &node.cut else { return };
        let (low, high): (Vec<usize>, Vec<usize>) =
            inside.into_iter().partition(|&row| f64::from(rows[row][cut.feature]) <= cut.threshold);
        let at = bounds.iter().position(|(feature, ..)| *feature == cut.feature).unwrap_or_else(|| {
            bounds.push((cut.feature, 0.0, 1.0));
            bounds.len() - 1
        });
        let (_, from, to) = bounds[at];
        for (child, members, (from, to)) in
            [(cut.left, low, (from, cut.threshold)), (cut.right, high, (cut.threshold, to))]
        {
            let mut bounds = bounds.clone();
            bounds[at] = (cut.feature, from, to);
            self.collect(child, &node.mean, members, &mut bounds, rows, wavelets);
        }
    }
}

/// Sums over some examples.
struct Sums {
    count: f64,
    targets: Vec<f64>,
}

impl Data<'_> {
    fn sums(&self, members: &[usize]) -> Sums {
        let mut sums = Sums { count: 0.0, targets: vec![0.0; self.targets.first().map_or(0, Vec::len)] };
        for &row in members {
            self.move_in(&mut sums, row);
        }
        sums
    }

    fn move_in(&self, sums: &mut Sums, row: usize) {
        let count = f64::from(self.counts[row]);
        sums.count += count;
        sums.targets.iter_mut().zip(&self.targets[row]).for_each(|(sum, target)| *sum += count * target);
    }

    /// The mean over the outputs of their variance.
    fn variance(&self, members: &[usize], sums: &Sums) -> f64 {
        let part = |output: usize| {
            let mean = sums.targets[output] / sums.count;
            let square =
                |row: &usize| f64::from(self.counts[*row]) * (self.targets[*row][output] - mean).powi(2);
            members.iter().map(square).sum::<f64>() / sums.count
        };
        (0..sums.targets.len()).map(part).sum::<f64>() / sums.targets.len() as f64
    }

    /// Feature and threshold that leave the least squared error; of several the first feature and lowest threshold.
    fn best_cut(&self, members: &[usize], sums: &Sums) -> Option<(usize, f64)> {
        let features = self.rows.first().map_or(0, Vec::len);
        let cuts: Vec<Option<(f64, f64)>> =
            (0..features).into_par_iter().map(|feature| self.cut_of(feature, members, sums)).collect();
        let mut best: Option<(f64, usize, f64)> = None;
        for (feature, cut) in cuts.into_iter().enumerate() {
            if let Some((gain, threshold)) = cut
                && best.is_none_or(|(most, ..)| gain > most)
            {
                best = Some((gain, feature, threshold));
            }
        }
        best.map(|(_, feature, threshold)| (feature, threshold))
    }

    /// The best cut of a feature: Σ S²/w of both sides, which is most where the squared error is least, and the
    /// threshold, halfway between two values.
    fn cut_of(&self, feature: usize, members: &[usize], sums: &Sums) -> Option<(f64, f64)> {
        let value = |row: usize| self.rows[row][feature];
        let mut order = members.to_vec();
        order.sort_by(|&a, &b| value(a).total_cmp(&value(b)));
        let mut low = self.sums(&[]);
        let mut best: Option<(f64, f64)> = None;
        for pair in order.windows(2) {
            self.move_in(&mut low, pair[0]);
            let (below, above) = (value(pair[0]), value(pair[1]));
            if above <= below + NEAR {
                continue;
            }
            let parts = low.targets.iter().zip(&sums.targets);
            let high_count = sums.count - low.count;
            let gain = parts.map(|(l, all)| l * l / low.count + (all - l) * (all - l) / high_count).sum();
            if best.is_none_or(|(most, _)| gain > most) {
                best = Some((gain, f64::midpoint(f64::from(below), f64::from(above))));
            }
        }
        best
    }
}
