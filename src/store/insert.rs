//! Inserts: what is unique is stored once, and each insert gains its outcome.

use std::collections::{HashMap, HashSet};

use futures_util::future::join;
use uuid::Uuid;

use super::item::{self, ItemStatement, Value, insert_statement};
use super::key::{list_key, record_key};
use super::owner::{Owner, Owners, Relation, Version, read_owners};
use super::stored_record::StoredRecord;
use crate::dynamodb::attribute::MAX_ITEM_BYTES;
use crate::dynamodb::statements::Statement;
use crate::dynamodb::writes::{self, Write};
use crate::dynamodb::{Failure, Item, Key, Session};
use crate::list::{NewList, RecordList};
use crate::record::Record;
use crate::record::errors::{RecordError, RecordErrorCode};
use crate::record::extra_data::TOO_LARGE;
use crate::record::identity;
use crate::record::token::{RequestToken, WriteToken};

/// A record or list on its way into the table: an item for each of its IDs, all of them or none.
#[derive(Debug)]
pub struct Insert<'a> {
    /// Its own ID, then those of its aliases.
    items: Vec<ItemStatement>,
    write_token: WriteToken,
    created_at: &'a str,
    outcome: Option<Outcome>,
}

/// The outcome of an insert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored, once.
    Created {
        /// The time since which it is stored, in RFC 3339, UTC, milliseconds: before this request if an earlier one with the
        /// same token stored it.
        created_at: String,
    },
    /// It would be stored: nothing was written.
    Creatable,
    /// Other records have these of its IDs: at least one.
    NotUnique(Vec<Conflict>),
    /// DynamoDB will never take it.
    Rejected,
    /// It could not be stored, for a reason that is not its own.
    Unstored(Failure),
}

/// An ID that another owner has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The ID.
    pub id: Uuid,
    /// The owner.
    pub owner: Owner,
    /// The part that the owner has in the request.
    pub relation: Relation,
}

impl<'a> Insert<'a> {
    /// The insert of `record` into `list`, by `write_token`, into `table`.
    ///
    /// # Errors
    ///
    /// [`RecordErrorCode::Other`] if it is too large for an item.
    pub fn of_record(
        table: &str,
        list: &RecordList,
        record: &Record<'_>,
        write_token: WriteToken,
        created_at: &'a str,
    ) -> Result<Self, RecordError> {
        let ids = identity::ids(list, record, write_token);
        let (own_id, token) = (ids[0].to_string(), write_token.to_string());
        let statement = |id: Uuid| {
            let key = record_key(list, id);
            let mut item = item::start(&key, &token, created_at);
            if id == ids[0] {
                item.extend(item::record(list, &own_id, record, created_at));
                if item::size(&item) > MAX_ITEM_BYTES {
                    return Err(RecordError::new(RecordErrorCode::Other, item::largest(&item), TOO_LARGE));
                }
            } else {
                item.push(("record_id", Value::Text(&own_id)));
            }
            let statement = Statement::new(insert_statement(table, &item));
            Ok(ItemStatement { id, key, statement })
        };
        let items = ids.iter().copied().map(statement).collect::<Result<_, _>>()?;
        Ok(Self { items, write_token, created_at, outcome: None })
    }

    /// The insert of the list `new` of `account`, by the request of `token`.
    ///
    /// Of two requests with one key, the one that comes first decides the salt: nobody uses one that is not stored.
    pub fn of_list(table: &str, account: &str, token: RequestToken, new: &NewList, created_at: &'a str) -> Self {
        let (id, write_token) = (token.list_id(), token.write_token(0));
        let (id_text, token) = (id.to_string(), write_token.to_string());
        let key = list_key(account, &id_text);
        let mut item = item::start(&key, &token, created_at);
        item.extend([
            ("id", Value::Text(&id_text)),
            ("name", Value::Text(&new.name)),
            ("unique_identifier_type", Value::Text(new.unique.into())),
            ("salt", Value::Text(&new.salt)),
            ("updated_at", Value::Text(created_at)),
        ]);
        let statement = Statement::new(insert_statement(table, &item));
        Self { items: vec![ItemStatement { id, key, statement }], write_token, created_at, outcome: None }
    }

    /// The ID of the record or list.
    pub fn id(&self) -> Uuid {
        self.items[0].id
    }

    /// The time of this attempt, in RFC 3339, UTC, milliseconds.
    pub fn created_at(&self) -> &str {
        self.created_at
    }

