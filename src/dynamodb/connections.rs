//! The connections to DynamoDB: settings, TLS, the first connection at start, and the replacement of dead ones.

use std::fmt;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{
    Config, ConfigBag, Intercept, RuntimeComponents, SharedCredentialsProvider, SharedHttpClient,
    StalledStreamProtectionConfig,
};
use aws_sdk_dynamodb::error::{BoxError, SdkError};
use aws_sdk_dynamodb::operation::get_item::GetItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use tokio::time::timeout;
use tracing::warn;

use super::failure::cause;

/// The longest wait for the first connection at start. Without a connection, the function starts nevertheless.
const WARM_UP_TIMEOUT: Duration = Duration::from_secs(2);

/// The longest time that a connection is kept idle. Lambda freezes an environment between requests, sometimes for
/// minutes, and a connection can die unnoticed in that time.
const IDLE_TIMEOUT: Duration = Duration::from_secs(45);

/// Makes HTTP clients, each with a pool of its own.
type HttpClients = Box<dyn Fn() -> SharedHttpClient + Send + Sync>;

/// The SDK's client, whose pool of connections can be replaced.
pub struct Connections {
    config: Config,
    http_clients: HttpClients,
    current: RwLock<Current>,
}

/// The client, and the generation of its connections.
#[derive(Clone)]
pub struct Current {
    pub client: Client,
    pub generation: u64,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").field("generation", &self.current().generation).finish_non_exhaustive()
    }
}

impl Connections {
    /// Connections with the settings of Lambda's environment. The first connection is open.
    pub async fn open(endpoint_url: Option<&str>, table: &str) -> Self {
        let config = sdk_config(endpoint_url).await;
        let connections = Self::with(&config, http_clients(endpoint_url, amazon_trust_services()));
        match connections.connect(table).await {
            Err(None | Some(SdkError::DispatchFailure(_))) => {}
            result => return connections.connected(result),
        }
        // Only now the system's 140 root certificates: reading them takes four fifths of a start.
        let connections = Self::with(&config, http_clients(endpoint_url, TrustStore::default()));
        let result = connections.connect(table).await;
        connections.connected(result)
    }

    /// Connections with the settings of `config`. If it has an HTTP client, that is never replaced.
    pub fn new(config: &SdkConfig) -> Self {
        match config.http_client() {
            Some(client) => {
                let client = client.clone();
                Self::with(config, Box::new(move || client.clone()))
            }
            None => Self::with(config, http_clients(config.endpoint_url(), TrustStore::default())),
        }
    }

    fn with(config: &SdkConfig, http_clients: HttpClients) -> Self {
        let config = aws_sdk_dynamodb::config::Builder::from(config)
            // The SDK's retries know neither the request's deadline nor statements that fail alone.
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(http_clients())
            .interceptor(RefuseEmpty)
            .build();
        let current = Current { client: Client::from_conf(config.clone()), generation: 0 };
        Self { config, http_clients, current: RwLock::new(current) }
    }

    /// The client whose connections have not been replaced.
    pub fn current(&self) -> Current {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces every connection of `generation`, after one of them did not respond in time. All of them can have died
    /// while the environment was frozen, and each further attempt would take the next dead one.
    pub fn renew(&self, generation: u64) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.generation == generation {
            let config = self.config.to_builder().http_client((self.http_clients)()).build();
            *current = Current { client: Client::from_conf(config), generation: generation + 1 };
        }
    }

    /// Opens a connection. The error `None` is a timeout.
    async fn connect(&self, table: &str) -> Result<(), Option<SdkError<GetItemError>>> {
        let Current { client, .. } = self.current();
        let warm_up = AttributeValue::S("WARM-UP".to_owned());
        let read = client.get_item().table_name(table).key("pk", warm_up.clone()).key("sk", warm_up);
        match timeout(WARM_UP_TIMEOUT, read.send()).await {
            // A refusal opens a connection too: the sweep's role does not allow `GetItem`.
            Ok(Ok(_) | Err(SdkError::ServiceError(_))) => Ok(()),
            Ok(Err(error)) => Err(Some(error)),
            Err(_) => Err(None),
        }
    }

    /// Logs that there is no connection, if so. The function starts nevertheless.
    fn connected(self, result: Result<(), Option<SdkError<GetItemError>>>) -> Self {
        if let Err(error) = result {
            let cause = error.as_ref().map_or("timeout", cause);
            warn!(cause, "DynamoDB could not be reached at start");
        }
        self
    }
}

/// The SDK's settings from the environment: `AWS_REGION`, and the credentials that Lambda sets.
async fn sdk_config(endpoint_url: Option<&str>) -> SdkConfig {
    // Not `aws_config`'s default chain: it also looks in files, containers, instance metadata and STS, none of which a
    // function has, and is a seventh more code to load at a cold start.
    let credentials = SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new());
    let mut config = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).credentials_provider(credentials);
    config.set_region(EnvironmentVariableRegionProvider::new().region().await);
    config.set_endpoint_url(endpoint_url.map(str::to_owned));
    config.build()
}

#[expect(clippy::expect_used, reason = "a context only keeps the roots, which are read later")]
fn http_clients(endpoint_url: Option<&str>, roots: TrustStore) -> HttpClients {
    let builder = || aws_smithy_http_client::Builder::new().pool_idle_timeout(IDLE_TIMEOUT);
    // An emulator has no TLS.
    if endpoint_url.is_some_and(|url| url.starts_with("http://")) {
        return Box::new(move || builder().build_http());
    }
    let tls = TlsContext::builder().with_trust_store(roots).build().expect("a context can be built of any roots");
    // TLS by ring: no C library to build, and the smallest binary of the SDK's choices.
    Box::new(move || builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(tls.clone()).build_https())
}

/// The roots that AWS tells every client to trust: www.amazontrust.com/repository.
fn amazon_trust_services() -> TrustStore {
    TrustStore::empty().with_pem_certificate(include_bytes!("amazon_trust_services.pem"))
}

/// Refuses a success without a body. The SDK would read it as an empty object, which means that an item does not exist
/// or a transaction succeeded. DynamoDB never sends one.
#[derive(Debug)]
struct RefuseEmpty;

impl Intercept for RefuseEmpty {
    fn name(&self) -> &'static str {
        "RefuseEmpty"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let is_empty = response.body().bytes().is_some_and(<[u8]>::is_empty);
        if response.status().is_success() && is_empty { Err("the response has no body".into()) } else { Ok(()) }
    }
}
