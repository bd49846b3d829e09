//! The Python whose packages results are compared with.

use std::process::{Command, Output};

/// The Python in `FISHDIP_PYTHON`, else the usual one, if it can import `modules`, which have commas between them.
pub(crate) fn python(modules: &str) -> Option<impl Fn(&[&str]) -> Output + use<>> {
    let name = std::env::var("FISHDIP_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let python = move |arguments: &[&str]| Command::new(&name).args(arguments).output();
    match python(&["-c", &format!("import {modules}")]) {
        Ok(output) if output.status.success() => Some(move |arguments: &[&str]| python(arguments).unwrap()),
        Ok(_) => {
            println!("skipped: the Python in FISHDIP_PYTHON, else python3, cannot import {modules}");
            None
        }
        Err(error) => {
            println!("skipped: the Python in FISHDIP_PYTHON, else python3, cannot be run: {error}");
            None
        }
    }
}
