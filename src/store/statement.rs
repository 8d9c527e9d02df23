//! The statements that insert, update and delete an item.

use uuid::Uuid;

use super::item::{Item, Value, size};
use crate::dynamodb::statements::Statement;
use crate::dynamodb::{Failure, Key};

/// A statement on the item with this ID and key.
#[derive(Debug)]
pub struct ItemStatement {
    pub id: Uuid,
    pub key: Key,
    pub statement: Statement,
}

impl ItemStatement {
    /// [`Statement::is_in_conflict`].
    pub fn is_in_conflict(&self) -> bool {
        self.statement.is_in_conflict()
    }

    /// [`Statement::failure`].
    pub fn failure(&self) -> Option<Failure> {
        self.statement.failure()
    }

    /// [`Statement::is_done`].
    pub fn is_done(&self) -> bool {
        self.statement.is_done()
    }
}

/// The approximate size of a statement without its parameters, in bytes.
const STATEMENT_BYTES: usize = 512;

/// The statement that inserts `item`, with its parameters: an element of `Statements`. It fails if the key exists.
pub fn insert_statement(table: &str, item: &Item<'_>) -> Vec<u8> {
    let mut json = Vec::with_capacity(STATEMENT_BYTES + 2 * size(item));
    write(&mut json, r#"{"Statement":"INSERT INTO \""#);
    write(&mut json, table);
    write(&mut json, r#"\" VALUE {"#);
    for (place, (name, _)) in item.iter().enumerate() {
        write(&mut json, if place == 0 { "'" } else { ",'" });
        write(&mut json, name);
        write(&mut json, "':?");
    }
    write(&mut json, r#"}","Parameters":["#);
    write_parameters(&mut json, item.iter().map(|(_, value)| value));
    json
}

/// The attributes that an item must have for a statement to take effect. An attribute with the value `None` must be
/// missing.
pub type Condition<'a> = [(&'static str, Option<&'a str>)];

/// The statement that deletes the item `key` if it meets `condition`. Otherwise the result has the existing item.
pub fn delete_statement(table: &str, key: &Key, condition: &Condition<'_>) -> Vec<u8> {
    let mut json = Vec::with_capacity(STATEMENT_BYTES);
    write(&mut json, r#"{"Statement":"DELETE FROM \""#);
    write(&mut json, table);
    write(&mut json, r#"\""#);
    let parameters = write_condition(&mut json, key, condition);
    write(&mut json, OLD_ITEM);
    write_parameters(&mut json, parameters.iter());
    json
}

/// The statement that sets the attributes `set` of the item `key` and removes those in `removed`, if the item meets
/// `condition`. Otherwise the result has the existing item.
pub fn update_statement(
    table: &str,
    key: &Key,
    set: &Item<'_>,
    removed: &[&str],
    condition: &Condition<'_>,
) -> Vec<u8> {
    let mut json = Vec::with_capacity(STATEMENT_BYTES + size(set));
    write(&mut json, r#"{"Statement":"UPDATE \""#);
    write(&mut json, table);
    write(&mut json, r#"\" SET "#);
    for (place, (name, _)) in set.iter().enumerate() {
        write(&mut json, if place == 0 { r#"\""# } else { r#",\""# });
        write(&mut json, name);
        write(&mut json, r#"\"=?"#);
    }
    for name in removed {
        write(&mut json, r#" REMOVE \""#);
        write(&mut json, name);
        write(&mut json, r#"\""#);
    }
    let conditions = write_condition(&mut json, key, condition);
    write(&mut json, OLD_ITEM);
    write_parameters(&mut json, set.iter().map(|(_, value)| value).chain(&conditions));
    json
}

/// The end of a statement that makes its result have the existing item if the condition does not hold.
const OLD_ITEM: &str = r#"","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Parameters":["#;

/// Writes the condition that the item has `key` and meets `condition`, and returns its parameters.
fn write_condition<'a>(json: &mut Vec<u8>, key: &'a Key, condition: &Condition<'a>) -> Vec<Value<'a>> {
    write(json, " WHERE pk=? AND sk=?");
    let mut parameters = vec![Value::Text(&key.pk), Value::Text(&key.sk)];
    for (name, value) in condition {
        let is = if value.is_some() { "=?" } else { " IS MISSING" };
        write(json, r#" AND \""#);
        write(json, name);
        write(json, r#"\""#);
        write(json, is);
        parameters.extend(value.map(Value::Text));
    }
    parameters
}

/// Appends `text`, which is part of the statement as it is.
fn write(json: &mut Vec<u8>, text: &str) {
    json.extend_from_slice(text.as_bytes());
}

fn write_parameters<'a>(json: &mut Vec<u8>, values: impl Iterator<Item = &'a Value<'a>>) {
    for (place, value) in values.enumerate() {
        if place > 0 {
            json.push(b',');
        }
        value.write(json);
    }
    json.extend_from_slice(b"]}");
}
