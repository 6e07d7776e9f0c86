//! Maps a question to a ready question with its SQL, or to the reason why there is none. Pure.

use super::choose::{Choice, choose, closest};
use super::fill::{Parameters, fill};
use super::known::{Clip, Known};
use super::lexicon::Lexicon;
use super::ready::Ready;
use super::slots::{self, Slots, Who};

/// Number of ready questions suggested if none matches.
const N_CLOSEST: usize = 4;

/// The reason why a question has no ready answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// The named clip does not exist.
    #[error("clip {text} not found in the tables; known clips: {clips}")]
    UnknownClip {
        /// Name in the question.
        text: String,
        /// Whether the word is certainly the name of a clip.
        is_sure: bool,
        /// The clips that exist.
        clips: String,
    },
    /// The name matches several clips.
    #[error("{text} matches several clips: {names}")]
    AmbiguousClip {
        /// Name in the question.
        text: String,
        /// The clips.
        names: String,
    },
    /// The named person does not exist.
    #[error("no person is named {text}; known people: {people}")]
    UnknownPerson {
        /// Name in the question.
        text: String,
        /// Whether the word is certainly a name.
        is_sure: bool,
        /// The people who exist.
        people: String,
    },
    /// The named person is not in the named clip.
    #[error("{who} is not in {clip}; {people}")]
    NotInClip {
        /// The person.
        who: String,
        /// The clip.
        clip: String,
        /// The people of the clip, in words.
        people: String,
    },
    /// No clip contains the exercise.
    #[error("no clip{of} has a {exercise}; known clips: {clips}")]
    NoExercise {
        /// The exercise.
        exercise: String,
        /// ` of NAME`, or an empty text.
        of: String,
        /// The clips with their exercises.
        clips: String,
    },
    /// The question is about a quantity that video cannot measure.
    #[error("{thing} cannot be measured from poses: {why}")]
    CannotBeMeasured {
        /// The quantity.
        thing: String,
        /// The reason.
        why: String,
    },
    /// No ready question matches.
    #[error("no ready question matches{unclear}")]
    NoMatch {
        /// `: WORDS is not understood`, or an empty text.
        unclear: String,
    },
}

impl Trouble {
    /// Whether a model may still understand the question.
    #[must_use]
    pub(crate) fn may_ask_model(&self) -> bool {
        match self {
            Self::NoMatch { .. } => true,
            Self::UnknownClip { is_sure, .. } | Self::UnknownPerson { is_sure, .. } => !is_sure,
            _ => false,
        }
    }
}

/// A question that has no ready answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The reason.
    pub(crate) trouble: Trouble,
    /// Examples of the closest ready questions.
    pub(crate) closest: Vec<String>,
}

/// A question that matches a ready question.
#[derive(Debug)]
pub(crate) struct Understood<'a> {
    /// The ready question.
    pub(crate) ready: &'a Ready,
    /// The SQL, with all values inserted.
    pub(crate) sql: String,
    /// The SQL without the restriction to certain people and sides, to name other rows if this SQL finds none. It is
    /// restricted to the clips that the question names.
    pub(crate) wide_sql: String,
    /// The clips that the question names.
    pub(crate) clips: Vec<&'a Clip>,
    /// The requested quantities, in words.
    pub(crate) words: String,
}

/// Understands a question.
///
/// # Errors
/// The question has no ready answer; the error gives the reason.
pub(crate) fn understand<'a>(
    question: &str,
    lexicon: &Lexicon,
    ready: &'a [Ready],
    known: &'a Known,
) -> Result<Understood<'a>, Refusal> {
    let mut slots = slots::read(question, lexicon, known);
    let refuse = |trouble: Trouble, slots: &Slots| {
        let is_unclear = matches!(trouble, Trouble::NoMatch { .. });
        Refusal { trouble, closest: if is_unclear { closest(slots, ready, N_CLOSEST) } else { Vec::new() } }
    };
    if let Some(trouble) = slots.trouble.clone() {
        return Err(refuse(trouble, &slots));
    }
    // A clip that follows from other words is not named.
    let is_named = !slots.clips.is_empty();
    if let Err(trouble) = narrow(&mut slots, known) {
        return Err(refuse(trouble, &slots));
    }
    let Some(Choice { ready: chosen }) = choose(&slots, ready) else {
        let trouble = match slots.cannot.and_then(|place| lexicon.cannot.get(place)) {
            Some((thing, why)) => Trouble::CannotBeMeasured { thing: thing.clone(), why: why.clone() },
            None => Trouble::NoMatch { unclear: unclear(&slots) },
        };
        return Err(refuse(trouble, &slots));
    };
    if let Err(trouble) = exercise_clip(&mut slots, chosen, known) {
        return Err(refuse(trouble, &slots));
    }
    let named_clips =
        if is_named { slots.clips.iter().map(|place| &known.clips[*place]).collect() } else { Vec::new() };
    let parameters = Parameters::of(&slots, chosen, known);
    Ok(Understood {
        ready: chosen,
        sql: fill(&chosen.sql, &parameters),
        wide_sql: fill(&chosen.sql, &parameters.without_scope(is_named)),
        clips: named_clips,
        words: Parameters::words(&slots, chosen, known),
    })
}

