use proptest::prelude::*;
use resvg::tiny_skia::Pixmap;
use resvg::usvg::{Group, Node, Rect, Tree, roxmltree};

use super::data::*;
use super::png::options;
use super::*;

fn heading(title: &str) -> Heading {
    Heading { title: title.to_owned(), subtitle: "walk.mp4 · person 0".to_owned() }
}

fn flexion() -> Quantity {
    Quantity { name: "Knee flexion".to_owned(), unit: "°".to_owned() }
}

fn series(side: Side, values: Vec<f64>) -> AngleSeries {
    AngleSeries {
        side,
        time_s: (0..values.len()).map(|index| index as f64 / 30.0).collect(),
        raw_deg: values.iter().map(|value| value + 1.0).collect(),
        spatial_deg: values.iter().map(|value| value * 0.9).collect(),
        error_deg: vec![2.0; values.len()],
        clean_deg: values,
    }
}

fn clean_only(values: Vec<f64>) -> AnglesOverTime {
    let series = AngleSeries { raw_deg: vec![], spatial_deg: vec![], error_deg: vec![], ..series(Side::Left, values) };
    angles(vec![series], vec![], Panels::Together)
}

fn angles(series: Vec<AngleSeries>, events: Vec<EventMark>, panels: Panels) -> AnglesOverTime {
    AnglesOverTime { heading: heading("Knee flexion over time"), quantity: flexion(), series, events, panels }
}

fn event(time_s: f64, label: &str) -> EventMark {
    EventMark { time_s, label: label.to_owned(), side: Side::Left }
}

fn cycle_means(values: &[f64]) -> CycleMeans {
    let curve = |side| CycleCurve {
        side,
        mean: values.to_vec(),
        spread: vec![3.0; values.len()],
        n_cycles: 4,
        cycles: vec![values.to_vec()],
    };
    let curves = vec![curve(Side::Left), curve(Side::Right)];
    CycleMeans { heading: heading("Cycle"), quantity: flexion(), cycle_name: "Stride".to_owned(), curves }
}

fn phases(values: &[f64]) -> PhasePlot {
    let points = values.windows(2).map(|pair| [pair[0], pair[1]]).collect();
    let y = Quantity { name: "Angular velocity".to_owned(), unit: "°/s".to_owned() };
    let cycles = vec![PhaseCycle { side: Side::Right, number: 1, points }];
    PhasePlot { heading: heading("Phase"), x: flexion(), y, cycles }
}

fn ways(values: &[f64], meters_per_px: Option<f64>) -> Trajectory {
    let positions_px = values.windows(2).map(|pair| [pair[0], pair[1]]).collect();
    let path = PointPath { name: "left ankle".to_owned(), side: Side::Left, positions_px };
    let picture_size_px = [200, 100];
    Trajectory { heading: heading("Ways"), picture_size_px, still_png: vec![], meters_per_px, paths: vec![path] }
}

fn sets(values: Vec<f64>, count: usize) -> Repetitions {
    let repetition = |number: usize| Repetition {
        number,
        first_time_s: number as f64 * 0.2,
        turn_time_s: number as f64 * 0.2 + 0.05,
        last_time_s: number as f64 * 0.2 + 0.15,
        depth: values.get(number).copied().unwrap_or(f64::NAN),
        depth_interval: Some([1.0, 2.0]),
    };
    Repetitions {
        heading: heading("Repetitions"),
        signal: flexion(),
        time_s: (0..values.len()).map(|index| index as f64 / 30.0).collect(),
        repetitions: (1..=count).map(repetition).collect(),
        values,
    }
}

/// Every chart of the same values.
fn all(values: &[f64]) -> Vec<Chart> {
    let both = vec![series(Side::Left, values.to_vec()), series(Side::Right, values.to_vec())];
    let events = vec![event(0.05, "contact"), event(0.06, "toe off"), event(f64::NAN, "never")];
    vec![
        angles_over_time(&angles(both.clone(), events.clone(), Panels::Together)).unwrap(),
        angles_over_time(&angles(both, events, Panels::Stacked)).unwrap(),
        cycles(&cycle_means(values)).unwrap(),
        phase_plot(&phases(values)).unwrap(),
        trajectory(&ways(values, None)).unwrap(),
        trajectory(&ways(values, Some(0.01))).unwrap(),
        repetitions(&sets(values.to_vec(), values.len().min(40))).unwrap(),
    ]
}

