//! Units as written after a number. Pure.

use super::tokens::{Kind, Tokens};

/// A unit after a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Unit {
    /// Degrees of an angle.
    Degree,
    /// Radians.
    Radian,
    /// Degrees per second.
    DegreePerSecond,
    /// Meters.
    Meter,
    /// Centimeters.
    Centimeter,
    /// Millimeters.
    Millimeter,
    /// Kilometers.
    Kilometer,
    /// Inches, feet, yards or miles.
    Imperial,
    /// Seconds.
    Second,
    /// Milliseconds.
    Millisecond,
    /// Minutes.
    Minute,
    /// Hours.
    Hour,
    /// Meters per second.
    MeterPerSecond,
    /// Meters per second squared.
    MeterPerSecondSquared,
    /// Kilometers per hour.
    KilometerPerHour,
    /// Any other length per time.
    OtherSpeed,
    /// Something per minute: steps, beats.
    PerMinute,
    /// Something per second.
    Hertz,
    /// Percent.
    Percent,
    /// A plain ratio: "1.2 times".
    Times,
    /// A count of things: repetitions, steps.
    Count,
    /// Kilograms, newtons, watts and the like.
    Other,
}

impl Unit {
    /// The unit of a fact's `unit` text; `None` if unknown.
    #[must_use]
    pub(crate) fn of_fact(unit: &str) -> Option<Self> {
        Some(match unit {
            "deg" | "°" => Unit::Degree,
            "rad" => Unit::Radian,
            "deg/s" | "°/s" => Unit::DegreePerSecond,
            "m" => Unit::Meter,
            "cm" => Unit::Centimeter,
            "mm" => Unit::Millimeter,
            "km" => Unit::Kilometer,
            "s" => Unit::Second,
            "ms" => Unit::Millisecond,
            "min" => Unit::Minute,
            "h" => Unit::Hour,
            "m/s" => Unit::MeterPerSecond,
            "m/s2" | "m/s^2" | "m/s²" => Unit::MeterPerSecondSquared,
            "km/h" => Unit::KilometerPerHour,
            "1/min" | "steps/min" | "spm" | "bpm" => Unit::PerMinute,
            "1/s" | "Hz" => Unit::Hertz,
            "%" => Unit::Percent,
            "1" | "" | "count" => Unit::Count,
            _ => return None,
        })
    }

    /// Whether a number with this unit in a text can be a fact with that unit.
    #[must_use]
    pub(crate) fn fits(self, fact: Option<Self>) -> bool {
        match (self, fact) {
            (Unit::Times | Unit::Count, Some(Unit::Count)) | (Unit::Other | Unit::Imperial | Unit::Count, None) => true,
            (unit, fact) => fact == Some(unit),
        }
    }
}

