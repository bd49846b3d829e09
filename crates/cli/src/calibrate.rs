//! `fishdip calibrate`

use fishdip_train::{AdaptedModel, calibrate, named_split, write_json_line};
use std::io::Write;

use crate::args::CalibrateArgs;
use crate::exit::Failure;
use crate::runtime::runtime;
use crate::stop::{self, GoesOn};
use crate::table;
use crate::view::View;

pub(crate) fn run(args: &CalibrateArgs) -> Result<(), Failure> {
    let mut runtime = runtime(&args.backend)?;
    runtime.interrupter = stop::on_signals(GoesOn::Not)?;
    let adapted = AdaptedModel::load(&args.adapter, args.model.as_deref(), &runtime)?;
    let (data, task) = (adapted.info.of_data(), adapted.task());
    let split = named_split(data, args.format, task, args.data.as_deref(), &args.split)?;
    let report = calibrate(&adapted, &split, &runtime.interrupter, &mut View::new())?;
    let mut out = std::io::stdout().lock();
    if args.json {
        write_json_line(&mut out, &report)?;
    } else {
        let tables = &report.tables;
        writeln!(out, "{}\n", report.data.display())?;
        writeln!(out, "before\n{}\n", table::calibration(&tables.before))?;
        writeln!(
            out,
            "after; each fifth by the temperatures of the four others\n{}\n",
            table::calibration(&tables.after)
        )?;
        writeln!(out, "{}", table::temperatures(&report.temperatures))?;
        if !report.unseen.is_empty() {
            writeln!(
                out,
                "none found of {}; they have the temperature of any other",
                report.unseen.join(", ")
            )?;
        }
        writeln!(out, "the temperatures are kept in {}", report.adapter.display())?;
    }
    Ok(out.flush()?)
}
