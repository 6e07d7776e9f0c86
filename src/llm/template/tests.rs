use super::*;

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
    Cell::Fact(Box::new(fact))
}

fn row(right: Option<f64>) -> Row {
    let cells = vec![
        ("left".to_owned(), fact(Some(1.4512), Side::Left, "metrics/v/0/stride_length/left")),
        ("right".to_owned(), fact(right, Side::Right, "metrics/v/0/stride_length/right")),
    ];
    Row { row_key: "k".to_owned(), video_id: "v".to_owned(), cells, ..Row::default() }
}

fn words() -> Words {
    Words { athlete: "Athlete 7".to_owned(), system: "You coach.".to_owned(), ..Words::default() }
}

#[test]
fn an_answer_states_numbers_with_their_proofs() {
    let template = Template::parse("t.jinja", TEXT).unwrap();
    let filled = template.fill(&row(Some(1.4)), &words()).unwrap();
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
    let filled = template.fill(&row(None), &words()).unwrap();
    assert_eq!((filled.assistant.as_str(), filled.stated.len()), ("It is 1.45 m (1.25 to 1.66).", 1));
}

#[test]
fn a_typed_number_is_refused() {
    for answer in ["It is 1.45 m.", "It is {{ left.value }} m.", "{{ n(left) }} of 2"] {
        let template = Template::parse("t.jinja", &format!("== user\nQ\n== assistant\n{answer}\n")).unwrap();
        let error = template.fill(&row(None), &words()).unwrap_err().to_string();
        assert!(error.contains("a number without proof"), "{answer}: {error}");
    }
}

#[test]
fn faults_of_a_file_are_named() {
    for (text, problem) in [
        ("== user\nQ\n", "there is no section assistant"),
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
        template.fill(&row, &words()).unwrap().user
    };
    let all: Vec<String> = (0..60).map(user).collect();
    assert_eq!(all, (0..60).map(user).collect::<Vec<_>>());
    for variant in ["A", "B", "C"] {
        assert!(all.iter().filter(|text| *text == variant).count() > 8, "{variant}");
    }
}
