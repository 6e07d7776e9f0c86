//! Finds texts that differ only in a few words, with `MinHash` and locality-sensitive hashing (crate `gaoya`). Pure.
//!
//! A text is represented by the set of its word 3-shingles: all sequences of three words. Words are separated by white
//! space, and case and punctuation count. A number is a word, so texts that differ in a number differ. Two texts are
//! near-duplicates if their Jaccard similarity (shared shingles / all shingles) is at least the threshold. `MinHash`
//! only proposes pairs; then the similarity is computed exactly from the shingles' hashes. So no pair below the
//! threshold is reported. A pair at the threshold is missed in about 1 of 100 cases, a closer pair less often. Equal
//! texts are found by hash and never missed.
//!
//! The same texts in the same order give the same results on every machine: words are hashed by a fixed function, and
//! the permutations come from a fixed seed (a test would notice if another version of the crate chose others).
//!
//! Pass the parts that differ between rows (question and answer), not the system text and tools that many rows share. A
//! long shared part makes all rows near-duplicates, and many texts just below the threshold take longer to distinguish.
//!
//! [`NearDuplicates`] is for the rows of one video. [`HeldOut`] is for the leakage report: does a row of validation or
//! test have a near-duplicate in the training rows? It keeps a bounded sample of the held-out texts, and then all
//! training texts are compared with it. The sample consists of the texts with the smallest hashes, so it does not
//! depend on the order. "2 % of 50,000 sampled texts" then estimates the share of all held-out texts that have a
//! near-duplicate anywhere in the training rows, with a standard error of 0.06 %. (Sampling both sides would miss
//! nearly all pairs.)

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};

use gaoya::minhash::{MinHasher, MinHasher32, calculate_minhash_params};
use serde::{Deserialize, Serialize};

use super::split::Split;

/// Maximum number of permutations of a signature: more would find more of the pairs at the threshold, but take more
/// time.
const N_PERMUTATIONS: usize = 64;
/// Number of words in a shingle.
const N_WORDS: usize = 3;
/// Lowest threshold: below it, texts are not "near", and the buckets fill up.
const MIN_THRESHOLD: f64 = 0.5;
/// Marks that there is no text.
const NONE: u32 = u32::MAX;

/// Computes signatures of texts for one threshold.
pub(crate) struct Signer {
    threshold: f64,
    hasher: MinHasher32<AsIs>,
    n_bands: usize,
    /// Number of permutations per band.
    width: usize,
}

/// The parts of a text that are compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Signature {
    /// Hash of the text.
    pub(crate) hash: u128,
    /// Hashes of its shingles: a sorted set.
    pub(crate) shingles: Vec<u32>,
    /// Key of the bucket of each band.
    pub(crate) bands: Vec<u64>,
}

impl Signer {
    /// Creates a signer for texts that count as duplicates from a Jaccard similarity of `threshold` on (0.5 to 1; other
    /// values are clamped).
    #[must_use]
    pub(crate) fn new(threshold: f64) -> Self {
        // Written so that NaN becomes the lowest threshold.
        let threshold = if threshold > MIN_THRESHOLD { threshold.min(1.0) } else { MIN_THRESHOLD };
        let (n_bands, width) = calculate_minhash_params(threshold, N_PERMUTATIONS);
        Self { threshold, hasher: MinHasher32::new_with_hasher(n_bands * width, AsIs(0)), n_bands, width }
    }

    /// Computes the signature of a text.
    #[must_use]
    pub(crate) fn sign(&self, text: &str) -> Signature {
        let shingles = shingles(text);
        let permuted = self.hasher.create_signature(shingles.iter().copied());
        let key = |band: &[u32]| band.iter().fold(0, |key: u64, least| mix(key.rotate_left(5) ^ u64::from(*least)));
        let bands = permuted.chunks_exact(self.width).map(key).collect();
        Signature { hash: text_hash(text), shingles, bands }
    }
}

