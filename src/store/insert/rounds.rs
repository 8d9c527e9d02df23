//! The order of inserts: one that shares an ID with an earlier one of the request is sent in its turn.

use std::collections::{HashMap, HashSet};

use futures_util::future::join;
use uuid::Uuid;

use super::{Insert, Outcome};
use crate::dynamodb::writes::{Write, first_transaction, try_together};
use crate::dynamodb::{Failure, Key, Session};
use crate::store::owner::{Owner, Owners, Version, read_owners};
use crate::store::statement::ItemStatement;
use crate::store::turn::{self, Dependent, Known as _, send_in_turn};

/// Carries out `inserts`, and sets their outcomes.
///
/// An insert that shares an ID with an earlier one waits for that one's outcome, because only a record that is itself
/// stored makes another a duplicate.
pub async fn insert(session: &Session<'_>, inserts: Vec<&mut Insert<'_>>) {
    session.time(insert_all(session, inserts)).await;
}

async fn insert_all(session: &Session<'_>, inserts: Vec<&mut Insert<'_>>) {
    let chained = chained(&inserts);
    if chained.is_empty() {
        return send_in_turn(session, inserts, &mut Known::default()).await;
    }
    let (chain, others): (Vec<_>, Vec<_>) =
        inserts.into_iter().partition(|insert| insert.ids().any(|id| chained.contains(&id)));
    join(send_in_turn(session, others, &mut Known::default()), insert_chain(session, chain)).await;
}

/// Reads the owners of a chain's IDs, then inserts the chain. If they cannot be read, the whole chain is given up: a
/// failed read decides nothing.
async fn insert_chain(session: &Session<'_>, mut inserts: Vec<&mut Insert<'_>>) {
    match Known::read(session, &inserts).await {
        Ok(mut known) => {
            insert_together(session, &mut inserts, &mut known).await;
            let undecided = inserts.into_iter().filter(|insert| insert.is_undecided());
            send_in_turn(session, undecided.collect(), &mut known).await;
        }
        Err(failure) => inserts.iter_mut().for_each(|insert| insert.outcome = Some(Outcome::Unstored(failure))),
    }
}

/// Inserts the records of a chain that will be stored if nobody else writes, in as few transactions as they fit. One after
/// the other, each would take a round trip; at once and apart, one could be stored because of an earlier one that is not.
/// If a transaction fails, what is undecided is left to be sent in turn.
async fn insert_together(session: &Session<'_>, inserts: &mut [&mut Insert<'_>], known: &mut Known) {
    loop {
        let mut together = first_transaction(known.insertable(inserts));
        if together.len() < 2 {
            return;
        }
        try_together(session, &mut together).await;
        if !together.iter().all(|insert| insert.items.iter().all(ItemStatement::is_done)) {
            return;
        }
        for insert in together {
            insert.note_results();
            known.note(insert);
        }
    }
}

