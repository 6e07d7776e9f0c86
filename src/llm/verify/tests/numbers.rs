//! Numbers in digits and words.

use super::speak;
use crate::llm::verify::{Language, Unit, numbers};

fn values(text: &str, language: Language) -> Vec<f64> {
    numbers(text, language, &[]).iter().map(|m| m.value).collect()
}

#[test]
fn whole_numbers_in_words_come_back_in_all_languages() {
    let sample = (0..2500).chain((2500..1_000_000).step_by(977)).chain([999_999, 100_001, 21_021, 80_080, 71_091]);
    for n in sample {
        for language in Language::ALL {
            // "one" alone is not a number without a unit.
            let text = format!("{} m", speak::whole(n, language));
            assert_eq!(values(&text, language), [n as f64], "{text}");
        }
    }
}

#[test]
fn decimals_in_words_come_back_in_all_languages() {
    for n in (0..100_000).step_by(37) {
        let text = format!("{}.{:02}", n / 100, n % 100);
        for language in Language::ALL {
            let words = speak::decimal(&text, language);
            let found = numbers(&words, language, &[]);
            assert_eq!(found.len(), 1, "{words}");
            assert_eq!((found[0].value, found[0].decimals), (text.parse().unwrap(), 2), "{words}");
            let words = speak::decimal(&format!("-{text}"), language);
            assert_eq!(values(&words, language), [-text.parse::<f64>().unwrap()], "{words}");
        }
    }
}

#[test]
fn decimals_may_be_said_as_one_number() {
    assert_eq!(values("un virgule quarante-cinq", Language::Fr), [1.45]);
    assert_eq!(values("uno coma cuarenta y cinco", Language::Es), [1.45]);
    assert_eq!(values("eins Komma fünfundvierzig Meter", Language::De), [1.45]);
    assert_eq!(values("two and a half meters, cinq", Language::En), [2.5]);
    assert_eq!(values("between four hundred and five hundred", Language::En), [400.0, 500.0]);
    assert_eq!(values("between two thousand and five thousand", Language::En), [2000.0, 5000.0]);
    assert_eq!(values("de un à un virgule zéro", Language::Fr), [1.0, 1.0]);
    assert_eq!(values("minus one", Language::En), [-1.0]);
    assert_eq!(values("au moins un", Language::Fr), [0.0; 0]);
    assert_eq!(values("deux et demi", Language::Fr), [2.5]);
    assert_eq!(values("dos y medio", Language::Es), [2.5]);
    assert_eq!(values("zweieinhalb Meter", Language::De), [2.5]);
}

#[test]
fn digits_follow_the_language() {
    let cases: &[(&str, Language, &[f64])] = &[
        ("1,234.5 and 1.45 and 12,345", Language::En, &[1234.5, 1.45, 12345.0]),
        ("1.234,5 und 1,45 und 1.45", Language::De, &[1234.5, 1.45, 1.45]),
        ("1\u{202f}234,5 et 12 345 et 1,45", Language::Fr, &[1234.5, 12345.0, 1.45]),
        ("1.234,5 y 1,45", Language::Es, &[1234.5, 1.45]),
        (
            "\u{2212}5.2 -5.2 (-5.2) 3-5 5 - 3 .5, minus 4",
            Language::En,
            &[-5.2, -5.2, -5.2, 3.0, 5.0, 5.0, 3.0, 0.5, -4.0],
        ),
        ("1.27-1.45 1.27–1.45 1½ ½", Language::En, &[1.27, 1.45, 1.27, 1.45, 1.5, 0.5]),
        ("**1.45** m and _7_", Language::En, &[1.45, 7.0]),
        ("au moins 5 pour cent, moins 5", Language::Fr, &[5.0, -5.0]),
        ("al menos 5 por ciento, menos 5", Language::Es, &[5.0, -5.0]),
    ];
    for (text, language, expected) in cases {
        assert_eq!(values(text, *language), *expected, "{text}");
    }
}

#[test]
fn a_thousand_or_a_decimal_keeps_both_readings() {
    let found = numbers("1.234 Meter", Language::De, &[]);
    assert_eq!((found[0].value, found[0].alternative), (1234.0, Some(1.234)));
}

#[test]
fn dates_and_other_scripts_are_numbers_without_value() {
    assert!(values("am 12.05.2024", Language::De)[0].is_nan());
    assert!(values("٤", Language::En)[0].is_nan());
}

