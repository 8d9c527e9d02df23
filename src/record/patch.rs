//! Patches, merged into stored records (RFC 7396). A member that is sent as it is stored changes nothing and is not
//! checked.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;
use uuid::Uuid;

use super::draft::{Draft, DraftNumber};
use super::errors::{RecordError, RecordErrorCode, RecordErrors};
use super::extra_data::ExtraData;
use super::identity::phone_number_id;
use super::member::{Member, Object, Text};
use super::phone_number::{PhoneNumber, PhoneType};
use super::{Members, rules};
use crate::dynamodb::attribute::{self, MAX_NAME_BYTES, Name};
use crate::list::{RecordList, UniqueIdentifierType};

const REFERENCE_IS_IDENTITY: &str =
    "The reference cannot change, since the record's ID is made of it; create another record and delete this one.";
const NUMBER_IS_IDENTITY: &str = "The number that the record was created with must stay one of its numbers, since the record's ID is made of it; create another record and delete this one.";

/// The `extra_data` that a patch leads to.
#[derive(Debug)]
pub enum MergedExtraData {
    /// That which is stored.
    Unchanged,
    /// Another object.
    Changed(Box<RawValue>),
    /// None: the patch has no object there, or one that no record can have.
    Unmergeable,
}

impl MergedExtraData {
    /// Merges the object that `patch` has into that which is `stored`.
    pub fn of(patch: &Draft<'_>, stored: &Draft<'_>) -> Self {
        let Some(Object(sent)) = patch.extra_data.value() else {
            return Self::Unmergeable;
        };
        let stored = stored.extra_data.value().map(|Object(stored)| *stored);
        // Not if it is longer: then it differs, or has to be checked before its members fill the memory.
        let is_stored = |stored: &RawValue| sent.get().len() <= stored.get().len() && has_all(stored, sent);
        if stored.is_some_and(is_stored) {
            Self::Unchanged
        } else if ExtraData::parse(sent).is_err() {
            Self::Unmergeable
        } else {
            Self::Changed(merge(stored, sent))
        }
    }
}

/// The members of an object, as far as they are read.
type Parts<'a> = attribute::Members<'a, &'a RawValue>;

/// Whether merging `patch` into `target`, which is stored, changes nothing, as far as the texts of the values tell: if a
/// value is written in another way, the merged object shows that it is the same. What is stored needs no check, so only
/// the names are checked here: none is there twice, and those that are removed could be stored. The recursion is at most
/// as deep as the nesting that DynamoDB can hold.
fn has_all(target: &RawValue, patch: &RawValue) -> bool {
    let (Ok(target), Ok(patch)) =
        (serde_json::from_str::<Parts<'_>>(target.get()), serde_json::from_str::<Parts<'_>>(patch.get()))
    else {
        return false;
    };
    let has_name_twice = patch.0.windows(2).any(|pair| pair[0].0 == pair[1].0);
    !has_name_twice
        && patch.0.iter().all(|(name, value)| match (value.get().as_bytes()[0], target.get(name)) {
            (b'n', stored) => stored.is_none() && (1..=MAX_NAME_BYTES).contains(&name.0.len()),
            (b'{', Some(stored)) => has_all(stored, value),
            (_, stored) => stored.is_some_and(|stored| stored.get() == value.get()),
        })
}

/// Merges by RFC 7396, section 2. The recursion is at most as deep as the nesting that DynamoDB can hold.
#[expect(clippy::expect_used, reason = "both are objects, and their members can be written as JSON")]
fn merge(target: Option<&RawValue>, patch: &RawValue) -> Box<RawValue> {
    let patch: Parts<'_> = serde_json::from_str(patch.get()).expect("the patch is an object");
    let target: Parts<'_> = target.and_then(|target| serde_json::from_str(target.get()).ok()).unwrap_or_default();
    let mut merged: BTreeMap<&Name<'_>, Cow<'_, RawValue>> =
        target.0.iter().map(|(name, value)| (name, Cow::Borrowed(*value))).collect();
    for (name, value) in &patch.0 {
        match value.get().as_bytes()[0] {
            b'n' => drop(merged.remove(name)),
            b'{' => drop(merged.insert(name, Cow::Owned(merge(target.get(name).copied(), value)))),
            _ => drop(merged.insert(name, Cow::Borrowed(value))),
        }
    }
    serde_json::value::to_raw_value(&merged).expect("members can be written as JSON")
}