/// The IDs of the inserts in a chain, in which an insert shares an ID with one that waits for a third. Whether it has
/// to wait depends on whether the second is stored, and so on. Reading the owners of all these IDs first decides it in
/// one round trip.
fn chained(inserts: &[&mut Insert<'_>]) -> HashSet<Uuid> {
    let (mut sent, mut waiting): (HashSet<Uuid>, HashSet<Uuid>) = Default::default();
    let is_chain = inserts.iter().any(|insert| {
        let waits = insert.ids().any(|id| sent.contains(&id));
        let in_chain = !waits && insert.ids().any(|id| waiting.contains(&id));
        if waits { &mut waiting } else { &mut sent }.extend(insert.ids());
        in_chain
    });
    if !is_chain {
        return HashSet::new();
    }
    let mut uses: HashMap<Uuid, usize> = HashMap::new();
    inserts.iter().flat_map(|insert| insert.ids()).for_each(|id| *uses.entry(id).or_default() += 1);
    let shares = inserts.iter().filter(|insert| insert.ids().any(|id| uses[&id] > 1));
    shares.flat_map(|insert| insert.ids()).collect()
}

/// The IDs whose owner is known, from a read or from the outcomes of this request.
#[derive(Default)]
struct Known {
    owners: Owners,
    /// The IDs of inserts that were given up. Nobody can tell whether those own them.
    given_up: HashSet<Uuid>,
}

impl Known {
    /// Reads the owners of every ID of `inserts`.
    async fn read(session: &Session<'_>, inserts: &[&mut Insert<'_>]) -> Result<Self, Failure> {
        let keys: HashSet<&Key> = inserts.iter().flat_map(|insert| &insert.items).map(|item| &item.key).collect();
        let keys: Vec<Key> = keys.into_iter().cloned().collect();
        Ok(Self { owners: read_owners(session, &keys).await?, ..Self::default() })
    }

    /// The undecided inserts none of whose IDs is owned, or would be by an earlier one.
    fn insertable<'r, 'a>(&self, inserts: &'r mut [&mut Insert<'a>]) -> Vec<&'r mut Insert<'a>> {
        let mut owned: HashSet<Uuid> = self.owners.keys().copied().collect();
        let mut insertable = Vec::with_capacity(inserts.len());
        for insert in inserts.iter_mut().filter(|insert| insert.is_undecided()) {
            if !insert.ids().any(|id| owned.contains(&id)) {
                owned.extend(insert.ids());
                insertable.push(&mut **insert);
            }
        }
        insertable
    }

    fn own(&mut self, insert: &Insert<'_>, created_at: &str) {
        let (write_token, created_at) = (Some(insert.write_token.to_string()), Some(created_at.to_owned()));
        let owner = Owner { version: Version { write_token, created_at, change: None }, record_id: insert.id() };
        self.owners.extend(insert.ids().map(|id| (id, owner.clone())));
    }
}

impl Dependent for Insert<'_> {
    fn touches(&self) -> impl Iterator<Item = Uuid> {
        self.ids()
    }

    fn is_undecided(&self) -> bool {
        self.outcome.is_none()
    }
}

impl turn::Known<Insert<'_>> for Known {
    fn decide(&self, insert: &mut Insert<'_>) {
        if !self.owners.is_empty() {
            let ids: Vec<Uuid> = insert.ids().collect();
            insert.resolve_by(&ids, &self.owners);
        }
        // Giving up is final for whatever depends on it: when the same request is sent again, no record may be refused
        // because of a later one.
        if insert.is_open() && insert.ids().any(|id| self.given_up.contains(&id)) {
            insert.give_up(Failure::Unavailable);
        }
    }

    fn note(&mut self, insert: &Insert<'_>) {
        match &insert.outcome {
            Some(Outcome::Creatable) => self.own(insert, insert.created_at),
            Some(Outcome::Created { created_at }) => self.own(insert, created_at),
            Some(Outcome::NotUnique(conflicts)) => {
                self.owners.extend(conflicts.iter().map(|conflict| (conflict.id, conflict.owner.clone())));
            }
            Some(Outcome::Unstored(_)) => self.given_up.extend(insert.ids()),
            Some(Outcome::Rejected) | None => {}
        }
    }
}

/// Sets the outcomes that `inserts` would have. Nothing is written, and earlier inserts count as stored.
pub async fn preview(session: &Session<'_>, inserts: Vec<&mut Insert<'_>>) {
    session.time(preview_all(session, inserts)).await;
}

async fn preview_all(session: &Session<'_>, mut inserts: Vec<&mut Insert<'_>>) {
    let mut known = match Known::read(session, &inserts).await {
        Ok(known) => known,
        Err(failure) => return inserts.iter_mut().for_each(|insert| insert.give_up(failure)),
    };
    for insert in &mut inserts {
        known.decide(insert);
        insert.outcome.get_or_insert(Outcome::Creatable);
        known.note(insert);
    }
}
