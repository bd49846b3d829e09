//! `fishdip fetch`: a model from the Hugging Face hub into the cache that every tool of the hub shares.

use std::io::Write as _;

use fishdip_train::{Hub, Patience, Progress, fetch};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::args::FetchArgs;
use crate::exit::Failure;
use crate::hub;

pub(crate) fn run(args: &FetchArgs) -> Result<(), Failure> {
    // What was downloaded stays; the next call goes on from there.
    ctrlc::set_handler(|| std::process::exit(3))
        .map_err(|e| Failure::Use(format!("failed to listen to signals: {e}")))?;
    let set = |key| std::env::var(key).ok().filter(|value| !value.is_empty());
    let cache = hub::folder().ok_or_else(|| {
        Failure::Use(
            "this system names no home folder for the Hugging Face cache; set HF_HUB_CACHE to a folder"
                .into(),
        )
    })?;
    let endpoint = set("HF_ENDPOINT").unwrap_or_else(|| "https://huggingface.co".into());
    let hub = Hub { endpoint, cache, token: set("HF_TOKEN"), patience: Patience::default() };
    let bar = bar();
    let fetched = fetch(&hub, &args.name, &mut |progress| show(&bar, &progress));
    bar.finish_and_clear();
    let folder = fetched?;
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, &json!({ "model": args.name, "folder": folder }))
            .map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        writeln!(out, "{}", folder.display())?;
    }
    Ok(out.flush()?)
}

/// A bar on standard error, where that is a terminal.
fn bar() -> ProgressBar {
    let template = "{msg} {bar:30} {bytes}/{total_bytes} · {bytes_per_sec} · {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

fn show(bar: &ProgressBar, progress: &Progress<'_>) {
    if bar.message() != progress.file {
        bar.set_message(progress.file.to_owned());
        bar.set_length(progress.size);
        // Of a file that is resumed, what was there took no time.
        bar.set_position(progress.at);
        bar.reset_eta();
    }
    bar.set_position(progress.at);
}
