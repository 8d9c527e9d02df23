//! The fate of a call on its way and back.

use std::time::Duration;

use fastrand::Rng;

use crate::support::{Failed, Places};

/// The longest that a call and its response usually take.
const USUAL: Duration = Duration::from_millis(60);

/// The fate of one call.
#[derive(Debug, Clone, Copy)]
pub struct Fate {
    /// The time on its way. Its caller can have given it up by then; DynamoDB executes it nevertheless.
    pub there: Duration,
    /// The time that its response takes.
    pub back: Duration,
    pub fault: Option<Fault>,
}

/// A fault of a call.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// It never arrives.
    LostCall,
    /// It is executed, and the connection closes.
    LostResponse,
    /// Neither it nor a response arrives, and the connection stays open.
    Silence,
    /// The response has this status and code; the call is executed or not.
    Error { status: u16, code: &'static str, executed: bool },
    /// The response has this text; the call is executed or not.
    Garbled { text: &'static str, executed: bool },
    /// Statements of a batch fail.
    Statements(Failed),
    /// A transaction is cancelled, for reasons that differ: keys that exist, and failures that pass.
    Cancelled { conflicting: Places, throttled: Places },
    /// Half of the keys are not read.
    Unprocessed,
    /// The call is executed, and the response leaves out the last result or reason.
    TooFew,
}

/// Faults of any call.
const ANY: [Fault; 14] = [
    Fault::LostCall,
    Fault::LostCall,
    Fault::LostResponse,
    Fault::LostResponse,
    Fault::LostResponse,
    Fault::Silence,
    Fault::Error { status: 400, code: "ThrottlingException", executed: false },
    Fault::Error { status: 400, code: "ProvisionedThroughputExceededException", executed: false },
    Fault::Error { status: 400, code: "InvalidSignatureException", executed: false },
    Fault::Error { status: 500, code: "InternalServerError", executed: true },
    Fault::Error { status: 500, code: "InternalServerError", executed: false },
    Fault::Error { status: 503, code: "ServiceUnavailable", executed: false },
    Fault::Garbled { text: "<html>", executed: true },
    Fault::Garbled { text: "", executed: false },
];

impl Fate {
    /// A call that only takes its time.
    pub const CALM: Self = Self { there: Duration::ZERO, back: Duration::ZERO, fault: None };

    /// Draws the fate of a call of `operation`; `trouble` is how likely a fault is.
    pub fn draw(rng: &mut Rng, operation: &str, trouble: f64) -> Self {
        let way = |rng: &mut Rng| {
            if rng.f64() < trouble / 6.0 {
                Duration::from_millis(rng.u64(500..8_000))
            } else {
                Duration::from_millis(rng.u64(1..30))
            }
        };
        let (there, back) = (way(rng), way(rng));
        let fault = (rng.f64() < trouble).then(|| Fault::draw(rng, operation));
        Self { there, back, fault }
    }

    /// Whether its signature is refused.
    pub fn is_refused_signature(&self) -> bool {
        matches!(self.fault, Some(Fault::Error { code: "InvalidSignatureException", .. }))
    }

    /// Whether its caller can have to make it again.
    pub fn is_trouble(&self) -> bool {
        self.fault.is_some() || self.there + self.back > USUAL
    }
}

impl Fault {
    fn draw(rng: &mut Rng, operation: &str) -> Self {
        let codes = ["ThrottlingError", "ProvisionedThroughputExceeded", "InternalServerError", "TransactionConflict"];
        let code = codes[rng.usize(..codes.len())];
        let (stored, chosen, own) = (rng.bool(), rng.u128(..), rng.u8(..3) == 0);
        let places = |bits: u128| Places::of(|place| bits >> place & 1 == 1);
        match operation {
            "BatchExecuteStatement" | "ExecuteTransaction" if rng.u8(..10) == 0 => Self::TooFew,
            "BatchExecuteStatement" if own => Self::Statements(Failed { code, stored, chosen: places(chosen) }),
            "ExecuteTransaction" if own => {
                Self::Cancelled { conflicting: places(chosen), throttled: places(rng.u128(..) & rng.u128(..)) }
            }
            "BatchGetItem" if own => Self::Unprocessed,
            _ => ANY[rng.usize(..ANY.len())],
        }
    }
}
