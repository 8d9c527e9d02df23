//! Faults by chance, the same in every run.

use std::time::Duration;

use fastrand::Rng;

use super::{Call, DOWN, Failed, Fault, Places};

const THROTTLED: Fault = Fault::Error(400, "ThrottlingException");

/// Faults of a batch of statements that pass.
const OF_BATCHES: [Fault; 6] = [
    Fault::LostResponse,
    Fault::LostCall,
    DOWN,
    Fault::Statements(Failed::stored("ThrottlingError", Places::EVEN)),
    Fault::Statements(Failed::stored("InternalServerError", Places::every(3, 1))),
    Fault::Statements(Failed::not_stored("ProvisionedThroughputExceeded", Places::ODD)),
];

/// Faults of a transaction that pass.
const OF_TRANSACTIONS: [Fault; 5] = [
    Fault::LostResponse,
    Fault::LostCall,
    THROTTLED,
    Fault::Cancelled(Failed::stored("TransactionConflict", Places::EVEN)),
    Fault::Cancelled(Failed::not_stored("TransactionConflict", Places::EVEN)),
];

const OF_BATCH_READS: [Fault; 3] = [Fault::LostCall, THROTTLED, Fault::HalfUnread];

const OF_OTHERS: [Fault; 3] = [Fault::LostResponse, THROTTLED, Fault::Delay(Duration::from_millis(10))];

/// One of `faults` at about half of the calls. It depends on nothing but the call and the seed.
pub fn any_of(faults: &[Fault], seed: u64, call: &Call) -> Option<Fault> {
    let key = call
        .keys
        .iter()
        .flat_map(|key| key.bytes())
        .fold(call.attempt as u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mut rng = Rng::with_seed(seed ^ key);
    rng.choice(faults).copied().filter(|_| rng.f64() < 0.5)
}

/// The faults of a call of `operation` that pass.
pub fn passing_faults(operation: &str) -> &'static [Fault] {
    match operation {
        "BatchExecuteStatement" => &OF_BATCHES,
        "ExecuteTransaction" => &OF_TRANSACTIONS,
        "BatchGetItem" => &OF_BATCH_READS,
        _ => &OF_OTHERS,
    }
}
