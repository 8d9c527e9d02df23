//! The identifiers by which a row that changes a record names it.

use record_lists::{Checked, UniqueIdentifierType};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::identifiers::{Earlier, Key, Taken, key};

/// A number that is valid, for a record of which only the reference counts.
const ANY_NUMBER: &str = "+12025550100";

/// The length of an ID: a UUID with dashes.
const ID_BYTES: usize = 36;

/// The identifiers in a row.
#[derive(Debug, Default)]
pub struct Identity {
    identifiers: Vec<Identifier>,
    /// Whether it has one that cannot be read.
    is_broken: bool,
}

/// An identifier of a record.
#[derive(Debug)]
struct Identifier {
    key: Key,
    is_id: bool,
    /// A patch that names the record and has nothing else, as JSON.
    patch: String,
}

impl Identity {
    /// The identity of `patch`, a record of a list of type `unique`, whether or not the API will accept the rest.
    pub fn of(patch: &str, unique: UniqueIdentifierType) -> Self {
        // A member that occurs twice names nothing: the API refuses the patch.
        let Ok(members) = serde_json::from_str::<Members>(patch) else {
            return Self { identifiers: Vec::new(), is_broken: true };
        };
        let own = match unique {
            UniqueIdentifierType::External => members.reference().into_iter().collect(),
            UniqueIdentifierType::PhoneNumber => members.numbers(),
            UniqueIdentifierType::Nothing => Vec::new(),
        };
        let found = members.id().into_iter().chain(own);
        let mut identity = Self::default();
        for identifier in found {
            match identifier {
                Some(identifier) => identity.identifiers.push(identifier),
                None => identity.is_broken = true,
            }
        }
        identity
    }

    /// Whether it is known which records the row can be about.
    pub fn is_known(&self) -> bool {
        !self.is_broken && !self.identifiers.is_empty()
    }

    /// Patches that change nothing, each with one of the identifiers.
    pub fn patches(&self) -> impl Iterator<Item = &str> {
        self.identifiers.iter().map(|identifier| identifier.patch.as_str())
    }

    /// The memory that it takes, in bytes.
    pub fn bytes(&self) -> usize {
        self.identifiers.iter().map(|identifier| size_of::<Identifier>() + identifier.patch.len()).sum()
    }

    fn keys(&self, are_ids: bool) -> Vec<Key> {
        let identifiers = self.identifiers.iter().filter(|identifier| identifier.is_id == are_ids);
        identifiers.map(|identifier| identifier.key).collect()
    }
}

/// The rows so far, by their identifiers.
pub struct Identities {
    ids: Taken,
    others: Taken,
}

impl Identities {
    /// Of no rows yet, for a list of type `unique`.
    pub fn new(unique: UniqueIdentifierType) -> Self {
        Self { ids: Taken::new(UniqueIdentifierType::Nothing), others: Taken::new(unique) }
    }

    /// Takes all identifiers of the row on `line`, or none.
    ///
    /// # Errors
    ///
    /// An earlier row that has one of them.
    pub fn take(&mut self, identity: &Identity, line: u64) -> Result<(), Earlier> {
        let ids = identity.keys(true);
        match self.ids.earlier(&ids) {
            Some(earlier) => Err(earlier),
            None => self.others.take(&identity.keys(false), line).and_then(|()| self.ids.take(&ids, line)),
        }
    }
}

/// The members of a patch that can name a record. Anything can be in them: the API judges that.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Members {
    id: Value,
    external_provider: Value,
    external_id: Value,
    phone_number: Value,
    phone_numbers: Value,
}

/// An identifier, or nothing if it cannot be read.
type Read = Option<Identifier>;

impl Members {
    fn id(&self) -> Option<Read> {
        let read = |text: &str| text.parse().ok().filter(|_| text.len() == ID_BYTES);
        let identifier = |id: Uuid| Identifier { key: key(id), is_id: true, patch: json!({"id": id}).to_string() };
        (!self.id.is_null()).then(|| self.id.as_str().and_then(read).map(identifier))
    }

    fn reference(&self) -> Option<Read> {
        let halves = [&self.external_provider, &self.external_id];
        let is_absent = |half: &&Value| half.is_null() || half.as_str().is_some_and(|text| text.trim().is_empty());
        (!halves.iter().all(is_absent)).then(|| {
            let patch = json!({"external_provider": halves[0].as_str()?, "external_id": halves[1].as_str()?});
            let mut record = patch.clone();
            record["phone_number"] = ANY_NUMBER.into();
            Identifier::of(UniqueIdentifierType::External, &patch, record)
        })
    }

    fn numbers(&self) -> Vec<Read> {
        match &self.phone_numbers {
            Value::Array(entries) => entries.iter().map(|entry| number(&entry["phone_number"])).collect(),
            Value::Null if self.phone_number.is_null() => Vec::new(),
            Value::Null => vec![number(&self.phone_number)],
            _ => vec![None],
        }
    }
}

