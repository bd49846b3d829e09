//! What methods add to a model: without effect where it begins so, taken away without a trace, the same in decoding as in training.

use burn::tensor::{Device, Tensor};
use fishdip_peft::{
    Adaptable, AddedWeights, Addition, EntryCost, Ia3Config, LoraConfig, Mask, Placement, PrefixConfig,
    PromptConfig, Role, UniPeltConfig, Weight,
};
use fishdip_t5::{Batch, Dropout, Limits, Precision, T5};

use crate::golden_folder::{Golden, folder};

const VARIANTS: [&str; 2] = ["t5-tiny", "t5v1_1-tiny"];

fn load(variant: &str) -> T5 {
    T5::load(&folder(variant), Precision::F32, &Device::flex()).unwrap()
}

fn batch(variant: &str, device: &Device) -> Batch {
    let golden = Golden::read(variant);
    let [sources, targets] = ["input_ids", "labels"].map(|name| golden.rows(name, 0));
    let of = |rows: &[Vec<u32>]| rows.to_vec();
    let (sources, targets) = (of(&sources), of(&targets));
    let sources: Vec<&[u32]> = sources.iter().map(Vec::as_slice).collect();
    let targets: Vec<&[u32]> = targets.iter().map(Vec::as_slice).collect();
    Batch::new(&sources, &targets, 0, device)
}

