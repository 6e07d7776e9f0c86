//! A decoded picture that pose networks sample without converting all of it. If its planes can be read directly, only
//! the sampled colors are converted; otherwise the whole picture is converted beforehand.

use ffmpeg::util::format::Pixel;
use ffmpeg::util::frame;
use ffmpeg_next as ffmpeg;

#[cfg(target_arch = "x86_64")]
use super::mixing::Planar;
use super::orientation::Orientation;
use super::yuv::YuvMatrix;
use crate::image::blocks::Blocks;
use crate::image::luma::Luma;
use crate::image::mix::{Border, Line, Mixed, mix_single};
use crate::image::{Colors, Picture, RgbImage};

/// A picture as a player would show it. It holds the decoder's memory, or its own memory if it was converted.
pub struct DecodedPicture(Pixels);

enum Pixels {
    Planes(Planes),
    Converted(RgbImage),
}

impl DecodedPicture {
    pub(super) fn of_planes(planes: Planes) -> Self {
        Self(Pixels::Planes(planes))
    }

    /// Returns the picture with pixels of its own memory.
    pub(crate) fn converted(image: RgbImage) -> Self {
        Self(Pixels::Converted(image))
    }

    /// The brightness in blocks, of the picture as it is stored: luma, or the mean of red, green and blue if the whole
    /// picture was converted.
    #[must_use]
    pub fn blocks(&self) -> Blocks {
        match &self.0 {
            Pixels::Planes(planes) => planes.blocks(),
            Pixels::Converted(image) => {
                let rows = image.bytes().chunks_exact(image.stride().max(1)).take(image.height());
                Blocks::of_rows(rows, image.width(), 3)
            }
        }
    }

    /// Whether the whole picture was converted.
    #[must_use]
    pub fn is_converted(&self) -> bool {
        matches!(self.0, Pixels::Converted(_))
    }
}

impl Picture for DecodedPicture {
    fn size_px(&self) -> [usize; 2] {
        match &self.0 {
            Pixels::Planes(planes) => planes.size_px(),
            Pixels::Converted(image) => image.size_px(),
        }
    }

    fn colors_at(&self, columns: &[u32], rows: &[u32], colors: Colors<'_>) {
        match &self.0 {
            Pixels::Planes(planes) => planes.colors_at(columns, rows, colors),
            Pixels::Converted(image) => image.colors_at(columns, rows, colors),
        }
    }

    fn mixed_along(&self, line: &Line, border: Border, mixed: &mut Mixed) {
        #[cfg(target_arch = "x86_64")]
        if let Pixels::Planes(planes) = &self.0
            && planes.mix_along(line, border, mixed)
        {
            return;
        }
        mix_single(self, line, border, mixed);
    }

    fn reduce(&self, luma: &mut Luma) {
        match &self.0 {
            Pixels::Planes(planes) => planes.reduce(luma),
            Pixels::Converted(image) => image.reduce(luma),
        }
    }
}

/// The resolution of chroma: one sample per `1 << columns` times `1 << rows` pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ChromaShift {
    columns: u32,
    rows: u32,
}

/// The chroma resolution of pixel formats whose planes can be read directly: 8 bits, with Y, Cb and Cr in separate
/// planes.
fn chroma_shift(format: Pixel) -> Option<ChromaShift> {
    match format {
        Pixel::YUV420P | Pixel::YUVJ420P => Some(ChromaShift { columns: 1, rows: 1 }),
        Pixel::YUV422P | Pixel::YUVJ422P => Some(ChromaShift { columns: 1, rows: 0 }),
        Pixel::YUV444P | Pixel::YUVJ444P => Some(ChromaShift { columns: 0, rows: 0 }),
        _ => None,
    }
}

/// Whether pictures of a pixel format can be read without conversion.
pub(super) fn is_readable(format: Pixel) -> bool {
    chroma_shift(format).is_some()
}

/// A decoder's frame of 8-bit planes. A pixel takes the nearest chroma sample, and its color follows from
/// [`YuvMatrix`]. libswscale gives the same on x86 for 4:2:0 and 4:2:2 of even height. In all other cases libswscale is
/// up to four levels off for legal chroma; it also halves the chroma of 4:4:4 horizontally and interpolates the chroma
/// of odd heights.
pub(super) struct Planes {
    frame: frame::Video,
    chroma: ChromaShift,
    matrix: YuvMatrix,
    orientation: Orientation,
}

