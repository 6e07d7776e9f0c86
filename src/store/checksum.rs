//! Parquet files that carry a checksum of all their bytes.
//!
//! The file's footer holds an entry of 64 characters. They are zeros while the file is hashed, and then become the
//! hash. Any reader of Parquet can read such a file. posekit refuses files whose bytes differ from those that were
//! written: damaged pages can crash a Parquet reader, and the values decoded from them may look correct.

use std::path::Path;

use super::error::StoreError;

/// The key of the footer's entry.
pub(super) const KEY: &str = "posekit.blake3";

/// The value of the entry while the file is hashed.
pub(super) const PLACEHOLDER: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The number of bytes between the key and its value: the header of a field, and the value's length.
const VALUE_OFFSET: usize = 2;

/// Writes the checksum into a file that was made with the placeholder. Returns `false` if the placeholder is missing.
#[must_use]
pub(super) fn stamp(bytes: &mut [u8]) -> bool {
    let Some(place) = value_place(bytes) else { return false };
    let is_placeholder = &bytes[place..place + PLACEHOLDER.len()] == PLACEHOLDER.as_bytes();
    if is_placeholder {
        let hash = blake3::hash(bytes).to_hex();
        bytes[place..place + PLACEHOLDER.len()].copy_from_slice(hash.as_bytes());
    }
    is_placeholder
}

/// Verifies that a file's bytes are those that were written.
///
/// # Errors
/// The file cannot be read, has no checksum, or has a checksum that differs.
pub(super) fn verify(path: &Path) -> Result<(), StoreError> {
    let mut bytes = std::fs::read(path).map_err(StoreError::io("read", path))?;
    if is_intact(&mut bytes) { Ok(()) } else { Err(StoreError::Damaged { path: path.to_path_buf() }) }
}

fn is_intact(bytes: &mut [u8]) -> bool {
    let Some(place) = value_place(bytes) else { return false };
    let value = &mut bytes[place..place + PLACEHOLDER.len()];
    let found = value.to_vec();
    value.copy_from_slice(PLACEHOLDER.as_bytes());
    blake3::hash(bytes).to_hex().as_bytes() == found
}

/// Returns the offset of the checksum: after the last occurrence of the key that has room for it.
fn value_place(bytes: &[u8]) -> Option<usize> {
    let key = bytes.windows(KEY.len()).rposition(|window| window == KEY.as_bytes())?;
    let place = key + KEY.len() + VALUE_OFFSET;
    (place + PLACEHOLDER.len() <= bytes.len()).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(before: &[u8], after: &[u8]) -> Vec<u8> {
        [before, KEY.as_bytes(), b"\x18\x40", PLACEHOLDER.as_bytes(), after].concat()
    }

    proptest! {
        #[test]
        fn every_changed_byte_is_found(
            before in prop::collection::vec(any::<u8>(), 0..50),
            after in prop::collection::vec(any::<u8>(), 0..50),
            place in any::<prop::sample::Index>(),
            mask in 1..=u8::MAX,
        ) {
            let mut bytes = file(&before, &after);
            prop_assert!(stamp(&mut bytes));
            prop_assert!(is_intact(&mut bytes.clone()));
            let place = place.index(bytes.len());
            let mut changed = bytes.clone();
            changed[place] ^= mask;
            prop_assert!(!is_intact(&mut changed));
            bytes.truncate(place);
            prop_assert!(!is_intact(&mut bytes));
        }
    }

    #[test]
    fn without_a_place_for_it_there_is_no_checksum() {
        assert!(!stamp(&mut b"PAR1 something else".to_vec()));
        assert!(!is_intact(&mut b"posekit.blake3".to_vec()));
    }
}
