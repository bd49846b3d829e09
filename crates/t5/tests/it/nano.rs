//! The bundled model: tokenizer and greedy output against PyTorch `transformers`.

use burn::tensor::Device;
use fishdip_t5::{Batch, Limits, Precision, T5, Tokenizer};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn fixture(path: &str) -> PathBuf {
    Path::new("../../fixtures").join(path)
}

fn ids(value: &Value) -> Vec<u32> {
    value.as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32).collect()
}

fn limits(pieces: usize) -> Limits<'static> {
    Limits { pieces, draft: 8, keep_going: &|| true }
}

#[test]
fn twenty_sentences() {
    let device = Device::flex();
    let folder = fixture("models/t5-nano");
    let model = T5::load(&folder, Precision::F32, &device).unwrap();
    let tokenizer = Tokenizer::load(&folder, model.config()).unwrap();
    let golden = std::fs::read_to_string(fixture("golden/t5-nano-greedy.jsonl")).unwrap();
    let golden: Vec<Value> = golden.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(golden.len(), 20);
    let sources: Vec<Vec<u32>> =
        golden.iter().map(|g| tokenizer.encode(g["text"].as_str().unwrap()).unwrap()).collect();
    for (source, g) in sources.iter().zip(&golden) {
        assert_eq!(source, &ids(&g["input_ids"]), "{}", g["text"]);
    }
    for (sources, golden) in sources.chunks(8).zip(golden.chunks(8)) {
        let rows: Vec<&[u32]> = sources.iter().map(Vec::as_slice).collect();
        let outputs = model.generate(&Batch::new(&rows, &[], 0, &device), &limits(96)).unwrap().sequences;
        for (output, g) in outputs.iter().zip(golden) {
            let theirs = ids(&g["output_ids"]);
            assert_eq!((theirs.split_last().unwrap().1, output.finished), (output.ids.as_slice(), true));
            let (text, pieces) = tokenizer.decode(&output.ids);
            assert_eq!(text, g["output"].as_str().unwrap());
            assert_eq!((pieces.len(), pieces.last().unwrap().end), (output.ids.len(), text.len()));
        }
    }
}

#[test]
fn what_the_vocabulary_lacks_is_named() {
    let device = Device::flex();
    let folder = fixture("models/t5-nano");
    let model = T5::load(&folder, Precision::F32, &device).unwrap();
    let tokenizer = Tokenizer::load(&folder, model.config()).unwrap();
    assert_eq!(tokenizer.lost("a plain sentence .").unwrap(), []);
    let lost = tokenizer.lost("up ⛰ there").unwrap();
    assert_eq!(lost.len(), 1);
    assert!(lost[0].text.contains('⛰') && lost[0].chars.contains(&3), "{lost:?}");
}
