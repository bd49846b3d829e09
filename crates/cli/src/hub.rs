//! Where the Hugging Face hub's tools keep models on this machine, as `huggingface_hub` finds it.

use std::path::PathBuf;

use fishdip_train::HubCache;

/// The cache, if the system names a place for it.
pub(crate) fn cache() -> HubCache {
    folder().map_or_else(HubCache::default, HubCache::at)
}

/// `HF_HUB_CACHE`, else `hub` in `HF_HOME`, which is `huggingface` in the system's cache folder unless set.
pub(crate) fn folder() -> Option<PathBuf> {
    let set = |key| std::env::var_os(key).filter(|value| !value.is_empty()).map(PathBuf::from);
    let system = || set("XDG_CACHE_HOME").or_else(|| Some(std::env::home_dir()?.join(".cache")));
    let home = || set("HF_HOME").or_else(|| Some(system()?.join("huggingface")));
    set("HF_HUB_CACHE").or_else(|| Some(home()?.join("hub")))
}
