//! Texts as a coach would write them, and near misses.

use std::sync::Arc;

use super::{fact, fails, passes, shared, walk};
use crate::llm::fact::{Facts, Side};
use crate::llm::verify::known::known;
use crate::llm::verify::{Allowed, Language, Problem, numbers, problems};

#[test]
fn english_coaching_texts_pass() {
    passes(
        Language::En,
        &[
            "Mara, one of the first things I notice is your stride: 1.45 m on the left versus 1.40 m on the right. Take it step by step.",
            "Your left stride is 1.45 m long (95 % interval 1.27 to 1.64), and the right one is 1.40 m. No one walks perfectly symmetrically, so once you feel settled, work on the right.",
            "At first glance both knees look alike: the left knee moves through 63.1°, the right through 60.2°. There is no clear difference between them.",
            "The left stride is longer than the right: 1.45 m against 1.40 m. That is a difference of 0.05 m. Keep your hips level and your shoulders relaxed.",
            "You took 112 steps per minute. On the one hand that is a steady rhythm; on the other hand there is room left to play with it.",
            "Your trunk leaned by -5.2°, with the interval running from -7.1 to -3.4 degrees. Right away, think about standing tall. A few deep breaths help.",
            "In all seven repetitions the foot left the ground cleanly. That's right where we want it. Two things to remember: stay loose, and look ahead.",
            "1. Your left stride reaches 1.45 m.\n2. Your right stride reaches 1.40 m.\n3. Your cadence is 112 steps per minute.",
            "Left leg:\n- stride length: 1.45 m\n- knee: 63.1°\n\nRight leg:\n- stride length: 1.40 m\n- knee: 60.2°",
            "The left and right knees bent 63.1° and 60.2°, respectively, and the left and right strides were 1.45 m and 1.40 m.",
            "With 1.45 m, the left stride is longer than the right with 1.40 m. First things first: nothing here is wrong.",
            "Compared with the right side, your stride on the left is longer. I would not read too much into the knee, where the two sides overlap.",
            "The knee's range of motion is 63.1 degrees on the left (58.0 to 68.2) and 60.2 degrees on the right (55.1 to 65.3), so we cannot say that the left knee moves more than the right.",
            "Your stride length lies between 1.27 and 1.64 m on the left, with a best estimate of 1.45 m. In clip_07.mp4 that was easy to see.",
            "sixty-three point one degrees on the left and sixty point two on the right: close enough that I'd call it even. One step at a time!",
            "| side | stride |\n|---|---|\n| left | 1.45 m |\n| right | 1.40 m |",
            "Try to make the right stride a bit longer. Should the left knee bend more? Not at all; it already reaches 63.1°.",
            "The right stride (1.40 m) is shorter than the left (1.45 m), by roughly 0.05 m. Double-check your shoes, and don't get left behind.",
            "Stand with your feet hip-width apart. A cadence of 112 steps per minute is about right for you at this pace.",
            "The left knee bends 63.1°, the other knee 60.2°. Athlete 12 would be proud.",
            "Your left stride is about 1.5 m and your knee there moves roughly 63°.",
        ],
    );
}

#[test]
fn english_near_misses_fail() {
    fails(
        Language::En,
        &[
            "Your stride is 1.40 m on the left versus 1.45 m on the right.",
            "Your stride is 1.46 m on the left versus 1.40 m on the right.",
            "The left and right knees bent 60.2° and 63.1°, respectively.",
            "The left hip moves through 63.1°.",
            "Your left stride is 145 cm long.",
            "Your left stride is 1.45 cm long.",
            "Your trunk leaned by 5.2°.",
            "The right stride is longer than the left.",
            "The left knee clearly moves more than the right.",
            "There is no clear difference in stride length between the left and the right.",
            "Your left stride is 1.45 m (1.21 to 1.58).",
            "Your left stride is 1.27 m long.",
            "Left leg:\n- stride length: 1.40 m\n\nRight leg:\n- stride length: 1.45 m",
            "You took about a hundred steps per minute.",
            "You improved by 10 percent.",
            "In the third repetition your cadence was 112 steps per minute.",
            "Your stride on the left is twice as long.",
            "Do three sets of eight squats.",
            "The cadence was 112 steps per second.",
            "one point five four meters on the left",
            "| left | 1.40 m |\n| right | 1.45 m |",
            "With 1.45 m, the right stride is longer than the left with 1.40 m.",
            "The left stride is 2 m.",
            "The left knee bends 63.1°, the other knee 63.1°.",
            "The shorter stride is on the left.",
            "Compared with the right, your stride on the left is shorter.",
            "The left stride is 1.64 to 1.27 m.",
            "Both strides are 1.45 m long.",
        ],
    );
}

