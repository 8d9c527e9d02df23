//! Changes: records brought up to date, or created if they are missing, and the outcome of each.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::find::{Found, Identifier, find};
use super::insert::{Conflict, Insert, Outcome};
use super::item::ItemStatement;
use super::owner::{Owner, Owners, Relation, Version, owners_of, read_owners};
use super::stored_record::{Precondition, StoredRecord};
use super::update::{Update, has_been};
use crate::dynamodb::read::batch_get;
use crate::dynamodb::statements::Statement;
use crate::dynamodb::writes::{self, Write};
use crate::dynamodb::{Failure, Item, Key, Session};
use crate::list::RecordList;
use crate::record::draft::Draft;
use crate::record::errors::RecordErrors;
use crate::record::patch::merge_extra_data;
use crate::record::token::RequestToken;
use crate::record::{Record, RecordNumber};

/// The part that the changes of one request share.
#[derive(Debug)]
pub struct ChangeRequest<'a> {
    pub table: &'a str,
    pub list: &'a RecordList,
    pub token: RequestToken,
    pub now: Timestamp,
    /// The same, in RFC 3339.
    pub created_at: &'a str,
}

/// The way in which a patch names its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// By its ID.
    ById,
    /// By the identity that the list's type gives it.
    ByIdentity {
        /// Whether it is created if it is missing.
        creates: bool,
    },
}

/// A patch of one record.
#[derive(Debug)]
pub struct Change<'a> {
    request: &'a ChangeRequest<'a>,
    patch: &'a Draft<'a>,
    place: usize,
    identifier: Identifier,
    naming: Naming,
    precondition: Option<Precondition>,
    step: Option<Step<'a>>,
    /// Whether the record has moved on since it was read: it has to be found again.
    is_stale: bool,
    /// Whether an attempt can have had an effect that no response told.
    is_unclear: bool,
    outcome: Option<Changed>,
}

/// The statements of a change.
#[derive(Debug)]
enum Step<'a> {
    Insert { insert: Box<Insert<'a>>, after: StoredRecord, numbers: Vec<RecordNumber> },
    Update(Box<Update>),
}

/// The outcome of a change.
#[derive(Debug)]
pub enum Changed {
    /// The record was created.
    Created(StoredRecord),
    /// It was changed: the record as it is stored now.
    Updated(StoredRecord),
    /// It is as the patch wants it: nothing was written.
    Unchanged(StoredRecord),
    /// There is no such record.
    NotFound,
    /// The record would break rules; `id` is its own, if it exists.
    Refused { errors: RecordErrors, id: Option<Uuid> },
    /// Other records have identifiers that it would have.
    NotUnique { conflicts: Vec<Conflict>, numbers: Vec<RecordNumber>, id: Option<Uuid> },
    /// An earlier patch of the request names the same record.
    SameRecord { id: Uuid },
    /// The precondition does not hold.
    PreconditionFailed,
    /// DynamoDB will never take it.
    Rejected { id: Option<Uuid> },
    /// It may or may not have been made.
    Failed { failure: Failure, id: Option<Uuid> },
}

impl<'a> Change<'a> {
    /// The change that `patch`, at `place` of the request, makes to the record that `identifier` names.
    pub fn of(
        request: &'a ChangeRequest<'a>,
        patch: &'a Draft<'a>,
        place: usize,
        identifier: Identifier,
        naming: Naming,
    ) -> Self {
        Self {
            request,
            patch,
            place,
            identifier,
            naming,
            precondition: None,
            step: None,
            is_stale: false,
            is_unclear: false,
            outcome: None,
        }
    }

    /// The same, if `precondition` holds for the record.
    pub fn if_matches(self, precondition: Option<Precondition>) -> Self {
        Self { precondition, ..self }
    }

    /// Its outcome.
    #[expect(clippy::missing_panics_doc, clippy::expect_used, reason = "`change` sets every outcome")]
    pub fn outcome(&self) -> &Changed {
        self.outcome.as_ref().expect("the change was carried out")
    }

