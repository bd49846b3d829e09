//! A small model and questions of six classes, on which runs of these tests are trained.

use burn::tensor::Device;
use fishdip_train::{HubCache, Interrupter, Runtime};

/// Training examples; with batches of eight, an epoch has three steps.
pub(crate) const EXAMPLES: usize = 24;

/// The first tables of a config.
pub(crate) const QUESTIONS: &str = "\
[model]
path = \"../../fixtures/models/t5-nano\"
[data]
dir = \"../../fixtures/data/questions\"
train = \"train.txt\"
eval = \"dev.txt\"
format = \"classes\"
train_examples = 24
eval_examples = 12
[task]
name = \"text-classification\"
[task.classes]
PERSON = \"person\"
PLACE = \"place\"
NUMBER = \"number\"
TIME = \"time\"
MEANING = \"meaning\"
REASON = \"reason\"
";

pub(crate) fn runtime() -> Runtime {
    Runtime {
        device: Device::flex(),
        backend: "flex".to_owned(),
        hub: HubCache::default(),
        interrupter: Interrupter::new(),
    }
}
