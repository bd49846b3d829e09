//! Whatever a model writes, it can be decoded, and what is found lies within the sentence. The first byte chooses task and mode; the first line are
//! the tokens, the rest is the output.

#![no_main]

use fishdip_tasks::{Example, Mode, Schema, Task, TaskKind};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&first, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let (tokens, output) = text.split_once('\n').unwrap_or((&text, ""));
    let kinds = TaskKind::ALL;
    let mode = if first & 0x80 == 0 { Mode::Fixed } else { Mode::Reference };
    let task = Task::new(kinds[first as usize % kinds.len()], Schema::open(), mode);
    let example = Example::new(tokens.split_whitespace());
    if example.check().is_err() {
        return;
    }
    let decoded = task.decode(&example, output);
    for span in decoded.spans() {
        assert!(span.start < span.end && span.end <= example.tokens.len());
    }
    let _ = task.score([(&example, &decoded)]);
});
