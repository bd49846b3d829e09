//! `fishdip predict`

use fishdip_train::predict::{
    InputFormat, OutputFormat, PredictOptions, Source, Thresholds, check, count_answers, output_names,
    predict,
};
use fishdip_train::tasks::read::{Format, ReadOptions};
use fishdip_train::{Access, AdaptedModel, Error, Runtime};
use std::fs::File;
use std::io::{BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use crate::args::{OutputName, PredictArgs, Threshold};
use crate::exit::Failure;
use crate::input::Input;
use crate::runtime::runtime;
use crate::shown::shown;
use crate::stop::{self, GoesOn};
use crate::view::View;

pub(crate) fn run(args: &PredictArgs) -> Result<(), Failure> {
    let thresholds = thresholds(&args.threshold)?;
    check_format(args)?;
    let targets = targets(args)?;
    let mut runtime = runtime(&args.backend)?;
    let mut opened = Some(sources(args)?);
    for Target { adapter, output, .. } in &targets {
        check(adapter, &thresholds, output)?;
    }
    let (mut last, mut unanswered) = (None::<AdaptedModel>, None);
    for target in &targets {
        let model = args.model.as_deref();
        let is_first = last.is_none();
        // Adapters of one base model take it over from each other.
        let adapted = match last.take() {
            Some(last) => last.exchange(&target.adapter, model, &runtime)?,
            None => AdaptedModel::load(&target.adapter, model, &runtime)?,
        };
        if is_first {
            runtime.interrupter = stop::on_signals(GoesOn::Not)?;
            make_folder(args)?;
        }
        let sources = opened.take().map_or_else(|| sources(args), Ok)?;
        match answer(&adapted, target, args, &thresholds, sources, &runtime) {
            // The other adapters are asked as well.
            Err(Failure::Run(error @ Error::Unanswered { .. })) => unanswered = unanswered.or(Some(error)),
            done => done?,
        }
        last = Some(adapted);
    }
    unanswered.map_or(Ok(()), |error| Err(error.into()))
}

/// An adapter, and where its answers go: to standard output, or with several adapters to a file or folder.
struct Target {
    adapter: PathBuf,
    output: OutputFormat,
    out: Option<PathBuf>,
}

/// Makes the folder for the outputs of several adapters.
fn make_folder(args: &PredictArgs) -> Result<(), Failure> {
    let Some(path) = args.out.clone().filter(|_| args.adapter.len() > 1) else { return Ok(()) };
    std::fs::create_dir(&path).map_err(|source| Error::Io { action: Access::Create, path, source })?;
    Ok(())
}

/// What one adapter finds.
fn answer(
    adapted: &AdaptedModel,
    target: &Target,
    args: &PredictArgs,
    thresholds: &Thresholds,
    sources: Vec<Source>,
    runtime: &Runtime,
) -> Result<(), Failure> {
    let data = &adapted.info.data;
    // What was settled for the data of the training holds for more of its kind.
    let known = args.format.0 == InputFormat::Data(data.format);
    let mut read = if known { data.read_options() } else { ReadOptions::default() };
    args.place.put_into(&mut read);
    let (thresholds, output) = (thresholds.clone(), target.output.clone());
    let is_folder = matches!(output, OutputFormat::Brat(_));
    let mut options = PredictOptions { format: args.format.0, read, thresholds, output, total: None };
    // A bar and answers on one terminal would write over each other.
    let is_shown =
        View::new().has_bars() && (target.out.is_some() || is_folder || !std::io::stdout().is_terminal());
    let waits = sources.iter().any(|source| source.waits);
    if is_shown && !waits {
        options.total = Some(count_answers(adapted, &options, self::sources(args)?));
    } else if is_shown && !std::io::stdin().is_terminal() {
        // What comes through a pipe is counted as it comes.
        options.total = Some(0);
    }
    let to = |out: &mut dyn Write| {
        predict(adapted, &options, sources, out, &runtime.interrupter, &mut View::new()).map(|_| ())
    };
    let Some(path) = &target.out else {
        to(&mut BufWriter::new(std::io::stdout().lock()))?;
        return Ok(());
    };
    if is_folder {
        return tell(path, to(&mut std::io::sink()));
    }
    // It gets its name when all of it is there: a part that an end leaves is not taken for the whole.
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { action: Access::Create, path, source }
    };
    let mut file = BufWriter::new(File::create_new(&part).map_err(failed(&part))?);
    let done = to(&mut file);
    file.flush().map_err(failed(&part))?;
    if matches!(done, Ok(()) | Err(Error::Unanswered { .. })) {
        std::fs::rename(&part, path).map_err(failed(path))?;
        tell(path, done)
    } else {
        tell(&part, done)
    }
}

