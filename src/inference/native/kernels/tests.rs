//! Tests that kernels run with buffers of just the right length, and refuse any that is one value too short.

use super::super::sets::InstructionSet;
use super::split::packed_len;
use super::{Combine, Dense, Depthwise, Finish, Kernels, Operand, Pool, Resize, Span, Tap};

/// Runs `call` with buffers of the given lengths, then with each of them one value shorter.
fn check<const N: usize>(lens: [usize; N], call: impl Fn([Span<'_>; N]) -> bool) {
    let run = |lens: [usize; N]| {
        let mut buffers = lens.map(|len| vec![0f32; len]);
        call(buffers.each_mut().map(|buffer| Span::of(buffer)))
    };
    assert!(run(lens));
    for short in 0..N {
        let mut lens = lens;
        lens[short] -= 1;
        assert!(!run(lens), "buffer {short}");
    }
}

fn all_kernels() -> impl Iterator<Item = &'static Kernels> {
    InstructionSet::available().into_iter().map(|set| Kernels::of(set).unwrap())
}

#[test]
fn dense_stays_within_its_buffers() {
    for kernels in all_kernels() {
        let lanes = kernels.lanes;
        // Two planes of two rows of three pixels to five vectors; one channel less than two planes.
        let depth = 2 * lanes - usize::from(lanes > 1);
        let (row, plane) = (3 * lanes, 6 * lanes);
        let (weights, bias) = (vec![0.0; 5 * lanes * depth], vec![0.0; 5 * lanes]);
        check([2 * plane, 5 * plane, 4 * plane], |[input, output, operand]| {
            let before = Some(Operand { values: operand, planes: 4 });
            let call = Dense {
                weights: &weights,
                bias: &bias,
                vectors: 5,
                part: 0..5,
                depth,
                terms: 0..depth,
                input,
                segment: lanes,
                input_strides: [plane, lanes, row],
                rows: 2,
                width: 3,
                output,
                output_strides: [plane, row],
                finish: Some(Finish { before, ..Finish::default() }),
                is_cold: true,
                is_split: false,
            };
            let refused = [
                Dense { weights: &weights[1..], ..call.clone() },
                Dense { bias: &bias[1..], ..call.clone() },
                Dense { terms: 0..depth + 1, ..call.clone() },
                // Not between blocks: these are three vectors and two.
                Dense { part: 0..4, ..call.clone() },
                Dense { segment: 0, ..call.clone() },
                Dense { width: usize::MAX, ..call.clone() },
                // Only the sets of AMX have such products.
                Dense { is_split: true, ..call.clone() },
            ];
            assert!(refused.iter().all(|call| kernels.dense(call).is_err()));
            kernels.dense(&call).is_ok()
        });
    }
}

#[test]
fn split_dense_stays_within_its_buffers() {
    for set in [InstructionSet::Amx, InstructionSet::ScalarSplit].into_iter().filter(|set| set.is_available()) {
        let kernels = Kernels::of(set).unwrap();
        // Three planes of two rows of 35 pixels to three vectors; three channels less than three planes.
        let (depth, row, plane) = (45, 35 * 16, 70 * 16);
        let (weights, bias) = (vec![0.0; 3 * packed_len(depth)], vec![0.0; 3 * 16]);
        check([3 * plane, 3 * plane, 2 * plane], |[input, output, operand]| {
            let before = Some(Operand { values: operand, planes: 2 });
            let call = Dense {
                weights: &weights,
                bias: &bias,
                vectors: 3,
                part: 0..3,
                depth,
                terms: 0..depth,
                input,
                segment: 16,
                input_strides: [plane, 16, row],
                rows: 2,
                width: 35,
                output,
                output_strides: [plane, row],
                finish: Some(Finish { before, ..Finish::default() }),
                is_cold: true,
                is_split: true,
            };
            let refused = [
                Dense { weights: &weights[1..], ..call.clone() },
                Dense { bias: &bias[1..], ..call.clone() },
                Dense { terms: 0..depth + 1, ..call.clone() },
                // Not between chunks.
                Dense { terms: 16..depth, ..call.clone() },
                Dense { terms: 0..16, ..call.clone() },
                Dense { terms: 32..32, ..call.clone() },
                // Not planes.
                Dense { segment: 8, ..call.clone() },
                Dense { input_strides: [plane, 32, row], ..call.clone() },
                Dense { width: usize::MAX, ..call.clone() },
            ];
            assert!(refused.iter().all(|call| kernels.dense(call).is_err()));
            kernels.dense(&call).is_ok()
        });
    }
}

#[test]
fn depthwise_stays_within_its_buffers() {
    for kernels in all_kernels() {
        let lanes = kernels.lanes;
        // Two planes; a ring of three rows of eight columns; two output rows of three pixels.
        let (row, plane) = (8 * lanes, 24 * lanes);
        let (weights, bias) = (vec![0.0; 2 * 9 * lanes], vec![0.0; 2 * lanes]);
        check([plane + 2 * row + 7 * lanes, 12 * lanes], |[input, output]| {
            let call = Depthwise {
                weights: &weights,
                bias: &bias,
                side: 3,
                stride: 2,
                planes: 2,
                input,
                input_strides: [plane, row],
                ring: 3,
                height: 5,
                top: 1,
                rows: 1..3,
                width: 3,
                output,
                output_strides: [6 * lanes, 3 * lanes],
                clip: None,
            };
            let refused = [
                Depthwise { weights: &weights[1..], ..call.clone() },
                Depthwise { bias: &bias[1..], ..call.clone() },
                Depthwise { side: 4, ..call.clone() },
                Depthwise { stride: 3, ..call.clone() },
                Depthwise { ring: 0, ..call.clone() },
            ];
            assert!(refused.iter().all(|call| kernels.depthwise(call).is_err()));
            kernels.depthwise(&call).is_ok()
        });
    }
}

#[test]
fn operations_on_maps_stay_within_their_buffers() {
    for kernels in all_kernels() {
        let lanes = kernels.lanes;
        let tap = |second| Tap { first: 0, second, weight: 0.25 };
        check([2 * 6 * lanes, 2 * 4 * lanes, 4 * lanes], |[input, output, operand]| {
            let after = Some(Operand { values: operand, planes: 1 });
            let finish = Finish { after, ..Finish::default() };
            let (rows, columns) = ([tap(1), tap(1)], [tap(2), tap(1)]);
            let call = Resize { input, input_size: [2, 3], rows: &rows, columns: &columns, planes: 2, output, finish };
            assert!(kernels.resize(&Resize { rows: &[tap(1), tap(2)], ..call }).is_err());
            kernels.resize(&call).is_ok()
        });
        check([2 * 15 * lanes, 2 * 2 * lanes], |[input, output]| {
            kernels.pool(&Pool { input, input_size: [3, 5], planes: 2, output }).is_ok()
        });
        check([2 * 6 * lanes, 2 * 6 * lanes], |[input, output]| {
            let call = Combine { input, planes: 2, plane: 6 * lanes, output, finish: Finish::default() };
            kernels.combine(&call).is_ok()
        });
    }
}

#[test]
fn sets_that_the_processor_lacks_are_refused() {
    for set in InstructionSet::ALL.into_iter().chain([InstructionSet::Amx, InstructionSet::ScalarSplit]) {
        assert_eq!(Kernels::of(set).is_ok(), set.is_available(), "{set}");
    }
}
