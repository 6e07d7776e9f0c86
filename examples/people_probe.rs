use posekit::image::RgbImage;
use posekit::pose::networks::{DETECTOR, LandmarkNetwork, PEOPLE_DETECTOR, locate, read_verified};
use posekit::pose::people::*;
use posekit::pose::session::{NetworkSet, OrtNetworks, Runtime};
use posekit::pose::tiles::Tiling;
use posekit::video::VideoReader;
use std::path::{Path, PathBuf};
fn main() {
    posekit::pose::session::disable_telemetry();
    posekit::video::initialize(false).unwrap();
    let args: Vec<String> = std::env::args().collect();
    let folders = [PathBuf::from("models")];
    let net = LandmarkNetwork::Full.file();
    let rd = |n| read_verified(n, &locate(n, &folders).unwrap()).unwrap();
    let (d, l, p) = (rd(DETECTOR), rd(net), rd(PEOPLE_DETECTOR));
    let rt = Runtime::load(&posekit::installation::onnxruntime()).unwrap();
    let mut nets = OrtNetworks::new(
        &rt,
        &NetworkSet {
            landmarks: (net, &l),
            detector: Some((DETECTOR, &d)),
            people_detector: Some((PEOPLE_DETECTOR, &p)),
        },
    )
    .unwrap();
    let interval: f64 = args.get(2).map_or(0.5, |a| a.parse().unwrap());
    let tiling: Tiling = args.get(3).map_or(Tiling::Auto, |a| a.parse().unwrap());
    let mut t = PeopleTracker::new(PeopleSettings { detection_interval_s: interval, tiling, ..Default::default() });
    let mut r = VideoReader::open(Path::new(&args[1]), 2).unwrap();
    let mut img = RgbImage::default();
    let t0 = std::time::Instant::now();
    while let Some(ft) = r.next_frame() {
        r.picture(&mut img).unwrap();
        let people = t.next_frame(&mut nets, &img, ft.time_s).unwrap();
        let (w, h) = (img.width() as f32, img.height() as f32);
        for q in &people {
            let pts: Vec<String> = q
                .tracked
                .pose
                .landmarks
                .iter()
                .map(|m| format!("[{:.1},{:.1},{:.2}]", m.x * w, m.y * h, m.visibility))
                .collect();
            println!(
                "{{\"f\":{},\"t\":{},\"src\":\"{}\",\"score\":{:.3},\"rot\":{:.2},\"pts\":[{}]}}",
                ft.frame_idx,
                q.tracklet,
                q.tracked.source.name(),
                q.tracked.pose.score,
                q.tracked.region.rotation_rad,
                pts.join(",")
            );
        }
    }
    for s in t.end_segment() {
        eprintln!(
            "tracklet {} det {} somebody {} app {}",
            s.tracklet,
            s.n_detections,
            s.is_somebody,
            s.appearance.is_some()
        );
    }
    eprintln!("{:.2} s", t0.elapsed().as_secs_f64());
}
