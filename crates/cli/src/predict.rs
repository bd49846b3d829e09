//! `fishdip predict`

use fishdip_train::predict::{InputFormat, OutputFormat, PredictOptions, Source, Thresholds, predict};
use fishdip_train::tasks::read::{Format, ReadOptions};
use fishdip_train::{AdaptedModel, Error};
use std::io::BufWriter;

use crate::args::{OutputName, PredictArgs, Threshold};
use crate::exit::Failure;
use crate::input::Input;
use crate::runtime::runtime;
use crate::stop;
use crate::view::View;

pub(crate) fn run(args: &PredictArgs) -> Result<(), Failure> {
    let thresholds = thresholds(&args.threshold)?;
    let output = output_format(args)?;
    let mut asked = ReadOptions::default();
    args.place.put_into(&mut asked);
    match args.format.0 {
        InputFormat::Text if asked != ReadOptions::default() => {
            return Err(Failure::Use(
                "--word-column, --tag-column and --text-key are for data files; name their layout with --format".to_owned(),
            ));
        }
        InputFormat::Text => {}
        InputFormat::Data(Format::Intents) => {
            return Err(Failure::Use(
                "the layout intents is a folder, and predict reads files; its texts are --format text --input FOLDER/seq.in".to_owned(),
            ));
        }
        InputFormat::Data(Format::Brat) => {
            return Err(Failure::Use(
                "the layout brat is a folder, and predict reads files; its texts are --format text with an --input for each .txt file".to_owned(),
            ));
        }
        InputFormat::Data(format) => asked.check_for(format).map_err(Error::from)?,
    }
    let mut runtime = runtime(&args.backend)?;
    let open = |path: &std::path::PathBuf| {
        let Input { reader, name, waits } = Input::open(path)?;
        Ok::<_, Failure>(Source { name, reader, waits })
    };
    let sources = args.input.iter().map(open).collect::<Result<_, _>>()?;
    let adapted = AdaptedModel::load(&args.adapter, args.model.as_deref(), &runtime)?;
    runtime.interrupter = stop::on_signals()?;
    let mut stdout = BufWriter::new(std::io::stdout().lock());
    let data = &adapted.info.data;
    // What was settled for the data of the training holds for more of its kind.
    let known = args.format.0 == InputFormat::Data(data.format);
    let mut read = if known { data.read_options() } else { ReadOptions::default() };
    args.place.put_into(&mut read);
    let options = PredictOptions { format: args.format.0, read, thresholds, output };
    predict(&adapted, &options, sources, &mut stdout, &runtime.interrupter, &mut View::new())?;
    Ok(())
}

/// What was said of thresholds, put together.
fn thresholds(given: &[Threshold]) -> Result<Thresholds, Failure> {
    let mut thresholds = Thresholds::default();
    let mut has_all = false;
    for Threshold { label, least } in given {
        let is_again = if let Some(label) = label {
            thresholds.by_label.insert(label.clone(), *least).is_some()
        } else {
            thresholds.all = *least;
            std::mem::replace(&mut has_all, true)
        };
        if is_again {
            let of = label.as_ref().map_or_else(|| "all labels".to_owned(), |label| format!("{label:?}"));
            return Err(Failure::Use(format!("--threshold is given twice for {of}; give it once")));
        }
    }
    Ok(thresholds)
}

fn output_format(args: &PredictArgs) -> Result<OutputFormat, Failure> {
    let format = match (args.output_format, &args.out) {
        (OutputName::Brat, Some(out)) => return Ok(OutputFormat::Brat(out.clone())),
        (OutputName::Brat, None) => {
            let problem = "brat's annotations are files in a folder; name one that does not exist with --out";
            return Err(Failure::Use(problem.to_owned()));
        }
        (_, Some(_)) => {
            let problem = "--out names the folder of --output-format brat; what other formats write goes to standard output";
            return Err(Failure::Use(problem.to_owned()));
        }
        (OutputName::Jsonl, None) => OutputFormat::Jsonl,
        (OutputName::Conll, None) => OutputFormat::Conll,
        (OutputName::LabelStudio, None) => OutputFormat::LabelStudio,
        (OutputName::Csv, None) => OutputFormat::Csv,
    };
    Ok(format)
}