#[test]
fn units_after_numbers() {
    let cases: &[(&str, Language, Unit)] = &[
        ("1.17 m/s", Language::En, Unit::MeterPerSecond),
        ("1.17 meters per second", Language::En, Unit::MeterPerSecond),
        ("1.17 m·s⁻¹", Language::En, Unit::MeterPerSecond),
        ("1,17 Meter pro Sekunde", Language::De, Unit::MeterPerSecond),
        ("1,17 mètre par seconde", Language::Fr, Unit::MeterPerSecond),
        ("1,17 metros por segundo", Language::Es, Unit::MeterPerSecond),
        ("9.8 m/s²", Language::En, Unit::MeterPerSecondSquared),
        ("63-degree", Language::En, Unit::Degree),
        ("63º", Language::Es, Unit::Degree),
        ("63°/s", Language::En, Unit::DegreePerSecond),
        ("63 degrees per second", Language::En, Unit::DegreePerSecond),
        ("112 1/min", Language::En, Unit::PerMinute),
        ("112/min", Language::En, Unit::PerMinute),
        ("112 min⁻¹", Language::En, Unit::PerMinute),
        ("112 steps a minute", Language::En, Unit::PerMinute),
        ("112 Schritte pro Minute", Language::De, Unit::PerMinute),
        ("112 Schritte in der Minute", Language::De, Unit::PerMinute),
        ("112 pas à la minute", Language::Fr, Unit::PerMinute),
        ("112 pasos por minuto", Language::Es, Unit::PerMinute),
        ("112 pasos por cada minuto", Language::Es, Unit::PerMinute),
        ("5 pour cent", Language::Fr, Unit::Percent),
        ("5 por ciento", Language::Es, Unit::Percent),
        ("5 Prozentpunkte", Language::De, Unit::Percent),
        ("5 km/h", Language::En, Unit::KilometerPerHour),
        ("145 cm", Language::En, Unit::Centimeter),
        ("1.45m", Language::En, Unit::Meter),
        ("620ms", Language::En, Unit::Millisecond),
        ("7 repetitions", Language::En, Unit::Count),
        ("1.2 times", Language::En, Unit::Times),
    ];
    for (text, language, unit) in cases {
        let found = numbers(text, *language, &[]);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].unit, Some(*unit), "{text}");
    }
}

const IDIOMS_EN: &[&str] = &[
    "one of the best",
    "no one",
    "one another",
    "step by step, one step at a time",
    "once again",
    "at first",
    "a few",
    "the two knees",
    "both sides, the two of them",
    "two things stand out",
    "second, keep calm",
    "the third point",
    "H2O and VO2 in 3D and 2-D",
    "double support",
    "the first half",
    "think twice",
    "zero in on it",
    "a rep or two",
    "1. Warm up.\n2. Walk.\n3) Rest.",
    "on the one hand",
    "for a second opinion",
    "half squat",
    "a one-sided view",
    "the second half",
    "in one stride",
    "one side after the other",
    "a one-legged stance",
];

const IDIOMS_DE: &[&str] = &[
    "eins nach dem anderen",
    "ein Schritt",
    "erst einmal",
    "auf einmal",
    "die zwei Seiten",
    "gib acht",
    "in acht nehmen",
    "zum ersten Mal",
    "einerseits",
    "zwei Dinge",
    "die erste Hälfte",
    "einseitig und zweibeinig",
    "noch eins",
    "in einer Linie",
    "der Einzige",
    "Achtung",
    "eine Einheit",
    "die beiden",
    "tausend Dank",
    "allein",
];

const IDIOMS_FR: &[&str] = &[
    "une fois",
    "d'un côté",
    "un peu",
    "les deux côtés",
    "tous les deux",
    "un par un",
    "tout neuf",
    "deux choses",
    "la première moitié de la séance",
    "en un mot",
    "une seconde lecture",
    "le double appui",
    "l'un et l'autre",
    "un demi-squat",
    "un pas",
    "au moins",
];

const IDIOMS_ES: &[&str] = &[
    "una vez",
    "por un lado",
    "los dos lados",
    "las dos",
    "uno por uno",
    "cada uno",
    "la velocidad media",
    "una de las",
    "dos cosas",
    "el doble apoyo",
    "un poco",
    "en primer lugar",
    "en segundo lugar",
    "un paso",
    "al menos",
];