fn base(word: &str) -> Option<Unit> {
    Some(match word {
        "deg" | "degs" | "degree" | "degrees" | "grad" | "degré" | "degrés" | "grado" | "grados" => Unit::Degree,
        "rad" | "radian" | "radians" | "radiant" | "radianes" => Unit::Radian,
        "m" | "meter" | "meters" | "metre" | "metres" | "metern" | "mètre" | "mètres" | "metro" | "metros" => {
            Unit::Meter
        }
        "cm" | "centimeter" | "centimeters" | "centimetre" | "centimetres" | "zentimeter" | "zentimetern"
        | "centimètre" | "centimètres" | "centímetro" | "centímetros" => Unit::Centimeter,
        "mm" | "millimeter" | "millimeters" | "millimetre" | "millimetres" | "millimetern" | "millimètre"
        | "millimètres" | "milímetro" | "milímetros" => Unit::Millimeter,
        "km" | "kilometer" | "kilometers" | "kilometre" | "kilometres" | "kilometern" | "kilomètre" | "kilomètres"
        | "kilómetro" | "kilómetros" => Unit::Kilometer,
        "inch" | "inches" | "ft" | "foot" | "feet" | "yard" | "yards" | "mile" | "miles" | "zoll" | "fuß" | "pouce"
        | "pouces" | "pied" | "pieds" | "pulgada" | "pulgadas" | "pies" => Unit::Imperial,
        "s" | "sec" | "secs" | "sek" | "second" | "seconds" | "sekunde" | "sekunden" | "seconde" | "secondes"
        | "seg" | "segundo" | "segundos" => Unit::Second,
        "ms" | "msec" | "millisecond" | "milliseconds" | "millisekunde" | "millisekunden" | "milliseconde"
        | "millisecondes" | "milisegundo" | "milisegundos" => Unit::Millisecond,
        "min" | "mins" | "minute" | "minutes" | "minuten" | "minuto" | "minutos" => Unit::Minute,
        "h" | "hour" | "hours" | "stunde" | "stunden" | "heure" | "heures" | "hora" | "horas" => Unit::Hour,
        "hz" | "hertz" => Unit::Hertz,
        "spm" | "bpm" | "rpm" => Unit::PerMinute,
        "percent" | "percentage" | "prozent" | "prozentpunkt" | "prozentpunkte" | "prozentpunkten" | "pourcent" => {
            Unit::Percent
        }
        "times" | "fold" | "mal" | "fach" | "fache" | "fois" | "veces" | "x" => Unit::Times,
        "mph" => Unit::OtherSpeed,
        "stundenkilometer" | "stundenkilometern" => Unit::KilometerPerHour,
        "kg" | "g" | "lb" | "lbs" | "pounds" | "kilo" | "kilos" | "kilogram" | "kilograms" | "n" | "newton"
        | "newtons" | "w" | "watt" | "watts" | "j" | "joule" | "joules" => Unit::Other,
        _ if is_count(word) => Unit::Count,
        _ => return None,
    })
}

/// Whether the word names counted things.
fn is_count(word: &str) -> bool {
    COUNTED.contains(&word)
}

const COUNTED: &[&str] = &[
    "rep",
    "reps",
    "repetition",
    "repetitions",
    "step",
    "steps",
    "stride",
    "strides",
    "squat",
    "squats",
    "jump",
    "jumps",
    "frame",
    "frames",
    "session",
    "sessions",
    "video",
    "videos",
    "clip",
    "clips",
    "people",
    "athlete",
    "athletes",
    "wiederholung",
    "wiederholungen",
    "schritt",
    "schritte",
    "schritten",
    "doppelschritte",
    "doppelschritten",
    "kniebeugen",
    "sprünge",
    "sprüngen",
    "einheiten",
    "personen",
    "répétition",
    "répétitions",
    "pas",
    "foulée",
    "foulées",
    "saut",
    "sauts",
    "séance",
    "séances",
    "personnes",
    "repetición",
    "repeticiones",
    "paso",
    "pasos",
    "zancada",
    "zancadas",
    "sentadillas",
    "salto",
    "saltos",
    "sesión",
    "sesiones",
    "personas",
];

/// The unit that begins at token `i` (directly after a number), and the token after it.
pub(super) fn unit_at(tokens: &Tokens, i: usize) -> Option<(Unit, usize)> {
    let mut i = i;
    if matches!(tokens.word(i), "-" | "\u{2011}") && !tokens.is_spaced(i) && !tokens.is_spaced(i + 1) {
        i += 1;
    }
    // "112 1/min"
    if tokens.slice(i, i) == "1" && tokens.word(i + 1) == "/" && tokens.word(i + 2) == "min" {
        return Some((Unit::PerMinute, i + 3));
    }
    let (unit, mut next) = match tokens.word(i) {
        "%" => (Unit::Percent, i + 1),
        "°" | "º" => (Unit::Degree, i + 1),
        "×" => (Unit::Times, i + 1),
        "per" | "pour" | "por" if matches!(tokens.word(i + 1), "cent" | "ciento" | "cien") => (Unit::Percent, i + 2),
        "/" | "per" | "pro" | "par" | "por" | "je" | "a" if is_minute(tokens.word(i + 1)) => {
            return Some((Unit::PerMinute, i + 2));
        }
        "/" | "per" | "pro" | "par" | "por" | "je" if is_period(tokens, i + 1) => {
            let unit = if base(tokens.word(i + 1)) == Some(Unit::Second) { Unit::Hertz } else { Unit::Other };
            return Some((unit, i + 2));
        }
        "body" if tokens.word(i + 1) == "lengths" => (Unit::Other, i + 2),
        word => (base(word)?, i + 1),
    };
    if unit == Unit::Minute && is_inverse(tokens, next) {
        return Some((Unit::PerMinute, inverse_end(tokens, next)));
    }
    if unit == Unit::Second && is_inverse(tokens, next) {
        return Some((Unit::Hertz, inverse_end(tokens, next)));
    }
    if tokens.word(next) == "." && !tokens.is_spaced(next + 1) {
        next += 1;
    }
    Some(rate(tokens, unit, next).unwrap_or((unit, next)))
}