    /// Every ID that it takes, its own first.
    pub fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.items.iter().map(|item| item.id)
    }

    /// The statements, those of its own item first.
    pub(super) fn items(&self) -> &[ItemStatement] {
        &self.items
    }

    /// The same.
    pub(super) fn items_mut(&mut self) -> &mut [ItemStatement] {
        &mut self.items
    }

    /// The record as it will be stored.
    pub(super) fn stored(&self, list: &RecordList, record: &Record<'_>) -> StoredRecord {
        let (id, token) = (self.id(), self.write_token.to_string());
        let id_text = id.to_string();
        let mut attributes = item::start(&self.items[0].key, &token, self.created_at);
        attributes.extend(item::record(list, &id_text, record, self.created_at));
        let mut item = Item::default();
        attributes.iter().for_each(|(name, value)| item.set(name, value.json()));
        StoredRecord { id, item }
    }

    /// Its outcome, if that is known.
    pub(super) fn decided(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// Sets the outcome if the `owners` of the IDs in conflict tell it.
    pub(super) fn resolve_by_conflicts(&mut self, owners: &Owners) {
        self.resolve_by(&self.ids_in_conflict(), owners);
    }

    /// Its outcome.
    #[expect(clippy::missing_panics_doc, clippy::expect_used, reason = "`insert` sets every outcome")]
    pub fn outcome(&self) -> &Outcome {
        self.outcome.as_ref().expect("the insert was carried out")
    }

    /// The reason why it is not stored, if that is not its own.
    pub fn failure(&self) -> Option<Failure> {
        match self.outcome() {
            Outcome::Unstored(failure) => Some(*failure),
            Outcome::Created { .. } | Outcome::Creatable | Outcome::NotUnique(_) | Outcome::Rejected => None,
        }
    }

    /// Sets the outcome if the owners of `ids`, which are some of its own, tell it: our own write token means that an earlier
    /// attempt of ours stored it.
    fn resolve_by(&mut self, ids: &[Uuid], owners: &Owners) {
        let mut owned = ids.iter().filter_map(|id| owners.get(id));
        if let Some(created_at) = owned.find_map(|owner| owner.created_at_by(self.write_token)) {
            self.outcome = Some(Outcome::Created { created_at: created_at.to_owned() });
            return;
        }
        let conflicts = self.conflicts(ids, owners);
        if !conflicts.is_empty() {
            self.outcome = Some(Outcome::NotUnique(conflicts));
        }
    }

    /// The conflicts over `ids`. A later record of the same request counts only if there is no other.
    fn conflicts(&self, ids: &[Uuid], owners: &Owners) -> Vec<Conflict> {
        let conflict = |id: &Uuid| {
            let owner = owners.get(id)?.clone();
            Some(Conflict { id: *id, relation: owner.relation_to(self.write_token), owner })
        };
        let mut conflicts: Vec<Conflict> = ids.iter().filter_map(conflict).collect();
        if conflicts.iter().any(|conflict| conflict.relation != Relation::LaterRecord) {
            conflicts.retain(|conflict| conflict.relation != Relation::LaterRecord);
        }
        conflicts
    }

    fn ids_in_conflict(&self) -> Vec<Uuid> {
        self.items.iter().filter(|item| item.is_in_conflict()).map(|item| item.id).collect()
    }

    /// Sets the outcome that the results of a call tell. A conflict says nothing yet.
    fn note_results(&mut self) {
        if self.items.iter().all(ItemStatement::is_done) {
            self.outcome = Some(Outcome::Created { created_at: self.created_at.to_owned() });
        } else if !self.items.iter().any(ItemStatement::is_in_conflict)
            && let Some(failure @ (Failure::Rejected | Failure::Fault)) =
                self.items.iter().filter_map(ItemStatement::failure).max()
        {
            self.give_up(failure);
        }
    }
}

impl Write for Insert<'_> {
    fn statements(&mut self) -> impl Iterator<Item = &mut Statement> {
        self.items.iter_mut().map(|item| &mut item.statement)
    }

    fn is_open(&self) -> bool {
        self.outcome.is_none()
    }

    fn give_up(&mut self, failure: Failure) {
        self.outcome = Some(match failure {
            Failure::Rejected => Outcome::Rejected,
            failure => Outcome::Unstored(failure),
        });
    }

    /// Reads who owns the IDs in conflict. An insert stays open if their items are gone again, or could not be read.
    async fn resolve(session: &Session<'_>, inserts: &mut [&mut Self]) {
        inserts.iter_mut().for_each(|insert| insert.note_results());
        let keys: Vec<Key> = inserts
            .iter()
            .flat_map(|insert| &insert.items)
            .filter(|item| item.is_in_conflict())
            .map(|item| item.key.clone())
            .collect();
        if keys.is_empty() {
            return;
        }
        match read_owners(session, &keys).await {
            Ok(owners) => {
                inserts.iter_mut().for_each(|insert| insert.resolve_by_conflicts(&owners));
            }
            Err(Failure::Unavailable) => {}
            Err(failure) => {
                let in_conflict = inserts.iter_mut().filter(|insert| !insert.ids_in_conflict().is_empty());
                in_conflict.for_each(|insert| insert.give_up(failure));
            }
        }
    }
}

/// Inserts `inserts`, and sets their outcomes.
///
/// An insert that shares an ID with an earlier one waits until that one's outcome is known, since only a record that is
/// itself stored makes another a duplicate.
pub async fn insert(session: &Session<'_>, inserts: Vec<&mut Insert<'_>>) {
    session.time(insert_all(session, inserts)).await;
}