#[test]
fn idioms_are_not_numbers() {
    let all = [IDIOMS_EN, IDIOMS_DE, IDIOMS_FR, IDIOMS_ES];
    for (language, texts) in Language::ALL.into_iter().zip(all) {
        for text in texts {
            assert_eq!(values(text, language), [0.0; 0], "{text}");
        }
    }
}

const PARTS_EN: &[(&str, f64)] = &[
    ("a third of it", 1.0 / 3.0),
    ("two thirds", 2.0 / 3.0),
    ("half of it", 0.5),
    ("half a second", 0.5),
    ("twice as long", 2.0),
    ("double the angle", 2.0),
    ("a quarter of", 0.25),
    ("it doubled", 2.0),
    ("a dozen steps", 12.0),
    ("a hundred steps", 100.0),
    ("the third repetition", 3.0),
    ("on rep 3", 3.0),
    ("one degree", 1.0),
    ("was one.", 1.0),
];

const PARTS_DE: &[(&str, f64)] = &[
    ("ein Drittel", 1.0 / 3.0),
    ("die Hälfte davon", 0.5),
    ("doppelt so lang", 2.0),
    ("das Doppelte", 2.0),
    ("dreimal so lang", 3.0),
    ("anderthalb Meter", 1.5),
    ("einen Grad", 1.0),
    ("die dritte Wiederholung", 3.0),
    ("ein Viertel", 0.25),
    ("halb so lang", 0.5),
];

const PARTS_FR: &[(&str, f64)] = &[
    ("un tiers", 1.0 / 3.0),
    ("la moitié", 0.5),
    ("le double", 2.0),
    ("deux fois plus", 2.0),
    ("un quart", 0.25),
    ("trois quarts", 0.75),
    ("la troisième répétition", 3.0),
    ("un degré", 1.0),
    ("un demi-mètre", 0.5),
];

const PARTS_ES: &[(&str, f64)] = &[
    ("un tercio", 1.0 / 3.0),
    ("la mitad", 0.5),
    ("el doble", 2.0),
    ("dos veces más", 2.0),
    ("un cuarto", 0.25),
    ("medio metro", 0.5),
    ("la tercera repetición", 3.0),
    ("un grado", 1.0),
];

#[test]
fn parts_and_multiples_are_numbers() {
    let all = [PARTS_EN, PARTS_DE, PARTS_FR, PARTS_ES];
    for (language, texts) in Language::ALL.into_iter().zip(all) {
        for (text, value) in texts {
            assert_eq!(values(text, language), [*value], "{text}");
        }
    }
}

#[test]
fn names_hide_their_digits() {
    assert_eq!(
        numbers("Athlete 12 in clip_07.mp4 took 7 steps", Language::En, &["Athlete 12", "clip_07.mp4"]).len(),
        1
    );
    assert_eq!(numbers("a .12 b", Language::En, &["12"]).len(), 0);
    assert_eq!(numbers("Athlete 123", Language::En, &["Athlete 12"]).len(), 1);
}

#[test]
fn positions_hold_the_number_with_its_sign() {
    let text = "Überall −5.2° and sixty-three.";
    let found = numbers(text, Language::En, &[]);
    let texts: Vec<&str> = found.iter().map(|m| &text[m.start..m.end]).collect();
    assert_eq!(texts, ["−5.2", "sixty-three"]);
    assert!(found.iter().all(|m| m.text == text[m.start..m.end]));
}

#[test]
fn the_level_of_an_interval_is_marked() {
    for (text, language) in [
        ("a 95 % interval of", Language::En),
        ("with 95% confidence", Language::En),
        ("95-%-Konfidenzintervall", Language::De),
        ("intervalle de confiance à 95 %", Language::Fr),
        ("un intervalo del 95 %", Language::Es),
    ] {
        assert!(numbers(text, language, &[])[0].is_level, "{text}");
    }
    assert!(!numbers("an interval of 74 to 95 %", Language::En, &[])[1].is_level);
    assert!(!numbers("95 %, with an interval of 74 to 97 %", Language::En, &[])[0].is_level);
    assert!(!numbers("a stance of 95 % of the cycle", Language::En, &[])[0].is_level);
}
