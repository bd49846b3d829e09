//! The files in the folder `insight` of a run, made when its training has ended.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use fishdip_peft::replace_file;

use super::dynamics::{DYNAMICS, Dynamics};
use super::layers::{CKA, Models, SMOOTHNESS};
use super::pictures;
use super::subjects::Subjects;
use crate::base::Base;
use crate::event::Sink;
use crate::run_folder::{EVENTS, RunFolder};
use crate::{Access, Error, Event, RunConfig, Runtime, Tagger, TimedEvent};

/// The folder in that of the run.
const FOLDER: &str = "insight";

/// Writes what `config` asks for into the `folder` of the run, whose trained model `tagger` has; its events are all written.
pub(crate) fn write(
    folder: &RunFolder,
    (config, runtime): (&RunConfig, &Runtime),
    subjects: &Subjects,
    tagger: &Tagger,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let insight = &config.insight;
    if !(insight.dynamics || insight.cka || insight.smoothness) {
        return Ok(());
    }
    let own = folder.path().join(FOLDER);
    fs::create_dir_all(&own).map_err(|source| Error::Io { action: Access::Create, path: own, source })?;
    let events = events(folder.path())?;
    if let Some(targets) = &subjects.targets {
        let dynamics = Dynamics::of(&events, &targets.about)?;
        folder.write_json_line(DYNAMICS, &dynamics)?;
        draw(folder.path(), DYNAMICS, &pictures::dynamics(&dynamics).picture().to_svg())?;
    }
    let classed = subjects.classed.as_ref().filter(|_| insight.smoothness);
    if subjects.compared.is_none() && classed.is_none() {
        return Ok(());
    }
    let base = Base::of(config, runtime, None)?.model;
    let mut models = Models { tagger, base: &base, interrupter: &runtime.interrupter, sink };
    if let Some(examples) = &subjects.compared {
        let cka = models.cka(examples)?;
        folder.write_json(CKA, &cka)?;
        draw(folder.path(), CKA, &pictures::cka(&cka).picture().to_svg())?;
    }
    if let Some(classed) = classed {
        let smoothness = models.smoothness(classed, &events)?;
        folder.write_json(SMOOTHNESS, &smoothness)?;
        draw(folder.path(), SMOOTHNESS, &pictures::smoothness(&smoothness).picture().to_svg())?;
    }
    Ok(())
}

/// Writes the picture that belongs to the file `name` beside it.
fn draw(run: &Path, name: &str, svg: &str) -> Result<(), Error> {
    Ok(replace_file(&run.join(name).with_extension("svg"), svg.as_bytes())?)
}

/// What the run in the folder `run` has told; a line of a kind that this program does not know is nothing of use here.
pub(crate) fn events(run: &Path) -> Result<Vec<Event>, Error> {
    let path = run.join(EVENTS);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(source) if source.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(Error::Io { action: Access::Read, path, source }),
    };
    let event = |line: &str| serde_json::from_str::<TimedEvent>(line).ok().map(|timed| timed.event);
    Ok(text.lines().filter_map(event).collect())
}
