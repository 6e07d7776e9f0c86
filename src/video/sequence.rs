//! Numbered pictures of one movement, which count as one video: `frame_0001.png`, `frame_0002.png` and so on.
//!
//! The pattern of their names stands for the video wherever a file is expected: `folder/frame_%04d.png`.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use super::error::VideoError;

/// Extensions of pictures that cameras and editors write in sequences.
pub(super) const PICTURE_EXTENSIONS: [&str; 13] =
    ["avif", "bmp", "dpx", "j2k", "jp2", "jpeg", "jpg", "pgm", "png", "ppm", "tga", "tif", "tiff"];

/// The names of numbered files: a text, a number, a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pattern {
    prefix: String,
    /// The number of digits, with leading zeros; 0 for numbers without leading zeros.
    width: usize,
    suffix: String,
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { prefix, width, suffix } = self;
        match width {
            0 => write!(formatter, "{prefix}%d{suffix}"),
            _ => write!(formatter, "{prefix}%0{width}d{suffix}"),
        }
    }
}

impl Pattern {
    /// Reads a pattern as users write it; `None` if the name contains no `%d` or `%04d`. The last one counts.
    pub(super) fn parse(name: &str) -> Option<Self> {
        name.rmatch_indices('%').find_map(|(start, _)| {
            let (digits, suffix) = name[start + 1..].split_once('d')?;
            let is_width = digits.is_empty() || (digits.len() <= 3 && digits.starts_with('0'));
            let width = if digits.is_empty() { Ok(0) } else { digits.parse() };
            let width = width.ok().filter(|&width| is_width && width <= MAX_WIDTH)?;
            Some(Self { prefix: name[..start].to_owned(), width, suffix: suffix.to_owned() })
        })
    }

    /// The number in a file's name; `None` if the name does not match.
    fn number(&self, name: &str) -> Option<u32> {
        let digits = name.strip_prefix(self.prefix.as_str())?.strip_suffix(self.suffix.as_str())?;
        let number = digits.parse().ok().filter(|&number| number <= MAX_NUMBER)?;
        (self.digits(number) == digits).then_some(number)
    }

    fn digits(&self, number: u32) -> String {
        format!("{number:0width$}", width = self.width)
    }

    fn name(&self, number: u32) -> String {
        format!("{}{}{}", self.prefix, self.digits(number), self.suffix)
    }

    /// Whether photo cameras and phones name single photos so, by the standard DCF: `IMG_0001.JPG`.
    fn is_of_photos(&self, first: u32) -> bool {
        let Some((stem, extension)) = self.name(first).rsplit_once('.').map(|(a, b)| (a.to_owned(), b.to_lowercase()))
        else {
            return false;
        };
        let is_free = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
        matches!(extension.as_str(), "jpg" | "jpeg")
            && stem.len() == 8
            && stem.bytes().all(|byte| is_free(&byte))
            && !stem.bytes().next().is_none_or(|byte| byte.is_ascii_digit())
    }
}

/// The most digits of a pattern.
const MAX_WIDTH: usize = 10;
/// FFmpeg counts pictures in 32 bits with a sign.
const MAX_NUMBER: u32 = i32::MAX as u32;

/// Pictures with consecutive numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sequence {
    folder: PathBuf,
    pattern: Pattern,
    /// The first number.
    pub(super) first: u32,
    /// The last number.
    last: u32,
}

impl Sequence {
    /// The sequence that a path stands for; `None` if the path is a file, or no pattern of files that there are.
    ///
    /// # Errors
    /// The folder cannot be read, or numbers are missing.
    pub(super) fn at(path: &Path) -> Result<Option<Self>, VideoError> {
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(pattern) = name.and_then(Pattern::parse).filter(|_| !path.exists()) else { return Ok(None) };
        let folder = path.parent().unwrap_or_else(|| Path::new("")).to_path_buf();
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
        let mut numbers = Vec::new();
        for entry in folder.read_dir().map_err(|source| VideoError::io(&folder, source))? {
            let entry = entry.map_err(|source| VideoError::io(&folder, source))?;
            numbers.extend(entry.file_name().to_str().and_then(|name| pattern.number(name)));
        }
        numbers.sort_unstable();
        let (Some(&first), Some(&last)) = (numbers.first(), numbers.last()) else { return Ok(None) };
        match first_gap(&numbers) {
            Some(number) => Err(VideoError::MissingPicture { path: folder.join(pattern.name(number)) }),
            None => Ok(Some(Self { folder, pattern, first, last })),
        }
    }

    /// Number of pictures.
    pub(super) fn len(&self) -> u64 {
        u64::from(self.last - self.first) + 1
    }

