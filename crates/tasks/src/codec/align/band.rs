//! A minimum edit distance in little time and memory.
//!
//! **Time.** A path of cost d from one corner of the table to the other never leaves the diagonals that d
//! insertions and deletions reach. So only a band of diagonals is filled in. It is doubled until the cost
//! found in it says that no path of that cost leaves it (Ukkonen 1985). Then every cell of every best path
//! has its true cost, and no other cell has less than its own, so that the path is traced as it would be in
//! the whole table, ties included.
//!
//! **Memory.** To trace the path back, the costs of all rows are needed, but not at once. While the band is
//! filled in, one row in √n is kept. When the path is traced from the end, the rows between two of these are
//! filled in again, one block after the other. Each row is computed twice, and no more than 2√n of them are
//! held at a time.

/// No path.
const NEVER: u32 = u32::MAX / 2;

/// The band that is tried first reaches so many diagonals beyond the corners.
const FIRST: usize = 8;

/// A table of costs, its rows being the longer side.
pub(super) struct Band<S, P> {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Whether the items of a row and a column are the same.
    pub(super) same: S,
    /// Whether they can be paired though they are not.
    pub(super) may_pair: P,
    /// Whether, where it costs the same, leaving out a row goes before leaving out a column.
    pub(super) rows_first: bool,
}

/// The columns of each row that are looked at.
#[derive(Clone, Copy)]
struct Reach {
    /// Diagonals below the main one.
    below: usize,
    /// Diagonals above it.
    above: usize,
    columns: usize,
}

impl Reach {
    fn first(self, row: usize) -> usize {
        row.saturating_sub(self.below)
    }

    fn last(self, row: usize) -> usize {
        (row + self.above).min(self.columns)
    }
}

/// Rows of costs, each from its first column on.
struct Block {
    start: usize,
    rows: Vec<Vec<u32>>,
}

impl Block {
    fn cost(&self, reach: Reach, row: usize, column: usize) -> u32 {
        let at = column.checked_sub(reach.first(row));
        at.and_then(|at| self.rows[row - self.start].get(at)).copied().unwrap_or(NEVER)
    }
}

impl<S: Fn(usize, usize) -> bool, P: Fn(usize, usize) -> bool> Band<S, P> {
    /// The pairs of the best path, last first.
    ///
    /// Among `cells` cells the band stops growing; then it is the best path within the band.
    pub(super) fn pairs(&self, cells: usize) -> Vec<(usize, usize)> {
        let longer = self.rows - self.columns;
        let every = self.rows.isqrt() + 1;
        let mut beyond = FIRST;
        loop {
            let reach = Reach { below: longer + beyond, above: beyond, columns: self.columns };
            let (kept, cost) = self.fill(reach, every);
            // A path that leaves the band takes at least `beyond` + 1 steps to cross its border and as many
            // to come back, and those that the texts differ in length.
            let is_exact = cost as usize <= longer + 2 * beyond || beyond >= self.columns;
            if is_exact || self.area(2 * beyond) > cells {
                return self.trace(reach, every, &kept);
            }
            beyond *= 2;
        }
    }

    /// How many cells a band has.
    fn area(&self, beyond: usize) -> usize {
        let width = self.rows - self.columns + 2 * beyond + 1;
        self.rows.saturating_mul(width.min(self.columns + 1))
    }

    /// Every so many rows, and the cost of the last cell.
    fn fill(&self, reach: Reach, every: usize) -> (Vec<Vec<u32>>, u32) {
        let mut row: Vec<u32> = (0..=self.columns as u32).collect();
        let mut kept = Vec::with_capacity(self.rows / every + 1);
        for i in 0..=self.rows {
            if i > 0 {
                self.next(reach, i, &mut row);
            }
            if i % every == 0 {
                kept.push(row[reach.first(i)..=reach.last(i)].to_vec());
            }
        }
        (kept, row[self.columns])
    }

    /// Makes the row `i - 1` the row `i`.
    fn next(&self, reach: Reach, i: usize, row: &mut [u32]) {
        let (first, last) = (reach.first(i), reach.last(i));
        if last > reach.last(i - 1) {
            // This column was beyond the band in the row above, so no path comes from there.
            row[last] = NEVER;
        }
        let (mut diagonal, mut left, start) = match first.checked_sub(1) {
            // The band has moved to the right: the cell before `first` is not in it any more, and holds the
            // cost of the row above, which is the diagonal neighbour.
            Some(before) => (row[before], NEVER, first),
            None => (std::mem::replace(&mut row[0], i as u32), i as u32, 1),
        };
        for (j, cell) in row.iter_mut().enumerate().take(last + 1).skip(start) {
            let up = *cell;
            let skip = up.min(left) + 1;
            // Whether two tokens may be paired is asked only where pairing costs less: that question is the
            // dearest part. Where it costs the same, the cost is known without it, and the trace asks.
            let cost = if (self.same)(i - 1, j - 1) {
                diagonal.min(skip)
            } else if diagonal + 1 < skip && (self.may_pair)(i - 1, j - 1) {
                diagonal + 1
            } else {
                skip
            };
            (diagonal, left, *cell) = (up, cost, cost);
        }
    }

    fn trace(&self, reach: Reach, every: usize, kept: &[Vec<u32>]) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        let (mut i, mut j) = (self.rows, self.columns);
        for (number, first) in kept.iter().enumerate().rev() {
            if j == 0 {
                break;
            }
            let block = self.block(reach, number * every, i, first);
            while i > block.start && j > 0 {
                let here = block.cost(reach, i, j);
                let diagonal = block.cost(reach, i - 1, j - 1);
                let is_pair = if (self.same)(i - 1, j - 1) {
                    here == diagonal
                } else {
                    here == diagonal + 1 && (self.may_pair)(i - 1, j - 1)
                };
                if is_pair {
                    (i, j) = (i - 1, j - 1);
                    pairs.push((i, j));
                    continue;
                }
                let by_row = here == block.cost(reach, i - 1, j) + 1;
                let by_column = here == block.cost(reach, i, j - 1) + 1;
                if by_row && (self.rows_first || !by_column) {
                    i -= 1;
                } else {
                    j -= 1;
                }
            }
        }
        pairs
    }

    /// The rows from `start` to `end`, of which the first is known.
    fn block(&self, reach: Reach, start: usize, end: usize, first: &[u32]) -> Block {
        let mut row = vec![NEVER; self.columns + 1];
        row[reach.first(start)..=reach.last(start)].copy_from_slice(first);
        let mut rows = vec![first.to_vec()];
        for i in start + 1..=end {
            self.next(reach, i, &mut row);
            rows.push(row[reach.first(i)..=reach.last(i)].to_vec());
        }
        Block { start, rows }
    }
}
