//! Texts that are the same but for a few words, found by `MinHash` and locality-sensitive hashing (crate `gaoya`). Pure.
//!
//! A text is the set of its word 3-shingles: all runs of three words. Words are what white space parts, with case and
//! punctuation, and a number is a word, so texts that differ in a number differ. Two texts are near-duplicates if their
//! Jaccard similarity (shared shingles / all shingles) is at least the threshold. `MinHash` only proposes pairs; then the
//! similarity is computed exactly from the shingles' hashes. So no pair below the threshold is reported, and a pair at
//! the threshold is missed in about 1 of 100 cases, a closer pair less often. Equal texts are found by hash and never missed.
//!
//! The same texts in the same order give the same answers on each machine: words are hashed by a fixed function, and the
//! permutations come from a fixed seed (a test would see another version of the crate choose others).
//!
//! Give it what differs between rows (question and answer), not the system text and tools that many rows share: a long
//! shared part makes all rows near-duplicates, and many texts just below the threshold take longer to tell apart.
//!
//! [`NearDuplicates`] is for the rows of one video. [`HeldOut`] is for the leakage report: does a row of validation or
//! test have a near-duplicate in the training rows? It keeps a bounded sample of the held-out texts, and then all training
//! texts are compared with it. The sample is the texts with the smallest hashes, so it does not depend on the order.
//! "2 % of 50,000 sampled texts" then estimates the share of all held-out texts that have a near-duplicate anywhere in the
//! training rows, with a standard error of 0.06 %. (Sampling both sides would miss nearly all pairs.)

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};

use gaoya::minhash::{MinHasher, MinHasher32, calculate_minhash_params};
use serde::{Deserialize, Serialize};

use super::split::Split;

/// Most permutations of a signature: more would find more of the pairs at the threshold, and take more time.
const N_PERMUTATIONS: usize = 64;
/// Words of a shingle.
const N_WORDS: usize = 3;
/// Lowest threshold: below it, texts are not "near", and the buckets fill up.
const MIN_THRESHOLD: f64 = 0.5;
/// No text.
const NONE: u32 = u32::MAX;

/// Finds texts that are nearly the same as an earlier one.
pub struct NearDuplicates<K> {
    index: Index,
    exact: HashMap<u128, u32>,
    keys: Vec<K>,
}

impl<K> NearDuplicates<K> {
    /// Texts with a Jaccard similarity of at least `threshold` (from 0.5 to 1, else the nearest of these) are the same.
    #[must_use]
    pub fn new(threshold: f64) -> Self {
        Self { index: Index::new(threshold), exact: HashMap::new(), keys: Vec::new() }
    }

    /// The key of the earliest kept text that is a near-duplicate of `text`. If there is none, `text` is kept with `key`.
    pub fn is_near_duplicate(&mut self, key: K, text: &str) -> Option<&K> {
        let exact = text_hash(text);
        let id = self.keys.len() as u32;
        let earlier = self.exact.get(&exact).copied().or_else(|| {
            let shingles = shingles(text);
            let bands = self.index.bands(&shingles);
            let earlier = self.index.near(&bands, &shingles).next();
            if earlier.is_none() {
                self.index.insert(&bands, &shingles);
            }
            earlier
        });
        if earlier.is_none() {
            self.exact.insert(exact, id);
            self.keys.push(key);
        }
        self.keys.get(earlier? as usize)
    }

    /// Forgets all texts: before the rows of the next video. Cheaper than a new value.
    pub fn clear(&mut self) {
        self.index.clear();
        self.exact.clear();
        self.keys.clear();
    }
}

/// How many held-out texts have a near-duplicate in another split. Counts are of different texts, not of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct NearDuplicateReport {
    /// Jaccard similarity of word 3-shingles from which on two texts count as the same.
    pub threshold: f64,
    /// Rows of validation and test that were offered.
    pub n_rows: u64,
    /// Texts of them that were looked at.
    pub n_sampled: u64,
    /// Of these: texts with a near-duplicate in the training rows.
    pub n_near_train: u64,
    /// Of these: texts with a near-duplicate in the other held-out split (among the sampled ones).
    pub n_near_held_out: u64,
}

