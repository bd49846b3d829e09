//! Whatever a file holds, a reader gives examples or errors, and ends.

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
    "[{\"id\":1,\"data\":{\"text\":\"a b\"},\"annotations\":[{\"result\":[{\"id\":\"x\",\"type\":\"labels\",\"value\":{\"start\":0,\"end\":1,\"labels\":[\"X\"]}},{\"type\":\"relation\",\"from_id\":\"x\",\"to_id\":\"x\",\"direction\":\"bi\"}]}]}]",
    "{\"text\":\"a b\",\"label\":[[0,1,\"X\"]]}\n",
    "{\"text\":\"a b\",\"entities\":[{\"id\":1,\"label\":\"X\",\"start_offset\":0,\"end_offset\":9}],\"relations\":[{\"from_id\":1,\"to_id\":1,\"type\":\"r\"}]}\n",
    "{\"text\":\"a b\",\"spans\":[{\"start\":0,\"end\":1,\"label\":\"X\",\"token_start\":0,\"token_end\":0}],\"relations\":[{\"head\":0,\"child\":9,\"label\":\"r\"}],\"answer\":\"accept\"}\n",
    "[\"a b\", {\"entities\": [[0, 3, \"X\"]], \"cats\": {\"c\": 1}}]\n",
    "[{\"paragraphs\":[{\"sentences\":[{\"tokens\":[{\"orth\":\"a\",\"ner\":\"B-X\"},{\"orth\":\" \",\"ner\":\"O\"},{\"orth\":\"b\",\"ner\":\"L-X\"}]}]}]}]",
    "T1\tX 0 1;2 3\ta b\nT2\tY 4 5\nR1\tr Arg1:T1 Arg2:T2\nE1\tZ:T2 Who:T1 Why:E1\n",
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
        // For the layouts of several files.
        for name in ["file", "seq.in", "seq.out", "label", "file.txt", "file.ann"] {
            std::fs::write(folder.path().join(name), &bytes).unwrap();
        }
        for &format in Format::ALL {
            let is_folder = matches!(format, Format::Intents | Format::Brat);
            let path = if is_folder { folder.path().to_owned() } else { folder.path().join("file") };
            for scheme in [TagScheme::Auto, TagScheme::Iob1, TagScheme::Iobes, TagScheme::Reference] {
                for quirks in [Quirks::NONE, Quirks::ALL] {
                    let options = ReadOptions::new(scheme, quirks).only_for(format);
                    let Ok(examples) = format.read(&path, &options) else { continue };
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
