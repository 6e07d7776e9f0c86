//! How the model words a measurement in each language: quantity, joint, side, unit, number.

use super::faults::Dice;
use super::numerals::in_words;
use super::story::{Claim, Side};

/// A language that the model writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
}

impl Language {
    /// By its code. English if the model does not write it.
    pub(crate) fn by_code(code: &str) -> Self {
        match code {
            "de" => Self::De,
            "fr" => Self::Fr,
            "es" => Self::Es,
            _ => Self::En,
        }
    }

    /// The text for this language.
    pub(crate) fn of<T: Copy>(self, texts: [T; 4]) -> T {
        let [english, german, french, spanish] = texts;
        match self {
            Self::En => english,
            Self::De => german,
            Self::Fr => french,
            Self::Es => spanish,
        }
    }
}

/// Quantities without their joint: English, then with its article in German, French and Spanish.
const QUANTITIES: &[[&str; 4]] = &[
    ["range of motion", "der Bewegungsumfang", "l'amplitude de mouvement", "el rango de movimiento"],
    [
        "peak angular velocity",
        "die Spitze der Winkelgeschwindigkeit",
        "le pic de vitesse angulaire",
        "el pico de velocidad angular",
    ],
    ["peak velocity", "die Spitze der Geschwindigkeit", "le pic de vitesse", "el pico de velocidad"],
    ["angular velocity", "die Winkelgeschwindigkeit", "la vitesse angulaire", "la velocidad angular"],
    ["peak flexion", "die Spitze der Beugung", "le pic de flexion", "el pico de flexión"],
    ["flexion", "die Beugung", "la flexion", "la flexión"],
    ["angle", "der Winkel", "l'angle", "el ángulo"],
    ["lean", "die Neigung", "l'inclinaison", "la inclinación"],
    ["stride length", "die Doppelschrittlänge", "la longueur de foulée", "la longitud de zancada"],
    ["step length", "die Schrittlänge", "la longueur de pas", "la longitud de paso"],
    ["step width", "die Schrittbreite", "la largeur de pas", "la anchura de paso"],
    ["stride time", "die Doppelschrittdauer", "la durée de foulée", "la duración de zancada"],
    ["step time", "die Schrittdauer", "la durée de pas", "la duración de paso"],
    ["stance time", "die Standdauer", "la durée d'appui", "la duración de apoyo"],
    ["swing time", "die Schwungdauer", "la durée d'oscillation", "la duración de balanceo"],
    ["contact time", "die Kontaktzeit", "le temps de contact", "el tiempo de contacto"],
    ["flight time", "die Flugzeit", "le temps de vol", "el tiempo de vuelo"],
    ["gait speed", "die Ganggeschwindigkeit", "la vitesse de marche", "la velocidad de marcha"],
    ["cadence", "die Schrittfrequenz", "la cadence", "la cadencia"],
    [
        "step length symmetry",
        "die Symmetrie der Schrittlängen",
        "la symétrie de longueur de pas",
        "la simetría de longitud de paso",
    ],
    ["symmetry", "die Symmetrie", "la symétrie", "la simetría"],
    ["jump height", "die Sprunghöhe", "la hauteur de saut", "la altura de salto"],
    ["number of repetitions", "die Anzahl der Wiederholungen", "le nombre de répétitions", "el número de repeticiones"],
    ["duration", "die Dauer", "la durée", "la duración"],
    ["smoothness", "die Bewegungsruhe", "la fluidité", "la fluidez"],
    ["extension", "die Streckung", "l'extension", "la extensión"],
    ["dorsiflexion", "die Dorsalflexion", "la dorsiflexion", "la dorsiflexión"],
    ["peak dorsiflexion", "die Spitze der Dorsalflexion", "le pic de dorsiflexion", "el pico de dorsiflexión"],
    [
        "peak turning speed",
        "die Spitze der Drehgeschwindigkeit",
        "le pic de vitesse de rotation",
        "el pico de velocidad de giro",
    ],
    ["peak angle", "die Spitze des Winkels", "le pic d'angle", "el pico del ángulo"],
    ["mean lean", "die mittlere Neigung", "l'inclinaison moyenne", "la inclinación media"],
    ["largest lean", "die Spitze der Neigung", "le pic d'inclinaison", "el pico de inclinación"],
    [
        "peak speed of the center of mass",
        "die Spitze der Geschwindigkeit des Schwerpunkts",
        "le pic de vitesse du centre de masse",
        "el pico de velocidad del centro de masa",
    ],
    [
        "mean speed of the center of mass",
        "die mittlere Geschwindigkeit des Schwerpunkts",
        "la vitesse moyenne du centre de masse",
        "la velocidad media del centro de masa",
    ],
    [
        "vertical range of the center of mass",
        "der senkrechte Weg des Schwerpunkts",
        "l'amplitude verticale du centre de masse",
        "el recorrido vertical del centro de masa",
    ],
    [
        "share of frames in which the person was found",
        "der Anteil der Bilder mit erkannter Person",
        "la part des images où la personne est visible",
        "la proporción de imágenes con la persona detectada",
    ],
    [
        "share of the stride in stance",
        "der Anteil der Standphase",
        "la part de la phase d'appui",
        "la proporción de la fase de apoyo",
    ],
    [
        "tempo of the repetitions",
        "das Tempo der Wiederholungen",
        "le rythme des répétitions",
        "el ritmo de las repeticiones",
    ],
    [
        "mean depth of the repetitions",
        "die mittlere Tiefe der Wiederholungen",
        "la profondeur moyenne des répétitions",
        "la profundidad media de las repeticiones",
    ],
    [
        "mean duration of the repetitions",
        "die mittlere Dauer der Wiederholungen",
        "la durée moyenne des répétitions",
        "la duración media de las repeticiones",
    ],
    [
        "depth of the squats",
        "die Tiefe der Kniebeugen",
        "la profondeur des squats",
        "la profundidad de las sentadillas",
    ],
    ["number of squats", "die Anzahl der Kniebeugen", "le nombre de squats", "el número de sentadillas"],
    [
        "jump height by flight time",
        "die Sprunghöhe aus der Flugzeit",
        "la hauteur de saut d'après le temps de vol",
        "la altura de salto según el tiempo de vuelo",
    ],
];

