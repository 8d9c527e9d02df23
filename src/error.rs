//! What fails a whole request, and the one place that gives it a status and a body.

use lambda_http::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use lambda_http::http::{HeaderName, HeaderValue, Response, StatusCode};
use serde::Serialize;

/// Seconds after which a caller may try again what DynamoDB could not take.
pub const RETRY_AFTER_SECONDS: u16 = 5;

/// A request that is not answered with `201`. A record's own errors are data in a `201`:
/// [`ErrorCode`](crate::record::ErrorCode).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The body, or its `records`, cannot be read as a batch.
    InvalidBody(BodyError),
    /// `Idempotency-Key` is not 1 to 255 visible ASCII characters.
    InvalidIdempotencyKey,
    /// The event carries no verified claims.
    Unauthorized,
    /// The claims lack the scope.
    InsufficientScope,
    /// The claims name no account.
    NoAccount,
    /// The caller's account has no such list.
    RecordListNotFound,
    /// No such path.
    NotFound,
    /// The path does not take this method.
    MethodNotAllowed,
    /// The body is over [`MAX_BODY_BYTES`](crate::body::MAX_BODY_BYTES).
    PayloadTooLarge,
    /// `Content-Type` is not JSON.
    UnsupportedMediaType,
    /// DynamoDB could not be reached, or stored nothing because of that.
    ServiceUnavailable,
    /// A fault of ours.
    Internal,
}

/// What is wrong with a body, in the order it is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// There is none.
    Missing,
    /// It is not UTF-8.
    NotUtf8,
    /// It is not JSON.
    NotJson,
    /// It is JSON, but no object, or one that has `records` twice.
    NoObject,
    /// `records` is absent or null.
    RecordsMissing,
    /// `records` is no array.
    RecordsNoArray,
    /// `records` is empty.
    NoRecords,
    /// `records` has more than [`MAX_RECORDS`](crate::body::MAX_RECORDS) elements.
    TooManyRecords,
}

impl BodyError {
    fn field(self) -> Field {
        let (name, description) = match self {
            Self::Missing => ("body", "There is no body."),
            Self::NotUtf8 => ("body", "The body is not UTF-8."),
            Self::NotJson => ("body", "The body is not JSON."),
            Self::NoObject => ("body", "The body is no JSON object with one member `records`."),
            Self::RecordsMissing => ("records", "The member is missing."),
            Self::RecordsNoArray => ("records", "The member is no array."),
            Self::NoRecords => ("records", "The array is empty; it takes 1 to 100 records."),
            Self::TooManyRecords => ("records", "The array is too long; it takes 1 to 100 records."),
        };
        Field { name, description }
    }
}

/// The body of an error answer.
#[derive(Serialize)]
struct ErrorBody {
    code: &'static str,
    message: &'static str,
    description: &'static str,
    fields: Vec<Field>,
}

#[derive(Serialize)]
struct Field {
    name: &'static str,
    description: &'static str,
}

impl Error {
    /// The answer's status.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::InvalidBody(_) | Self::InvalidIdempotencyKey => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope | Self::NoAccount => StatusCode::FORBIDDEN,
            Self::RecordListNotFound | Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable code, for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.words().0
    }

    /// Code, message and description.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::InvalidBody(_) => (
                "INVALID_BODY",
                "The request body is not valid.",
                "Send a JSON object with a member `records`: an array of 1 to 100 records.",
            ),
            Self::InvalidIdempotencyKey => (
                "INVALID_IDEMPOTENCY_KEY",
                "The header Idempotency-Key is not valid.",
                "Send one key of 1 to 255 visible ASCII characters, such as a UUID, or leave the header out.",
            ),
            Self::Unauthorized => (
                "UNAUTHORIZED",
                "The request has no valid token.",
                "Send a valid access token: `Authorization: Bearer <token>`.",
            ),
            Self::InsufficientScope => {
                ("FORBIDDEN", "The token does not allow this.", "Ask for a token with the scope `record-lists:manage`.")
            }
            Self::NoAccount => {
                ("FORBIDDEN", "The token does not allow this.", "Ask for a token that names an account.")
            }
            Self::RecordListNotFound => (
                "RECORD_LIST_NOT_FOUND",
                "There is no such record list.",
                "Check the record list ID in the path; the list must belong to the token's account.",
            ),
            Self::NotFound => (
                "NOT_FOUND",
                "There is nothing at this path.",
                "The path is /record-lists/{record_list_id}/records/bulks.",
            ),
            Self::MethodNotAllowed => (
                "METHOD_NOT_ALLOWED",
                "This path does not take this method.",
                "Use a method that the header Allow names.",
            ),
            Self::PayloadTooLarge => {
                ("PAYLOAD_TOO_LARGE", "The request body is too large.", "Send the records in several smaller requests.")
            }
            Self::UnsupportedMediaType => (
                "UNSUPPORTED_MEDIA_TYPE",
                "The request body is not declared as JSON.",
                "Send the header `Content-Type: application/json`.",
            ),
            Self::ServiceUnavailable => (
                "SERVICE_UNAVAILABLE",
                "The service cannot store records at the moment.",
                "Send the same request again, with its Idempotency-Key if it has one, after the seconds that Retry-After names.",
            ),
            Self::Internal => (
                "INTERNAL_ERROR",
                "Something went wrong on our side.",
                "Send the request again; if it fails again, report the header X-Request-Id.",
            ),
        }
    }

    fn fields(self) -> Vec<Field> {
        match self {
            Self::InvalidBody(reason) => vec![reason.field()],
            Self::InvalidIdempotencyKey => {
                vec![Field { name: "Idempotency-Key", description: "It takes 1 to 255 visible ASCII characters." }]
            }
            _ => Vec::new(),
        }
    }

    /// The header that goes with the status: RFC 6750 section 3 for 401 and 403, RFC 9110 for `Allow` and
    /// `Retry-After`.
    fn header(self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Unauthorized => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::InsufficientScope => Some((
                WWW_AUTHENTICATE,
                HeaderValue::from_static(r#"Bearer error="insufficient_scope", scope="record-lists:manage""#),
            )),
            Self::MethodNotAllowed => Some((ALLOW, HeaderValue::from_static("POST"))),
            Self::ServiceUnavailable => Some((RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS))),
            _ => None,
        }
    }

    /// The whole answer.
    #[must_use]
    pub fn into_response(self) -> Response<String> {
        let (code, message, description) = self.words();
        let body = ErrorBody { code, message, description, fields: self.fields() };
        let mut response = Response::new(serde_json::to_string(&body).unwrap_or_default());
        *response.status_mut() = self.status();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response.headers_mut().extend(self.header());
        response
    }
}
