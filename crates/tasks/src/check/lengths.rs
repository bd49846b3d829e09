//! How long texts are.

use std::collections::BTreeMap;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// A distribution of lengths. As JSON `{"min", "median", "p95", "max"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    counts: BTreeMap<usize, usize>,
}

impl Lengths {
    /// Adds one.
    pub fn add(&mut self, length: usize) {
        *self.counts.entry(length).or_default() += 1;
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The smallest length that at least `share` (0 to 1) of all are no longer than; 0 if there are none.
    pub fn quantile(&self, share: f64) -> usize {
        let total: usize = self.counts.values().sum();
        let mut seen = 0;
        for (&length, &count) in &self.counts {
            seen += count;
            if seen as f64 >= share * total as f64 {
                return length;
            }
        }
        0
    }
}

impl Serialize for Lengths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Lengths", 4)?;
        for (name, share) in [("min", 0.0), ("median", 0.5), ("p95", 0.95), ("max", 1.0)] {
            fields.serialize_field(name, &self.quantile(share))?;
        }
        fields.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_one_to_twenty() {
        let mut lengths = Lengths::default();
        (1..=20).for_each(|length| lengths.add(length));
        assert_eq!([0.0, 0.5, 0.95, 1.0].map(|share| lengths.quantile(share)), [1, 10, 19, 20]);
        assert_eq!(Lengths::default().quantile(0.5), 0);
    }
}