impl Planes {
    /// Takes a frame whose planes can be read directly; gives any other frame back. `matrix` is the matrix of the
    /// frame's colors.
    pub(super) fn of(frame: frame::Video, matrix: YuvMatrix, orientation: Orientation) -> Result<Self, frame::Video> {
        let Some(chroma) = chroma_shift(frame.format()) else { return Err(frame) };
        let planes = Self { frame, chroma, matrix, orientation };
        let [luma, cb, cr] = [0, 1, 2].map(|index| planes.plane(index));
        // Pictures stored from the bottom up have negative strides.
        let is_regular = luma.is_some() && cb.is_some() && cr.zip(cb).is_some_and(|(cr, cb)| cr.stride == cb.stride);
        if is_regular { Ok(planes) } else { Err(planes.frame) }
    }

    fn size_px(&self) -> [usize; 2] {
        self.orientation.displayed_size([self.frame.width() as usize, self.frame.height() as usize])
    }

    fn blocks(&self) -> Blocks {
        let Some(luma) = self.plane(0) else { return Blocks::default() };
        Blocks::of_rows(luma.bytes.chunks(luma.stride), self.frame.width() as usize, 1)
    }

    fn plane(&self, index: usize) -> Option<Plane<'_>> {
        let (mut width, mut height) = (self.frame.width() as usize, self.frame.height() as usize);
        if index > 0 {
            width = width.div_ceil(1 << self.chroma.columns);
            height = height.div_ceil(1 << self.chroma.rows);
        }
        // SAFETY: the frame is valid; two of its fields are read.
        let (data, stride) = unsafe {
            let frame = self.frame.as_ptr();
            ((*frame).data[index], (*frame).linesize[index])
        };
        let stride = usize::try_from(stride).ok().filter(|&stride| stride >= width)?;
        if data.is_null() || width == 0 || height == 0 {
            return None;
        }
        // SAFETY: a decoded plane holds `height` rows that begin `stride` bytes apart, of at least `width` bytes; the
        // frame keeps its memory, and nobody writes to a frame that has left the decoder.
        let bytes = unsafe { std::slice::from_raw_parts(data, stride * (height - 1) + width) };
        Some(Plane { bytes, stride })
    }

    fn colors_at(&self, columns: &[u32], rows: &[u32], colors: Colors<'_>) {
        // Shifts known at compile time make the loops twice as fast.
        match self.chroma {
            ChromaShift { columns: 1, rows: 1 } => self.look_up::<1, 1>(columns, rows, colors),
            ChromaShift { columns: 1, .. } => self.look_up::<1, 0>(columns, rows, colors),
            ChromaShift { .. } => self.look_up::<0, 0>(columns, rows, colors),
        }
    }

    fn reduce(&self, luma: &mut Luma) {
        let Some(plane) = self.plane(0) else { return };
        let size_px = [self.frame.width() as usize, self.frame.height() as usize];
        luma.fill(size_px, |y, sums| {
            let row = &plane.bytes[y * plane.stride..][..sums.len()];
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += u16::from(value);
            }
        });
        if !self.orientation.is_upright() {
            let stored = luma.size();
            let [last_x, last_y] = stored.map(|side| side.saturating_sub(1) as u32);
            let (x_axis, y_axis) = self.orientation.stored_axes();
            *luma = luma.turned(self.orientation.displayed_size(stored), |x, y| {
                let (along_x, along_y) = if self.orientation.is_transposed() { (y, x) } else { (x, y) };
                [x_axis.position(along_x as u32, last_x) as usize, y_axis.position(along_y as u32, last_y) as usize]
            });
        }
    }

    fn look_up<const COLUMN_SHIFT: u32, const ROW_SHIFT: u32>(
        &self,
        columns: &[u32],
        rows: &[u32],
        colors: Colors<'_>,
    ) {
        /// Number of positions looked up together, in arrays on the stack.
        const RUN: usize = 256;
        let (Some(luma), Some(cb), Some(cr)) = (self.plane(0), self.plane(1), self.plane(2)) else { return };
        let (last_x, last_y) = (self.frame.width() - 1, self.frame.height() - 1);
        let (x_axis, y_axis) = self.orientation.stored_axes();
        let (along_x, along_y) = if self.orientation.is_transposed() { (rows, columns) } else { (columns, rows) };
        let (mut lumas, mut cbs, mut crs) = ([0; RUN], [0; RUN], [0; RUN]);
        let positions = along_x.chunks(RUN).zip(along_y.chunks(RUN));
        let Colors { red, green, blue } = colors;
        let targets = red.chunks_mut(RUN).zip(green.chunks_mut(RUN)).zip(blue.chunks_mut(RUN));
        for ((along_x, along_y), ((red, green), blue)) in positions.zip(targets) {
            let found = lumas.iter_mut().zip(&mut cbs).zip(&mut crs);
            for ((&x, &y), ((luma_found, cb_found), cr_found)) in along_x.iter().zip(along_y).zip(found) {
                let (x, y) = (x_axis.position(x, last_x), y_axis.position(y, last_y));
                let at_luma = y as usize * luma.stride + x as usize;
                let at_chroma = (y >> ROW_SHIFT) as usize * cb.stride + (x >> COLUMN_SHIFT) as usize;
                // SAFETY: positions are at most `last_x` and `last_y`, and `plane` made the slices for that many
                // columns and rows; both chroma planes have one stride.
                unsafe {
                    *luma_found = *luma.bytes.get_unchecked(at_luma);
                    *cb_found = *cb.bytes.get_unchecked(at_chroma);
                    *cr_found = *cr.bytes.get_unchecked(at_chroma);
                }
            }
            let count = along_x.len();
            self.matrix.convert(&lumas[..count], &cbs[..count], &crs[..count], Colors { red, green, blue });
        }
    }
}