impl NearDuplicateReport {
    /// Share of the sampled texts that have a near-duplicate in the training rows; 0 if there is no held-out text.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.n_sampled == 0 { 0.0 } else { self.n_near_train as f64 / self.n_sampled as f64 }
    }
}

/// A bounded sample of the texts of validation and test: the first of two steps.
pub struct HeldOut {
    threshold: f64,
    max_kept: usize,
    n_rows: u64,
    /// Splits (as bits) and shingles by hash of the text.
    kept: BTreeMap<u128, (u8, Vec<u32>)>,
}

impl HeldOut {
    /// Keeps at most `max_kept` texts: about 1 KB for each of 400 bytes (200,000 are 210 MB).
    #[must_use]
    pub fn new(threshold: f64, max_kept: usize) -> Self {
        Self { threshold, max_kept, n_rows: 0, kept: BTreeMap::new() }
    }

    /// Offers a text of validation or test. Training texts are ignored here.
    pub fn offer(&mut self, split: Split, text: &str) {
        if split == Split::Train {
            return;
        }
        self.n_rows += 1;
        let hash = text_hash(text);
        if let Some((splits, _)) = self.kept.get_mut(&hash) {
            *splits |= 1 << split as u8;
            return;
        }
        let is_full = self.kept.len() >= self.max_kept;
        if is_full && self.kept.last_key_value().is_none_or(|(largest, _)| hash > *largest) {
            return;
        }
        self.kept.insert(hash, (1 << split as u8, shingles(text)));
        if is_full {
            self.kept.pop_last();
        }
    }

    /// Ends the first step: all held-out texts were offered, and the training texts come next.
    #[must_use]
    pub fn freeze(self) -> HeldOutIndex {
        let mut index = Index::new(self.threshold);
        let mut exact = HashMap::with_capacity(self.kept.len());
        let mut splits_of = Vec::with_capacity(self.kept.len());
        let mut is_near_held_out = Vec::with_capacity(self.kept.len());
        for (id, (hash, (splits, shingles))) in self.kept.into_iter().enumerate() {
            let bands = index.bands(&shingles);
            is_near_held_out.push(splits.count_ones() > 1);
            splits_of.push(splits);
            for near in index.near(&bands, &shingles) {
                if splits_of[near as usize] != splits {
                    is_near_held_out[near as usize] = true;
                    is_near_held_out[id] = true;
                }
            }
            index.insert(&bands, &shingles);
            exact.insert(hash, id as u32);
        }
        let n_near_held_out = is_near_held_out.into_iter().filter(|is_near| *is_near).count() as u64;
        let is_near_train = splits_of.iter().map(|_| AtomicBool::new(false)).collect();
        HeldOutIndex { index, exact, is_near_train, n_rows: self.n_rows, n_near_held_out }
    }
}

/// The sampled held-out texts, to compare training texts with: the second of two steps.
pub struct HeldOutIndex {
    index: Index,
    exact: HashMap<u128, u32>,
    is_near_train: Vec<AtomicBool>,
    n_rows: u64,
    n_near_held_out: u64,
}

impl HeldOutIndex {
    /// Compares a training text with the sample. Several threads may call this at the same time.
    pub fn compare(&self, training_text: &str) {
        let mark = |id: u32| self.is_near_train[id as usize].store(true, Ordering::Relaxed);
        if let Some(id) = self.exact.get(&text_hash(training_text)) {
            mark(*id);
        }
        let shingles = shingles(training_text);
        self.index.near(&self.index.bands(&shingles), &shingles).for_each(mark);
    }

    /// What was found so far.
    #[must_use]
    pub fn report(&self) -> NearDuplicateReport {
        NearDuplicateReport {
            threshold: self.index.threshold,
            n_rows: self.n_rows,
            n_sampled: self.is_near_train.len() as u64,
            n_near_train: self.is_near_train.iter().filter(|is_near| is_near.load(Ordering::Relaxed)).count() as u64,
            n_near_held_out: self.n_near_held_out,
        }
    }
}

