//! The file of the rejects: written beside its place, and renamed into it when there is something in it.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::input::Input;
use crate::rows::Layout;

/// A file that is on its way to its place.
pub enum Draft {
    /// A file with a name of its own, in the folder of its place.
    Beside { file: NamedTempFile, place: PathBuf },
    /// A device or a pipe, which nothing can be renamed to.
    Direct(fs::File, PathBuf),
}

impl Draft {
    /// Starts the file for the `place`.
    ///
    /// # Errors
    ///
    /// If nothing can be written there.
    pub fn create(place: PathBuf) -> io::Result<Self> {
        if place.metadata().is_ok_and(|file| !file.is_file()) {
            let file = OpenOptions::new().write(true).open(&place)?;
            return Ok(Self::Direct(file, place));
        }
        let folder = place.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        let mut prefix = place.file_name().unwrap_or(OsStr::new("rejected")).to_owned();
        prefix.push(".");
        let mut builder = Builder::new();
        builder.prefix(&prefix).suffix(".partial");
        // Who else can read it is the user's umask, as for any file that is not temporary.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        Ok(Self::Beside { file: builder.tempfile_in(folder)?, place })
    }

    /// Puts the file in its place. A file that is there is kept as `….bak`.
    ///
    /// # Errors
    ///
    /// If it cannot be renamed.
    pub fn keep(self, input: &Input) -> io::Result<PathBuf> {
        match self {
            Self::Direct(_, place) => Ok(place),
            Self::Beside { file, place } => {
                file.as_file().sync_all()?;
                if place.exists() {
                    fs::rename(&place, spare(&place, input))?;
                }
                file.persist(&place)?;
                Ok(place)
            }
        }
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Beside { file, .. } => file.write(bytes),
            Self::Direct(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Beside { file, .. } => file.flush(),
            Self::Direct(file, _) => file.flush(),
        }
    }
}

/// The place of the rejects of `input`: beside it, unless another was `asked` for. It is never the input itself.
///
/// # Errors
///
/// If it was asked to be the input itself.
pub fn place(input: &Input, layout: &Layout, checking: bool, asked: Option<&Path>) -> Result<PathBuf, String> {
    if let Some(asked) = asked {
        let same = input.is(asked);
        return if same {
            Err("--rejects names the input itself; name another file.".to_owned())
        } else {
            Ok(asked.to_owned())
        };
    }
    let path = input.path().unwrap_or(Path::new("stdin"));
    let end = end(path, layout);
    let mut place = with(path, if checking { ".check.rejected." } else { ".rejected." }, end);
    while input.is(&place) {
        place = with(&place, ".rejected.", end);
    }
    Ok(place)
}

/// The end of the name: a spreadsheet opens the rejects as it opened the input.
fn end(path: &Path, layout: &Layout) -> &'static str {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    match (layout, extension.to_str()) {
        (Layout::Ndjson(_), _) => "ndjson",
        (Layout::Csv(..), Some("tsv")) => "tsv",
        (Layout::Csv(..), Some("txt")) => "txt",
        (Layout::Csv(..), _) => "csv",
    }
}

fn spare(place: &Path, input: &Input) -> PathBuf {
    let mut spare = with(place, ".bak", "");
    while input.is(&spare) {
        spare = with(&spare, ".bak", "");
    }
    spare
}

fn with(path: &Path, middle: &str, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(middle);
    name.push(end);
    name.into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::rows::{Dialect, Header, Text};

    fn csv() -> Layout {
        Layout::Csv(Dialect::written(), Arc::new(Header::default()))
    }

    #[test]
    fn rejects_are_beside_the_input() {
        let json = Layout::Ndjson(Text::MARKED_UTF_8);
        let table = [
            ("dir/contacts.CSV", csv(), false, "dir/contacts.CSV.rejected.csv"),
            ("contacts.csv", csv(), true, "contacts.csv.check.rejected.csv"),
            ("contacts.txt", csv(), false, "contacts.txt.rejected.txt"),
            ("contacts.tsv", csv(), false, "contacts.tsv.rejected.tsv"),
            ("contacts.xlsx", csv(), false, "contacts.xlsx.rejected.csv"),
            ("contacts.csv.gz", csv(), false, "contacts.csv.gz.rejected.csv"),
            ("contacts.jsonl", json.clone(), false, "contacts.jsonl.rejected.ndjson"),
            ("-", json, false, "stdin.rejected.ndjson"),
            ("-", csv(), true, "stdin.check.rejected.csv"),
        ];
        for (file, layout, checking, expected) in table {
            let found = place(&Input::of(Path::new(file)), &layout, checking, None);
            assert_eq!(found, Ok(expected.into()), "{file}");
        }
    }

    #[test]
    fn the_input_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let [input, rejects] = ["contacts.csv", "contacts.csv.rejected.csv"].map(|name| folder.path().join(name));
        fs::write(&rejects, "a").unwrap();
        fs::hard_link(&rejects, &input).unwrap();
        let input = Input::File(input);
        let expected = folder.path().join("contacts.csv.rejected.csv.rejected.csv");
        assert_eq!(place(&input, &csv(), false, None), Ok(expected));
        assert!(place(&input, &csv(), false, Some(&rejects)).is_err());
        let backup = Input::File(folder.path().join("x.bak"));
        fs::write(folder.path().join("x.bak"), "a").unwrap();
        assert_eq!(spare(&folder.path().join("x"), &backup), folder.path().join("x.bak.bak"));
    }
}
