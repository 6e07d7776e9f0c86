//! Makes names of pages that are safe in every file system and every link, and always the same.

use std::collections::HashMap;

/// The maximum length of a page's stem. It leaves room for an extension and an id in a name of 255 bytes.
const MAX_CHARACTERS: usize = 80;
/// The number of characters of a video's id that distinguish two videos of the same name.
const ID_CHARACTERS: usize = 8;
/// Names that Windows reserves for devices, with any extension.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Returns the names of the pages of videos, given as (file name, `video_id`). Names consist of lower-case ASCII
/// letters, digits and `-` and are unique. If several videos share a name, a piece of their id is added, so that links
/// to other pages do not change.
#[must_use]
pub(crate) fn slugs(videos: &[(&str, &str)]) -> Vec<String> {
    let stems: Vec<String> = videos.iter().map(|(name, _)| stem(name)).collect();
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for stem in &stems {
        *uses.entry(stem).or_default() += 1;
    }
    let mut taken: HashMap<String, usize> = HashMap::new();
    let unique = |candidate: String, taken: &mut HashMap<String, usize>| {
        let mut slug = candidate.clone();
        while taken.contains_key(&slug) {
            let count = taken.get(&candidate).map_or(1, |count| count + 1);
            taken.insert(candidate.clone(), count);
            slug = format!("{candidate}-{count}");
        }
        taken.insert(slug.clone(), 1);
        slug
    };
    let named = stems.iter().zip(videos).map(|(stem, (_, video_id))| {
        let is_shared = uses.get(stem.as_str()).is_some_and(|&count| count > 1);
        let id: String = kebab(video_id).chars().take(ID_CHARACTERS).collect();
        unique(if is_shared && !id.is_empty() { format!("{stem}-{id}") } else { stem.clone() }, &mut taken)
    });
    named.collect()
}

/// Returns the name without its extension, reduced to ASCII.
fn stem(name: &str) -> String {
    let without_extension = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let slug: String = kebab(without_extension).chars().take(MAX_CHARACTERS).collect();
    let slug = slug.trim_end_matches('-');
    let is_port = slug.len() == 4 && (slug.starts_with("com") || slug.starts_with("lpt"));
    match slug {
        "" => "video".to_owned(),
        _ if is_port || DEVICES.contains(&slug) => format!("{slug}-video"),
        _ => slug.to_owned(),
    }
}

/// Returns the ASCII letters and digits in lower case, with one `-` for everything between them.
fn kebab(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_become_slugs() {
        let one = |name: &str| slugs(&[(name, "0123456789abcdef")]).remove(0);
        assert_eq!(one("Flip and_walk (2p).MP4"), "flip-and-walk-2p");
        assert_eq!(one("</script><b>\"quotes\".mov"), "script-b-quotes");
        assert_eq!(one("../../etc/passwd"), "video");
        assert_eq!(one("スクワット.mp4"), "video");
        assert_eq!(one("con.mp4"), "con-video");
        assert_eq!(one("com1.mp4"), "com1-video");
        assert_eq!(one(&"a".repeat(300)).len(), MAX_CHARACTERS);
    }

    #[test]
    fn videos_of_the_same_name_are_told_apart_by_their_ids() {
        let videos = [("a.mp4", "aaaaaaaaaa"), ("run.mp4", "1111111111"), ("Run.mov", "2222222222"), ("b.mp4", "bbbb")];
        assert_eq!(slugs(&videos), ["a", "run-11111111", "run-22222222", "b"]);
        assert_eq!(slugs(&[("a.mp4", ""), ("a.mp4", "")]), ["a", "a-2"]);
    }

    proptest! {
        #[test]
        fn slugs_are_safe_and_different(videos in prop::collection::vec((".{0,12}", "[ab]{0,2}"), 0..40)) {
            let videos: Vec<(&str, &str)> = videos.iter().map(|(name, id)| (name.as_str(), id.as_str())).collect();
            let slugs = slugs(&videos);
            prop_assert_eq!(slugs.len(), videos.len());
            prop_assert_eq!(slugs.iter().collect::<HashSet<_>>().len(), videos.len());
            let is_safe = |slug: &String| slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            prop_assert!(slugs.iter().all(|slug| !slug.is_empty() && !slug.starts_with('-') && is_safe(slug)));
        }
    }
}
