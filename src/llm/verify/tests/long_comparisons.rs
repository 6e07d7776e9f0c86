//! Comparisons with many words between the sides, and rates without a counted thing.

use super::{comparison, fact, with_joint};
use crate::llm::fact::{Facts, Side, Verdict};
use crate::llm::verify::{Allowed, Language, Problem, problems};

type Values = [(f64, f64, f64); 2];

/// A quantity of both sides, its difference, and how the left compares with the right.
fn sides(quantity: &str, joint: &str, unit: &str, values: Values, verdict: Option<Verdict>) -> Facts {
    let shown = |v: f64| format!("{v:.0}");
    let gap = (values[0].0 - values[1].0).abs();
    let facts = [
        fact("left", quantity, values[0], unit, Side::Left, &shown(values[0].0)),
        fact("right", quantity, values[1], unit, Side::Right, &shown(values[1].0)),
        fact("gap", &format!("difference of the {quantity}"), (gap, 0.0, 0.0), unit, Side::Both, &shown(gap)),
    ];
    Facts {
        facts: facts.into_iter().map(|f| with_joint(f, joint).into()).collect(),
        comparisons: verdict.map(|v| comparison("left", "right", v)).into_iter().collect(),
    }
}

fn found(text: &str, facts: &Facts, language: Language) -> Vec<Problem> {
    problems(text, facts, language, &Allowed { names: &[], question: "How do they compare?" })
}

/// Checks texts in which `{more}` is the only difference between true and wrong; if `right` is `None`, all are wrong.
fn check(language: Language, facts: &Facts, text: &str, right: Option<&str>, wrong: &[&str]) {
    if let Some(right) = right {
        let text = text.replace("{more}", right);
        assert_eq!(found(&text, facts, language), [], "{text}");
    }
    for word in wrong {
        let text = text.replace("{more}", word);
        let found = found(&text, facts, language);
        assert!(found.iter().any(|p| matches!(p, Problem::WrongDirection { .. })), "{text}\n{found:?}");
    }
}

const FLEXION: &str = "peak flexion in the picture plane";
const WIDE: Values = [(47.0, 42.0, 52.0), (10.0, 5.0, 15.0)];
const MEETING: Values = [(46.0, 38.0, 54.0), (40.0, 33.0, 47.0)];

const FR: &str = "D'après la vidéo, le pic de flexion dans le plan de l'image du poignet gauche est de 47 degrés (entre 42 et 52 degrés). Le pic de flexion dans le plan de l'image du poignet du côté droit s'élève à dix degrés. Le pic de flexion dans le plan de l'image du poignet gauche est plus {more} que le pic de flexion dans le plan de l'image du poignet droit.";
const DE: &str = "Die Spitze der Beugung in der Bildebene des Handgelenks auf der linken Seite ist {more} als die Spitze der Beugung in der Bildebene des Handgelenks auf der rechten Seite.";
const ES: &str = "El pico de flexión en el plano de la imagen del codo en el lado izquierdo es {more} que el pico de flexión en el plano de la imagen del codo en el lado derecho.";
const EN: &str = "The peak flexion in the picture plane of the wrist on the left side is {more} than the peak flexion in the picture plane of the wrist on the right side.";

#[test]
fn a_turned_comparison_is_found_however_long_it_is() {
    let wrist = |verdict, values| sides(FLEXION, "wrist", "deg", values, Some(verdict));
    let elbow = |verdict, values| sides(FLEXION, "elbow", "deg", values, Some(verdict));
    let turned = [WIDE[1], WIDE[0]];
    check(Language::Fr, &wrist(Verdict::Greater, WIDE), FR, Some("grand"), &["petit"]);
    check(Language::De, &wrist(Verdict::Less, turned), DE, Some("kleiner"), &["größer"]);
    check(Language::De, &wrist(Verdict::Greater, WIDE), DE, Some("größer"), &["kleiner"]);
    check(Language::Es, &elbow(Verdict::Greater, WIDE), ES, Some("mayor"), &["menor"]);
    check(Language::Es, &elbow(Verdict::Less, turned), ES, Some("menor"), &["mayor"]);
    check(Language::En, &wrist(Verdict::Less, turned), EN, Some("smaller"), &["greater"]);
    let hip = sides(
        "range of motion in the picture plane",
        "hip",
        "deg",
        [(153.0, 140.0, 166.0), (252.0, 235.0, 268.0)],
        Some(Verdict::Less),
    );
    let text = "L'amplitude de mouvement dans le plan de l'image de la hanche gauche est plus {more} que l'amplitude de mouvement dans le plan de l'image de la hanche droite.";
    check(Language::Fr, &hip, text, Some("petite"), &["grande"]);
}

