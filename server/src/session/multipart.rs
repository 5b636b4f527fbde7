//! Forms with files (`multipart/form-data`, RFC 7578): names and texts, nothing else.
//! Apart because these are bytes from outside that no other form has.

/// Parts of one form, at most.
const MAX_PARTS: usize = 32;

/// The boundary of this content type, if it is such a form's.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let rest = content_type.strip_prefix("multipart/form-data")?;
    let value = rest
        .split(';')
        .find_map(|p| p.trim().strip_prefix("boundary="))?;
    let value = value.trim_matches('"');
    (1..=70).contains(&value.len()).then_some(value)
}

/// Names and texts of a form's parts. None: the bytes are no such form, or a part is not UTF-8.
pub(super) fn fields(body: &[u8], boundary: &str) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(body).ok()?;
    let mark = format!("--{boundary}");
    let mut parts = text.split(&*mark);
    parts.next().filter(|before| before.trim().is_empty())?;
    let mut out = Vec::new();
    for part in parts.take(MAX_PARTS) {
        if part.starts_with("--") {
            return Some(out);
        }
        let part = part.strip_prefix("\r\n")?.strip_suffix("\r\n")?;
        let (head, value) = part.split_once("\r\n\r\n")?;
        let name = head
            .split(';')
            .find_map(|p| p.trim().strip_prefix("name=\""))?;
        let (name, _) = name.split_once('"')?;
        // A file that was saved by an editor may begin with a byte order mark.
        let value = value.trim_start_matches('\u{feff}');
        out.push((name.to_owned(), value.to_owned()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_are_read_and_rubbish_is_not() {
        let kind = "multipart/form-data; boundary=\"x-y\"";
        assert_eq!(boundary(kind), Some("x-y"));
        assert_eq!(boundary("text/plain; boundary=x"), None);
        let body = "--x-y\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n\
            --x-y\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
            Content-Type: text/plain\r\n\r\n\u{feff}第一条\r\n第二条\r\n--x-y--\r\n";
        let read = fields(body.as_bytes(), "x-y").unwrap();
        assert_eq!(read[0], ("csrf".to_owned(), "abc".to_owned()));
        assert_eq!(read[1], ("file".to_owned(), "第一条\r\n第二条".to_owned()));
        for bad in [
            "",
            "--x-y",
            "--x-y\r\n\r\n--x-y--",
            &body[..body.len() - 20],
        ] {
            assert_eq!(fields(bad.as_bytes(), "x-y"), None, "{bad}");
        }
        assert_eq!(fields(b"--x-y\r\n\xff\r\n--x-y--", "x-y"), None);
    }
}
