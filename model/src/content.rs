//! A record's content, and a change of it.

use crate::identity::FunctionIndex;

/// The token of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Change {
    /// The function that makes it.
    pub function: FunctionIndex,
    /// The place of its row in the request.
    pub index: usize,
}

/// The last change of a record, `None` if it was never changed: the attribute `version`.
pub type Revision = Option<Change>;

/// The revisions before the last one, the oldest first, as many as a record keeps. The store keeps four: with fewer, the
/// model reaches the end of the trail sooner.
pub type Trail = [Option<Revision>; 2];

/// Phone numbers, a bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Numbers(u8);

/// The attributes of a record's own item that can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Content {
    /// Its phone numbers.
    pub numbers: Numbers,
    /// Two other members.
    pub members: [u8; 2],
    /// Its revision.
    pub revision: Revision,
    /// The revisions before that.
    pub trail: Trail,
}

/// The attributes that an `UPDATE` sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Patch {
    /// The phone numbers.
    pub numbers: Option<Numbers>,
    /// The other members.
    pub members: [Option<u8>; 2],
}

impl Numbers {
    /// These numbers.
    #[must_use]
    pub fn of(numbers: &[u8]) -> Self {
        Self(numbers.iter().fold(0, |bits, number| bits | 1 << number))
    }

    /// Whether `number` is one of them.
    #[must_use]
    pub fn contains(self, number: u8) -> bool {
        self.0 & 1 << number != 0
    }

    /// Those that `other` does not have.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The numbers in ascending order.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..8).filter(move |number| self.contains(*number))
    }
}

impl Content {
    /// The content of a record that is created with `numbers`.
    #[must_use]
    pub fn new(numbers: &[u8]) -> Self {
        Self { numbers: Numbers::of(numbers), members: [0, 0], revision: None, trail: [None; 2] }
    }

    /// Whether `revision` is its own, or in its trail.
    #[must_use]
    pub fn has_been(&self, revision: Revision) -> bool {
        self.revision == revision || self.trail.contains(&Some(revision))
    }

    /// The content with what `patch` sets, at the same revision.
    #[must_use]
    pub fn with(self, patch: Patch) -> Self {
        let member = |index: usize| patch.members[index].unwrap_or(self.members[index]);
        Self { numbers: patch.numbers.unwrap_or(self.numbers), members: [member(0), member(1)], ..self }
    }

    /// The trail of the next revision, at most `length` long.
    #[must_use]
    pub fn next_trail(&self, length: usize) -> Trail {
        let mut kept: Vec<_> = self.trail.into_iter().flatten().chain([self.revision]).collect();
        kept.drain(..kept.len().saturating_sub(length));
        let mut trail = [None; 2];
        trail.iter_mut().zip(kept).for_each(|(place, revision)| *place = Some(revision));
        trail
    }
}
