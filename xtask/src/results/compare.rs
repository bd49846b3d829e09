//! Methods beside each other, from the cells that are done.

use super::cells::Finished;
use super::interval::{Mean, mean};
use super::plan::{Cell, DataSet, Measure, Method, Plan, Size};

/// What was measured.
pub(super) struct Found<'a> {
    pub(super) plan: &'a Plan,
    cells: &'a [(&'a Cell, &'a Finished)],
}

/// A column of the page: a score of a data set, on a number of examples.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) data: &'a DataSet,
    pub(super) measure: &'a Measure,
    pub(super) size: &'a Size,
}

/// A figure of the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figure {
    pub(super) score: Mean,
    /// Of one run, on the mean.
    pub(super) minutes: f64,
}

impl<'a> Found<'a> {
    pub(super) fn new(plan: &'a Plan, cells: &'a [(&'a Cell, &'a Finished)]) -> Self {
        Self { plan, cells }
    }

    /// Seed, score and seconds of what was run of `method`.
    fn runs(&self, place: Place<'_>, method: &Method) -> Vec<(u64, f64, f64)> {
        let of = |(cell, finished): &(&Cell, &Finished)| {
            let plan = self.plan;
            let is_same = plan.data[cell.data].name == place.data.name
                && plan.methods[cell.method].name == method.name
                && (method.untrained || plan.sizes[cell.size].examples == place.size.examples);
            let score = finished.scores.get(&place.measure.score).filter(|_| is_same)?;
            Some((cell.seed, *score, finished.seconds))
        };
        self.cells.iter().filter_map(of).collect()
    }

    /// What `method` came to; nothing if no run is done.
    pub(super) fn figure(&self, place: Place<'_>, method: &Method) -> Option<Figure> {
        let runs = self.runs(place, method);
        let score = mean(&runs.iter().map(|run| run.1).collect::<Vec<_>>())?;
        let seconds: f64 = runs.iter().map(|run| run.2).sum();
        Some(Figure { score, minutes: seconds / 60.0 / runs.len() as f64 })
    }

    /// The score of `one` minus that of `other`, over the seeds that both have; nothing if they share none.
    pub(super) fn difference(&self, place: Place<'_>, one: &Method, other: &Method) -> Option<Mean> {
        let others = self.runs(place, other);
        let pairs = self.runs(place, one).into_iter().filter_map(|(seed, score, _)| {
            let beside = others.iter().find(|run| run.0 == seed)?;
            Some(score - beside.1)
        });
        mean(&pairs.collect::<Vec<_>>())
    }

    /// `one` minus `other` on `size` examples, in the first score of each data set: the mean over the data sets that both were run on, and its
    /// interval for other data sets.
    pub(super) fn over_data(&self, size: &Size, one: &Method, other: &Method) -> Option<Mean> {
        let of = |data: &DataSet| {
            let measure = data.scores.first()?;
            Some(self.difference(Place { data, measure, size }, one, other)?.value)
        };
        mean(&self.plan.data.iter().filter_map(of).collect::<Vec<_>>())
    }

    /// Every column in which something can be compared, a score at a time, from the smallest number of examples.
    pub(super) fn places(&self) -> Vec<Place<'a>> {
        let plan = self.plan;
        let mut places = Vec::new();
        for data in &plan.data {
            for measure in &data.scores {
                let sizes = plan.sizes_in_order().into_iter();
                let sizes = sizes.filter(|size| data.is_run_on(size));
                places.extend(sizes.map(|size| Place { data, measure, size }));
            }
        }
        places
    }

    /// The method that the others are compared with.
    pub(super) fn ours(&self) -> Option<&'a Method> {
        self.plan.methods.iter().find(|method| method.name == self.plan.ours)
    }

    /// How many cells are done.
    pub(super) fn done(&self) -> usize {
        self.cells.len()
    }

    /// The backends and numbers of threads that the runs had.
    pub(super) fn machines(&self) -> Vec<String> {
        let name = |(_, cell): &(&Cell, &Finished)| match cell.threads {
            1 => format!("{}, 1 thread", cell.backend),
            threads => format!("{}, {threads} threads", cell.backend),
        };
        let mut machines: Vec<String> = self.cells.iter().map(name).collect();
        machines.sort_unstable();
        machines.dedup();
        machines
    }
}

#[cfg(test)]
mod tests {
    use super::super::cells::tests::finished;
    use super::super::plan::tests::small;
    use super::Found;

    #[test]
    fn the_untrained_model_stands_beside_every_number_of_examples() -> anyhow::Result<()> {
        let mut plan = small()?;
        plan.methods[1].untrained = true;
        let score = |name: &str| match name {
            "a.full.140.1" => Some(0.5),
            "a.ours.20.1" => Some(0.25),
            "a.ours.140.1" => Some(0.75),
            _ => None,
        };
        let done: Vec<_> =
            plan.cells.iter().filter_map(|cell| Some((cell, finished(score(&cell.name())?)))).collect();
        let done: Vec<_> = done.iter().map(|(cell, finished)| (*cell, finished)).collect();
        let found = Found::new(&plan, &done);
        let differences = found.places().into_iter().filter_map(|place| {
            let difference = found.difference(place, &plan.methods[0], &plan.methods[1])?;
            Some((place.size.examples, difference.value.to_string()))
        });
        let expected = [(20, "-0.25".to_owned()), (140, "0.25".to_owned())];
        assert_eq!(differences.collect::<Vec<_>>(), expected);
        Ok(())
    }
}
