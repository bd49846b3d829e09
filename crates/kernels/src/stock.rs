//! Backends that run an operation by its reference, with their own stock operations.

#[cfg(feature = "flex")]
mod flex {
    use burn::backend::Flex;

    use crate::{BiasedAttentionOps, OverlayOps};

    impl BiasedAttentionOps for Flex {}
    impl OverlayOps for Flex {}
}

#[cfg(feature = "tch")]
mod libtorch {
    use burn::backend::LibTorch;

    use crate::{BiasedAttentionOps, LegalCrossEntropyOps, OverlayOps, ProductOps, ThinProductOps};

    impl BiasedAttentionOps for LibTorch {}
    impl LegalCrossEntropyOps for LibTorch {}
    impl OverlayOps for LibTorch {}
    impl ProductOps for LibTorch {}
    impl ThinProductOps for LibTorch {}
}

#[cfg(feature = "cube")]
mod cube {
    use burn_cubecl::CubeBackend;

    use crate::{
        BiasedAttentionOps, BiasedSoftmaxOps, CrossEntropyOps, CrossEntropySquaresOps, DenseUpdateOps,
        DropoutOps, DroppedReluOps, GatedGeluOps, LegalCrossEntropyOps, MaskedEmbeddingOps, MaskedLinearOps,
        OverlayOps, ProductOps, RmsNormOps, SquaredLinearOps, ThinProductOps,
    };

    impl BiasedAttentionOps for CubeBackend {}
    impl DenseUpdateOps for CubeBackend {}
    impl DroppedReluOps for CubeBackend {}
    impl GatedGeluOps for CubeBackend {}
    impl OverlayOps for CubeBackend {}
    impl MaskedLinearOps for CubeBackend {}
    impl MaskedEmbeddingOps for CubeBackend {}
    impl CrossEntropyOps for CubeBackend {}
    impl CrossEntropySquaresOps for CubeBackend {}
    impl LegalCrossEntropyOps for CubeBackend {}
    impl SquaredLinearOps for CubeBackend {}
    impl DropoutOps for CubeBackend {}
    impl BiasedSoftmaxOps for CubeBackend {}
    impl ProductOps for CubeBackend {}
    impl RmsNormOps for CubeBackend {}
    impl ThinProductOps for CubeBackend {}
}