impl<'a> Draft<'a> {
    /// The members of this patch that differ from those of `stored`; `extra_data` is the merged one.
    pub fn changes(&self, stored: &Draft<'a>, extra_data: &'a MergedExtraData) -> Draft<'a> {
        let numbers = self.changed_numbers(stored);
        Draft {
            phone_number: numbers.phone_number,
            phone_numbers: numbers.phone_numbers,
            first_name: changed(&self.first_name, &stored.first_name),
            last_name: changed(&self.last_name, &stored.last_name),
            timezone: changed(&self.timezone, &stored.timezone),
            priority: changed(&self.priority, &stored.priority),
            extra_data: match (&self.extra_data, extra_data) {
                (_, MergedExtraData::Changed(merged)) => Member::Value(Object(merged)),
                (_, MergedExtraData::Unchanged) => Member::Absent,
                (Member::Null, _) if stored.extra_data.is_absent() => Member::Absent,
                (sent, _) => *sent,
            },
            external_provider: changed(&self.external_provider, &stored.external_provider),
            external_id: changed(&self.external_id, &stored.external_id),
            external_url: changed(&self.external_url, &stored.external_url),
            sync_external_id: changed(&self.sync_external_id, &stored.sync_external_id),
        }
    }

    fn changed_numbers(&self, stored: &Draft<'_>) -> Numbers<'a> {
        let stored = stored.phone_numbers.value().map_or(&[][..], Vec::as_slice);
        if self.phone_numbers.is_absent() && !self.phone_number.is_absent() {
            let is_same =
                matches!(stored, [Object(only)] if only.is_mobile() && is_same_number(&self.phone_number, only));
            let phone_number = if is_same { Member::Absent } else { self.phone_number.clone() };
            return Numbers { phone_number, phone_numbers: Member::Absent };
        }
        let is_same = |sent: &[Object<DraftNumber<'_>>]| {
            let is_same = |(Object(sent), Object(stored)): (&Object<DraftNumber<'_>>, &Object<DraftNumber<'_>>)| {
                sent.phone_type == stored.phone_type && is_same_number(&sent.phone_number, stored)
            };
            sent.len() == stored.len() && sent.iter().zip(stored).all(is_same)
        };
        let is_same = self.phone_numbers.value().is_some_and(|sent| is_same(sent));
        let phone_numbers = if is_same { Member::Absent } else { self.phone_numbers.clone() };
        Numbers { phone_number: Member::Absent, phone_numbers }
    }
}

/// The two members that can hold a record's numbers.
struct Numbers<'a> {
    phone_number: Member<Text<'a>>,
    phone_numbers: Member<Vec<Object<DraftNumber<'a>>>>,
}

impl DraftNumber<'_> {
    fn is_mobile(&self) -> bool {
        self.phone_type.value().is_some_and(|kind| kind.as_str() == <&str>::from(PhoneType::Mobile))
    }
}

/// Compares numbers by value: another spelling of the stored number is the same.
fn is_same_number(sent: &Member<Text<'_>>, stored: &DraftNumber<'_>) -> bool {
    let (Some(sent), Some(stored)) = (sent.value(), stored.phone_number.value()) else {
        return false;
    };
    sent == stored || PhoneNumber::parse(sent.as_str()).is_ok_and(|sent| sent.as_str() == stored.as_str())
}

/// `sent`, if it differs from `stored`.
fn changed<T: Clone + PartialEq>(sent: &Member<T>, stored: &Member<T>) -> Member<T> {
    let is_same = sent == stored || (sent.is_absent() && stored.is_absent());
    if is_same { Member::Absent } else { sent.clone() }
}

impl<'a> Members<'a> {
    /// Checks `changes`, which a patch makes to `stored`, the record `id` of `list`: each member by its own rule, and
    /// the changed record by the rules that join members.
    ///
    /// # Errors
    ///
    /// Every rule that the changed record would break. If there are none, a change of the identity that the ID is made
    /// of.
    pub fn of_changes(
        changes: &'a Draft<'a>,
        stored: &Draft<'_>,
        list: &RecordList,
        id: Uuid,
    ) -> Result<Self, RecordErrors> {
        let mut errors = RecordErrors::default();
        rules::refuse_null(changes, &mut errors);
        let members = Self::read(changes, &stored.number_texts(), &mut errors);
        require_reference(changes, stored, &members, list, &mut errors);
        if errors.is_empty() {
            keep_identity(changes, &members, list, id, &mut errors);
        }
        if errors.is_empty() { Ok(members) } else { Err(errors) }
    }
}

