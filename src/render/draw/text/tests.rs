use super::*;
use crate::render::draw::theme::Color;
use proptest::prelude::*;

const WHITE: Color = Color { red: 255, green: 255, blue: 255 };
const BLACK: Color = Color { red: 0, green: 0, blue: 0 };

fn style(size_px: f32) -> TextStyle {
    TextStyle { size_px, ink: WHITE.ink(1.0), halo: Some(BLACK.ink(0.8)) }
}

/// Left, right, top and bottom of the pixels that were painted.
fn painted(overlay: &Overlay) -> Option<[usize; 4]> {
    let width = overlay.size_px()[0];
    let found: Vec<[usize; 2]> = overlay
        .bytes()
        .chunks_exact(4)
        .enumerate()
        .filter(|(_, pixel)| pixel[3] > 0)
        .map(|(index, _)| [index % width, index / width])
        .collect();
    let xs = || found.iter().map(|pixel| pixel[0]);
    let ys = || found.iter().map(|pixel| pixel[1]);
    Some([xs().min()?, xs().max()?, ys().min()?, ys().max()?])
}

fn drawn(text: &str, align: Align) -> Option<[usize; 4]> {
    let mut overlay = Overlay::new([400, 100]).unwrap();
    Lettering::new().unwrap().draw(&mut overlay, text, [200.0, 60.0], align, style(24.0));
    painted(&overlay)
}

#[test]
fn text_stands_where_its_alignment_says() {
    let width = Lettering::new().unwrap().width_px("Anna", 24.0) as usize;
    assert!((45..65).contains(&width), "{width}");
    let [left, right, top, bottom] = drawn("Anna", Align::Left).unwrap();
    assert!((196..202).contains(&left) && right.abs_diff(200 + width) < 5);
    assert!((39..44).contains(&top) && (60..64).contains(&bottom), "{top} {bottom}");
    let [left, right, ..] = drawn("Anna", Align::Center).unwrap();
    assert!((left + right).abs_diff(400) < 5);
    let [left, right, ..] = drawn("Anna", Align::Right).unwrap();
    assert!(left.abs_diff(200 - width) < 5 && (196..205).contains(&right));
}

#[test]
fn digits_are_equally_wide() {
    let lettering = Lettering::new().unwrap();
    let one = lettering.width_px("0:01.111", 20.0);
    assert!((one - lettering.width_px("0:08.888", 20.0)).abs() < 0.01);
}

#[test]
fn a_character_that_the_font_lacks_is_a_box() {
    let [left, right, top, bottom] = drawn("\u{4e2d}", Align::Left).unwrap();
    assert!(right - left > 10 && bottom - top > 14);
    assert_eq!(drawn("   ", Align::Left), None);
}

#[test]
fn long_text_is_cut() {
    let lettering = Lettering::new().unwrap();
    let cut = lettering.cut("Knee range of motion, left", 20.0, 120.0);
    assert!(cut.ends_with('…') && cut.starts_with("Knee ran"), "{cut}");
    assert!(lettering.width_px(&cut, 20.0) <= 120.0);
    assert_eq!(lettering.cut("Knee", 20.0, 120.0), "Knee");
    assert_eq!(lettering.cut("Knee", 20.0, 1.0), "");
}

proptest! {
    #[test]
    fn any_text_anywhere_stays_within_touched_tiles(
        text in any::<String>(), x in -100.0_f32..300.0, y in -50.0_f32..200.0, size in 0.5_f32..90.0,
    ) {
        let mut overlay = Overlay::new([200, 150]).unwrap();
        Lettering::new().unwrap().draw(&mut overlay, &text, [x, y], Align::Center, style(size));
        overlay.clear();
        prop_assert_eq!(painted(&overlay), None);
    }

    #[test]
    fn colors_never_exceed_alpha(x in 0.0_f32..50.0, opacity in 0.0_f32..=1.0) {
        let mut overlay = Overlay::new([100, 50]).unwrap();
        let style = TextStyle { ink: WHITE.ink(opacity), ..style(20.0) };
        Lettering::new().unwrap().draw(&mut overlay, "92°", [x, 30.0], Align::Left, style);
        prop_assert!(overlay.bytes().chunks_exact(4).all(|pixel| pixel[..3].iter().all(|level| *level <= pixel[3])));
    }
}