fn number(number: &Value) -> Read {
    let patch = json!({"phone_number": number.as_str()?});
    Identifier::of(UniqueIdentifierType::PhoneNumber, &patch, patch.clone())
}

impl Identifier {
    /// The identifier in `patch`, by the API's own rules for `record`, which has it too.
    fn of(unique: UniqueIdentifierType, patch: &Value, mut record: Value) -> Read {
        record["first_name"] = "-".into();
        record["last_name"] = "-".into();
        let Checked { keys } = record_lists::check(&record.to_string(), unique).ok()?;
        keys.first().map(|id| Self { key: key(*id), is_id: false, patch: patch.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "36574a5a-9c47-50b2-a567-ed4a370d6db9";

    /// For each patch, whether its identity is known; nothing if an earlier one has it.
    fn taken(unique: UniqueIdentifierType, patches: &[Value]) -> Vec<Option<bool>> {
        let mut rows = Identities::new(unique);
        let identities = patches.iter().map(|patch| Identity::of(&patch.to_string(), unique));
        let mut lines = 2..;
        let mut take = |identity: Identity| {
            let line = lines.next().unwrap_or_default();
            rows.take(&identity, line).is_ok().then(|| identity.is_known())
        };
        identities.map(&mut take).collect()
    }

    #[test]
    fn a_reference_is_taken_by_the_first_row_whatever_else_is_in_it() {
        let found = taken(
            UniqueIdentifierType::External,
            &[
                json!({"external_provider": "crm", "external_id": "1", "priority": "high"}),
                json!({"external_provider": "crm", "external_id": "1"}),
                json!({"external_provider": "crm", "external_id": "2"}),
                json!({"external_provider": "crm", "external_id": " "}),
                json!({"external_provider": "crm"}),
                json!({"external_provider": ["crm"], "external_id": "1"}),
                json!({"phone_number": "+12025550143"}),
                json!({"id": ID, "external_provider": null, "external_id": ""}),
            ],
        );
        let expected = [Some(true), None, Some(true), Some(false), Some(false), Some(false), Some(false), Some(true)];
        assert_eq!(found, expected);
    }

    #[test]
    fn every_number_is_taken() {
        let numbers = |numbers: &[&str]| {
            let entries: Vec<_> = numbers.iter().map(|number| json!({"phone_number": number})).collect();
            json!({"phone_numbers": entries, "phone_number": "+12025550199"})
        };
        let found = taken(
            UniqueIdentifierType::PhoneNumber,
            &[
                numbers(&["+12025550143", "+12025550144"]),
                json!({"phone_number": "+1 (202) 555-0144"}),
                numbers(&["+12025550145", "+12025550143"]),
                numbers(&["+12025550145", "12"]),
                json!({"phone_number": "+12025550199"}),
                json!({"phone_number": 12_025_550_198_u64}),
                json!({"phone_numbers": {"phone_number": "+12025550197"}}),
                json!({"phone_numbers": []}),
            ],
        );
        let expected = [Some(true), None, None, Some(false), Some(true), Some(false), Some(false), Some(false)];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_id_names_a_record_in_every_list() {
        let found = taken(
            UniqueIdentifierType::Nothing,
            &[
                json!({"id": ID}),
                json!({"id": ID.to_uppercase()}),
                json!({"id": ID.replace('-', "")}),
                json!({"id": 7}),
                json!({"phone_number": "+12025550143"}),
                json!({"phone_number": "+12025550143"}),
            ],
        );
        assert_eq!(found, [Some(true), None, Some(false), Some(false), Some(false), Some(false)]);
    }

    #[test]
    fn a_row_that_is_rejected_takes_nothing() {
        let mut rows = Identities::new(UniqueIdentifierType::External);
        let patch = |id: &str, reference: &str| {
            let patch = json!({"id": id, "external_provider": "crm", "external_id": reference}).to_string();
            Identity::of(&patch, UniqueIdentifierType::External)
        };
        let other = ID.replace('3', "4");
        let results = [(ID, "1"), (ID, "2"), (&other, "2")].map(|(id, of)| rows.take(&patch(id, of), 2).is_ok());
        assert_eq!(results, [true, false, true]);
    }

    #[test]
    fn each_identifier_has_a_patch_of_its_own() {
        let patch = json!({"id": ID, "phone_numbers": [{"phone_number": "+1 202 555 0143"}], "first_name": "Ann"});
        let identity = Identity::of(&patch.to_string(), UniqueIdentifierType::PhoneNumber);
        let expected = [json!({"id": ID}).to_string(), json!({"phone_number": "+1 202 555 0143"}).to_string()];
        assert_eq!(identity.patches().collect::<Vec<_>>(), expected);
    }
}
