//! Names of quantities: their own words claim nothing, a side in front of them does, and segments count as joints do.

use super::{comparison, fact, shared, walk, with_joint};
use crate::llm::fact::{Comparison, Fact, Facts, Side, Verdict};
use crate::llm::verify::{Allowed, Language, Problem, problems};

fn found(text: &str, facts: &Facts, language: Language, question: &str) -> Vec<Problem> {
    problems(text, facts, language, &Allowed { names: &[], question })
}

/// Checks that all texts of the first list are accepted, and all of the second refused.
fn check(facts: &Facts, language: Language, right: &[&str], wrong: &[&str]) {
    for text in right {
        assert_eq!(found(text, facts, language, ""), [], "{text}");
    }
    for text in wrong {
        assert!(!found(text, facts, language, "").is_empty(), "{text}");
    }
}

fn of_joint(joint: &str, facts: Vec<Fact>, comparisons: Vec<Comparison>) -> Facts {
    Facts { facts: shared(facts.into_iter().map(|f| with_joint(f, joint)).collect()), comparisons }
}

/// A peak of the right elbow with its time, and the time of the left one.
fn peak() -> Facts {
    let time = "time of the elbow peak angular velocity in the picture plane";
    let facts = vec![
        fact("peak", &time["time of the ".len()..], (1623.0, 1300.0, 1947.0), "deg/s", Side::Right, "1623"),
        fact("moment", time, (4.67, 0.0, 0.0), "s", Side::Right, "4.67"),
        fact("other_moment", time, (6.0, 0.0, 0.0), "s", Side::Left, "6.00"),
    ];
    of_joint("elbow", facts, vec![])
}

#[test]
fn a_side_in_front_of_the_time_of_a_peak_counts() {
    let text = "Here is what I see. The video puts the right elbow peak angular velocity in the picture plane at 1623 degrees per second. The time of the elbow peak angular velocity in the picture plane on the right was measured at 4.67 seconds. The video puts the {side} time of the elbow peak angular velocity in the picture plane at 6.00 s.";
    let facts = peak();
    assert_eq!(found(&text.replace("{side}", "left"), &facts, Language::En, ""), []);
    let wrong = found(&text.replace("{side}", "right"), &facts, Language::En, "");
    assert!(matches!(&wrong[..], [Problem::WrongSide { text, .. }] if text == "6.00 s"), "{wrong:?}");
}

#[test]
fn a_side_in_front_of_a_measured_word_counts_without_the_whole_name() {
    check(
        &peak(),
        Language::En,
        &[
            "The right time of the peak is 4.67 s.",
            "The right moment was at 4.67 s, the left moment at 6.00 s.",
            // Idioms.
            "You turn it at the right time, 6.00 s after the start.",
            "Now is the right time to look at 6.00 s.",
            "On the left the elbow peaks at just the right time, at 6.00 s.",
            "The left elbow finds the right moment at 6.00 s.",
        ],
        &[
            "The right time of the peak is 6.00 s.",
            "The right moment was at 6.00 s, the left moment at 6.00 s.",
            "The right moment was at 6.00 s, the left moment at 4.67 s.",
            "It shows that right elbow peak angular velocity in the picture plane came at 6.00 s.",
        ],
    );
    check(
        &walk(),
        Language::En,
        &[
            "The right range of motion is 60.2°.",
            "Your left knee is in the right range at 63.1°.",
            "At the right pace, your knee bends 63.1°.",
            "You found the right rhythm at 112 steps per minute.",
        ],
        &[
            "The right range of motion is 63.1°.",
            "On the left the knee reached 63.1°. The right range of motion was also 63.1°.",
            "Your right knee is in the right range at 63.1°.",
        ],
    );
}