/// What follows a quantity: in English, German, French and Spanish.
const ENDS: &[[&str; 4]] = &[
    [" in space", " im Raum", " dans l'espace", " en el espacio"],
    [" in the picture plane", " in der Bildebene", " dans le plan de l'image", " en el plano de la imagen"],
];

/// Joints and segments: English, then in the genitive with its article, with the side before or after it (`{}`). The first seven may be
/// mixed up.
const JOINTS: &[[&str; 4]] = &[
    ["knee", "des {}Knies", "du genou{}", "de la rodilla{}"],
    ["hip", "der {}Hüfte", "de la hanche{}", "de la cadera{}"],
    ["ankle", "des {}Sprunggelenks", "de la cheville{}", "del tobillo{}"],
    ["elbow", "des {}Ellbogens", "du coude{}", "del codo{}"],
    ["shoulder", "der {}Schulter", "de l'épaule{}", "del hombro{}"],
    ["wrist", "des {}Handgelenks", "du poignet{}", "de la muñeca{}"],
    ["trunk", "des {}Rumpfs", "du tronc{}", "del tronco{}"],
    ["pelvis", "des {}Beckens", "du bassin{}", "de la pelvis{}"],
    ["thigh", "des {}Oberschenkels", "de la cuisse{}", "del muslo{}"],
    ["shank", "des {}Unterschenkels", "de la jambe{}", "de la pierna{}"],
    ["foot", "des {}Fußes", "du pied{}", "del pie{}"],
    ["head", "des {}Kopfes", "de la tête{}", "de la cabeza{}"],
    ["arm", "des {}Arms", "du bras{}", "del brazo{}"],
    ["forearm", "des {}Unterarms", "de l'avant-bras{}", "del antebrazo{}"],
    ["hand", "der {}Hand", "de la main{}", "de la mano{}"],
];

/// Joints that may be mixed up.
pub(crate) fn joints() -> impl Iterator<Item = &'static str> {
    JOINTS.iter().take(7).map(|[english, ..]| *english)
}