#[test]
fn german_coaching_texts_pass() {
    passes(
        Language::De,
        &[
            "Eins nach dem anderen: Links ist dein Schritt 1,45 m lang, rechts 1,40 m. Das ist erst einmal recht gut.",
            "Dein linker Doppelschritt misst 1,45 m (95-%-Intervall 1,27 bis 1,64 m), der rechte 1,40 m. Auf einmal muss das nicht gleich sein.",
            "Das linke Knie beugt sich um 63,1°, das rechte um 60,2°. Ein klarer Unterschied ist das nicht.",
            "Mit 1,45 m ist der linke Schritt länger als der rechte mit 1,40 m; der Unterschied beträgt 0,05 m.",
            "Du kommst auf 112 Schritte pro Minute. Einerseits ist das ruhig, andererseits bleibt Luft nach oben.",
            "Dein Rumpf neigt sich um -5,2 Grad, das Intervall reicht von -7,1 bis -3,4 Grad. Gib acht auf eine aufrechte Haltung.",
            "In allen sieben Wiederholungen hast du die Füße rechtzeitig aufgesetzt. Zu Recht kannst du stolz sein. Zwei Dinge noch: locker bleiben und weiter so!",
            "Links:\n- Schrittlänge: 1,45 m\n- Knie: 63,1°\n\nRechts:\n- Schrittlänge: 1,40 m\n- Knie: 60,2°",
            "Im Vergleich zu rechts ist dein Schritt links länger. Mach einen Schritt nach dem anderen, zum ersten Mal ganz ohne Druck.",
            "Zwischen links und rechts gibt es beim Knie keinen klaren Unterschied: 63,1 Grad links gegenüber 60,2 Grad rechts.",
            "Dein linker Schritt liegt zwischen 1,27 und 1,64 m. Das ist einer der Punkte, auf die wir achten.",
            "Dreiundsechzig Komma eins Grad links und sechzig Komma zwei Grad rechts: Das liegt innerhalb der Unsicherheit.",
            "Das linke und das rechte Knie erreichen 63,1° und 60,2°.",
            "Rechts ist der Schritt kürzer als links (1,40 m gegenüber 1,45 m). Stell dich im rechten Winkel zur Kamera.",
            "Versuche, rechts etwas länger zu werden. Bei der Kniebeuge bleiben die Füße hüftbreit.",
            "Das linke Knie ist mit 63,1° nicht deutlich stärker gebeugt als das rechte mit 60,2°.",
        ],
    );
}

#[test]
fn german_near_misses_fail() {
    fails(
        Language::De,
        &[
            "Links ist dein Schritt 1,40 m lang, rechts 1,45 m.",
            "Links ist dein Schritt 1,54 m lang, rechts 1,40 m.",
            "Die linke Hüfte beugt sich um 63,1°.",
            "Dein linker Schritt misst 1,45 cm.",
            "Dein Rumpf neigt sich um 5,2 Grad.",
            "Der rechte Schritt ist länger als der linke.",
            "Im Vergleich zu rechts ist dein Schritt links kürzer.",
            "Zwischen links und rechts gibt es beim Schritt keinen Unterschied.",
            "Das linke Knie beugt sich deutlich stärker als das rechte.",
            "Links ist dein Schritt doppelt so lang.",
            "Mit 1,45 m ist der rechte Schritt länger als der linke mit 1,40 m.",
            "Mach drei Sätze mit acht Wiederholungen.",
            "Sechzig Komma zwei Grad links und dreiundsechzig Komma eins Grad rechts.",
            "Dein linker Schritt misst 1,45 m (1,21 bis 1,58 m).",
            "Du kommst auf 112 Schritte pro Sekunde.",
        ],
    );
}

#[test]
fn french_coaching_texts_pass() {
    passes(
        Language::Fr,
        &[
            "D'un côté, ta foulée gauche mesure 1,45 m ; de l'autre, la foulée droite mesure 1,40 m. Une fois à l'aise, continue pas à pas.",
            "Le genou gauche fléchit de 63,1° contre 60,2° à droite. Il n'y a pas de différence nette.",
            "Ta foulée est de 1,45 m à gauche (intervalle à 95 % : 1,27 à 1,64 m) et de 1,40 m à droite.",
            "La foulée gauche est plus longue que la droite : 1,45 m contre 1,40 m, soit 0,05 m d'écart.",
            "Ta cadence est de 112 pas par minute. Garde le dos droit et regarde tout droit.",
            "Le tronc s'incline de -5,2°, avec un intervalle de -7,1 à -3,4 degrés. En un mot, redresse-toi un peu.",
            "Sur les sept répétitions, tu as été régulière. Deux choses à retenir : rester souple, et respirer.",
            "À gauche :\n- longueur de foulée : 1,45 m\n- genou : 63,1°\n\nÀ droite :\n- longueur de foulée : 1,40 m\n- genou : 60,2°",
            "Par rapport à la droite, ta foulée à gauche est plus longue. C'est une des choses que l'on voit au premier coup d'œil.",
            "Les genoux gauche et droit fléchissent de 63,1° et 60,2°. Les deux côtés se valent, plus ou moins.",
            "Avec 1,45 m, la foulée gauche est plus grande que la droite avec 1,40 m.",
            "Soixante-trois virgule un degrés à gauche et soixante virgule deux degrés à droite : l'écart reste dans la marge d'incertitude.",
            "Ta foulée gauche se situe entre 1,27 et 1,64 m, au moins d'après cette vidéo. De plus, rien ne presse.",
            "La foulée droite (1,40 m) est plus courte que la gauche (1,45 m).",
            "Essaie d'allonger un peu la foulée à droite. Pourquoi pas une fois par jour ?",
        ],
    );
}