#[test]
fn right_angles_of_other_languages_are_sides_where_no_idiom_is_clear() {
    check(
        &walk(),
        Language::De,
        &[
            "Der rechte Winkel des Knies beträgt 60,2°.",
            "Links kommt das Knie auf 63,1°, im rechten Winkel zur Kamera gefilmt.",
            "Das Knie kommt auf 63,1°, fast einen rechten Winkel.",
        ],
        &["Der rechte Winkel des Knies beträgt 63,1°.", "Die rechte Winkelstellung des Knies beträgt 63,1°."],
    );
    check(
        &walk(),
        Language::Fr,
        &[
            "L'angle droit du genou est de 60,2°.",
            "Le genou s'ouvre de 63,1°, loin d'un angle droit.",
            "Le genou gauche fléchit de 63,1°, le droit de 60,2°.",
            "Tu as le droit de souffler après 63,1° à gauche.",
        ],
        &["L'angle droit du genou est de 63,1°.", "Le genou gauche fléchit de 63,1°, le droit de 63,1°."],
    );
    check(
        &walk(),
        Language::Es,
        &["El lado izquierdo llega a 63,1° y el derecho a 60,2°."],
        &["El lado izquierdo llega a 63,1° y el derecho a 63,1°."],
    );
}

#[test]
fn a_height_above_the_other_ankle_compares_nothing() {
    let name = "ankle height above the other ankle in mid-swing";
    let gap = format!("difference of the {name}");
    let facts = vec![
        fact("left", name, (0.06, -0.02, 0.14), "m", Side::Left, "0.06"),
        fact("right", name, (0.066, 0.0361, 0.0959), "m", Side::Right, "0.066"),
        fact("difference", &gap, (0.01, -0.08, 0.09), "m", Side::None, "0.01"),
    ];
    let facts = of_joint("ankle", facts, vec![comparison("left", "right", Verdict::WithinUncertainty)]);
    check(
        &facts,
        Language::En,
        &[
            "Here is what I see. The video puts the left ankle height above the other ankle in mid-swing at 0.06 m. The right ankle height above the other ankle in mid-swing was measured at 0.066 m (interval 0.036 to 0.096 m). The video puts the difference of the ankle height above the other ankle in mid-swing at 0.01 meters (between -0.08 and 0.09 meters). The left ankle height above the other ankle in mid-swing and the right ankle height above the other ankle in mid-swing differ by no more than the uncertainty.",
            "The left ankle lies 0.06 m above the other ankle in mid-swing.",
            "The left ankle reaches 0.06 m, the other ankle 0.066 m.",
        ],
        &[
            "The video puts the right ankle height above the other ankle in mid-swing at 0.06 m.",
            "The left ankle height above the other ankle in mid-swing was measured at 0.066 m (interval 0.036 to 0.096 m).",
            "The left ankle height above the other ankle in mid-swing is greater than the right ankle height above the other ankle in mid-swing.",
            "The left ankle is higher than the other ankle.",
            "The left ankle reaches 0.06 m, the other ankle 0.06 m.",
        ],
    );
}

#[test]
fn the_other_leg_of_a_name_has_no_number() {
    let name = "stance time with the other leg in the air";
    let facts = Facts {
        facts: shared(vec![
            fact("left", name, (0.44, 0.40, 0.48), "s", Side::Left, "0.44"),
            fact("right", name, (0.47, 0.43, 0.51), "s", Side::Right, "0.47"),
        ]),
        comparisons: vec![],
    };
    check(
        &facts,
        Language::En,
        &[
            "The left stance time with the other leg in the air was 0.44 s.",
            "The stance time on the left with the other leg in the air was 0.44 s.",
            "The left leg stood for 0.44 s, the other leg for 0.47 s.",
        ],
        &[
            "The right stance time with the other leg in the air was 0.44 s.",
            "The stance time on the right with the other leg in the air was 0.44 s.",
            "The left leg stood for 0.44 s, the other leg for 0.44 s.",
        ],
    );
}

