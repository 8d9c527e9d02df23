//! Faults by chance, the same in every run.

use fastrand::Rng;

use super::{Call, Fault};

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

/// What can go wrong with a call of `operation` and passes.
pub fn passing_faults(operation: &str) -> &'static [Fault] {
    const THROTTLED: Fault = Fault::Error(400, "ThrottlingException");
    const SLOW: Fault = Fault::Delay(std::time::Duration::from_millis(10));
    match operation {
        "BatchExecuteStatement" => &[
            Fault::LostResponse,
            Fault::LostCall,
            Fault::Error(500, "InternalServerError"),
            Fault::Statements { code: "ThrottlingError", stored: true, chosen: |place| place % 2 == 0 },
            Fault::Statements { code: "InternalServerError", stored: true, chosen: |place| place % 3 == 1 },
            Fault::Statements { code: "ProvisionedThroughputExceeded", stored: false, chosen: |place| place % 2 == 1 },
        ],
        "ExecuteTransaction" => &[
            Fault::LostResponse,
            Fault::LostCall,
            THROTTLED,
            Fault::Cancelled { code: "TransactionConflict", stored: true },
            Fault::Cancelled { code: "TransactionConflict", stored: false },
        ],
        "BatchGetItem" => &[Fault::LostCall, THROTTLED, Fault::Unprocessed],
        _ => &[Fault::LostResponse, THROTTLED, SLOW],
    }
}
