//! The encoding of a file: told by its byte order mark or by the user, else UTF-8.

use std::borrow::Cow;
use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memchr_iter;

/// The bytes that are decoded at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// The way in which text is written as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    pub encoding: &'static Encoding,
    /// Whether a byte order mark comes first.
    pub mark: bool,
}

impl Text {
    /// UTF-8 with a byte order mark, which a spreadsheet needs to recognise it.
    pub const MARKED_UTF_8: Self = Self { encoding: UTF_8, mark: true };

    /// Tells the encoding of a file by its first bytes. A byte order mark counts more than what was `asked` for.
    pub fn of(head: &[u8], asked: Option<&'static Encoding>) -> Self {
        match Encoding::for_bom(head) {
            Some((encoding, _)) => Self { encoding, mark: true },
            None => Self { encoding: asked.unwrap_or(UTF_8), mark: false },
        }
    }

    /// The byte order mark, if there is one.
    pub fn mark(self) -> &'static [u8] {
        match self.mark {
            false => b"",
            true if self.encoding == UTF_16LE => b"\xff\xfe",
            true if self.encoding == UTF_16BE => b"\xfe\xff",
            true => b"\xef\xbb\xbf",
        }
    }

    /// The bytes of `text`, which is UTF-8. If the encoding is UTF-8 too, bytes that are not UTF-8 stay as they are.
    pub fn encode(self, text: &[u8]) -> Cow<'_, [u8]> {
        if self.encoding == UTF_8 {
            return text.into();
        }
        let text = String::from_utf8_lossy(text);
        // The library writes UTF-16 as UTF-8, as the web does.
        if self.encoding == UTF_16LE {
            return text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        }
        if self.encoding == UTF_16BE {
            return text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        }
        self.encoding.encode(&text).0.into_owned().into()
    }
}

/// Reads a stream in another encoding as UTF-8.
pub struct Decoded<R> {
    stream: R,
    decoder: Decoder,
    /// Read, but not decoded yet.
    bytes: Vec<u8>,
    /// Decoded, but not handed out yet, from `start`.
    text: Vec<u8>,
    start: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    pub fn new(stream: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { stream, decoder, bytes: Vec::new(), text: Vec::new(), start: 0, ended: false }
    }

    fn decode_more(&mut self) -> io::Result<()> {
        let read = self.stream.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut self.bytes)?;
        self.ended = read < CHUNK_BYTES;
        // No encoding has a character that takes more than three times as many bytes in UTF-8; the rest is what the decoder keeps.
        self.text.resize(self.bytes.len() * 3 + 16, 0);
        let (result, taken, written, _) = self.decoder.decode_to_utf8(&self.bytes, &mut self.text, self.ended);
        debug_assert_eq!(result, CoderResult::InputEmpty);
        self.bytes.drain(..taken);
        self.text.truncate(written);
        self.start = 0;
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.start == self.text.len() && !self.ended {
            self.decode_more()?;
        }
        let bytes = buffer.len().min(self.text.len() - self.start);
        buffer[..bytes].copy_from_slice(&self.text[self.start..self.start + bytes]);
        self.start += bytes;
        Ok(bytes)
    }
}

/// The line with the first byte of `stream` that is not UTF-8, if there is one.
///
/// # Errors
///
/// If the stream cannot be read.
pub fn first_line_that_is_not_utf_8(mut stream: impl Read) -> io::Result<Option<u64>> {
    let (mut bytes, mut line) = (Vec::new(), 1);
    loop {
        let read = stream.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut bytes)?;
        let valid = match std::str::from_utf8(&bytes) {
            Ok(text) => text.len(),
            // A character can go on in the next chunk.
            Err(error) if error.error_len().is_none() && read > 0 => error.valid_up_to(),
            Err(error) => return Ok(Some(line + line_breaks(&bytes[..error.valid_up_to()]))),
        };
        if read == 0 {
            return Ok(None);
        }
        line += line_breaks(&bytes[..valid]);
        bytes.drain(..valid);
    }
}

fn line_breaks(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use encoding_rs::{SHIFT_JIS, WINDOWS_1252};

    use super::*;

    #[test]
    fn what_is_decoded_is_encoded_to_the_same_bytes() {
        let every_byte: Vec<u8> = (0..=255).cycle().take(3 * CHUNK_BYTES + 7).collect();
        let utf_16 = |text: &str| text.repeat(CHUNK_BYTES).encode_utf16().flat_map(u16::to_le_bytes).collect();
        let table: [(&'static Encoding, Vec<u8>); 3] =
            [(WINDOWS_1252, every_byte), (UTF_16LE, utf_16("ção😀,")), (SHIFT_JIS, b"\x8d\xb2\x93\xa1,a\r\n".to_vec())];
        for (encoding, bytes) in table {
            let mut text = Vec::new();
            Decoded::new(&bytes[..], encoding).read_to_end(&mut text).unwrap();
            let encoded = Text { encoding, mark: false }.encode(&text).into_owned();
            assert!(encoded == bytes, "{}", encoding.name());
        }
    }

    #[test]
    fn a_mark_tells_the_encoding_whatever_was_asked_for() {
        let table: [(&[u8], Option<&'static Encoding>, &'static Encoding, bool); 5] = [
            (b"a,b", None, UTF_8, false),
            (b"a,b", Some(WINDOWS_1252), WINDOWS_1252, false),
            (b"\xef\xbb\xbfa", Some(WINDOWS_1252), UTF_8, true),
            (b"\xff\xfea\0", None, UTF_16LE, true),
            (b"\xfe\xff\0a", None, UTF_16BE, true),
        ];
        for (head, asked, encoding, mark) in table {
            let text = Text::of(head, asked);
            assert_eq!(text, Text { encoding, mark }, "{head:?}");
            assert!(head.starts_with(text.mark()));
        }
    }

    #[test]
    fn the_first_line_that_is_not_utf_8_is_found_in_any_chunk() {
        let line = |bytes: &[u8]| first_line_that_is_not_utf_8(bytes).unwrap();
        assert_eq!(line("é\n".repeat(CHUNK_BYTES).as_bytes()), None);
        assert_eq!(line(&["a\n".repeat(CHUNK_BYTES).as_bytes(), b"Jo\xe3o\n"].concat()), Some(CHUNK_BYTES as u64 + 1));
        assert_eq!(line(b"a\nb\xc3"), Some(2));
    }
}
