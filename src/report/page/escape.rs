//! Makes names and data safe inside a page. The templates escape HTML text; this module escapes links and scripts.

use serde::Serialize;

/// Returns JSON for a script block. `<` (which could end the block) and U+2028 and U+2029 (which older scripts treat as
/// line ends) are escaped. They occur in strings only, so the data stays the same.
pub(super) fn script_json(data: &impl Serialize) -> Result<String, serde_json::Error> {
    let json = serde_json::to_string(data)?;
    Ok(json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029"))
}

/// Returns a relative link to a path with `/` between its parts. All characters except unreserved ones are
/// percent-encoded (RFC 3986, section 2.3), so that a name cannot act as a scheme, a query or a fragment.
pub(super) fn href(path: &str) -> String {
    let mut link = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            link.push(char::from(byte));
        } else {
            let digits = [byte >> 4, byte & 0xf].into_iter().filter_map(|digit| char::from_digit(digit.into(), 16));
            link.push('%');
            link.extend(digits.map(|digit| digit.to_ascii_uppercase()));
        }
    }
    // A leading slash would leave the folder; two slashes would name another host.
    link.trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn links_are_encoded() {
        assert_eq!(href("media/squat & lunge #1?.mp4"), "media/squat%20%26%20lunge%20%231%3F.mp4");
        assert_eq!(href("media/スクワット.mp4"), "media/%E3%82%B9%E3%82%AF%E3%83%AF%E3%83%83%E3%83%88.mp4");
        assert_eq!(href("javascript:alert(1)"), "javascript%3Aalert%281%29");
        assert_eq!(href("//host/x\".mp4"), "host/x%22.mp4");
        assert_eq!(href("100%.mp4"), "100%25.mp4");
    }

    #[test]
    fn a_script_block_cannot_be_left() {
        let json = script_json(&["</script><!--", "\u{2028}\u{2029}"]).unwrap();
        assert_eq!(json, r#"["\u003c/script>\u003c!--","\u2028\u2029"]"#);
    }

    proptest! {
        #[test]
        fn data_stays_the_same(text in any::<String>()) {
            let json = script_json(&text).unwrap();
            let has_escaped = !json.contains(['<', '\u{2028}', '\u{2029}']);
            prop_assert!(has_escaped);
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }

        #[test]
        fn links_can_be_decoded(path in "[^/].{0,20}") {
            let link = href(&path);
            prop_assert!(link.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte)));
            let mut decoded = Vec::new();
            let mut bytes = link.bytes();
            while let Some(byte) = bytes.next() {
                let digits: String = if byte == b'%' { bytes.by_ref().take(2).map(char::from).collect() } else { String::new() };
                decoded.push(if byte == b'%' { u8::from_str_radix(&digits, 16).unwrap() } else { byte });
            }
            prop_assert_eq!(String::from_utf8(decoded).unwrap(), path);
        }
    }
}
