//! The file that is loaded: its name, and its bytes.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;
use same_file::Handle;

/// The part of a file that tells its content, in bytes.
const HEAD_BYTES: u64 = 4096;

const GZIP: &[u8] = b"\x1f\x8b";

/// A stream of bytes.
pub type Bytes = Box<dyn Read + Send>;

/// The place that rows come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    File(PathBuf),
    Stdin,
}

/// An input that has been opened.
pub struct Opened {
    /// Its content, unpacked.
    pub stream: Bytes,
    /// The beginning of the content.
    pub head: Vec<u8>,
    pub gzip: bool,
    /// The number of bytes of the file that have been read.
    pub read: Arc<AtomicU64>,
}

impl Input {
    /// `-` is standard input.
    pub fn of(file: &Path) -> Self {
        if file.as_os_str() == "-" { Self::Stdin } else { Self::File(file.to_owned()) }
    }

    /// The name, for messages.
    pub fn name(&self) -> String {
        self.path().map_or_else(|| "Standard input".to_owned(), |path| path.display().to_string())
    }

    /// The file, if it is not standard input.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Stdin => None,
        }
    }

    /// The size in bytes, if the input is a file that can be opened twice.
    pub fn size(&self) -> Option<u64> {
        let file = self.path()?.metadata().ok()?;
        file.is_file().then_some(file.len())
    }

    /// Whether `path` is this input, by whatever name.
    pub fn is(&self, path: &Path) -> bool {
        let handle = match self {
            Self::File(file) => Handle::from_path(file),
            Self::Stdin => Handle::stdin(),
        };
        matches!((handle, Handle::from_path(path)), (Ok(this), Ok(other)) if this == other)
    }

    /// Opens it, and unpacks gzip.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn open(&self) -> io::Result<Opened> {
        let read = Arc::new(AtomicU64::new(0));
        let stream: Bytes = match self {
            Self::File(path) => Box::new(File::open(path)?),
            Self::Stdin => Box::new(io::stdin()),
        };
        let mut stream: Bytes = Box::new(Counted { stream, read: Arc::clone(&read) });
        let mut head = head(&mut stream)?;
        let gzip = head.starts_with(GZIP);
        if gzip {
            stream = Box::new(MultiGzDecoder::new(BufReader::new(io::Cursor::new(head).chain(stream))));
            head = self::head(&mut stream)?;
        }
        Ok(Opened { stream: Box::new(io::Cursor::new(head.clone()).chain(stream)), head, gzip, read })
    }
}

fn head(stream: &mut Bytes) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    stream.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(head)
}

/// A stream that says how far it has been read.
struct Counted {
    stream: Bytes,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.stream.read(buffer)?;
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}
