//! The Lambda function: reads its configuration, connects to DynamoDB, and answers requests.

use std::convert::Infallible;
use std::env;
use std::process::ExitCode;

use lambda_http::{Error, Request, service_fn};
use record_lists::config::Config;
use record_lists::handler::App;
use record_lists::store::Store;
use record_lists::telemetry;

/// One thread: a function answers one request at a time, and Lambda lends it less than one core.
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
    let store = Store::open(&config.table_name).await;
    let app = &App::new(config, store);
    lambda_http::run(service_fn(|request: Request| async move { Ok::<_, Infallible>(app.handle(request).await) })).await
}
