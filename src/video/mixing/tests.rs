use proptest::prelude::*;

use super::*;
use crate::image::mix::{RUN, mix_single};
use crate::image::{Colors, Picture};
use crate::video::orientation::Orientation;

/// Planes whose last row ends with its last pixel, each in memory of its own.
#[derive(Debug)]
struct Stored {
    size_px: [usize; 2],
    shifts: [u32; 2],
    planes: [Vec<u8>; 3],
    strides: [usize; 3],
    matrix: YuvMatrix,
    orientation: Orientation,
}

impl Stored {
    fn plane(&self, index: usize) -> Plane<'_> {
        Plane { bytes: &self.planes[index], stride: self.strides[index] }
    }

    fn mix(&self, line: &Line, border: Border) -> Option<Mixed> {
        match self.shifts {
            [1, 1] => self.mix_planar::<1, 1>(line, border),
            [1, 0] => self.mix_planar::<1, 0>(line, border),
            _ => self.mix_planar::<0, 0>(line, border),
        }
    }

    fn mix_planar<const COLUMN_SHIFT: u32, const ROW_SHIFT: u32>(&self, line: &Line, border: Border) -> Option<Mixed> {
        let (x_axis, y_axis) = self.orientation.stored_axes();
        let planar = Planar::<COLUMN_SHIFT, ROW_SHIFT> {
            luma: self.plane(0),
            chroma: [self.plane(1), self.plane(2)],
            size_px: self.size_px.map(|length| length as u32),
            matrix: self.matrix,
            axes: [x_axis, y_axis],
            is_transposed: self.orientation.is_transposed(),
        };
        let mut mixed = [[77; 3]; RUN];
        planar.mix(line, border, &mut mixed).then_some(mixed)
    }
}

impl Picture for Stored {
    fn size_px(&self) -> [usize; 2] {
        self.orientation.displayed_size(self.size_px)
    }

    fn colors_at(&self, columns: &[u32], rows: &[u32], colors: Colors<'_>) {
        let (x_axis, y_axis) = self.orientation.stored_axes();
        let (along_x, along_y) = if self.orientation.is_transposed() { (rows, columns) } else { (columns, rows) };
        let [last_x, last_y] = self.size_px.map(|length| length as u32 - 1);
        let mut found = [vec![], vec![], vec![]];
        for (&x, &y) in along_x.iter().zip(along_y) {
            let (x, y) = (x_axis.position(x, last_x), y_axis.position(y, last_y));
            for (plane, found) in found.iter_mut().enumerate() {
                let [column_shift, row_shift] = if plane == 0 { [0; 2] } else { self.shifts };
                let at = (y >> row_shift) as usize * self.strides[plane] + (x >> column_shift) as usize;
                found.push(self.planes[plane][at]);
            }
        }
        self.matrix.convert(&found[0], &found[1], &found[2], colors);
    }
}

/// libswscale's tables of BT.601, BT.709 and BT.2020.
const TABLES: [[i32; 4]; 3] =
    [[104_597, 132_201, 25_675, 53_279], [117_489, 138_438, 13_975, 34_925], [110_013, 140_363, 12_277, 42_626]];

fn orientation() -> impl Strategy<Value = Orientation> {
    (0..8_i32).prop_map(|number| {
        let sign = |bit: i32| if number & bit == 0 { 1 } else { -1 };
        let entries = if number & 4 == 0 { [sign(1), 0, 0, 0, sign(2)] } else { [0, sign(1), 0, sign(2), 0] };
        let bytes: Vec<u8> = entries.iter().flat_map(|entry: &i32| (entry << 16).to_ne_bytes()).collect();
        Orientation::from_display_matrix(&bytes)
    })
}

fn stored() -> impl Strategy<Value = Stored> {
    let shifts = prop::sample::select(vec![[1, 1], [1, 1], [1, 0], [0, 0]]);
    let padding = (0..40_usize, 0..40_usize);
    (1..70_usize, 1..40_usize, shifts, padding, 0..3_usize, any::<bool>(), orientation(), any::<u32>()).prop_map(
        |(width, height, shifts, (padding, chroma_padding), table, is_full_range, orientation, mut seed)| {
            let [chroma_width, chroma_height] = [width.div_ceil(1 << shifts[0]), height.div_ceil(1 << shifts[1])];
            let strides = [width + padding, chroma_width + chroma_padding, chroma_width + chroma_padding];
            let lengths = [
                strides[0] * (height - 1) + width,
                strides[1] * (chroma_height - 1) + chroma_width,
                strides[2] * (chroma_height - 1) + chroma_width,
            ];
            let planes = lengths.map(|length| {
                let mut bytes = Vec::with_capacity(length);
                bytes.extend((0..length).map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (seed >> 24) as u8
                }));
                bytes
            });
            let matrix = YuvMatrix::new(TABLES[table], is_full_range);
            Stored { size_px: [width, height], shifts, planes, strides, matrix, orientation }
        },
    )
}

fn line() -> impl Strategy<Value = Line> {
    let start = prop_oneof![
        8 => -100f64..2300.0,
        2 => (-3..73_i32).prop_map(|pixel| f64::from(pixel * 32)),
        2 => (-200..4600_i32).prop_map(|half| f64::from(half) * 0.5),
        1 => -1e12..1e12,
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e9, -1e9]),
    ];
    let step = prop_oneof![
        8 => -60f64..60.0,
        2 => (-4..5_i32).prop_map(|half| f64::from(half) * 0.5),
        1 => -1e9..1e9,
    ];
    let axis = || (start.clone(), step.clone());
    (axis(), axis(), 0..300_i32).prop_map(|((start_x, step_x), (start_y, step_y), first)| {
        // So that the line's positions are where the picture is.
        let start = |start: f64, step: f64| start - step * f64::from(first + RUN as i32 / 2);
        let start_32nds = [start(start_x, step_x), start(start_y, step_y)];
        Line { start_32nds, step_32nds: [step_x, step_y], first }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn pixels_are_mixed_as_single_ones_are(
        stored in stored(), line in line(), is_zero in any::<bool>(),
    ) {
        let border = if is_zero { Border::Zero } else { Border::Replicate };
        let mut expected = [[0; 3]; RUN];
        mix_single(&stored, &line, border, &mut expected);
        let mixed = stored.mix(&line, border);
        let has_pairs = stored.size_px[0] > 1 << stored.shifts[0] && stored.size_px[1] > 1;
        prop_assert_eq!(mixed.is_some(), has_pairs && is_x86_feature_detected!("avx2"));
        if let Some(mixed) = mixed {
            prop_assert_eq!(mixed, expected);
        }
    }
}
