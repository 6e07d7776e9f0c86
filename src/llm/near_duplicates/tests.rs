use std::fmt::Write;

use proptest::prelude::*;

use super::*;

/// Finds near-duplicates among texts.
struct Found<K>(Signer, NearDuplicates<K>);

impl<K> Found<K> {
    fn new(threshold: f64) -> Self {
        let signer = Signer::new(threshold);
        let found = NearDuplicates::new(&signer);
        Self(signer, found)
    }

    fn is_near_duplicate(&mut self, key: K, text: &str) -> Option<&K> {
        self.1.is_near_duplicate(key, &self.0.sign(text))
    }
}

/// A text of `n_words` words; the words at `changed` are replaced.
fn text(seed: u64, n_words: u64, changed: &[u64]) -> String {
    let mut text = String::new();
    for word in 0..n_words {
        let other = if changed.contains(&word) { 1 << 40 } else { 0 };
        write!(text, "w{:x} ", mix(seed * 1000 + word + other) >> 44).unwrap();
    }
    text
}

#[test]
fn an_equal_or_nearly_equal_later_text_is_a_near_duplicate() {
    let mut found = Found::new(0.9);
    assert_eq!(found.is_near_duplicate("a", &text(1, 70, &[])), None);
    assert_eq!(found.is_near_duplicate("b", &text(2, 70, &[])), None);
    assert_eq!(found.is_near_duplicate("c", &text(1, 70, &[])), Some(&"a"));
    // The last word is in one of 68 shingles: 67 / 69.
    assert_eq!(found.is_near_duplicate("d", &text(1, 70, &[69])), Some(&"a"));
    // A word in the middle is in three shingles: 65 / 71 = 0.915. Two words: 62 / 74 = 0.84.
    assert_eq!(found.is_near_duplicate("e", &text(1, 70, &[30])), Some(&"a"));
    assert_eq!(found.is_near_duplicate("f", &text(1, 70, &[30, 50])), None);
}

#[test]
fn numbers_tell_short_texts_apart() {
    let mut found = Found::new(0.8);
    let answer = |value: &str| format!("The cadence of Athlete Bakorudi in clip Temilavo is {value} per minute.");
    assert_eq!(found.is_near_duplicate(1, &answer("168")), None);
    assert_eq!(found.is_near_duplicate(2, &answer("171")), None);
    assert_eq!(found.is_near_duplicate(3, &answer("168")), Some(&1));
    for text in ["", "yes", "yes it", " \n"] {
        assert_eq!(found.is_near_duplicate(4, text), None, "{text:?}");
        assert_eq!(found.is_near_duplicate(5, text), Some(&4), "{text:?}");
    }
    assert_eq!(found.is_near_duplicate(5, " yes  it"), Some(&4), "white space is no difference");
}

#[test]
fn shingles_are_the_same_on_each_machine() {
    assert_eq!(shingles("one two three four"), [2_022_046_368, 2_350_675_860]);
    assert_eq!(
        Signer::new(0.9).hasher.create_signature(shingles("one two three four").into_iter())[..2],
        [1_169_978_233, 558_113_490]
    );
}

#[test]
fn few_pairs_at_the_threshold_are_missed() {
    // 60 words, one changed: 55 / 61 = 0.902.
    let mut found = Found::new(0.9);
    let n_missed = (0..1000)
        .filter(|seed| {
            assert!(found.is_near_duplicate(*seed, &text(*seed, 60, &[])).is_none());
            found.is_near_duplicate(*seed, &text(*seed, 60, &[20 + seed % 20])).is_none()
        })
        .count();
    assert!(n_missed <= 20, "{n_missed}");
}

