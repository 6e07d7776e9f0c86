//! The model: words the facts of the prompt's last JSON block as the task asks, honestly or with a fault.

use serde_json::{Value, json};

use super::faults::{Dice, Fault, hash};
use super::schema;
use super::story::{Compared, Side, Story, Verdict};
use super::words::{Language, amount, capitalized, quantity};

/// What was changed in a reply on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// Name of the fault that was applied: `number`, `side`, `unit`, `joint`, `direction`; `honest_distractor` if a text that
    /// should be wrong is true.
    pub(crate) kind: &'static str,
    /// The reply as it would have been.
    pub(crate) original: String,
    /// The reply as it is.
    pub(crate) changed: String,
}

/// A reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// The text.
    pub(crate) text: String,
    /// What was changed.
    pub(crate) change: Option<Change>,
}

/// Most facts that an answer states.
const MAX_FACTS: usize = 12;

/// Replies to a user text by a schema. `content` is the hash of the request: the same request gets the same words.
pub(crate) fn reply(user: &str, reply_schema: Option<&Value>, content: &str, fault: Option<Fault>) -> Said {
    let Some(block) = last_block(user) else {
        let text =
            reply_schema.map_or("The data show a steady movement.".to_string(), |s| schema::instance(s).to_string());
        return Said { text, change: None };
    };
    let mut story = Story::from_block(&block);
    story.claims.truncate(MAX_FACTS);
    story.comparisons.retain(|pair| pair.first.max(pair.second) < MAX_FACTS);
    let mut dice = Dice(hash(&[content]));
    for claim in &mut story.claims {
        claim.is_interval_told = dice.roll(2) == 0;
    }
    let writer = Writer {
        block: &block,
        language: Language::by_code(text(&block, "language")),
        seed: hash(&["words", content]),
    };
    let (honest, changed) = if text(&block, "task") == "distractor" {
        writer.distractor(&story, fault, &mut dice)
    } else {
        let changed = fault
            .and_then(|fault| story.changed(fault, &[text(&block, "question"), text(&block, "answer")], &mut dice));
        (writer.write(&story, &story), changed.map(|(changed, kind)| (writer.write(&story, &changed), kind.name())))
    };
    // A schema of another task is filled without understanding it.
    let fit = |value: Value| match reply_schema {
        Some(wanted) if !schema::accepts(wanted, &value) => schema::instance(wanted),
        _ => value,
    };
    let original = fit(honest).to_string();
    match changed {
        Some((changed, kind)) => {
            let changed = fit(changed).to_string();
            Said { text: changed.clone(), change: Some(Change { kind, original, changed }) }
        }
        None => Said { text: original, change: None },
    }
}

/// The last fenced JSON block of a text.
pub(crate) fn last_block(user: &str) -> Option<Value> {
    let start = user.rfind("```json")? + "```json".len();
    let rest = user.get(start..)?;
    serde_json::from_str(rest.get(..rest.rfind("```")?)?.trim()).ok()
}

fn text<'a>(block: &'a Value, key: &str) -> &'a str {
    block.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Writes a task's reply.
struct Writer<'a> {
    block: &'a Value,
    language: Language,
    seed: u64,
}