impl Signature {
    /// The signature as bytes: the hash, the number of bands, the bands, and the shingles.
    #[must_use]
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(20 + 8 * self.bands.len() + 4 * self.shingles.len());
        bytes.extend_from_slice(&self.hash.to_le_bytes());
        bytes.extend_from_slice(&(self.bands.len() as u32).to_le_bytes());
        bytes.extend(self.bands.iter().flat_map(|band| band.to_le_bytes()));
        bytes.extend(self.shingles.iter().flat_map(|shingle| shingle.to_le_bytes()));
        bytes
    }

    /// Reads the bytes of [`to_bytes`](Self::to_bytes); `None` if they are not a signature.
    #[must_use]
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (hash, rest) = bytes.split_first_chunk::<16>()?;
        let (n_bands, rest) = rest.split_first_chunk::<4>()?;
        let (bands, shingles) = rest.split_at_checked(8 * u32::from_le_bytes(*n_bands) as usize)?;
        let (bands, _) = bands.as_chunks::<8>();
        let (shingles, left) = shingles.as_chunks::<4>();
        left.is_empty().then(|| Self {
            hash: u128::from_le_bytes(*hash),
            shingles: shingles.iter().map(|shingle| u32::from_le_bytes(*shingle)).collect(),
            bands: bands.iter().map(|band| u64::from_le_bytes(*band)).collect(),
        })
    }
}

/// Finds texts that are nearly equal to an earlier one.
pub(crate) struct NearDuplicates<K> {
    index: Index,
    exact: HashMap<u128, u32>,
    keys: Vec<K>,
}

impl<K> NearDuplicates<K> {
    /// Creates a search among texts that `signer` signed.
    #[must_use]
    pub(crate) fn new(signer: &Signer) -> Self {
        Self { index: Index::new(signer), exact: HashMap::new(), keys: Vec::new() }
    }

    /// Returns the key of the earliest kept text that is a near-duplicate of the signed one. If there is none, the text
    /// is kept with `key`.
    pub(crate) fn is_near_duplicate(&mut self, key: K, text: &Signature) -> Option<&K> {
        let id = self.keys.len() as u32;
        let earlier = self.exact.get(&text.hash).copied().or_else(|| self.index.near(text).next());
        if earlier.is_none() {
            self.index.insert(text);
            self.exact.insert(text.hash, id);
            self.keys.push(key);
        }
        self.keys.get(earlier? as usize)
    }
}

/// Numbers of held-out texts with a near-duplicate in another split. Different texts are counted, not rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct NearDuplicateReport {
    /// Jaccard similarity of word 3-shingles from which on two texts count as duplicates.
    pub(crate) threshold: f64,
    /// Number of validation and test rows that were offered.
    pub(crate) n_rows: u64,
    /// Number of their texts that were compared.
    pub(crate) n_sampled: u64,
    /// Number of these with a near-duplicate in the training rows.
    pub(crate) n_near_train: u64,
    /// Number of these with a near-duplicate in the other held-out split (among the sampled texts).
    pub(crate) n_near_held_out: u64,
}

impl NearDuplicateReport {
    /// Share of the sampled texts that have a near-duplicate in the training rows; 0 if there is no held-out text.
    #[must_use]
    pub(crate) fn share(&self) -> f64 {
        if self.n_sampled == 0 { 0.0 } else { self.n_near_train as f64 / self.n_sampled as f64 }
    }
}

/// A bounded sample of the texts of validation and test: the first of two steps.
pub(crate) struct HeldOut {
    index: Index,
    max_kept: usize,
    n_rows: u64,
    /// Splits (as bits) and signatures by hash of the text.
    kept: BTreeMap<u128, (u8, Signature)>,
}

impl HeldOut {
    /// Creates a sample of at most `max_kept` texts. Memory: about 1 KB for each text of 400 bytes (200,000 texts take
    /// 210 MB).
    #[must_use]
    pub(crate) fn new(signer: &Signer, max_kept: usize) -> Self {
        Self { index: Index::new(signer), max_kept, n_rows: 0, kept: BTreeMap::new() }
    }

    /// Adds a text of validation or test. Training texts are ignored.
    pub(crate) fn offer(&mut self, split: Split, text: Signature) {
        if split == Split::Train {
            return;
        }
        self.n_rows += 1;
        let hash = text.hash;
        if let Some((splits, _)) = self.kept.get_mut(&hash) {
            *splits |= 1 << split as u8;
            return;
        }
        let is_full = self.kept.len() >= self.max_kept;
        if is_full && self.kept.last_key_value().is_none_or(|(largest, _)| hash > *largest) {
            return;
        }
        self.kept.insert(hash, (1 << split as u8, text));
        if is_full {
            self.kept.pop_last();
        }
    }

