//! Whole numbers in words, as people write small ones.

use super::words::Language;

/// A number from 2 to 199 in words. None if it is outside, or ends in 1, which agrees with what is counted.
pub(crate) fn in_words(number: u32, language: Language) -> Option<String> {
    if !(2..=199).contains(&number) || number % 10 == 1 || number == 100 {
        return None;
    }
    let (hundred, rest) = (number >= 100, number % 100);
    let small = match language {
        Language::En => english(rest),
        Language::De => german(rest),
        Language::Fr => french(rest),
        Language::Es => spanish(rest),
    };
    Some(match (hundred, language) {
        (false, _) => small,
        (true, Language::En) => format!("one hundred and {small}"),
        (true, Language::De) => format!("hundert{small}"),
        (true, Language::Fr) => format!("cent {small}"),
        (true, Language::Es) => format!("ciento {small}"),
    })
}

fn pick(words: &[&str], index: u32) -> String {
    words.get(index as usize).copied().unwrap_or_default().to_string()
}

fn english(number: u32) -> String {
    const SMALL: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    match (number, number % 10) {
        (0..20, _) => pick(&SMALL, number),
        (_, 0) => pick(&TENS, number / 10),
        (_, ones) => format!("{}-{}", pick(&TENS, number / 10), pick(&SMALL, ones)),
    }
}

fn german(number: u32) -> String {
    const SMALL: [&str; 20] = [
        "null",
        "ein",
        "zwei",
        "drei",
        "vier",
        "fünf",
        "sechs",
        "sieben",
        "acht",
        "neun",
        "zehn",
        "elf",
        "zwölf",
        "dreizehn",
        "vierzehn",
        "fünfzehn",
        "sechzehn",
        "siebzehn",
        "achtzehn",
        "neunzehn",
    ];
    const TENS: [&str; 10] =
        ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];
    match (number, number % 10) {
        (0..20, _) => pick(&SMALL, number),
        (_, 0) => pick(&TENS, number / 10),
        (_, ones) => format!("{}und{}", pick(&SMALL, ones), pick(&TENS, number / 10)),
    }
}

fn french(number: u32) -> String {
    const SMALL: [&str; 20] = [
        "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze",
        "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
    ];
    const TENS: [&str; 7] = ["", "", "vingt", "trente", "quarante", "cinquante", "soixante"];
    match (number, number % 10) {
        (0..20, _) => pick(&SMALL, number),
        (70..80, _) => format!("soixante-{}", pick(&SMALL, number - 60)),
        (80, _) => "quatre-vingts".to_string(),
        (81..100, _) => format!("quatre-vingt-{}", pick(&SMALL, number - 80)),
        (_, 0) => pick(&TENS, number / 10),
        (_, ones) => format!("{}-{}", pick(&TENS, number / 10), pick(&SMALL, ones)),
    }
}

fn spanish(number: u32) -> String {
    const SMALL: [&str; 30] = [
        "cero",
        "uno",
        "dos",
        "tres",
        "cuatro",
        "cinco",
        "seis",
        "siete",
        "ocho",
        "nueve",
        "diez",
        "once",
        "doce",
        "trece",
        "catorce",
        "quince",
        "dieciséis",
        "diecisiete",
        "dieciocho",
        "diecinueve",
        "veinte",
        "veintiuno",
        "veintidós",
        "veintitrés",
        "veinticuatro",
        "veinticinco",
        "veintiséis",
        "veintisiete",
        "veintiocho",
        "veintinueve",
    ];
    const TENS: [&str; 10] =
        ["", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"];
    match (number, number % 10) {
        (0..30, _) => pick(&SMALL, number),
        (_, 0) => pick(&TENS, number / 10),
        (_, ones) => format!("{} y {}", pick(&TENS, number / 10), pick(&SMALL, ones)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        let words =
            |number| [Language::En, Language::De, Language::Fr, Language::Es].map(|l| in_words(number, l).unwrap());
        assert_eq!(words(42), ["forty-two", "zweiundvierzig", "quarante-deux", "cuarenta y dos"]);
        assert_eq!(words(17), ["seventeen", "siebzehn", "dix-sept", "diecisiete"]);
        assert_eq!(words(76), ["seventy-six", "sechsundsiebzig", "soixante-seize", "setenta y seis"]);
        assert_eq!(words(80), ["eighty", "achtzig", "quatre-vingts", "ochenta"]);
        assert_eq!(words(95), ["ninety-five", "fünfundneunzig", "quatre-vingt-quinze", "noventa y cinco"]);
        assert_eq!(words(112), ["one hundred and twelve", "hundertzwölf", "cent douze", "ciento doce"]);
        for number in [0, 1, 21, 100, 111, 200] {
            assert_eq!(in_words(number, Language::En), None, "{number}");
        }
    }
}
