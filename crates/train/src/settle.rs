//! What `"auto"` stands for in a config, once the examples and the model are known.

use fishdip_peft::{Adaptable, Addition, MaskMethod};

use crate::RunConfig;
use crate::event::{Event, Sink};

/// Puts numbers in the place of `"auto"`, for a training on `examples` examples that begins with `model`, and tells them.
pub(crate) fn settle(config: &mut RunConfig, examples: usize, model: &impl Adaptable, sink: &mut dyn Sink) {
    let mut told = Vec::new();
    let (method, optimizer, training) = (&mut config.method, &mut config.optimizer, &mut config.training);
    let entries = method.scope().entries(model);
    method.keep = method.keep.settled("method.keep", || keep(entries), &mut told);
    training.steps = training.steps.settled("training.steps", || steps(examples), &mut told);
    let (addition, mask) = (method.addition(), method.mask());
    optimizer.learning_rate = optimizer.learning_rate.settled(
        "optimizer.learning_rate",
        || learning_rate(addition.as_ref(), mask),
        &mut told,
    );
    if !told.is_empty() {
        sink.event(&Event::Note { message: format!("\"auto\" is {}", told.join(", ")) });
    }
}

fn steps(examples: usize) -> usize {
    let steps = 400.0 * (examples as f64 / 140.0).sqrt();
    ((steps / 10.0).round() as usize * 10).clamp(100, 5000)
}

fn keep(_entries: usize) -> f64 {
    0.01
}

fn learning_rate(addition: Option<&Addition>, mask: MaskMethod) -> f32 {
    match (addition, mask) {
        (Some(Addition::Lora(_)), _) => 0.3,
        (None, MaskMethod::Full) => 0.01,
        _ => 0.03,
    }
}