#[cfg(target_arch = "x86_64")]
impl Planes {
    /// Mixes pixels of the planes directly. Returns whether it could.
    fn mix_along(&self, line: &Line, border: Border, mixed: &mut Mixed) -> bool {
        match self.chroma {
            ChromaShift { columns: 1, rows: 1 } => self.mix::<1, 1>(line, border, mixed),
            ChromaShift { columns: 1, .. } => self.mix::<1, 0>(line, border, mixed),
            ChromaShift { .. } => self.mix::<0, 0>(line, border, mixed),
        }
    }

    fn mix<const COLUMN_SHIFT: u32, const ROW_SHIFT: u32>(
        &self,
        line: &Line,
        border: Border,
        mixed: &mut Mixed,
    ) -> bool {
        let (Some(luma), Some(cb), Some(cr)) = (self.plane(0), self.plane(1), self.plane(2)) else { return false };
        let (x_axis, y_axis) = self.orientation.stored_axes();
        let planar = Planar::<COLUMN_SHIFT, ROW_SHIFT> {
            luma,
            chroma: [cb, cr],
            size_px: [self.frame.width(), self.frame.height()],
            matrix: self.matrix,
            axes: [x_axis, y_axis],
            is_transposed: self.orientation.is_transposed(),
        };
        planar.mix(line, border, mixed)
    }
}

