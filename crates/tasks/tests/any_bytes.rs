//! Whatever a file holds, a reader gives examples or errors, and ends.

#![allow(clippy::unwrap_used)]

use fishdip_tasks::Quirks;
use fishdip_tasks::read::{Format, ReadOptions};
use fishdip_tasks::tags::TagScheme;
use proptest::prelude::*;

/// A line of each layout, to be cut, repeated and mixed with anything.
const PARTS: &[&str] = &[
    "EU B-ORG\n",
    "\n",
    "# sent_id = 1\n",
    "#begin document (a); part 0\n",
    "a\t0\t1\tword\tNN\t-\t(0|(1)\t1)\n",
    "1\tHe\the\tPRON\t_\t_\t2\tnsubj\t_\t_\tY\teat.01\tA0\n",
    "{\"tokens\":[\"a\",\"b\"],\"entities\":[{\"type\":\"X\",\"start\":0,\"end\":2}]}\n",
    "{\"text\":\"a b\",\"spans\":[{\"start\":0,\"end\":9,\"label\":\"X\"}]}\n",
    "[{\"tokens\":[\"a\"],\"entities\":[],\"relations\":[{\"type\":\"r\",\"head\":3,\"tail\":0}]}]",
    "[{\"data\":{\"text\":\"\u{1f980}\"},\"annotations\":[{\"result\":[{\"type\":\"labels\",\"value\":{\"start\":1,\"end\":0}}]}]}]",
    "{\"P1\":[{\"tokens\":[\"a\"],\"h\":[\"a\",\"Q\",[[0]]],\"t\":[\"a\",\"Q\",[[9]]]}]}",
    "{\"d\":{\"log\":[{\"text\":\"hi\"},{\"text\":\"\",\"metadata\":{\"hotel\":{\"semi\":{\"area\":[1]}}}}]}}",
    "{\"P1\":[{\"tokens\":[\"a\"],\"h\":[\"a\",\"Q\",[[18446744073709551615]]],\"t\":[\"a\",\"Q\",[[0]]]}]}",
    "{\"token\":[\"a\"],\"h\":{\"name\":\"a\",\"pos\":[0,18446744073709551615]},\"t\":{\"pos\":[1,0]},\"relation\":\"r\"}\n",
    "{\"text\":\"a b\",\"h\":{\"pos\":[0,1]},\"t\":{\"pos\":[1,2]},\"relation\":\"r\"}\n",
    "[{\"dialogue_id\":\"a\",\"turns\":[{\"speaker\":\"USER\",\"utterance\":\"a\",\"frames\":[{\"service\":\"s\",\"state\":{\"slot_values\":{\"s-\":[\"\"]}}}]}]}]",
    "{\"tokens\":[\"a\",\"b\"],\"ner_tags\":[0,\"I-\"]}\n",
    "{\"features\":{\"ner_tags\":{\"names\":[\"O\",1]}}}\n",
    "{\"text\":\"a b a\",\"triple_list\":[[\"a\",\"r\",\"b a\"],[\"\",\"r\",\"a\"]]}\n",
    "1\t\"<e1>a</e1> <e2></e2>\"\nOther\n",
    "[1, {\"a\": [",
    "123|a|b|0|99|c|5|1\n",
    "0 He ate it ||| A0 V A1\n",
    "ENTY:x What\n",
];

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        3 => prop::sample::select(PARTS).prop_map(|part| part.as_bytes().to_vec()),
        1 => (prop::sample::select(PARTS), 0..40usize).prop_map(|(part, end)| part.as_bytes()[..end.min(part.len())].to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn no_reader_panics(bytes in bytes()) {
        let folder = tempfile::tempdir().unwrap();
        // For the layout of three files.
        for name in ["file", "seq.in", "seq.out", "label"] {
            std::fs::write(folder.path().join(name), &bytes).unwrap();
        }
        for &format in Format::ALL {
            let path = if format == Format::Intents { folder.path().to_owned() } else { folder.path().join("file") };
            for scheme in [TagScheme::Auto, TagScheme::Iob1, TagScheme::Iobes, TagScheme::Reference] {
                for quirks in [Quirks::NONE, Quirks::ALL] {
                    let Ok(examples) = format.read(&path, &ReadOptions::new(scheme, quirks)) else { continue };
                    // What was read can be used.
                    for example in examples.take(1000).flatten() {
                        prop_assert!(example.check().is_ok(), "{format:?}: {example:?}");
                        let _ = example.chars();
                    }
                }
            }
        }
    }
}
