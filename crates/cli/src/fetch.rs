//! `fishdip fetch`: a model from the Hugging Face hub into the cache that every tool of the hub shares.

use std::io::Write as _;

use fishdip_train::{Hub, fetch};
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
    let folder = fetch(&Hub { endpoint, cache, token: set("HF_TOKEN") }, &args.name)?;
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
