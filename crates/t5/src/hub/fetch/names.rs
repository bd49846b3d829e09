//! Names that a server gives: which of its files make a model, and which names are none.

use std::path::{Component, Path};

use super::FetchError;
use super::digest::is_lower_hex;
use super::error::quoted;

/// What a model folder may hold beside its weights.
const SMALL: &[&str] = &[
    "tokenizer.json",
    "spiece.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "generation_config.json",
];

/// The weights, in one file or in several with an index; what comes first is preferred.
const WEIGHTS: &[(&str, &str)] = &[("model", "safetensors"), ("pytorch_model", "bin")];

/// The file that is linked last, so that a snapshot that has it is whole.
const LAST: &str = "config.json";

/// The commit `sha` of the model `name`: 40 hexadecimal digits, as its folder is called by it.
pub(super) fn commit(name: &str, sha: &str) -> Result<String, FetchError> {
    if sha.len() == 40 && is_lower_hex(sha) {
        return Ok(sha.to_owned());
    }
    Err(FetchError::Announced {
        about: name.to_owned(),
        what: "the commit",
        given: quoted(sha),
        expected: "40 lower-case hexadecimal digits",
    })
}

/// Of the files on the hub those that make the model `name`, `config.json` last.
pub(super) fn wanted<'a>(name: &str, there: &[&'a str]) -> Result<Vec<&'a str>, FetchError> {
    if let Some(bad) = there.iter().find(|file| !is_inside(file)) {
        return Err(FetchError::Announced {
            about: name.to_owned(),
            what: "a file named",
            given: quoted(bad),
            expected: "the path of a file within the model's folder",
        });
    }
    let lacks = |lacks| FetchError::NoModel { name: name.to_owned(), lacks };
    let mut files: Vec<&str> = there.iter().copied().filter(|file| SMALL.contains(file)).collect();
    files.extend(weights(there).ok_or_else(|| lacks("model.safetensors or pytorch_model.bin"))?);
    files.push(there.iter().copied().find(|file| *file == LAST).ok_or_else(|| lacks(LAST))?);
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(*file));
    Ok(files)
}

/// Whether a file of the model holds tensors, and may be large.
pub(super) fn is_large(file: &str) -> bool {
    WEIGHTS
        .iter()
        .any(|(stem, extension)| file == format!("{stem}.{extension}") || is_part(file, stem, extension))
}

fn weights<'a>(there: &[&'a str]) -> Option<Vec<&'a str>> {
    WEIGHTS.iter().find_map(|(stem, extension)| {
        let single = format!("{stem}.{extension}");
        if let Some(file) = there.iter().find(|file| **file == single) {
            return Some(vec![*file]);
        }
        let index = format!("{single}.index.json");
        let parts = || {
            let is_wanted = |file: &&str| **file == index || is_part(file, stem, extension);
            there.iter().copied().filter(is_wanted).collect()
        };
        there.contains(&index.as_str()).then(parts)
    })
}

/// Whether `file` is called as a part of weights is: `model-00001-of-00002.safetensors`.
fn is_part(file: &str, stem: &str, extension: &str) -> bool {
    let is_number = |digits: &str| digits.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
    file.strip_prefix(stem)
        .and_then(|rest| rest.strip_prefix('-'))
        .and_then(|rest| rest.strip_suffix(extension))
        .and_then(|rest| rest.strip_suffix('.'))
        .and_then(|middle| middle.split_once("-of-"))
        .is_some_and(|(number, count)| is_number(number) && is_number(count))
}

/// Whether a path on the hub stays within its folder, on every system.
fn is_inside(file: &str) -> bool {
    let plain = !file.is_empty() && !file.contains(|c: char| c.is_control() || c == '\\');
    plain
        && file.split('/').all(|step| {
            let mut components = Path::new(step).components();
            matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
        })
}

#[cfg(test)]
mod tests {
    use super::{commit, is_large, wanted};

    fn files<'a>(there: &[&'a str]) -> Result<Vec<&'a str>, String> {
        wanted("o/m", there).map_err(|error| error.to_string())
    }

    #[test]
    fn one_copy_of_the_weights_and_the_config_last() {
        let t5_small = [
            ".gitattributes",
            "README.md",
            "config.json",
            "flax_model.msgpack",
            "generation_config.json",
            "model.safetensors",
            "onnx/model.safetensors",
            "pytorch_model.bin",
            "spiece.model",
            "tf_model.h5",
            "tokenizer.json",
            "tokenizer.json",
        ];
        let expected =
            ["generation_config.json", "spiece.model", "tokenizer.json", "model.safetensors", "config.json"];
        assert_eq!(files(&t5_small), Ok(expected.to_vec()));
    }

    #[test]
    fn weights_in_parts_and_of_pytorch() {
        let parts = [
            "config.json",
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "model-fp16.safetensors",
            "model-1-of-2.safetensors",
            "model-00001-of-00002/x.safetensors",
            "model.safetensors.index.json",
            "pytorch_model-00001-of-00002.bin",
            "pytorch_model.bin.index.json",
        ];
        assert_eq!(files(&parts), Ok(vec![parts[1], parts[2], parts[6], parts[0]]));
        assert_eq!(
            files(&["config.json", "pytorch_model.bin"]),
            Ok(vec!["pytorch_model.bin", "config.json"])
        );
        assert!(is_large(parts[1]) && is_large("pytorch_model.bin"));
        assert!(!is_large(parts[6]) && !is_large("config.json"));
    }

    #[test]
    fn what_is_lacking_is_named() {
        let lacking = |there: &[&str]| files(there).err().unwrap_or_default();
        assert!(
            lacking(&["config.json", "tf_model.h5"]).contains("no model.safetensors or pytorch_model.bin")
        );
        assert!(lacking(&["model.safetensors"]).contains("no config.json"));
    }

    #[test]
    fn names_that_lead_out_of_the_folder_are_refused() {
        for bad in [
            "../config.json",
            "/etc/passwd",
            "a/../../b",
            "./x",
            "a//b",
            "",
            "a\\..\\b",
            "model-/../../x.safetensors",
            "a\u{1b}[2J",
        ] {
            let message = files(&["config.json", "model.safetensors", bad]).err().unwrap_or_default();
            assert!(message.contains("within the model's folder"), "{bad:?}: {message}");
            assert!(!message.contains('\u{1b}'), "{bad:?}: {message:?}");
        }
        let long = format!("../{}", "x".repeat(10_000));
        assert!(files(&[&long]).err().is_some_and(|message| message.len() < 400));
    }

    #[test]
    fn a_commit_is_forty_digits() {
        let sha = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(commit("o/m", sha).ok().as_deref(), Some(sha));
        for bad in ["", "main", "../../x", &sha[1..], &sha.to_uppercase(), &format!("../{}", &sha[3..])] {
            let message = commit("o/m", bad).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(message.contains("40 lower-case hexadecimal digits"), "{bad}: {message}");
        }
    }
}
