//! Patches, before it is known which records there are.

use fastrand::Rng;
use serde_json::{Value, json};

use super::drafts::id;
use super::history::History;
use super::plan::{entry, identifiers};
use crate::support::{PHONE_NUMBER, PHONE_TYPES, number_text, record};

/// The most numbers that a patch gives to a record besides its own.
const MORE_NUMBERS: usize = 2;

/// A patch of a record.
#[derive(Clone)]
pub struct Patch {
    naming: Naming,
    members: Value,
    numbers: Option<Numbers>,
}

/// The way in which a patch names its record.
#[derive(Clone, Copy)]
enum Naming {
    /// By one of the IDs so far.
    ById(usize),
    /// By the reference or number that is made of this one.
    ByIdentity(usize),
}

/// The numbers that a record is to have besides its own.
#[derive(Clone)]
struct Numbers {
    more: Vec<usize>,
    /// Whether its own comes first.
    is_first: bool,
}

impl Patch {
    /// A patch that names its record by the ID; what it sets is made of `mark`, which no other patch has.
    pub fn by_id(rng: &mut Rng, list: &str, mark: &str) -> Self {
        Self { naming: Naming::ById(rng.usize(..100)), members: members(rng, mark), numbers: numbers(rng, list) }
    }

    /// The same, by the identity made of `number`. Most of these patches can create a record of the name `mark`.
    pub fn by_identity(rng: &mut Rng, list: &str, mark: &str, number: usize) -> Self {
        let mut patch = Self { naming: Naming::ByIdentity(number), ..Self::by_id(rng, list, mark) };
        if rng.u8(..4) > 0 {
            patch.members["first_name"] = json!(mark);
            patch.members["last_name"] = json!(mark);
            if list != PHONE_NUMBER {
                patch.members["phone_numbers"] = record(number)["phone_numbers"].take();
            }
        }
        patch
    }

    /// The number that stands for its record.
    pub fn number(&self) -> usize {
        let (Naming::ById(number) | Naming::ByIdentity(number)) = self.naming;
        number
    }

    /// The patch without the member that names its record, which the path does.
    pub fn resolve_unnamed(&self, list: &str, history: &History) -> Value {
        let mut patch = self.resolve(list, history);
        patch.as_object_mut().expect("a patch is an object").remove("id");
        patch
    }

    /// The patch of a record that there is, if there is one.
    pub fn resolve(&self, list: &str, history: &History) -> Value {
        let mut patch = match self.naming {
            Naming::ById(number) => json!({ "id": id(history, list, number) }),
            Naming::ByIdentity(number) => entry(list, number),
        };
        for (name, value) in self.members.as_object().expect("a patch is an object") {
            patch[name] = value.clone();
        }
        if let (Some(numbers), Some(own)) = (&self.numbers, self.own_number(list, history)) {
            let named = patch.as_object_mut().expect("a patch is an object").remove("phone_number");
            patch["phone_numbers"] = numbers.resolve(own, named.as_ref().and_then(Value::as_str));
        }
        patch
    }

    /// The number that the ID of its record is made of, or would be.
    fn own_number(&self, list: &str, history: &History) -> Option<String> {
        match self.naming {
            Naming::ById(number) => history.own_number(list, &id(history, list, number)).map(str::to_owned),
            Naming::ByIdentity(number) => {
                let name = number_text(number);
                let own = history.holder(list, &name).and_then(|id| history.own_number(list, id)).map(str::to_owned);
                Some(own.unwrap_or(name))
            }
        }
    }
}

impl Numbers {
    /// The numbers of a record with the number `own`; the one that names it comes first.
    fn resolve(&self, own: String, named: Option<&str>) -> Value {
        let mut texts: Vec<String> = self.more.iter().map(|number| number_text(*number)).collect();
        texts.retain(|number| *number != own && Some(number.as_str()) != named);
        if Some(own.as_str()) != named {
            texts.insert(if self.is_first { 0 } else { texts.len() }, own);
        }
        texts.splice(..0, named.map(str::to_owned));
        let numbers = texts.into_iter().zip(PHONE_TYPES);
        numbers.map(|(number, kind)| json!({"phone_number": number, "phone_type": kind})).collect()
    }
}

/// Members that are set, removed or left as most records have them.
fn members(rng: &mut Rng, mark: &str) -> Value {
    match rng.usize(..8) {
        0..=2 => json!({ "last_name": mark }),
        3 => json!({"last_name": mark, "timezone": null}),
        4 => json!({"priority": null, "external_url": format!("https://example.com/{mark}")}),
        5 => json!({"extra_data": {"job": null, "mark": mark}}),
        6 => json!({"timezone": "Europe/Lisbon", "priority": 5}),
        _ => json!({}),
    }
}

fn numbers(rng: &mut Rng, list: &str) -> Option<Numbers> {
    let is_changed = list == PHONE_NUMBER && rng.bool();
    is_changed.then(|| {
        let mut more = identifiers(rng, 1 + MORE_NUMBERS);
        more.pop();
        Numbers { more, is_first: rng.bool() }
    })
}