    /// The failure, if it has one.
    pub fn failure(&self) -> Option<Failure> {
        match self.outcome() {
            Changed::Failed { failure, .. } => Some(*failure),
            _ => None,
        }
    }

    /// Whether the patch names its record by the ID.
    pub fn is_named_by_id(&self) -> bool {
        self.naming == Naming::ById
    }

    /// Whether a `phone_number` without `phone_numbers` only names the record.
    fn names_by_number(&self) -> bool {
        matches!((self.naming, self.identifier), (Naming::ByIdentity { .. }, Identifier::PhoneNumber(_)))
    }

    fn is_undecided(&self) -> bool {
        self.outcome.is_none()
    }

    /// Prepares the statements for what `found` has, or sets the outcome. `named` has the records that earlier patches name:
    /// one that is refused by a rule names nothing.
    fn prepare(&mut self, found: &Found, named: &mut HashSet<Uuid>) {
        let is_again = self.is_stale;
        (self.is_stale, self.is_unclear) = (false, false);
        let stored = found.record(self.identifier);
        let id = match self.plan(stored) {
            Ok(id) => id,
            Err(outcome) => {
                self.outcome = Some(outcome);
                return;
            }
        };
        if !named.insert(id) && !is_again {
            self.outcome = Some(Changed::SameRecord { id });
        }
    }

    /// The ID of the record that the patch names. The outcome is an error only in that it names none.
    fn plan(&mut self, stored: Option<StoredRecord>) -> Result<Uuid, Changed> {
        match stored {
            Some(stored) => self.plan_update(stored),
            None if self.naming == (Naming::ByIdentity { creates: true }) => self.plan_insert(),
            None => Err(Changed::NotFound),
        }
    }

    fn plan_update(&mut self, stored: StoredRecord) -> Result<Uuid, Changed> {
        let (id, request) = (stored.id, self.request);
        let update = match self.names_by_number() {
            true => Update::of(request.table, request.list, &self.patch.without_phone_number(), &stored, request.now),
            false => Update::of(request.table, request.list, self.patch, &stored, request.now),
        };
        if matches!(update, Ok(None)) {
            self.outcome = Some(Changed::Unchanged(stored));
            return Ok(id);
        }
        if self.precondition.as_ref().is_some_and(|precondition| !precondition.holds(&stored)) {
            return Err(Changed::PreconditionFailed);
        }
        let update = update.map_err(|errors| Changed::Refused { errors, id: Some(id) })?;
        self.step = update.map(|update| Step::Update(Box::new(update)));
        Ok(id)
    }

    /// Creates a record by all rules: the patch is applied to an empty one.
    fn plan_insert(&mut self) -> Result<Uuid, Changed> {
        let request = self.request;
        let nothing = Draft::default();
        let extra_data = merge_extra_data(self.patch, &nothing);
        let draft = self.patch.changes(&nothing, extra_data.as_deref());
        let refused = |errors| Changed::Refused { errors, id: None };
        let record = Record::parse(&draft, request.list.unique_identifier_type).map_err(refused)?;
        let token = request.token.write_token(self.place);
        let insert = Insert::of_record(request.table, request.list, &record, token, request.created_at);
        let insert = Box::new(insert.map_err(|error| refused(error.into()))?);
        let after = insert.stored(request.list, &record);
        let id = insert.id();
        self.step = Some(Step::Insert { insert, after, numbers: record.numbers().to_vec() });
        Ok(id)
    }

    /// The IDs that it would come to have, besides those that the record has.
    fn gains(&self) -> Vec<Uuid> {
        match &self.step {
            Some(Step::Insert { insert, .. }) => insert.ids().collect(),
            Some(Step::Update(update)) => update.gained.clone(),
            None => Vec::new(),
        }
    }

    fn loses(&self) -> &[Uuid] {
        match &self.step {
            Some(Step::Update(update)) => &update.lost,
            Some(Step::Insert { .. }) | None => &[],
        }
    }

    /// Every ID that it depends on, or on which others depend.
    fn touches(&self) -> Vec<Uuid> {
        let mut ids = self.gains();
        ids.extend(self.loses());
        ids.extend(self.own_id());
        ids
    }

