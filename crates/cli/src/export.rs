//! `fishdip export`

use fishdip::backend;
use fishdip_train::export_merged;
use std::io::Write;

use crate::args::ExportArgs;
use crate::exit::Failure;
use crate::runtime::runtime;
use crate::shown::shown;
use crate::view::View;

pub(crate) fn run(args: &ExportArgs) -> Result<(), Failure> {
    let runtime = runtime(backend::DEFAULT)?;
    let out = export_merged(&args.adapter, args.model.as_deref(), &args.out, &runtime, &mut View::new())?;
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", shown(&out.display().to_string()))?;
    Ok(stdout.flush()?)
}
