#![allow(clippy::unwrap_used, reason = "a test fails by a panic and says why")]
use super::*;
use std::fs;

/// Every recipe names a base config and a baseline that are there. Its paths start from the root of the workspace, where it is run.
#[test]
fn every_recipe_lists_its_cells() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let recipes = [
        ("quick", 10, "fish-dip,seed=1", "full,seed=2"),
        ("keep", 12, "keep=0.001,seed=1", "keep=0.05,seed=3"),
        ("every", 12, "every=50,seed=1", "auto,seed=3"),
        ("hard-samples", 15, "hard_samples=1,seed=1", "hard_samples=500,seed=3"),
        ("methods", 45, "fish-dip,seed=1", "full,seed=3"),
        ("conll03-dynamic", 10, "fixed,seed=1", "fish-dip,seed=5"),
        ("conll03-every", 12, "every=50,seed=1", "auto,seed=3"),
        ("conll03-hard-samples", 21, "n=1,seed=1", "n=16-far-apart,seed=3"),
        ("conll03-keep", 27, "t5-small,1pct,keep=0.001,seed=1", "t5-large,10pct,keep=0.05,seed=1"),
        ("cost", 27, "full,source=32,batch_size=4,seed=1", "lora,source=128,batch_size=16,seed=1"),
        ("danish", 12, "fixed,seed=1", "full,seed=3"),
        ("paper", 57, "conll03-1pct,seed=1", "fewrel,seed=3"),
        ("active-quick", 6, "random,seed=1", "core-set,seed=2"),
        ("active-methods", 36, "full,random,seed=1", "fish-dip,entropy,seed=3"),
        ("active-trec", 90, "full,random,seed=1", "fish-dip,core-set,seed=5"),
        ("active-subj", 40, "full,random,seed=1", "fish-dip,entropy,seed=5"),
        ("active-sst", 40, "full,random,seed=1", "fish-dip,entropy,seed=5"),
        ("active-atis", 30, "full,random,seed=1", "fish-dip,entity-margin,seed=5"),
        ("active-conll03", 30, "full,random,seed=1", "fish-dip,entity-margin,seed=5"),
        ("active-paper", 350, "full,random,pretraining=none,seed=1", "fixed,dal,pretraining=pool,seed=5"),
        ("stopping", 30, "fish-dip,last,seed=1", "full,smoothest,seed=5"),
        ("trec-steps", 36, "full,steps=80,seed=1", "fish-dip,steps=320,seed=3"),
        ("insight", 30, "trec,full,seed=1", "conll03,fish-dip,seed=1"),
        ("options", 30, "all-pieces,seed=1", "auto,seed=5"),
        ("batches", 9, "8x400,seed=1", "2x1600,seed=3"),
        ("lengths", 27, "140-usual,seed=1", "1000-slower-most,seed=1"),
        ("rates", 9, "rule,seed=1", "third,seed=3"),
        ("fewrel", 40, "5way-1shot,seed=1", "10way-5shot,seed=10"),
    ];
    for (name, count, first, last) in recipes {
        let mut config = StudyConfig::load(&root.join(format!("configs/studies/{name}.toml"))).unwrap();
        config.base = root.join(config.base);
        let (groups, cells) = cells::cells(&config, Path::new("out")).unwrap();
        let names: Vec<&str> = cells.iter().map(|cell| cell.name.as_str()).collect();
        assert_eq!((names.len(), names[0], names[count - 1]), (count, first, last), "{name}");
        // Of several data sets none is what the others are compared with.
        let Some((baseline, place)) = config.baseline else { continue };
        assert!(group_called(&groups, &baseline, &place).is_ok(), "{name}: {baseline}");
    }
    let listed = fs::read_dir(root.join("configs/studies")).unwrap().count();
    assert_eq!(listed, recipes.len(), "a recipe is not listed here");
}
