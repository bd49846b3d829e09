//! The gradient of the masked entries of a table on the processor, in proportion to the mask and the batch.

/// For each entry of `at` (sorted, flat) the sum of the gradients `g` (rows of `width`) of its row's places in `ids`.
pub(super) fn sampled(g: &[f32], width: usize, ids: Vec<u32>, at: &[u32]) -> Vec<f32> {
    // Sorted by row and then by place: an entry finds its row by a binary search, and adds up the row's places in a
    // fixed order. The dense gradient would be as large as the table, of which a batch reads a small part.
    let mut places: Vec<(u32, u32)> = ids.into_iter().zip(0..).collect();
    places.sort_unstable();
    let gradient = at.iter().map(|&index| {
        let (row, column) = (index / width as u32, index as usize % width);
        let first = places.partition_point(|&(id, _)| id < row);
        let own = places[first..].iter().take_while(|&&(id, _)| id == row);
        own.map(|&(_, place)| g[place as usize * width + column]).sum()
    });
    gradient.collect()
}
