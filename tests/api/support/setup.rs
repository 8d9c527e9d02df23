//! The function behind a proxy, on its own table.

use std::collections::HashSet;

use futures_util::future::join;

use super::{CREATED, Call, Fault, Function, Proxy, Response, Table, key_of_number};

/// The function, and what goes wrong between it and its table.
pub struct Setup {
    pub table: Table,
    pub proxy: Proxy,
    pub function: Function,
}

impl Setup {
    /// With a table of its own; `rule` says what goes wrong with a call.
    pub async fn new(rule: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) -> Self {
        let table = Table::new().await;
        let proxy = Proxy::before(&table, rule).await;
        let function = proxy.function();
        Self { table, proxy, function }
    }

    /// Every record was created, each is in the table once, and no call tried to store it again.
    pub async fn assert_all_created_once(&self, response: &Response) {
        assert!(response.summary().iter().all(|outcome| outcome == CREATED), "{:?}", response.summary());
        assert_eq!(self.stored_ids().await, response.created_ids());
        self.proxy.assert_nothing_known_was_sent_again();
    }

    /// Waits for `ours`, a request of the function, and `theirs`, which begins when a call of ours is held and at whose end
    /// that call goes on.
    pub async fn interrupt<A, B>(&self, ours: impl Future<Output = A>, theirs: impl Future<Output = B>) -> (A, B) {
        let theirs = Box::pin(async {
            self.proxy.held().await;
            let done = theirs.await;
            self.proxy.release();
            done
        });
        join(Box::pin(ours), theirs).await
    }

    /// The IDs of the stored records.
    pub async fn stored_ids(&self) -> HashSet<String> {
        self.table.records().await.into_keys().collect()
    }
}

/// `fault` at the first `attempts` of every write.
pub fn at_first_writes(attempts: usize, fault: Fault) -> impl Fn(&Call) -> Option<Fault> {
    move |call| (call.is_write() && call.attempt < attempts).then_some(fault)
}

/// Holds the first write of its kind.
pub fn hold_the_first_write(call: &Call) -> Option<Fault> {
    (call.is_write() && call.number == 0).then_some(Fault::Held)
}

/// The codes of a statement that fails for a passing reason.
pub const PASSING_CODES: [&str; 3] = ["ThrottlingError", "TransactionConflict", "ProvisionedThroughputExceeded"];

/// Fails every statement about the item of `number`, as a partition does that is throttled to the end.
pub fn fail_number(number: usize, code: &'static str) -> impl Fn(&Call) -> Option<Fault> {
    let key = key_of_number(number);
    move |call| Fault::at_key(call, &key, code)
}

/// `fault` at the first `attempts` of every call.
pub fn at_first(attempts: usize, fault: Fault) -> impl Fn(&Call) -> Option<Fault> {
    move |call| (call.attempt < attempts).then_some(fault)
}