/// Prints where answers are, also where some are missing.
fn tell(path: &Path, done: Result<(), Error>) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", shown(&path.display().to_string()))?;
    stdout.flush()?;
    Ok(done?)
}

/// Opens the inputs.
fn sources(args: &PredictArgs) -> Result<Vec<Source>, Failure> {
    let open = |path: &PathBuf| {
        let Input { reader, name, waits } = Input::open(path)?;
        if waits && args.adapter.len() > 1 {
            return Err(Failure::Use(format!(
                "each of several adapters reads the input, and {} can be read once; name a file with --input",
                name.display()
            )));
        }
        Ok(Source { name, reader, waits })
    };
    args.input.iter().map(open).collect()
}

/// Refuses what the layout of the input has no place for.
fn check_format(args: &PredictArgs) -> Result<(), Failure> {
    let mut asked = ReadOptions::default();
    args.place.put_into(&mut asked);
    let problem = match args.format.0 {
        InputFormat::Text | InputFormat::Words if asked != ReadOptions::default() => {
            "--word-column, --tag-column and --text-key are for data files; name their layout with --format"
        }
        InputFormat::Text | InputFormat::Words => return Ok(()),
        InputFormat::Data(Format::Intents) => {
            "the layout intents is a folder, and predict reads files; its texts are --format words --input FOLDER/seq.in"
        }
        InputFormat::Data(Format::Brat) => {
            "the layout brat is a folder, and predict reads files; its texts are --format text with an --input for each .txt file"
        }
        InputFormat::Data(format) => return Ok(asked.check_for(format).map_err(Error::from)?),
    };
    Err(Failure::Use(problem.to_owned()))
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

/// The adapters, and where what each finds goes.
fn targets(args: &PredictArgs) -> Result<Vec<Target>, Failure> {
    let format = |brat: &Path| match args.output_format {
        OutputName::Jsonl => OutputFormat::Jsonl,
        OutputName::Conll => OutputFormat::Conll,
        OutputName::LabelStudio => OutputFormat::LabelStudio,
        OutputName::Brat => OutputFormat::Brat(brat.to_owned()),
        OutputName::Csv => OutputFormat::Csv,
    };
    let problem = match (&args.adapter[..], args.output_format, &args.out) {
        ([_], OutputName::Brat, None) => {
            "brat's annotations are files in a folder; name one that does not exist with --out"
        }
        ([_], OutputName::Jsonl | OutputName::Conll | OutputName::LabelStudio | OutputName::Csv, Some(_)) => {
            "--out names the folder of --output-format brat; what other formats write goes to standard output"
        }
        ([adapter], _, out) => {
            let output = format(out.as_deref().unwrap_or(Path::new("")));
            return Ok(vec![Target { adapter: adapter.clone(), output, out: None }]);
        }
        (_, _, None) => "several adapters write an output each; name a folder that does not exist with --out",
        (adapters, _, Some(out)) => {
            if out.symlink_metadata().is_ok() {
                return Err(Error::OutExists { path: out.clone() }.into());
            }
            let target = |(adapter, name): (&PathBuf, String)| {
                let output = format(&out.join(&name));
                let path = out.join(name + output.extension());
                Target { adapter: adapter.clone(), output, out: Some(path) }
            };
            return Ok(adapters.iter().zip(output_names(adapters)?).map(target).collect());
        }
    };
    Err(Failure::Use(problem.to_owned()))
}
