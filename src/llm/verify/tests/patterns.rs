//! Sentences with slots, in four languages.

use crate::llm::fact::Side;
use crate::llm::verify::Language;

/// The content of a slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Slot {
    Value(usize),
    Low(usize),
    High(usize),
    Unit,
    Quantity,
    /// The side of a fact, in one of its forms.
    Side(usize, usize),
    More,
}

/// A part of a sentence.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Text(String),
    Slot(Slot),
    Number { text: String, is_words: bool },
    Unit(String),
    Joint { phrase: &'static str, joint: &'static str },
    Side { side: Side, form: usize },
    More { is_more: bool },
}

/// A sentence with slots.
pub(super) struct Pattern {
    pub(super) text: &'static str,
    pub(super) is_sided: bool,
    /// Whether it states that the sides do not differ.
    pub(super) is_within: bool,
}

const fn sided(text: &'static str) -> Pattern {
    Pattern { text, is_sided: true, is_within: false }
}

const fn within(text: &'static str) -> Pattern {
    Pattern { text, is_sided: true, is_within: true }
}

const fn plain(text: &'static str) -> Pattern {
    Pattern { text, is_sided: false, is_within: false }
}

/// Splits a pattern at its slots: `{a}` value of the first side, `{al}` and `{ah}` its interval, `{a0}` `{a1}` its side
/// in two forms; `{b}` the second side; `{d}` the difference; `{u}` unit, `{q}` quantity, `{more}` comparison.
pub(super) fn cut(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (k, part) in pattern.split(['{', '}']).enumerate() {
        if k % 2 == 0 {
            pieces.push(Piece::Text(part.to_owned()));
            continue;
        }
        let fact = usize::from(part.starts_with('b'));
        let slot = match part {
            "q" => Slot::Quantity,
            "u" => Slot::Unit,
            "more" => Slot::More,
            "d" => Slot::Value(2),
            "a" | "b" => Slot::Value(fact),
            "al" | "bl" => Slot::Low(fact),
            "ah" | "bh" => Slot::High(fact),
            "a0" | "b0" => Slot::Side(fact, 0),
            "a1" | "b1" => Slot::Side(fact, 1),
            "a2" | "b2" => Slot::Side(fact, 2),
            other => unreachable!("slot {other}"),
        };
        pieces.push(Piece::Slot(slot));
    }
    pieces
}

/// A measured quantity.
pub(super) struct Quantity {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) joint: &'static str,
    pub(super) is_sided: bool,
    pub(super) range: (f64, f64),
    /// With article, `{j}` for the joint: English, German, French, Spanish.
    phrases: [&'static str; 4],
}

impl Quantity {
    pub(super) fn phrase(&self, language: Language) -> &'static str {
        self.phrases[language as usize]
    }

    /// The spellings of the unit: first as a sign, then in words.
    pub(super) fn units(&self, language: Language) -> &'static [&'static str] {
        let all: [&[&str]; 4] = match self.unit {
            "m" => [
                &["m", "meters", "metres"],
                &["m", "Meter", "Metern"],
                &["m", "mètre", "mètres"],
                &["m", "metros", "metro"],
            ],
            "s" => [&["s", "seconds"], &["s", "Sekunden"], &["s", "secondes"], &["s", "segundos"]],
            "deg" => [&["°", "degrees", "deg"], &["°", "Grad"], &["°", "degrés"], &["°", "grados"]],
            "%" => [&["%", "percent", "per cent"], &["%", "Prozent"], &["%", "pour cent"], &["%", "por ciento"]],
            "m/s" => [
                &["m/s", "meters per second"],
                &["m/s", "Meter pro Sekunde"],
                &["m/s", "mètres par seconde"],
                &["m/s", "metros por segundo"],
            ],
            "deg/s" => [
                &["°/s", "degrees per second"],
                &["°/s", "Grad pro Sekunde"],
                &["°/s", "degrés par seconde"],
                &["°/s", "grados por segundo"],
            ],
            "1/min" => [
                &["steps/min", "steps per minute", "steps a minute"],
                &["Schritte/min", "Schritte pro Minute"],
                &["pas/min", "pas par minute"],
                &["pasos/min", "pasos por minuto"],
            ],
            "1" => [
                &["repetitions", "reps"],
                &["Wiederholungen", "Wiederholungen"],
                &["répétitions", "répétitions"],
                &["repeticiones", "repeticiones"],
            ],
            other => unreachable!("unit {other}"),
        };
        all[language as usize]
    }
}

const RANGE_OF_MOTION: [&str; 4] =
    ["the {j} range of motion", "der Bewegungsumfang {j}", "l'amplitude {j}", "el rango de movimiento {j}"];
