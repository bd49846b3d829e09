//! Backends that run an operation by its reference, with their own stock operations.

#[cfg(feature = "flex")]
mod flex {
    use burn::backend::Flex;

    use crate::OverlayOps;

    impl OverlayOps for Flex {}
}

#[cfg(feature = "tch")]
mod libtorch {
    use burn::backend::LibTorch;

    use crate::{OverlayOps, ThinProductOps};

    impl OverlayOps for LibTorch {}
    impl ThinProductOps for LibTorch {}
}

#[cfg(feature = "cube")]
mod cube {
    use burn_cubecl::CubeBackend;

    use crate::{
        BiasedSoftmaxOps, CrossEntropyOps, CrossEntropySquaresOps, DropoutOps, MaskedEmbeddingOps,
        MaskedLinearOps, OverlayOps, ReluDropoutOps, RmsNormOps, SquaredLinearOps, ThinProductOps,
    };

    impl OverlayOps for CubeBackend {}
    impl MaskedLinearOps for CubeBackend {}
    impl MaskedEmbeddingOps for CubeBackend {}
    impl CrossEntropyOps for CubeBackend {}
    impl CrossEntropySquaresOps for CubeBackend {}
    impl SquaredLinearOps for CubeBackend {}
    impl DropoutOps for CubeBackend {}
    impl ReluDropoutOps for CubeBackend {}
    impl BiasedSoftmaxOps for CubeBackend {}
    impl RmsNormOps for CubeBackend {}
    impl ThinProductOps for CubeBackend {}
}
