//! Turns any event into a response: finds the operation and the caller, writes the log line, and makes a panic a 500.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use lambda_http::Context;
use serde::Serialize;
use tokio::time::Instant;
use tracing::Instrument;

use crate::api::caller::{Caller, Claims};
use crate::api::endpoint::{Operation, Route};
use crate::api::error::Error;
use crate::api::event::{Event, Invocation};
use crate::api::hal::BaseUrl;
use crate::api::response::{HttpResponse, Response};
use crate::config::Config;
use crate::dynamodb::Session;
use crate::operations::{
    Request, create_record_list, create_records, delete_record, delete_record_list, delete_records, read_record,
    read_record_list, read_record_lists, read_records, update_record, update_record_list, update_records,
};
use crate::store::Store;
use crate::store::sweep::sweep;
use crate::telemetry::{RequestLog, write_sweep};

/// Time reserved before Lambda's deadline for sending the response.
const RESPONSE_TIME: Duration = Duration::from_millis(500);

/// The time a request has if there is no deadline.
const DEFAULT_TIME: Duration = Duration::from_secs(10);

/// The output of an invocation.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Output {
    /// The response to an HTTP request.
    Http(Response),
    /// The result of a sweep.
    Sweep(Sweep),
}

/// The result of a sweep.
#[derive(Debug, Serialize)]
pub struct Sweep {
    /// The records and aliases that were removed.
    swept: usize,
}

/// The function: the state that outlives a request.
#[derive(Debug)]
pub struct App {
    config: Config,
    store: Store,
    started: SystemTime,
    warm: AtomicBool,
}

impl App {
    /// A function with the settings `config`, on `store`.
    #[must_use]
    pub fn new(config: Config, store: Store) -> Self {
        Self { config, store, started: SystemTime::now(), warm: AtomicBool::new(false) }
    }

    /// Carries out any `invocation`. It cannot fail.
    pub async fn invoke(&self, invocation: Invocation, context: &Context) -> Output {
        match invocation {
            Invocation::Http(event) => Output::Http(self.handle(event, context).await),
            Invocation::Sweep => Output::Sweep(self.sweep(context).await),
        }
    }

    /// Removes records of lists that were deleted, and logs it in one line.
    async fn sweep(&self, context: &Context) -> Sweep {
        let session = self.store.session(self.deadline(context));
        let swept = sweep(&session).await;
        write_sweep(&context.request_id, swept, session.usage());
        Sweep { swept: swept.map(|swept| swept.items).unwrap_or_default() }
    }

    /// Responds to any `event`, and logs it in one line. It cannot fail: a panic becomes a 500.
    pub async fn handle(&self, event: Event, context: &Context) -> Response {
        let session = self.store.session(self.deadline(context));
        let request_id = event.request_id().unwrap_or(&context.request_id).to_owned();
        let mut log = RequestLog::new(&request_id, &context.request_id, !self.warm.swap(true, Relaxed));
        log.extended_request_id(event.extended_request_id());
        let span = log.span();
        let work = self.respond(&event, &session, &mut log).instrument(span);
        let result = AssertUnwindSafe(work).catch_unwind().await.unwrap_or(Err(Error::Internal));
        let mut response = result.unwrap_or_else(|error| {
            log.error(&error);
            error.into()
        });
        // A response contains personal data, which no cache on the way may keep.
        response.headers.extend([("cache-control", "no-store".to_owned()), ("x-request-id", request_id)]);
        log.write(response.status, session.usage());
        Response::new(response, event.takes_multi_value_headers())
    }

    async fn respond(&self, event: &Event, session: &Session<'_>, log: &mut RequestLog) -> Result<HttpResponse, Error> {
        let route = Route::of(event)?;
        log.operation(route.operation);
        let claims = Claims::of(event, &self.config)?;
        log.caller(&claims);
        let caller = Caller::authorize(&claims, route.access.scopes())?;
        let base_url = BaseUrl::of(event, &route, &self.config);
        let request = Request { event, route, caller, base_url, store: &self.store, session };
        match request.route.operation {
            Operation::CreateRecordList => create_record_list(&request, log).await,
            Operation::CreateRecords => create_records(&request, log).await,
            Operation::DeleteRecord => delete_record(&request, log).await,
            Operation::DeleteRecords => delete_records(&request, log).await,
            Operation::ReadRecord => read_record(&request, log).await,
            Operation::ReadRecordList => read_record_list(&request, log).await,
            Operation::ReadRecordLists => read_record_lists(&request).await,
            Operation::ReadRecords => read_records(&request, log).await,
            Operation::DeleteRecordList => delete_record_list(&request, log).await,
            Operation::UpdateRecordList => update_record_list(&request, log).await,
            Operation::UpdateRecord => update_record(&request, log).await,
            Operation::UpdateRecords => update_records(&request, log).await,
        }
    }

    /// The time by which the work must end, so that the response leaves before Lambda's deadline.
    fn deadline(&self, context: &Context) -> Instant {
        let deadline = UNIX_EPOCH + Duration::from_millis(context.deadline);
        let left = match deadline.duration_since(self.started) {
            Ok(_) => deadline.duration_since(SystemTime::now()).unwrap_or_default(),
            // `cargo lambda watch` sends a deadline before the process began, which means nothing.
            Err(_) => DEFAULT_TIME,
        };
        // The clock stands still while the environment is frozen, and then shows more time than is left.
        let left = left.min(self.config.timeout);
        Instant::now() + left.saturating_sub(RESPONSE_TIME)
    }
}