const ANGLE: [&str; 4] = ["the {j} angle", "der Winkel {j}", "l'angle {j}", "el ángulo {j}"];

#[rustfmt::skip]
pub(super) const QUANTITIES: &[Quantity] = &[
    Quantity { name: "stride length", unit: "m", joint: "", is_sided: true, range: (0.8, 1.9),
        phrases: ["the stride length", "die Schrittlänge", "la longueur de foulée", "la longitud de zancada"] },
    Quantity { name: "stance time", unit: "s", joint: "", is_sided: true, range: (0.4, 1.4),
        phrases: ["the stance time", "die Standzeit", "le temps d'appui", "el tiempo de apoyo"] },
    Quantity { name: "knee range of motion", unit: "deg", joint: "knee", is_sided: true, range: (40.0, 85.0), phrases: RANGE_OF_MOTION },
    Quantity { name: "hip range of motion", unit: "deg", joint: "hip", is_sided: true, range: (25.0, 60.0), phrases: RANGE_OF_MOTION },
    Quantity { name: "ankle range of motion", unit: "deg", joint: "ankle", is_sided: true, range: (15.0, 39.0), phrases: RANGE_OF_MOTION },
    Quantity { name: "elbow angle", unit: "deg", joint: "elbow", is_sided: true, range: (60.0, 160.0), phrases: ANGLE },
    Quantity { name: "shoulder angle", unit: "deg", joint: "shoulder", is_sided: true, range: (-60.0, -10.0), phrases: ANGLE },
    Quantity { name: "knee angular velocity", unit: "deg/s", joint: "knee", is_sided: true, range: (200.0, 480.0),
        phrases: ["the angular velocity of the {j}", "die Winkelgeschwindigkeit {j}", "la vitesse angulaire {j}", "la velocidad angular {j}"] },
    Quantity { name: "stance share", unit: "%", joint: "", is_sided: true, range: (52.0, 71.0),
        phrases: ["the stance share", "der Standanteil", "la part d'appui", "la parte de apoyo"] },
    Quantity { name: "walking speed", unit: "m/s", joint: "", is_sided: false, range: (0.7, 2.1),
        phrases: ["the walking speed", "die Gehgeschwindigkeit", "la vitesse de marche", "la velocidad de la marcha"] },
    Quantity { name: "cadence", unit: "1/min", joint: "", is_sided: false, range: (85.0, 190.0),
        phrases: ["the cadence", "die Kadenz", "la cadence", "la cadencia"] },
    Quantity { name: "trunk lean", unit: "deg", joint: "trunk", is_sided: false, range: (-24.0, -3.0),
        phrases: ["the lean of the {j}", "die Neigung {j}", "l'inclinaison {j}", "la inclinación {j}"] },
    Quantity { name: "number of repetitions", unit: "1", joint: "", is_sided: false, range: (3.0, 30.0),
        phrases: ["the count", "die Anzahl", "le nombre", "la cuenta"] },
];

pub(super) const JOINTS: [&str; 7] = ["knee", "hip", "ankle", "elbow", "shoulder", "wrist", "trunk"];

/// A quantity's phrase with its joint.
pub(super) fn phrase(phrase: &str, joint: &str, language: Language) -> String {
    let at = JOINTS.iter().position(|j| *j == joint);
    let Some(at) = at else { return phrase.to_owned() };
    let names = match language {
        Language::En => JOINTS,
        Language::De => [
            "des Knies",
            "der Hüfte",
            "des Sprunggelenks",
            "des Ellbogens",
            "der Schulter",
            "des Handgelenks",
            "des Rumpfs",
        ],
        Language::Fr => {
            ["du genou", "de la hanche", "de la cheville", "du coude", "de l'épaule", "du poignet", "du tronc"]
        }
        Language::Es => {
            ["de la rodilla", "de la cadera", "del tobillo", "del codo", "del hombro", "de la muñeca", "del tronco"]
        }
    };
    phrase.replace("{j}", names[at])
}

/// A side: form 0 after "on the" or alone, 1 before or after "side", 2 with its preposition.
pub(super) fn side(side: Side, form: usize, language: Language) -> &'static str {
    let forms: [[&str; 2]; 3] = match language {
        Language::En => [["left", "right"], ["left", "right"], ["on the left", "on the right"]],
        Language::De => [["links", "rechts"], ["linke", "rechte"], ["auf der linken Seite", "auf der rechten Seite"]],
        Language::Fr => [["à gauche", "à droite"], ["gauche", "droit"], ["du côté gauche", "du côté droit"]],
        Language::Es => [
            ["a la izquierda", "a la derecha"],
            ["izquierdo", "derecho"],
            ["en el lado izquierdo", "en el lado derecho"],
        ],
    };
    forms[form][usize::from(side == Side::Right)]
}

