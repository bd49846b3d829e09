//! `fishdip report`

use fishdip_train::{OutFile, write_json_line, write_report};
use serde_json::json;
use std::io::Write;

use crate::args::ReportArgs;
use crate::exit::Failure;
use crate::shown::shown;

pub(crate) fn run(args: &ReportArgs) -> Result<(), Failure> {
    let file = args.out.as_deref().map(|path| OutFile::new(path, args.force)).transpose()?;
    let path = write_report(&args.runs, file.as_ref())?;
    let mut out = std::io::stdout().lock();
    if args.json {
        write_json_line(&mut out, &json!({ "path": path }))?;
    } else {
        writeln!(out, "{}", shown(&path.display().to_string()))?;
    }
    Ok(out.flush()?)
}
