//! What an adapter was trained on, among what it is scored on.

use fishdip_tasks::Example;

use crate::adapted::AdaptedModel;
use crate::data::tell_overlap;
use crate::warnings::Warnings;
use crate::{Error, Split, named_split};

/// Notes the examples of `eval` that `adapted` was trained on, as far as the training file is still there to tell. Of one that a sample was drawn of it
/// is not known which.
pub(crate) fn tell_trained(
    adapted: &AdaptedModel,
    eval: &[Example],
    warnings: &mut Warnings,
) -> Result<(), Error> {
    let (data, task) = (adapted.info.of_data(), adapted.task());
    if data.0.train_examples > 0 {
        return Ok(());
    }
    let Ok(Split { examples, .. }) = named_split(data, None, task, None, "train") else { return Ok(()) };
    // What has come into the file since then, and cannot be shown to the model, was not trained on.
    let trained = examples.iter().flat_map(|example| task.instances(example));
    let trained: Vec<_> = trained.filter(|example| task.source(example).is_ok()).collect();
    tell_overlap(task, &trained, eval, warnings)
}