/// "greater" or "less".
pub(super) fn more(is_more: bool, language: Language) -> &'static str {
    let forms = match language {
        Language::En => ["smaller", "greater"],
        Language::De => ["kleiner", "größer"],
        Language::Fr => ["plus faible", "plus grand"],
        Language::Es => ["menor", "mayor"],
    };
    forms[usize::from(is_more)]
}

/// Sentences without claims.
pub(super) fn fillers(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => &[
            "One of the best things about this clip is how calm it looks.",
            "Right, let's go step by step.",
            "Once again, take your time.",
            "Keep your knees soft and your shoulders low.",
        ],
        Language::De => &[
            "Eins nach dem anderen.",
            "Das sieht recht gut aus.",
            "Auf einmal muss nicht alles klappen.",
            "Halte die Knie weich und die Schultern tief.",
        ],
        Language::Fr => &[
            "Une fois de plus, prends ton temps.",
            "D'un côté, tout va bien.",
            "Garde les genoux souples et les épaules basses.",
            "Regarde tout droit.",
        ],
        Language::Es => &[
            "Una vez más, tómate tu tiempo.",
            "Por un lado, todo va bien.",
            "Mantén las rodillas sueltas y los hombros bajos.",
            "Mira al frente, paso a paso.",
        ],
    }
}

