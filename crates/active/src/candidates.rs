//! What is known of the examples that can be asked for.

use crate::matrix::{check_length, check_numbers};
use crate::{Error, Matrix, Result};

/// The examples to choose from, and what a model tells of them: plain numbers, one row for each id.
///
/// Give what the strategy needs; one that misses something says what, and how it is given. The order of the ids does
/// not matter: strategies see the candidates by ascending id, so the same numbers for the same ids give the same
/// choice, and ties go to the lowest id. Positions in this crate count that order.
///
/// ```
/// use fishdip_active::{Candidates, Matrix, Strategy, strategy};
///
/// let probabilities = [0.9, 0.1, 0.5, 0.5, 0.7, 0.3];
/// let probabilities = Matrix::new("probabilities", &probabilities, 3, 2)?;
/// let candidates = Candidates::new(&[10, 11, 12])?.with_probabilities(probabilities)?;
/// assert_eq!(strategy::named("entropy")?.choose(&candidates, 2, 0)?, [11, 12]);
/// # Ok::<(), fishdip_active::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Candidates<'a> {
    ids: &'a [u32],
    /// Rows by ascending id.
    order: Vec<u32>,
    probabilities: Option<Matrix<'a>>,
    passes: Vec<Matrix<'a>>,
    vectors: Option<Matrix<'a>>,
    labelled_vectors: Option<Matrix<'a>>,
    classes: Option<&'a [u32]>,
    log_probabilities: Option<&'a [f64]>,
    lengths: Option<&'a [u32]>,
    margins: Option<&'a [Vec<f64>]>,
    outputs: Option<[&'a [Vec<u64>]; 2]>,
    words: Option<&'a [u32]>,
}

impl<'a> Candidates<'a> {
    /// Candidates of which nothing is known yet but their ids.
    pub fn new(ids: &'a [u32]) -> Result<Self> {
        let mut order: Vec<u32> = (0..ids.len() as u32).collect();
        order.sort_unstable_by_key(|&row| ids[row as usize]);
        if let Some(twice) = order.windows(2).find(|pair| ids[pair[0] as usize] == ids[pair[1] as usize]) {
            return Err(Error::TwiceInPool { id: ids[twice[0] as usize] });
        }
        Ok(Self {
            ids,
            order,
            probabilities: None,
            passes: Vec::new(),
            vectors: None,
            labelled_vectors: None,
            classes: None,
            log_probabilities: None,
            lengths: None,
            margins: None,
            outputs: None,
            words: None,
        })
    }

    /// The probability of each class, `[candidates, classes]`.
    pub fn with_probabilities(mut self, probabilities: Matrix<'a>) -> Result<Self> {
        self.check_rows("probabilities", probabilities.rows())?;
        probabilities.check_distributions("probabilities")?;
        self.probabilities = Some(probabilities);
        Ok(self)
    }

