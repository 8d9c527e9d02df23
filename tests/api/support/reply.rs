//! DynamoDB's replies, and what faults make of them.

use std::iter::empty;

use serde_json::{Value, json};

/// A reply of DynamoDB.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
}

impl Reply {
    /// A `200`.
    pub fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    /// The error `code`.
    pub fn error(status: u16, code: &str) -> Self {
        let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
        Self { status, body: json!({"__type": kind, "message": "by rule"}) }
    }

    /// The same without the last of its results or reasons.
    pub fn without_last(mut self) -> Self {
        for results in ["Responses", "CancellationReasons"] {
            self.body.get_mut(results).and_then(Value::as_array_mut).map(Vec::pop);
        }
        self
    }

    /// A transaction that is cancelled for these reasons, one for each of its statements.
    pub fn cancelled<'a>(codes: impl IntoIterator<Item = &'a str>) -> Self {
        let mut cancelled = Self::error(400, "TransactionCanceledException");
        cancelled.body["CancellationReasons"] = codes.into_iter().map(|code| json!({ "Code": code })).collect();
        cancelled
    }
}

/// The most statements or keys of a call.
const MAX_STATEMENTS: usize = 100;

/// Places in a call: of statements, or of keys.
#[derive(Debug, Clone, Copy)]
pub struct Places(u128);

impl Places {
    pub const ALL: Self = Self(u128::MAX);
    /// The first place and every other one after it.
    pub const EVEN: Self = Self::every(2, 0);
    /// The second place and every other one after it.
    pub const ODD: Self = Self::every(2, 1);

    /// The places from `first` on, `step` apart.
    pub const fn every(step: usize, first: usize) -> Self {
        let (mut places, mut place) = (0, first);
        while place < MAX_STATEMENTS {
            places |= 1 << place;
            place += step;
        }
        Self(places)
    }

    /// This place alone.
    pub const fn one(place: usize) -> Self {
        Self(1 << place)
    }

    /// The places that are `chosen`.
    pub fn of(chosen: impl Fn(usize) -> bool) -> Self {
        Self((0..MAX_STATEMENTS).filter(|place| chosen(*place)).fold(0, |places, place| places | 1 << place))
    }

    /// The places of `key` among `keys`, `None` if there are none.
    pub fn of_key(key: &str, keys: &[String]) -> Option<Self> {
        let places = Self::of(|place| keys.get(place).is_some_and(|other| other == key));
        (places.0 > 0).then_some(places)
    }

    pub fn contain(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }
}

/// Statements of a call that fail.
#[derive(Debug, Clone, Copy)]
pub struct Failed {
    pub code: &'static str,
    /// Whether they are executed nevertheless.
    pub stored: bool,
    pub chosen: Places,
}

impl Failed {
    /// Those that are executed, although the reply says that they failed.
    pub const fn stored(code: &'static str, chosen: Places) -> Self {
        Self { code, stored: true, chosen }
    }

    pub const fn not_stored(code: &'static str, chosen: Places) -> Self {
        Self { code, stored: false, chosen }
    }

    fn is_sent(&self, place: usize) -> bool {
        self.stored || !self.chosen.contain(place)
    }

    /// The call `body` without the statements that are not executed, `None` if none is left.
    pub fn call(&self, body: &Value) -> Option<Value> {
        let statements = values(&body["Statements"]).enumerate().filter(|(place, _)| self.is_sent(*place));
        let statements: Vec<&Value> = statements.map(|(_, statement)| statement).collect();
        (!statements.is_empty()).then(|| with(body, "Statements", json!(statements)))
    }

    /// The reply to the call `body`, made of the reply to [`call`](Self::call).
    pub fn reply(&self, body: &Value, reply: &Reply) -> Reply {
        let mut responses = values(&reply.body["Responses"]).cloned();
        let error = json!({"Error": {"Code": self.code, "Message": "by rule"}});
        let of_statement = |place| {
            let response = self.is_sent(place).then(|| responses.next()).flatten();
            if self.chosen.contain(place) { error.clone() } else { response.unwrap_or_default() }
        };
        let responses: Vec<Value> = (0..values(&body["Statements"]).count()).map(of_statement).collect();
        Reply { status: reply.status, body: with(&reply.body, "Responses", json!(responses)) }
    }
}

/// Keys of a `BatchGetItem` that are not read.
pub struct UnreadKeys {
    body: Value,
    table: String,
    unread: Vec<Value>,
    read: Vec<Value>,
}

impl UnreadKeys {
    /// The keys of the call `body` at the places `chosen`.
    pub fn at(chosen: Places, body: &Value) -> Self {
        let tables = body["RequestItems"].as_object().expect("a call names its tables");
        let table = tables.keys().next().expect("a table is read").clone();
        let keys = values(&body["RequestItems"][&table]["Keys"]).cloned().enumerate();
        let (unread, read): (Vec<_>, Vec<_>) = keys.partition(|(place, _)| chosen.contain(*place));
        let keys = |keys: Vec<(usize, Value)>| keys.into_iter().map(|(_, key)| key).collect();
        Self { body: body.clone(), table, unread: keys(unread), read: keys(read) }
    }

    /// The call without them, `None` if no key is left.
    pub fn call(&self) -> Option<Value> {
        let items = self.items(&self.read);
        (!self.read.is_empty()).then(|| with(&self.body, "RequestItems", items))
    }

    /// The reply to the whole call, made of the reply to [`call`](Self::call).
    pub fn reply(&self, reply: Reply) -> Reply {
        let mut body = reply.body;
        body.as_object_mut().expect("a reply is an object").entry("Responses").or_insert_with(|| json!({}));
        body["UnprocessedKeys"] = self.items(&self.unread);
        Reply { status: reply.status, body }
    }

    fn items(&self, keys: &[Value]) -> Value {
        let mut items = self.body["RequestItems"].clone();
        items[&self.table]["Keys"] = json!(keys);
        items
    }
}

/// The elements of an array, or the values of an object.
pub fn values(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(elements) => Box::new(elements.iter()),
        Value::Object(members) => Box::new(members.values()),
        _ => Box::new(empty()),
    }
}

/// `object` with another member.
fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[name] = value;
    object
}
