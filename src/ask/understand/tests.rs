//! Many phrasings: the ready question that each matches, and the values that it names.

use super::*;
use crate::ask::known::{EventWords, MetricWords, Person};
use crate::sql::library::Library;

fn known() -> Known {
    let clip = |video_id: &str, name: &str, sport: &str, exercises: Option<&str>| Clip {
        video_id: video_id.to_owned(),
        name: name.to_owned(),
        path: format!("/videos/{name}"),
        duration_s: 8.0,
        sport: Some(sport.to_owned()),
        exercises: exercises.map(str::to_owned),
    };
    let person = |video_id: &str, person_id, name: Option<&str>| Person {
        video_id: video_id.to_owned(),
        person_id,
        name: name.map(str::to_owned),
    };
    let metric = |metric: &str, words: &str| MetricWords { metric: metric.to_owned(), words: words.to_owned() };
    let event = |kind: &str, words: &str| EventWords {
        kind: kind.to_owned(),
        words: words.to_owned(),
        plural: format!("{words}s"),
    };
    Known {
        clips: vec![
            clip("aaaaaaaa", "flip_and_walk_2p.mp4", "walking", Some("unnamed")),
            clip("bbbbbbbb", "squats_monday.mp4", "squat", Some("squat")),
            clip("cccccccc", "squats_tuesday.mp4", "squat", Some("squat")),
        ],
        people: vec![
            person("aaaaaaaa", 0, None),
            person("aaaaaaaa", 1, Some("Anna")),
            person("bbbbbbbb", 0, Some("Anna")),
            person("cccccccc", 0, Some("Anna")),
        ],
        metrics: vec![
            metric("cadence", "cadence"),
            metric("knee_range_of_motion_2d", "knee range of motion in the picture plane"),
            metric("squat_knee_flexion", "knee flexion at the bottom of the squats"),
            metric("step_width", "step width"),
        ],
        events: vec![event("contact", "foot contact"), event("toe_off", "toe-off"), event("take_off", "take-off")],
    }
}

/// The name of the ready question with its SQL, or `none` with the refusal as text.
fn asked(question: &str) -> (String, String) {
    asked_of(question, &known())
}

fn asked_of(question: &str, known: &Known) -> (String, String) {
    let library = Library::built_in();
    let ready = Ready::all(&library).unwrap();
    let mut lexicon = Lexicon::read(&library).unwrap();
    for ready in &ready {
        lexicon.know(ready.vocabulary());
    }
    match understand(question, &lexicon, &ready, known) {
        Ok(understood) => (understood.ready.name.clone(), understood.sql),
        Err(refusal) => ("none".to_owned(), refusal.trouble.to_string()),
    }
}

