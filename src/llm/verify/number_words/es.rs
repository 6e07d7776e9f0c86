//! Spanish numbers in words: "sesenta y tres", "uno coma cuatro".

use super::{Spoken, has_measure, is_before, is_range_end, with_decimals};
use crate::llm::verify::Language;
use crate::llm::verify::tokens::{Kind, Tokens};

fn below_30(word: &str) -> Option<u32> {
    Some(match word {
        "cero" => 0,
        "un" | "uno" | "una" => 1,
        "dos" => 2,
        "tres" => 3,
        "cuatro" => 4,
        "cinco" => 5,
        "seis" => 6,
        "siete" => 7,
        "ocho" => 8,
        "nueve" => 9,
        "diez" => 10,
        "once" => 11,
        "doce" => 12,
        "trece" => 13,
        "catorce" => 14,
        "quince" => 15,
        "dieciséis" | "dieciseis" => 16,
        "diecisiete" => 17,
        "dieciocho" => 18,
        "diecinueve" => 19,
        "veinte" => 20,
        "veintiún" | "veintiun" | "veintiuno" | "veintiuna" => 21,
        "veintidós" | "veintidos" => 22,
        "veintitrés" | "veintitres" => 23,
        "veinticuatro" => 24,
        "veinticinco" => 25,
        "veintiséis" | "veintiseis" => 26,
        "veintisiete" => 27,
        "veintiocho" => 28,
        "veintinueve" => 29,
        _ => return None,
    })
}

fn value_of(word: &str) -> Option<u32> {
    below_30(word).or_else(|| {
        Some(match word {
            "treinta" => 30,
            "cuarenta" => 40,
            "cincuenta" => 50,
            "sesenta" => 60,
            "setenta" => 70,
            "ochenta" => 80,
            "noventa" => 90,
            "cien" | "ciento" => 100,
            "doscientos" | "doscientas" => 200,
            "trescientos" | "trescientas" => 300,
            "cuatrocientos" | "cuatrocientas" => 400,
            "quinientos" | "quinientas" => 500,
            "seiscientos" | "seiscientas" => 600,
            "setecientos" | "setecientas" => 700,
            "ochocientos" | "ochocientas" => 800,
            "novecientos" | "novecientas" => 900,
            "mil" => 1000,
            _ => return None,
        })
    })
}

pub(super) fn can_begin(word: &str) -> bool {
    value_of(word).is_some()
        || matches!(word, "mitad" | "doble" | "triple" | "medio" | "media" | "docena" | "duplica" | "tercio")
        || ordinal_value(word).is_some()
}

fn cardinal(tokens: &Tokens, i: usize) -> Option<(u32, usize)> {
    let (mut total, mut part, mut last, mut next) = (0, 0, None, Some(i));
    // The following numbers must be smaller than this.
    let mut room = 1000;
    while let Some(k) = next {
        let word = tokens.word(k);
        if word == "y" && room == 10 {
            next = tokens.after(k).filter(|&n| below_30(tokens.word(n)).is_some_and(|v| (1..10).contains(&v)));
            if next.is_none() {
                break;
            }
            continue;
        }
        match value_of(word) {
            Some(0) if last.is_none() => return Some((0, k)),
            Some(1000) if total == 0 => (total, part, room) = (part.max(1) * 1000, 0, 1000),
            Some(value) if (100..1000).contains(&value) && room == 1000 => (part, room) = (part + value, 100),
            // Units follow tens only after "y".
            Some(value)
                if value > 0
                    && value < 100
                    && (room >= 100 || (room == 10 && tokens.before(k, 1) == "y" && value < 10)) =>
            {
                part += value;
                room = if value >= 30 { 10 } else { 0 };
            }
            _ => break,
        }
        last = Some(k);
        next = tokens.after(k);
    }
    last.map(|last| (total + part, last))
}

/// Parts of a text or of a body, whose counts are not measurements.
const NOT_DATA: &[&str] = &[
    "lados",
    "piernas",
    "rodillas",
    "caderas",
    "tobillos",
    "brazos",
    "codos",
    "hombros",
    "muñecas",
    "pies",
    "manos",
    "mitades",
    "cosas",
    "puntos",
    "consejos",
    "claves",
    "razones",
    "aspectos",
    "valores",
    "cifras",
    "números",
    "frases",
    "palabras",
    "medidas",
    "intervalos",
    "resultados",
    "partes",
    "ideas",
    "preguntas",
    "extremidades",
    "áreas",
];

