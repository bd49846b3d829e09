//! Figures of the layers of a model, and their means over early, middle and late ones.

use serde::{Deserialize, Serialize};

/// Two figures of a layer; one that cannot be computed is nothing.
pub(crate) trait Pair: Copy {
    /// Of both.
    fn new(figures: [Option<f64>; 2]) -> Self;

    /// Both.
    fn figures(self) -> [Option<f64>; 2];
}

/// The figures of every layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Profile<T> {
    /// Of the encoder from its first block to its last, then of the decoder.
    pub(crate) layers: Vec<Layer<T>>,
    /// The means over the blocks of the encoder.
    pub(crate) encoder: Thirds<T>,
    /// The means over the blocks of the decoder.
    pub(crate) decoder: Thirds<T>,
}

/// The figures of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Layer<T> {
    /// Where it stands.
    pub(crate) stack: StackPart,
    /// The number of its block, from 0.
    pub(crate) block: usize,
    /// The figures.
    #[serde(flatten)]
    pub(crate) value: T,
}

/// A stack of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StackPart {
    Encoder,
    Decoder,
}

impl StackPart {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Encoder => "encoder",
            Self::Decoder => "decoder",
        }
    }
}

/// Means over the thirds of a stack. A block is of the third that its middle lies in; a third without a block has no mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Thirds<T> {
    pub(crate) early: T,
    pub(crate) middle: T,
    pub(crate) late: T,
}

impl<T: Pair> Profile<T> {
    /// Of `figures`, those of `encoder` blocks first.
    pub(super) fn new(figures: &[[Option<f64>; 2]], encoder: usize) -> Self {
        let (first, second) = figures.split_at(encoder.min(figures.len()));
        let layers = |stack, figures: &[[Option<f64>; 2]]| {
            let layer = |(block, figures): (usize, &[Option<f64>; 2])| Layer {
                stack,
                block,
                value: T::new(*figures),
            };
            figures.iter().enumerate().map(layer).collect::<Vec<_>>()
        };
        let mut all = layers(StackPart::Encoder, first);
        all.extend(layers(StackPart::Decoder, second));
        Self { layers: all, encoder: Thirds::of(first), decoder: Thirds::of(second) }
    }
}

impl<T: Pair> Thirds<T> {
    fn of(blocks: &[[Option<f64>; 2]]) -> Self {
        let third = |third: usize| {
            let own = |block: &usize| 3 * (2 * block + 1) / (2 * blocks.len()) == third;
            let mean = |figure: usize| {
                let known = (0..blocks.len()).filter(own).filter_map(|block| blocks[block][figure]);
                let known: Vec<f64> = known.collect();
                (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
            };
            T::new([mean(0), mean(1)])
        };
        Self { early: third(0), middle: third(1), late: third(2) }
    }

    /// With their names.
    pub(crate) fn each(&self) -> [(&'static str, T); 3] {
        [("early", self.early), ("middle", self.middle), ("late", self.late)]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Two([Option<f64>; 2]);

    impl Pair for Two {
        fn new(figures: [Option<f64>; 2]) -> Self {
            Self(figures)
        }

        fn figures(self) -> [Option<f64>; 2] {
            self.0
        }
    }

    fn of(count: usize) -> [Option<f64>; 3] {
        let figures: Vec<_> = (0..count).map(|block| [Some(block as f64), None]).collect();
        Thirds::<Two>::of(&figures).each().map(|(_, two)| two.figures()[0])
    }

    #[test]
    fn thirds_are_means_of_their_blocks() {
        assert_eq!(of(12), [Some(1.5), Some(5.5), Some(9.5)]);
        assert_eq!(of(6), [Some(0.5), Some(2.5), Some(4.5)]);
        assert_eq!(of(4), [Some(0.0), Some(1.5), Some(3.0)]);
        assert_eq!(of(3), [Some(0.0), Some(1.0), Some(2.0)]);
        assert_eq!(of(2), [Some(0.0), None, Some(1.0)]);
        assert_eq!(of(1), [None, Some(0.0), None]);
        assert_eq!(of(0), [None; 3]);
    }

    #[test]
    fn encoder_and_decoder_have_profiles_of_their_own() {
        let figures: Vec<_> = [0.5, 0.75, 1.0, 0.25].map(|x| [Some(x), None]).to_vec();
        let profile = Profile::<Two>::new(&figures, 3);
        let places: Vec<_> = profile.layers.iter().map(|layer| (layer.stack.name(), layer.block)).collect();
        assert_eq!(places, [("encoder", 0), ("encoder", 1), ("encoder", 2), ("decoder", 0)]);
        assert_eq!(profile.encoder.late, Two([Some(1.0), None]));
        assert_eq!(profile.decoder.middle, Two([Some(0.25), None]));
    }
}