/// Boxes of all texts with the texts, in pixels.
fn texts(chart: &Chart) -> Vec<(String, Rect)> {
    fn collect(group: &Group, texts: &mut Vec<(String, Rect)>) {
        for node in group.children() {
            match node {
                Node::Group(group) => collect(group, texts),
                Node::Text(text) => {
                    let content: String = text.chunks().iter().map(|chunk| chunk.text().trim()).collect();
                    texts.push((content, text.abs_bounding_box()));
                }
                Node::Path(_) | Node::Image(_) => {}
            }
        }
    }
    let mut found = Vec::new();
    collect(Tree::from_str(&chart.svg, &options()).unwrap().root(), &mut found);
    found
}

/// Points of all polylines of a color, in pixels.
fn polylines(chart: &Chart, color: &str) -> Vec<Vec<[f64; 2]>> {
    let document = roxmltree::Document::parse(&chart.svg).unwrap();
    document
        .descendants()
        .filter(|node| node.has_tag_name("polyline") && node.attribute("stroke") == Some(color))
        .map(|node| {
            let points = node.attribute("points").unwrap().split_whitespace();
            points
                .map(|point| {
                    let (x, y) = point.split_once(',').unwrap();
                    [x, y].map(|value| value.parse::<f64>().unwrap() / 10.0)
                })
                .collect()
        })
        .collect()
}

fn assert_sound(chart: &Chart) {
    let document = roxmltree::Document::parse(&chart.svg).unwrap();
    let child = |name| document.root_element().children().find(|node| node.has_tag_name(name)).unwrap();
    assert_eq!(child("title").text().unwrap_or_default(), chart.title);
    assert_eq!(child("desc").text().unwrap_or_default(), chart.description);
    assert!(!chart.svg.contains("NaN") && !chart.svg.contains("inf,"));
    let [width, height] = chart.size_px.map(|size| size as f32);
    let texts = texts(chart);
    assert!(texts.len() > 2);
    for (text, area) in texts {
        let is_inside = area.left() >= 0.0 && area.top() >= 0.0 && area.right() <= width && area.bottom() <= height;
        assert!(is_inside, "{text}: {area:?} in {:?}", chart.size_px);
    }
}

#[test]
fn charts_of_odd_data_are_sound() {
    let walk: Vec<f64> = (0..300).map(|index| 40.0 + 30.0 * (f64::from(index) / 8.0).sin()).collect();
    let odd: [&[f64]; 9] = [
        &walk,
        &[],
        &[7.0],
        &[50.0; 40],
        &[0.0; 3],
        &[f64::NAN; 5],
        &[1e300, -1e308, 3.0, f64::INFINITY],
        &[1e-12, 2e-12, 3e-12],
        &[123_456_789.0, 123_456_790.0],
    ];
    odd.into_iter().flat_map(all).for_each(|chart| assert_sound(&chart));
}

#[test]
fn charts_without_data_say_so() {
    let nothing = [f64::NAN; 4];
    for chart in [&[][..], &nothing].into_iter().flat_map(all) {
        assert!(texts(&chart).iter().any(|(text, _)| text == "no data"), "{}", chart.title);
    }
    let none = angles_over_time(&angles(vec![], vec![], Panels::Stacked)).unwrap();
    assert!(texts(&none).iter().any(|(text, _)| text == "no data"));
    assert_sound(&none);
}

#[test]
fn a_missing_value_is_a_gap() {
    let whole = angles_over_time(&clean_only(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])).unwrap();
    let broken = angles_over_time(&clean_only(vec![1.0, 2.0, 3.0, f64::NAN, 5.0, 6.0, 7.0])).unwrap();
    let lengths = |chart| polylines(chart, "#0072B2").iter().map(Vec::len).collect::<Vec<_>>();
    // The first is the legend's.
    assert_eq!(lengths(&whole), [2, 7]);
    assert_eq!(lengths(&broken), [2, 3, 3]);
}

