//! The tensors file of an adapter.

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::HashMap;

use crate::{AddedWeights, Addition, SparseDelta};

/// What the header says of a file with sparse entries alone.
const SPARSE: &str = "fishdip-sparse-1";

/// The same of one with added weights, which may have sparse entries as well.
const ADDED: &str = "fishdip-added-1";

/// The same of Python PEFT's.
const PEFT: &str = "pt";

/// Both as safetensors bytes, as Python PEFT lays them out for `peft`, if that is given.
pub(super) fn to_bytes(
    delta: &SparseDelta,
    added: &AddedWeights,
    peft: Option<&Addition>,
) -> Result<Vec<u8>, String> {
    let added_parts = added.parts(peft).map(|(name, shape, bytes)| (name, Dtype::F32, shape, bytes));
    let sparse = delta.parts().map(|(name, dtype, length, bytes)| (name, dtype, vec![length], bytes));
    let parts: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = sparse.chain(added_parts).collect();
    let views = parts.iter().map(|(name, dtype, shape, bytes)| {
        Ok((name.clone(), TensorView::new(*dtype, shape.clone(), bytes)?))
    });
    let views = views.collect::<Result<Vec<_>, safetensors::SafeTensorError>>().map_err(|e| e.to_string())?;
    let format = match (peft.is_some(), added.tensors.is_empty()) {
        (true, _) => PEFT,
        (false, true) => SPARSE,
        (false, false) => ADDED,
    };
    let metadata = HashMap::from([("format".to_owned(), format.to_owned())]);
    safetensors::serialize(views, Some(metadata)).map_err(|e| e.to_string())
}

/// Reads what [`to_bytes`] wrote, or Python PEFT with `peft`; anything else is refused with the reason.
pub(super) fn from_bytes(bytes: &[u8], peft: bool) -> Result<(SparseDelta, AddedWeights), String> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| e.to_string())?;
    let format = header.metadata().as_ref().and_then(|m| m.get("format")).map(String::as_str);
    let known = if peft { [PEFT, PEFT] } else { [SPARSE, ADDED] };
    if !format.is_some_and(|format| known.contains(&format)) {
        return Err(format!(
            "its metadata call the format {:?}, and {:?} belongs to what {} says; the two files are not of one adapter",
            format.unwrap_or("nothing"),
            known[0],
            super::CONFIG
        ));
    }
    let file = SafeTensors::deserialize(bytes).map_err(|e| e.to_string())?;
    if format == Some(SPARSE)
        && let Some(name) = file.names().into_iter().filter(|name| !SparseDelta::is_part(name)).min()
    {
        return Err(format!("unexpected tensor `{name}`"));
    }
    let added = AddedWeights::read(&file, |name| peft || !SparseDelta::is_part(name))?;
    let delta = if peft { SparseDelta::default() } else { SparseDelta::read(&file)? };
    Ok((delta, added))
}