/// The patterns of a language.
#[rustfmt::skip]
pub(super) fn of(language: Language) -> &'static [Pattern] {
    match language {
        Language::En => const { &[
            sided("{q} is {a} {u} on the {a0} and {b} {u} on the {b0}."),
            sided("on the {a0}, {q} is {a} {u}; on the {b0} it is {b} {u}."),
            sided("{q}: {a0} {a} {u}, {b0} {b} {u}."),
            sided("the {a1} side reaches {a} {u} ({al} to {ah}) for {q}, the {b1} side {b} {u} ({bl} to {bh})."),
            sided("for {q}, the {a1} and {b1} sides come to {a} {u} and {b} {u}, respectively."),
            sided("{q} is {a} {u} and {b} {u} on the {a0} and {b0}."),
            sided("{q} is {more} on the {a0} ({a} {u}) than on the {b0} ({b} {u})."),
            sided("with {a} {u}, the {a1} side has a {more} value for {q} than the {b1} with {b} {u}."),
            sided("{q} is {more} on the {a0} than on the {b0}: {a} {u} versus {b} {u}."),
            sided("compared with the {b1} side, {q} on the {a0} is {more}: {a} {u}."),
            sided("{q} {a2} measured {a} {u}, with a 95 % interval from {al} to {ah} {u}, and {b} {u} ({bl} to {bh}) {b2}."),
            sided("{q}: {a} {u} ({a0}) and {b} {u} ({b0})."),
            sided("the {a1} side shows {a} {u} for {q}, whereas the {b1} side shows {b} {u}."),
            sided("between {al} and {ah} {u} is where {q} {a2} lies, with {a} {u} as the best estimate."),
            sided("{q} came to {a} {u} {a2}."),
            sided("{q} is {d} {u} {more} {a2} than {b2} ({a} {u} against {b} {u})."),
            sided("we see {a} {u} for {q} on the {a0}, and the {b0} reaches {b} {u}."),
            sided("{q} of the {a1} side, at {a} {u}, is {more} than that of the {b1} side, at {b} {u}."),
            within("there is no clear difference in {q} between {a0} ({a} {u}) and {b0} ({b} {u})."),
            within("{q} is {a} {u} {a2} and {b} {u} {b2}, which is the same within the uncertainty."),
            plain("{q} is {a} {u}, with an interval of {al} to {ah} {u}."),
            plain("we measured {a} {u} for {q} (95 % interval {al} to {ah})."),
            plain("{q}: {a} {u} [{al}, {ah}]."),
        ] },
        Language::De => const { &[
            sided("{q} beträgt {a0} {a} {u} und {b0} {b} {u}."),
            sided("{a0} beträgt {q} {a} {u}; {b0} sind es {b} {u}."),
            sided("{q}: {a0} {a} {u}, {b0} {b} {u}."),
            sided("{q} liegt bei {a} {u} {a2} und bei {b} {u} {b2}."),
            sided("die {a1} Seite kommt bei {q} auf {a} {u} ({al} bis {ah}), die {b1} auf {b} {u} ({bl} bis {bh})."),
            sided("die {a1} und die {b1} Seite erreichen für {q} {a} {u} und {b} {u}."),
            sided("{q} ist {a0} {more} als {b0}: {a} {u} gegenüber {b} {u}."),
            sided("{q} ist {a0} ({a} {u}) {more} als {b0} ({b} {u})."),
            sided("mit {a} {u} ist {q} {a0} {more} als {b0} mit {b} {u}."),
            sided("im Vergleich zu {b0} ist {q} {a0} {more}: {a} {u}."),
            sided("{q}: {a} {u} ({a0}) und {b} {u} ({b0})."),
            sided("{a0} zeigt {q} {a} {u}, während es {b0} {b} {u} sind."),
            sided("{q} liegt {a2} zwischen {al} und {ah} {u}, am ehesten bei {a} {u}."),
            sided("{q} ist {a0} um {d} {u} {more} als {b0} ({a} {u} gegen {b} {u})."),
            within("bei {a} {u} {a0} und {b} {u} {b0} gibt es für {q} keinen klaren Unterschied."),
            within("{q} ist {a0} ({a} {u}) und {b0} ({b} {u}) innerhalb der Unsicherheit gleich."),
            plain("{q} beträgt {a} {u}, das 95-%-Intervall reicht von {al} bis {ah} {u}."),
            plain("für {q} haben wir {a} {u} gemessen ({al} bis {ah} {u})."),
        ] },
        Language::Fr => const { &[
            sided("{q} est de {a} {u} {a0} et de {b} {u} {b0}."),
            sided("{a0}, {q} vaut {a} {u} ; {b0}, c'est {b} {u}."),
            sided("{q} : {a} {u} {a2}, {b} {u} {b2}."),
            sided("le côté {a1} atteint {a} {u} ({al} à {ah}) pour {q}, le côté {b1} {b} {u} ({bl} à {bh})."),
            sided("les côtés {a1} et {b1} atteignent {a} {u} et {b} {u} pour {q}."),
            sided("{q} est {more} {a0} que {b0} : {a} {u} contre {b} {u}."),
            sided("{q} est {more} {a0} ({a} {u}) que {b0} ({b} {u})."),
            sided("avec {a} {u}, {q} est {more} {a0} que {b0} avec {b} {u}."),
            sided("par rapport au côté {b1}, {q} est {more} {a0} : {a} {u}."),
            sided("le côté {a1} montre {a} {u} pour {q}, tandis que le côté {b1} montre {b} {u}."),
            sided("{q} se situe entre {al} et {ah} {u} {a0}, avec {a} {u} comme meilleure estimation."),
            sided("{q} est {more} de {d} {u} {a0} que {b0} ({a} {u} contre {b} {u})."),
            within("il n'y a pas de différence nette pour {q} entre le côté {a1} ({a} {u}) et le côté {b1} ({b} {u})."),
            within("{q} est de {a} {u} {a0} et de {b} {u} {b0}, sans différence claire."),
            plain("{q} est de {a} {u}, avec un intervalle de {al} à {ah} {u}."),
            plain("nous mesurons {a} {u} pour {q} (intervalle à 95 % : {al} à {ah} {u})."),
        ] },
        Language::Es => const { &[
            sided("{q} es de {a} {u} {a0} y de {b} {u} {b0}."),
            sided("{a0}, {q} es de {a} {u}; {b0}, de {b} {u}."),
            sided("{q}: {a} {u} {a2}, {b} {u} {b2}."),
            sided("el lado {a1} alcanza {a} {u} ({al} a {ah}) en {q}, el lado {b1} {b} {u} ({bl} a {bh})."),
            sided("los lados {a1} y {b1} alcanzan {a} {u} y {b} {u} en {q}."),
            sided("{q} es {more} {a0} que {b0}: {a} {u} frente a {b} {u}."),
            sided("{q} es {more} {a0} ({a} {u}) que {b0} ({b} {u})."),
            sided("con {a} {u}, {q} es {more} {a0} que {b0} con {b} {u}."),
            sided("en comparación con el lado {b1}, {q} es {more} {a0}: {a} {u}."),
            sided("el lado {a1} muestra {a} {u} en {q}, mientras que el lado {b1} muestra {b} {u}."),
            sided("{q} está entre {al} y {ah} {u} {a2}, con {a} {u} como mejor estimación."),
            sided("{q} es {d} {u} {more} {a0} que {b0} ({a} {u} contra {b} {u})."),
            within("no hay una diferencia clara en {q} entre el lado {a1} ({a} {u}) y el lado {b1} ({b} {u})."),
            within("{q} es de {a} {u} {a0} y de {b} {u} {b0}, sin diferencia clara."),
            plain("{q} es de {a} {u}, con un intervalo de {al} a {ah} {u}."),
            plain("medimos {a} {u} en {q} (intervalo del 95 %: {al} a {ah} {u})."),
        ] },
    }
}