    /// Ends the first step after all held-out texts were offered; the training texts come next.
    #[must_use]
    pub(crate) fn freeze(self) -> HeldOutIndex {
        let mut index = self.index;
        let mut exact = HashMap::with_capacity(self.kept.len());
        let mut splits_of = Vec::with_capacity(self.kept.len());
        let mut is_near_held_out = Vec::with_capacity(self.kept.len());
        for (id, (hash, (splits, text))) in self.kept.into_iter().enumerate() {
            is_near_held_out.push(splits.count_ones() > 1);
            splits_of.push(splits);
            for near in index.near(&text) {
                if splits_of[near as usize] != splits {
                    is_near_held_out[near as usize] = true;
                    is_near_held_out[id] = true;
                }
            }
            index.insert(&text);
            exact.insert(hash, id as u32);
        }
        let n_near_held_out = is_near_held_out.into_iter().filter(|is_near| *is_near).count() as u64;
        let is_near_train = splits_of.iter().map(|_| AtomicBool::new(false)).collect();
        HeldOutIndex { index, exact, is_near_train, n_rows: self.n_rows, n_near_held_out }
    }
}

/// The sampled held-out texts, with which training texts are compared: the second of two steps.
pub(crate) struct HeldOutIndex {
    index: Index,
    exact: HashMap<u128, u32>,
    is_near_train: Vec<AtomicBool>,
    n_rows: u64,
    n_near_held_out: u64,
}

impl HeldOutIndex {
    /// Compares a training text with the sample. Several threads may call this at the same time.
    pub(crate) fn compare(&self, training_text: &Signature) {
        let mark = |id: u32| self.is_near_train[id as usize].store(true, Ordering::Relaxed);
        if let Some(id) = self.exact.get(&training_text.hash) {
            mark(*id);
        }
        self.index.near(training_text).for_each(mark);
    }

    /// The results so far.
    #[must_use]
    pub(crate) fn report(&self) -> NearDuplicateReport {
        NearDuplicateReport {
            threshold: self.index.threshold,
            n_rows: self.n_rows,
            n_sampled: self.is_near_train.len() as u64,
            n_near_train: self.is_near_train.iter().filter(|is_near| is_near.load(Ordering::Relaxed)).count() as u64,
            n_near_held_out: self.n_near_held_out,
        }
    }
}

/// Shingles of texts with ids 0, 1, ..., in buckets by the bands of their signatures. (The crate's own index spends
/// most of its time on sets of candidates if many texts are just below the threshold.)
struct Index {
    threshold: f64,
    /// For each band: the last text of each bucket.
    buckets: Vec<HashMap<u64, u32, AsIs>>,
    /// For each text and band: the previous text in the same bucket, or [`NONE`].
    before: Vec<u32>,
    /// Shingles of all texts, one after the other.
    shingles: Vec<u32>,
    /// The end of each text's shingles.
    ends: Vec<usize>,
}

impl Index {
    fn new(signer: &Signer) -> Self {
        Self {
            threshold: signer.threshold,
            buckets: vec![HashMap::with_hasher(AsIs(0)); signer.n_bands],
            before: Vec::new(),
            shingles: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Ids of all near-duplicates, in increasing order. Texts without words have none.
    fn near<'a>(&'a self, text: &'a Signature) -> impl Iterator<Item = u32> + 'a {
        let Signature { shingles, bands, .. } = text;
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

    fn insert(&mut self, Signature { shingles, bands, .. }: &Signature) {
        let id = self.ends.len() as u32;
        self.shingles.extend_from_slice(shingles);
        self.ends.push(self.shingles.len());
        for (bucket, key) in self.buckets.iter_mut().zip(bands) {
            self.before.push(bucket.insert(*key, id).unwrap_or(NONE));
        }
    }
}

/// Whether the Jaccard similarity of two sorted sets is at least `threshold`; stops as soon as it can no longer be
/// reached.
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

/// Hashes of all sequences of three words, as a sorted set. A text of one or two words is one shingle.
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

/// FNV-1a on eight bytes at a time: fixed, fast, and good enough because [`shingle_hash`] mixes it.
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

/// A hasher for values that are already hashes or mixed bits: returns them unchanged.
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
mod tests;
