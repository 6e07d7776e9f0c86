//! Finds what a file's tags say about the rate at which the camera took its pictures.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::container::Container;
use super::error::VideoError;
use super::footage::{Capture, CaptureSource, TaggedCapture};
use super::storage::StorageFile;

/// Android's rate of capture, pictures a second, as text. The muxer decides where it stands.
const ANDROID_TAG: &str = "com.android.capture.fps";
/// The largest description of a recording that is read, bytes. Sony's take a few thousand.
const MAX_DESCRIPTION_BYTES: u64 = 1 << 20;
/// The largest number of boxes at the top of a file that are looked at. Fragments have many.
const MAX_BOXES: usize = 1000;

/// Returns what the tags say; `None` without such tags.
///
/// # Errors
/// The storage does not answer.
pub(super) fn tagged_capture(container: &Container, path: &Path) -> Result<Option<TaggedCapture>, VideoError> {
    if let Some(rate_hz) = container.tag(ANDROID_TAG).and_then(|text| text.trim().parse().ok()) {
        return Ok(Some(TaggedCapture { capture: Capture::Fps(rate_hz), source: CaptureSource::AndroidTag }));
    }
    if !container.format_name().contains("mp4") {
        return Ok(None);
    }
    let mut file = match StorageFile::open(path) {
        Ok(file) => file,
        Err(error @ VideoError::Stalled { .. }) => return Err(error),
        Err(_) => return Ok(None),
    };
    let slow_motion = description(&mut file).and_then(|description| sony_slow_motion(&description));
    file.check()?;
    let tagged =
        |slow_motion| TaggedCapture { capture: Capture::SlowMotion(slow_motion), source: CaptureSource::SonyTag };
    Ok(slow_motion.map(tagged))
}

/// Returns the box `meta` at the top of an ISO media file as text; `None` if there is none.
fn description(file: &mut (impl Read + Seek)) -> Option<String> {
    let mut start = 0_u64;
    for _ in 0..MAX_BOXES {
        let mut header = [0; 16];
        file.seek(SeekFrom::Start(start)).ok()?;
        file.read_exact(&mut header).ok()?;
        let short = u64::from(u32::from_be_bytes(header[..4].try_into().ok()?));
        let size = if short == 1 { u64::from_be_bytes(header[8..].try_into().ok()?) } else { short };
        if &header[4..8] == b"meta" {
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(start + 8)).ok()?;
            file.take(size.min(MAX_DESCRIPTION_BYTES)).read_to_end(&mut bytes).ok()?;
            return Some(String::from_utf8_lossy(&bytes).into_owned());
        }
        // A size of 0 means: to the end of the file.
        start = start.checked_add(size).filter(|_| size >= 8)?;
    }
    None
}

/// Returns the ratio of the two rates in Sony's description of a recording: `captureFps="119.88p" formatFps="29.97p"`.
/// Both count fields if the video is interlaced.
fn sony_slow_motion(description: &str) -> Option<f64> {
    let rate = |name: &str| -> Option<f64> {
        let (_, rest) = description.split_once(name)?;
        let text = rest.strip_prefix("=\"")?.split('"').next()?;
        text.trim_end_matches(['p', 'i']).parse().ok().filter(|&rate: &f64| rate > 0.0)
    };
    Some(rate("captureFps")? / rate("formatFps")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn boxed(kind: &str, content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind.as_bytes(), content].concat()
    }

    #[test]
    fn the_description_is_found_between_other_boxes() {
        let xml = br#"\0\0\0\0<NonRealTimeMeta><VideoFrame videoCodec="AVC" captureFps="119.88p" formatFps="29.97p"/>"#;
        let file = [boxed("ftyp", b"XAVC"), boxed("mdat", &[7; 40]), boxed("meta", xml), boxed("free", &[])].concat();
        let slow_motion = sony_slow_motion(&description(&mut Cursor::new(file)).unwrap()).unwrap();
        assert!((slow_motion - 4.0).abs() < 1e-9, "{slow_motion}");
    }

    #[test]
    fn large_boxes_are_passed_over() {
        let large = [&1_u32.to_be_bytes()[..], b"mdat", &24_u64.to_be_bytes(), &[0; 8]].concat();
        let file = [large, boxed("meta", b"text of some length")].concat();
        assert!(description(&mut Cursor::new(file)).unwrap().contains("text of some length"));
    }

    #[test]
    fn files_without_a_description_have_none() {
        for file in [
            vec![],
            vec![0; 64],
            boxed("ftyp", b"isom"),
            boxed("meta", b"")[..8].to_vec(),
            b"RIFF....AVI LIST".to_vec(),
        ] {
            assert!(description(&mut Cursor::new(file.clone())).is_none_or(|text| text.is_empty()), "{file:?}");
        }
    }

    #[test]
    fn interlaced_rates_and_missing_rates() {
        assert_eq!(sony_slow_motion(r#"captureFps="59.94i" formatFps="59.94i""#), Some(1.0));
        for text in
            ["", r#"captureFps="100p""#, r#"captureFps="0p" formatFps="25p""#, r#"captureFps=100 formatFps="25p""#]
        {
            assert_eq!(sony_slow_motion(text), None, "{text}");
        }
    }
}
