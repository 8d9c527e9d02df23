//! Failures of calls and statements, by their codes.

use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// The reason why a call, or one of its statements, has no confirmed effect. Of two variants, the later is graver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// DynamoDB was not reached, did not respond in time, had a fault, was busy, or sent a response that cannot be
    /// read. Another attempt can succeed.
    Unavailable,
    /// DynamoDB will never accept the call or statement.
    Rejected,
    /// DynamoDB refused the call for another reason: a fault of this service, or of its deployment.
    Fault,
}

/// DynamoDB's codes of throttling besides the SDK's: its "error handling" page, of statements and cancellation reasons.
const MORE_THROTTLING: [&str; 2] = ["ThrottlingError", "ProvisionedThroughputExceeded"];

/// DynamoDB's codes of errors and conflicts that pass, besides the SDK's.
const MORE_TRANSIENT: [&str; 6] = [
    "InternalServerError",
    "ReplicatedWriteConflictException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "TransactionConflict",
    "TransactionConflictException",
];

/// Codes with which every further attempt would fail: of a call, a statement, and a cancellation reason.
const REJECTIONS: [&str; 3] = ["ValidationException", "ValidationError", "ItemCollectionSizeLimitExceeded"];

/// Codes of a signature made while the clock was wrong, because it had stood still. The SDK corrects its clock by the
/// response.
const CLOCK_SKEW: [&str; 3] = ["InvalidSignatureException", "RequestExpired", "RequestTimeTooSkewed"];

impl Failure {
    /// The meaning of the `code` of a call, a statement or a cancellation reason. Without one, nothing is known.
    pub fn of_code(code: &str) -> Self {
        let is_transient = TRANSIENT_ERRORS.contains(&code) || MORE_TRANSIENT.contains(&code);
        if code.is_empty() || is_transient || is_throttling(code) {
            Self::Unavailable
        } else if REJECTIONS.contains(&code) {
            Self::Rejected
        } else {
            Self::Fault
        }
    }
}

/// Whether `code` says that DynamoDB is busy.
pub fn is_throttling(code: &str) -> bool {
    THROTTLING_ERRORS.contains(&code) || MORE_THROTTLING.contains(&code)
}

/// Whether `code` says that a signature has the wrong time.
pub fn is_clock_skew(code: &str) -> bool {
    CLOCK_SKEW.contains(&code)
}

/// The cause of `error`, without anything that must not be logged.
pub fn cause<E: ProvideErrorMetadata>(error: &SdkError<E>) -> &str {
    match error {
        SdkError::ServiceError(service) => service.err().code().unwrap_or("service error"),
        SdkError::ConstructionFailure(_) => "construction failure",
        SdkError::TimeoutError(_) => "timeout",
        SdkError::DispatchFailure(_) => "dispatch failure",
        SdkError::ResponseError(_) => "response error",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::error::{ConnectorError, ErrorMetadata};
    use aws_sdk_dynamodb::operation::get_item::GetItemError;
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn response() -> HttpResponse {
        HttpResponse::new(400.try_into().expect("a status"), SdkBody::empty())
    }

    fn service_error(metadata: ErrorMetadata) -> SdkError<GetItemError> {
        SdkError::service_error(GetItemError::generic(metadata), response())
    }

    #[test]
    fn the_log_says_the_code_of_an_error_or_its_kind() {
        let table = [
            (service_error(ErrorMetadata::builder().code("ThrottlingException").build()), "ThrottlingException"),
            (service_error(ErrorMetadata::builder().build()), "service error"),
            (SdkError::construction_failure("x"), "construction failure"),
            (SdkError::timeout_error("x"), "timeout"),
            (SdkError::dispatch_failure(ConnectorError::timeout("x".into())), "dispatch failure"),
            (SdkError::response_error("x", response()), "response error"),
        ];
        for (error, expected) in table {
            assert_eq!(cause(&error), expected);
        }
    }
}
