//! Updates: the difference between a stored record and a patch of it, as statements.

use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use super::item::{self, Value};
use super::key::record_key;
use super::owner::Version;
use super::statement::{ItemStatement, delete_statement, insert_statement, update_statement};
use super::stored_record::StoredRecord;
use crate::dynamodb::Item;
use crate::dynamodb::attribute::{AttributeValue, MAX_ITEM_BYTES};
use crate::dynamodb::statements::Statement;
use crate::list::RecordList;
use crate::record::draft::Draft;
use crate::record::errors::{RecordError, RecordErrorCode, RecordErrors};
use crate::record::extra_data::TOO_LARGE;
use crate::record::member::Member;
use crate::record::patch::MergedExtraData;
use crate::record::token::change_token;
use crate::record::{Members, RecordNumber};
use crate::time::rfc3339;

/// The most versions before the last one that an item names.
const MAX_TRAIL: usize = 4;

/// The version of a record that was never changed, in a trail.
const NEVER_CHANGED: &str = "";

/// A change of a record, with the aliases that it adds and removes: all of it or nothing.
#[derive(Debug)]
pub struct Update {
    /// The record's own item, then the aliases that it gains and loses.
    pub items: Vec<ItemStatement>,
    /// The version that the record must still have.
    pub base: Version,
    /// The token of the change, which becomes the record's version.
    pub change: String,
    /// The record as it will be.
    pub after: StoredRecord,
    /// The IDs that it gains.
    pub gained: Vec<Uuid>,
    /// The IDs that it loses.
    pub lost: Vec<Uuid>,
    /// The numbers that the patch sets.
    pub numbers: Vec<RecordNumber>,
}

impl Update {
    /// The change that `patch` makes to `stored` at `now`. `None` if it changes nothing.
    ///
    /// # Errors
    ///
    /// Every rule that the record would break.
    pub fn of(
        table: &str,
        list: &RecordList,
        patch: &Draft<'_>,
        stored: &StoredRecord,
        now: Timestamp,
    ) -> Result<Option<Self>, RecordErrors> {
        let object = if patch.is_sent("extra_data") { stored.extra_data() } else { None };
        let object = object.as_ref().map_or(Member::Absent, |object| Member::read(object.get()));
        let before = Draft { extra_data: object, ..stored.draft() };
        let extra_data = MergedExtraData::of(patch, &before);
        let changes = patch.changes(&before, &extra_data);
        let members = Members::of_changes(&changes, &before, list, stored.id)?;
        let Some(difference) = Difference::of(&changes, &members, stored) else {
            return Ok(None);
        };
        let numbers = members.phone_numbers.clone().unwrap_or_default();
        difference.update(table, list, stored, numbers, now).map(Some)
    }
}

/// The attributes that change.
struct Difference {
    after: StoredRecord,
    set: Vec<&'static str>,
    removed: Vec<&'static str>,
}

impl Difference {
    fn of(changes: &Draft<'_>, members: &Members<'_>, stored: &StoredRecord) -> Option<Self> {
        let mut difference = None;
        let started = || Self { after: stored.clone(), set: Vec::new(), removed: Vec::new() };
        for (name, value) in item::members(members) {
            match value.map(|value| value.json()) {
                Some(json) if stored.item.is(name, &json) => {}
                Some(json) => difference.get_or_insert_with(started).set(name, json),
                None if changes.is_sent(name) && stored.item.has(name) => {
                    difference.get_or_insert_with(started).remove(name);
                }
                None => {}
            }
        }
        difference
    }

    fn set(&mut self, name: &'static str, json: String) {
        self.after.item.set(name, json);
        self.set.push(name);
    }

    fn remove(&mut self, name: &'static str) {
        self.after.item.remove(name);
        self.removed.push(name);
    }