#[test]
fn held_out_texts_near_to_training_texts_are_counted() {
    let signer = Signer::new(0.9);
    let mut held_out = HeldOut::new(&signer, 1000);
    for seed in 0..40 {
        held_out.offer(if seed % 2 == 0 { Split::Validation } else { Split::Test }, signer.sign(&text(seed, 70, &[])));
    }
    held_out.offer(Split::Validation, signer.sign(&text(1, 70, &[])));
    held_out.offer(Split::Validation, signer.sign(&text(3, 70, &[30])));
    held_out.offer(Split::Train, signer.sign(&text(99, 70, &[])));
    let index = held_out.freeze();
    for seed in (10..100).rev() {
        index.compare(&signer.sign(&text(seed, 70, if seed % 3 == 0 { &[30] } else { &[] })));
    }
    let report = index.report();
    let expected = NearDuplicateReport {
        threshold: 0.9,
        n_rows: 42,
        n_sampled: 41,
        n_near_train: 30,
        // Text 1 in both splits, and text 3 with its near-duplicate.
        n_near_held_out: 3,
    };
    assert_eq!(report, expected);
    assert_eq!(report.share(), 30.0 / 41.0);
    assert_eq!(NearDuplicateReport::default().share(), 0.0);
}

#[test]
fn a_sample_estimates_the_share_in_bounded_memory() {
    let offer = |order: &mut dyn Iterator<Item = u64>| {
        let signer = Signer::new(0.9);
        let mut held_out = HeldOut::new(&signer, 500);
        order.for_each(|seed| held_out.offer(Split::Test, signer.sign(&text(seed, 30, &[]))));
        assert_eq!(held_out.kept.len(), 500);
        let index = held_out.freeze();
        (0..1000).for_each(|seed| index.compare(&signer.sign(&text(seed, 30, &[]))));
        index.report()
    };
    let report = offer(&mut (0..5000));
    assert_eq!(report, offer(&mut (0..5000).rev()), "the order does not matter");
    // 1 of 5 texts is in training; three standard errors of 500 texts are 0.054.
    assert!((report.share() - 0.2).abs() < 0.054, "{report:?}");
}

/// The similarity by definition, for comparison.
fn jaccard(first: &[u32], second: &[u32]) -> f64 {
    let n_shared = first.iter().filter(|shingle| second.contains(shingle)).count();
    n_shared as f64 / (first.len() + second.len() - n_shared).max(1) as f64
}

proptest! {
    #[test]
    fn a_signature_is_read_as_it_was_written(text: String) {
        let signer = Signer::new(0.9);
        let signed = signer.sign(&text);
        let bytes = signed.to_bytes();
        prop_assert_eq!(Signature::from_bytes(&bytes), Some(signed));
        prop_assert_eq!(Signature::from_bytes(&bytes[..bytes.len() - 1]), None);
    }

    #[test]
    fn similarity_is_exact(first in proptest::collection::btree_set(0u32..60, 1..50), changed in 0usize..12, threshold in 0.5..1.0f64) {
        let first: Vec<u32> = first.into_iter().collect();
        let mut second: Vec<u32> = first[changed.min(first.len() - 1)..].to_vec();
        second.extend(60..60 + changed as u32 / 2);
        let similarity = jaccard(&first, &second);
        for threshold in [threshold, similarity, similarity + 1e-3, similarity - 1e-3] {
            prop_assert_eq!(is_similar(&first, &second, threshold), similarity >= threshold);
        }
    }

    #[test]
    fn only_pairs_at_or_above_the_threshold_are_found(
        seed in 0u64..1000, n_words in 0u64..80, changed in proptest::collection::vec(0u64..80, 0..6), threshold in 0.5..1.0f64
    ) {
        let (first, second) = (text(seed, n_words, &[]), text(seed, n_words, &changed));
        let similarity = jaccard(&shingles(&first), &shingles(&second));
        let mut found = Found::new(threshold);
        found.is_near_duplicate(0, &first);
        let is_found = found.is_near_duplicate(1, &second).is_some();
        prop_assert!(!is_found || similarity >= threshold || first == second);
        prop_assert!(is_found || similarity < (threshold + 0.15).min(1.0) , "{similarity}");
    }

    #[test]
    fn any_text_is_its_own_duplicate(text: String, threshold: f64) {
        let mut found = Found::new(threshold);
        prop_assert!(found.is_near_duplicate(0, &text).is_none());
        prop_assert_eq!(found.is_near_duplicate(1, &text), Some(&0));
    }
}
