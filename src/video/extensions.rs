//! What the extension of a file says about its content. Pure.

use std::path::Path;

/// What a file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A video or a still. Probing decides whether it is one.
    Media,
    /// A video, or source code.
    MediaOrText,
    /// The small copy of a video that cameras store beside it.
    Proxy,
    /// Sound, or pictures that FFmpeg cannot decode.
    OtherMedia,
    /// Something that people store beside videos.
    NoMedia,
    /// Anything.
    Unknown,
}

const MEDIA: &str = "3g2 3gp 3gp2 3gpp 360 264 265 amv apng asf av1 avc avi avif bmp cine divx dpx dv dvr-ms evo f4v \
    flv gif gxf h264 h265 hevc insv ivf j2k jp2 jpeg jpg jpgv lxf m1v m2p m2t m2v m4v mj2 mjp2 mjpeg mjpg mk3d mkv mov \
    mp4 mp4v mpe mpeg mpeg2 mpeg4 mpg mpg2 mpv mqv mxf nsv nut obu ogm ogv ogx pgm png ppm qt rm rmvb roq tga tif tiff \
    tod trp vob vro webm webp wmv wtv xvid y4m";

const MEDIA_OR_TEXT: &str = "m2ts mts ts";

const PROXIES: &str = "lrf lrv";

const OTHER_MEDIA: &str = "aac ac3 aif aiff amr ape arw au caf cihx cr2 cr3 crdownload crm crw dng dts erf exr flac gpr \
    hdr heic heics heif iiq insp kdc m4a m4b mcraw mef mid midi mka mos mp2 mp3 mraw mrw nef nrw oga ogg opus orf part \
    pef psd r3d raf ra raw rw2 rwl seq sr2 srf srw swf wav wma x3f braw ari arx vrw";

const NO_MEDIA: &str = "7z ass bat bdm bif bin bup bvh bz2 c c3d cfg clpi conf cpi cpp css csv ctrl db dll doc docx \
    duckdb exe fbx fcpxml fit gguf glb gpx gz h h5 hdf5 hpp html idx ifo ini ipynb jar jl js json jsonl kml lnk log mat \
    md md5 mot mpl mpls mvn npy npz numbers obj odp ods odt onnx osim pages parquet pdf pickle pkl ply pptx prproj pt \
    pth py r rar rs safetensors sh so sqlite srt ssa stl sto sub svg tar tcx tflite thm toml torrent trc txt url \
    vtt wal xlsx xml xmp xz yaml yml zip zst";

/// The extension of a file in small letters; `None` without one.
pub(super) fn extension_of(path: &Path) -> Option<String> {
    path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase())
}

/// What the extension of a file says.
pub(super) fn kind_of(path: &Path) -> Kind {
    let extension = extension_of(path).unwrap_or_default();
    let kinds = [
        (MEDIA, Kind::Media),
        (MEDIA_OR_TEXT, Kind::MediaOrText),
        (PROXIES, Kind::Proxy),
        (OTHER_MEDIA, Kind::OtherMedia),
        (NO_MEDIA, Kind::NoMedia),
    ];
    let is_listed = |list: &str| list.split_whitespace().any(|known| known == extension);
    kinds.into_iter().find(|(list, _)| is_listed(list)).map_or(Kind::Unknown, |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_extension_has_one_kind() {
        let lists = [MEDIA, MEDIA_OR_TEXT, PROXIES, OTHER_MEDIA, NO_MEDIA];
        let all: Vec<&str> = lists.iter().flat_map(|list| list.split_whitespace()).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(all.iter().all(|extension| extension.to_ascii_lowercase() == *extension));
    }

    #[test]
    fn kinds_follow_from_extensions_of_any_case() {
        for (name, kind) in [
            ("A.MP4", Kind::Media),
            ("00001.MTS", Kind::MediaOrText),
            ("a.LRV", Kind::Proxy),
            ("a.wav", Kind::OtherMedia),
            ("a.tar.gz", Kind::NoMedia),
            ("MOV001.MOD", Kind::Unknown),
            ("noextension", Kind::Unknown),
        ] {
            assert_eq!(kind_of(Path::new(name)), kind, "{name}");
        }
        for picture in super::super::sequence::PICTURE_EXTENSIONS {
            assert_eq!(kind_of(Path::new(&format!("a.{picture}"))), Kind::Media, "{picture}");
        }
    }
}
