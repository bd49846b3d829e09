//! Vulkan for the `wgpu` backend: a GPU's driver, else Debian's software driver.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use super::{Environment, answers};

/// Debian's packages of the loader and of the software driver.
const PACKAGES: [&str; 2] = ["libvulkan1", "mesa-vulkan-drivers"];
/// The software driver's description.
const SOFTWARE: &str = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json";

/// Whether this machine has a GPU that Vulkan could use.
pub(super) fn gpu() -> bool {
    Path::new("/dev/dri").is_dir() || Path::new("/dev/nvidiactl").exists() || !cfg!(target_os = "linux")
}

/// Whether the software driver is installed.
pub(super) fn software() -> bool {
    Path::new(SOFTWARE).is_file()
}

pub(super) fn prepare() -> Result<Environment> {
    if gpu() || std::env::var_os("VK_ICD_FILENAMES").is_some() {
        return Ok(Environment::default());
    }
    if !software() && !install() {
        bail!("no GPU and no software driver; install {} (Debian's names)", PACKAGES.join(" and "));
    }
    let mut environment = vec![("VK_ICD_FILENAMES", PathBuf::from(SOFTWARE))];
    if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        environment.push(("XDG_RUNTIME_DIR", std::env::temp_dir()));
    }
    Ok(Environment(environment))
}

/// Asks Debian's package manager, which only root may.
fn install() -> bool {
    if !answers("apt-get") {
        return false;
    }
    eprintln!("installing {}", PACKAGES.join(" and "));
    let run = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let install = [&["install", "-y", "--no-install-recommends"], &PACKAGES[..]].concat();
    (run(&install) || (run(&["update"]) && run(&install))) && software()
}
