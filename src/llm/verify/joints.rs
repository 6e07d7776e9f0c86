//! Words of joints. Pure.

use super::Language;
use super::tokens::{Kind, Tokens};

/// The joint that token `i` names, in the facts' vocabulary.
pub(super) fn joint(tokens: &Tokens, i: usize, language: Language) -> Option<&'static str> {
    if tokens.kind(i) != Kind::Word {
        return None;
    }
    let (word, next) = (tokens.word(i), tokens.word(i + 1));
    match language {
        Language::En => {
            let is_width = matches!(next, "width" | "wide" | "distance" | "high")
                || (next == "-" && tokens.word(i + 2).starts_with("wid"));
            if is_width { None } else { english_joint(word, next) }
        }
        Language::De => german_joint(word),
        Language::Fr => french_joint(word),
        Language::Es => spanish_joint(word),
    }
}

fn english_joint(word: &str, next: &str) -> Option<&'static str> {
    Some(match word {
        "knee" | "knees" => "knee",
        "hip" | "hips" => "hip",
        "ankle" | "ankles" => "ankle",
        "elbow" | "elbows" => "elbow",
        "shoulder" | "shoulders" => "shoulder",
        "wrist" | "wrists" => "wrist",
        "trunk" | "torso" => "trunk",
        "upper" if next == "body" => "trunk",
        "neck" => "neck",
        "pelvis" => "pelvis",
        _ => return None,
    })
}

fn german_joint(word: &str) -> Option<&'static str> {
    let begins = |stems: &[&str]| stems.iter().any(|stem| word.starts_with(stem));
    if begins(&["kniebeuge", "kniehe", "schulterbreit", "hüftbreit"])
        && !word.starts_with("kniebeugung")
        && !word.starts_with("kniebeugewinkel")
    {
        return None;
    }
    Some(match word {
        _ if begins(&["knie"]) => "knee",
        _ if begins(&["hüft"]) => "hip",
        _ if begins(&["sprunggelenk", "knöchel", "fußgelenk", "fussgelenk"]) => "ankle",
        _ if begins(&["ellbogen", "ellenbogen"]) => "elbow",
        _ if begins(&["schulter"]) => "shoulder",
        _ if begins(&["handgelenk"]) => "wrist",
        _ if begins(&["rumpf", "oberkörper"]) => "trunk",
        _ if begins(&["hals", "nacken"]) => "neck",
        _ if begins(&["becken"]) => "pelvis",
        _ => return None,
    })
}

fn french_joint(word: &str) -> Option<&'static str> {
    Some(match word {
        "genou" | "genoux" => "knee",
        "hanche" | "hanches" => "hip",
        "cheville" | "chevilles" => "ankle",
        "coude" | "coudes" => "elbow",
        "épaule" | "épaules" => "shoulder",
        "poignet" | "poignets" => "wrist",
        "tronc" | "buste" | "torse" => "trunk",
        "cou" | "nuque" => "neck",
        "bassin" => "pelvis",
        _ => return None,
    })
}

fn spanish_joint(word: &str) -> Option<&'static str> {
    Some(match word {
        "rodilla" | "rodillas" => "knee",
        "cadera" | "caderas" => "hip",
        "tobillo" | "tobillos" => "ankle",
        "codo" | "codos" => "elbow",
        "hombro" | "hombros" => "shoulder",
        "muñeca" | "muñecas" => "wrist",
        "tronco" | "torso" => "trunk",
        "cuello" => "neck",
        "pelvis" => "pelvis",
        _ => return None,
    })
}

/// The segment of the body that token `i` names. Such words have other uses ("on the one hand"), so they count only if a
/// fact is about the segment.
pub(super) fn segment(tokens: &Tokens, i: usize, language: Language) -> Option<&'static str> {
    let (word, previous) = (tokens.word(i), tokens.before(i, 1));
    match language {
        Language::En => {
            let is_idiom =
                word == "hand" && (matches!(previous, "one" | "other" | "-") || tokens.word(i + 1) == "side");
            if is_idiom { None } else { english_segment(word) }
        }
        Language::De => german_segment(word),
        Language::Fr if word == "bras" && previous == "-" && tokens.before(i, 2) == "avant" => Some("forearm"),
        Language::Fr => french_segment(word),
        Language::Es => spanish_segment(word),
    }
}

fn english_segment(word: &str) -> Option<&'static str> {
    Some(match word {
        "thigh" | "thighs" => "thigh",
        "shank" | "shanks" | "shin" | "shins" => "shank",
        "foot" | "feet" => "foot",
        "head" => "head",
        "arm" | "arms" => "arm",
        "forearm" | "forearms" => "forearm",
        "hand" | "hands" => "hand",
        _ => return None,
    })
}

fn german_segment(word: &str) -> Option<&'static str> {
    Some(match word {
        _ if word.starts_with("oberschenkel") => "thigh",
        _ if word.starts_with("unterschenkel") => "shank",
        _ if word.starts_with("unterarm") => "forearm",
        _ if word.starts_with("oberarm") => "arm",
        "fuß" | "fußes" | "füße" | "füßen" | "fuss" => "foot",
        "kopf" | "kopfes" | "kopfs" => "head",
        "arm" | "arms" | "arme" | "armen" => "arm",
        "hand" | "hände" | "händen" => "hand",
        _ => return None,
    })
}

/// Without "jambe", which is the shank or the whole leg.
fn french_segment(word: &str) -> Option<&'static str> {
    Some(match word {
        "cuisse" | "cuisses" => "thigh",
        "pied" | "pieds" => "foot",
        "tête" => "head",
        "bras" => "arm",
        "main" | "mains" => "hand",
        _ => return None,
    })
}

/// Without "pierna", which is the shank or the whole leg.
fn spanish_segment(word: &str) -> Option<&'static str> {
    Some(match word {
        "muslo" | "muslos" => "thigh",
        "pie" | "pies" => "foot",
        "cabeza" => "head",
        "brazo" | "brazos" => "arm",
        "antebrazo" | "antebrazos" => "forearm",
        "mano" | "manos" => "hand",
        _ => return None,
    })
}

/// The facts' name for a joint or segment: `torso` is `trunk`.
pub(super) fn joint_of_fact(joint: Option<&str>, quantity: &str) -> Option<String> {
    let name = |text: &str| {
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
        words.iter().enumerate().find_map(|(i, word)| english_joint(word, words.get(i + 1).copied().unwrap_or("")))
    };
    match joint {
        Some(joint) => Some(name(joint).map_or_else(|| joint.to_lowercase(), str::to_owned)),
        None => name(quantity).map(str::to_owned),
    }
}
