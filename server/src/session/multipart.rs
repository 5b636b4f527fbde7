//! Forms with files (`multipart/form-data`, RFC 7578): names and texts, and one file of any bytes where it is asked for.
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

/// Names and texts, and the file's bytes.
type Parts = (Vec<(String, String)>, Vec<u8>);

/// Names and texts of a form's parts, and the bytes of the part called `file`, which need not be text. None: the bytes are no
/// such form, or another part is not UTF-8.
pub(super) fn fields(body: &[u8], boundary: &str, file: Option<&str>) -> Option<Parts> {
    let mark = format!("--{boundary}");
    let (before, mut rest) = split(body, mark.as_bytes())?;
    if !before.iter().all(u8::is_ascii_whitespace) {
        return None;
    }
    let (mut out, mut bytes) = (Vec::new(), Vec::new());
    for _ in 0..MAX_PARTS {
        if rest.starts_with(b"--") {
            return Some((out, bytes));
        }
        let (part, after) = split(rest, mark.as_bytes())?;
        rest = after;
        let part = part.strip_prefix(b"\r\n")?.strip_suffix(b"\r\n")?;
        let (head, value) = split(part, b"\r\n\r\n")?;
        let name = std::str::from_utf8(head)
            .ok()?
            .split(';')
            .find_map(|p| p.trim().strip_prefix("name=\""))?;
        let (name, _) = name.split_once('"')?;
        if Some(name) == file {
            bytes = value.to_vec();
            continue;
        }
        // A file that was saved by an editor may begin with a byte order mark.
        let value = std::str::from_utf8(value)
            .ok()?
            .trim_start_matches('\u{feff}');
        out.push((name.to_owned(), value.to_owned()));
    }
    None
}

/// What is before and after the first of these bytes.
fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let found = bytes.windows(at.len()).position(|here| here == at)?;
    let (before, rest) = bytes.split_at_checked(found)?;
    Some((before, rest.strip_prefix(at)?))
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
        let (read, _) = fields(body.as_bytes(), "x-y", None).unwrap();
        assert_eq!(read[0], ("csrf".to_owned(), "abc".to_owned()));
        assert_eq!(read[1], ("file".to_owned(), "第一条\r\n第二条".to_owned()));
        for bad in [
            "",
            "--x-y",
            "--x-y\r\n\r\n--x-y--",
            &body[..body.len() - 20],
        ] {
            assert_eq!(fields(bad.as_bytes(), "x-y", None), None, "{bad}");
        }
        assert_eq!(fields(b"--x-y\r\n\xff\r\n--x-y--", "x-y", None), None);
    }

    #[test]
    fn only_the_file_may_be_other_than_text() {
        let body =
            b"--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n\xff\r\n\0\r\n--x--";
        assert_eq!(fields(body, "x", None), None);
        let (texts, file) = fields(body, "x", Some("file")).unwrap();
        assert!(texts.is_empty());
        assert_eq!(file, b"\xff\r\n\0");
    }
}