/// Ready questions, each with phrasings.
const WORDINGS: &[(&str, &[&str])] = &[
    (
        "metric_value",
        &[
            "What is Anna's cadence?",
            "anna cadence",
            "Cadence of Anna in the flip clip, please",
            "How many steps per minute does Anna take?",
            "What's the ROM of the left knee of person 1?",
            "How much range of motion did Anna's left knee have?",
            "peak left knee flexion for Anna",
            "What was the maximum angle of the right elbow?",
            "When did the left knee reach its peak flexion?",
            "How fast did Anna walk?",
            "Tell me Anna's step width",
            "How far did Anna's trunk lean forward?",
            "How long was person 0 in the air?",
        ],
    ),
    (
        "how_sure",
        &[
            "How sure is Anna's cadence?",
            "What is the confidence interval of the step width?",
            "Can I trust the gait speed?",
        ],
    ),
    (
        "sides_compared",
        &[
            "How symmetric were Anna's knees in the last squat set?",
            "Is the range of motion of the hips the same on the left and right?",
            "Compare left and right knee flexion",
            "Difference between Anna's left and right stance time?",
            "knee symmetry of person 1",
        ],
    ),
    (
        "uneven_sides",
        &[
            "What differs between left and right?",
            "Is anything asymmetric in Anna's gait?",
            "Where is person 1 uneven?",
        ],
    ),
    (
        "angle_at_time",
        &[
            "What was the left knee angle at 3.2 s?",
            "knee angle of person 1 at second 3, right side",
            "How bent was the right elbow at 2.5s?",
        ],
    ),
    (
        "angle_within",
        &[
            "How far did the left knee bend between 1 and 3 seconds?",
            "Range of the right hip angle from 2 to 4.5 s",
            "What was the largest left elbow angle in the first 2 seconds?",
        ],
    ),
    (
        "athletes_compared",
        &[
            "Compare person 0 and person 1 in flip_and_walk_2p.mp4: left knee range of motion",
            "Who has more left knee flexion, person 0 or 1?",
            "Did Anna bend her left knee more in squats_monday or squats_tuesday?",
        ],
    ),
    (
        "ranking",
        &[
            "Who has the highest cadence?",
            "Which clip has the largest step width?",
            "Who walked with the lowest gait speed?",
        ],
    ),
    (
        "jump_height",
        &["How high did person 0 jump?", "What's the jump height in the flip clip?", "How high was the highest jump?"],
    ),
    (
        "repetition_count",
        &["How many reps did Anna do?", "Number of squats in squats_monday.mp4", "How many repetitions are there?"],
    ),
    (
        "repetitions",
        &[
            "How deep was the third rep?",
            "How long did repetition 2 take?",
            "List all repetitions of Anna",
            "How deep was her last squat?",
        ],
    ),
    (
        "best_repetition",
        &["Which rep was the deepest?", "Which was Anna's worst squat?", "What was the longest repetition?"],
    ),
    ("repetition_change", &["Did Anna's repetitions change from the first to the last?", "Did the reps get slower?"]),
    (
        "event_count",
        &[
            "How many foot contacts did Anna have?",
            "How often does the left foot touch the ground?",
            "How many jumps did person 0 do?",
        ],
    ),
    (
        "event_times",
        &[
            "When does Anna's left foot touch the ground?",
            "At what time is the first take-off?",
            "When did the right foot leave the ground?",
        ],
    ),
    ("step_count", &["How many steps did Anna take?", "number of steps of person 1"]),
    ("extreme_step", &["Which was Anna's slowest step?", "Which step was the quickest?"]),
    ("phases", &["How long is each phase of the squat?"]),
    (
        "who",
        &[
            "Who is in which clip?",
            "How many people are in flip_and_walk_2p.mp4?",
            "In which clips is Anna?",
            "Who appears in the flip video?",
        ],
    ),
    (
        "clips",
        &["How long is the flip video?", "Which clips are there?", "What is the frame rate of squats_monday.mp4?"],
    ),
    ("quality", &["How good is the data of flip_and_walk_2p.mp4?", "Are there problems with the tracking of Anna?"]),
    ("not_measured", &["What could not be measured of Anna, and why?", "What is missing for person 1?"]),
    ("measured", &["What was measured of Anna?", "Which metrics are there?"]),
];

#[test]
fn a_question_is_known_in_many_wordings() {
    for (name, questions) in WORDINGS {
        for question in *questions {
            let (found, rest) = asked(question);
            assert_eq!(found, *name, "{question}\n{rest}");
        }
    }
}

#[test]
fn every_example_of_a_ready_question_is_that_question() {
    let library = Library::built_in();
    for ready in Ready::all(&library).unwrap() {
        let question = ready.example.replace("Anna", "person 1");
        // The last squat set is Anna's.
        let question = if question.contains("squat set") { ready.example.clone() } else { question };
        let (found, rest) = asked(&question);
        assert_eq!(found, ready.name, "{question}\n{rest}");
    }
}

#[test]
fn what_a_question_names_is_in_its_sql() {
    let has = |question: &str, parts: &[&str]| {
        let (name, sql) = asked(question);
        for part in parts {
            assert!(sql.contains(part), "{question}: {name}\n{part} in\n{sql}");
        }
        assert!(!sql.contains("getvariable"), "{sql}");
    };
    has(
        "How symmetric were Anna's knees in the last squat set?",
        &["'cccccccc'", "'Anna'", "'knee_range_of_motion_2d'", "'squat_knee_flexion'"],
    );
    has(
        "What's the ROM of the left knee of person 1?",
        &["m.person_id = 1", "m.side = 'left'", "'knee_range_of_motion_3d'"],
    );
    has("left knee range of motion in space", &["['knee_range_of_motion_3d']"]);
    has("What was the left knee angle at 3.2 s?", &["BETWEEN 3.2 - 0.5 AND 3.2 + 0.5", "['knee']"]);
    has("Range of the right hip angle from 2 to 4.5 s", &["BETWEEN 2 AND 4.5"]);
    has(
        "Compare person 0 and Anna in the flip clip: cadence",
        &["m.video_id = 'aaaaaaaa'", "other.video_id = 'aaaaaaaa'", "'Anna'", "m.person_id = 0"],
    );
    has(
        "Did Anna bend her left knee more in squats_monday or squats_tuesday?",
        &["m.video_id = 'bbbbbbbb'", "other.video_id = 'cccccccc'", "other.name IS NOT DISTINCT FROM 'Anna'"],
    );
    has("When is the first take-off?", &["m.kind = 'take_off'", "CASE 'first'"]);
    has("How deep was the third rep?", &["m.repetition = 3"]);
    has("Which was Anna's slowest step?", &["CASE WHEN false"]);
    has("Which step was the quickest?", &["CASE WHEN true"]);
    has("Who walked with the lowest gait speed?", &["CASE WHEN true"]);
}