impl Writer<'_> {
    /// A reply that asks about `asked` and states `told`. The same dice for both, so that only what was changed differs.
    fn write(&self, asked: &Story, told: &Story) -> Value {
        let mut dice = Dice(self.seed);
        match text(self.block, "task") {
            "explanation" => json!({"explanation": self.explanation(told, &mut dice)}),
            "dialogue" => json!({"turns": self.turns(asked, told, &mut dice)}),
            _ => json!({"question": self.question(asked, &mut dice), "answer": self.answer(told, &mut dice)}),
        }
    }

    /// A wrong answer, or, with a fault, one that is true and should not be.
    fn distractor(
        &self,
        story: &Story,
        fault: Option<Fault>,
        dice: &mut Dice,
    ) -> (Value, Option<(Value, &'static str)>) {
        let texts = [text(self.block, "question"), text(self.block, "answer")];
        let kinds = ["value", "side", "joint", "interval", "sign"];
        let start = dice.roll(kinds.len());
        let wrong = (0..kinds.len()).find_map(|step| {
            let kind = kinds[(start + step) % kinds.len()];
            let wrong = match kind {
                "value" => story.changed(Fault::Number, &texts, dice).map(|(story, _)| story),
                "side" => story.changed(Fault::Side, &texts, dice).map(|(story, _)| story),
                "joint" => story.changed(Fault::Joint, &texts, dice).map(|(story, _)| story),
                "interval" => story.with_wrong_interval(&texts, dice),
                _ => story.without_sign(),
            };
            Some((wrong?, kind))
        });
        let reply = |story: &Story, kind: &str| json!({"rejected": self.answer(story, &mut Dice(self.seed)), "what_is_wrong": kind});
        let (honest, kind) = if let Some((wrong, kind)) = &wrong {
            (reply(wrong, kind), *kind)
        } else {
            // Facts without a number leave nothing to get wrong but to claim one.
            let claim = ["It is 47 degrees.", "Es sind 47 Grad.", "C'est 47 degrés.", "Son 47 grados."];
            (json!({"rejected": self.language.of(claim), "what_is_wrong": "value"}), "value")
        };
        let has_fault = fault.is_some_and(|fault| fault >= Fault::Number && fault <= Fault::Hallucinated);
        let changed = has_fault.then(|| (reply(story, kind), "honest_distractor"));
        (honest, changed)
    }

    fn question(&self, story: &Story, dice: &mut Dice) -> String {
        let Some(first) = story.claims.first() else {
            return self
                .language
                .of([
                    "What do the data say about this?",
                    "Was sagen die Daten dazu?",
                    "Que disent les données à ce sujet ?",
                    "¿Qué dicen los datos sobre esto?",
                ])
                .to_string();
        };
        let mut about = first.clone();
        if story.claims.iter().any(|claim| claim.side != first.side) {
            about.side = Side::None;
        }
        let x = quantity(&about, self.language, dice);
        match (self.language, dice.roll(2)) {
            (Language::En, 0) => format!("What is {x}?"),
            (Language::En, _) => format!("Can you tell me {x}?"),
            (Language::De, 0) => format!("Wie groß ist {x}?"),
            (Language::De, _) => format!("Welchen Wert hat {x}?"),
            (Language::Fr, 0) => format!("Quelle est la valeur mesurée : {x} ?"),
            (Language::Fr, _) => format!("Que vaut {x} ?"),
            (Language::Es, 0) => format!("¿Qué valor tiene {x}?"),
            (Language::Es, _) => format!("¿Puedes decirme {x}?"),
        }
    }

    fn answer(&self, story: &Story, dice: &mut Dice) -> String {
        let sentences = self.sentences(story, dice);
        if sentences.is_empty() {
            return self
                .language
                .of([
                    "The data cannot answer that: it was not measured.",
                    "Das geben die Daten nicht her: Es wurde nicht gemessen.",
                    "Les données ne permettent pas de répondre : cela n'a pas été mesuré.",
                    "Los datos no permiten responder: no se midió.",
                ])
                .to_string();
        }
        format!("{}{}", self.opener(), sentences.join(" "))
    }

    fn explanation(&self, story: &Story, dice: &mut Dice) -> String {
        let closer = match dice.roll(2) {
            0 => self.language.of([
                "Film from the same place next time, so that the sessions can be compared.",
                "Beim nächsten Mal bitte vom gleichen Platz filmen, damit sich die Einheiten vergleichen lassen.",
                "La prochaine fois, filmez du même endroit pour pouvoir comparer les séances.",
                "La próxima vez, graba desde el mismo lugar para poder comparar las sesiones.",
            ]),
            _ => self.language.of([
                "Keep the rhythm and watch how this develops over the coming weeks.",
                "Den Rhythmus beibehalten und die Entwicklung in den kommenden Wochen beobachten.",
                "Gardez le rythme et suivez l'évolution pendant les prochaines semaines.",
                "Mantén el ritmo y observa la evolución en las próximas semanas.",
            ]),
        };
        format!("{} {closer}", self.answer(story, dice))
    }

    fn turns(&self, asked: &Story, told: &Story, dice: &mut Dice) -> Vec<Value> {
        let part = |story: &Story, place: usize| Story {
            claims: story.claims.iter().skip(place).take(1).cloned().collect(),
            comparisons: vec![],
        };
        let mut turns: Vec<Value> = (0..told.claims.len().max(1))
            .map(|place| {
                let question = self.question(&part(asked, place), dice);
                json!({"question": question, "answer": self.answer(&part(told, place), dice)})
            })
            .collect();
        for pair in &told.comparisons {
            let question = self.language.of([
                "How do they compare?",
                "Wie ist das im Vergleich?",
                "Et en comparaison ?",
                "¿Y en comparación?",
            ]);
            turns.push(json!({"question": question, "answer": self.comparison(told, *pair, dice)}));
        }
        turns
    }

    /// What the persona says first.
    fn opener(&self) -> &'static str {
        let persona = text(self.block, "persona");
        let is = |words: &[&str]| words.iter().any(|word| persona.contains(word));
        if is(&["coach", "trainer"]) {
            self.language.of([
                "Here is what I see. ",
                "Das sehe ich. ",
                "Voici ce que je vois. ",
                "Esto es lo que veo. ",
            ])
        } else if is(&["physio", "therap", "clinic", "doctor"]) {
            self.language.of([
                "From a clinical view: ",
                "Aus klinischer Sicht: ",
                "D'un point de vue clinique : ",
                "Desde el punto de vista clínico: ",
            ])
        } else if is(&["scien", "research", "analyst"]) {
            self.language.of([
                "According to the analysis: ",
                "Laut Auswertung: ",
                "Selon l'analyse : ",
                "Según el análisis: ",
            ])
        } else {
            ""
        }
    }

    fn sentences(&self, story: &Story, dice: &mut Dice) -> Vec<String> {
        let mut sentences = vec![];
        for claim in &story.claims {
            let (x, n) = (quantity(claim, self.language, dice), amount(claim, self.language, dice));
            let sentence = match (self.language, dice.roll(3)) {
                (Language::En, 0) => format!("{x} is {n}."),
                (Language::En, 1) => format!("the video puts {x} at {n}."),
                (Language::En, _) => format!("{x} was measured at {n}."),
                (Language::De, 0) => format!("{x} beträgt {n}."),
                (Language::De, 1) => format!("{x} liegt bei {n}."),
                (Language::De, _) => format!("im Video beträgt {x} {n}."),
                (Language::Fr, 0) => format!("{x} est de {n}."),
                (Language::Fr, 1) => format!("d'après la vidéo, {x} est de {n}."),
                (Language::Fr, _) => format!("{x} s'élève à {n}."),
                (Language::Es, 0) => format!("{x} es de {n}."),
                (Language::Es, 1) => format!("según el video, {x} es de {n}."),
                (Language::Es, _) => format!("el análisis muestra {n} para este valor: {x}."),
            };
            sentences.push(capitalized(&sentence));
        }
        for pair in &story.comparisons {
            sentences.push(self.comparison(story, *pair, dice));
        }
        sentences
    }

    fn comparison(&self, story: &Story, pair: Compared, dice: &mut Dice) -> String {
        let (Some(first), Some(second)) = (story.claims.get(pair.first), story.claims.get(pair.second)) else {
            return String::new();
        };
        let l = self.language;
        let plain = |claim| quantity(claim, l, &mut Dice(self.seed));
        let (mut one, mut other) = (plain(first), plain(second));
        let roll = dice.roll(2);
        if one == other {
            let (mut first, mut second) = (first.clone(), second.clone());
            (first.is_interval_told, second.is_interval_told) = (false, false);
            (one, other) = (amount(&first, l, &mut Dice(self.seed)), amount(&second, l, &mut Dice(self.seed)));
        } else if let (true, (Side::Left, Side::Right) | (Side::Right, Side::Left)) =
            (story.comparisons.len() == 1 && roll == 0, (first.side, second.side))
        {
            let side = |side| match side {
                Side::Left => l.of(["on the left", "links", "à gauche", "a la izquierda"]),
                _ => l.of(["on the right", "rechts", "à droite", "a la derecha"]),
            };
            return by_side(l, side(first.side), side(second.side), pair.verdict);
        }
        let sentence = match (l, pair.verdict) {
            (Language::En, Verdict::Greater) => format!("{one} is greater than {other}."),
            (Language::En, Verdict::Less) => format!("{one} is less than {other}."),
            (Language::En, Verdict::Within) => format!("{one} and {other} differ by no more than the uncertainty."),
            (Language::De, Verdict::Greater) => format!("{one} ist größer als {other}."),
            (Language::De, Verdict::Less) => format!("{one} ist kleiner als {other}."),
            (Language::De, Verdict::Within) => {
                format!("der Unterschied liegt innerhalb der Messunsicherheit: {one}, {other}.")
            }
            (Language::Fr, Verdict::Greater) => format!("{one} est plus {} que {other}.", agreed(&one, "grand")),
            (Language::Fr, Verdict::Less) => format!("{one} est plus {} que {other}.", agreed(&one, "petit")),
            (Language::Fr, Verdict::Within) => {
                format!("{one} et {other} : la différence reste dans l'incertitude de mesure.")
            }
            (Language::Es, Verdict::Greater) => format!("{one} es mayor que {other}."),
            (Language::Es, Verdict::Less) => format!("{one} es menor que {other}."),
            (Language::Es, Verdict::Within) => {
                format!("la diferencia está dentro de la incertidumbre: {one}, {other}.")
            }
        };
        capitalized(&sentence)
    }
}

