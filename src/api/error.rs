//! Errors that fail a whole request, and the one place that gives each a status and a body.

use std::borrow::Cow;

use lambda_http::http::StatusCode;
use serde::Serialize;

use super::link::Link;
use super::response::HttpResponse;
use crate::dynamodb::Failure;
use crate::field::Field;
use crate::record::errors::{RecordErrorCode, RecordErrors};

/// The seconds to wait before a request is sent again after DynamoDB could not be reached.
const RETRY_AFTER_SECONDS: &str = "5";

/// The reason why a whole request fails. The errors of a single record are data in a `2xx`: [`RecordErrorCode`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The body does not have the shape that the operation takes.
    InvalidBody {
        /// One sentence that says what to send instead.
        expected: &'static str,
        /// The places that are at fault.
        fields: Vec<Field>,
    },
    /// A query parameter breaks its rule.
    InvalidQuery(Vec<Field>),
    /// `Idempotency-Key` breaks its rule, or there are several.
    InvalidIdempotencyKey(Field),
    /// The event carries no verified claims, or those of another issuer or audience.
    Unauthorized,
    /// The claims have none of these scopes.
    InsufficientScope(&'static [&'static str]),
    /// The claims name no account.
    NoAccount,
    /// The caller's account has no such list.
    RecordListNotFound,
    /// The list has no such record.
    RecordNotFound,
    /// No operation has the path.
    NotFound,
    /// The path has these methods only.
    MethodNotAllowed(String),
    /// The list that the caller's key once created was deleted.
    RecordListDeleted,
    /// `If-Match` names no entity tag that the record has.
    PreconditionFailed,
    /// The body is over [`MAX_BODY_BYTES`](crate::MAX_BODY_BYTES).
    PayloadTooLarge,
    /// `Content-Type` is not a type that the operation takes.
    UnsupportedMediaType {
        /// The header `Accept-Patch` of an operation that patches.
        accept_patch: Option<&'static str>,
    },
    /// The body is still in the coding that `Content-Encoding` names.
    UnsupportedContentCoding,
    /// A patch of one record that would break rules.
    UnprocessableRecord {
        errors: RecordErrors,
        /// The URL of the record that already has an identifier of this one.
        existing: Option<String>,
    },
    /// DynamoDB could not be reached, or nothing could be stored or deleted because of that.
    ServiceUnavailable,
    /// A fault of this service or its deployment.
    Internal,
}

/// The body of an error response.
#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'static str,
    message: &'static str,
    description: &'static str,
    fields: Cow<'a, [Field]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<RecordErrorCode>>,
    #[serde(rename = "_links", skip_serializing_if = "Option::is_none")]
    links: Option<ErrorLinks>,
}

#[derive(Serialize)]
struct ErrorLinks {
    existing_record: Link,
}

/// The fixed part of an error response.
struct Row {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
    description: &'static str,
}

const fn row(status: StatusCode, code: &'static str, message: &'static str, description: &'static str) -> Row {
    Row { status, code, message, description }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unavailable => Self::ServiceUnavailable,
            Failure::Rejected | Failure::Fault => Self::Internal,
        }
    }
}

