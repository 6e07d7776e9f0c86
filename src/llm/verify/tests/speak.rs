//! Converts numbers to words for tests. Written independently of the reader, so that each checks the other.

use crate::llm::verify::Language;

const EN: [&str; 20] = [
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
const EN_TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const DE: [&str; 20] = [
    "null",
    "eins",
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
const DE_TENS: [&str; 10] =
    ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];
const FR: [&str; 17] = [
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize",
];
const FR_TENS: [&str; 7] = ["", "", "vingt", "trente", "quarante", "cinquante", "soixante"];
const ES: [&str; 30] = [
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
const ES_TENS: [&str; 10] =
    ["", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"];
const ES_HUNDREDS: [&str; 10] = [
    "",
    "ciento",
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
    "ochocientos",
    "novecientos",
];

fn en(n: usize) -> String {
    match n {
        0..20 => EN[n].to_owned(),
        20..100 if n.is_multiple_of(10) => EN_TENS[n / 10].to_owned(),
        20..100 => format!("{}-{}", EN_TENS[n / 10], EN[n % 10]),
        100..1000 if n.is_multiple_of(100) => format!("{} hundred", EN[n / 100]),
        100..1000 if n.is_multiple_of(3) => format!("{} hundred and {}", EN[n / 100], en(n % 100)),
        100..1000 => format!("{} hundred {}", EN[n / 100], en(n % 100)),
        _ if n.is_multiple_of(1000) => format!("{} thousand", en(n / 1000)),
        _ => format!("{} thousand {}", en(n / 1000), en(n % 1000)),
    }
}

fn de(n: usize, is_last: bool) -> String {
    match n {
        1 if !is_last => "ein".to_owned(),
        0..20 => DE[n].to_owned(),
        20..100 if n.is_multiple_of(10) => DE_TENS[n / 10].to_owned(),
        20..100 => format!("{}und{}", de(n % 10, false), DE_TENS[n / 10]),
        100..1000 if n.is_multiple_of(100) => format!("{}hundert", de(n / 100, false)),
        100..1000 => format!("{}hundert{}", de(n / 100, false), de(n % 100, is_last)),
        _ if n.is_multiple_of(1000) => format!("{}tausend", de(n / 1000, false)),
        _ => format!("{}tausend{}", de(n / 1000, false), de(n % 1000, is_last)),
    }
}

fn fr(n: usize) -> String {
    match n {
        0..17 => FR[n].to_owned(),
        17..20 => format!("dix-{}", FR[n - 10]),
        20..70 if n.is_multiple_of(10) => FR_TENS[n / 10].to_owned(),
        20..70 if n % 10 == 1 => format!("{} et un", FR_TENS[n / 10]),
        20..70 => format!("{}-{}", FR_TENS[n / 10], FR[n % 10]),
        71 => "soixante et onze".to_owned(),
        70..80 => format!("soixante-{}", fr(n - 60)),
        80 => "quatre-vingts".to_owned(),
        81..100 => format!("quatre-vingt-{}", fr(n - 80)),
        100 => "cent".to_owned(),
        101..200 => format!("cent {}", fr(n - 100)),
        200..1000 if n.is_multiple_of(100) => format!("{} cents", FR[n / 100]),
        200..1000 => format!("{} cent {}", FR[n / 100], fr(n % 100)),
        1000 => "mille".to_owned(),
        1001..2000 => format!("mille {}", fr(n - 1000)),
        _ if n.is_multiple_of(1000) => format!("{} mille", fr(n / 1000)),
        _ => format!("{} mille {}", fr(n / 1000), fr(n % 1000)),
    }
}

fn es(n: usize) -> String {
    match n {
        0..30 => ES[n].to_owned(),
        30..100 if n.is_multiple_of(10) => ES_TENS[n / 10].to_owned(),
        30..100 => format!("{} y {}", ES_TENS[n / 10], ES[n % 10]),
        100 => "cien".to_owned(),
        101..1000 if n.is_multiple_of(100) => ES_HUNDREDS[n / 100].to_owned(),
        101..1000 => format!("{} {}", ES_HUNDREDS[n / 100], es(n % 100)),
        1000 => "mil".to_owned(),
        1001..2000 => format!("mil {}", es(n - 1000)),
        _ if n.is_multiple_of(1000) => format!("{} mil", es(n / 1000)),
        _ => format!("{} mil {}", es(n / 1000), es(n % 1000)),
    }
}

/// A whole number in words.
pub(super) fn whole(n: usize, language: Language) -> String {
    match language {
        Language::En => en(n),
        Language::De => de(n, true),
        Language::Fr => fr(n),
        Language::Es => es(n),
    }
}

/// A decimal such as `-1.45` in words, digit by digit after the point.
pub(super) fn decimal(text: &str, language: Language) -> String {
    let (minus, point) = match language {
        Language::En => ("minus", "point"),
        Language::De => ("minus", "Komma"),
        Language::Fr => ("moins", "virgule"),
        Language::Es => ("menos", "coma"),
    };
    let bare = text.trim_start_matches(['-', '\u{2212}']);
    let (head, tail) = bare.split_once('.').map_or((bare, None), |(a, b)| (a, Some(b)));
    let mut words = whole(head.parse().unwrap(), language);
    if let Some(tail) = tail {
        words.push(' ');
        words.push_str(point);
        for digit in tail.bytes() {
            words.push(' ');
            words.push_str(&whole(usize::from(digit - b'0'), language));
        }
    }
    if bare.len() < text.len() { format!("{minus} {words}") } else { words }
}