/// Side as an adjective of the joint, by the German, French and Spanish gender of the phrases above.
fn side_adjective(side: Side, language: Language, phrase: &str) -> &'static str {
    let is_feminine = phrase.starts_with("de la ") || phrase.starts_with("de l'");
    match (side, language, is_feminine) {
        (Side::Left, Language::De, _) => "linken ",
        (Side::Right, Language::De, _) => "rechten ",
        (Side::Left, Language::Fr, _) => " gauche",
        (Side::Right, Language::Fr, false) => " droit",
        (Side::Right, Language::Fr, true) => " droite",
        (Side::Left, Language::Es, false) => " izquierdo",
        (Side::Left, Language::Es, true) => " izquierda",
        (Side::Right, Language::Es, false) => " derecho",
        (Side::Right, Language::Es, true) => " derecha",
        _ => "",
    }
}

/// Side as a phrase of its own.
fn side_phrase(side: Side, language: Language) -> &'static str {
    match side {
        Side::Left => {
            language.of([" on the left", " auf der linken Seite", " du côté gauche", " en el lado izquierdo"])
        }
        Side::Right => {
            language.of([" on the right", " auf der rechten Seite", " du côté droit", " en el lado derecho"])
        }
        Side::Both => language.of([" on both sides", " auf beiden Seiten", " des deux côtés", " en ambos lados"]),
        Side::None => "",
    }
}

/// What is measured, with its article, joint and side.
pub(crate) fn quantity(claim: &Claim, language: Language, dice: &mut Dice) -> String {
    let is_adjective = dice.roll(2) == 0;
    let joint = claim.joint.as_deref().and_then(|joint| JOINTS.iter().find(|[english, ..]| *english == joint));
    if language == Language::En {
        let phrase = match &claim.joint {
            Some(joint) if !claim.names_joint() => format!("{joint} {}", claim.phrase()),
            _ => claim.phrase().to_string(),
        };
        return match (claim.side, is_adjective) {
            (Side::Left, true) => format!("the left {phrase}"),
            (Side::Right, true) => format!("the right {phrase}"),
            (side, _) => format!("the {phrase}{}", side_phrase(side, language)),
        };
    }
    let base = translated(&claim.noun(), language);
    let Some(joint) = joint.map(|names| language.of(*names)) else {
        let unknown = claim.joint.as_deref().map_or(String::new(), |joint| format!(" ({joint})"));
        return format!("{base}{unknown}{}", side_phrase(claim.side, language));
    };
    let adjective = side_adjective(claim.side, language, joint);
    if is_adjective && !adjective.is_empty() {
        format!("{base} {}", joint.replace("{}", adjective))
    } else {
        format!("{base} {}{}", joint.replace("{}", ""), side_phrase(claim.side, language))
    }
}

/// A quantity in German, French or Spanish; in English, between quotation marks, if the model has no word for it.
fn translated(noun: &str, language: Language) -> String {
    let end = ENDS.iter().find(|[english, ..]| noun.ends_with(english));
    let core = end.map_or(noun, |[english, ..]| noun.strip_suffix(english).unwrap_or(noun));
    match QUANTITIES.iter().find(|[english, ..]| *english == core) {
        Some(names) => format!("{}{}", language.of(*names), end.map_or("", |names| language.of(*names))),
        None => {
            language.of(["the value „{}“", "der Wert „{}“", "la valeur « {} »", "el valor «{}»"]).replace("{}", noun)
        }
    }
}

/// Units: as the tables have them, then in English, German, French and Spanish words, then as a sign with the space before it.
const UNITS: &[(&str, [&str; 4], &str)] = &[
    ("deg", ["degrees", "Grad", "degrés", "grados"], "°"),
    ("rad", ["radians", "Radiant", "radians", "radianes"], " rad"),
    ("m", ["meters", "Meter", "mètres", "metros"], " m"),
    ("cm", ["centimeters", "Zentimeter", "centimètres", "centímetros"], " cm"),
    ("mm", ["millimeters", "Millimeter", "millimètres", "milímetros"], " mm"),
    ("m/s", ["meters per second", "Meter pro Sekunde", "mètres par seconde", "metros por segundo"], " m/s"),
    ("km/h", ["kilometers per hour", "Kilometer pro Stunde", "kilomètres par heure", "kilómetros por hora"], " km/h"),
    ("1/min", ["per minute", "pro Minute", "par minute", "por minuto"], " 1/min"),
    ("1/s", ["per second", "pro Sekunde", "par seconde", "por segundo"], " 1/s"),
    ("s", ["seconds", "Sekunden", "secondes", "segundos"], " s"),
    ("ms", ["milliseconds", "Millisekunden", "millisecondes", "milisegundos"], " ms"),
    ("min", ["minutes", "Minuten", "minutes", "minutos"], " min"),
    ("%", ["percent", "Prozent", "pour cent", "por ciento"], " %"),
    ("deg/s", ["degrees per second", "Grad pro Sekunde", "degrés par seconde", "grados por segundo"], "°/s"),
    ("rad/s", ["radians per second", "Radiant pro Sekunde", "radians par seconde", "radianes por segundo"], " rad/s"),
];