#[test]
fn french_near_misses_fail() {
    fails(
        Language::Fr,
        &[
            "Ta foulée gauche mesure 1,40 m et la droite 1,45 m.",
            "Ta foulée gauche mesure 1,54 m.",
            "La hanche gauche fléchit de 63,1°.",
            "Ta foulée gauche mesure 1,45 cm.",
            "Le tronc s'incline de 5,2°.",
            "La foulée droite est plus longue que la gauche.",
            "La foulée gauche est moins longue que la droite.",
            "Par rapport à la droite, ta foulée à gauche est plus courte.",
            "Il n'y a aucune différence de foulée entre la gauche et la droite.",
            "Le genou gauche fléchit nettement plus que le droit.",
            "Fais trois séries de huit répétitions.",
            "Soixante virgule deux degrés à gauche et soixante-trois virgule un degrés à droite.",
            "Avec 1,45 m, la foulée droite est plus grande que la gauche avec 1,40 m.",
            "Ta cadence est de 112 pas par seconde.",
            "Ta foulée a gagné un tiers.",
        ],
    );
}

#[test]
fn spanish_coaching_texts_pass() {
    passes(
        Language::Es,
        &[
            "Por un lado, tu zancada izquierda mide 1,45 m; por otro lado, la derecha mide 1,40 m. Ve paso a paso.",
            "La rodilla izquierda alcanza 63,1° frente a los 60,2° de la derecha. No hay una diferencia clara.",
            "Tu zancada es de 1,45 m en la izquierda (intervalo del 95 %: 1,27 a 1,64 m) y de 1,40 m en la derecha.",
            "La zancada izquierda es más larga que la derecha: 1,45 m frente a 1,40 m, es decir, 0,05 m de diferencia.",
            "Tu cadencia es de 112 pasos por minuto. Mantén la espalda derecha y mira al frente.",
            "El tronco se inclina -5,2°, con un intervalo de -7,1 a -3,4 grados. Una vez más, respira hondo.",
            "En las siete repeticiones mantuviste el ritmo. Dos cosas que recordar: soltura y calma.",
            "Izquierda:\n- longitud de zancada: 1,45 m\n- rodilla: 63,1°\n\nDerecha:\n- longitud de zancada: 1,40 m\n- rodilla: 60,2°",
            "En comparación con la derecha, tu zancada en la izquierda es más larga. Es una de las cosas que se ven a primera vista.",
            "Las rodillas izquierda y derecha alcanzan 63,1° y 60,2°. Los dos lados se parecen, más o menos.",
            "Con 1,45 m, la zancada izquierda es mayor que la derecha con 1,40 m.",
            "Sesenta y tres coma uno grados en la izquierda y sesenta coma dos grados en la derecha: queda dentro del margen de incertidumbre.",
            "Tu zancada izquierda está entre 1,27 y 1,64 m, al menos en este vídeo. Además, la velocidad media no se midió.",
            "La zancada derecha (1,40 m) es más corta que la izquierda (1,45 m).",
            "Intenta alargar un poco la zancada derecha. No hay que hacerlo todo de una vez.",
        ],
    );
}

#[test]
fn spanish_near_misses_fail() {
    fails(
        Language::Es,
        &[
            "Tu zancada izquierda mide 1,40 m y la derecha 1,45 m.",
            "Tu zancada izquierda mide 1,54 m.",
            "La cadera izquierda alcanza 63,1°.",
            "Tu zancada izquierda mide 1,45 cm.",
            "El tronco se inclina 5,2°.",
            "La zancada derecha es más larga que la izquierda.",
            "La zancada izquierda es menos larga que la derecha.",
            "En comparación con la derecha, tu zancada en la izquierda es más corta.",
            "No hay ninguna diferencia de zancada entre la izquierda y la derecha.",
            "La rodilla izquierda se flexiona claramente más que la derecha.",
            "Haz tres series de ocho repeticiones.",
            "Sesenta coma dos grados en la izquierda y sesenta y tres coma uno grados en la derecha.",
            "Con 1,45 m, la zancada derecha es mayor que la izquierda con 1,40 m.",
            "Tu cadencia es de 112 pasos por segundo.",
            "Tu zancada mejoró la mitad.",
        ],
    );
}

