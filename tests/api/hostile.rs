//! No request, however strange, breaks the service or its response, and the service returns exactly what it stores.
//!
//! `PROPTEST_CASES=100000 cargo test --test api hostile` tries as many of each kind.

pub mod body;
mod event;
mod extra_data;
mod phone_number;
mod query;

use std::fmt::Debug;

use proptest::strategy::Strategy;

use crate::support::{Function, Property, Table};

#[expect(clippy::needless_pass_by_value, reason = "a closure is written at the call")]
/// Has a function on a table of its own `check` whatever `inputs` makes.
fn for_any<T: Debug>(inputs: impl Strategy<Value = T>, check: impl AsyncFn(&Function, T)) {
    let property = Property::new();
    let function = Function::new(&property.block_on(Table::new()));
    property.assert_holds(inputs, async |input| check(&function, input).await);
}