/// The words of a question that nothing explains.
fn unclear(slots: &Slots) -> String {
    let words = slots.tokens.iter().filter(|token| token.kind.is_none() && !token.is_filler);
    let words: Vec<&str> = words.map(|token| token.word.text.as_str()).collect();
    match words.len() {
        0 => String::new(),
        1 => format!(": \"{}\" is not understood", words[0]),
        _ => format!(": \"{}\" are not understood together", words.join("\", \"")),
    }
}

/// Checks that the named people are in the named clips. Finds the last clip and the two people of a clip.
fn narrow(slots: &mut Slots, known: &Known) -> Result<(), Trouble> {
    if slots.is_last_clip && slots.clips.is_empty() {
        let exercise = slots.exercise.clone();
        let fits = |clip: &Clip| {
            slots.people.iter().all(|who| is_in(who, &clip.video_id, known))
                && exercise.as_deref().is_none_or(|exercise| clip.is_of(exercise))
        };
        let last = (0..known.clips.len()).rev().find(|place| fits(&known.clips[*place]));
        slots.clips = vec![last.ok_or_else(|| no_exercise(slots, known))?];
    }
    for who in &slots.people {
        let clips: Vec<&Clip> = if slots.clips.is_empty() {
            known.clips.iter().collect()
        } else {
            slots.clips.iter().map(|place| &known.clips[*place]).collect()
        };
        if clips.iter().any(|clip| is_in(who, &clip.video_id, known)) {
            continue;
        }
        let called = match who {
            Who::Named(name) => name.clone(),
            Who::Number(number) => format!("person {number}"),
        };
        return Err(match slots.clips.as_slice() {
            [] => Trouble::UnknownPerson { text: called, is_sure: true, people: known.everybody() },
            [clip, ..] => Trouble::NotInClip {
                who: called,
                clip: known.clips[*clip].name.clone(),
                people: known.people_of(&known.clips[*clip]),
            },
        });
    }
    if slots.is_of_two && slots.people.is_empty() {
        let in_clip = |clip: &str| known.people.iter().filter(|person| person.video_id == clip).collect::<Vec<_>>();
        let clip = slots.clips.first().copied().or((known.clips.len() == 1).then_some(0));
        if let Some([first, second]) = clip.map(|clip| in_clip(&known.clips[clip].video_id)).as_deref() {
            slots.people = vec![Who::Number(first.person_id), Who::Number(second.person_id)];
        }
    }
    Ok(())
}

/// Determines the clip from the exercise, unless the ready question selects repetitions by exercise.
fn exercise_clip(slots: &mut Slots, ready: &Ready, known: &Known) -> Result<(), Trouble> {
    let Some(exercise) = slots.exercise.clone().filter(|_| !ready.sql.contains("'exercise'")) else { return Ok(()) };
    let fits = |place: &usize| {
        let clip = &known.clips[*place];
        clip.is_of(&exercise) && slots.people.iter().all(|who| is_in(who, &clip.video_id, known))
    };
    let clips: Vec<usize> = if slots.clips.is_empty() {
        (0..known.clips.len()).filter(fits).collect()
    } else {
        slots.clips.iter().copied().filter(fits).collect()
    };
    match clips[..] {
        [] => Err(no_exercise(slots, known)),
        [clip] => {
            slots.clips = vec![clip];
            Ok(())
        }
        _ => Ok(()),
    }
}

fn no_exercise(slots: &Slots, known: &Known) -> Trouble {
    let of = match slots.people.first() {
        Some(Who::Named(name)) => format!(" of {name}"),
        Some(Who::Number(number)) => format!(" of person {number}"),
        None => String::new(),
    };
    let clip = |clip: &Clip| {
        let exercises = clip.exercises.as_deref().filter(|text| !text.is_empty()).unwrap_or("no repetitions");
        format!("{} ({exercises})", clip.name)
    };
    let clips: Vec<String> = known.clips.iter().take(12).map(clip).collect();
    Trouble::NoExercise {
        exercise: slots.exercise.clone().unwrap_or_else(|| "set".to_owned()),
        of,
        clips: clips.join(", "),
    }
}

fn is_in(who: &Who, video_id: &str, known: &Known) -> bool {
    known.people.iter().any(|person| {
        person.video_id == video_id
            && match who {
                Who::Named(name) => person.name.as_ref() == Some(name),
                Who::Number(number) => person.person_id == *number,
            }
    })
}

#[cfg(test)]
mod tests;