/// Shingles of texts with ids 0, 1, ..., in buckets by bands of their signatures. (The crate's own index spends most of its
/// time on sets of candidates if many texts are just below the threshold.)
struct Index {
    threshold: f64,
    hasher: MinHasher32<AsIs>,
    /// Permutations of a band.
    width: usize,
    /// For each band: the last text of each bucket.
    buckets: Vec<HashMap<u64, u32, AsIs>>,
    /// For each text and band: the text before it in the same bucket, or [`NONE`].
    before: Vec<u32>,
    /// Shingles of all texts, one after the other.
    shingles: Vec<u32>,
    /// Where the shingles of each text end.
    ends: Vec<usize>,
}

impl Index {
    fn new(threshold: f64) -> Self {
        // Written so that NaN becomes the lowest.
        let threshold = if threshold > MIN_THRESHOLD { threshold.min(1.0) } else { MIN_THRESHOLD };
        let (n_bands, width) = calculate_minhash_params(threshold, N_PERMUTATIONS);
        Self {
            threshold,
            hasher: MinHasher32::new_with_hasher(n_bands * width, AsIs(0)),
            width,
            buckets: vec![HashMap::with_hasher(AsIs(0)); n_bands],
            before: Vec::new(),
            shingles: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Key of the bucket of each band.
    fn bands(&self, shingles: &[u32]) -> Vec<u64> {
        let signature = self.hasher.create_signature(shingles.iter().copied());
        let key = |band: &[u32]| band.iter().fold(0, |key: u64, least| mix(key.rotate_left(5) ^ u64::from(*least)));
        signature.chunks_exact(self.width).map(key).collect()
    }

    /// Ids of all texts that are near-duplicates, rising. Texts without words are near to nothing.
    fn near<'a>(&'a self, bands: &[u64], shingles: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
        let mut candidates = Vec::new();
        if !shingles.is_empty() {
            for (band, key) in bands.iter().enumerate() {
                let mut next = self.buckets[band].get(key).copied().unwrap_or(NONE);
                while next != NONE {
                    candidates.push(next);
                    next = self.before[next as usize * bands.len() + band];
                }
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates.into_iter().filter(move |id| is_similar(self.shingles_of(*id), shingles, self.threshold))
    }

    fn shingles_of(&self, id: u32) -> &[u32] {
        let start = (id as usize).checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.shingles[start..self.ends[id as usize]]
    }

    fn insert(&mut self, bands: &[u64], shingles: &[u32]) {
        let id = self.ends.len() as u32;
        self.shingles.extend_from_slice(shingles);
        self.ends.push(self.shingles.len());
        for (bucket, key) in self.buckets.iter_mut().zip(bands) {
            self.before.push(bucket.insert(*key, id).unwrap_or(NONE));
        }
    }

    fn clear(&mut self) {
        self.buckets.iter_mut().for_each(HashMap::clear);
        self.before.clear();
        self.shingles.clear();
        self.ends.clear();
    }
}

/// Whether the Jaccard similarity of two sorted sets is at least `threshold`; gives up as soon as it cannot be.
fn is_similar(first: &[u32], second: &[u32], threshold: f64) -> bool {
    let n_both = (first.len() + second.len()) as f64;
    // shared / (both - shared) >= threshold
    let n_needed = (threshold * n_both / (1.0 + threshold) - 1e-6).ceil() as usize;
    let (mut i, mut j, mut n_shared) = (0, 0, 0usize);
    while i < first.len() && j < second.len() {
        let (a, b) = (first[i], second[j]);
        if a == b {
            n_shared += 1;
        } else if n_shared + (first.len() - i).min(second.len() - j) < n_needed {
            return false;
        }
        i += usize::from(a <= b);
        j += usize::from(b <= a);
    }
    n_shared >= n_needed
}

/// Hashes of the runs of three words, as a sorted set. A text of one or two words is one shingle.
fn shingles(text: &str) -> Vec<u32> {
    let mut run = [0u64; N_WORDS];
    let mut n_words = 0usize;
    let mut set = Vec::with_capacity(text.len() / 5);
    for word in text.split_ascii_whitespace() {
        run = [run[1], run[2], word_hash(word.as_bytes())];
        n_words += 1;
        if n_words >= N_WORDS {
            set.push(shingle_hash(run));
        }
    }
    if (1..N_WORDS).contains(&n_words) {
        set.push(shingle_hash(run));
    }
    set.sort_unstable();
    set.dedup();
    set
}

/// FNV-1a by eight bytes at a time: fixed, quick, and good enough because [`shingle_hash`] mixes it.
fn word_hash(word: &[u8]) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ word.len() as u64;
    for chunk in word.chunks(8) {
        let mut bytes = [0; 8];
        bytes[..chunk.len()].copy_from_slice(chunk);
        hash = mix(hash ^ u64::from_le_bytes(bytes)).wrapping_mul(PRIME);
    }
    hash
}

fn shingle_hash(run: [u64; N_WORDS]) -> u32 {
    (run.into_iter().fold(0, |hash: u64, word| mix(hash.rotate_left(5) ^ word)) >> 32) as u32
}

/// The finalizer of `SplitMix64`: each bit of the input changes half of the output.
fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

fn text_hash(text: &str) -> u128 {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = *blake3::hash(text.as_bytes()).as_bytes();
    u128::from_le_bytes([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
}

/// Hashes what is a hash already, or mixed bits: as it is.
#[derive(Clone, Copy)]
struct AsIs(u64);

impl BuildHasher for AsIs {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        *self
    }
}

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| mix(hash ^ u64::from(*byte)));
    }