/// Turning speeds of thigh and shank beside a knee.
fn segments() -> Facts {
    let sided = |segment: &str, value: f64, side, shown: &str| {
        let name = format!("{segment} peak turning speed in the picture plane");
        with_joint(fact("known", &name, (value, value - 40.0, value + 40.0), "deg/s", side, shown), segment)
    };
    let knee = fact("value", "knee peak flexion in swing", (73.0, 63.5, 81.6), "deg", Side::Left, "73");
    Facts {
        facts: shared(vec![
            with_joint(knee, "knee"),
            sided("thigh", 519.0, Side::Left, "519"),
            sided("thigh", 289.0, Side::Right, "289"),
            sided("shank", 568.0, Side::Left, "568"),
        ]),
        comparisons: vec![],
    }
}

#[test]
fn an_answer_about_a_segment_is_not_about_the_joint_asked() {
    let (facts, question) = (segments(), "What is the left knee peak flexion in swing?");
    for text in [
        "It is 73 degrees.",
        "The video puts the thigh peak turning speed in the picture plane on the left at 519 degrees per second.",
        "The right thigh peak turning speed in the picture plane is 289°/s (between 249 and 329°/s).",
        "The shank peak turning speed in the picture plane on the left is 568 degrees per second.",
        "The left shank turns at 568°/s and the left thigh at 519°/s.",
    ] {
        assert_eq!(found(text, &facts, Language::En, question), [], "{text}");
    }
    for text in [
        "It is 519 degrees per second.",
        "The left knee peak turning speed in the picture plane is 519 degrees per second.",
        "The left shank peak turning speed in the picture plane is 519 degrees per second.",
        "The left thigh turns at 568°/s and the left shank at 519°/s.",
    ] {
        let found = found(text, &facts, Language::En, question);
        assert!(found.iter().all(|p| matches!(p, Problem::WrongJoint { .. })) && !found.is_empty(), "{text} {found:?}");
    }
}

#[test]
fn segments_have_their_words_in_every_language() {
    let facts = segments();
    let german = ["Der linke Oberschenkel dreht sich mit 519 Grad pro Sekunde."];
    let wrong = ["Der linke Unterschenkel dreht sich mit 519 Grad pro Sekunde."];
    check(&facts, Language::De, &german, &wrong);
    let french = ["La cuisse gauche tourne à 519 degrés par seconde."];
    check(&facts, Language::Fr, &french, &["La cuisse gauche tourne à 568 degrés par seconde."]);
    let spanish = ["El muslo izquierdo gira a 519 grados por segundo."];
    check(&facts, Language::Es, &spanish, &["El muslo izquierdo gira a 568 grados por segundo."]);
    // No fact is about a hand or a foot.
    check(&walk(), Language::En, &["On the one hand, with the left foot ahead, you reach 1.45 m and 63.1°."], &[]);
}

#[test]
fn only_the_joint_of_a_name_counts_within_it() {
    let name = "turn of the upper body against the pelvis at the top of the backswing";
    let facts = Facts {
        facts: shared(vec![
            fact("value", name, (57.0, 48.0, 64.0), "deg", Side::None, "57"),
            with_joint(fact("known", "pelvis lean", (12.0, 9.0, 15.0), "deg", Side::None, "12"), "pelvis"),
        ]),
        comparisons: vec![],
    };
    let english = format!("The {name} is 57 degrees.");
    check(&facts, Language::En, &[english.as_str()], &["The turn of the pelvis is 57 degrees."]);
    let spanish = format!("Según el video, el valor «{name}» es de 57 grados.");
    check(&facts, Language::Es, &[spanish.as_str()], &[]);
}

/// Names with words that claim something elsewhere, their joints and units.
const NAMES: [(&str, &str, &str); 12] = [
    ("time of the elbow peak angular velocity in the picture plane", "elbow", "s"),
    ("time from the release to the top of the jump", "", "s"),
    ("range of the shoulder in the serve", "shoulder", "deg"),
    ("angle of the wrist at impact", "wrist", "deg"),
    ("level of the hip in stance", "hip", "m"),
    ("stance time with the other leg in the air", "", "s"),
    ("ankle height above the other ankle in mid-swing", "ankle", "m"),
    ("thigh angle below the horizontal at the bottom of the squats", "thigh", "deg"),
    ("shank peak turning speed in the picture plane", "shank", "deg/s"),
    ("elbow flexion of the lead arm at the top of the backswing", "elbow", "deg"),
    ("knee flexion at foot contact", "knee", "deg"),
    ("foot angle with the floor at contact", "foot", "deg"),
];

