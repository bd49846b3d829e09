//! Files that pyarrow wrote, and what is none.

#![allow(clippy::unwrap_used)]
#[cfg(feature = "parquet")]
use parquet::basic::Compression as Codec;
use std::fs;
use std::io::Cursor;

use crate::TaskKind;
use crate::read::{Format, PredictionInput, ReadOptions, UnreadInput};
#[cfg(feature = "parquet")]
use crate::tags::TagScheme;

type Inputs = Vec<Result<PredictionInput, UnreadInput>>;

fn bytes(name: &str) -> Vec<u8> {
    fs::read(format!("../../fixtures/parquet/{name}.parquet")).unwrap()
}

fn inputs(format: Format, bytes: &[u8], options: &ReadOptions) -> crate::Result<(Inputs, Vec<String>)> {
    let reader = Cursor::new(bytes.to_vec());
    let mut found = format.prediction_inputs(reader, "f".as_ref(), options, TaskKind::Ner)?;
    let inputs = found.by_ref().collect();
    let notes = found.notes().take().into_iter().map(|note| note.detail);
    Ok((inputs, notes.collect()))
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_program_without_the_reader_says_so() {
    let error = inputs(Format::Auto, &bytes("texts-snappy"), &ReadOptions::default()).err().unwrap();
    assert!(error.to_string().contains("the feature parquet"), "{error}");
}

#[cfg(feature = "parquet")]
#[test]
fn columns_of_bytes_are_left_out_whole() {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let row = |text: &str, picture: Option<&str>| vec![Some(text.to_owned()), picture.map(str::to_owned)];
    let rows = vec![row("Ann", Some("some bytes are a text")), row("Bo", None)];
    let table = super::without_bytes(names(&["text", "picture"]), rows, Vec::new());
    assert_eq!((table.header, table.bytes), (names(&["text"]), names(&["picture"])));
    assert_eq!(table.rows, [["Ann"], ["Bo"]]);
}

#[cfg(feature = "parquet")]
#[test]
fn rows_are_texts_with_the_other_columns() {
    for codec in ["none", "snappy", "zstd", "gzip"] {
        let bytes = bytes(&format!("texts-{codec}"));
        for format in [Format::Auto, Format::Parquet] {
            let (inputs, notes) = inputs(format, &bytes, &ReadOptions::default()).unwrap();
            let inputs: Vec<_> = inputs.into_iter().map(Result::unwrap).collect();
            let texts: Vec<_> = inputs.iter().map(|input| input.example.text.as_deref().unwrap()).collect();
            assert_eq!(
                texts,
                ["Ann left Rome .", "She said \"no\", then\nleft .", "Été à Oslo ."],
                "{codec}"
            );
            let fields: Vec<_> = inputs.iter().map(|input| input.fields.to_string()).collect();
            assert_eq!(
                fields,
                [
                    r#"{"id":"0","doc":"7","label":"move","weight":"0.5","day":"1970-01-01"}"#,
                    r#"{"id":"1","doc":"8","label":"move","weight":"-0.00000000000000000001","day":"1971-01-01"}"#,
                    r#"{"id":"2","doc":"9","label":"","weight":"","day":""}"#,
                ],
                "{codec}"
            );
            assert_eq!(inputs[2].example.origin.as_ref().unwrap().line(), 3, "the third row");
            assert!(
                notes.contains(&"columns of lists and records are left out (tags)".to_owned()),
                "{notes:?}"
            );
        }
    }
}

#[cfg(feature = "parquet")]
#[test]
fn rows_are_examples_of_classes() {
    let path = std::path::Path::new("../../fixtures/parquet/texts-snappy.parquet");
    let options = ReadOptions { task: Some(TaskKind::TextClassification), ..ReadOptions::default() };
    let examples: Vec<_> =
        Format::Auto.read(path, &options).unwrap().map(|example| example.unwrap().label).collect();
    // The last row has none, and is left out.
    assert_eq!(examples, [Some("move".to_owned()), Some("move".to_owned())]);
    let options = ReadOptions { text_key: Some("label".to_owned()), ..ReadOptions::default() };
    let (inputs, _) = inputs(Format::Parquet, &bytes("texts-snappy"), &options).unwrap();
    assert_eq!(inputs[0].as_ref().unwrap().example.text.as_deref(), Some("move"));
    let null = inputs[2].as_ref().unwrap();
    assert_eq!(
        null.example.text.as_deref(),
        Some(""),
        "a null, to which the answer is that nothing is there"
    );
}

#[cfg(feature = "parquet")]
#[test]
fn what_is_not_read_is_told_with_what_to_do() {
    let default = ReadOptions::default;
    let message = |bytes: &[u8], options: &ReadOptions| {
        inputs(Format::Parquet, bytes, options).err().unwrap().to_string()
    };
    let tokens = message(&bytes("tokens"), &default());
    assert!(
        tokens.contains("no column of texts") && tokens.contains("tokens, ner_tags hold lists"),
        "{tokens}"
    );
    let named = ReadOptions { text_key: Some("tags".to_owned()), ..default() };
    let named = message(&bytes("texts-zstd"), &named);
    assert!(named.contains("no column \"tags\"") && named.contains("to_json()"), "{named}");
    let brotli = message(&bytes("texts-brotli"), &default());
    for says in ["f as Parquet: its column \"doc\" is compressed with brotli", "write it anew with snappy"] {
        assert!(brotli.contains(says), "{brotli}");
    }
    assert_eq!(
        [Codec::LZ4, Codec::LZ4_RAW, Codec::LZO].map(super::not_built_in),
        ["lz4", "lz4", "lzo"].map(Some)
    );
    let text = message(b"text,label\na,b\n", &default());
    assert!(text.contains("as Parquet"), "{text}");
    assert!(message(b"", &default()).contains("no example"));
}

#[cfg(feature = "parquet")]
#[test]
fn damage_is_an_error_or_another_value_and_never_a_panic() {
    let whole = bytes("texts-snappy");
    let options = ReadOptions { scheme: TagScheme::Unlabelled, ..ReadOptions::default() };
    for end in 0..whole.len() {
        assert!(inputs(Format::Parquet, &whole[..end], &options).is_err(), "cut at {end}");
    }
    for at in 0..whole.len() {
        for bits in [0x01, 0x80, 0xff] {
            let mut damaged = whole.clone();
            damaged[at] ^= bits;
            _ = inputs(Format::Parquet, &damaged, &options);
        }
    }
}
