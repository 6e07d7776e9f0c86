use super::*;
use crate::llm::fact::Side;
use crate::llm::row::RawFact;

const TEXT: &str = "a comment\n\
    == user\nHow long is the {{ side_words(left) }} stride of {{ athlete }}?\n\
    == assistant\nIt is {{ range(left) }}{% if right %}, the other {{ with_unit(right) }}{% endif %}.\n\
    == rejected value\nIt is {{ low(left) }} m.\n";

fn fact(value: Option<f64>, side: Side, key: &str) -> Cell {
    let fact = RawFact {
        value,
        low: value.map(|value| value - 0.2),
        high: value.map(|value| value + 0.2),
        unit: "m".to_owned(),
        side,
        quantity: "stride length".to_owned(),
        relation: "metrics".to_owned(),
        result_key: key.to_owned(),
        column: "value".to_owned(),
        ..RawFact::default()
    };
    Cell::of_fact("left", &fact)
}

fn row(right: Option<f64>) -> Row {
    let cells = vec![
        (Arc::from("left"), fact(Some(1.4512), Side::Left, "metrics/v/0/stride_length/left")),
        (Arc::from("right"), fact(right, Side::Right, "metrics/v/0/stride_length/right")),
    ];
    Row { row_key: "k".to_owned(), video_id: "v".to_owned(), cells, ..Row::default() }
}

fn words() -> Words {
    Words { athlete: "Athlete 7".to_owned(), system: "You coach.".to_owned(), ..Words::default() }
}

#[test]
fn an_answer_states_numbers_with_their_proofs() {
    let template = Template::parse("t.jinja", TEXT).unwrap();
    let filled = template.fill(&row(Some(1.4)), &words(), &mut Repeated::default()).unwrap();
    assert_eq!(filled.system, "You coach.");
    assert_eq!(filled.user, "How long is the left stride of Athlete 7?");
    assert_eq!(filled.assistant, "It is 1.45 m (1.25 to 1.66), the other 1.40 m.");
    assert_eq!(filled.rejected, ["It is 1.25 m.".to_owned(), "value".to_owned()]);
    assert_eq!(filled.stated, [0, 1]);
    assert_eq!(
        filled.facts[0].proof.query,
        "SELECT value, low, high FROM metrics WHERE result_key = 'metrics/v/0/stride_length/left'"
    );
}

#[test]
fn what_is_missing_can_be_left_out() {
    let template = Template::parse("t.jinja", TEXT).unwrap();
    let filled = template.fill(&row(None), &words(), &mut Repeated::default()).unwrap();
    assert_eq!((filled.assistant.as_str(), filled.stated.len()), ("It is 1.45 m (1.25 to 1.66).", 1));
}

#[test]
fn a_typed_number_is_refused() {
    for answer in ["It is 1.45 m.", "It is {{ left.value }} m.", "{{ n(left) }} of 2"] {
        let template = Template::parse("t.jinja", &format!("== user\nQ\n== assistant\n{answer}\n")).unwrap();
        let error = template.fill(&row(None), &words(), &mut Repeated::default()).unwrap_err().to_string();
        assert!(error.contains("a number without proof"), "{answer}: {error}");
    }
}

#[test]
fn faults_of_a_file_are_named() {
    for (text, problem) in [
        ("== user\nQ\n", "section assistant is missing"),
        ("== user\nQ\n== asistant\nA\n", "unknown section \"asistant\""),
        ("== user\nQ\n== assistant\n{{ n( }}\n", "section assistant"),
        ("== user\nQ\n== assistant\nA\n== rejected mood\nB\n", "unknown section \"rejected mood\""),
    ] {
        let error = Template::parse("t.jinja", text).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.starts_with("t.jinja: ") && error.contains(problem), "{text}: {error}");
    }
}

#[test]
fn the_same_row_always_has_the_same_variant() {
    let text = "== user\nA\n== user\nB\n== user\nC\n== assistant\nX\n";
    let template = Template::parse("t.jinja", text).unwrap();
    let user = |key: usize| {
        let row = Row { row_key: format!("row {key}"), ..row(None) };
        template.fill(&row, &words(), &mut Repeated::default()).unwrap().user
    };
    let all: Vec<String> = (0..60).map(user).collect();
    assert_eq!(all, (0..60).map(user).collect::<Vec<_>>());
    for variant in ["A", "B", "C"] {
        assert!(all.iter().filter(|text| *text == variant).count() > 8, "{variant}");
    }
}

#[test]
fn data_that_repeats_is_used_again_and_other_data_is_not() {
    let text = "== context\n{{ clip }}: {% for f in known %}{{ f.quantity }} {{ range(f) }};{% endfor %}\n== user\nQ\n== assistant\nA\n";
    let template = Template::parse("t.jinja", text).unwrap();
    let row = |value: f64, other: f64| {
        let raw =
            RawFact { value: Some(value), quantity: "depth".to_owned(), unit: "m".to_owned(), ..RawFact::default() };
        let known = Cell::Facts(vec![Arc::new(Number::new("known", &raw).unwrap())]);
        Row { cells: vec![(Arc::from("known"), known), (Arc::from("other"), Cell::Number(other))], ..Row::default() }
    };
    let mut repeated = Repeated::default();
    let mut data = |row: Row, clip: &str| {
        let words = Words { clip: clip.to_owned(), ..Words::default() };
        let anew = template.fill(&row, &words, &mut Repeated::default()).unwrap().context;
        assert_eq!(template.fill(&row, &words, &mut repeated).unwrap().context, anew);
        anew
    };
    let first = data(row(1.5, 0.0), "A");
    assert_eq!(first, "A: depth 1.50 m;");
    assert_eq!(data(row(1.5, 2.0), "A"), first);
    assert_ne!(data(row(1.6, 2.0), "A"), first);
    assert_ne!(data(row(1.5, 2.0), "B"), first);
    assert_eq!(data(row(1.5, 2.0), "A"), first);
}

#[test]
fn one_degree_is_no_degrees() {
    let template =
        Template::parse("t.jinja", "== user\nQ\n== assistant\n{{ with_unit(left) }}, {{ range(left) }}\n").unwrap();
    let raw = |value: f64| RawFact { value: Some(value), unit: "deg".to_owned(), ..RawFact::default() };
    let answer = |value: f64| {
        let row = Row { cells: vec![(Arc::from("left"), Cell::of_fact("left", &raw(value)))], ..Row::default() };
        template.fill(&row, &words(), &mut Repeated::default()).unwrap().assistant
    };
    assert_eq!(answer(1.0), "1 degree, 1 degree");
    assert_eq!(answer(2.0), "2 degrees, 2 degrees");
}
