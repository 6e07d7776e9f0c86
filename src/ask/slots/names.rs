//! Finds the clips and people that a question names, including those that do not exist.

use super::{Kind, Slots, Who};
use crate::ask::known::Known;
use crate::ask::lexicon::Lexicon;
use crate::ask::text::{stem, words};
use crate::ask::understand::Trouble;

/// Words that occur next to a clip's name.
const CLIP_WORDS: [&str; 6] = ["clip", "video", "recording", "footage", "film", "session"];
/// Words that occur before a person's number.
const PERSON_WORDS: [&str; 9] = ["person", "athlete", "player", "subject", "p", "runner", "walker", "jumper", "people"];
/// Words that occur between two numbers of people.
const JOINING: [&str; 9] = ["and", "or", "vs", "versus", "against", "with", "to", "than", "from"];
/// Extensions of video files.
const ENDINGS: [&str; 8] = [".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".jpg", ".png"];

/// Finds clips by their file name, their id, or the beginning of their name. If a clip is named exactly, other words
/// name a clip only if they can mean nothing else.
pub(super) fn clips(slots: &mut Slots, lexicon: &Lexicon, known: &Known) {
    let spelled = |name: &str| words(name).into_iter().map(|word| word.text).collect::<Vec<_>>();
    let names: Vec<[Vec<String>; 2]> =
        known.clips.iter().map(|clip| [spelled(&clip.name), spelled(&clip.stem())]).collect();
    every_place(slots, |slots, place| exact_at(slots, place, &names, lexicon, known));
    let has_exact = !slots.clips.is_empty();
    every_place(slots, |slots, place| clip_at(slots, place, has_exact, lexicon, known));
}

/// Calls a function at each free position. It returns the number of words that it has explained.
fn every_place(slots: &mut Slots, mut explain: impl FnMut(&mut Slots, usize) -> usize) {
    let mut place = 0;
    while place < slots.tokens.len() {
        let n_words = if slots.is_free(place) { explain(slots, place) } else { 1 };
        place += n_words.max(1);
    }
}

/// Records the clip whose whole file name, or name without extension, stands at a position. A name that consists of
/// words of the lexicon or of a number counts only with its extension. Returns the number of words that name it.
fn exact_at(slots: &mut Slots, place: usize, names: &[[Vec<String>; 2]], lexicon: &Lexicon, known: &Known) -> usize {
    let is_here = |name: &[String]| {
        !name.is_empty() && name.iter().enumerate().all(|(number, word)| slots.text(place + number) == word)
    };
    let is_own = |word: &String| word.contains(char::is_alphabetic) && !lexicon.has(&stem(word));
    let length = |[name, bare]: &[Vec<String>; 2]| {
        let whole = is_here(name).then_some((true, name.len()));
        whole.or_else(|| (is_here(bare) && bare.iter().any(is_own)).then_some((false, bare.len())))
    };
    let lengths: Vec<Option<(bool, usize)>> = names.iter().map(length).collect();
    let Some(longest) = lengths.iter().flatten().copied().max_by_key(|(has_extension, n)| (*n, *has_extension)) else {
        return 0;
    };
    let found: Vec<usize> = (0..lengths.len()).filter(|clip| lengths[*clip] == Some(longest)).collect();
    record(slots, place, longest.1, &found, known);
    longest.1
}

/// Records a clip that a number of words name. If they name several, that is the trouble of the question.
fn record(slots: &mut Slots, place: usize, n_words: usize, found: &[usize], known: &Known) {
    if let [clip] = found {
        if !slots.clips.contains(clip) {
            slots.clips.push(*clip);
        }
    } else {
        let names: Vec<&str> = found.iter().take(10).map(|clip| known.clips[*clip].name.as_str()).collect();
        let text = (place..place + n_words).map(|place| slots.text(place)).collect::<Vec<_>>().join(" ");
        slots.trouble = Some(Trouble::AmbiguousClip { text, names: names.join(", ") });
    }
    slots.mark(place..place + n_words, Kind::Clip);
}

/// Records the clip whose id, or the beginning of whose name, stands at a position. `has_exact` says whether another
/// clip is named exactly. Returns the number of words that name it.
fn clip_at(slots: &mut Slots, place: usize, has_exact: bool, lexicon: &Lexicon, known: &Known) -> usize {
    let lengths: Vec<(usize, bool)> = known
        .clips
        .iter()
        .map(|clip| {
            let text = slots.text(place);
            let stem = clip.stem();
            let is_id = text.len() >= 6 && clip.video_id.starts_with(text);
            if text == clip.name.to_lowercase() || text == stem || is_id {
                return (1, true);
            }
            let parts: Vec<&str> = stem.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
            let n = parts.iter().enumerate().take_while(|(number, part)| slots.text(place + number) == **part).count();
            (n, n > 0 && n == parts.len())
        })
        .collect();
    let Some(longest) = lengths.iter().copied().max_by_key(|(n, is_whole)| (*is_whole, *n)).filter(|(n, _)| *n > 0)
    else {
        return 0;
    };
    let (n, is_whole) = longest;
    let (text, is_beside) = (slots.text(place), is_beside_clip_word(slots, place, n));
    let is_likely = n > 1 || text.len() >= 4 && !lexicon.has(&stem(text)) || is_beside;
    let is_word_of_its_own = is_whole && (n > 1 || !lexicon.has(&stem(text)));
    if !is_likely && !is_word_of_its_own {
        return 0;
    }
    let found: Vec<usize> = (0..lengths.len()).filter(|clip| lengths[*clip] == longest).collect();
    if has_exact {
        let is_own = (place..place + n).any(|word| !lexicon.has(slots.stem(word)));
        if found.len() > 1 || !is_own || !(is_beside || n > 1 || is_whole) {
            return 0;
        }
    }
    record(slots, place, n, &found, known);
    n
}

fn is_beside_clip_word(slots: &Slots, place: usize, n_words: usize) -> bool {
    let before = place.checked_sub(1).map_or("", |before| slots.stem(before));
    CLIP_WORDS.contains(&before) || CLIP_WORDS.contains(&slots.stem(place + n_words))
}

/// Finds people by name or number.
pub(super) fn people(slots: &mut Slots, known: &Known) {
    let mut names: Vec<&str> = known.people.iter().filter_map(|person| person.name.as_deref()).collect();
    names.sort_unstable_by_key(|name| (std::cmp::Reverse(name.len()), *name));
    names.dedup();
    for name in names {
        let parts: Vec<String> = name.to_lowercase().split_whitespace().map(str::to_owned).collect();
        for place in 0..slots.tokens.len() {
            let is_here = !parts.is_empty()
                && parts.iter().enumerate().all(|(n, part)| slots.text(place + n) == part && slots.is_free(place + n));
            if is_here {
                slots.mark(place..place + parts.len(), Kind::Person);
                add(slots, place, Who::Named(name.to_owned()));
            }
        }
    }
    for place in 0..slots.tokens.len() {
        numbered(slots, place);
    }
}

/// Records a person, in the order in which people are named.
fn add(slots: &mut Slots, place: usize, who: Who) {
    if slots.people.contains(&who) {
        return;
    }
    let rank = slots.people_places.iter().filter(|other| **other < place).count();
    slots.people.insert(rank, who);
    slots.people_places.insert(rank, place);
}

/// `person 1`, `athlete number 1`, `main athlete`, `persons 0 and 1`, `both people`.
fn numbered(slots: &mut Slots, place: usize) {
    let number = |slots: &Slots, place: usize| slots.text(place).parse::<i64>().ok().filter(|_| slots.is_free(place));
    let stem = slots.stem(place).to_owned();
    if stem == "p0" || stem == "p1" || stem == "p2" || stem == "p3" {
        add(slots, place, Who::Number(stem[1..].parse().unwrap_or_default()));
        slots.mark([place], Kind::Person);
    }
    if !PERSON_WORDS.contains(&stem.as_str()) || !slots.is_free(place) {
        return;
    }
    let before = place.checked_sub(1).map_or("", |before| slots.stem(before)).to_owned();
    if before == "main" {
        add(slots, place, Who::Number(0));
        slots.mark([place - 1, place], Kind::Person);
        return;
    }
    if ["both", "two"].contains(&before.as_str()) {
        slots.is_of_two = true;
        slots.mark([place - 1, place], Kind::Person);
        return;
    }
    let mut next = if ["number", "no", "id", "no."].contains(&slots.stem(place + 1)) { place + 2 } else { place + 1 };
    let Some(first) = number(slots, next) else { return };
    add(slots, place, Who::Number(first));
    slots.mark(place..=next, Kind::Person);
    while JOINING.contains(&slots.stem(next + 1)) {
        let Some(other) = number(slots, next + 2) else { return };
        if ["s", "second", "sec"].contains(&slots.stem(next + 3)) {
            return;
        }
        add(slots, next + 2, Who::Number(other));
        slots.mark([next + 2], Kind::Person);
        next += 2;
    }
}

/// Records a named clip or person that does not exist.
pub(super) fn unknown(slots: &mut Slots, lexicon: &Lexicon, known: &Known) {
    if slots.trouble.is_some() {
        return;
    }
    for place in 0..slots.tokens.len() {
        let token = &slots.tokens[place];
        let text = &token.word.text;
        if token.kind.is_some() || token.is_filler {
            continue;
        }
        let is_file = ENDINGS.iter().any(|ending| text.ends_with(ending));
        let is_measured = known.metrics.iter().any(|metric| metric.metric.split('_').any(|part| part == *text));
        let is_new = !lexicon.has(&token.word.stem) && !is_measured && text.chars().any(char::is_alphabetic);
        if is_file || is_new && is_beside_clip_word(slots, place, 1) {
            let text = token.word.typed.clone();
            slots.trouble = Some(Trouble::UnknownClip { text, is_sure: is_file, clips: known.all_clips() });
            return;
        }
        if is_new && (token.word.is_possessive || token.word.is_capitalized) {
            slots.trouble = Some(Trouble::UnknownPerson {
                text: token.word.typed.clone(),
                is_sure: token.word.is_possessive,
                people: known.everybody(),
            });
            return;
        }
    }
}