    /// The ID of the record that exists.
    fn own_id(&self) -> Option<Uuid> {
        match &self.step {
            Some(Step::Update(update)) => Some(update.after.id),
            Some(Step::Insert { .. }) | None => None,
        }
    }

    fn done(&mut self) {
        self.outcome = match &self.step {
            Some(Step::Insert { after, .. }) => Some(Changed::Created(after.clone())),
            Some(Step::Update(update)) => Some(Changed::Updated(update.after.clone())),
            None => None,
        };
    }

    fn refuse(&mut self, conflicts: Vec<Conflict>) {
        let numbers = match &self.step {
            Some(Step::Insert { numbers, .. }) => numbers.clone(),
            Some(Step::Update(update)) => update.numbers.clone(),
            None => Vec::new(),
        };
        self.outcome = Some(Changed::NotUnique { conflicts, numbers, id: self.own_id() });
    }

    fn items(&self) -> &[ItemStatement] {
        match &self.step {
            Some(Step::Insert { insert, .. }) => insert.items(),
            Some(Step::Update(update)) => &update.items,
            None => &[],
        }
    }

    /// Sets the outcome that the results of a call tell. A conflict says nothing yet.
    fn note_results(&mut self) {
        let items = self.items();
        let is_unknown =
            |item: &ItemStatement| item.statement.result.is_none() || item.failure() == Some(Failure::Unavailable);
        let is_done = items.iter().all(ItemStatement::is_done);
        let is_unclear = items.iter().any(is_unknown);
        let failure = items.iter().filter_map(ItemStatement::failure).max();
        let is_in_conflict = items.iter().any(ItemStatement::is_in_conflict);
        self.is_unclear |= is_unclear;
        match failure {
            _ if is_done => self.done(),
            Some(failure @ (Failure::Rejected | Failure::Fault)) if !is_in_conflict => self.give_up(failure),
            _ => {}
        }
    }

    /// Decides what the items tell that are in the way. The record's version is judged before its aliases: after a lost
    /// response, our own aliases are in the way.
    fn judge(&mut self, items: &HashMap<Uuid, &Item>, owners: &Owners) {
        match &mut self.step {
            Some(Step::Insert { insert, .. }) => {
                insert.resolve_by_conflicts(owners);
                match insert.decided() {
                    Some(Outcome::Created { .. }) => self.done(),
                    Some(Outcome::NotUnique(conflicts)) if conflicts.iter().any(|c| c.id == insert.id()) => {
                        self.is_stale = true;
                    }
                    Some(Outcome::NotUnique(conflicts)) => {
                        let conflicts = conflicts.clone();
                        self.refuse(conflicts);
                    }
                    _ => {}
                }
            }
            Some(Step::Update(update)) => match items.get(&update.after.id) {
                Some(item) => self.judge_update(item, owners),
                None => self.is_stale = true,
            },
            None => {}
        }
    }

    fn judge_update(&mut self, item: &Item, owners: &Owners) {
        let Some(Step::Update(update)) = &mut self.step else {
            return;
        };
        let version = Version::of(item);
        let is_same_record = version.is_same_record(&update.base);
        if is_same_record && has_been(item, Some(&update.change)) {
            let now = StoredRecord::of(item.clone()).unwrap_or_else(|| update.after.clone());
            self.outcome = Some(Changed::Updated(now));
        } else if version == update.base {
            let conflicts = update.conflicts(owners);
            if conflicts.is_empty() {
                update.leave_settled_aliases(owners);
            } else {
                self.refuse(conflicts);
            }
        } else if !self.is_unclear || (is_same_record && has_been(item, update.base.change.as_deref())) {
            // The change that we sent can never land any more: the version that it names has passed.
            self.is_stale = true;
        } else {
            self.give_up(Failure::Unavailable);
        }
    }
}

