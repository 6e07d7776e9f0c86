//! Pseudonyms of letters for people and clips: pronounceable, the same for the same key, and not real names. Pure.
//!
//! A name comes from a BLAKE3 hash of the key, so it does not depend on other keys. It has four syllables and sometimes
//! a last letter: 246 million names. Among 100,000 athletes about 20 pairs have the same name; with 1,000 athletes, one
//! dataset in 500 has a pair. A shared name merges nobody as long as the caller distinguishes people by key: if two
//! keys of one dataset have the same name, [`athlete_of_length`] gives both a longer one.
//!
//! A pseudonym hides a name from a reader. It does not prevent a person who guesses a name from checking the guess by
//! computing its pseudonym; put a secret before the key if that matters.

/// Consonants that a syllable begins with.
const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
/// Vowels that a syllable ends with.
const VOWELS: &[u8; 5] = b"aeiou";
/// Last letters; a space means no letter.
const ENDINGS: &[u8; 6] = b" lmnrs";
/// Number of syllables in a name.
const N_SYLLABLES: usize = 4;
/// Maximum number of syllables in a name: a hash has 32 bytes, two for each syllable and one for the ending.
const MAX_SYLLABLES: usize = 15;
/// Parts that a name never contains: abuse and slurs in the offered languages, and similar sounds.
const STOP: [&str; 40] = [
    "anal", "anus", "bite", "bobo", "boner", "dago", "dike", "fag", "fuk", "gili", "homo", "hure", "jap", "joder",
    "jude", "kafir", "kaka", "kike", "mamada", "mamon", "marika", "moro", "nazi", "neger", "niga", "nigu", "paki",
    "pede", "pedo", "penis", "pipi", "pute", "puta", "puto", "rape", "salop", "sida", "sudaka", "teta", "vagin",
];

/// Pseudonym of an athlete, such as `Athlete Bakorudi`. The key identifies one person in all videos.
#[must_use]
pub(crate) fn athlete(key: &str) -> String {
    athlete_of_length(key, N_SYLLABLES)
}

/// Pseudonym of an athlete with a given number of syllables (1 to 15), for keys that share a shorter one.
#[must_use]
pub(crate) fn athlete_of_length(key: &str, n_syllables: usize) -> String {
    format!("Athlete {}", name("athlete", key, n_syllables))
}

/// Pseudonym of a video, such as `clip Temilavo`.
#[must_use]
pub(crate) fn clip(key: &str) -> String {
    clip_of_length(key, N_SYLLABLES)
}

/// Pseudonym of a video with a given number of syllables (1 to 15), for keys that share a shorter one.
#[must_use]
pub(crate) fn clip_of_length(key: &str, n_syllables: usize) -> String {
    format!("clip {}", name("clip", key, n_syllables))
}

/// A capitalized name; `kind` separates the names of people and clips.
fn name(kind: &str, key: &str, n_syllables: usize) -> String {
    let mut attempt = 0u32;
    loop {
        let mut hasher = blake3::Hasher::new();
        hasher.update(kind.as_bytes()).update(&[0]).update(&attempt.to_le_bytes()).update(key.as_bytes());
        let text = spell(hasher.finalize().as_bytes(), n_syllables.clamp(1, MAX_SYLLABLES));
        // Few names contain such a part, so a second attempt is rare and a tenth does not happen.
        if !STOP.iter().any(|part| text.contains(part)) {
            return capitalize(&text);
        }
        attempt += 1;
    }
}

fn spell(hash: &[u8; 32], n_syllables: usize) -> String {
    let pick = |letters: &[u8], byte: u8| char::from(letters[usize::from(byte) % letters.len()]);
    let mut text = String::with_capacity(2 * n_syllables + 1);
    for bytes in hash.chunks_exact(2).take(n_syllables) {
        text.push(pick(CONSONANTS, bytes[0]));
        text.push(pick(VOWELS, bytes[1]));
    }
    let ending = pick(ENDINGS, hash[31]);
    if ending != ' ' {
        text.push(ending);
    }
    text
}

fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_stay_the_same() {
        assert_eq!(athlete("name:anna"), "Athlete Malekazi");
        assert_eq!(clip("video:walk"), "clip Govimerar");
        assert_ne!(athlete("x").rsplit(' ').next(), clip("x").rsplit(' ').next());
    }

    #[test]
    fn a_hundred_thousand_athletes_share_few_names() {
        let mut keys_of = HashMap::<String, Vec<String>>::new();
        for index in 0..100_000 {
            let key = format!("name:athlete {index}");
            keys_of.entry(athlete(&key)).or_default().push(key);
        }
        let n_shared = 100_000 - keys_of.len();
        println!("{n_shared} of 100,000 names are taken");
        assert!((5..=40).contains(&n_shared), "{n_shared}");
        for keys in keys_of.into_values().filter(|keys| keys.len() > 1) {
            let longer: BTreeMap<_, _> = keys.iter().map(|key| (athlete_of_length(key, 6), key)).collect();
            assert_eq!(longer.len(), keys.len(), "longer names keep the keys apart");
        }
    }

    #[test]
    fn stop_list_bites() {
        // Names of two syllables often contain a stopped part, so the test covers second attempts.
        let n_again = (0..20_000)
            .filter(|index| {
                let hash = blake3::Hasher::new()
                    .update(b"athlete\0")
                    .update(&0u32.to_le_bytes())
                    .update(index.to_string().as_bytes())
                    .finalize();
                let first = spell(hash.as_bytes(), 2);
                let shown = athlete_of_length(&index.to_string(), 2);
                assert!(!STOP.iter().any(|part| shown.to_lowercase()[8..].contains(part)), "{shown}");
                capitalize(&first) != shown[8..]
            })
            .count();
        assert!(n_again > 0);
    }

    proptest! {
        #[test]
        fn names_are_words_of_letters(key: String, n_syllables in 0usize..40) {
            let name = athlete_of_length(&key, n_syllables);
            let word = name.strip_prefix("Athlete ").unwrap();
            prop_assert!(word.len() >= 2 && word.bytes().all(|byte| byte.is_ascii_alphabetic()));
            prop_assert!(word.starts_with(|first: char| first.is_ascii_uppercase()));
            prop_assert_eq!(&name, &athlete_of_length(&key, n_syllables));
        }
    }
}