fn is_minute(word: &str) -> bool {
    base(word) == Some(Unit::Minute)
}

/// Whether the word is a period other than a minute, as in a count per period.
fn is_period(tokens: &Tokens, i: usize) -> bool {
    tokens.kind(i) == Kind::Word && matches!(base(tokens.word(i)), Some(Unit::Second | Unit::Millisecond | Unit::Hour))
}

/// Whether a unit is followed by an inverse: `⁻¹`, `^-1`, `-1`.
fn is_inverse(tokens: &Tokens, i: usize) -> bool {
    !tokens.is_spaced(i) && inverse_end(tokens, i) > i
}

fn inverse_end(tokens: &Tokens, i: usize) -> usize {
    let from = if tokens.word(i) == "^" { i + 1 } else { i };
    match (tokens.word(from), tokens.slice(from + 1, from + 1)) {
        ("⁻" | "-" | "−", "¹" | "1") if !tokens.is_spaced(from + 1) => from + 2,
        _ => i,
    }
}

/// Reads "per second" or similar after a unit.
fn rate(tokens: &Tokens, unit: Unit, i: usize) -> Option<(Unit, usize)> {
    let time = match (tokens.word(i), tokens.word(i + 1)) {
        ("/" | "per" | "a" | "an" | "each" | "every" | "pro" | "je" | "par" | "por" | "chaque" | "cada", _)
        | ("·" | "⋅", "s") => i + 1,
        ("à", "la") | ("in", "der") => i + 2,
        ("s", _) if is_inverse(tokens, i + 1) => i,
        _ => return None,
    };
    let time = if tokens.word(time) == "cada" || tokens.word(time) == "la" { time + 1 } else { time };
    let period = base(tokens.word(time)).filter(|_| tokens.kind(time) == Kind::Word)?;
    let mut next = time + 1;
    if is_inverse(tokens, next) {
        next = inverse_end(tokens, next);
    }
    let squared = square_end(tokens, next);
    let rated = match (unit, period) {
        (Unit::Degree, Unit::Second) => Unit::DegreePerSecond,
        (Unit::Meter, Unit::Second) if squared > next => Unit::MeterPerSecondSquared,
        (Unit::Meter, Unit::Second) => Unit::MeterPerSecond,
        (Unit::Kilometer, Unit::Hour) => Unit::KilometerPerHour,
        (Unit::Meter | Unit::Kilometer | Unit::Centimeter | Unit::Imperial, _) => Unit::OtherSpeed,
        (Unit::Count | Unit::Times, Unit::Minute) => Unit::PerMinute,
        (Unit::Count | Unit::Times, Unit::Second) => Unit::Hertz,
        (Unit::Second | Unit::Millisecond | Unit::Percent, _) => return None,
        _ => Unit::Other,
    };
    matches!(period, Unit::Second | Unit::Millisecond | Unit::Minute | Unit::Hour).then_some((rated, squared))
}

fn square_end(tokens: &Tokens, i: usize) -> usize {
    if tokens.word(i) == "^" && tokens.slice(i + 1, i + 1) == "2" {
        return i + 2;
    }
    match (tokens.word(i), tokens.word(i + 1)) {
        ("²" | "squared", _) => i + 1,
        ("au" | "al" | "zum", "carré" | "cuadrado" | "quadrat")
        | ("per" | "pro" | "je" | "par" | "por", "second" | "sekunde" | "seconde" | "segundo") => i + 2,
        _ => i + usize::from(tokens.slice(i, i) == "2" && !tokens.is_spaced(i)),
    }
}
