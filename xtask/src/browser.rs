//! A browser for the tests of the report, which Debian has.

use std::process::{Command, Stdio};

/// Installs Chromium where none is, this is the system's owner, and `apt-get` answers. The tests themselves say where there is none.
pub(crate) fn provide() {
    let answers = |program: &str| quietly(Command::new(program).arg("--version"));
    if ["chromium", "chromium-browser", "google-chrome", "chrome"].iter().any(|name| answers(name)) {
        return;
    }
    let is_owner = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    if !is_owner || !answers("apt-get") || !answers("timeout") {
        return;
    }
    println!("apt-get install chromium");
    let install = ["300", "apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "chromium"];
    _ = quietly(Command::new("timeout").args(["120", "apt-get", "update", "--quiet"]))
        && quietly(Command::new("timeout").args(install).env("DEBIAN_FRONTEND", "noninteractive"));
}

fn quietly(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
