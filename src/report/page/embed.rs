//! Embeds files in a page as `data:` links, written in pieces, so that a long video is never in memory as a whole.

use std::io::{self, Read, Write};

use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderWriter;

/// Writes a `data:` link with all bytes of `input`. The media type follows from the extension of `path`.
pub(super) fn write_data_link(out: &mut dyn Write, path: &str, input: &mut dyn Read) -> io::Result<()> {
    write!(out, "data:{};base64,", media_type(path))?;
    let mut encoder = EncoderWriter::new(out, &STANDARD);
    io::copy(input, &mut encoder)?;
    encoder.finish()?;
    Ok(())
}

/// Returns the registered media type of a file that a page shows.
fn media_type(path: &str) -> &'static str {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("mp4" | "m4v") => "video/mp4",
        Some("webm") => "video/webm",
        Some("mov") => "video/quicktime",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("svg") => "image/svg+xml",
        Some("csv") => "text/csv",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_in_rfc_4648() {
        let link = |bytes: &[u8]| {
            let mut out = Vec::new();
            write_data_link(&mut out, "x/A.MP4", &mut &*bytes).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(link(b"foobar"), "data:video/mp4;base64,Zm9vYmFy");
        assert_eq!(link(b"fooba"), "data:video/mp4;base64,Zm9vYmE=");
        assert_eq!(link(b""), "data:video/mp4;base64,");
        assert_eq!(link(&vec![0; 100_000]).len(), "data:video/mp4;base64,".len() + 100_000_usize.div_ceil(3) * 4);
    }
}
