//! `fishdip predict`

use fishdip_train::predict::{InputFormat, PredictOptions, predict};
use fishdip_train::{AdaptedModel, Error};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter};
use std::path::Path;

use crate::args::{Format, PredictArgs};
use crate::exit::Failure;
use crate::view::View;
use crate::{backend, stop};

pub(crate) fn run(args: &PredictArgs) -> Result<(), Failure> {
    if !(0.0..=1.0).contains(&args.threshold) {
        return Err(Failure::Use(format!(
            "--threshold is a probability from 0 to 1, not {}",
            args.threshold
        )));
    }
    let device = backend::device(&args.backend)?;
    let (input, name): (Box<dyn BufRead>, &Path) = if args.input == Path::new("-") {
        (Box::new(std::io::stdin().lock()), Path::new("standard input"))
    } else {
        let file = File::open(&args.input).map_err(|source| Error::Io {
            action: "read",
            path: args.input.clone(),
            source,
        })?;
        (Box::new(BufReader::new(file)), &args.input)
    };
    let format = match args.format {
        Format::Text => InputFormat::Text,
        Format::Conll => InputFormat::Conll,
    };
    let adapted = AdaptedModel::load(&args.adapter, args.model.as_deref(), &device)?;
    let interrupter = stop::on_signals()?;
    let mut output = BufWriter::new(std::io::stdout().lock());
    let options = PredictOptions { format, name, threshold: args.threshold };
    predict(&adapted, options, input, &mut output, &interrupter, &mut View::new())?;
    Ok(())
}