/// Applies the rule of the reference if the patch changes one of the members that it joins.
fn require_reference(
    changes: &Draft<'_>,
    stored: &Draft<'_>,
    members: &Members<'_>,
    list: &RecordList,
    errors: &mut RecordErrors,
) {
    let is_untouched = changes.external_provider == Member::Absent
        && changes.external_id == Member::Absent
        && changes.sync_external_id == Member::Absent;
    if is_untouched {
        return;
    }
    let syncs = match changes.sync_external_id {
        Member::Absent => stored.sync_external_id == Member::Value(true),
        _ => members.sync_external_id == Some(true),
    };
    let description = match list.unique_identifier_type {
        UniqueIdentifierType::External => rules::LIST_REQUIRES,
        _ if syncs => rules::SYNC_REQUIRES,
        _ => return,
    };
    let provider = merged(&changes.external_provider, &stored.external_provider);
    let id = merged(&changes.external_id, &stored.external_id);
    rules::require_reference(&provider, &id, description, errors);
}

fn merged<'a>(changed: &Member<Text<'a>>, stored: &Member<Text<'a>>) -> Member<Text<'a>> {
    if *changed == Member::Absent { stored.clone() } else { changed.clone() }
}

fn keep_identity(changes: &Draft<'_>, members: &Members<'_>, list: &RecordList, id: Uuid, errors: &mut RecordErrors) {
    match list.unique_identifier_type {
        UniqueIdentifierType::External => {
            let halves = [(members.external_provider, "external_provider"), (members.external_id, "external_id")];
            for (_, name) in halves.into_iter().filter(|(half, _)| half.is_some()) {
                errors.add(RecordError::new(RecordErrorCode::Other, name, REFERENCE_IS_IDENTITY));
            }
        }
        UniqueIdentifierType::PhoneNumber => {
            let is_own = |number: &super::RecordNumber| phone_number_id(list, number.phone_number.as_str()) == id;
            if members.phone_numbers.as_ref().is_some_and(|numbers| !numbers.iter().any(is_own)) {
                let name = if changes.phone_numbers.is_absent() { "phone_number" } else { "phone_numbers" };
                errors.add(RecordError::new(RecordErrorCode::Other, name, NUMBER_IS_IDENTITY));
            }
        }
        UniqueIdentifierType::Nothing => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_patch_of_what_is_there_changes_nothing() {
        let target = r#"{"a":"b","n":1,"o":{"p":[1,2],"q":null}}"#;
        for patch in ["{}", r#"{"a":"b"}"#, r#"{"x":null}"#, r#"{"\u0061":"b","o":{"p":[1,2]}}"#, r#"{"o":{"x":null}}"#]
        {
            assert!(has_all(raw(target), raw(patch)), "{patch}");
        }
        for patch in
            [r#"{"a":"c"}"#, r#"{"a":null}"#, r#"{"x":{}}"#, r#"{"a":{}}"#, r#"{"o":{"q":null}}"#, r#"{"n":2}"#]
        {
            assert!(!has_all(raw(target), raw(patch)), "{patch}");
        }
        for unstorable in [r#"{"":null}"#, r#"{"n":1,"n":1}"#, r#"{"o":{"p":[1,2],"\u0070":[1,2]}}"#] {
            assert!(!has_all(raw(target), raw(unstorable)), "{unstorable}");
        }
    }

    #[test]
    fn objects_are_merged_as_rfc_7396_has_it() {
        let table = [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"a":1,"e":null}"#),
            ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
            (
                "{}",
                r#"{"n":12345678901234567890123456789012345678}"#,
                r#"{"n":12345678901234567890123456789012345678}"#,
            ),
        ];
        for (target, patch, expected) in table {
            assert_eq!(merge(Some(raw(target)), raw(patch)).get(), expected, "{target} {patch}");
        }
        assert_eq!(merge(None, raw(r#"{"a":{"b":null,"c":1}}"#)).get(), r#"{"a":{"c":1}}"#);
    }
}