const SENTENCES: [&str; 6] = [
    "The {side} {name} is {number}.",
    "The {name} on the {side} was measured at {number}.",
    "The video puts the {side} {name} at {number}.",
    "It shows that {side} {name} came to {number}.",
    "We found {number} for the {side} {name}.",
    "{number} is the {name} on the {side}.",
];

#[test]
fn a_number_of_any_name_belongs_to_its_side_in_any_sentence() {
    let value = |k: usize, side: Side| 20.0 + 7.0 * k as f64 + if side == Side::Left { 0.0 } else { 3.0 };
    let mut facts = Vec::new();
    for (k, (name, joint, unit)) in NAMES.into_iter().enumerate() {
        for side in [Side::Left, Side::Right] {
            let own = value(k, side);
            let made = fact("known", name, (own, 0.0, 0.0), unit, side, &format!("{own:.1}"));
            facts.push(if joint.is_empty() { made } else { with_joint(made, joint) });
        }
    }
    let facts = Facts { facts: shared(facts), comparisons: vec![] };
    for (k, (name, _, unit)) in NAMES.into_iter().enumerate() {
        let words = match unit {
            "deg" => "degrees",
            "deg/s" => "degrees per second",
            other => other,
        };
        for side in [Side::Left, Side::Right] {
            let number = format!("{:.1} {words}", value(k, side));
            for sentence in SENTENCES {
                let text =
                    |word: &str| sentence.replace("{side}", word).replace("{name}", name).replace("{number}", &number);
                let (own, other) = if side == Side::Left { ("left", "right") } else { ("right", "left") };
                for question in ["", "What is the left hip peak flexion?"] {
                    let (right, wrong) = (text(own), text(other));
                    assert_eq!(found(&right, &facts, Language::En, question), [], "{right}");
                    let wrong_side = found(&wrong, &facts, Language::En, question);
                    assert!(matches!(wrong_side[..], [Problem::WrongSide { .. }]), "{wrong}: {wrong_side:?}");
                }
            }
        }
    }
}

#[test]
fn a_joint_in_front_of_a_name_counts_instead_of_the_one_in_it() {
    let name = "shoulders peak turning speed in the picture plane";
    let peak = with_joint(fact("value", name, (1992.0, 1347.0, 2637.0), "deg/s", Side::None, "1992"), "shoulder");
    check(
        &of_joint("shoulder", vec![peak], vec![]),
        Language::En,
        &[
            "The video puts the shoulder shoulders peak turning speed in the picture plane at 1992 degrees per second.",
            "The shoulders peak turning speed in the picture plane is 1992 degrees per second.",
        ],
        &["The video puts the ankle shoulders peak turning speed in the picture plane at 1992 degrees per second."],
    );
}

#[test]
fn a_time_of_the_question_is_not_free_of_its_side() {
    let facts = Facts {
        facts: shared(vec![
            fact("moment", "foot contact", (6.29, 0.0, 0.0), "s", Side::Left, "6.29"),
            fact("following", "toe-off", (6.51, 0.0, 0.0), "s", Side::Right, "6.51"),
        ]),
        ..Facts::default()
    };
    let question = "Which event is next after 6.29 s?";
    let text = |side: &str| {
        format!(
            "Der Wert „foot contact“ auf der {side} Seite liegt bei 6.29 s. Im Video beträgt der Wert „toe-off“ auf der \
             rechten Seite 6.51 Sekunden."
        )
    };
    assert_eq!(found(&text("linken"), &facts, Language::De, question), []);
    assert!(!found(&text("rechten"), &facts, Language::De, question).is_empty());
    let plain = "Nach 6.29 s folgt „toe-off“ auf der rechten Seite bei 6.51 s.";
    assert_eq!(found(plain, &facts, Language::De, question), []);
}