/// A French adjective in the gender of a phrase that begins with its article.
fn agreed(phrase: &str, adjective: &str) -> String {
    let is_feminine = phrase.starts_with("la ") || phrase.starts_with("l'") && !phrase.starts_with("l'angle");
    if is_feminine { format!("{adjective}e") } else { adjective.to_string() }
}

/// A comparison of the two sides of one quantity.
fn by_side(language: Language, one: &str, other: &str, verdict: Verdict) -> String {
    match (language, verdict) {
        (Language::En, Verdict::Greater) => format!("The value {one} is greater than {other}."),
        (Language::En, Verdict::Less) => format!("The value {one} is smaller than {other}."),
        (Language::En, Verdict::Within) => {
            "The difference between left and right is within the uncertainty.".to_string()
        }
        (Language::De, Verdict::Greater) => format!("Der Wert ist {one} größer als {other}."),
        (Language::De, Verdict::Less) => format!("Der Wert ist {one} kleiner als {other}."),
        (Language::De, Verdict::Within) => {
            "Der Unterschied zwischen links und rechts liegt innerhalb der Messunsicherheit.".to_string()
        }
        (Language::Fr, Verdict::Greater) => format!("La valeur est plus grande {one} qu'{other}."),
        (Language::Fr, Verdict::Less) => format!("La valeur est plus petite {one} qu'{other}."),
        (Language::Fr, Verdict::Within) => {
            "La différence entre la gauche et la droite reste dans l'incertitude de mesure.".to_string()
        }
        (Language::Es, Verdict::Greater) => format!("El valor es mayor {one} que {other}."),
        (Language::Es, Verdict::Less) => format!("El valor es menor {one} que {other}."),
        (Language::Es, Verdict::Within) => {
            "La diferencia entre izquierda y derecha está dentro de la incertidumbre.".to_string()
        }
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