fn logits(model: &T5, variant: &str) -> Vec<f32> {
    values(model.logits(&batch(variant, &Device::flex())))
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// One of each, small.
fn additions() -> Vec<Addition> {
    let bottleneck = |placement: Placement| {
        let mut config = placement.usual();
        config.reduction = 4;
        Addition::Bottleneck(config)
    };
    let lora = LoraConfig { rank: 2, alpha: 4.0, ..LoraConfig::default() };
    vec![
        Addition::Lora(LoraConfig { dora: true, ..lora.clone() }),
        Addition::Lora(LoraConfig { targets: vec!["o".into(), "wo".into()], ..lora }),
        Addition::Ia3(Ia3Config::default()),
        bottleneck(Placement::Houlsby),
        bottleneck(Placement::Pfeiffer),
        bottleneck(Placement::Parallel),
        Addition::Prefix(PrefixConfig { length: 3, bottleneck: 8 }),
        Addition::Prompt(PromptConfig { length: 3 }),
        unipelt(),
    ]
}

fn unipelt() -> Addition {
    let UniPeltConfig { targets, .. } = UniPeltConfig::default();
    Addition::UniPelt(UniPeltConfig {
        prefix_length: 3,
        prefix_bottleneck: 8,
        reduction: 4,
        rank: 2,
        targets,
    })
}

/// Moves every added weight a little, so that all have an effect.
fn disturb(model: &mut T5) {
    let mut number = 1_u32;
    for weight in model.weights_mut().into_iter().filter(|weight| weight.role() == Role::Added) {
        let values: Vec<f32> = weight.dense().into_data().iter::<f32>().collect();
        let moved: Vec<f32> = values
            .into_iter()
            .map(|value| {
                number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                value + (number >> 8) as f32 / (1 << 24) as f32 * 0.4 - 0.2
            })
            .collect();
        weight.assign_all(&moved);
    }
}

fn far(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn a_model_is_as_it_was_where_the_method_promises_it_and_when_all_is_taken_away() {
    for variant in VARIANTS {
        let mut model = load(variant);
        let before = logits(&model, variant);
        let entries = model.entries();
        for addition in additions() {
            model.add(&addition, 7).unwrap();
            assert_eq!(model.entries(), entries, "what is added is no entry of the model");
            let begun = far(&logits(&model, variant), &before);
            match &addition {
                // It divides and multiplies by the same lengths.
                Addition::Lora(lora) if lora.dora => assert!(begun < 1e-4, "{variant} {addition:?}: {begun}"),
                Addition::Lora(_) | Addition::Ia3(_) => {
                    assert!(begun == 0.0, "{variant} {addition:?}: {begun}");
                }
                Addition::Bottleneck(config) if config.placement == Placement::Parallel => {
                    assert!(begun == 0.0, "{variant} {addition:?}: {begun}");
                }
                // These begin with random values.
                Addition::Bottleneck(_)
                | Addition::Prefix(_)
                | Addition::Prompt(_)
                | Addition::UniPelt(_) => {}
            }
            disturb(&mut model);
            assert!(far(&logits(&model, variant), &before) > 1e-3, "{variant} {addition:?} has no effect");
            model.remove_additions();
            assert_eq!(logits(&model, variant), before, "{variant} {addition:?} left something");
        }
    }
}

#[test]
fn what_can_be_merged_gives_the_same_logits_and_the_rest_is_refused() {
    for variant in VARIANTS {
        for addition in additions() {
            let mut model = load(variant);
            model.add(&addition, 7).unwrap();
            disturb(&mut model);
            let apart = logits(&model, variant);
            let merged = model.merge_additions();
            if matches!(&addition, Addition::Lora(_) | Addition::Ia3(_)) {
                merged.unwrap();
                assert!(model.weights().iter().all(|weight| weight.role() == Role::Base));
                let difference = far(&logits(&model, variant), &apart);
                assert!(difference < 1e-4, "{variant} {addition:?}: {difference}");
            } else {
                let refused = merged.unwrap_err().to_string();
                assert!(refused.contains(addition.name()), "{refused}");
                let folder = tempfile::tempdir().unwrap();
                assert!(model.save(&folder.path().join("out")).unwrap_err().to_string().contains("merge"));
            }
        }
    }
}

#[test]
fn decoding_piece_by_piece_writes_what_the_whole_says() {
    for variant in VARIANTS {
        for addition in additions() {
            let mut model = load(variant);
            model.add(&addition, 7).unwrap();
            disturb(&mut model);
            let device = Device::flex();
            let golden = Golden::read(variant);
            let sources = golden.rows("input_ids", 0);
            let limits = Limits { pieces: 10, draft: 8, keep_going: &|| true };
            let outputs = model.generate(&batch(variant, &device), &limits).unwrap().sequences;
            for (source, output) in sources.iter().zip(outputs) {
                let mut target = output.ids.clone();
                target.extend(output.finished.then_some(1));
                let alone = Batch::new(&[source.as_slice()], &[target.as_slice()], 0, &device);
                let logits = model.logits(&alone);
                let best =
                    logits.argmax(2).into_data().iter::<i64>().map(|id| id as u32).collect::<Vec<u32>>();
                assert_eq!(best, target, "{variant} {addition:?}");
            }
        }
    }
}

#[test]
fn every_added_weight_gets_a_gradient_and_no_other_does() {
    for addition in additions() {
        let mut model = load("t5v1_1-tiny");
        model.add(&addition, 7).unwrap();
        disturb(&mut model);
        let mask = Mask::added(&model);
        mask.apply(&mut model, EntryCost::USUAL);
        model.weights_mut().into_iter().for_each(Weight::watch);
        let device = Device::flex().autodiff();
        let mut gradients = model.loss(&batch("t5v1_1-tiny", &device), &Dropout::none()).mean().backward();
        for weight in model.weights_mut() {
            let gradient = weight.take_gradient(&mut gradients);
            match weight.role() {
                Role::Base => assert!(gradient.is_none(), "{}", weight.path()),
                Role::Added => {
                    let sum = values(gradient.unwrap().abs().sum())[0];
                    assert!(sum > 0.0, "{addition:?}: {} has no gradient", weight.path());
                }
            }
        }
    }
}

#[test]
fn values_go_into_a_file_s_order_and_back() {
    for addition in additions() {
        let mut model = load("t5-tiny");
        model.add(&addition, 7).unwrap();
        disturb(&mut model);
        let saved = AddedWeights::extract(&model);
        let apart = logits(&model, "t5-tiny");
        let mut other = load("t5-tiny");
        other.add(&addition, 8).unwrap();
        saved.apply(&mut other).unwrap();
        assert_eq!(logits(&other, "t5-tiny"), apart, "{addition:?}");
        // Of another method.
        other.add(&Addition::Prompt(PromptConfig { length: 5 }), 7).unwrap();
        assert!(saved.apply(&mut other).is_err());
    }
}

#[test]
fn gates_look_at_their_own_position_alone() {
    let device = Device::flex();
    let mut model = load("t5-tiny");
    model.add(&unipelt(), 7).unwrap();
    disturb(&mut model);
    let of = |sources: &[&[u32]], targets: &[&[u32]]| {
        let logits = model.logits(&Batch::new(sources, targets, 0, &device));
        let [_, _, pieces] = logits.dims();
        (values(logits), pieces)
    };
    let (source, target) = ([5, 9, 30, 1], [7, 8, 20, 33, 1]);
    let (alone, pieces) = of(&[&source], &[&target]);
    // Neither what is written later nor the padding beside a longer row changes what comes before.
    let (begun, _) = of(&[&source], &[&target[..3]]);
    assert!(far(&begun, &alone[..3 * pieces]) < 1e-5);
    let longer = [4, 8, 15, 16, 23, 42, 11, 3, 1];
    let (padded, _) = of(&[&source, &longer], &[&target, &longer]);
    assert!(far(&padded[..5 * pieces], &alone) < 1e-4);
}

#[test]
fn what_is_added_to_some_blocks_stands_in_these_alone() {
    let sites = ["encoder.block.1".to_owned(), "decoder.block.0".to_owned()];
    for addition in additions() {
        let mut model = load("t5-tiny");
        let before = logits(&model, "t5-tiny");
        model.add(&addition, 7).unwrap();
        assert!(model.sites().is_empty());
        let everywhere = AddedWeights::extract(&model);
        let placed = model.add_at(&addition, &sites, 7);
        if !addition.has_sites() {
            assert!(placed.unwrap_err().to_string().contains("no single block"), "{addition:?}");
            continue;
        }
        placed.unwrap();
        let some = AddedWeights::extract(&model);
        let is_there =
            |path: &str| path.starts_with("encoder.block.1.") || path.starts_with("decoder.block.0.");
        let expected = everywhere.tensors.into_iter().filter(|(path, _)| is_there(path));
        assert_eq!(some.tensors, expected.collect(), "{addition:?}");
        assert!(!some.tensors.is_empty());
        disturb(&mut model);
        assert!(far(&logits(&model, "t5-tiny"), &before) > 1e-3, "{addition:?} has no effect");
        model.remove_additions();
        assert!(model.sites().is_empty());
        assert_eq!(logits(&model, "t5-tiny"), before, "{addition:?} left something");
    }
    let unknown = ["encoder.block.2".to_owned()];
    let refused = load("t5-tiny").add_at(&Addition::Lora(LoraConfig::default()), &unknown, 7);
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("`encoder.block.2`") && refused.contains("`decoder.block.1`"), "{refused}");
}

#[test]
fn values_follow_from_the_seed() {
    let of = |seed| {
        let mut model = load("t5-tiny");
        model.add(&Addition::Lora(LoraConfig::default()), seed).unwrap();
        AddedWeights::extract(&model)
    };
    assert_eq!(of(3), of(3));
    assert_ne!(of(3), of(4));
}

#[test]
fn what_the_model_has_no_place_for_is_refused() {
    let mut model = load("t5-tiny");
    let refused = |model: &mut T5, addition| model.add(&addition, 1).unwrap_err().to_string();
    let lora = |targets: &[&str], rank| {
        let targets = targets.iter().map(|&name| name.to_owned()).collect();
        Addition::Lora(LoraConfig { targets, rank, ..LoraConfig::default() })
    };
    assert!(refused(&mut model, lora(&["query"], 2)).contains("`k`, `o`, `q`, `v`, `wi`, `wo`"));
    assert!(refused(&mut model, lora(&["wi_0"], 2)).contains("\"wi_0\""));
    assert!(refused(&mut model, lora(&[], 2)).contains("empty"));
    assert!(refused(&mut model, lora(&["q"], 0)).contains("rank of 0"));
    assert!(refused(&mut model, lora(&["q"], 1000)).contains("lower"));
    let mut bottleneck = Placement::Houlsby.usual();
    bottleneck.reduction = 10_000;
    assert!(refused(&mut model, Addition::Bottleneck(bottleneck)).contains("reduction"));
    let unipelt = |change: fn(&mut UniPeltConfig)| {
        let mut config = UniPeltConfig::default();
        change(&mut config);
        Addition::UniPelt(config)
    };
    assert!(refused(&mut model, unipelt(|config| config.rank = 0)).contains("`method.unipelt.rank`"));
    assert!(refused(&mut model, unipelt(|config| config.rank = 1000)).contains("`method.unipelt.rank`"));
    assert!(
        refused(&mut model, unipelt(|config| config.reduction = 1000)).contains("`method.unipelt.reduction`")
    );
    assert!(
        refused(&mut model, unipelt(|config| config.targets.clear())).contains("`method.unipelt.targets`")
    );
    let prompt = Addition::Prompt(PromptConfig { length: 1_000_000 });
    assert!(refused(&mut model, prompt).contains("vocabulary"));
    assert!(model.addition().is_none());
}
