//! Form data with one file, as uploads have it.

use std::collections::BTreeMap;

/// A form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Form {
    /// Fields of text.
    pub(crate) fields: BTreeMap<String, String>,
    /// Name of the field that holds the file.
    pub(crate) file_field: String,
    /// Name of the file.
    pub(crate) file_name: String,
    /// Its bytes.
    pub(crate) file: Vec<u8>,
}

/// Reads a form.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn read(content_type: &str, body: &[u8]) -> Result<Form, String> {
    if !content_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
        return Err("content-type must be multipart/form-data".to_string());
    }
    let boundary =
        content_type.split(';').find_map(|part| part.trim().strip_prefix("boundary=")).ok_or("boundary is missing")?;
    let boundary = boundary.trim_matches('"');
    if boundary.is_empty() || boundary.len() > 70 {
        return Err("boundary must have 1 to 70 characters".to_string());
    }
    // Each delimiter but the first follows a line end.
    let first = format!("--{boundary}");
    let next = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(first.as_bytes()).ok_or("the body does not begin with the boundary")?;
    let mut form = Form::default();
    loop {
        if rest.starts_with(b"--") {
            break;
        }
        rest = rest.strip_prefix(b"\r\n").ok_or("a boundary is followed by neither a line end nor `--`")?;
        let end = find(rest, next.as_bytes()).ok_or("the last boundary is missing")?;
        add_part(&mut form, &rest[..end])?;
        rest = &rest[end + next.len()..];
    }
    if form.file_field.is_empty() { Err("a file is missing".to_string()) } else { Ok(form) }
}

fn add_part(form: &mut Form, part: &[u8]) -> Result<(), String> {
    let head_end = find(part, b"\r\n\r\n").ok_or("a part has no end of its head")?;
    let head = std::str::from_utf8(&part[..head_end]).map_err(|_| "a part's head is not UTF-8")?;
    let content = &part[head_end + 4..];
    let disposition = head
        .split("\r\n")
        .find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))
        .ok_or("a part has no content-disposition")?;
    let name = parameter(disposition, "name").ok_or("a part has no name")?;
    match parameter(disposition, "filename") {
        Some(_) if !form.file_field.is_empty() => return Err("more than one file".to_string()),
        Some(file_name) => {
            (form.file_field, form.file_name, form.file) = (name, file_name, content.to_vec());
        }
        None => {
            let text = String::from_utf8(content.to_vec()).map_err(|_| format!("field `{name}` is not UTF-8"))?;
            form.fields.insert(name, text);
        }
    }
    Ok(())
}

/// A quoted parameter of a header.
fn parameter(header: &str, name: &str) -> Option<String> {
    let start = format!("{name}=");
    let value = header.split(';').map(str::trim).find_map(|part| part.strip_prefix(start.as_str()))?;
    Some(value.trim_matches('"').to_string())
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    let first = *part.first()?;
    let mut start = 0;
    // Most bytes are not the first of the part, and a file may have 200 MB.
    while let Some(step) = text.get(start..)?.iter().position(|byte| *byte == first) {
        start += step;
        if text[start..].starts_with(part) {
            return Some(start);
        }
        start += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=xyz";
    const BODY: &str = "--xyz\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n\
        --xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b.jsonl\"\r\nContent-Type: application/jsonl\r\n\r\n\
        {\"a\":\"--xyz\"}\n{\"b\":\"\\r\\n\"}\n\r\n--xyz--\r\n";

    #[test]
    fn fields_and_the_file_are_read() {
        let form = read(KIND, BODY.as_bytes()).unwrap();
        assert_eq!(form.fields, [("purpose".to_string(), "batch".to_string())].into());
        assert_eq!((form.file_field.as_str(), form.file_name.as_str()), ("file", "b.jsonl"));
        assert_eq!(form.file, b"{\"a\":\"--xyz\"}\n{\"b\":\"\\r\\n\"}\n");
        assert_eq!(read("multipart/form-data; boundary=\"xyz\"", BODY.as_bytes()).unwrap(), form);
    }

    #[test]
    fn a_broken_form_is_refused() {
        for (kind, body, part) in [
            ("application/json", BODY, "multipart"),
            ("multipart/form-data", BODY, "boundary"),
            (KIND, "", "begin"),
            (KIND, "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx", "last boundary"),
            (KIND, "--xyz\r\n\r\n\r\nx\r\n--xyz--", "content-disposition"),
            (KIND, "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--xyz--", "file is missing"),
        ] {
            let error = read(kind, body.as_bytes()).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
