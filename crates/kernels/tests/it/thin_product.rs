//! Products of a few rows against the stock product.

use fishdip_kernels::{OutputLayout, thin_product};
use proptest::prelude::*;

use crate::device::{cases, device};
use crate::tensors::{floats, tensor, wave};

proptest! {
    #![proptest_config(cases())]

    /// More and fewer rows than are few, widths that no vector divides, and enough outputs for several threads.
    #[test]
    fn it_is_the_product(rows in 1_usize..40, width in 1_usize..70, outputs in prop_oneof![1_usize..70, 500_usize..900]) {
        let device = device();
        let x = tensor(wave(rows * width, 0.1), [rows, width], &device);
        let weight = tensor(wave(width * outputs, 0.2), [width, outputs], &device);
        let expected = floats(x.clone().matmul(weight.clone()));
        let turned = wave(width * outputs, 0.2);
        let table = (0..outputs).flat_map(|o| (0..width).map(move |i| (i, o))).map(|(i, o)| turned[i * outputs + o]);
        let table = tensor(table.collect(), [outputs, width], &device);
        for (weight, layout) in [(weight, OutputLayout::Linear), (table, OutputLayout::Table)] {
            let found = thin_product(x.clone(), weight, layout);
            prop_assert_eq!(found.dims(), [rows, outputs]);
            for (a, b) in floats(found).into_iter().zip(&expected) {
                prop_assert!((a - b).abs() <= 1e-5 * width as f32, "{a} {b}");
            }
        }
    }
}
