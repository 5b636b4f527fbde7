//! Lists as CSV files, for whoever works on in a spreadsheet: what the list shows under the same filters, not a page of it but all.
//! Apart because every list is handed out the same way.

use crate::problem::Problem;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use http_body::{Frame, SizeHint};
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The longest list that is handed out, in lines: what a spreadsheet still opens at once.
pub(crate) const LINES: usize = 100_000;

/// How a list is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// A page to look at.
    #[default]
    Page,
    /// A file.
    Csv,
}

/// What every list can be asked.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    pub(crate) page: usize,
    #[serde(default)]
    pub(crate) format: Format,
}

impl Asked {
    /// Number and length of the page that is asked for, if a page shows so many lines: a file is one long page.
    pub(crate) const fn page(self, size: usize) -> (usize, usize) {
        match self.format {
            Format::Page => (self.page, size),
            Format::Csv => (0, LINES),
        }
    }

    /// Whether it shall be a file.
    pub(crate) const fn is_csv(self) -> bool {
        matches!(self.format, Format::Csv)
    }
}

/// A cell that no spreadsheet takes for a formula (OWASP, CSV Injection).
fn harmless(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("{}{cell}", if formula { "'" } else { "" })
}

/// How long a part of a file is. Bytes.
const PART: usize = 1 << 16;

/// A file in parts: it grows without being copied, and what was sent is let go of.
#[derive(Default)]
struct Parts {
    full: VecDeque<Bytes>,
    last: Vec<u8>,
}

impl Parts {
    fn close(&mut self) {
        if !self.last.is_empty() {
            self.full.push_back(std::mem::take(&mut self.last).into());
        }
    }
}

impl io::Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.last.extend_from_slice(bytes);
        if self.last.len() >= PART {
            self.close();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl HttpBody for Parts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.full.pop_front().map(|part| Ok(Frame::data(part))))
    }

    fn size_hint(&self) -> SizeHint {
        let long: usize = self.full.iter().map(Bytes::len).sum();
        SizeHint::with_exact(u64::try_from(long).unwrap_or(u64::MAX))
    }
}

/// The file `name` of a day: RFC 4180, UTF-8 with the mark by which spreadsheets know it.
///
/// # Errors
/// None that a caller could cause.
pub(crate) fn csv<const N: usize>(
    name: &str,
    day: Date,
    head: [&str; N],
    lines: impl IntoIterator<Item = [String; N]>,
) -> Result<Response, Problem> {
    let mut out = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Parts {
            last: "\u{feff}".into(),
            ..Parts::default()
        });
    out.write_record(head).map_err(Problem::internal)?;
    for line in lines {
        let cells = line.map(|cell| harmless(&cell));
        out.write_record(cells).map_err(Problem::internal)?;
    }
    let mut body = out
        .into_inner()
        .map_err(|fault| Problem::internal(fault.error()))?;
    body.close();
    let headers: [(HeaderName, String); 2] = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}-{day}.csv\""),
        ),
    ];
    Ok((headers, Body::new(body)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_words_stay() {
        for cell in ["=1+1", "+8613", "-2", "@sum", "\t=1", "\r=1"] {
            assert_eq!(harmless(cell), format!("'{cell}"));
        }
        for cell in ["", "张伟", "2026年11月24日", "1=1"] {
            assert_eq!(harmless(cell), cell);
        }
    }
}
