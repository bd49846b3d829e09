//! The verbs: those of the workspace and those that are passed on to fishdip.

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand};

use crate::backends::Backend;
use crate::{bench, results};

/// Developer commands of fishdip
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = AFTER)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

const AFTER: &str = "\
The verbs from `init` on are fishdip's: it is built in release mode and run with the rest of the arguments.
  --backend NAME picks the backend that is built in (default: flex).
  The exit code is fishdip's own; 1 if it could not be built, 2 for wrong use.";

/// What is done, in the order in which the help lists it.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// All tests, with cargo-nextest where it is installed; says how many were skipped
    Test {
        #[command(flatten)]
        backend: Backend,
    },
    /// Formatting, lints, layers, licences, spelling, fixtures, fuzz targets, backends that need a GPU, then `test` on each backend
    /// that is had here
    Ci,
    /// fishdip beside PyTorch: train, decode, end-to-end, or scaling over density, length and batch
    Bench(bench::Options),
    /// Methods and peers over data sets and numbers of examples, in parts that go on; makes docs/results.md
    Results(results::Options),
    /// Checks what each crate may depend on
    Layers,
    /// Writes the bundled data, or with --check compares it with what would be written
    Fixtures {
        /// Writes nothing
        #[arg(long)]
        check: bool,
    },
    /// Writes the page and the schema of the config's keys, which a test compares
    Docs,
    /// Which backends can be built and run here, and what is missing
    Doctor,
    #[command(flatten)]
    Fishdip(Fishdip),
}

/// Verbs of fishdip.
#[derive(Debug, Subcommand)]
pub(crate) enum Fishdip {
    /// Writes a config for data
    Init(PassedOn),
    /// Fine-tunes and evaluates
    Train(PassedOn),
    /// Trains what a study compares, and makes its table
    Study(PassedOn),
    /// Scores saved adapters
    Evaluate(PassedOn),
    /// Makes probabilities of an adapter's scores
    Calibrate(PassedOn),
    /// Text in, spans out
    Predict(PassedOn),
    /// Writes a page about runs
    Report(PassedOn),
    /// Where the mask of a run lies and how it moves
    Mask(PassedOn),
    /// Trains on texts without labels; with gather, prepare, train, cooldown or export makes the bundled model anew
    Pretrain(PassedOn),
    /// Simulates active learning
    Active(PassedOn),
    /// Chooses the texts to label next
    Query(PassedOn),
    /// Takes back what annotators made of a query
    LabelMerge(PassedOn),
    /// Looks at adapters and makes others of them
    Adapter(PassedOn),
    /// Writes a model for other programs
    Export(PassedOn),
    /// Examples to source and target text
    Encode(PassedOn),
    /// Model output to spans
    Decode(PassedOn),
    /// Writes few-shot prompts for any language model
    Prompts(PassedOn),
    /// Checks a data folder
    Data(PassedOn),
    /// Downloads a model by its name on the Hugging Face hub
    Fetch(PassedOn),
    /// Writes completions for a shell
    Completions(PassedOn),
    /// Writes manual pages
    Man(PassedOn),
}

impl Fishdip {
    /// True where fishdip's verb has a `--backend` of its own.
    pub(crate) fn takes_backend(&self) -> bool {
        matches!(
            self,
            Self::Train(_)
                | Self::Study(_)
                | Self::Evaluate(_)
                | Self::Calibrate(_)
                | Self::Predict(_)
                | Self::Pretrain(_)
                | Self::Active(_)
                | Self::Query(_)
        )
    }
}

/// Whatever stands behind a verb of fishdip, its `--help` too. What is passed on is the command line itself, since a `--` in it would be
/// missing here.
#[derive(Args, Debug)]
#[command(disable_help_flag = true)]
pub(crate) struct PassedOn {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _arguments: Vec<OsString>,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::{Arguments, Verb};

    #[test]
    fn the_verbs_are_well_formed() {
        Arguments::command().debug_assert();
    }

    /// The list is that of fishdip's own help, as a test of the binary has it.
    #[test]
    fn every_verb_of_fishdip_is_one_here() -> std::io::Result<()> {
        let help = "crates/cli/tests/it/snapshots/it__options__help.snap";
        let help = std::fs::read_to_string(crate::cargo::root().join(help))?;
        let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        let verbs = commands.map_while(|line| line.split_whitespace().next()).filter(|verb| *verb != "help");
        let mut count = 0;
        for verb in verbs {
            let parsed = Arguments::try_parse_from(["xtask", verb, "--json"]);
            assert!(matches!(parsed.map(|it| it.verb), Ok(Verb::Fishdip(_))), "{verb}");
            count += 1;
        }
        assert!(count >= 20, "{count}");
        Ok(())
    }

    #[test]
    fn everything_behind_a_verb_of_fishdip_is_left_to_it() -> Result<(), clap::Error> {
        for line in ["train --help", "train -h --run x --set a=b", "encode -- -x", "data check --backend"] {
            let verb = Arguments::try_parse_from(["xtask"].into_iter().chain(line.split(' ')))?.verb;
            let takes_backend = line.starts_with("train");
            assert!(matches!(verb, Verb::Fishdip(verb) if verb.takes_backend() == takes_backend), "{line}");
        }
        Ok(())
    }

    #[test]
    fn a_typo_is_told_the_verb_and_is_wrong_use() {
        for (line, found) in [("trxin", "'train'"), ("layer", "'layers'"), ("fixtures --chek", "'--check'")] {
            let parsed = Arguments::try_parse_from(["xtask"].into_iter().chain(line.split(' ')));
            let error = parsed.err().map(|error| (error.exit_code(), error.to_string()));
            assert!(
                error.as_ref().is_some_and(|(code, text)| *code == 2 && text.contains(found)),
                "{error:?}"
            );
        }
    }
}