    fn write_u32(&mut self, hash: u32) {
        self.0 = u64::from(hash);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use proptest::prelude::*;

    use super::*;

    /// A text of `n_words` words whose words at `changed` are others.
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
        let mut found = NearDuplicates::new(0.9);
        assert_eq!(found.is_near_duplicate("a", &text(1, 70, &[])), None);
        assert_eq!(found.is_near_duplicate("b", &text(2, 70, &[])), None);
        assert_eq!(found.is_near_duplicate("c", &text(1, 70, &[])), Some(&"a"));
        // The last word is in one of 68 shingles: 67 / 69.
        assert_eq!(found.is_near_duplicate("d", &text(1, 70, &[69])), Some(&"a"));
        // A word in the middle is in three shingles: 65 / 71 = 0.915. Two words: 62 / 74 = 0.84.
        assert_eq!(found.is_near_duplicate("e", &text(1, 70, &[30])), Some(&"a"));
        assert_eq!(found.is_near_duplicate("f", &text(1, 70, &[30, 50])), None);
        found.clear();
        assert_eq!(found.is_near_duplicate("g", &text(1, 70, &[])), None);
    }

    #[test]
    fn numbers_tell_short_texts_apart() {
        let mut found = NearDuplicates::new(0.8);
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
            Index::new(0.9).hasher.create_signature(shingles("one two three four").into_iter())[..2],
            [1_169_978_233, 558_113_490]
        );
    }

    #[test]
    fn few_pairs_at_the_threshold_are_missed() {
        // 60 words, one changed: 55 / 61 = 0.902.
        let mut found = NearDuplicates::new(0.9);
        let n_missed = (0..1000)
            .filter(|seed| {
                assert!(found.is_near_duplicate(*seed, &text(*seed, 60, &[])).is_none());
                found.is_near_duplicate(*seed, &text(*seed, 60, &[20 + seed % 20])).is_none()
            })
            .count();
        println!("{n_missed} of 1000 missed");
        assert!(n_missed <= 20, "{n_missed}");
    }

    #[test]
    fn held_out_texts_near_to_training_texts_are_counted() {
        let mut held_out = HeldOut::new(0.9, 1000);
        for seed in 0..40 {
            held_out.offer(if seed % 2 == 0 { Split::Validation } else { Split::Test }, &text(seed, 70, &[]));
        }
        held_out.offer(Split::Validation, &text(1, 70, &[]));
        held_out.offer(Split::Validation, &text(3, 70, &[30]));
        held_out.offer(Split::Train, &text(99, 70, &[]));
        let index = held_out.freeze();
        for seed in (10..100).rev() {
            index.compare(&text(seed, 70, if seed % 3 == 0 { &[30] } else { &[] }));
        }
        let report = index.report();
        let expected = NearDuplicateReport {
            threshold: 0.9,
            n_rows: 42,
            n_sampled: 41,
            n_near_train: 30,
            // Text 1 in both splits, text 3 and the text near to it.
            n_near_held_out: 3,
        };
        assert_eq!(report, expected);
        assert_eq!(report.share(), 30.0 / 41.0);
        assert_eq!(NearDuplicateReport::default().share(), 0.0);
    }

    #[test]
    fn a_sample_estimates_the_share_in_bounded_memory() {
        let offer = |order: &mut dyn Iterator<Item = u64>| {
            let mut held_out = HeldOut::new(0.9, 500);
            order.for_each(|seed| held_out.offer(Split::Test, &text(seed, 30, &[])));
            assert_eq!(held_out.kept.len(), 500);
            let index = held_out.freeze();
            (0..1000).for_each(|seed| index.compare(&text(seed, 30, &[])));
            index.report()
        };
        let report = offer(&mut (0..5000));
        assert_eq!(report, offer(&mut (0..5000).rev()), "the order does not matter");
        // 1 of 5 texts is in training; three standard errors of 500 texts are 0.054.
        assert!((report.share() - 0.2).abs() < 0.054, "{report:?}");
    }

    /// By the definition, to compare with.
    fn jaccard(first: &[u32], second: &[u32]) -> f64 {
        let n_shared = first.iter().filter(|shingle| second.contains(shingle)).count();
        n_shared as f64 / (first.len() + second.len() - n_shared).max(1) as f64
    }

    /// Processor time of this thread: other work on the machine does not count.
    fn cpu_s() -> f64 {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
    }

    #[test]
    #[ignore = "measures; run it alone in release"]
    fn speed() {
        // 400 bytes: 62 words.
        let texts: Vec<String> = (0..200_000).map(|seed| text(seed, 62, &[])).collect();
        let bytes: usize = texts.iter().map(String::len).sum();
        let per_s = |name: &str, start_s: f64| {
            println!("{name}: {:.0} texts/s of {} bytes", 2e5 / (cpu_s() - start_s), bytes / texts.len());
        };
        let mut found = NearDuplicates::new(0.9);
        let start = cpu_s();
        for (id, text) in texts.iter().enumerate() {
            if id % 1000 == 0 {
                found.clear();
            }
            assert!(found.is_near_duplicate(id, text).is_none());
        }
        per_s("videos of 1000 rows", start);
        // One template: only the name and two numbers differ.
        let rest = text(1, 50, &[]);
        let start = cpu_s();
        let n_removed = (0..200_000u64)
            .filter(|id| {
                if id % 1000 == 0 {
                    found.clear();
                }
                found.is_near_duplicate(*id as usize, &format!("{id} ab {rest} {} cd", id * 7)).is_some()
            })
            .count();
        per_s(&format!("one template, {n_removed} removed"), start);
        let start = cpu_s();
        let mut held_out = HeldOut::new(0.9, 200_000);
        for text in &texts {
            held_out.offer(Split::Test, text);
        }
        let index = held_out.freeze();
        per_s("held out", start);
        let memory = std::fs::read_to_string("/proc/self/status").unwrap();
        println!("{:?}", memory.lines().find(|line| line.starts_with("VmRSS")));
        let start = cpu_s();
        (0..200_000).for_each(|seed| index.compare(&text(seed + 100_000, 62, &[])));
        per_s("compared (with the making of texts)", start);
        println!("{:?}", index.report());
    }

    proptest! {
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
            let mut found = NearDuplicates::new(threshold);
            found.is_near_duplicate(0, &first);
            let is_found = found.is_near_duplicate(1, &second).is_some();
            prop_assert!(!is_found || similarity >= threshold || first == second);
            prop_assert!(is_found || similarity < (threshold + 0.15).min(1.0) , "{similarity}");
        }

        #[test]
        fn any_text_is_its_own_duplicate(text: String, threshold: f64) {
            let mut found = NearDuplicates::new(threshold);
            prop_assert!(found.is_near_duplicate(0, &text).is_none());
            prop_assert_eq!(found.is_near_duplicate(1, &text), Some(&0));
        }
    }
}
