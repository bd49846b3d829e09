//! What `fishdip --version` tells.

use fishdip::backend::BUILT;
use std::sync::LazyLock;

/// What the build can do beside its backends.
const FEATURES: &[&str] = &[
    #[cfg(feature = "hub")]
    "hub (fishdip fetch)",
    #[cfg(feature = "parquet")]
    "parquet (--format parquet)",
    #[cfg(feature = "tui")]
    "tui (fishdip train --tui)",
];

/// The version, and what it was built from and with.
pub(crate) fn long() -> &'static str {
    static LONG: LazyLock<String> = LazyLock::new(|| {
        let commit =
            option_env!("FISHDIP_COMMIT").unwrap_or("not known: it was built outside of its git repository");
        let list = |names: &[&str]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let version = env!("CARGO_PKG_VERSION");
        format!("{version}\ncommit    {commit}\nbackends  {}\nfeatures  {}", list(BUILT), list(FEATURES))
    });
    &LONG
}
