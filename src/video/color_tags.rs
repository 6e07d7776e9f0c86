//! The tags by which players know what the values of a video mean.

use ffmpeg::ffi;
use ffmpeg::util::color;
use ffmpeg::util::frame;
use ffmpeg_next as ffmpeg;

use crate::image::yuv::{YuvColors, YuvMatrix};

/// The tags of pictures that posekit makes: never of high dynamic range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ColorTags {
    space: color::Space,
    range: color::Range,
    primaries: color::Primaries,
    transfer: color::TransferCharacteristic,
}

impl ColorTags {
    pub(super) fn of(colors: YuvColors) -> Self {
        use color::TransferCharacteristic as Transfer;
        let (space, primaries, transfer) = match colors.matrix {
            // Standard definition has several primaries.
            YuvMatrix::Bt601 => (color::Space::SMPTE170M, color::Primaries::Unspecified, Transfer::Unspecified),
            YuvMatrix::Bt709 => (color::Space::BT709, color::Primaries::BT709, Transfer::BT709),
            YuvMatrix::Bt2020 => (color::Space::BT2020NCL, color::Primaries::BT2020, Transfer::BT2020_10),
        };
        let range = if colors.is_full_range { color::Range::JPEG } else { color::Range::MPEG };
        Self { space, range, primaries, transfer }
    }

    pub(super) fn set_on(self, frame: &mut frame::Video) {
        frame.set_color_space(self.space);
        frame.set_color_range(self.range);
        frame.set_color_primaries(self.primaries);
        frame.set_color_transfer_characteristic(self.transfer);
    }

    /// Sets the tags of an encoder.
    ///
    /// # Safety
    /// The context is valid, unshared and not open yet.
    pub(super) unsafe fn set_on_context(self, context: *mut ffi::AVCodecContext) {
        // SAFETY: as promised by the caller.
        let context = unsafe { &mut *context };
        context.colorspace = self.space.into();
        context.color_range = self.range.into();
        context.color_primaries = self.primaries.into();
        context.color_trc = self.transfer.into();
    }
}
