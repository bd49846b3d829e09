//! `cargo xtask doctor`: which backends can be built and run here, and what is missing.

use std::path::Path;
use std::process::Command;

use super::{answers, libtorch, vulkan};

/// A backend on this machine.
struct Finding {
    backend: &'static str,
    /// Whether it can be built, and why not.
    builds: Result<String, String>,
    /// Whether it can run, and why not.
    runs: Result<String, String>,
}

pub(crate) fn run() {
    println!("{:<8} {:<58} runs here", "backend", "builds here");
    for finding in findings() {
        println!("{:<8} {:<58} {}", finding.backend, say(&finding.builds), say(&finding.runs));
    }
}

fn say(finding: &Result<String, String>) -> String {
    match finding {
        Ok(how) if how.is_empty() => "yes".to_owned(),
        Ok(how) => format!("yes: {how}"),
        Err(missing) => format!("no: {missing}"),
    }
}

fn findings() -> Vec<Finding> {
    let yes = || Ok(String::new());
    let no = |text: &str| Err(text.to_owned());
    let nvidia = Path::new("/dev/nvidiactl").exists();
    let rocm = Path::new("/dev/kfd").exists();
    let gpu = if vulkan::gpu() { Ok("on a GPU".to_owned()) } else { no("no GPU") };
    let wgpu = match (vulkan::gpu(), vulkan::software() || answers("apt-get")) {
        (true, _) => Ok("on a GPU".to_owned()),
        (false, true) => Ok("no GPU; on the processor by Debian's mesa-vulkan-drivers, slowly".to_owned()),
        (false, false) => no("no GPU, no mesa-vulkan-drivers"),
    };
    let torch =
        if nvidia { Ok("on CUDA, if this LibTorch has it".into()) } else { Ok("on the processor".into()) };
    vec![
        Finding { backend: "flex", builds: yes(), runs: Ok("on the processor".into()) },
        Finding { backend: "tch", builds: libtorch_here(), runs: torch },
        Finding { backend: "wgpu", builds: yes(), runs: wgpu },
        Finding { backend: "vulkan", builds: yes(), runs: gpu },
        Finding {
            backend: "metal",
            builds: if cfg!(target_os = "macos") { yes() } else { no("needs macOS") },
            runs: if cfg!(target_os = "macos") { yes() } else { no("needs macOS") },
        },
        Finding {
            backend: "cuda",
            builds: if answers("nvcc") { yes() } else { no("no CUDA toolkit (nvcc)") },
            runs: if nvidia { yes() } else { no("no NVIDIA GPU") },
        },
        Finding {
            backend: "rocm",
            builds: if answers("hipcc") { yes() } else { no("no ROCm toolkit (hipcc)") },
            runs: if rocm { yes() } else { no("no AMD GPU") },
        },
    ]
}

fn libtorch_here() -> Result<String, String> {
    if let Some(named) = libtorch::named() {
        return Ok(named);
    }
    let made = libtorch::made().map_err(|error| error.to_string())?;
    if made.join("build-version").is_file() {
        return Ok(made.display().to_string());
    }
    let pip = Command::new("python3").args(["-m", "pip", "--version"]).output();
    let pip = pip.is_ok_and(|output| output.status.success());
    if pip && answers("cc") {
        Ok("LibTorch will be fetched by pip (900 MB)".to_owned())
    } else {
        Err("set LIBTORCH, or have python3 with pip and cc".to_owned())
    }
}