    /// The same from several passes with dropout, each `[candidates, classes]`. The paper has 30.
    pub fn with_passes(mut self, passes: &[Matrix<'a>]) -> Result<Self> {
        let classes = passes.first().map_or(0, Matrix::columns);
        for pass in passes {
            self.check_rows("probabilities of a pass", pass.rows())?;
            check_length("probabilities of a pass", pass.columns(), classes, "class of the first pass")?;
            pass.check_distributions("probabilities of a pass")?;
        }
        self.passes = passes.to_vec();
        Ok(self)
    }

    /// What a model makes of each text, `[candidates, dimensions]`.
    pub fn with_vectors(mut self, vectors: Matrix<'a>) -> Result<Self> {
        self.check_rows("vectors", vectors.rows())?;
        check_dimensions(Some(vectors), self.labelled_vectors)?;
        self.vectors = Some(vectors);
        Ok(self)
    }

    /// The same of the examples that are labelled, `[labelled, dimensions]`.
    pub fn with_labelled_vectors(mut self, vectors: Matrix<'a>) -> Result<Self> {
        check_dimensions(self.vectors, Some(vectors))?;
        self.labelled_vectors = Some(vectors);
        Ok(self)
    }

    /// The class of each, by number: the true one in a simulation, a guess otherwise.
    pub fn with_classes(mut self, classes: &'a [u32]) -> Result<Self> {
        self.check_rows("classes", classes.len())?;
        self.classes = Some(classes);
        Ok(self)
    }

    /// The log-probability of the whole output for each, at most 0, and how many pieces the output has.
    pub fn with_log_probabilities(
        mut self,
        log_probabilities: &'a [f64],
        lengths: &'a [u32],
    ) -> Result<Self> {
        check_numbers("log-probabilities", log_probabilities, self.len(), "candidate")?;
        if let Some(row) = log_probabilities.iter().position(|&value| value > 0.0) {
            let (what, expected) = ("log-probabilities", "that of a probability is at most 0");
            return Err(Error::OutOfRange { what, row, value: log_probabilities[row], expected });
        }
        self.check_rows("lengths", lengths.len())?;
        (self.log_probabilities, self.lengths) = (Some(log_probabilities), Some(lengths));
        Ok(self)
    }

    /// For each entity (or slot, or role) found in each candidate, how much more probable its label is than the next.
    pub fn with_entity_margins(mut self, margins: &'a [Vec<f64>]) -> Result<Self> {
        self.check_rows("entity margins", margins.len())?;
        for (row, margins) in margins.iter().enumerate() {
            if let Some(&value) = margins.iter().find(|margin| !(0.0..=1.0).contains(*margin)) {
                let expected = "a difference of two probabilities is from 0 to 1";
                return Err(Error::OutOfRange { what: "entity margins", row, value, expected });
            }
        }
        self.margins = Some(margins);
        Ok(self)
    }

    /// What constrained and free decoding found in each candidate: a number for each thing that was found, such as a
    /// hash of a span and its label. Order does not matter, nor does finding something twice.
    pub fn with_outputs(mut self, constrained: &'a [Vec<u64>], free: &'a [Vec<u64>]) -> Result<Self> {
        self.check_rows("constrained outputs", constrained.len())?;
        self.check_rows("free outputs", free.len())?;
        self.outputs = Some([constrained, free]);
        Ok(self)
    }

    /// How many words each has to read; from now on strategies choose by what a word of it is worth.
    pub fn per_word(mut self, words: &'a [u32]) -> Result<Self> {
        self.check_rows("words", words.len())?;
        self.words = Some(words);
        Ok(self)
    }

    /// How many candidates there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The id at a position.
    ///
    /// # Panics
    ///
    /// This and the methods like it: if there is no such position.
    pub fn id(&self, position: usize) -> u32 {
        self.ids[self.row(position)]
    }

    /// What an example costs: its words, at least 1, or 1 without [`per_word`](Self::per_word). A strategy divides by
    /// it what an example is worth.
    pub fn price(&self, position: usize) -> f64 {
        self.words.map_or(1.0, |words| f64::from(words[self.row(position)].max(1)))
    }

    /// Do examples have prices?
    pub fn is_priced(&self) -> bool {
        self.words.is_some()
    }

    /// The probabilities, for `strategy`.
    pub fn probabilities(&self, strategy: &'static str) -> Result<Ordered<'_>> {
        let given = self.probabilities.map(|matrix| self.ordered(matrix));
        given.ok_or_else(|| missing(strategy, "the probability of each class", "with_probabilities"))
    }

    /// The probabilities of each pass with dropout, of which there is at least one, for `strategy`.
    pub fn passes(&self, strategy: &'static str) -> Result<Vec<Ordered<'_>>> {
        if self.passes.is_empty() {
            return Err(missing(strategy, "probabilities of passes with dropout", "with_passes"));
        }
        Ok(self.passes.iter().map(|&matrix| self.ordered(matrix)).collect())
    }

    /// The vectors, for `strategy`.
    pub fn vectors(&self, strategy: &'static str) -> Result<Ordered<'_>> {
        let given = self.vectors.map(|matrix| self.ordered(matrix));
        given.ok_or_else(|| missing(strategy, "the vectors of the candidates", "with_vectors"))
    }

    /// The vectors of what is labelled; there may be none.
    pub fn labelled_vectors(&self) -> Option<Matrix<'a>> {
        self.labelled_vectors.filter(|vectors| vectors.rows() > 0)
    }

    /// The class at each position, for `strategy`.
    pub fn classes(&self, strategy: &'static str) -> Result<Vec<u32>> {
        let classes = self.classes.ok_or_else(|| missing(strategy, "a class for each", "with_classes"))?;
        Ok(self.order.iter().map(|&row| classes[row as usize]).collect())
    }

    /// The mean log-probability of a piece of the output at each position, for `strategy`.
    pub fn mean_log_probabilities(&self, strategy: &'static str) -> Result<Vec<f64>> {
        let (Some(sums), Some(lengths)) = (self.log_probabilities, self.lengths) else {
            return Err(missing(strategy, "the log-probabilities of outputs", "with_log_probabilities"));
        };
        let mean = |&row: &u32| sums[row as usize] / f64::from(lengths[row as usize].max(1));
        Ok(self.order.iter().map(mean).collect())
    }

    /// The margins of the entities at a position, for `strategy`.
    pub fn entity_margins(&self, strategy: &'static str) -> Result<impl Fn(usize) -> &'a [f64] + '_> {
        let margins = self.margins;
        let margins =
            margins.ok_or_else(|| missing(strategy, "margins of entities", "with_entity_margins"))?;
        Ok(move |position| margins[self.row(position)].as_slice())
    }

    /// What constrained and free decoding found at a position, for `strategy`.
    pub fn outputs(&self, strategy: &'static str) -> Result<impl Fn(usize) -> (&'a [u64], &'a [u64]) + '_> {
        let [constrained, free] =
            self.outputs.ok_or_else(|| missing(strategy, "outputs of two decodings", "with_outputs"))?;
        Ok(move |position| {
            let row = self.row(position);
            (constrained[row].as_slice(), free[row].as_slice())
        })
    }

    fn row(&self, position: usize) -> usize {
        self.order[position] as usize
    }

    fn ordered<'b>(&'b self, matrix: Matrix<'b>) -> Ordered<'b> {
        Ordered { matrix, order: &self.order }
    }

    fn check_rows(&self, what: &'static str, rows: usize) -> Result<()> {
        check_length(what, rows, self.len(), "candidate")
    }
}

fn missing(strategy: &'static str, what: &'static str, builder: &'static str) -> Error {
    Error::Missing { strategy, what, builder }
}

fn check_dimensions(candidates: Option<Matrix<'_>>, labelled: Option<Matrix<'_>>) -> Result<()> {
    let (Some(candidates), Some(labelled)) = (candidates, labelled) else { return Ok(()) };
    if candidates.rows() == 0 || labelled.rows() == 0 {
        return Ok(());
    }
    let what = "dimensions of labelled vectors";
    check_length(what, labelled.columns(), candidates.columns(), "dimension of the candidates' vectors")
}

/// A matrix whose rows are asked for by position.
#[derive(Clone, Copy, Debug)]
pub struct Ordered<'a> {
    matrix: Matrix<'a>,
    order: &'a [u32],
}

impl<'a> Ordered<'a> {
    /// The row of the candidate at a position.
    ///
    /// # Panics
    ///
    /// If there is no such position.
    pub fn row(&self, position: usize) -> &'a [f32] {
        self.matrix.row(self.order[position] as usize)
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.matrix.rows()
    }

    /// How many numbers a row has.
    pub fn columns(&self) -> usize {
        self.matrix.columns()
    }
}