#[test]
fn an_exact_file_name_wins_over_beginnings_of_names_and_exercises_are_no_names() {
    let names = ["jacks3.mp4", "jacks_cuts.mp4", "jacks_woman.mp4", "my clip-2.mov", "squat.mp4", "squat.mov"];
    let clip = |name: &&str| Clip {
        video_id: format!("id of {name}"),
        name: (*name).to_owned(),
        exercises: Some("raise, squat".to_owned()),
        ..Clip::default()
    };
    let person = |name: &&str| Person { video_id: format!("id of {name}"), person_id: 0, name: None };
    let known =
        Known { clips: names.iter().map(clip).collect(), people: names[..3].iter().map(person).collect(), ..known() };
    let clips_of = |question: &str| {
        let (name, sql) = asked_of(question, &known);
        let named = names.iter().filter(|clip| sql.contains(&format!("'id of {clip}'"))).copied();
        (name, named.collect::<Vec<_>>())
    };
    for (question, name, clips) in [
        ("How many jumping jacks did person 0 do in jacks3.mp4?", "repetition_count", &["jacks3.mp4"][..]),
        ("In jacks3, how many jumping jacks did person 0 do?", "repetition_count", &["jacks3.mp4"]),
        ("How many jumping jacks did person 0 do?", "repetition_count", &[]),
        ("How many squats are in the video jacks3.mp4?", "repetition_count", &["jacks3.mp4"]),
        ("How many squats are in squat.mov?", "repetition_count", &["squat.mov"]),
        ("What is wrong with my clip-2.mov?", "quality", &["my clip-2.mov"]),
        ("What is the cadence of person 0 in jacks_woman?", "metric_value", &["jacks_woman.mp4"]),
    ] {
        assert_eq!(clips_of(question), (name.to_owned(), clips.to_vec()), "{question}");
    }
    let (_, trouble) = asked_of("cadence in the jacks video", &known);
    assert_eq!(trouble, "jacks matches several clips: jacks_cuts.mp4, jacks_woman.mp4");
    let (_, trouble) = asked_of("cadence of person 0 in my clip-2.mov", &known);
    assert_eq!(trouble, "person 0 is not in my clip-2.mov; nobody was found in it");
}

#[test]
fn who_or_what_does_not_exist_is_said() {
    for (question, part) in [
        ("What is Bob's cadence?", "no person is named Bob; known people: flip_and_walk_2p.mp4 (person 0, Anna)"),
        ("What is the cadence of person 7?", "no person is named person 7"),
        ("cadence in sprint.mp4", "clip sprint.mp4 not found in the tables"),
        ("cadence in the sprint clip", "clip sprint not found in the tables"),
        ("Anna's cadence in the squats video", "squats matches several clips: squats_monday.mp4, squats_tuesday.mp4"),
        ("cadence of person 1 in squats_monday.mp4", "person 1 is not in squats_monday.mp4; in it: Anna"),
        ("How symmetric were the knees of person 0 in the last lunge set?", "no clip of person 0 has a lunge"),
        ("What was the ground reaction force?", "forces cannot be measured from poses"),
        ("How tired was Anna?", "how somebody feels"),
        ("What is Anna's heart rate?", "heart rate"),
        ("What is the ratio of cadence to height?", "no ready question matches"),
        ("What is the smallest left knee angle of Anna?", "no ready question matches"),
        ("What was the cadence before the turn?", "no ready question matches"),
        ("", "no ready question matches"),
    ] {
        let (name, trouble) = asked(question);
        assert!(name == "none" && trouble.contains(part), "{question}: {name} {trouble}");
    }
}
