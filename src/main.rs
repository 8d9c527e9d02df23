//! The Lambda function: reads its configuration, connects to DynamoDB, responds to requests, and sweeps.

use std::convert::Infallible;
use std::env;
use std::process::ExitCode;

use lambda_http::lambda_runtime::Runtime;
use lambda_http::{Error, LambdaEvent, service_fn};
#[cfg(target_os = "linux")]
use mimalloc::MiMalloc;
use record_lists::{App, Config, Invocation, Store, telemetry};

/// Takes less CPU than glibc's allocator: a tenth of a batch of 100. Its feature `no_thp` matters: huge pages would double
/// the memory, and take a third of a start.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Runs on one thread, because Lambda sends a function one request at a time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    if env::var_os("AWS_LAMBDA_RUNTIME_API").is_none() {
        eprintln!("This is a Lambda function; to try it here: cargo run -p local");
        return ExitCode::FAILURE;
    }
    telemetry::init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(cause = %error, "the function stops");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Error> {
    let config = Config::from_env()?;
    let store = Store::open(&config).await;
    let app = &App::new(config, store);
    let respond = |event: LambdaEvent<Invocation>| async move {
        Ok::<_, Infallible>(app.invoke(event.payload, &event.context).await)
    };
    // Not `lambda_runtime::run`, which adds its own tracing: the function writes a line for each request itself.
    Runtime::new(service_fn(respond)).run().await
}
