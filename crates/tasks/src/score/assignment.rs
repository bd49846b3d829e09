//! The best one-to-one assignment (Hungarian algorithm).

/// For every row of a table of gains, its column in the assignment with the greatest sum.
///
/// Rows and columns may differ in number; what is left over gets none. All rows must be equally long. A gain that is NaN
/// or infinite counts as 0. The method is that of shortest augmenting paths with potentials, O(rows² · columns).
pub fn assign(gains: &[Vec<f64>]) -> Vec<Option<usize>> {
    let (rows, columns) = (gains.len(), gains.first().map_or(0, Vec::len));
    if rows > columns {
        // A search below ends at a column without a row, so every row needs one.
        let turned: Vec<Vec<f64>> =
            (0..columns).map(|column| gains.iter().map(|row| row[column]).collect()).collect();
        let mut assigned = vec![None; rows];
        for (column, row) in assign(&turned).into_iter().enumerate() {
            if let Some(row) = row {
                assigned[row] = Some(column);
            }
        }
        return assigned;
    }

    // Rows and columns count from 1; 0 is the column where a search starts. For the rows that have a column,
    // costs less their two potentials are never below 0, and are 0 for the pairs that are assigned: so no
    // other assignment of these rows costs less.
    let (mut row_potential, mut column_potential) = (vec![0.0; rows + 1], vec![0.0; columns + 1]);
    let mut row_of = vec![0; columns + 1];
    for row in 1..=rows {
        row_of[0] = row;
        let mut column = 0;
        // For every column, how far its best edge from the tree is from being tight.
        let mut slack = vec![f64::INFINITY; columns + 1];
        let (mut came_from, mut visited) = (vec![0; columns + 1], vec![false; columns + 1]);
        // Grow a tree of tight edges until it reaches a column without a row.
        while row_of[column] != 0 {
            visited[column] = true;
            let from = row_of[column];
            let (mut least, mut next) = (f64::INFINITY, 0);
            for to in (1..=columns).filter(|&to| !visited[to]) {
                let gain = gains[from - 1][to - 1];
                // With a NaN no column would be the nearest, and the search would not end.
                let gain = if gain.is_finite() { gain } else { 0.0 };
                let cost = -gain - row_potential[from] - column_potential[to];
                if cost < slack[to] {
                    (slack[to], came_from[to]) = (cost, column);
                }
                if slack[to] < least {
                    (least, next) = (slack[to], to);
                }
            }
            for to in 0..=columns {
                if visited[to] {
                    row_potential[row_of[to]] += least;
                    column_potential[to] -= least;
                } else {
                    slack[to] -= least;
                }
            }
            column = next;
        }
        // Shift the rows along the path back to the start.
        while column != 0 {
            row_of[column] = row_of[came_from[column]];
            column = came_from[column];
        }
    }
    let mut assigned = vec![None; rows];
    for column in (1..=columns).filter(|&column| row_of[column] != 0) {
        assigned[row_of[column] - 1] = Some(column - 1);
    }
    assigned
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gain(gains: &[Vec<f64>], assigned: &[Option<usize>]) -> f64 {
        assigned.iter().enumerate().filter_map(|(row, column)| Some(gains[row][(*column)?])).sum()
    }

    /// The best sum over all ways to give the rows from `row` on distinct columns.
    fn best(gains: &[Vec<f64>], row: usize, free: &mut Vec<bool>) -> f64 {
        let Some(line) = gains.get(row) else { return 0.0 };
        let mut most = best(gains, row + 1, free);
        for column in 0..line.len() {
            if std::mem::replace(&mut free[column], false) {
                most = f64::max(most, line[column] + best(gains, row + 1, free));
                free[column] = true;
            }
        }
        most
    }

    #[test]
    fn greedy_is_not_enough() {
        let gains = [vec![3.0, 2.0], vec![3.0, 0.0]];
        assert_eq!(assign(&gains), [Some(1), Some(0)]);
        assert_eq!(assign(&[vec![1.0], vec![2.0]]), [None, Some(0)]);
        assert_eq!(assign(&[]), []);
        assert_eq!(assign(&[vec![], vec![]]), [None, None]);
    }

    #[test]
    fn what_is_no_gain_is_none() {
        let (nan, infinite) = (f64::NAN, f64::INFINITY);
        assert_eq!(assign(&[vec![nan, 1.0], vec![nan, 2.0]]), [Some(0), Some(1)]);
        assert_eq!(assign(&[vec![infinite, 1.0], vec![0.0, -infinite]]), [Some(1), Some(0)]);
        assert_eq!(assign(&[vec![nan], vec![nan]]).iter().flatten().count(), 1);
    }

    proptest! {
        #[test]
        fn no_assignment_is_better(
            (rows, columns) in (1_usize..6, 1_usize..6),
            values in prop::collection::vec(0_u8..9, 25),
        ) {
            let gains: Vec<Vec<f64>> =
                (0..rows).map(|row| values[row * 5..row * 5 + columns].iter().map(|&v| f64::from(v)).collect()).collect();
            let assigned = assign(&gains);
            let mut columns_used: Vec<_> = assigned.iter().flatten().collect();
            columns_used.sort();
            columns_used.dedup();
            prop_assert_eq!(columns_used.len(), rows.min(columns));
            prop_assert!((gain(&gains, &assigned) - best(&gains, 0, &mut vec![true; columns])).abs() < 1e-9);
        }
    }
}