    /// The pictures in order.
    pub(super) fn files(&self) -> impl Iterator<Item = PathBuf> + '_ {
        (self.first..=self.last).map(|number| self.folder.join(self.pattern.name(number)))
    }

    /// The pattern for FFmpeg, in which `%%` stands for a percent sign; `None` if the path is not UTF-8.
    pub(super) fn for_ffmpeg(&self) -> Option<String> {
        let Pattern { prefix, width, suffix } = &self.pattern;
        let escaped = |text: &str| text.replace('%', "%%");
        let number = if *width == 0 { "%d".to_owned() } else { format!("%0{width}d") };
        let before = self.folder.join(prefix);
        Some(format!("{}{number}{}", escaped(before.to_str()?), escaped(suffix)))
    }

    /// Stamp of all pictures: the sum of their sizes, and the newest time of modification.
    pub(super) fn metadata(&self) -> impl Iterator<Item = Result<Metadata, VideoError>> + '_ {
        self.files().map(|path| path.metadata().map_err(|source| VideoError::io(&path, source)))
    }
}

/// The name of a video's file for people. Sequences have their folder's name before the pattern, because the pattern
/// alone is often the same.
#[must_use]
pub fn display_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let folder = path.parent().and_then(Path::file_name).map(|folder| folder.to_string_lossy().into_owned());
    let is_sequence = is_pattern(path) && !path.is_file();
    folder.filter(|_| is_sequence).map(|folder| format!("{folder}/{name}")).unwrap_or(name)
}

/// Whether a path may stand for a sequence.
#[must_use]
pub fn is_pattern(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| Pattern::parse(name).is_some())
}

/// Finds the numbered pictures of a folder, whatever cameras name them so: one pattern for each set of at least two
/// pictures, even if numbers are missing.
///
/// # Errors
/// The folder cannot be read.
pub fn patterns_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in folder.read_dir()? {
        let entry = entry?;
        names.extend(entry.file_name().to_str().filter(|name| is_picture(name)).map(str::to_owned));
    }
    let sets = numbered_sets(names.iter().map(String::as_str));
    Ok(sets.into_iter().filter(|set| set.numbers.len() >= 2).map(|set| folder.join(set.pattern.to_string())).collect())
}

/// Whether a name ends like that of a picture.
pub(super) fn is_picture(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| PICTURE_EXTENSIONS.contains(&extension.as_str()))
}

/// Files of one pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NumberedSet {
    /// The pattern of their names.
    pub(super) pattern: Pattern,
    /// Their numbers, ascending.
    pub(super) numbers: Vec<u32>,
}

/// Why numbered pictures are stills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StillsReason {
    /// A photo camera or a phone names its photos so.
    PhotoNames,
    /// Numbers are missing.
    Gaps,
    /// The pictures differ in size.
    Sizes,
}

/// The fewest pictures that a folder shows as a video. Ten are 0.4 s at 25 pictures a second: fewer show no movement.
const MIN_PICTURES: usize = 10;

impl NumberedSet {
    /// Names of the pictures in order.
    pub(super) fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.numbers.iter().map(|&number| self.pattern.name(number))
    }

    /// Whether there are enough pictures for a sequence.
    pub(super) fn is_long(&self) -> bool {
        self.numbers.len() >= MIN_PICTURES
    }

    /// The reason why the names alone show that the pictures are stills.
    pub(super) fn stills_reason(&self) -> Option<StillsReason> {
        let first = self.numbers.first().copied().unwrap_or_default();
        match first_gap(&self.numbers) {
            _ if self.pattern.is_of_photos(first) => Some(StillsReason::PhotoNames),
            Some(_) => Some(StillsReason::Gaps),
            None => None,
        }
    }
}

/// Sorts names of files by their patterns. A name without a number before its extension belongs to none.
pub(super) fn numbered_sets<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<NumberedSet> {
    let mut by_texts: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for name in names {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let prefix = stem.trim_end_matches(|byte: char| byte.is_ascii_digit());
        if prefix.len() < stem.len() {
            by_texts.entry((prefix, &name[stem.len()..])).or_default().push(&stem[prefix.len()..]);
        }
    }
    by_texts.into_iter().flat_map(|((prefix, suffix), digits)| sets_of(prefix, &digits, suffix)).collect()
}

/// The sets of names that differ in their digits only: one for each number of digits with leading zeros, else one.
fn sets_of(prefix: &str, digits: &[&str], suffix: &str) -> Vec<NumberedSet> {
    let padded = digits.iter().filter(|digits| digits.len() > 1 && digits.starts_with('0')).map(|digits| digits.len());
    let mut widths: Vec<usize> = padded.filter(|&width| width <= MAX_WIDTH).collect();
    widths.sort_unstable();
    widths.dedup();
    let widths = if widths.is_empty() { vec![0] } else { widths };
    let set_of = |width| {
        let pattern = Pattern { prefix: prefix.to_owned(), width, suffix: suffix.to_owned() };
        let number = |digits: &&str| pattern.number(&format!("{prefix}{digits}{suffix}"));
        let mut numbers: Vec<u32> = digits.iter().filter_map(number).collect();
        numbers.sort_unstable();
        NumberedSet { pattern, numbers }
    };
    widths.into_iter().map(set_of).filter(|set| !set.numbers.is_empty()).collect()
}