impl Update {
    /// The identifiers that the record would gain and another has.
    fn conflicts(&self, owners: &Owners) -> Vec<Conflict> {
        let conflict = |id: &Uuid| {
            let owner = owners.get(id).filter(|owner| owner.record_id != self.after.id)?;
            Some(Conflict { id: *id, relation: Relation::Stranger, owner: owner.clone() })
        };
        self.gained.iter().filter_map(conflict).collect()
    }

    /// Leaves out the aliases that the record has already, or has no more.
    fn leave_settled_aliases(&mut self, owners: &Owners) {
        let (own, gained) = (self.after.id, &self.gained);
        let is_own = |id: Uuid| owners.get(&id).is_some_and(|owner| owner.record_id == own);
        self.items
            .retain(|item| item.id == own || !item.is_in_conflict() || is_own(item.id) != gained.contains(&item.id));
    }
}

impl Write for Change<'_> {
    fn statements(&mut self) -> impl Iterator<Item = &mut Statement> {
        let items = match &mut self.step {
            Some(Step::Insert { insert, .. }) => insert.items_mut(),
            Some(Step::Update(update)) => &mut update.items[..],
            None => &mut [],
        };
        items.iter_mut().map(|item| &mut item.statement)
    }

    fn is_open(&self) -> bool {
        self.is_undecided() && !self.is_stale
    }

    fn give_up(&mut self, failure: Failure) {
        let id = self.own_id();
        self.outcome = Some(match failure {
            Failure::Rejected => Changed::Rejected { id },
            failure => Changed::Failed { failure, id },
        });
    }

    async fn resolve(session: &Session<'_>, changes: &mut [&mut Self]) {
        changes.iter_mut().for_each(|change| change.note_results());
        let mut in_conflict: Vec<&mut &mut Self> = changes
            .iter_mut()
            .filter(|change| change.is_open() && change.items().iter().any(ItemStatement::is_in_conflict))
            .collect();
        if in_conflict.is_empty() {
            return;
        }
        let keys: Vec<Key> =
            in_conflict.iter().flat_map(|change| change.items()).map(|item| item.key.clone()).collect();
        match batch_get(session, &keys, None).await {
            Ok(items) => {
                let owners = owners_of(&items);
                let by_id: HashMap<Uuid, &Item> = items
                    .iter()
                    .filter_map(|item| Some((super::key::id_of_sort_key(&item.text("sk")?)?, item)))
                    .collect();
                in_conflict.iter_mut().for_each(|change| change.judge(&by_id, &owners));
            }
            Err(Failure::Unavailable) => {}
            Err(failure) => in_conflict.iter_mut().for_each(|change| change.give_up(failure)),
        }
    }
}

/// Makes `changes`, and sets their outcomes.
pub async fn change(session: &Session<'_>, list: &RecordList, changes: Vec<&mut Change<'_>>) {
    session.time(change_in_rounds(session, list, changes)).await;
}

async fn change_in_rounds(session: &Session<'_>, list: &RecordList, mut changes: Vec<&mut Change<'_>>) {
    let (mut known, mut named) = (Known::default(), HashSet::new());
    loop {
        find_and_prepare(session, list, &mut changes, &mut named).await;
        let next = known.next_round(&mut changes);
        if next.is_empty() {
            return;
        }
        writes::send(session, next).await;
        changes.iter().for_each(|change| known.note(change));
    }
}