    fn update(
        mut self,
        table: &str,
        list: &RecordList,
        stored: &StoredRecord,
        numbers: Vec<RecordNumber>,
        now: Timestamp,
    ) -> Result<Update, RecordErrors> {
        let (base, change) = (stored.version(), change_token());
        self.set("updated_at", text_json(&later(stored.updated_at().as_deref(), now)));
        self.set("version", text_json(&change));
        self.set("trail", trail_json(&stored.item, &base));
        if self.after.item.is_larger_than(MAX_ITEM_BYTES) {
            let largest = self.after.item.largest().unwrap_or("record").to_owned();
            return Err(RecordError::at(RecordErrorCode::Other, largest, TOO_LARGE).into());
        }
        let (before, after) = (stored.ids(list), self.after.ids(list));
        let without = |ids: &[Uuid], others: &[Uuid]| -> Vec<Uuid> {
            ids.iter().copied().filter(|id| !others.contains(id)).collect()
        };
        let (gained, losses) = (without(&after, &before), without(&before, &after));
        let mut items = vec![self.statement(table, list, stored.id, &base)];
        items.extend(gained.iter().map(|id| alias_insert(table, list, *id, &base, stored.id)));
        items.extend(losses.iter().map(|id| alias_delete(table, list, *id, &base)));
        Ok(Update { items, base, change, after: self.after, gained, lost: losses, numbers })
    }

    fn statement(&self, table: &str, list: &RecordList, id: Uuid, base: &Version) -> ItemStatement {
        let key = record_key(list, id);
        let set = self.set.iter().filter_map(|name| Some((*name, Value::Json(self.after.item.json(name)?)))).collect();
        let json = update_statement(table, &key, &set, &self.removed, &base.attributes());
        ItemStatement { id, key, statement: Statement::new(json) }
    }
}

/// The insert of an alias. It carries the token and time of its record, even if it is created later.
fn alias_insert(table: &str, list: &RecordList, id: Uuid, record: &Version, record_id: Uuid) -> ItemStatement {
    let (key, record_id) = (record_key(list, id), record_id.to_string());
    let mut item = vec![("pk", Value::Text(&key.pk)), ("sk", Value::Text(&key.sk))];
    let alias = record.of_alias();
    item.extend(alias.attributes().into_iter().filter_map(|(name, value)| Some((name, Value::Text(value?)))));
    item.push(("record_id", Value::Text(&record_id)));
    let statement = Statement::new(insert_statement(table, &item));
    ItemStatement { id, key, statement }
}

fn alias_delete(table: &str, list: &RecordList, id: Uuid, record: &Version) -> ItemStatement {
    let key = record_key(list, id);
    let statement = Statement::new(delete_statement(table, &key, &record.of_alias().attributes()));
    ItemStatement { id, key, statement }
}

/// The time of a change, in RFC 3339: `now`, or later if the clock has not moved past `before`, the time of the last
/// change.
pub fn later(before: Option<&str>, now: Timestamp) -> String {
    let before = before.and_then(|time| time.parse::<Timestamp>().ok());
    let next = before.and_then(|before| before.checked_add(1.millisecond()).ok());
    rfc3339(next.map_or(now, |next| next.max(now)))
}

/// The trail of the next version: the versions before it, the oldest first.
fn trail_json(stored: &Item, base: &Version) -> String {
    let mut trail = trail(stored);
    trail.push(base.change.clone().unwrap_or_else(|| NEVER_CHANGED.to_owned()));
    let texts: Vec<String> = trail.iter().rev().take(MAX_TRAIL).rev().map(|version| text_json(version)).collect();
    format!(r#"{{"L":[{}]}}"#, texts.join(","))
}

/// The versions before the current one that the item still names.
fn trail(item: &Item) -> Vec<String> {
    match item.get("trail") {
        Some(AttributeValue::L(versions)) => {
            versions.iter().filter_map(|version| version.text().map(Into::into)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether the version of `item`, or one before it, is that of `change`; `None` stands for "never changed".
pub fn has_been(item: &Item, change: Option<&str>) -> bool {
    Version::of(item).change.as_deref() == change
        || trail(item).iter().any(|version| version == change.unwrap_or(NEVER_CHANGED))
}

fn text_json(text: &str) -> String {
    Value::Text(text).json()
}
