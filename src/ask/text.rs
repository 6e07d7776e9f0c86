//! Splits a question into words. Pure.

/// A word of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// The word as typed, without punctuation around it.
    pub(super) typed: String,
    /// In lower case, without possessive ending.
    pub(super) text: String,
    /// The same in the singular.
    pub(super) stem: String,
    /// Whether it has a possessive ending: `Anna's`.
    pub(super) is_possessive: bool,
    /// Whether it begins with a capital letter, except at the beginning of a sentence.
    pub(super) is_capitalized: bool,
}

/// Splits a text into words. Hyphens and slashes separate words; points and underscores within a word do not, so file
/// names stay whole.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut is_first = true;
    let pieces =
        text.split(|c: char| c.is_whitespace() || "-/–—,;()\"“”=".contains(c)).filter(|piece| !piece.is_empty());
    let words = pieces.flat_map(|piece| {
        let mut words = parts(piece);
        for word in &mut words {
            word.is_capitalized &= !is_first;
        }
        is_first = piece.ends_with(['.', '?', '!', ':']);
        words
    });
    words.collect()
}

/// Splits the text between two spaces into words: `2.5s` is two words.
fn parts(piece: &str) -> Vec<Word> {
    let piece = piece.trim_matches(|c: char| "?!:#*[]{}".contains(c)).trim_end_matches(['.', '?', '!', ':']);
    let n_digits = piece.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(piece.len());
    let unit = &piece[n_digits..];
    if n_digits > 0 && ["s", "sec", "secs", "ms", "st", "nd", "rd", "th"].contains(&unit) {
        let number = word(&piece[..n_digits]);
        // `2nd` is an ordinal, `2s` a time.
        let is_ordinal = ["st", "nd", "rd", "th"].contains(&unit);
        return if is_ordinal { vec![word(piece)] } else { vec![number, word(unit)] };
    }
    if piece.is_empty() { Vec::new() } else { vec![word(piece)] }
}

fn word(piece: &str) -> Word {
    let lower = piece.to_lowercase().replace('’', "'");
    let is_contraction = ["what's", "who's", "that's", "how's", "where's", "it's", "let's"].contains(&lower.as_str());
    let bare = lower.strip_suffix("'s").filter(|_| !is_contraction).or_else(|| lower.strip_suffix("s'"));
    let is_possessive = bare.is_some();
    // `the sides'` is a plural possessive with the same stem.
    let text = bare.unwrap_or(&lower).to_owned();
    let typed = piece.chars().take(text.chars().count()).collect();
    Word { stem: stem(&text), typed, text, is_possessive, is_capitalized: piece.starts_with(char::is_uppercase) }
}

/// The singular of a word, by rules that need not be correct but must treat all words alike.
pub(super) fn stem(word: &str) -> String {
    match word {
        "feet" => return "foot".to_owned(),
        "centre" => return "center".to_owned(),
        "metre" | "metres" => return "meter".to_owned(),
        "colour" | "colours" => return "color".to_owned(),
        "reps" => return "rep".to_owned(),
        _ => {}
    }
    if let Some(start) = word.strip_suffix("ies").filter(|start| start.len() > 2) {
        return format!("{start}y");
    }
    if let Some(start) =
        word.strip_suffix("es").filter(|start| ["x", "ch", "sh", "ss"].iter().any(|end| start.ends_with(end)))
    {
        return start.to_owned();
    }
    let is_plural = word.len() > 3
        && word.ends_with('s')
        && !["ss", "us", "is"].iter().any(|end| word.ends_with(end))
        && word.chars().all(char::is_alphabetic);
    if is_plural { word[..word.len() - 1].to_owned() } else { word.to_owned() }
}

/// The stems of a phrase, without words that may occur anywhere.
pub(super) fn stems(phrase: &str) -> Vec<String> {
    let stems: Vec<String> = words(phrase).into_iter().map(|word| word.stem).collect();
    let telling: Vec<String> =
        stems.iter().filter(|stem| !["the", "a", "an", "of"].contains(&stem.as_str())).cloned().collect();
    if telling.is_empty() { stems } else { telling }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.stem).collect()
    }

    #[test]
    fn a_question_is_cut_into_stems() {
        assert_eq!(
            texts("How symmetric were Anna's knees in flip_and_walk_2p.mp4?"),
            ["how", "symmetric", "were", "anna", "knee", "in", "flip_and_walk_2p.mp4"]
        );
        assert_eq!(texts("toe-offs at 2.5s, 3 s (2nd rep)"), ["toe", "off", "at", "2.5", "s", "3", "s", "2nd", "rep"]);
        assert_eq!(texts("What's the athletes’ cadence."), ["what's", "the", "athlete", "cadence"]);
        assert_eq!(texts("feet bodies pelvis axis stress"), ["foot", "body", "pelvis", "axis", "stress"]);
    }

    #[test]
    fn possessives_and_capitals_are_kept() {
        let word = &words("Is Anna’s")[1];
        assert!(word.is_possessive && word.is_capitalized && word.text == "anna");
    }
}
