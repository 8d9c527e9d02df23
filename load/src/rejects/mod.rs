//! The file of rejected rows: each as it was, with the reasons, so that it can be mended and loaded.

mod place;
mod reject;
mod writer;

use std::io;
use std::path::{Path, PathBuf};

use self::place::Draft;
pub use self::reject::Reject;
use self::writer::Writer;
use crate::input::Input;
use crate::rows::Layout;

/// The rejects of a run.
pub struct Rejects {
    input: Input,
    place: PathBuf,
    /// Nothing, if they are only counted.
    writer: Option<Writer<Draft>>,
    is_empty: bool,
}

/// The file of rejects after a run.
#[derive(Debug, PartialEq, Eq)]
pub enum Kept {
    /// The run's rejects are in this file.
    Written(PathBuf),
    /// The run has no rejects, and this file is of an earlier one.
    Earlier(PathBuf),
    Nothing,
}

impl Rejects {
    /// Makes sure that rejects of `input` can be written beside it, or to the file that was `asked` for. What an earlier run
    /// has written stays until [`keep`](Self::keep).
    ///
    /// # Errors
    ///
    /// If they cannot be written, and how to go on.
    pub fn open(input: &Input, layout: &Layout, checking: bool, asked: Option<&Path>) -> Result<Self, String> {
        let place = place::place(input, layout, checking, asked)?;
        let draft = Draft::create(place.clone()).and_then(|draft| Writer::new(draft, layout.clone()));
        let writer = match draft {
            Ok(writer) => Some(writer),
            // A check is worth its while without them.
            Err(_) if checking && asked.is_none() => None,
            Err(error) => {
                let place = place.display();
                return Err(format!(
                    "The rejected rows cannot be written to {place}: {error}. Name another file with --rejects."
                ));
            }
        };
        Ok(Self { input: input.clone(), place, writer, is_empty: true })
    }

    /// The file that cannot be written, if rejects are only counted.
    pub fn unwritten(&self) -> Option<&Path> {
        self.writer.is_none().then_some(&self.place)
    }

    /// Adds `reject`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&mut self, reject: &Reject) -> io::Result<()> {
        self.is_empty = false;
        self.writer.as_mut().map_or(Ok(()), |writer| writer.write(reject))
    }

    /// Puts the file in its place, if there are any.
    ///
    /// # Errors
    ///
    /// If that fails.
    pub fn keep(self) -> io::Result<Kept> {
        match self.writer {
            Some(writer) if !self.is_empty => Ok(Kept::Written(writer.finish()?.keep(&self.input)?)),
            _ if self.is_empty && self.place.is_file() => Ok(Kept::Earlier(self.place)),
            _ => Ok(Kept::Nothing),
        }
    }
}
