//! What a training has made of a model so far, as one file: the values, the mask and what the optimizer remembers.
//!
//! A safetensors file. For each weight, by its path: `PATH.mask` and `PATH.touched` (sorted positions in the order of our own layout, LEB128
//! differences; `PATH.mask.all` and `PATH.touched.all`, which hold nothing, where that is the whole weight), `PATH.values` of the touched
//! entries, `PATH.average` of the entries in the mask, `PATH.first`, `PATH.second` and `PATH.age` of the entries in the mask, `PATH.left` and `PATH.left.first` to `PATH.left.age` of
//! entries that have left it. Numbers are f32. Parts that hold nothing are absent, and so is everything that is as in the base model.

mod part;

use burn::tensor::Tensor;
use safetensors::tensor::{Dtype, SafeTensors};
use std::collections::HashMap;
use std::path::Path;

use crate::masked_optimizer::OptimizerState;
use crate::{
    Adaptable, Average, Error, Mask, MaskedOptimizer, MaskedOptimizerConfig, Trained, WeightMoments,
    WriteError, delta_code,
};
use part::Part;

/// The format's name, in the header of the file.
const FORMAT: &str = "fishdip-training-1";

/// What [`TrainingState::write`] wrote, read again.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingState {
    /// What was trained of each weight.
    pub mask: Mask,
    /// What was in any mask.
    pub touched: Mask,
    /// The values of what was in any mask, a list for each weight.
    pub values: Vec<Vec<f32>>,
    /// The averages of what is trained, a list for each weight, which is empty where there is none.
    pub average: Vec<Vec<f32>>,
    /// What the optimizer remembered.
    pub optimizer: OptimizerState,
    /// Further numbers, one an example or so.
    pub numbers: Vec<f32>,
}

impl TrainingState {
    /// Writes the file `path` of a training of `model`, one tensor at a time: of a weight that is trained as a whole there is never more than
    /// one copy in memory. `numbers` are kept with it.
    pub fn write(
        path: &Path,
        model: &impl Adaptable,
        [mask, touched]: [&Mask; 2],
        optimizer: &MaskedOptimizer,
        average: &Average,
        numbers: &[f32],
    ) -> Result<(), WriteError> {
        let mut parts: Vec<(String, Part)> = Vec::new();
        for (index, weight) in model.weights().into_iter().enumerate() {
            let of = |mask: &Mask| mask.trained().get(index).cloned().unwrap_or_default();
            let (now, ever) = (of(mask), of(touched));
            let mut add = |name: &str, part: Part| parts.push((format!("{}.{name}", weight.path()), part));
            add_positions(&mut add, "mask", &now);
            add_positions(&mut add, "touched", &ever);
            match &ever {
                Trained::Nothing => {}
                Trained::All => add("values", Part::values(flat(weight.dense()))),
                Trained::Entries(positions) => {
                    add("values", Part::values(weight.at(positions)));
                }
            }
            if let Some(average) = average.of(index) {
                add("average", Part::values(average.clone()));
            }
            if let Some(moments) = optimizer.moments_of(index) {
                add("first", Part::values(moments.first.clone()));
                add("second", Part::values(moments.second.clone()));
                add("age", Part::values(moments.age.clone()));
            }
            let left = optimizer.left_of(index);
            if left.trained != Trained::Nothing {
                add_positions(&mut add, "left", &left.trained);
                add("left.first", Part::numbers(&left.first));
                add("left.second", Part::numbers(&left.second));
                add("left.age", Part::numbers(&left.age));
            }
        }
        parts.push(("numbers".to_owned(), Part::numbers(numbers)));
        let header = HashMap::from([("format".to_owned(), FORMAT.to_owned())]);
        safetensors::serialize_to_file(parts, Some(header), path).map_err(|error| WriteError {
            path: path.to_owned(),
            source: match error {
                safetensors::SafeTensorError::IoError(source) => source,
                other => std::io::Error::other(other.to_string()),
            },
        })
    }

