//! `fishdip predict`

use fishdip_train::AdaptedModel;
use fishdip_train::predict::{InputFormat, PredictOptions, Source, predict};
use fishdip_train::tasks::read::ReadOptions;
use std::io::BufWriter;

use crate::args::PredictArgs;
use crate::exit::Failure;
use crate::input::Input;
use crate::runtime::runtime;
use crate::stop;
use crate::view::View;

pub(crate) fn run(args: &PredictArgs) -> Result<(), Failure> {
    if !(0.0..=1.0).contains(&args.threshold) {
        return Err(Failure::Use(format!(
            "--threshold is a probability from 0 to 1, not {}",
            args.threshold
        )));
    }
    let mut runtime = runtime(&args.backend)?;
    let open = |path: &std::path::PathBuf| {
        let Input { reader, name, waits } = Input::open(path)?;
        Ok::<_, Failure>(Source { name, reader, waits })
    };
    let sources = args.input.iter().map(open).collect::<Result<_, _>>()?;
    let adapted = AdaptedModel::load(&args.adapter, args.model.as_deref(), &runtime)?;
    runtime.interrupter = stop::on_signals()?;
    let mut output = BufWriter::new(std::io::stdout().lock());
    let data = &adapted.info.data;
    // What was settled for the data of the training holds for more of its kind.
    let known = args.format.0 == InputFormat::Data(data.format);
    let mut read = if known { data.read_options() } else { ReadOptions::default() };
    if args.text_key.is_some() {
        read.text_key.clone_from(&args.text_key);
    }
    let options = PredictOptions { format: args.format.0, read, threshold: args.threshold };
    predict(&adapted, &options, sources, &mut output, &runtime.interrupter, &mut View::new())?;
    Ok(())
}
