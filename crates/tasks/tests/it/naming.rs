//! The naming rules over the labels of real data sets, where they are at hand.

use std::collections::BTreeMap;
use std::path::Path;

use fishdip_tasks::{Naming, Schema};

use crate::support::corpora;

fn lines(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().filter(|line| !["PAD", "UNK", "O"].contains(line)).map(str::to_owned).collect()
}

#[test]
fn labels_keep_apart() {
    let Some(data) = corpora() else { return };
    for (folder, naming, slots, intents) in [("atis", Naming::Atis, 79, 21), ("snips", Naming::Snips, 39, 7)]
    {
        let mut labels: Vec<String> =
            lines(&data.join(folder).join("slot_label.txt")).iter().map(|tag| tag[2..].to_owned()).collect();
        labels.sort();
        labels.dedup();
        let schema = Schema::declared(labels, Vec::new(), naming).unwrap();
        let classes = lines(&data.join(folder).join("intent_label.txt"));
        let schema =
            schema.with_classes(classes.iter().map(|label| (label.clone(), naming.name(label)))).unwrap();
        assert_eq!((schema.entities().len(), schema.classes().len()), (slots, intents), "{folder}");
        assert!(schema.classes().all(|(_, name)| !name.contains('_')), "{folder}");
    }

    let nyt: Vec<BTreeMap<String, serde_json::Value>> =
        serde_json::from_str(&std::fs::read_to_string(data.join("nyt/rel2id.json")).unwrap()).unwrap();
    let schema =
        Schema::declared(Vec::new(), nyt[1].keys().cloned().collect::<Vec<String>>(), Naming::Nyt).unwrap();
    assert_eq!(schema.relation_name("/people/person/place_of_birth"), Some("place of birth"));
    assert_eq!(schema.relations().len(), 24);

    let fewrel =
        Schema::fewrel(&std::fs::read_to_string(data.join("fewrel/pid2name.json")).unwrap()).unwrap();
    assert_eq!(fewrel.relation_name("P607"), Some("conflict"));
}
