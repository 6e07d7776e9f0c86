use super::*;

fn metric(label: &str, value: f64) -> SceneMetric {
    SceneMetric { person_id: 0, label: label.to_owned(), value, half_width: Some(1.2), unit: "deg".to_owned() }
}

fn curve(samples: Vec<(f64, f32)>) -> SceneCurve {
    SceneCurve { person_id: 0, label: "Knee left".to_owned(), unit: "deg".to_owned(), samples }
}

fn panel(size_px: [usize; 2], context: &SceneContext) -> Option<Panel> {
    Panel::new(size_px, &Theme::default(), &mut Lettering::new().unwrap(), context, 0)
}

fn wave() -> SceneCurve {
    curve((0..500).map(|index| (f64::from(index) / 50.0, 40.0 * (index as f32 / 20.0).sin())).collect())
}

#[test]
fn without_metrics_and_curves_there_is_none() {
    assert!(panel([1280, 720], &SceneContext::default()).is_none());
    let others =
        SceneContext { metrics: vec![SceneMetric { person_id: 1, ..metric("Knee", 3.0) }], ..SceneContext::default() };
    assert!(panel([1280, 720], &others).is_none());
    let unknown = SceneContext { metrics: vec![metric("Knee", f64::NAN)], ..SceneContext::default() };
    assert!(panel([1280, 720], &unknown).is_none());
}

#[test]
fn it_stays_in_its_corner_whatever_the_pictures_size() {
    let metrics = (0..40).map(|index| metric("Knee range of motion, left", f64::from(index))).collect();
    let context = SceneContext { metrics, curves: vec![wave()], ..SceneContext::default() };
    for size_px in [[1280, 720], [720, 1280], [1088, 1920], [3840, 2160], [320, 240], [64, 48]] {
        let Some(panel) = panel(size_px, &context) else {
            assert_eq!(size_px, [64, 48], "only that is too small");
            continue;
        };
        let [width, height] = size_px.map(|length| length as f32);
        assert!(panel.bounds.width() <= width * 0.27 + 0.1 && panel.bounds.right < width, "{size_px:?}");
        assert!(panel.bounds.bottom <= height * 0.7, "{size_px:?}: {}", panel.bounds.bottom);
    }
}

#[test]
fn curves_without_samples_have_a_label_but_no_dot() {
    for samples in [Vec::new(), vec![(0.0, f32::NAN), (1.0, f32::NAN)]] {
        let context = SceneContext { curves: vec![curve(samples)], ..SceneContext::default() };
        assert!(panel([1280, 720], &context).unwrap().sparks.is_empty());
    }
}

#[test]
fn a_sparks_ends_are_the_curves() {
    let context = SceneContext {
        curves: vec![curve(vec![(1.0, 10.0), (2.0, f32::NAN), (3.0, 30.0)])],
        ..SceneContext::default()
    };
    let panel = panel([1280, 720], &context).unwrap();
    let spark = &panel.sparks[0];
    assert_eq!(spark.position(1.0, 10.0), [spark.bounds.left, spark.bounds.bottom]);
    let [right, top] = spark.position(3.0, 30.0);
    assert!((right - spark.bounds.right).abs() < 0.01 && (top - spark.bounds.top).abs() < 0.01);
}

#[test]
fn the_nearest_sample_counts_and_gaps_have_none() {
    let samples = [(0.0, 1.0), (1.0, 2.0), (2.0, f32::NAN)];
    assert_eq!(nearest(&samples, -5.0), Some((0.0, 1.0)));
    assert_eq!(nearest(&samples, 0.6), Some((1.0, 2.0)));
    assert_eq!(nearest(&samples, 1.8), None);
    assert_eq!(nearest(&[], 1.8), None);
}
