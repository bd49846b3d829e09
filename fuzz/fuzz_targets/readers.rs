//! Whatever a file holds, a reader gives usable examples or errors. The first byte chooses the format.

#![no_main]

use std::io::Cursor;
use std::path::Path;

use fishdip_tasks::Quirks;
use fishdip_tasks::read::{Format, ReadOptions};
use fishdip_tasks::tags::TagScheme;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&first, file)) = data.split_first() else { return };
    let format = Format::ALL[first as usize % Format::ALL.len()];
    for quirks in [Quirks::NONE, Quirks::ALL] {
        let reader = Cursor::new(file.to_vec());
        let Ok(examples) = format.read_from(reader, Path::new("file"), &ReadOptions::new(TagScheme::Auto, quirks)) else { continue };
        for example in examples.take(1000).flatten() {
            assert!(example.check().is_ok());
            let _ = example.chars();
        }
    }
});
