//! Patches, merged into stored records (RFC 7396). A member that is sent as it is stored changes nothing and is not
//! checked.

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
use crate::list::{RecordList, UniqueIdentifierType};

const REFERENCE_IS_IDENTITY: &str =
    "The reference cannot change, since the record's ID is made of it; create another record and delete this one.";
const NUMBER_IS_IDENTITY: &str = "The number that the record was created with must stay one of its numbers, since the record's ID is made of it; create another record and delete this one.";

/// The merged `extra_data`. `None` if the patch has no object there, or one that no record can have.
pub fn merge_extra_data(patch: &Draft<'_>, stored: &Draft<'_>) -> Option<Box<RawValue>> {
    let Object(sent) = patch.extra_data.value()?;
    ExtraData::parse(sent).ok()?;
    Some(merge(stored.extra_data.value().map(|Object(stored)| *stored), sent))
}

/// Merges by RFC 7396, section 2. The recursion is at most as deep as the nesting that DynamoDB can hold.
#[expect(clippy::expect_used, reason = "both are objects, and their members can be written as JSON")]
fn merge(target: Option<&RawValue>, patch: &RawValue) -> Box<RawValue> {
    type Members<'a> = BTreeMap<Text<'a>, &'a RawValue>;
    let patch: Members<'_> = serde_json::from_str(patch.get()).expect("the patch is an object");
    let target: Members<'_> = target.and_then(|target| serde_json::from_str(target.get()).ok()).unwrap_or_default();
    let mut merged: BTreeMap<&Text<'_>, Box<RawValue>> =
        target.iter().map(|(name, value)| (name, (*value).to_owned())).collect();
    for (name, value) in &patch {
        match value.get().as_bytes()[0] {
            b'n' => drop(merged.remove(name)),
            b'{' => drop(merged.insert(name, merge(target.get(name).copied(), value))),
            _ => drop(merged.insert(name, (*value).to_owned())),
        }
    }
    serde_json::value::to_raw_value(&merged).expect("members can be written as JSON")
}

impl<'a> Draft<'a> {
    /// The members of this patch that differ from those of `stored`; `extra_data` is the merged object, if there is one.
    pub fn changes(&self, stored: &Draft<'a>, extra_data: Option<&'a RawValue>) -> Draft<'a> {
        let numbers = self.changed_numbers(stored);
        Draft {
            phone_number: numbers.phone_number,
            phone_numbers: numbers.phone_numbers,
            first_name: changed(&self.first_name, &stored.first_name),
            last_name: changed(&self.last_name, &stored.last_name),
            timezone: changed(&self.timezone, &stored.timezone),
            priority: changed(&self.priority, &stored.priority),
            extra_data: match (&self.extra_data, extra_data) {
                (Member::Value(_), Some(merged)) => Member::Value(Object(merged)),
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