#[test]
fn a_million_samples_keep_their_peak() {
    let mut values: Vec<f64> = (0..1_000_000).map(|index| (f64::from(index) * 0.7).sin()).collect();
    values[654_321] = 50.0;
    let data = clean_only(values);
    let chart = angles_over_time(&data).unwrap();
    assert!(chart.svg.len() < 200_000, "{} bytes", chart.svg.len());
    let points: Vec<[f64; 2]> = polylines(&chart, "#0072B2").into_iter().flatten().skip(2).collect();
    let peak = points.iter().copied().min_by(|a, b| a[1].total_cmp(&b[1])).unwrap();
    let [first, last] = [points[0][0], points[points.len() - 1][0]];
    assert!(((peak[0] - first) / (last - first) - 0.654_321).abs() < 1e-3);
    // 50 above, about 1 below: everything else is in the lowest part of the panel.
    assert!(points.iter().filter(|point| point[1] < peak[1] + 200.0).count() <= 1);
}

#[test]
fn sides_have_their_colors() {
    let both = vec![series(Side::Left, vec![1.0, 2.0]), series(Side::Right, vec![1.0, 2.0])];
    let stacked = angles_over_time(&angles(both, vec![], Panels::Stacked)).unwrap();
    // One line in the legend, one in the panel: the left's is above.
    let [left, right] = ["#0072B2", "#D55E00"].map(|color| polylines(&stacked, color));
    assert_eq!([left.len(), right.len()], [2, 2]);
    assert!(left[1][0][1] < right[1][0][1]);
}

#[test]
fn names_of_events_do_not_touch() {
    let events = (0..40).map(|index| event(f64::from(index * index) / 160.0, "initial contact")).collect();
    let data = angles(vec![series(Side::Left, vec![5.0; 300])], events, Panels::Together);
    let chart = angles_over_time(&data).unwrap();
    assert_sound(&chart);
    let names: Vec<Rect> =
        texts(&chart).into_iter().filter(|(text, _)| text == "initial contact").map(|(_, area)| area).collect();
    assert!(names.len() > 5);
    let poles = polylines(&chart, "#0072B2");
    for (index, name) in names.iter().enumerate() {
        assert!(names[..index].iter().all(|other| {
            other.left() > name.right()
                || other.right() < name.left()
                || other.top() > name.bottom()
                || other.bottom() < name.top()
        }));
        for pole in poles.iter().filter(|pole| pole.len() == 2 && pole[0][0] == pole[1][0]) {
            let x = pole[0][0] as f32;
            let is_beside = x < name.left() || x > name.right();
            assert!(is_beside || pole[0][1] as f32 > name.bottom(), "{pole:?} crosses {name:?}");
        }
    }
}

#[test]
fn text_is_escaped_and_shortened() {
    let title = format!("<b> & \"quotes\" \u{1} {}", "a long name ".repeat(40));
    let chart = cycles(&CycleMeans { heading: heading(&title), ..cycle_means(&[1.0, 2.0]) }).unwrap();
    let written = texts(&chart);
    let shown = &written.iter().find(|(text, _)| text.starts_with("<b> &")).unwrap().0;
    assert!(shown.ends_with('…'));
    let document = roxmltree::Document::parse(&chart.svg).unwrap();
    let full = document.descendants().find(|node| node.has_tag_name("title")).unwrap();
    assert_eq!(full.text().unwrap(), title.replace('\u{1}', ""));
}

#[test]
fn a_picture_has_the_size_of_the_chart_times_the_scale() {
    let chart = cycles(&cycle_means(&[1.0, 5.0, 2.0])).unwrap();
    for scale in [0.5, 1.0, 2.0] {
        let picture = Pixmap::decode_png(&png(&chart, scale).unwrap()).unwrap();
        let expected = chart.size_px.map(|size| (size as f32 * scale) as u32);
        assert_eq!([picture.width(), picture.height()], expected);
        let corner = picture.pixel(0, 0).unwrap();
        assert_eq!([corner.red(), corner.green(), corner.blue(), corner.alpha()], [255; 4]);
        let is_blue = |pixel: &tiny_skia::PremultipliedColorU8| pixel.blue() > 100 + pixel.red().min(155);
        assert!(picture.pixels().iter().any(is_blue));
    }
    for scale in [0.0, -1.0, f32::NAN, 1e9] {
        assert!(matches!(png(&chart, scale), Err(ChartError::Size { .. })));
    }
}

