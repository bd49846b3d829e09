//! Piece ids of several examples, padded to one length.

use burn::tensor::{Device, Int, Tensor, TensorData};
use fishdip_peft::{LegalPieces, Targets};

/// Sources and targets of one forward pass. Its device decides whether the pass is differentiated.
#[derive(Clone, Debug)]
pub struct Batch {
    /// `[B, S]`.
    pub(crate) source: Tensor<2, Int>,
    /// `[B, S]`: 1 where the source is padding.
    pub(crate) source_padding: Tensor<2>,
    /// `[B, T]`.
    pub(crate) target: Tensor<2, Int>,
    target_ids: Vec<i32>,
    /// For each row, how many of its first target positions count in the loss.
    counted: Vec<usize>,
    /// For each row, the pieces that the loss of each target position is over; absent: all pieces.
    legal: Option<Vec<LegalPieces>>,
    device: Device,
}

impl Batch {
    /// How many rows there are, and how wide sources and targets are.
    pub fn shape(&self) -> [usize; 3] {
        let [rows, source] = self.source.dims();
        [rows, source, self.target.dims()[1]]
    }

    /// Pads `sources` and `targets` (same number, none empty; each ends with its end-of-sequence piece) with `pad` to
    /// the longest of each. Without targets, as for generation, pass `&[]`.
    pub fn new(sources: &[&[u32]], targets: &[&[u32]], pad: u32, device: &Device) -> Self {
        let (source, source_padding, s) = padded(sources, pad);
        let (target_ids, _, t) = padded(targets, pad);
        Self {
            source: ids_tensor(source, [sources.len(), s], device),
            source_padding: Tensor::from_data(TensorData::new(source_padding, [sources.len(), s]), device),
            target: ids_tensor(target_ids.clone(), [targets.len(), t], device),
            target_ids,
            counted: targets.iter().map(|row| row.len()).collect(),
            legal: None,
            device: device.clone(),
        }
    }

    /// Takes the loss of each target position over the pieces that are legal there: a list of places for each row, as long as its target.
    ///
    /// # Panics
    /// If there are not as many lists as rows, or places as target pieces.
    #[must_use]
    pub fn with_legal(mut self, legal: Vec<LegalPieces>) -> Self {
        let lengths = legal.iter().map(LegalPieces::len);
        assert!(lengths.eq(self.counted.iter().copied()), "a list a row, and a place a target piece");
        self.legal = Some(legal);
        self
    }

    /// Counts padding of the target in the loss, as the original program does.
    #[must_use]
    pub fn with_target_padding_counted(mut self) -> Self {
        let [_, length] = self.target.dims();
        self.counted.fill(length);
        self
    }

    /// The device of the pass.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The target pieces of each row that count in the loss, and what is legal at each of them; absent: all pieces.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&[i32], Option<&LegalPieces>)> {
        let [_, length] = self.target.dims();
        let targets = self.target_ids.chunks_exact(length.max(1)).zip(&self.counted);
        targets
            .enumerate()
            .map(|(row, (ids, &counted))| (&ids[..counted], self.legal.as_ref().map(|legal| &legal[row])))
    }

    /// The target shifted right by one, beginning with `start`: `[B, T]`.
    pub(crate) fn decoder_input(&self, start: u32) -> Tensor<2, Int> {
        let [rows, length] = self.target.dims();
        let mut ids = Vec::with_capacity(self.target_ids.len());
        for row in self.target_ids.chunks_exact(length.max(1)) {
            ids.push(start as i32);
            ids.extend_from_slice(&row[..length - 1]);
        }
        ids_tensor(ids, [rows, length], &self.device)
    }
}

/// What the loss of each position is multiplied by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// 1 / number of positions: the sum is the mean.
    OfBatch,
    /// 1 / number of positions of the sample: the sum is that of the samples' means.
    OfSample,
}

impl Batch {
    /// The positions that count in the loss, sample after sample: their places in `[B · T]` (`None` if all count), and their targets.
    pub(crate) fn targets(&self, share: Share) -> (Option<Tensor<1, Int>>, Targets) {
        let [rows, length] = self.target.dims();
        let places: Vec<usize> =
            self.counted.iter().enumerate().flat_map(|(row, &n)| row * length..row * length + n).collect();
        let ids: Vec<i32> = places.iter().map(|&place| self.target_ids[place]).collect();
        let weights: Vec<f32> = match share {
            Share::OfBatch => vec![1.0 / places.len() as f32; places.len()],
            Share::OfSample => self.counted.iter().flat_map(|&n| vec![1.0 / n as f32; n]).collect(),
        };
        let ints = |ids: Vec<i32>| {
            let data = TensorData::new(ids, [places.len()]);
            Tensor::<1, Int>::from_data(data, &self.device)
        };
        let targets = Targets {
            ids: ints(ids),
            weights: Tensor::from_data(TensorData::new(weights, [places.len()]), &self.device),
            tokens: self.counted.clone(),
            legal: self.legal.as_ref().map(|rows| self.counted_legal(rows)),
        };
        let all = places.len() == rows * length;
        ((!all).then(|| ints(places.iter().map(|&place| place as i32).collect())), targets)
    }
}

impl Batch {
    /// What is legal at the positions that count, row after row.
    fn counted_legal(&self, rows: &[LegalPieces]) -> LegalPieces {
        let [_, length] = self.target.dims();
        let mut all = LegalPieces::default();
        for ((row, &counted), ids) in
            rows.iter().zip(&self.counted).zip(self.target_ids.chunks(length.max(1)))
        {
            all.extend(row);
            // Padding that counts is certain behind the end of a target.
            for &id in ids.iter().take(counted).skip(row.len()) {
                all.push(&[id as u32], id as u32);
            }
        }
        all
    }
}

/// Rows padded to the longest: the ids, 1 for padding and 0 for the rest, and the length.
fn padded(rows: &[&[u32]], pad: u32) -> (Vec<i32>, Vec<f32>, usize) {
    let length = rows.iter().map(|r| r.len()).max().unwrap_or(0);
    let mut ids = Vec::with_capacity(rows.len() * length);
    let mut padding = Vec::with_capacity(rows.len() * length);
    for row in rows {
        ids.extend(row.iter().map(|&id| id as i32));
        padding.resize(ids.len(), 0.0);
        ids.resize(ids.len() + length - row.len(), pad as i32);
        padding.resize(ids.len(), 1.0);
    }
    (ids, padding, length)
}

/// Ids as a `[rows, length]` tensor in the device's integer type.
pub(crate) fn ids_tensor(ids: Vec<i32>, shape: [usize; 2], device: &Device) -> Tensor<2, Int> {
    Tensor::from_data(TensorData::new(ids, shape), device)
}
