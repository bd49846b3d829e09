//! `fishdip predict`

use fishdip_train::AdaptedModel;
use fishdip_train::predict::{PredictOptions, predict};
use std::io::BufWriter;

use crate::args::PredictArgs;
use crate::exit::Failure;
use crate::input::Input;
use crate::view::View;
use crate::{backend, hub, stop};

pub(crate) fn run(args: &PredictArgs) -> Result<(), Failure> {
    if !(0.0..=1.0).contains(&args.threshold) {
        return Err(Failure::Use(format!(
            "--threshold is a probability from 0 to 1, not {}",
            args.threshold
        )));
    }
    let device = backend::device(&args.backend)?;
    let Input { reader, name } = Input::open(&args.input)?;
    let adapted = AdaptedModel::load(&args.adapter, args.model.as_deref(), &hub::cache(), &device)?;
    let interrupter = stop::on_signals()?;
    let mut output = BufWriter::new(std::io::stdout().lock());
    let options = PredictOptions { format: args.format.0, name, threshold: args.threshold };
    predict(&adapted, options, reader, &mut output, &interrupter, &mut View::new())?;
    Ok(())
}
