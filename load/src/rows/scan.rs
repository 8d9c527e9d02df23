//! The row that a text starts with.

use super::cells::{Cells, End};
use super::columns::Header;
use super::row::MAX_ROW_BYTES;

pub const TOO_LONG: &str = "The row is over 400 KB, or a quotation mark in it is not closed.";

/// The reason why text is not a row.
pub enum Broken {
    NotUtf8,
    Row(&'static str),
    Columns(String),
}

impl Broken {
    pub fn reason(self) -> String {
        match self {
            Self::NotUtf8 => "The row is not UTF-8.".to_owned(),
            Self::Row(reason) => reason.to_owned(),
            Self::Columns(reason) => reason,
        }
    }
}

/// The row that `ahead` starts with, its cells split.
///
/// # Errors
///
/// The reason why it is not a row.
pub fn read<'a>(ahead: &'a [u8], cells: &mut Cells, delimiter: u8, header: &Header) -> Result<&'a [u8], Broken> {
    let ahead = &ahead[..ahead.len().min(MAX_ROW_BYTES + 1)];
    let end = match cells.split(ahead, delimiter) {
        End::At(end) if end <= MAX_ROW_BYTES => end,
        End::At(_) | End::Unclosed if ahead.len() > MAX_ROW_BYTES => return Err(Broken::Row(TOO_LONG)),
        End::At(_) | End::Unclosed => return Err(Broken::Row("A quotation mark is not closed.")),
        End::Garbled => return Err(Broken::Row("A quotation mark is not closed, or text follows a closing one.")),
    };
    let text = &ahead[..end];
    std::str::from_utf8(text).map_err(|_| Broken::NotUtf8)?;
    header.fits(cells, line_end(text).is_some()).map_err(Broken::Columns)?;
    Ok(text)
}

fn is_line_break(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

pub fn line_end(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| is_line_break(*byte))
}

/// The number of line breaks in `bytes`: LF, CR LF, or CR alone.
pub fn line_breaks(bytes: &[u8]) -> u64 {
    let next = bytes.iter().skip(1).copied().chain([0]);
    bytes.iter().zip(next).filter(|(byte, next)| **byte == b'\n' || (**byte == b'\r' && *next != b'\n')).count() as u64
}
