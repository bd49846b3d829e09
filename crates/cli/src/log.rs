//! The log: what tracing records, on standard error, as far as anyone reads it.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::args::LogFormat;
use crate::exit::Failure;

/// The variables that say which events are logged; the first that is set counts.
const VARIABLES: [&str; 2] = ["FISHDIP_LOG", "RUST_LOG"];

/// Begins the log. The variables know what is wanted better than `-v`, of which there were `verbosity`.
pub(crate) fn begin(verbosity: u8, format: LogFormat) -> Result<(), Failure> {
    let filter = filter(|variable| std::env::var_os(variable), verbosity)?;
    let colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // The end of a phase says how long it took.
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(colours && std::io::stderr().is_terminal())
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

fn filter(variable: impl Fn(&str) -> Option<OsString>, verbosity: u8) -> Result<EnvFilter, Failure> {
    let asked = VARIABLES.into_iter().find_map(|name| {
        let value = variable(name).filter(|value| !value.is_empty())?;
        Some((name, value.to_string_lossy().into_owned()))
    });
    // Targets are matched by how they begin, so that this is about all crates of ours.
    let (name, filter) = asked.unwrap_or_else(|| {
        let of_ours = match verbosity {
            0 => "error",
            1 => "error,fishdip=info",
            _ => "error,fishdip=debug",
        };
        ("--verbose", of_ours.to_owned())
    });
    EnvFilter::builder().parse(filter).map_err(|error| {
        Failure::Use(format!(
            "{name} is no filter of events such as `info` or `fishdip_train=debug`: {error}"
        ))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::filter;

    /// The filter with the variables `FISHDIP_LOG` and `RUST_LOG`, as text.
    fn chosen(variables: [Option<&str>; 2], verbosity: u8) -> String {
        let value = |name: &str| variables[usize::from(name == "RUST_LOG")].map(Into::into);
        filter(value, verbosity).unwrap().to_string()
    }

    #[test]
    fn our_variable_goes_before_that_of_rust_and_both_before_the_option() {
        assert_eq!(chosen([Some("warn"), Some("info")], 2), "warn");
        assert_eq!(chosen([Some(""), Some("info")], 2), "info");
        assert_eq!(chosen([None, Some("info")], 0), "info");
        assert_eq!(chosen([None, None], 0), "error");
        let verbose = [1, 2, 3].map(|verbosity| chosen([None, None], verbosity));
        assert!(verbose[0].contains("fishdip=info"), "{verbose:?}");
        assert!(verbose[1].contains("fishdip=debug") && verbose[1] == verbose[2], "{verbose:?}");
    }

    #[test]
    fn a_filter_that_is_none_is_told_with_its_variable() {
        for (variables, name) in [(["a=b=c", ""], "FISHDIP_LOG"), (["", "a=b=c"], "RUST_LOG")] {
            let value = |name: &str| Some(variables[usize::from(name == "RUST_LOG")].into());
            let error = filter(value, 1).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name} is no filter of events")), "{error}");
        }
    }
}