#[test]
fn letters_are_drawn_without_fonts_of_the_machine() {
    let picture = |title| {
        let chart = cycles(&CycleMeans { heading: heading(title), ..cycle_means(&[]) }).unwrap();
        Pixmap::decode_png(&png(&chart, 1.0).unwrap()).unwrap()
    };
    let dark = |picture: &Pixmap| picture.pixels().iter().filter(|pixel| pixel.red() < 60).count();
    assert!(dark(&picture("MMMMMMMMMM")) > dark(&picture("")) + 200);
}

#[test]
fn a_still_lies_under_the_ways() {
    let mut still = Pixmap::new(4, 2).unwrap();
    still.fill(tiny_skia::Color::from_rgba8(200, 30, 200, 255));
    let mut data = ways(&[], None);
    data.still_png = still.encode_png().unwrap();
    let chart = trajectory(&data).unwrap();
    let picture = Pixmap::decode_png(&png(&chart, 1.0).unwrap()).unwrap();
    let colored = picture.pixels().iter().filter(|pixel| [pixel.red(), pixel.green()] == [200, 30]).count();
    // 200 x 100 pixels are shown as 860 x 430.
    assert!(colored > 850 * 420 && colored <= 861 * 431, "{colored}");
    data.still_png = b"no picture".to_vec();
    assert!(png(&trajectory(&data).unwrap(), 1.0).is_ok());
}

#[test]
fn both_axes_of_a_trajectory_have_the_same_scale() {
    let mut data = ways(&[], None);
    data.paths[0].positions_px = vec![[50.0, 50.0], [150.0, 50.0], [150.0, 90.0], [900.0, 90.0], [20.0, 20.0]];
    let chart = trajectory(&data).unwrap();
    // The halo is one white line; the point outside of the picture breaks it.
    let halo = polylines(&chart, "#FFFFFF");
    assert_eq!(halo.iter().map(Vec::len).collect::<Vec<_>>(), [3, 1]);
    let [a, b, c] = [halo[0][0], halo[0][1], halo[0][2]];
    assert!(((b[0] - a[0]) / 100.0 - (c[1] - b[1]) / 40.0).abs() < 0.01);
}

#[test]
fn the_scale_bar_is_as_long_as_it_says() {
    let chart = trajectory(&ways(&[10.0, 20.0, 30.0], Some(0.013))).unwrap();
    let (label, _) = texts(&chart).into_iter().find(|(text, _)| text.ends_with(" m")).unwrap();
    let meters: f64 = label.trim_end_matches(" m").parse().unwrap();
    let bar = polylines(&chart, "#1A1A1A");
    let length_px = bar[0][1][0] - bar[0][0][0];
    // 200 px are 860 px wide.
    assert!((length_px / 4.3 * 0.013 - meters).abs() < 0.002, "{length_px} px for {label}");
}

#[test]
fn many_repetitions_are_numbered_in_round_steps() {
    let chart = repetitions(&sets(vec![5.0; 3000], 400)).unwrap();
    assert_sound(&chart);
    let numbers = |y: std::ops::Range<f32>| -> Vec<String> {
        let is_number = |text: &String| text.parse::<u32>().is_ok();
        texts(&chart)
            .into_iter()
            .filter(|(text, area)| is_number(text) && y.contains(&area.top()))
            .map(|(t, _)| t)
            .collect()
    };
    // Both panels of bars.
    assert_eq!(numbers(664.0..690.0)[..4], ["50", "100", "150", "200"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_values_make_sound_charts(
        values in prop::collection::vec(
            prop_oneof![6 => -200.0..400.0, 1 => Just(f64::NAN), 1 => prop::num::f64::ANY],
            0..60,
        ),
    ) {
        all(&values).iter().for_each(assert_sound);
    }
}
