//! Parses the byte range of a request (RFC 9110, section 14).

use axum::http::HeaderValue;

/// Returns the `Range` header to use; `None` if the range is to be ignored and the whole file is the answer.
///
/// tower-http refuses ranges that it cannot parse, while the standard says to ignore them: other units, several ranges,
/// ranges that end before they begin. A suffix longer than the file is the whole file. An empty file has no ranges.
pub(super) fn understood_range(header: &HeaderValue, n_bytes: u64) -> Option<HeaderValue> {
    let (unit, range) = header.to_str().ok()?.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") || n_bytes == 0 {
        return None;
    }
    let (first, last) = range.trim().split_once('-')?;
    let range = match (first, last) {
        ("", n_last_bytes) if number(n_last_bytes)? >= n_bytes => "bytes=0-".to_owned(),
        // An empty suffix is refused, as the standard requires.
        ("", n_last_bytes) => format!("bytes=-{}", number(n_last_bytes)?),
        (first, "") => format!("bytes={}-", number(first)?),
        (first, last) if number(first)? <= number(last)? => format!("bytes={}-{}", number(first)?, number(last)?),
        _ => return None,
    };
    HeaderValue::from_str(&range).ok()
}

/// Parses a number that consists of digits only. A number too large for `u64` becomes the largest `u64`.
fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understood(header: &'static str, n_bytes: u64) -> Option<String> {
        let range = understood_range(&HeaderValue::from_static(header), n_bytes)?;
        Some(range.to_str().unwrap().to_owned())
    }

    #[test]
    fn what_is_no_range_is_ignored() {
        for header in
            ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=3-2", "bytes=0-1,3-4", "items=0-1", "bytes=+1-2"]
        {
            assert_eq!(understood(header, 10), None, "{header}");
        }
        assert_eq!(understood("bytes=0-", 0), None);
    }

    #[test]
    fn ranges_are_written_as_tower_http_reads_them() {
        assert_eq!(understood("Bytes=00-05", 10).unwrap(), "bytes=0-5");
        assert_eq!(understood("bytes=5-", 10).unwrap(), "bytes=5-");
        assert_eq!(understood("bytes=-3", 10).unwrap(), "bytes=-3");
        assert_eq!(understood("bytes=-30", 10).unwrap(), "bytes=0-");
        assert_eq!(understood("bytes=0-99999999999999999999", 10).unwrap(), format!("bytes=0-{}", u64::MAX));
    }
}