async fn insert_all(session: &Session<'_>, inserts: Vec<&mut Insert<'_>>) {
    let chained = chained(&inserts);
    if chained.is_empty() {
        return insert_in_rounds(session, inserts, Known::default()).await;
    }
    let (chain, others): (Vec<_>, Vec<_>) =
        inserts.into_iter().partition(|insert| insert.ids().any(|id| chained.contains(&id)));
    join(insert_in_rounds(session, others, Known::default()), insert_chain(session, chain)).await;
}

/// Inserts a chain once it is known who owns its IDs. What cannot be read decides nothing: then all of it is given up.
async fn insert_chain(session: &Session<'_>, mut inserts: Vec<&mut Insert<'_>>) {
    let keys: HashSet<&Key> = inserts.iter().flat_map(|insert| &insert.items).map(|item| &item.key).collect();
    let keys: Vec<Key> = keys.into_iter().cloned().collect();
    match read_owners(session, &keys).await {
        Ok(owners) => insert_in_rounds(session, inserts, Known { owners, ..Known::default() }).await,
        Err(failure) => inserts.iter_mut().for_each(|insert| insert.outcome = Some(Outcome::Unstored(failure))),
    }
}

async fn insert_in_rounds(session: &Session<'_>, mut inserts: Vec<&mut Insert<'_>>, mut known: Known) {
    loop {
        let next = known.next_round(&mut inserts);
        if next.is_empty() {
            return;
        }
        writes::send(session, next).await;
        if inserts.iter().all(|insert| !insert.is_open()) {
            return;
        }
        inserts.iter().for_each(|insert| known.note(insert));
    }
}

/// The IDs of the inserts in a chain: an insert shares one with an insert that waits for a third. Whether it has to wait
/// depends on whether the second is stored, and so on; reading first who owns the IDs tells all that in one round trip.
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

/// The IDs whose owner, or whose lack of one, follows from the outcomes of this request.
#[derive(Default)]
struct Known {
    owners: Owners,
    /// The IDs of inserts that were given up: whether they own them, nobody can tell.
    given_up: HashSet<Uuid>,
}

impl Known {
    /// Sets the outcomes of inserts whose IDs are known, and returns those that share no ID with an earlier one that is
    /// open. As nobody is known to own theirs, they will be stored, and those that wait for them will not.
    fn next_round<'r, 'a>(&mut self, inserts: &'r mut [&mut Insert<'a>]) -> Vec<&'r mut Insert<'a>> {
        let mut claimed: HashSet<Uuid> = HashSet::new();
        let mut next = Vec::with_capacity(inserts.len());
        for insert in inserts.iter_mut().filter(|insert| insert.is_open()) {
            self.resolve(insert);
            if insert.is_open() && insert.ids().all(|id| !claimed.contains(&id)) {
                claimed.extend(insert.ids());
                next.push(&mut **insert);
            }
        }
        next
    }

    /// Giving up is final for whatever depends on it: the same request, sent again, must not find a record refused because
    /// of a later one of its own.
    fn resolve(&mut self, insert: &mut Insert<'_>) {
        if !self.owners.is_empty() {
            let ids: Vec<Uuid> = insert.ids().collect();
            insert.resolve_by(&ids, &self.owners);
        }
        if insert.is_open() && insert.ids().any(|id| self.given_up.contains(&id)) {
            insert.give_up(Failure::Unavailable);
            self.note(insert);
        }
    }

    /// A record that is stored owns all its IDs; of one that is not unique, the owners are known.
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

    fn own(&mut self, insert: &Insert<'_>, created_at: &str) {
        let (write_token, created_at) = (Some(insert.write_token.to_string()), Some(created_at.to_owned()));
        let owner = Owner { version: Version { write_token, created_at, change: None }, record_id: insert.id() };
        self.owners.extend(insert.ids().map(|id| (id, owner.clone())));
    }
}

/// Sets the outcomes that `inserts` would have: nothing is written, and earlier ones count as stored.
pub async fn preview(session: &Session<'_>, inserts: Vec<&mut Insert<'_>>) {
    session.time(preview_all(session, inserts)).await;
}

async fn preview_all(session: &Session<'_>, mut inserts: Vec<&mut Insert<'_>>) {
    let keys: HashSet<&Key> = inserts.iter().flat_map(|insert| &insert.items).map(|item| &item.key).collect();
    let keys: Vec<Key> = keys.into_iter().cloned().collect();
    let mut known = match read_owners(session, &keys).await {
        Ok(owners) => Known { owners, ..Known::default() },
        Err(failure) => return inserts.iter_mut().for_each(|insert| insert.give_up(failure)),
    };
    for insert in &mut inserts {
        known.resolve(insert);
        insert.outcome.get_or_insert(Outcome::Creatable);
        known.note(insert);
    }
}