    /// Reads the `bytes` of such a file of a training of `model`; messages call it `path`.
    pub fn read(bytes: &[u8], path: &Path, model: &impl Adaptable) -> Result<Self, Error> {
        let damaged = |reason: String| Error::Damaged { path: path.to_owned(), reason };
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| damaged(e.to_string()))?;
        let format = header.metadata().as_ref().and_then(|m| m.get("format")).map(String::as_str);
        if format != Some(FORMAT) {
            return Err(damaged(format!("the format is {format:?}, not {FORMAT:?}")));
        }
        let file = File(SafeTensors::deserialize(bytes).map_err(|e| damaged(e.to_string()))?);
        let weights = model.weights();
        let (mut mask, mut touched, mut values, mut averages) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut optimizer = OptimizerState::default();
        let mut known = 1;
        for weight in &weights {
            let (name, size) = (weight.path(), weight.entries());
            let read = || {
                let now = file.positions(&format!("{name}.mask"), size)?;
                let ever = file.positions(&format!("{name}.touched"), size)?;
                let own = file.numbers(&format!("{name}.values"))?;
                let moments = file.moments(name, now.clone())?;
                let left = format!("{name}.left");
                let left = file.moments(&left, file.positions(&left, size)?)?;
                if own.len() != ever.count(size) {
                    return Err(format!("`{name}` has {} values of {} entries", own.len(), ever.count(size)));
                }
                let average = file.numbers(&format!("{name}.average"))?;
                if !average.is_empty() && average.len() != now.count(size) {
                    let (averages, trained) = (average.len(), now.count(size));
                    return Err(format!("`{name}` has {averages} averages of {trained} trained entries"));
                }
                if own.iter().chain(&average).any(|value| !value.is_finite()) {
                    return Err(format!("`{name}` holds a value that is NaN or infinite"));
                }
                Ok((now, ever, own, average, moments, left))
            };
            let (now, ever, own, average, moments, left) = read().map_err(damaged)?;
            known += file.parts_of(name);
            mask.push(now);
            touched.push(ever);
            values.push(own);
            averages.push(average);
            optimizer.trained.push(moments);
            optimizer.left.push(left);
        }
        let numbers = file.numbers("numbers").map_err(damaged)?;
        if known != file.0.len() {
            let reason = "it holds tensors of weights that the model has not".to_owned();
            return Err(damaged(reason));
        }
        let (mask, touched) = (Mask::new(mask), Mask::new(touched));
        Ok(Self { mask, touched, values, average: averages, optimizer, numbers })
    }

    /// Writes the values into `model`, which is the base model, and gives the optimizer that goes on. Nothing is trained of the model yet:
    /// [`Mask::apply`] the mask.
    pub fn apply(
        &self,
        model: &mut impl Adaptable,
        config: MaskedOptimizerConfig,
    ) -> Result<MaskedOptimizer, Error> {
        let optimizer = MaskedOptimizer::restore(config, &self.optimizer, model)?;
        let weights = model.weights_mut().into_iter().zip(self.touched.trained()).zip(&self.values);
        for ((weight, touched), values) in weights {
            match touched {
                Trained::Nothing => {}
                Trained::All => weight.assign_all(values),
                Trained::Entries(positions) => weight.assign(positions, values),
            }
        }
        Ok(optimizer)
    }
}

fn add_positions(add: &mut impl FnMut(&str, Part), name: &str, trained: &Trained) {
    match trained {
        Trained::Nothing => {}
        Trained::All => add(&format!("{name}.all"), Part::bytes(Vec::new())),
        Trained::Entries(positions) => add(name, Part::bytes(delta_code::encode(positions))),
    }
}

fn flat(dense: Tensor<2>) -> Tensor<1> {
    let entries = dense.dims().iter().product::<usize>();
    dense.reshape([entries])
}

/// The file, part by part; what is wrong is told in words.
struct File<'a>(SafeTensors<'a>);

/// The names of the parts of a weight, behind its path.
const PARTS: [&str; 14] = [
    "mask",
    "mask.all",
    "touched",
    "touched.all",
    "values",
    "average",
    "first",
    "second",
    "age",
    "left",
    "left.all",
    "left.first",
    "left.second",
    "left.age",
];

impl File<'_> {
    /// How many parts there are of the weight `name`.
    fn parts_of(&self, name: &str) -> usize {
        PARTS.iter().filter(|part| self.0.tensor(&format!("{name}.{part}")).is_ok()).count()
    }

    /// The part `name`; nothing if it is absent.
    fn part(&self, name: &str, dtype: Dtype) -> Result<Option<&[u8]>, String> {
        match self.0.tensor(name) {
            Ok(view) if view.dtype() == dtype => Ok(Some(view.data())),
            Ok(view) => Err(format!("`{name}` is {:?}", view.dtype())),
            Err(_) => Ok(None),
        }
    }

    fn numbers(&self, name: &str) -> Result<Vec<f32>, String> {
        let bytes = self.part(name, Dtype::F32)?.unwrap_or_default();
        Ok(bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
    }

    fn positions(&self, name: &str, size: usize) -> Result<Trained, String> {
        if self.part(&format!("{name}.all"), Dtype::U8)?.is_some() {
            return Ok(Trained::All);
        }
        let Some(bytes) = self.part(name, Dtype::U8)? else { return Ok(Trained::Nothing) };
        let positions = delta_code::decode(bytes, size).map_err(|e| format!("`{name}`: {e}"))?;
        let positions = crate::Positions::new(positions).filter(|positions| !positions.is_empty());
        positions.map(Trained::Entries).ok_or_else(|| format!("`{name}` holds no positions in order"))
    }

    /// The moments of `trained`, whose names begin with `name`.
    fn moments(&self, name: &str, trained: Trained) -> Result<WeightMoments, String> {
        let part = |part: &str| self.numbers(&format!("{name}.{part}"));
        Ok(WeightMoments { trained, first: part("first")?, second: part("second")?, age: part("age")? })
    }
}
