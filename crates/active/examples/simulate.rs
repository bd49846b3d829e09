//! Spends labels on a made problem with several strategies, and prints what each spared:
//! `cargo run --release -p fishdip-active --example simulate`.
//!
//! The pool has 2,000 points in the plane, of three classes of very different size. The model is a nearest-centroid
//! classifier whose probabilities come from the distances; it stands for whatever you train.

#![allow(clippy::print_stdout, reason = "it is there to show something")]

use fishdip_active::{Candidates, Curve, Matrix, Pool, Result, interval, round_seed, strategy};

const EXAMPLES: usize = 2000;
const CLASSES: usize = 3;
const START: usize = 12;
const QUERY: usize = 12;
const ROUNDS: u32 = 15;
const SEEDS: u64 = 5;

fn main() -> Result<()> {
    let problem = Problem::new();
    let names = ["random", "entropy", "margin", "core-set", "dal", "badge", "k-means"];
    let mut curves: Vec<(&str, Vec<Curve>)> = Vec::new();
    for name in names {
        curves.push((name, (1..=SEEDS).map(|seed| problem.run(name, seed)).collect::<Result<_>>()?));
    }
    let Some((_, random)) = curves.first().cloned() else { return Ok(()) };
    let baseline: Vec<f64> = random.iter().map(Curve::area).collect::<Result<_>>()?;
    println!("strategy    area    against random [95 %]        labels saved where both are equally good");
    for (name, curves) in &curves {
        let areas: Vec<f64> = curves.iter().map(Curve::area).collect::<Result<_>>()?;
        let difference = interval::of_difference(&areas, &baseline, 0)?;
        let pairs = curves.iter().zip(&random);
        let saved: Vec<String> = pairs
            .map(|(curve, random)| curve.labels_saved(random, curve.common_best(random)))
            .map(|saved| saved.map_or("–".to_owned(), |saved| format!("{saved:.0}")))
            .collect();
        let mean = areas.iter().sum::<f64>() / areas.len() as f64;
        let (d, low, high) = (difference.mean, difference.low, difference.high);
        println!("{name:<11} {mean:.4}  {d:+.4} [{low:+.4}, {high:+.4}]   {}", saved.join(", "));
    }
    Ok(())
}

struct Problem {
    points: Vec<[f32; 2]>,
    classes: Vec<usize>,
}

impl Problem {
    fn new() -> Self {
        let (mut points, mut classes) = (Vec::new(), Vec::new());
        for at in 0..EXAMPLES as u32 {
            // Ninety percent are of class 0; the rest is in two small clouds beside it.
            let class = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2][at as usize % 20];
            let [x, y] =
                [round_seed(1, at), round_seed(2, at)].map(|bits| (bits >> 40) as f32 / 16_777_216.0);
            let centre = [[0.0, 0.0], [0.9, 0.6], [0.6, -0.8]][class];
            points.push([centre[0] + x - 0.5, centre[1] + y - 0.5]);
            classes.push(class);
        }
        Self { points, classes }
    }

    fn run(&self, name: &str, seed: u64) -> Result<Curve> {
        let mut pool = Pool::new(EXAMPLES as u32);
        let mut points = Vec::new();
        for round in 0..ROUNDS {
            let unlabelled: Vec<u32> = pool.unlabelled().collect();
            let labelled: Vec<u32> = pool.labelled().collect();
            let probabilities: Vec<f32> = unlabelled
                .iter()
                .flat_map(|&id| self.probabilities(&labelled, self.points[id as usize]))
                .collect();
            let vectors: Vec<f32> = unlabelled.iter().flat_map(|&id| self.points[id as usize]).collect();
            let known: Vec<f32> = labelled.iter().flat_map(|&id| self.points[id as usize]).collect();
            let candidates = Candidates::new(&unlabelled)?
                .with_probabilities(Matrix::new("probabilities", &probabilities, unlabelled.len(), CLASSES)?)?
                .with_vectors(Matrix::new("vectors", &vectors, unlabelled.len(), 2)?)?
                .with_labelled_vectors(Matrix::new("vectors", &known, labelled.len(), 2)?)?;
            let (name, n) = if round == 0 { ("random", START) } else { (name, QUERY) };
            let seed = round_seed(seed, round);
            let ids = strategy::named(name)?.choose(&candidates, n, seed)?;
            let query = fishdip_active::Asked { round, seed, strategy: name.to_owned(), ids: ids.clone() };
            pool.ask(query)?;
            ids.into_iter().try_for_each(|id| pool.label(id))?;
            points.push((pool.labelled_count(), self.score(&pool.labelled().collect::<Vec<_>>())));
        }
        Curve::new(points)
    }

    /// From the distances to the mean of each class that has been seen.
    fn probabilities(&self, labelled: &[u32], point: [f32; 2]) -> [f32; CLASSES] {
        let mut sums = [[0.0f32; 3]; CLASSES];
        for &id in labelled {
            let ([x, y], sum) = (self.points[id as usize], &mut sums[self.classes[id as usize]]);
            *sum = [sum[0] + x, sum[1] + y, sum[2] + 1.0];
        }
        let weight = |[x, y, count]: [f32; 3]| {
            let far = (x / count - point[0]).hypot(y / count - point[1]);
            if count > 0.0 { (-4.0 * far).exp() } else { 0.0 }
        };
        let weights = sums.map(weight);
        let all: f32 = weights.iter().sum();
        weights.map(|weight| if all > 0.0 { weight / all } else { 1.0 / CLASSES as f32 })
    }

    /// The mean over the classes of how many of it are recognized.
    fn score(&self, labelled: &[u32]) -> f64 {
        let (mut right, mut all) = ([0.0; CLASSES], [0.0; CLASSES]);
        for (&point, &class) in self.points.iter().zip(&self.classes) {
            let probabilities = self.probabilities(labelled, point);
            let best = probabilities.iter().copied().fold(0.0, f32::max);
            right[class] += f64::from(u8::from(probabilities[class] >= best));
            all[class] += 1.0;
        }
        right.iter().zip(all).map(|(right, all)| right / all).sum::<f64>() / CLASSES as f64
    }
}