impl Error {
    /// The code for programs. It never changes.
    pub fn code(&self) -> &'static str {
        self.row().code
    }

    /// The row of the error in the table of errors.
    #[rustfmt::skip]
    fn row(&self) -> Row {
        let forbidden = |description| row(StatusCode::FORBIDDEN, "FORBIDDEN", "The token does not allow this request.", description);
        match self {
            Self::InvalidBody { expected, .. } => row(StatusCode::BAD_REQUEST, "INVALID_BODY", "The request body is not valid.", expected),
            Self::InvalidQuery(_) => row(StatusCode::BAD_REQUEST, "INVALID_QUERY", "The query is not valid.", "Correct the parameters named in `fields`, or leave them out."),
            Self::InvalidIdempotencyKey(_) => row(StatusCode::BAD_REQUEST, "INVALID_IDEMPOTENCY_KEY", "The Idempotency-Key header is not valid.", "Send one key of 1 to 255 visible ASCII characters, such as a UUID, or leave the header out."),
            Self::Unauthorized => row(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "The request has no valid token.", "Send a valid access token: `Authorization: Bearer <token>`."),
            Self::InsufficientScope([_]) => forbidden("Use a token with the scope `record-lists:manage`."),
            Self::InsufficientScope(_) => forbidden("Use a token with the scope `record-lists:read` or `record-lists:manage`."),
            Self::NoAccount => forbidden("Use a token that names an account."),
            Self::RecordListNotFound => row(StatusCode::NOT_FOUND, "RECORD_LIST_NOT_FOUND", "The record list does not exist.", "Check the record list ID in the path; the list must belong to the token's account."),
            Self::RecordNotFound => row(StatusCode::NOT_FOUND, "RECORD_NOT_FOUND", "The record does not exist.", "Check the record ID in the path; the record may have been deleted."),
            Self::NotFound => row(StatusCode::NOT_FOUND, "NOT_FOUND", "The path does not exist.", "Check the path: it starts with /record-lists and has no trailing slash."),
            Self::MethodNotAllowed(_) => row(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "The path does not support this method.", "Use a method listed in the Allow header."),
            Self::RecordListDeleted => row(StatusCode::CONFLICT, "RECORD_LIST_DELETED", "The record list that this request created was deleted.", "Send the request with another Idempotency-Key to create a new list."),
            Self::PreconditionFailed => row(StatusCode::PRECONDITION_FAILED, "PRECONDITION_FAILED", "The record has another version than the request names.", "Read the record again, and send the request with its ETag in the If-Match header."),
            Self::PayloadTooLarge => row(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", "The request body is too large.", "Send several smaller requests."),
            Self::UnsupportedMediaType { .. } => row(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", "The Content-Type of the request is not JSON.", "Send the header `Content-Type: application/json`."),
            Self::UnsupportedContentCoding => row(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", "The Content-Encoding of the request is not supported.", "Send the body without a content coding, and without the Content-Encoding header."),
            Self::UnprocessableRecord { .. } => row(StatusCode::UNPROCESSABLE_ENTITY, "UNPROCESSABLE_RECORD", "The record would break a rule.", "Correct the members named in `fields`, and send the request again."),
            Self::ServiceUnavailable => row(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", "The service is not available at the moment.", "Send the same request again after the number of seconds in the Retry-After header, with its Idempotency-Key if it had one."),
            Self::Internal => row(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", "Something went wrong on our side.", "Send the request again; if it fails again, report the X-Request-Id header."),
        }
    }

    fn fields(&self) -> Cow<'_, [Field]> {
        match self {
            Self::InvalidBody { fields, .. } | Self::InvalidQuery(fields) => fields.into(),
            Self::InvalidIdempotencyKey(field) => std::slice::from_ref(field).into(),
            Self::UnprocessableRecord { errors, .. } => errors.fields().into(),
            _ => Cow::default(),
        }
    }

    /// The header that goes with the status: RFC 6750 section 3 for 401 and 403, RFC 9110 for the others.
    fn header(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Unauthorized => Some(("www-authenticate", "Bearer".to_owned())),
            Self::InsufficientScope(scopes) => {
                Some(("www-authenticate", format!(r#"Bearer error="insufficient_scope", scope="{}""#, scopes[0])))
            }
            Self::UnsupportedMediaType { accept_patch } => accept_patch.map(|types| ("accept-patch", types.to_owned())),
            Self::MethodNotAllowed(allow) => Some(("allow", allow.clone())),
            Self::UnsupportedContentCoding => Some(("accept-encoding", "identity".to_owned())),
            Self::ServiceUnavailable => Some(("retry-after", RETRY_AFTER_SECONDS.to_owned())),
            _ => None,
        }
    }
}

impl From<Error> for HttpResponse {
    fn from(error: Error) -> Self {
        let Row { status, code, message, description } = error.row();
        let (errors, existing) = match &error {
            Error::UnprocessableRecord { errors, existing } => (Some(errors.codes()), existing.clone()),
            _ => (None, None),
        };
        let links = existing.map(|href| ErrorLinks { existing_record: Link { href } });
        let body = ErrorBody { code, message, description, fields: error.fields(), errors, links };
        let mut response = Self::json(status, "application/json", &body);
        response.headers.extend(error.header());
        response
    }
}

#[cfg(test)]
mod tests;
