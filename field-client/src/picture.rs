//! A picture as a form carries it: what the page's script claims is checked here, and nothing but a plain JPEG gets through.
//! Apart because these bytes come from outside and this is all that parses them. It sees no store and no clock.

use crate::store::blobs::Kept;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use shared::domain::event::{Fix, MAX_PHOTO_BYTES, Photo};
use shared::instant::Instant;

/// A thumbnail at most. Bytes.
pub(crate) const MAX_THUMB_BYTES: usize = 8 * 1024;
/// File times after 2100 are no times.
const LATEST_MS: i64 = 4_102_444_800_000;

/// A picture that was read: what the log says of it, and what is kept.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    /// For the event.
    pub(crate) photo: Photo,
    /// For the store.
    pub(crate) kept: Kept,
}

/// Why a picture is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bad {
    /// Not what the page's script writes, or no JPEG.
    Shape,
    /// Longer than [`MAX_PHOTO_BYTES`] or [`MAX_THUMB_BYTES`].
    TooLong,
}

impl Bad {
    /// The key of what to say.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Shape => "field.photo.bad",
            Self::TooLong => "field.photo.too-long",
        }
    }
}

/// Reads `v1;<SHA-256 of the camera's file, hex>;<its time, ms>;<lat_e6>,<lon_e6>,<accuracy m>;<thumbnail>;<picture>`.
/// Time and position may be empty; the pictures are JPEG in base64url. What is kept is stripped once more and hashed here.
pub(crate) fn read(text: &str, place: &str) -> Result<Picture, Bad> {
    let parts: Vec<&str> = text.split(';').collect();
    let ["v1", original, taken, fix, thumb, jpeg] = parts[..] else {
        return Err(Bad::Shape);
    };
    let bytes = jpeg_of(jpeg, MAX_PHOTO_BYTES)?;
    let thumb = jpeg_of(thumb, MAX_THUMB_BYTES)?;
    let hash: [u8; 32] = Sha256::digest(&bytes).into();
    let photo = Photo {
        hash,
        len: u32::try_from(bytes.len()).map_err(|_| Bad::TooLong)?,
        original: unhex(original).ok_or(Bad::Shape)?,
        taken_at: time(taken)?,
        fix: position(fix)?,
        place: place.to_owned(),
    };
    let kept = Kept { hash, thumb, bytes };
    Ok(Picture { photo, kept })
}

fn time(text: &str) -> Result<Option<Instant>, Bad> {
    if text.is_empty() {
        return Ok(None);
    }
    let ms: i64 = text.parse().map_err(|_| Bad::Shape)?;
    let sane = (1..LATEST_MS).contains(&ms);
    Ok(sane.then(|| Instant::from_millis(ms)))
}

fn position(text: &str) -> Result<Option<Fix>, Bad> {
    if text.is_empty() {
        return Ok(None);
    }
    let parts: Vec<&str> = text.split(',').collect();
    let [lat, lon, accuracy] = parts[..] else {
        return Err(Bad::Shape);
    };
    let lat_e6: i32 = lat.parse().map_err(|_| Bad::Shape)?;
    let lon_e6: i32 = lon.parse().map_err(|_| Bad::Shape)?;
    let on_earth = lat_e6.unsigned_abs() <= 90_000_000 && lon_e6.unsigned_abs() <= 180_000_000;
    if !on_earth {
        return Err(Bad::Shape);
    }
    Ok(Some(Fix {
        lat_e6,
        lon_e6,
        accuracy_m: accuracy.parse().map_err(|_| Bad::Shape)?,
    }))
}

fn jpeg_of(text: &str, max: usize) -> Result<Vec<u8>, Bad> {
    // Four characters carry three bytes.
    if text.len() / 4 * 3 > max {
        return Err(Bad::TooLong);
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Bad::Shape)?;
    let stripped = strip(&bytes).ok_or(Bad::Shape)?;
    if stripped.len() > max {
        return Err(Bad::TooLong);
    }
    Ok(stripped)
}

/// The JPEG without its application data and comments (EXIF, maker's notes, previews, positions), and without what follows its end.
/// JFIF and Adobe's colour transform stay: decoders need them. `None` if it is no JPEG.
pub(crate) fn strip(jpeg: &[u8]) -> Option<Vec<u8>> {
    let mut rest = jpeg.strip_prefix(&[0xff, 0xd8])?;
    let mut out = vec![0xff, 0xd8];
    let mut scanned = false;
    loop {
        let marker;
        (marker, rest) = next_marker(rest)?;
        match marker {
            0xd9 => {
                out.extend([0xff, 0xd9]);
                return scanned.then_some(out);
            }
            // Markers without a segment have no place here.
            0x00 | 0x01 | 0xd0..=0xd8 => return None,
            _ => {}
        }
        let length: [u8; 2] = rest.get(..2)?.try_into().ok()?;
        let length = usize::from(u16::from_be_bytes(length)).max(2);
        let segment = rest.get(..length)?;
        rest = rest.get(length..)?;
        if !matches!(marker, 0xe1..=0xed | 0xef | 0xfe) {
            out.extend([0xff, marker]);
            out.extend(segment);
        }
        if marker == 0xda {
            let scan = rest.get(..scan_length(rest)?)?;
            out.extend(scan);
            rest = rest.get(scan.len()..)?;
            scanned = true;
        }
    }
}

/// The next marker, over fill bytes, and what follows it.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let mut rest = bytes.strip_prefix(&[0xff])?;
    loop {
        let (first, after) = rest.split_first()?;
        if *first != 0xff {
            return Some((*first, after));
        }
        rest = after;
    }
}

