//! Products against the stock product.

use burn::tensor::{Device, Tensor};
use fishdip_kernels::product;
use proptest::prelude::*;

use crate::device::{cases, device};
use crate::tensors::{floats, tensor, wave};

/// A matrix of which some rows and columns are looked at, or the same on its side.
fn view([rows, columns]: [usize; 2], on_its_side: bool, device: &Device) -> Tensor<2> {
    let cut = |matrix: Tensor<2>, [r, c]: [usize; 2]| matrix.slice([2..r + 2, 1..c + 1]);
    let whole = |[r, c]: [usize; 2]| tensor(wave((r + 3) * (c + 2), 0.3), [r + 3, c + 2], device);
    if on_its_side {
        cut(whole([columns, rows]), [columns, rows]).transpose()
    } else {
        cut(whole([rows, columns]), [rows, columns])
    }
}

fn close(found: Tensor<2>, expected: Tensor<2>, terms: usize) {
    assert_eq!(found.dims(), expected.dims());
    for (a, b) in floats(found).into_iter().zip(floats(expected)) {
        assert!((a - b).abs() <= 1e-6 * terms as f32, "{a} {b}");
    }
}

proptest! {
    #![proptest_config(cases())]

    /// Parts of matrices, on their side or not, some of them large enough for several threads.
    #[test]
    fn it_and_its_gradients_are_those_of_the_stock_product(
        m in 1_usize..50,
        k in prop_oneof![1_usize..40, 300_usize..400],
        n in prop_oneof![1_usize..40, 300_usize..400],
        sides in any::<[bool; 2]>(),
    ) {
        let device = device();
        let (a, b) = (view([m, k], sides[0], &device), view([k, n], sides[1], &device));
        close(product(a.clone(), b.clone()), a.clone().matmul(b.clone()), k);
        let g = view([m, n], false, &device);
        let tracked = |x: &Tensor<2>| Tensor::from_inner(x.clone()).require_grad();
        let gradients = |product: fn(Tensor<2>, Tensor<2>) -> Tensor<2>| {
            let (a, b) = (tracked(&a), tracked(&b));
            let mut all = (product(a.clone(), b.clone()) * Tensor::from_inner(g.clone())).sum().backward();
            (a.grad_remove(&mut all), b.grad_remove(&mut all))
        };
        let (ours, stock) = (gradients(product), gradients(Tensor::matmul));
        close(ours.0.expect("of a"), stock.0.expect("of a"), n);
        close(ours.1.expect("of b"), stock.1.expect("of b"), m);
    }
}

/// Whole matrices on their side, with columns that are a multiple of 2 KiB apart and with others.
#[test]
fn columns_far_apart_are_multiplied() {
    let device = device();
    for (m, k, n) in [(1, 512, 64), (2, 512, 64), (3, 1024, 63), (9, 1024, 130), (5, 768, 70), (20, 512, 512)]
    {
        let (a, b) = (wave(m * k, 0.3), wave(n * k, 0.7));
        let dot = |row: usize, column: usize| {
            let terms = a[row * k..].iter().zip(&b[column * k..]).take(k);
            terms.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
        };
        let on_its_side = tensor(b.clone(), [n, k], &device).transpose();
        let found = floats(product(tensor(a.clone(), [m, k], &device), on_its_side));
        assert_eq!(found.len(), m * n);
        for (row, column) in [(0, 0), (m - 1, n - 1), (m / 2, n / 3)] {
            let (found, expected) = (found[row * n + column], dot(row, column));
            assert!((f64::from(found) - expected).abs() < 1e-3, "{m} {k} {n}: {found} {expected}");
        }
    }
}

/// As many sums as numbers, and no matrix at all.
#[test]
fn empty_matrices_have_products() {
    let device = device();
    for [m, k, n] in [[3, 0, 2], [0, 3, 2], [2, 3, 0]] {
        let found = product(Tensor::zeros([m, k], &device), Tensor::zeros([k, n], &device));
        assert_eq!((found.dims(), floats(found)), ([m, n], vec![0.0; m * n]));
    }
}
