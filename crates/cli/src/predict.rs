//! `fishdip predict`

use fishdip_train::predict::{InputFormat, PredictOptions, Source, predict};
use fishdip_train::tasks::TaskKind;
use fishdip_train::tasks::read::{Format, ReadOptions};
use fishdip_train::{AdaptedModel, Error};
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
    let mut output = BufWriter::new(std::io::stdout().lock());
    if args.threshold > 0.0 && !finds_spans(adapted.task().kind()) {
        return Err(Failure::Use(format!(
            "--threshold cuts spans, and the task {} of the adapter finds none; leave it out",
            adapted.task().name()
        )));
    }
    let data = &adapted.info.data;
    // What was settled for the data of the training holds for more of its kind.
    let known = args.format.0 == InputFormat::Data(data.format);
    let mut read = if known { data.read_options() } else { ReadOptions::default() };
    args.place.put_into(&mut read);
    let options = PredictOptions { format: args.format.0, read, threshold: args.threshold };
    predict(&adapted, &options, sources, &mut output, &runtime.interrupter, &mut View::new())?;
    Ok(())
}

fn finds_spans(kind: TaskKind) -> bool {
    !matches!(kind, TaskKind::RelationClassification | TaskKind::TextClassification | TaskKind::DialogueState)
}