/// The bytes of a plane from its first to its last pixel.
#[derive(Clone, Copy)]
pub(super) struct Plane<'a> {
    pub(super) bytes: &'a [u8],
    /// Bytes from one row to the next.
    pub(super) stride: usize,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ffmpeg::util::color::{Range, Space};
    use proptest::prelude::*;

    use super::*;
    use crate::video::convert::Converter;
    use crate::video::decode::VideoReader;
    use crate::video::footage::Reading;

    /// All pixels as displayed, R G B.
    fn pixels(picture: &dyn Picture) -> Vec<[u8; 3]> {
        let [width, height] = picture.size_px();
        let columns: Vec<u32> = (0..width as u32).collect();
        let (mut red, mut green, mut blue) = (vec![0; width], vec![0; width], vec![0; width]);
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height as u32 {
            let colors = Colors { red: &mut red, green: &mut green, blue: &mut blue };
            picture.colors_at(&columns, &vec![y; width], colors);
            pixels.extend(red.iter().zip(&green).zip(&blue).map(|((&red, &green), &blue)| [red, green, blue]));
        }
        pixels
    }

    /// A frame of noise.
    fn noise(format: Pixel, width: u32, height: u32, space: Space, range: Range, mut seed: u32) -> frame::Video {
        let mut frame = frame::Video::new(format, width, height);
        frame.set_color_space(space);
        frame.set_color_range(range);
        for plane in 0..frame.planes() {
            for byte in frame.data_mut(plane) {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = (seed >> 24) as u8;
            }
        }
        frame
    }

    /// One of the eight orientations, by number.
    fn orientation(number: i32) -> Orientation {
        let sign = |bit: i32| if number & bit == 0 { 1 } else { -1 };
        let entries = if number & 4 == 0 { [sign(1), 0, 0, 0, sign(2)] } else { [0, sign(1), 0, sign(2), 0] };
        let bytes: Vec<u8> = entries.iter().flat_map(|entry: &i32| (entry << 16).to_ne_bytes()).collect();
        Orientation::from_display_matrix(&bytes)
    }

    /// A frame read directly, and the same frame converted by libswscale.
    fn both(frame: frame::Video, orientation: Orientation) -> (Vec<[u8; 3]>, Vec<[u8; 3]>) {
        let mut converter = Converter::for_video_of(&frame, 1.0, orientation);
        let converted = converter.convert(&frame).unwrap();
        let picture = DecodedPicture::of_planes(converter.keep_planes(frame).ok().unwrap());
        assert_eq!(picture.size_px(), converted.size_px());
        (pixels(&picture), pixels(&converted))
    }

    fn clip(name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("public").join(name)
    }

    // The rule is that of libswscale's code for x86.
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn every_pixel_of_the_clips_is_libswscales() {
        crate::video::initialize(false).unwrap();
        for name in ["balance_multi_cam04.mp4", "flip_and_walk_2p.mp4"] {
            let mut reader = VideoReader::open(&clip(name), 1, Reading::default()).unwrap();
            for _ in 0..3 {
                reader.next_frame().unwrap().unwrap();
                let (read, converted) = both(reader.take_frame(), Orientation::default());
                assert!(read == converted, "{name}");
            }
        }
    }

    // In all other cases libswscale mixes chroma of neighbors, which is not visible with flat chroma.
    #[test]
    fn flat_chroma_is_within_four_levels_of_libswscales_in_every_format() {
        let mut worst = 0;
        for format in [Pixel::YUV420P, Pixel::YUVJ422P, Pixel::YUV444P, Pixel::YUVJ444P] {
            // Beyond the legal range libswscale's blue of 4:4:4 overflows to 0.
            for chroma in 16..=240_u8 {
                let mut frame = noise(format, 16, 5, Space::BT709, Range::Unspecified, u32::from(chroma));
                frame.data_mut(1).fill(chroma);
                frame.data_mut(2).fill(chroma.wrapping_mul(37));
                let (read, converted) = both(frame, Orientation::default());
                let differences = read.iter().flatten().zip(converted.iter().flatten()).map(|(a, b)| a.abs_diff(*b));
                worst = differences.fold(worst, u8::max);
            }
        }
        assert!((1..=4).contains(&worst), "{worst}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        // Widths are multiples of 8: in others libswscale itself takes another path for the last columns.
        #[cfg(target_arch = "x86_64")]
        #[test]
        fn noise_of_even_height_has_libswscales_colors(
            (width, height) in (1u32..20, 1u32..20), seed in any::<u32>(), number in 0i32..8, is_420 in any::<bool>(),
            space in prop::sample::select(vec![Space::BT709, Space::BT470BG, Space::BT2020NCL, Space::FCC, Space::Unspecified]),
            range in prop::sample::select(vec![Range::MPEG, Range::JPEG, Range::Unspecified]),
        ) {
            let format = if is_420 { Pixel::YUV420P } else { Pixel::YUV422P };
            let frame = noise(format, width * 8, height * 2, space, range, seed);
            let (read, converted) = both(frame, orientation(number));
            prop_assert!(read == converted);
        }

        #[test]
        fn pictures_of_any_size_are_read_within_their_planes(
            (width, height) in (1u32..70, 1u32..40), seed in any::<u32>(), number in 0i32..8, is_420 in any::<bool>(),
        ) {
            let format = if is_420 { Pixel::YUV420P } else { Pixel::YUV422P };
            let frame = noise(format, width, height, Space::BT709, Range::MPEG, seed);
            let turned = orientation(number);
            let upright = pixels(&planes(noise(format, width, height, Space::BT709, Range::MPEG, seed), Orientation::default()));
            let mut stored = RgbImage::new(width as usize, height as usize);
            for (index, &rgb) in upright.iter().enumerate() {
                stored.set_rgb(index % width as usize, index / width as usize, rgb);
            }
            prop_assert_eq!(pixels(&planes(frame, turned)), pixels(&turned.apply(&stored)));
        }
    }

    fn planes(frame: frame::Video, orientation: Orientation) -> DecodedPicture {
        let converter = Converter::for_video_of(&frame, 1.0, orientation);
        DecodedPicture::of_planes(converter.keep_planes(frame).ok().unwrap())
    }
}
