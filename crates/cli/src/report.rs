//! `fishdip report`

use fishdip_train::{check_writable, write_json_line, write_report};
use serde_json::json;
use std::io::Write;

use crate::args::ReportArgs;
use crate::exit::Failure;
use crate::shown::shown;

pub(crate) fn run(args: &ReportArgs) -> Result<(), Failure> {
    if let Some(out) = &args.out {
        check_writable(out)?;
    }
    let path = write_report(&args.runs, args.out.as_deref())?;
    let mut out = std::io::stdout().lock();
    if args.json {
        write_json_line(&mut out, &json!({ "path": path }))?;
    } else {
        writeln!(out, "{}", shown(&path.display().to_string()))?;
    }
    Ok(out.flush()?)
}
