//! `fishdip mask`

use fishdip_train::{OutFile, mask_report, write_json_line};
use std::io::Write;

use crate::args::MaskArgs;
use crate::exit::Failure;
use crate::shown::shown;

pub(crate) fn run(args: &MaskArgs) -> Result<(), Failure> {
    let svg = args.svg.as_deref().map(|path| OutFile::new(path, args.force)).transpose()?;
    let mut report = mask_report(&args.run)?;
    if let Some(svg) = &svg {
        report.write_svg(svg)?;
    }
    let mut out = std::io::stdout().lock();
    if args.json {
        write_json_line(&mut out, &report)?;
    } else {
        for line in report.summary.to_text().lines() {
            writeln!(out, "{}", shown(line))?;
        }
        if let Some(path) = &report.path {
            writeln!(out, "\npicture       {}", shown(&path.display().to_string()))?;
        }
    }
    Ok(out.flush()?)
}
