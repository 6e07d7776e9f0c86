//! Finds out why a file cannot be read, from its first bytes and boxes.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::error::VideoError;
use super::storage::StorageFile;

/// The largest number of boxes at the top of a file that are looked at.
const MAX_BOXES: usize = 1000;

/// The error about a file of which no frame could be decoded.
pub(super) fn without_frames(path: &Path) -> VideoError {
    let path = path.to_path_buf();
    let is_animated = StorageFile::open(&path).is_ok_and(|mut file| is_animated_webp(&mut file));
    if is_animated { VideoError::AnimatedWebp { path } } else { VideoError::NoFrames { path } }
}

/// Whether a file is an MP4 file that holds data, but not its description. A camera or a program writes that at the end.
pub(super) fn is_unfinished_mp4(path: &Path) -> bool {
    StorageFile::open(path).is_ok_and(|mut file| lacks_description(&mut file).unwrap_or(false))
}

fn is_animated_webp(file: &mut impl Read) -> bool {
    /// The flag of animations in the extended header.
    const ANIMATION: u8 = 2;
    let mut header = [0; 21];
    file.read_exact(&mut header).is_ok()
        && &header[..4] == b"RIFF"
        && &header[8..16] == b"WEBPVP8X"
        && header[20] & ANIMATION != 0
}

/// `None` if the boxes at the top cannot be followed.
fn lacks_description(file: &mut (impl Read + Seek)) -> Option<bool> {
    let end = file.seek(SeekFrom::End(0)).ok()?;
    let (mut start, mut has_type, mut has_data) = (0_u64, false, false);
    for _ in 0..MAX_BOXES {
        let mut header = [0; 16];
        file.seek(SeekFrom::Start(start)).ok()?;
        // The last box may be cut off within its header.
        let n_read = file.take(16).read(&mut header).ok()?;
        let short = u64::from(u32::from_be_bytes(header[..4].try_into().ok()?));
        let size = if short == 1 { u64::from_be_bytes(header[8..].try_into().ok()?) } else { short };
        match &header[4..8] {
            _ if n_read < 8 => return Some(has_type && has_data),
            b"ftyp" => has_type = true,
            b"mdat" => has_data = true,
            b"wide" | b"free" | b"skip" | b"uuid" | b"meta" => {}
            // The index among them: the file is complete.
            _ => return Some(false),
        }
        // While it is written, the size of the data may be 0 or too large.
        start = start.checked_add(size).filter(|&next| size >= 8 && next < end).unwrap_or(end);
        if start == end {
            return Some(has_type && has_data);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn boxed(kind: &str, content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind.as_bytes(), content].concat()
    }

    fn is_unfinished(file: Vec<u8>) -> bool {
        lacks_description(&mut Cursor::new(file)).unwrap_or(false)
    }

    #[test]
    fn an_mp4_file_without_moov_is_unfinished() {
        let [kind, data] = [boxed("ftyp", b"isom"), boxed("mdat", &[7; 40])];
        assert!(is_unfinished([&kind[..], &data].concat()));
        assert!(is_unfinished([&kind[..], &boxed("wide", b""), &data[..20]].concat()), "cut off in the data");
        assert!(is_unfinished([&kind[..], &[0, 0, 0, 0], b"mdat", &[7; 40]].concat()), "a size is not written yet");
        assert!(!is_unfinished([&kind[..], &data, &boxed("moov", b"")].concat()));
        for other in [kind, vec![], vec![0; 64], b"RIFF....AVI LIST".to_vec(), boxed("mdat", &[7; 9])] {
            assert!(!is_unfinished(other.clone()), "{other:?}");
        }
    }

    #[test]
    fn animations_are_recognized_by_their_flag() {
        let webp = |flags: u8| [&b"RIFF....WEBPVP8X"[..], &[10, 0, 0, 0, flags], &[0; 20]].concat();
        assert!(is_animated_webp(&mut Cursor::new(webp(0x12))) && !is_animated_webp(&mut Cursor::new(webp(0x10))));
        assert!(!is_animated_webp(&mut Cursor::new(b"RIFF....WEBPVP8 ".to_vec())));
    }
}
