//! What other programs made of small inputs.

use serde_json::Value;

pub(crate) struct Golden(Value);

pub(crate) fn golden(name: &str) -> Golden {
    let all: Value = serde_json::from_str(include_str!("../golden/goldens.json")).unwrap();
    Golden(all[name].clone())
}

impl Golden {
    pub(crate) fn number(&self, key: &str) -> f64 {
        self.0[key].as_f64().unwrap()
    }

    pub(crate) fn count(&self, key: &str) -> usize {
        usize::try_from(self.0[key].as_u64().unwrap()).unwrap()
    }

    pub(crate) fn read<T: serde::de::DeserializeOwned>(&self, key: &str) -> T {
        serde_json::from_value(self.0[key].clone()).unwrap()
    }
}

pub(crate) fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}
