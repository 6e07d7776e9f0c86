//! Pictures in the layout of video codecs: a plane of luma and two planes of chroma at half the size. Plain data.

/// The matrix that converts RGB to luma and chroma.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum YuvMatrix {
    /// ITU-R BT.601: standard definition.
    Bt601,
    /// ITU-R BT.709: high definition.
    #[default]
    Bt709,
    /// ITU-R BT.2020, non-constant luminance.
    Bt2020,
}

impl YuvMatrix {
    /// The weights of red and blue in luma; the rest is green.
    #[must_use]
    pub const fn luma_weights(self) -> (f32, f32) {
        match self {
            Self::Bt601 => (0.299, 0.114),
            Self::Bt709 => (0.2126, 0.0722),
            Self::Bt2020 => (0.2627, 0.0593),
        }
    }
}

/// The meaning of the values in a picture's planes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct YuvColors {
    /// The matrix.
    pub matrix: YuvMatrix,
    /// Whether luma ranges from 0 to 255 instead of from 16 to 235.
    pub is_full_range: bool,
}

impl YuvColors {
    /// Converts a color to luma, Cb and Cr.
    #[must_use]
    pub fn from_rgb(self, rgb: [u8; 3]) -> [u8; 3] {
        let (red_weight, blue_weight) = self.matrix.luma_weights();
        let [red, green, blue] = rgb.map(|level| f32::from(level) / 255.0);
        let luma = red_weight * red + (1.0 - red_weight - blue_weight) * green + blue_weight * blue;
        let cb = (blue - luma) / (2.0 * (1.0 - blue_weight));
        let cr = (red - luma) / (2.0 * (1.0 - red_weight));
        let (black, luma_span, chroma_span) =
            if self.is_full_range { (0.0, 255.0, 255.0) } else { (16.0, 219.0, 224.0) };
        [black + luma * luma_span, 128.0 + cb * chroma_span, 128.0 + cr * chroma_span]
            .map(|level| level.round().clamp(0.0, 255.0) as u8)
    }
}

/// A picture in its own 8-bit planes, with unpadded rows: luma of `width` x `height`, Cb and Cr of half the width and
/// height. Width and height are even.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct YuvImage {
    width: usize,
    height: usize,
    /// Luma, row by row.
    pub luma: Vec<u8>,
    /// Blue minus luma, row by row.
    pub cb: Vec<u8>,
    /// Red minus luma, row by row.
    pub cr: Vec<u8>,
    /// The meaning of the values.
    pub colors: YuvColors,
}

impl YuvImage {
    /// Creates a black picture of `size_px` (width, height), each rounded up to an even number.
    #[must_use]
    pub fn new(size_px: [usize; 2], colors: YuvColors) -> Self {
        let [width, height] = size_px.map(|length| length.next_multiple_of(2));
        let [black, cb, cr] = colors.from_rgb([0; 3]);
        let chroma_len = width * height / 4;
        Self {
            width,
            height,
            luma: vec![black; width * height],
            cb: vec![cb; chroma_len],
            cr: vec![cr; chroma_len],
            colors,
        }
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

    /// Fills the picture with one color.
    pub fn fill(&mut self, rgb: [u8; 3]) {
        let [luma, cb, cr] = self.colors.from_rgb(rgb);
        self.luma.fill(luma);
        self.cb.fill(cb);
        self.cr.fill(cr);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_those_of_the_standards() {
        let limited = |matrix| YuvColors { matrix, is_full_range: false };
        assert_eq!(limited(YuvMatrix::Bt709).from_rgb([255; 3]), [235, 128, 128]);
        assert_eq!(limited(YuvMatrix::Bt601).from_rgb([0; 3]), [16, 128, 128]);
        assert_eq!(limited(YuvMatrix::Bt601).from_rgb([255, 0, 0]), [81, 90, 240]);
        assert_eq!(limited(YuvMatrix::Bt709).from_rgb([255, 0, 0]), [63, 102, 240]);
        assert_eq!(limited(YuvMatrix::Bt2020).from_rgb([0, 0, 255])[1], 240);
        let full = YuvColors { matrix: YuvMatrix::Bt601, is_full_range: true };
        assert_eq!(full.from_rgb([255; 3]), [255, 128, 128]);
        assert_eq!(full.from_rgb([255, 0, 0]), [76, 85, 255]);
    }

    #[test]
    fn odd_sizes_are_rounded_up() {
        let image = YuvImage::new([321, 241], YuvColors::default());
        assert_eq!((image.width(), image.height()), (322, 242));
        assert_eq!((image.luma.len(), image.cb.len(), image.cr.len()), (322 * 242, 161 * 121, 161 * 121));
    }
}