/// How long the picture data is: up to a marker that is neither stuffing nor a restart.
fn scan_length(bytes: &[u8]) -> Option<usize> {
    let ends = |pair: &[u8]| matches!(pair, [0xff, b] if !matches!(b, 0x00 | 0xd0..=0xd7 | 0xff));
    bytes.windows(2).position(ends)
}

/// A JPEG as the address of an image.
pub(crate) fn data_url(jpeg: &[u8]) -> String {
    format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg))
}

/// Lower-case hexadecimal.
pub(crate) fn hex(hash: &[u8; 32]) -> String {
    hash.iter()
        .fold(String::with_capacity(64), |mut out, byte| {
            for half in [byte >> 4, byte & 15] {
                out.extend(char::from_digit(u32::from(half), 16));
            }
            out
        })
}

/// The hash of 64 hexadecimal digits.
pub(crate) fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let bytes: Vec<u8> = digits?
        .chunks(2)
        .filter_map(|pair| match pair {
            [high, low] => Some(high << 4 | low),
            _ => None,
        })
        .collect();
    (text.len() == 64).then(|| bytes.try_into().ok()).flatten()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A JPEG in shape only: with EXIF and a comment if `exif`, its picture data of this length.
    pub(crate) fn jpeg(exif: bool, length: usize) -> Vec<u8> {
        let mut out = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, b'J', b'F'];
        if exif {
            out.extend([0xff, 0xe1, 0, 8, b'E', b'x', b'i', b'f', b'G', b'P']);
            out.extend([0xff, 0xff, 0xfe, 0, 4, b'h', b'i']);
        }
        out.extend([0xff, 0xdb, 0, 3, 7]);
        out.extend([0xff, 0xda, 0, 3, 1]);
        let byte = |at: usize| u8::try_from(at * 31 % 251).unwrap();
        out.extend((0..length).map(byte));
        out.extend([0xff, 0x00, 0x12, 0xff, 0xd3, 0x34, 0xff, 0xd9]);
        out
    }

    /// As capture.js writes it.
    pub(crate) fn form(jpeg: &[u8], fix: &str) -> String {
        let thumb = URL_SAFE_NO_PAD.encode(super::tests::jpeg(false, 20));
        let picture = URL_SAFE_NO_PAD.encode(jpeg);
        let original = "ab".repeat(32);
        format!("v1;{original};1795395600000;{fix};{thumb};{picture}")
    }

    #[test]
    fn what_was_written_in_beside_the_picture_is_gone() {
        let mut with = jpeg(true, 400);
        with.extend(b"a film after the picture");
        assert_eq!(strip(&with), Some(jpeg(false, 400)));
        assert_eq!(strip(&jpeg(false, 9)), Some(jpeg(false, 9)));
    }

    #[test]
    fn a_picture_of_several_scans_keeps_them_all() {
        let mut twice = jpeg(false, 5);
        let end = twice.split_off(twice.len() - 2);
        twice.extend([0xff, 0xda, 0, 3, 2, 0x55, 0x66]);
        twice.extend(end);
        assert_eq!(strip(&twice), Some(twice));
    }

    #[test]
    fn a_picture_cut_anywhere_is_no_picture() {
        let whole = jpeg(true, 60);
        for end in 0..whole.len() {
            assert_eq!(strip(&whole[..end]), None, "{end}");
        }
        assert_eq!(strip(b"\x89PNG\r\n"), None);
    }

    #[test]
    fn a_form_reads_with_and_without_a_position() {
        let read = read(&form(&jpeg(true, 70), "30123456,-120654321,12"), "路口").unwrap();
        let kept = jpeg(false, 70);
        assert_eq!(read.kept.bytes, kept);
        assert_eq!(read.photo.hash, <[u8; 32]>::from(Sha256::digest(&kept)));
        assert_eq!(read.photo.len as usize, kept.len());
        assert_eq!(read.photo.original, [0xab; 32]);
        assert_eq!(read.photo.place, "路口");
        let fix = read.photo.fix.unwrap();
        assert_eq!(
            (fix.lat_e6, fix.lon_e6, fix.accuracy_m),
            (30_123_456, -120_654_321, 12)
        );
        let without = super::read(&form(&jpeg(false, 70), ""), "").unwrap();
        assert_eq!(without.photo.fix, None);
        assert_eq!(without.photo.hash, read.photo.hash);
    }

    #[test]
    fn what_is_no_picture_of_ours_is_refused() {
        let good = form(&jpeg(false, 70), "");
        let bad = |text: &str| super::read(text, "").map(|p| p.photo.len).unwrap_err();
        for text in [
            "",
            "v1",
            &good.replace("v1;", "v2;"),
            &good.replace("abab", "xyxy"),
            &good.replace(";;", ";91000000,0,1;"),
            &good.replace(";;", ";1,2;"),
            &good.replace("1795395600000", "today"),
            &format!("{good};more"),
            &format!("{good}+"),
        ] {
            assert_eq!(bad(text), Bad::Shape, "{text}");
        }
        let large = form(&jpeg(false, MAX_PHOTO_BYTES), "");
        assert_eq!(bad(&large), Bad::TooLong);
    }

    #[test]
    fn hashes_read_back() {
        let hash: [u8; 32] = Sha256::digest(b"x").into();
        assert_eq!(unhex(&hex(&hash)), Some(hash));
        assert_eq!(unhex("ab"), None);
        assert_eq!(unhex(&"é".repeat(32)), None);
    }
}
