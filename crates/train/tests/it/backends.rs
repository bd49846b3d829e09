//! Every backend trains like the pure Rust one: the same entries, nearly the same losses.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use fishdip_peft::Adapter;
use fishdip_train::{Event, HubCache, Interrupter, RunConfig, RunPath, Runtime, Sink, train};

/// Enough for a difference to grow; a software driver takes seconds for each.
const STEPS: usize = 20;

/// The variable that names the backend beside Flex: one build may hold several.
const BACKEND: &str = "FISHDIP_TEST_BACKEND";

/// The backend that the environment asks for, else one that this build has.
#[allow(clippy::panic, reason = "there is no test without its device")]
fn other() -> (String, Device) {
    let usual = if cfg!(feature = "tch") { "tch" } else { "wgpu" };
    let name = std::env::var(BACKEND).unwrap_or_else(|_| usual.to_owned());
    let device = match name.as_str() {
        #[cfg(feature = "tch")]
        #[allow(deprecated, reason = "burn's last release that has LibTorch is pinned for it")]
        "tch" => Device::libtorch(),
        #[cfg(feature = "wgpu")]
        "wgpu" => Device::wgpu(burn::tensor::DeviceKind::default()),
        other => panic!("these tests were built without the backend `{other}`"),
    };
    (name, device)
}

#[derive(Default)]
struct Losses(Vec<f32>);

impl Sink for Losses {
    fn event(&mut self, event: &Event) {
        if let Event::Step { loss, .. } = event {
            self.0.push(*loss);
        }
    }
}

/// The losses of a short training, and the entries that were trained.
fn run(folder: &Path, name: &str, device: &Device) -> (Vec<f32>, BTreeSet<(String, u32)>) {
    let root = PathBuf::from("../..");
    let path = |key: &str, path: &str| format!("{key}={}", root.join(path).display());
    let overrides = [
        path("model.path", "fixtures/models/t5-nano"),
        path("data.dir", "fixtures/data/quickstart"),
        format!("training.steps={STEPS}"),
        // Random numbers differ between backends.
        "training.dropout=0.0".into(),
        "data.train_examples=64".into(),
        "data.eval_examples=2".into(),
        "evaluation.before=false".into(),
        "evaluation.max_output_pieces=8".into(),
    ];
    let config = RunConfig::load(&root.join("configs/quickstart.toml"), &overrides).unwrap();
    let (run, mut losses) = (folder.join(name), Losses::default());
    let (device, backend) = (device.clone(), name.to_owned());
    let runtime = Runtime { device, backend, hub: HubCache::default(), interrupter: Interrupter::new() };
    let report = train(&config, &RunPath::At(run.clone()), &runtime, &mut losses).unwrap();
    let delta = Adapter::load(&report.adapter).unwrap().delta;
    let entries = delta.tensors.into_iter().flat_map(|(path, tensor)| {
        tensor.positions.into_iter().map(move |position| (path.clone(), position))
    });
    (losses.0, entries.collect())
}

#[test]
fn trains_like_flex() {
    let folder = tempfile::tempdir().unwrap();
    let (name, device) = other();
    let (expected, reference) = run(folder.path(), "flex", &Device::flex());
    let (losses, chosen) = run(folder.path(), &name, &device);
    assert_eq!((expected.len(), losses.len()), (STEPS, STEPS));
    let worst = expected.iter().zip(&losses).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let shared = chosen.intersection(&reference).count() as f64 / reference.len() as f64;
    println!("{name}: losses within {worst:.1e}, {:.3} % of the entries the same", 100.0 * shared);
    assert_eq!(chosen.len(), reference.len());
    assert!(shared >= 0.999, "{shared}");
    assert!(worst <= 1e-3, "{worst}");
}
