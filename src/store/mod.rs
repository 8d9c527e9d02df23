//! Lists and records in DynamoDB: the one place that knows it.

mod call;
mod insert;
mod item;
mod new_record;
mod retry;
mod send;
mod settle;

use std::collections::HashMap;
use std::env;
use std::time::Duration;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{SharedCredentialsProvider, SharedHttpClient, StalledStreamProtectionConfig};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::get_item::GetItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use tokio::time::{Instant, timeout};
use tracing::{error, warn};

use self::call::UsageCounter;
pub use self::call::{Failure, Usage};
pub use self::new_record::{NewRecord, Outcome};
use self::retry::Attempts;
use crate::claims::Caller;
use crate::list::{RecordList, RecordListId, UniqueIdentifierType};

/// How long the function waits at start for its first connection; without one it starts all the same.
const WARM_UP_TIMEOUT: Duration = Duration::from_secs(2);

type Attributes = HashMap<String, AttributeValue>;

/// The table, and a client for it.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: String,
}

impl Store {
    /// A store on `table`, reached as Lambda's environment says, with its first connection open, so that the first
    /// request need not open it.
    ///
    /// The system's 140 root certificates are read only where those of AWS's own authority open no connection: to read
    /// them is four fifths of what the function does before its first request.
    pub async fn open(table: &str) -> Self {
        let config = sdk_config().await;
        let store = Self::with_roots(&config, table, amazon_trust_services());
        match store.connect().await {
            Err(None | Some(SdkError::DispatchFailure(_))) => {}
            result => return store.connected(result),
        }
        let store = Self::new(&config, table);
        let result = store.connect().await;
        store.connected(result)
    }

    /// A store on `table`, reached as `config` says.
    #[must_use]
    pub fn new(config: &SdkConfig, table: &str) -> Self {
        Self::with_roots(config, table, TrustStore::default())
    }

    /// The SDK's own retries are off: they know nothing of the request's deadline, nor of statements that fail alone.
    fn with_roots(config: &SdkConfig, table: &str, roots: TrustStore) -> Self {
        let config = aws_sdk_dynamodb::config::Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(http_client(roots))
            .build();
        Self { client: Client::from_conf(config), table: table.to_owned() }
    }

    /// Opens a connection: `None` stands for a timeout. It reads an item that does not exist, since that is all the
    /// function may do without storing something.
    #[allow(clippy::result_large_err)] // The SDK's own error, on its way to the log.
    async fn connect(&self) -> Result<(), Option<SdkError<GetItemError>>> {
        let read = self.client.get_item().table_name(&self.table).key("pk", text("WARM-UP")).key("sk", text("WARM-UP"));
        timeout(WARM_UP_TIMEOUT, read.send()).await.map_err(|_| None)?.map_err(Some)?;
        Ok(())
    }

    /// Without connection the function starts all the same.
    fn connected(self, result: Result<(), Option<SdkError<GetItemError>>>) -> Self {
        if let Err(error) = result {
            let cause = error.as_ref().map_or("timeout", call::cause);
            warn!(cause, "DynamoDB could not be reached at start");
        }
        self
    }

    /// The calls of one request, which end at `deadline`.
    #[must_use]
    pub fn session(&self, deadline: Instant) -> Session<'_> {
        Session { store: self, deadline, usage: UsageCounter::default() }
    }
}

/// The SDK's settings by the environment: `AWS_REGION`, the credentials that Lambda sets, and
/// `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL`.
///
/// Only these of `aws_config`'s providers: its default chain would look in files, containers, instance metadata and STS
/// too, a seventh more code to load at a cold start for what a function does not have.
async fn sdk_config() -> SdkConfig {
    let endpoint = ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"].into_iter().find_map(|name| env::var(name).ok());
    let credentials = SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new());
    let mut config = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).credentials_provider(credentials);
    config.set_region(EnvironmentVariableRegionProvider::new().region().await);
    config.set_endpoint_url(endpoint);
    config.build()
}

/// TLS by ring: no C library to build, and the smallest binary of the SDK's choices.
fn http_client(roots: TrustStore) -> SharedHttpClient {
    let tls = TlsContext::builder().with_trust_store(roots).build().unwrap_or_default();
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls)
        .build_https()
}

/// The roots that AWS tells every client to trust: www.amazontrust.com/repository.
fn amazon_trust_services() -> TrustStore {
    TrustStore::empty().with_pem_certificate(include_bytes!("amazon_trust_services.pem"))
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// The DynamoDB calls of one request.
#[derive(Debug)]
pub struct Session<'a> {
    store: &'a Store,
    deadline: Instant,
    usage: UsageCounter,
}

impl Session<'_> {
    /// What the calls so far took.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.usage.read()
    }

    /// Reads a list of the caller's account, `None` where it has none of that ID.
    ///
    /// # Errors
    ///
    /// [`Failure::Unavailable`] where DynamoDB does not answer in time, [`Failure::Fault`] where it refuses the call,
    /// or where the list has no type this service knows.
    pub async fn find_list(&self, caller: &Caller, id: &str) -> Result<Option<RecordList>, Failure> {
        let Some(id) = RecordListId::parse(id) else {
            return Ok(None);
        };
        let account = caller.account();
        let Some(list) = self.usage.time(self.read_list(account, &id)).await? else {
            return Ok(None);
        };
        let unique = list.get("unique_identifier_type").and_then(|value| value.as_s().ok());
        let Some(unique_identifier_type) = unique.and_then(|value| UniqueIdentifierType::parse(value)) else {
            error!(record_list_id = id.as_str(), "the record list has no known unique_identifier_type");
            return Err(Failure::Fault);
        };
        Ok(Some(RecordList { account: account.to_owned(), id, unique_identifier_type }))
    }

    /// The read is consistent, so that a list can be used as soon as it is made.
    async fn read_list(&self, account: &str, id: &RecordListId) -> Result<Option<Attributes>, Failure> {
        let read = || {
            let key = (text(format!("ACCOUNT#{account}")), text(format!("LIST#{}", id.as_str())));
            let get = self.store.client.get_item().table_name(&self.store.table).key("pk", key.0).key("sk", key.1);
            get.consistent_read(true).projection_expression("unique_identifier_type").send()
        };
        let mut attempts = Attempts::until(self.deadline);
        loop {
            match self.call(&attempts, read()).await {
                Err(Failure::Unavailable) if attempts.again().await => {}
                result => return result.map(|output| output.item),
            }
        }
    }
}
