//! Changes of records: their statements, and the outcome of each. A record that does not exist can be created.

mod resolve;
mod rounds;

use std::collections::HashSet;

use jiff::Timestamp;
use tracing::error;
use uuid::Uuid;

pub use self::rounds::{change, preview};
use super::find::{Found, Identifier};
use super::insert::{Conflict, Insert};
use super::statement::ItemStatement;
use super::stored_record::{Precondition, StoredRecord};
use super::turn::Dependent;
use super::update::Update;
use crate::dynamodb::Failure;
use crate::list::RecordList;
use crate::record::draft::Draft;
use crate::record::errors::RecordErrors;
use crate::record::patch::MergedExtraData;
use crate::record::token::RequestToken;
use crate::record::{Record, RecordNumber};

/// The values that the changes of one request share.
#[derive(Debug)]
pub struct ChangeRequest<'a> {
    pub table: &'a str,
    pub list: &'a RecordList,
    pub token: RequestToken,
    pub now: Timestamp,
    /// `now` in RFC 3339.
    pub created_at: &'a str,
}

/// The way in which a patch names its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// By its ID.
    ById,
    /// By the identity that the list's type gives it.
    ByIdentity {
        /// Whether the record is created if it does not exist.
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
    ids: Ids,
    /// The ID of the record that the patch was last found to name.
    named: Option<Uuid>,
    /// Whether the record has changed since it was read, so that it has to be found again.
    is_stale: bool,
    /// Whether an attempt without a response can have had an effect.
    is_unclear: bool,
    outcome: Option<Changed>,
}

/// The IDs that a change depends on, and that others depend on.
#[derive(Debug, Default)]
struct Ids {
    /// The ID of the record, if it exists.
    own: Option<Uuid>,
    /// The IDs that the record would gain.
    gained: Vec<Uuid>,
    /// The IDs that the record would lose.
    lost: Vec<Uuid>,
}

/// The progress of an undecided change.
#[derive(Debug)]
enum Step<'a> {
    /// The record was looked for, and read if it exists.
    Found(Option<StoredRecord>),
    Insert {
        insert: Box<Insert<'a>>,
        after: StoredRecord,
        numbers: Vec<RecordNumber>,
    },
    Update(Box<Update>),
}

