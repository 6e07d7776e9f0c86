//! Pictures: the type that decoding produces, pose networks sample and rendering draws on. Pure data.

pub mod luma;
pub mod mix;
pub mod yuv;

use luma::Luma;
use mix::{Border, Line, Mixed};

/// Rows begin at multiples of this many bytes, and as many bytes follow the last row: the vector code of pixel
/// converters needs this.
const ALIGNMENT_BYTES: usize = 64;

/// A picture as displayed, independent of its pixel format.
pub trait Picture {
    /// Width and height in pixels.
    fn size_px(&self) -> [usize; 2];

    /// Looks up the colors at positions (`columns[i]`, `rows[i]`), which the caller keeps inside the picture. All
    /// slices have the same length.
    fn colors_at(&self, columns: &[u32], rows: &[u32], colors: Colors<'_>);

    /// Mixes the four pixels around each position of a line, which may leave the picture. The picture has pixels.
    fn mixed_along(&self, line: &Line, border: Border, mixed: &mut Mixed) {
        mix::mix_single(self, line, border, mixed);
    }

    /// Fills in the picture's brightness at a lower resolution.
    fn reduce(&self, luma: &mut Luma) {
        luma::reduce_colors(self, luma);
    }
}

/// Buffers for looked-up colors: one 8-bit value per position in each slice.
pub struct Colors<'a> {
    /// Red.
    pub red: &'a mut [u8],
    /// Green.
    pub green: &'a mut [u8],
    /// Blue.
    pub blue: &'a mut [u8],
}

/// An owned picture: `height` rows of `width` pixels of 3 bytes (R, G, B); rows are [`RgbImage::stride`] bytes apart.
#[derive(Debug, Clone, Default)]
pub struct RgbImage {
    width: usize,
    height: usize,
    bytes: Vec<u8>,
}

impl RgbImage {
    /// Creates a black picture of the given size in pixels.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        let bytes = vec![0; stride(width) * height + ALIGNMENT_BYTES];
        Self { width, height, bytes }
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Bytes from one row to the next.
    #[must_use]
    pub fn stride(&self) -> usize {
        stride(self.width)
    }

    /// All bytes from the top, including the padding of the rows.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All bytes including the padding of the rows, for writing.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// The color at column `x`, row `y`; the caller keeps both inside the picture.
    #[must_use]
    pub fn rgb(&self, x: usize, y: usize) -> [u8; 3] {
        let start = y * self.stride() + x * 3;
        [self.bytes[start], self.bytes[start + 1], self.bytes[start + 2]]
    }

    /// Sets the color at column `x`, row `y`; the caller keeps both inside the picture.
    pub fn set_rgb(&mut self, x: usize, y: usize, rgb: [u8; 3]) {
        let start = y * self.stride() + x * 3;
        self.bytes[start..start + 3].copy_from_slice(&rgb);
    }
}

fn stride(width: usize) -> usize {
    (width * 3).next_multiple_of(ALIGNMENT_BYTES)
}

impl Picture for RgbImage {
    fn size_px(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    fn colors_at(&self, columns: &[u32], rows: &[u32], colors: Colors<'_>) {
        for (index, (&x, &y)) in columns.iter().zip(rows).enumerate() {
            let [red, green, blue] = self.rgb(x as usize, y as usize);
            colors.red[index] = red;
            colors.green[index] = green;
            colors.blue[index] = blue;
        }
    }
}