/// Finds the records of the changes that have no statements yet, or that have moved on, and prepares them.
async fn find_and_prepare(
    session: &Session<'_>,
    list: &RecordList,
    changes: &mut [&mut Change<'_>],
    named: &mut HashSet<Uuid>,
) {
    let is_unprepared = |change: &Change<'_>| change.is_undecided() && (change.step.is_none() || change.is_stale);
    let identifiers: Vec<Identifier> =
        changes.iter().filter(|change| is_unprepared(change)).map(|change| change.identifier).collect();
    if identifiers.is_empty() {
        return;
    }
    let found = find(session, list, &identifiers, None).await;
    for change in changes.iter_mut().filter(|change| is_unprepared(change)) {
        match &found {
            Ok(found) => change.prepare(found, named),
            Err(failure) => change.give_up(*failure),
        }
    }
}

/// The IDs whose owner follows from the outcomes of this request.
#[derive(Default)]
struct Known {
    /// The owners of IDs that records of this request gained.
    gained: Owners,
    /// The IDs that depend on changes that were given up.
    given_up: HashSet<Uuid>,
}

impl Known {
    /// The changes that depend on no earlier one that is undecided. Those that depend on one that was given up are given up.
    fn next_round<'r, 'a>(&mut self, changes: &'r mut [&mut Change<'a>]) -> Vec<&'r mut Change<'a>> {
        let mut claimed: HashSet<Uuid> = HashSet::new();
        let mut next = Vec::with_capacity(changes.len());
        for change in changes.iter_mut().filter(|change| change.is_undecided()) {
            let touches = change.touches();
            if touches.iter().any(|id| self.given_up.contains(id)) {
                change.give_up(Failure::Unavailable);
                self.note(change);
                continue;
            }
            let is_first = touches.iter().all(|id| !claimed.contains(id));
            claimed.extend(touches);
            if is_first && !self.refuse_gained(change) {
                next.push(&mut **change);
            }
        }
        next
    }

    /// Refuses a change that would gain what an earlier record of the request has gained.
    fn refuse_gained(&self, change: &mut Change<'_>) -> bool {
        let conflict = |id: &Uuid| {
            let owner = self.gained.get(id)?.clone();
            Some(Conflict { id: *id, relation: Relation::EarlierRecord, owner })
        };
        let conflicts: Vec<Conflict> = change.gains().iter().filter_map(conflict).collect();
        let is_refused = !conflicts.is_empty();
        if is_refused {
            change.refuse(conflicts);
        }
        is_refused
    }

    fn note(&mut self, change: &Change<'_>) {
        match &change.outcome {
            Some(Changed::Created(record) | Changed::Updated(record)) => {
                for id in change.loses() {
                    self.gained.remove(id);
                }
                let owner = Owner { version: record.version(), record_id: record.id };
                self.gained.extend(change.gains().into_iter().map(|id| (id, owner.clone())));
            }
            Some(Changed::Failed { .. }) => self.given_up.extend(change.touches()),
            _ => {}
        }
    }
}

/// Sets the outcomes that `changes` would have: nothing is written, and earlier ones count as made.
pub async fn preview(session: &Session<'_>, list: &RecordList, changes: Vec<&mut Change<'_>>) {
    session.time(preview_all(session, list, changes)).await;
}

async fn preview_all(session: &Session<'_>, list: &RecordList, mut changes: Vec<&mut Change<'_>>) {
    find_and_prepare(session, list, &mut changes, &mut HashSet::new()).await;
    let undecided = || changes.iter().filter(|change| change.is_undecided());
    let gains: HashSet<Uuid> = undecided().flat_map(|change| change.gains()).collect();
    let keys: Vec<Key> = gains.into_iter().map(|id| super::key::record_key(list, id)).collect();
    let owners = if keys.is_empty() { Ok(Owners::new()) } else { read_owners(session, &keys).await };
    let mut owners = match owners {
        Ok(owners) => owners,
        Err(failure) => {
            let undecided = changes.iter_mut().filter(|change| change.is_undecided());
            return undecided.for_each(|change| change.give_up(failure));
        }
    };
    let mut known = Known::default();
    for change in changes.iter_mut().filter(|change| change.is_undecided()) {
        preview_one(change, &mut owners, &mut known);
    }
}

fn preview_one(change: &mut Change<'_>, owners: &mut Owners, known: &mut Known) {
    if known.refuse_gained(change) {
        return;
    }
    let conflict = |id: Uuid| {
        let owner = owners.get(&id)?.clone();
        Some(Conflict { id, relation: Relation::Stranger, owner })
    };
    let conflicts: Vec<Conflict> = change.gains().into_iter().filter_map(conflict).collect();
    if conflicts.is_empty() {
        change.done();
        known.note(change);
        for id in change.loses() {
            owners.remove(id);
        }
    } else {
        change.refuse(conflicts);
    }
}