/// Units that may be mixed up with a unit.
pub(crate) fn other_units(unit: &str) -> &'static [&'static str] {
    match unit {
        "deg" => &["rad", "%"],
        "m" => &["cm", "mm", "m/s"],
        "cm" => &["m", "mm"],
        "mm" => &["cm", "m"],
        "m/s" => &["km/h", "m"],
        "1/min" => &["1/s", "%"],
        "s" => &["ms", "min"],
        "%" => &["deg", "m"],
        "deg/s" => &["rad/s", "deg"],
        _ => &[],
    }
}

/// The number with its unit and, if told, its interval.
pub(crate) fn amount(claim: &Claim, language: Language, dice: &mut Dice) -> String {
    let (wants_words, wants_sign, pattern) = (dice.roll(8) == 0, dice.roll(2) == 0, dice.roll(2));
    let words = claim.shown.parse().ok().and_then(|number| in_words(number, language)).filter(|_| wants_words);
    let with_unit = |number: &str, is_sign: bool| match UNITS.iter().find(|(unit, ..)| *unit == claim.unit) {
        _ if claim.unit == "1" || claim.unit.is_empty() => number.to_string(),
        None => format!("{number} {}", claim.unit),
        Some((_, _, sign)) if is_sign => format!("{number}{sign}"),
        Some((_, names, _)) => format!("{number} {}", language.of(*names)),
    };
    let said = match &words {
        Some(words) => with_unit(words, false),
        None => with_unit(&claim.shown, wants_sign),
    };
    let (Some(low), Some(high), true) = (&claim.low, &claim.high, claim.is_interval_told) else { return said };
    let high = with_unit(high, wants_sign);
    match (language, pattern) {
        (Language::En, 0) => format!("{said} (between {low} and {high})"),
        (Language::En, _) => format!("{said} (interval {low} to {high})"),
        (Language::De, 0) => format!("{said} (zwischen {low} und {high})"),
        (Language::De, _) => format!("{said} (Intervall {low} bis {high})"),
        (Language::Fr, 0) => format!("{said} (entre {low} et {high})"),
        (Language::Fr, _) => format!("{said} (intervalle de {low} à {high})"),
        (Language::Es, 0) => format!("{said} (entre {low} y {high})"),
        (Language::Es, _) => format!("{said} (intervalo de {low} a {high})"),
    }
}

/// The text with its first letter in upper case.
pub(crate) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knee() -> Claim {
        Claim {
            quantity: "knee range of motion".to_string(),
            shown: "62".to_string(),
            unit: "deg".to_string(),
            side: Side::Left,
            joint: Some("knee".to_string()),
            ..Claim::default()
        }
    }

    #[test]
    fn side_and_joint_agree_in_every_language() {
        let words = |language, seed| quantity(&knee(), language, &mut Dice(seed));
        let forms = |language| (0..20).map(|seed| words(language, seed)).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(
            Vec::from_iter(forms(Language::En)),
            ["the knee range of motion on the left", "the left knee range of motion"]
        );
        assert!(forms(Language::De).contains("der Bewegungsumfang des linken Knies"));
        assert!(forms(Language::Fr).contains("l'amplitude de mouvement du genou gauche"));
        assert!(forms(Language::Es).contains("el rango de movimiento de la rodilla izquierda"));
    }

    #[test]
    fn numbers_come_in_digits_and_words_with_their_unit() {
        let forms: std::collections::BTreeSet<String> =
            (0..200).map(|seed| amount(&knee(), Language::De, &mut Dice(seed))).collect();
        assert_eq!(Vec::from_iter(forms), ["62 Grad", "62°", "zweiundsechzig Grad"]);
    }

    #[test]
    fn every_unit_that_is_mixed_up_can_be_worded() {
        for (unit, ..) in UNITS {
            for other in other_units(unit) {
                assert!(UNITS.iter().any(|(known, ..)| known == other), "{other}");
                assert_ne!(unit, other);
            }
        }
    }
}
