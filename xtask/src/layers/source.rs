//! What library code never does: print, read the environment, exit, pick a device.

use super::{LAYERS, Layer, blank};

/// Something that library code must not say, and the rule behind it.
struct Banned {
    words: &'static [&'static str],
    rule: &'static str,
}

const LIBRARY: &[Banned] = &[
    Banned {
        words: &["println!", "print!", "eprintln!", "eprint!", "dbg!"],
        rule: "a library does not print; use tracing or return the text",
    },
    Banned {
        words: &[
            "std::env",
            "env::var",
            "env::vars",
            "env::var_os",
            "env::args",
            "env::current_dir",
            "env::temp_dir",
        ],
        rule: "a library does not read the environment; take it as an argument",
    },
    Banned { words: &["process::exit", "process::abort"], rule: "a library does not exit; return an error" },
    Banned {
        words: &[
            "Device::flex",
            "Device::ndarray",
            "Device::cpu",
            "Device::libtorch",
            "Device::libtorch_cuda",
            "Device::libtorch_mps",
            "Device::libtorch_vulkan",
            "Device::wgpu",
            "Device::vulkan",
            "Device::metal",
            "Device::webgpu",
            "Device::cuda",
            "Device::rocm",
            "Device::default",
        ],
        rule: "a library does not pick a device; only `crates/cli` and tests do",
    },
];

/// Broken rules in the file at `path`, as `path:line: rule`.
pub(super) fn check(path: &str, text: &str) -> Vec<String> {
    let Some(inner) = library_source(path) else { return Vec::new() };
    if is_test(inner) || text.contains("#![cfg(test)]") {
        return Vec::new();
    }
    let code = blank::tests(&blank::comments_and_texts(text));
    let mut broken = Vec::new();
    for (number, line) in code.lines().enumerate() {
        for Banned { words, rule } in LIBRARY {
            if let Some(word) = words.iter().find(|word| says(line, word)) {
                broken.push(format!("{path}:{}: `{word}`: {rule}", number + 1));
            }
        }
    }
    broken
}

/// The path below `src`, for a file of a library.
fn library_source(path: &str) -> Option<&str> {
    let layer = |layer: &&Layer| layer.library && path.starts_with(&format!("{}/src/", layer.folder));
    let folder = LAYERS.iter().find(layer)?.folder;
    path.get(folder.len() + "/src/".len()..)
}

/// Modules of tests in files of their own.
fn is_test(inner: &str) -> bool {
    inner.split('/').any(|part| part == "tests" || part == "tests.rs")
}

/// True if `word` stands in `line` as a whole word. `std::env!` is not `std::env`: it is read by the compiler.
fn says(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let cut = word.ends_with('!') || !after.is_some_and(|c| blank::is_word(c) || c == '!');
        cut && !before.is_some_and(blank::is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    const PATH: &str = "crates/tasks/src/codec.rs";

    fn broken_lines(text: &str) -> Vec<usize> {
        let line = |message: &String| message.split(':').nth(1).and_then(|number| number.parse().ok());
        check(PATH, text).iter().filter_map(line).collect()
    }

    #[test]
    fn each_planted_violation_is_found_on_its_line() {
        let planted = [
            "println!(\"a\");",
            "    eprint! {\"a\"}",
            "let x = dbg!(y);",
            "let home = std::env::var(\"HOME\");",
            "use std::env;",
            "let home = env::var_os(name);",
            "std::process::exit(1)",
            "let device = Device::default();",
            "let device = burn::tensor::Device::libtorch_cuda(0);",
        ];
        for line in planted {
            assert_eq!(broken_lines(&format!("fn f() {{\n{line}\n}}\n")), [2], "{line}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_left_alone() {
        let harmless = [
            "// println! is not used here",
            "/// `std::env::var` is not read.",
            "let text = \"process::exit\";",
            "let version = env!(\"CARGO_PKG_VERSION\");",
            "let version = std::env!(\"CARGO_PKG_VERSION\");",
            "my_println!(x);",
            "let device = tensor.device();",
            "let kind = MyDevice::flex();",
            "use std::environment;",
        ];
        assert_eq!(broken_lines(&harmless.join("\n")), [0_usize; 0]);
    }

    #[test]
    fn tests_and_the_binary_may() {
        let text = "fn f() {}\n#[cfg(test)]\nmod tests {\n fn g() { println!(); Device::flex(); }\n}\n";
        assert_eq!(broken_lines(text), [0_usize; 0]);
        assert_eq!(broken_lines(&format!("{text}fn h() {{ dbg!(1); }}")), [6]);
        for path in
            ["crates/tasks/tests/conll.rs", "crates/tasks/src/codec/tests.rs", "crates/cli/src/main.rs"]
        {
            assert!(check(path, "fn f() { println!() }").is_empty(), "{path}");
        }
    }

    #[test]
    fn the_message_names_place_and_rule() {
        let messages = check(PATH, "println!();");
        assert_eq!(
            messages,
            [
                "crates/tasks/src/codec.rs:1: `println!`: a library does not print; use tracing or return the text"
            ]
        );
    }
}