#[test]
fn each_problem_has_its_kind() {
    let found = |text: &str| super::of_walk(text, Language::En);
    assert!(matches!(found("The left stride is 1.54 m.")[..], [Problem::UnknownNumber { .. }]));
    assert!(matches!(found("The left stride is 1.45 s.")[..], [Problem::WrongUnit { .. }]));
    assert!(matches!(found("The right stride is 1.45 m.")[..], [Problem::WrongSide { .. }]));
    assert!(matches!(found("The hip moves through 63.1°.")[..], [Problem::WrongJoint { .. }]));
    assert!(matches!(found("The left stride is shorter than the right.")[..], [Problem::WrongDirection { .. }]));
    assert!(matches!(found("The interval is 1.27 to 1.58 m.")[..], [Problem::NotAnInterval { .. }]));
    assert_eq!(
        found("The right stride is 1.45 m.")[0].to_string(),
        "\"1.45 m\" is given to a wrong side: 1.45 is the left stride length."
    );
}

#[test]
fn an_answer_without_side_is_about_the_side_asked() {
    let facts = walk();
    let allowed = Allowed { names: &[], question: "How long is the left stride? Is it over 1.3 m?" };
    assert!(problems("It is 1.45 m long, so over 1.3 m.", &facts, Language::En, &allowed).is_empty());
    assert!(!problems("It is 1.40 m long.", &facts, Language::En, &allowed).is_empty());
    assert!(!problems("It is 1.45 m long, so over 1.3 s.", &facts, Language::En, &allowed).is_empty());
    let unasked = Allowed::default();
    assert!(problems("It is 1.40 m long.", &facts, Language::En, &unasked).is_empty());
}

#[test]
fn the_question_may_name_a_side_without_facts() {
    let allowed = Allowed { names: &[], question: "How far does the right wrist turn?" };
    let text = "The data say nothing about the right wrist.";
    assert!(problems(text, &Facts::default(), Language::En, &allowed).is_empty());
    assert!(!problems(text, &Facts::default(), Language::En, &Allowed::default()).is_empty());
}

#[test]
fn one_decimal_less_is_allowed_if_it_is_near() {
    let facts = Facts {
        facts: shared(vec![
            fact("a", "stride length", (1.4512, 0.0, 0.0), "m", Side::None, "1.45"),
            fact("b", "difference", (0.0525, 0.0, 0.0), "m", Side::None, "0.05"),
            fact("c", "cadence", (112.3, 101.0, 124.0), "1/min", Side::None, "110"),
        ]),
        comparisons: vec![],
    };
    let is_right = |text: &str| problems(text, &facts, Language::En, &Allowed::default()).is_empty();
    assert!(is_right("1.5 m") && is_right("1.450 m") && is_right("110 steps per minute"));
    assert!(is_right("an interval of 100 to 120 steps per minute"));
    assert!(
        !is_right("1.4 m")
            && !is_right("1 m")
            && !is_right("0.1 m")
            && !is_right("1.451 m")
            && !is_right("112 steps per minute")
    );
}

#[test]
fn a_negative_difference_may_be_told_by_its_size() {
    let mut facts = walk();
    let difference = Arc::make_mut(&mut facts.facts[2]);
    difference.value = -0.0525;
    difference.shown = "-0.05".to_owned();
    let is_right = |text: &str| problems(text, &facts, Language::En, &Allowed::default()).is_empty();
    assert!(is_right("The right stride is 0.05 m shorter than the left."));
    assert!(is_right("The difference is -0.05 m."));
    assert!(!is_right("The difference is 0.05 m."));
}

#[test]
fn ends_of_intervals_are_those_that_are_printed() {
    // Rounded outward: 1.268 to 1.642 is printed as 1.26 to 1.65.
    let facts = Facts {
        facts: shared(vec![fact("a", "stride length", (1.4512, 1.268, 1.642), "m", Side::None, "1.45")]),
        comparisons: vec![],
    };
    let is_right = |text: &str| problems(text, &facts, Language::En, &Allowed::default()).is_empty();
    assert!(is_right("1.45 m (1.26 to 1.65)"));
    assert!(!is_right("1.45 m (1.27 to 1.64)"));
    let known = &known(&facts)[0];
    let mention = &numbers("1.26 m", Language::En, &[])[0];
    assert!(known.any_part(mention).is_some() && known.fits_unit(mention));
    let mention = &numbers("1.26 s", Language::En, &[])[0];
    assert!(!known.fits_unit(mention));
}