/// The first number that is missing between others.
fn first_gap(numbers: &[u32]) -> Option<u32> {
    numbers.windows(2).find(|pair| pair[1] - pair[0] > 1).map(|pair| pair[0] + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sets(names: &[&str]) -> Vec<(String, Vec<u32>)> {
        numbered_sets(names.iter().copied()).into_iter().map(|set| (set.pattern.to_string(), set.numbers)).collect()
    }

    #[test]
    fn names_are_sorted_by_pattern() {
        let names = ["a_0002.png", "a_0001.png", "b9.tif", "b10.tif", "a_0001.jpg", "cover.png", "a_12.png", "7.png"];
        assert_eq!(
            sets(&names),
            [
                ("%d.png".to_owned(), vec![7]),
                ("a_%04d.jpg".to_owned(), vec![1]),
                ("a_%04d.png".to_owned(), vec![1, 2]),
                ("b%d.tif".to_owned(), vec![9, 10]),
            ]
        );
        assert_eq!(sets(&["f0998.png", "f0999.png", "f1000.png", "f10000.png"])[0].1, [998, 999, 1000, 10000]);
        assert_eq!(sets(&["x_99999999999999999999.png", "%.png", "%d.png"]), []);
    }

    #[test]
    fn numbers_of_photos_and_numbers_with_gaps_are_no_sequence() {
        let reason = |names: &[&str]| numbered_sets(names.iter().copied())[0].stills_reason();
        assert_eq!(reason(&["IMG_0001.JPG", "IMG_0002.JPG"]), Some(StillsReason::PhotoNames));
        assert_eq!(reason(&["DSC00001.jpeg", "DSC00002.jpeg"]), Some(StillsReason::PhotoNames));
        assert_eq!(reason(&["f_01.png", "f_03.png"]), Some(StillsReason::Gaps));
        for names in
            [["IMG_0001.png", "IMG_0002.png"], ["00000001.jpg", "00000002.jpg"], ["img_0001.jpg", "img_0002.jpg"]]
        {
            assert_eq!(reason(&names), None, "{names:?}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_a_file() {
        for name in ["a.png", "100%.png", "a%4d.png", "a%s.png", "a%0000004d.png", "a%099d.png", ""] {
            assert_eq!(Pattern::parse(name), None, "{name}");
        }
        assert_eq!(Pattern::parse("a%d_%02d.x").unwrap().name(3), "a%d_03.x");
        assert_eq!(display_name(Path::new("/a/take 1/f_%04d.png")), "take 1/f_%04d.png");
        assert_eq!(display_name(Path::new("/a/take 1/f_0001.png")), "f_0001.png");
    }

    #[test]
    fn a_missing_picture_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| std::fs::write(folder.path().join(name), name).unwrap();
        ["f_08.png", "f_09.png", "f_10.png", "f_012.png", "g_11.png"].into_iter().for_each(write);
        let at = |name: &str| Sequence::at(&folder.path().join(name));
        let sequence = at("f_%02d.png").unwrap().unwrap();
        assert_eq!((sequence.first, sequence.len(), sequence.files().count()), (8, 3, 3));
        write("f_12.png");
        assert!(at("f_%02d.png").unwrap_err().to_string().contains("f_11.png"));
        assert_eq!(at("h_%02d.png").unwrap(), None);
        write("f_%02d.png");
        assert_eq!(at("f_%02d.png").unwrap(), None, "a file of that name is a file");
    }

    proptest! {
        #[test]
        fn a_pattern_is_read_as_it_is_written(prefix in "[a-z%]{0,4}", width in 0_usize..9, suffix in "[_.a-c]{0,4}") {
            let pattern = Pattern { prefix, width, suffix };
            prop_assert_eq!(Pattern::parse(&pattern.to_string()), Some(pattern));
        }

        #[test]
        fn a_number_is_found_in_its_name(prefix in "[a-z]{0,3}", width in 0_usize..9, number in 0..=MAX_NUMBER) {
            let pattern = Pattern { prefix, width, suffix: ".png".to_owned() };
            prop_assert_eq!(pattern.number(&pattern.name(number)), Some(number));
            let found = numbered_sets([pattern.name(number).as_str()]);
            prop_assert_eq!(&found[0].numbers, &[number]);
        }
    }
}
