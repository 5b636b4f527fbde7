//! A link as a QR code (ISO/IEC 18004), so that a phone's camera opens it: nobody types forty characters.
//! Apart because it is drawn here, as SVG within the page, and neither a script nor another address is asked.

use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write;

/// The quiet zone around it, in modules.
const QUIET: usize = 4;

/// The drawing: the length of its sides in modules, and the dark ones as a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Drawing {
    pub(super) side: usize,
    pub(super) path: String,
}

/// Draws this text; none if it is longer than any code.
pub(super) fn draw(text: &str) -> Option<Drawing> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (at % width + QUIET, at / width + QUIET);
            // Writing to a string does not fail.
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    Some(Drawing {
        side: width + 2 * QUIET,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a drawing as a camera would, each module four pixels wide.
    fn seen(drawing: &Drawing) -> String {
        let mut dark = vec![vec![false; drawing.side]; drawing.side];
        for module in drawing.path.split('M').skip(1) {
            let (x, rest) = module.split_once(' ').unwrap();
            let (y, _) = rest.split_once('h').unwrap();
            dark[y.parse::<usize>().unwrap()][x.parse::<usize>().unwrap()] = true;
        }
        let side = 4 * drawing.side;
        let pixel = |x: usize, y: usize| if dark[y / 4][x / 4] { 0 } else { 255 };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, pixel);
        let [grid] = &image.detect_grids()[..] else {
            panic!("one code");
        };
        grid.decode().unwrap().1
    }

    #[test]
    fn a_camera_reads_the_link() {
        for link in [
            "https://zhifa.example.gov.cn/field/enrol#2306KWBR7V2AJMNTNKGYM9ZP91QZ3399",
            "http://127.0.0.1:8080/field/enrol#ZM1V8EGXWMBG8M6BY7YNJ7R3W30R4WPV",
        ] {
            assert_eq!(seen(&draw(link).unwrap()), link);
        }
        assert_eq!(draw(&"长".repeat(2_000)), None);
    }
}
