//! The reader on the real CoNLL-2003 files, where they are at hand.

use std::collections::BTreeMap;
use std::path::Path;

use fishdip_tasks::read::ConllReader;
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::{Example, Mode, Schema, Task};

use crate::support::corpora;

fn read(file: &Path, scheme: TagScheme) -> (Vec<Example>, TagScheme) {
    let mut reader = ConllReader::open(file, scheme).unwrap();
    let examples = reader.by_ref().collect::<Result<_, _>>().unwrap();
    (examples, reader.scheme())
}

fn support(examples: &[Example]) -> BTreeMap<&str, usize> {
    let mut support = BTreeMap::new();
    for entity in examples.iter().flat_map(|example| &example.entities) {
        *support.entry(entity.label.as_str()).or_default() += 1;
    }
    support
}

#[test]
fn counts_are_the_published_ones() {
    let Some(data) = corpora() else { return };
    let folder = data.join("conll2003");
    let [train, testa, testb] = ["eng.train", "eng.testa", "eng.testb"].map(|name| {
        let (examples, scheme) = read(&folder.join(name), TagScheme::Auto);
        assert_eq!(scheme, TagScheme::Iob1, "{name}");
        assert_eq!(read(&folder.join(name), TagScheme::Reference).0, examples, "{name}");
        examples
    });
    assert_eq!([train.len(), testa.len(), testb.len()], [14_041, 3_250, 3_453]);
    let expected = [("LOC", 7140), ("MISC", 3438), ("ORG", 6321), ("PER", 6600)];
    assert_eq!(support(&train), BTreeMap::from(expected));
    assert_eq!(support(&testb).values().sum::<usize>(), 5_648);

    let task = Task::ner(Schema::conll03(), Mode::Fixed);
    let decoded: Vec<_> =
        testb.iter().map(|example| task.decode(example, &task.encode(example).unwrap().target)).collect();
    let report = task.score(testb.iter().zip(&decoded));
    let score = report.spans().unwrap();
    assert_eq!((score.f1, score.precision, score.recall, score.n), (1.0, 1.0, 1.0, 5_648));
    assert!(decoded.iter().all(|decoded| decoded.repairs.is_empty()));
}