#[test]
fn a_difference_within_the_uncertainty_has_no_direction() {
    for verdict in [Some(Verdict::WithinUncertainty), None] {
        let wrist = sides(FLEXION, "wrist", "deg", MEETING, verdict);
        let elbow = sides(FLEXION, "elbow", "deg", MEETING, verdict);
        check(Language::Es, &elbow, ES, None, &["mayor", "menor"]);
        check(Language::De, &wrist, DE, None, &["größer", "kleiner"]);
        check(Language::En, &wrist, EN, None, &["greater", "smaller"]);
        let arm = sides(
            "peak turning speed in the picture plane",
            "arm",
            "deg/s",
            [(170.0, 139.0, 202.0), (221.0, 161.0, 281.0)],
            verdict,
        );
        let text = "El pico de velocidad de giro en el plano de la imagen del brazo izquierdo es {more} que el pico de velocidad de giro en el plano de la imagen del brazo derecho.";
        check(Language::Es, &arm, text, None, &["mayor", "menor"]);
    }
}

#[test]
fn intervals_apart_have_a_direction_unless_the_facts_tell_no_difference() {
    let apart = sides(FLEXION, "wrist", "deg", WIDE, None);
    check(Language::En, &apart, EN, Some("greater"), &["smaller"]);
    check(Language::De, &apart, DE, Some("größer"), &["kleiner"]);
    // One of the sides is an estimate.
    let estimate = sides(FLEXION, "wrist", "deg", WIDE, Some(Verdict::WithinUncertainty));
    check(Language::En, &estimate, EN, None, &["greater", "smaller"]);
    check(Language::De, &estimate, DE, None, &["größer", "kleiner"]);
}

#[test]
fn the_quantity_may_be_named_after_compared_with() {
    let wrist = sides(FLEXION, "wrist", "deg", WIDE, Some(Verdict::Greater));
    let text = "Im Vergleich zu der Spitze der Beugung in der Bildebene des rechten Handgelenks ist die Spitze der Beugung des linken Handgelenks {more}.";
    check(Language::De, &wrist, text, Some("größer"), &["kleiner"]);
}

#[test]
fn a_step_is_no_negation() {
    let steps = sides("step length", "foot", "cm", WIDE, Some(Verdict::Greater));
    let text = "La longueur de pas du pied gauche est plus {more} que la longueur de pas du pied droit.";
    check(Language::Fr, &steps, text, Some("grande"), &["petite"]);
}

#[test]
fn the_object_is_not_sought_in_another_clause() {
    let wrist = sides(FLEXION, "wrist", "deg", WIDE, Some(Verdict::Less));
    let text = "The left wrist bends 47 degrees, more than you may have felt while you were playing that day, and the right 10 degrees.";
    assert_eq!(found(text, &wrist, Language::En), []);
}

#[test]
fn a_rate_per_second_is_not_one_per_minute() {
    let facts = Facts {
        facts: vec![fact("cadence", "cadence", (85.0, 80.0, 90.0), "1/min", Side::None, "85").into()],
        comparisons: vec![],
    };
    for (language, text, right) in [
        (Language::En, "The cadence is 85 per {time}.", "minute"),
        (Language::En, "The cadence is 85/{time}.", "min"),
        (Language::De, "Die Kadenz liegt bei 85 pro {time}.", "Minute"),
        (Language::Fr, "La cadence est de 85 par {time}.", "minute"),
        (Language::Es, "La cadencia es de 85 por {time}.", "minuto"),
        (Language::Es, "La cadencia es de ochenta y cinco por {time}.", "minuto"),
    ] {
        let own = text.replace("{time}", right);
        assert_eq!(found(&own, &facts, language), [], "{own}");
        let second = match language {
            Language::En if right == "min" => "s",
            Language::En => "second",
            Language::De => "Sekunde",
            Language::Fr => "seconde",
            Language::Es => "segundo",
        };
        let other = text.replace("{time}", second);
        let found = found(&other, &facts, language);
        assert!(matches!(found[..], [Problem::WrongUnit { .. }]), "{other}: {found:?}");
    }
}