/// The outcome of a change.
#[derive(Debug)]
pub enum Changed {
    /// The record was created.
    Created(StoredRecord),
    /// The record was changed. It is as it is stored now.
    Updated(StoredRecord),
    /// The record already is as the patch sets it. Nothing was written.
    Unchanged(StoredRecord),
    /// The record does not exist.
    NotFound,
    /// The record would break rules; `id` is its own, if it exists.
    Refused { errors: RecordErrors, id: Option<Uuid> },
    /// Other records have identifiers that the record would gain.
    NotUnique { conflicts: Vec<Conflict>, numbers: Vec<RecordNumber>, id: Option<Uuid> },
    /// An earlier patch of the request names the same record.
    SameRecord { id: Uuid },
    /// The precondition does not hold.
    PreconditionFailed,
    /// DynamoDB will never accept the change.
    Rejected { id: Option<Uuid> },
    /// Nobody can tell whether the change was made.
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
            ids: Ids::default(),
            named: None,
            is_stale: false,
            is_unclear: false,
            outcome: None,
        }
    }

    /// The same change, to be made only if `precondition` holds for the record.
    pub fn if_matches(self, precondition: Option<Precondition>) -> Self {
        Self { precondition, ..self }
    }

    #[expect(clippy::expect_used, reason = "`change` sets every outcome")]
    pub fn outcome(&self) -> &Changed {
        self.outcome.as_ref().expect("the change was carried out")
    }

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

    /// Whether a `phone_number` without `phone_numbers` names the record and does not change it.
    fn names_by_number(&self) -> bool {
        matches!((self.naming, self.identifier), (Naming::ByIdentity { .. }, Identifier::PhoneNumber(_)))
    }

    /// Whether the record has to be read.
    fn is_to_be_found(&self) -> bool {
        self.is_undecided() && (self.step.is_none() || self.is_stale)
    }

    /// Whether the change has statements.
    fn is_prepared(&self) -> bool {
        matches!(self.step, Some(Step::Insert { .. } | Step::Update(_)))
    }

    /// Takes the record from `found`.
    fn find(&mut self, found: &Found) {
        self.step = Some(Step::Found(found.record(self.identifier)));
    }

    /// Prepares the statements for the record that was found, or sets the outcome. `named` has the records that patches
    /// name so far. A patch that breaks a rule names none; one whose number has gone to another record in the meantime
    /// names that one too.
    fn prepare(&mut self, named: &mut HashSet<Uuid>) {
        let stored = match self.step.take() {
            Some(Step::Found(stored)) => stored,
            step => {
                self.step = step;
                return;
            }
        };
        (self.is_stale, self.is_unclear, self.ids) = (false, false, Ids::default());
        let id = match self.plan(stored) {
            Ok(id) => id,
            Err(outcome) => {
                self.outcome = Some(outcome);
                return;
            }
        };
        let is_again = self.named.replace(id) == Some(id);
        if !named.insert(id) && !is_again {
            self.outcome = Some(Changed::SameRecord { id });
        }
    }

    /// Plans the change, and returns the ID of the record that the patch names.
    ///
    /// # Errors
    ///
    /// The outcome, if the patch names no record.
    fn plan(&mut self, stored: Option<StoredRecord>) -> Result<Uuid, Changed> {
        match stored {
            Some(stored) => self.plan_update(stored),
            None if self.naming == (Naming::ByIdentity { creates: true }) => self.plan_insert(),
            None => Err(Changed::NotFound),
        }
    }

    fn plan_update(&mut self, stored: StoredRecord) -> Result<Uuid, Changed> {
        let (id, request) = (stored.id, self.request);
        // An operator's own attribute: a response could not show the changed record, nor a merge keep what it holds.
        if !stored.item.is_json() {
            error!(cause = "an attribute without a counterpart in JSON", "a stored record cannot be read");
            return Err(Changed::Failed { failure: Failure::Fault, id: Some(id) });
        }
        let named_only = self.names_by_number().then(|| self.patch.without_phone_number());
        let patch = named_only.as_ref().unwrap_or(self.patch);
        let update = Update::of(request.table, request.list, patch, &stored, request.now);
        if matches!(update, Ok(None)) {
            self.outcome = Some(Changed::Unchanged(stored));
            return Ok(id);
        }
        if self.precondition.as_ref().is_some_and(|precondition| !precondition.holds(&stored)) {
            return Err(Changed::PreconditionFailed);
        }
        if let Some(update) = update.map_err(|errors| Changed::Refused { errors, id: Some(id) })? {
            self.ids = Ids { own: Some(id), gained: update.gained.clone(), lost: update.lost.clone() };
            self.step = Some(Step::Update(Box::new(update)));
        }
        Ok(id)
    }

    /// Plans to create a record, checked by all rules: the patch is applied to an empty record.
    fn plan_insert(&mut self) -> Result<Uuid, Changed> {
        let request = self.request;
        let nothing = Draft::default();
        let extra_data = MergedExtraData::of(self.patch, &nothing);
        let draft = self.patch.changes(&nothing, &extra_data);
        let refused = |errors| Changed::Refused { errors, id: None };
        let record = Record::parse(&draft, request.list.unique_identifier_type).map_err(refused)?;
        let token = request.token.write_token(self.place);
        let insert = Insert::of_record(request.table, request.list, &record, token, request.created_at);
        let insert = Box::new(insert.map_err(|error| refused(error.into()))?);
        let after = insert.stored(request.list, &record);
        let id = insert.id();
        self.ids = Ids { own: None, gained: insert.ids().collect(), lost: Vec::new() };
        self.step = Some(Step::Insert { insert, after, numbers: record.numbers().to_vec() });
        Ok(id)
    }

    /// The size of the statements, in bytes.
    fn bytes(&self) -> usize {
        self.items().iter().map(|item| item.statement.bytes()).sum()
    }

    /// Drops the data that only an undecided change needs.
    fn release(&mut self) {
        if !self.is_undecided() {
            self.step = None;
        }
    }

    fn done(&mut self) {
        self.outcome = match self.step.take() {
            Some(Step::Insert { after, .. }) => Some(Changed::Created(after)),
            Some(Step::Update(update)) => Some(Changed::Updated(update.after)),
            Some(Step::Found(_)) | None => None,
        };
    }

    fn refuse(&mut self, conflicts: Vec<Conflict>) {
        let numbers = match &self.step {
            Some(Step::Insert { numbers, .. }) => numbers.clone(),
            Some(Step::Update(update)) => update.numbers.clone(),
            Some(Step::Found(_)) | None => Vec::new(),
        };
        self.outcome = Some(Changed::NotUnique { conflicts, numbers, id: self.ids.own });
    }

    fn items(&self) -> &[ItemStatement] {
        match &self.step {
            Some(Step::Insert { insert, .. }) => insert.items(),
            Some(Step::Update(update)) => &update.items,
            Some(Step::Found(_)) | None => &[],
        }
    }
}

impl Dependent for Change<'_> {
    fn touches(&self) -> impl Iterator<Item = Uuid> {
        self.ids.gained.iter().chain(&self.ids.lost).chain(&self.ids.own).copied()
    }

    fn is_undecided(&self) -> bool {
        self.outcome.is_none()
    }
}