fn is_data(tokens: &Tokens, first: usize, spoken: &Spoken) -> bool {
    let (word, previous) = (tokens.word(first), tokens.before(first, 1));
    if matches!(word, "ciento" | "cien") && previous == "por" {
        return false;
    }
    if spoken.last > first || has_measure(tokens, spoken.last) {
        return true;
    }
    match word {
        "un" | "una" | "uno" => {
            is_range_end(tokens, first, Language::Es, &["a"], &["entre"])
                || tokens.word(first + 1).starts_with("repetici")
        }
        "dos" if matches!(previous, "los" | "las" | "ambos" | "estos" | "estas" | "esos" | "o" | "tus" | "sus") => {
            super::unit_at(tokens, first + 1).is_some() && previous != "o"
        }
        _ => !is_before(tokens, first, NOT_DATA),
    }
}

fn ordinal_value(word: &str) -> Option<f64> {
    let stem = word.strip_suffix('a').or_else(|| word.strip_suffix('o')).unwrap_or(word);
    Some(match stem {
        "segund" => 2.0,
        "tercer" => 3.0,
        "cuart" => 4.0,
        "quint" => 5.0,
        "sext" => 6.0,
        "séptim" => 7.0,
        "octav" => 8.0,
        "noven" => 9.0,
        "décim" => 10.0,
        _ => return None,
    })
}

/// An ordinal that counts as data: "la tercera repetición" names one of several.
fn ordinal(tokens: &Tokens, i: usize) -> Option<Spoken> {
    let value = ordinal_value(tokens.word(i))?;
    let next = tokens.after(i).map_or("", |k| tokens.word(k));
    matches!(next, "repetición" | "zancada" | "salto" | "intento" | "sesión" | "serie" | "sentadilla")
        .then_some(Spoken { value, decimals: 0, last: i })
}

/// Fractions and multiples: "un tercio", "la mitad de", "el doble".
fn part(tokens: &Tokens, i: usize) -> Option<Spoken> {
    let (word, previous) = (tokens.word(i), tokens.before(i, 1));
    let next = tokens.after(i).map_or("", |k| tokens.word(k));
    let found = |value, last| Some(Spoken { value, decimals: 1, last });
    match (word, next) {
        ("un", "tercio") => found(1.0 / 3.0, i + 1),
        ("dos", "tercios") => found(2.0 / 3.0, i + 1),
        ("un", "cuarto") => found(0.25, i + 1),
        ("tres", "cuartos") => found(0.75, i + 1),
        ("un", "quinto" | "décimo") if tokens.kind(i + 2) == Kind::Word && tokens.word(i + 2) == "de" => {
            found(if next == "quinto" { 0.2 } else { 0.1 }, i + 1)
        }
        ("mitad", _) if previous == "la" => found(0.5, i),
        ("medio" | "media", _) if has_measure(tokens, i) => found(0.5, i),
        ("doble", _) if matches!(previous, "el" | "del") && next != "apoyo" => found(2.0, i),
        ("triple", _) if previous == "el" => found(3.0, i),
        ("duplica", _) => found(2.0, i),
        ("docena", _) => found(12.0, i),
        _ => None,
    }
}

pub(super) fn spoken(tokens: &Tokens, i: usize) -> Option<Spoken> {
    if let Some(found) = part(tokens, i).or_else(|| ordinal(tokens, i)) {
        return Some(found);
    }
    let mut found = with_decimals(tokens, i, &["coma", "punto", "con"], cardinal)?;
    if found.decimals == 0
        && let Some(y) = tokens.after(found.last).filter(|&k| tokens.word(k) == "y")
        && let Some(half) = tokens.after(y).filter(|&k| matches!(tokens.word(k), "medio" | "media"))
    {
        found = Spoken { value: found.value + 0.5, decimals: 1, last: half };
    }
    is_data(tokens, i, &found).then_some(found)
}
