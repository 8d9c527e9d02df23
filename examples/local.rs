//! The service on this machine: DynamoDB, the API and its reference, in one process and on loopback.
//!
//! ```text
//! cargo run --example local                               serves until Ctrl-C
//! cargo run --example local -- events/201-in-part.json   answers one event
//! ```
//!
//! The function is the one that Lambda runs; what AWS has around it is played: DynamoDB by an engine that speaks its
//! protocol, the identity provider, API Gateway and Lambda by the modules in `support`.

#![allow(clippy::expect_used)] // What fails is a file of this repository that is not as it should be.

use std::error::Error;
use std::fs;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use axum::http::{Request, Response};
use clap::Parser;
use dynoxide::Database;
use record_lists::config::Config;
use record_lists::handler::App;
use record_lists::store::Store;
use record_lists::telemetry;
use serde_json::Value;
use support::gateway::{self, Gateway};
use support::tokens::{Issuer, LIFETIME};
use support::{dynamodb, events, http, page};
use tokio::net::TcpListener;

mod support {
    pub mod dynamodb;
    pub mod events;
    pub mod gateway;
    pub mod http;
    pub mod page;
    pub mod template;
    pub mod tokens;
}

const TABLE: &str = "record-lists";

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The contract's example, which any list takes but one that is unique by external reference.
const EXAMPLE: &str = include_str!("../events/201-all-created.json");
const EXTERNAL_EXAMPLE: &str = include_str!("../events/201-external-list.json");

/// Runs the record lists API on this machine, with a DynamoDB of its own.
#[derive(Parser)]
struct Options {
    /// Port of the API and its reference; 0 takes one that is free
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Port of DynamoDB; 0 takes one that is free
    #[arg(long, default_value_t = 8000)]
    dynamodb_port: u16,
    /// Address of DynamoDB; that of Docker's bridge lets a container reach it
    #[arg(long, value_name = "ADDRESS", default_value_t = LOOPBACK)]
    dynamodb_address: IpAddr,
    /// File that keeps the records; without it they are gone at the end
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// API Gateway event to answer instead, such as events/201-in-part.json
    #[arg(conflicts_with_all = ["port", "dynamodb_port", "dynamodb_address", "data"])]
    event: Option<PathBuf>,
}

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::var_os("RUST_LOG").is_some() {
        telemetry::init();
    }
    let options = Options::parse();
    let result = match &options.event {
        Some(event) => answer_event(event).await,
        None => serve(&options).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn answer_event(path: &Path) -> Result<()> {
    let name = path.display();
    let event = fs::read_to_string(path).map_err(|error| format!("{name} cannot be read: {error}"))?;
    let event: Value = serde_json::from_str(&event).map_err(|error| format!("{name} is not JSON: {error}"))?;
    let dynamodb = start_dynamodb(listen(LOOPBACK, 0, "").await?, Database::memory()?).await?;
    let answer = events::invoke(&function(&dynamodb)?, &event).await;
    let answer = answer.map_err(|error| format!("{name} is no event of API Gateway: {error}"))?;
    println!("{}", http::show_response(&answer));
    Ok(())
}

async fn serve(options: &Options) -> Result<()> {
    let listener = listen(LOOPBACK, options.port, "--port").await?;
    let dynamodb_listener = listen(options.dynamodb_address, options.dynamodb_port, "--dynamodb-port").await?;
    let dynamodb = start_dynamodb(dynamodb_listener, database(options.data.as_deref())?).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let issuer = Issuer::new();
    let token = issuer.token(LIFETIME);
    let gateway = Arc::new(Gateway { app: function(&dynamodb)?, issuer });
    let router = page::router().fallback(gateway::answer).method_not_allowed_fallback(gateway::answer);
    tokio::spawn(axum::serve(listener, router.with_state(gateway)).into_future());
    try_out(&url, &token).await?;
    print_what_next(&url, &token, &dynamodb)?;
    stopped().await?;
    Ok(())
}

async fn listen(address: IpAddr, port: u16, option: &str) -> Result<TcpListener> {
    let listener = TcpListener::bind((address, port)).await;
    listener.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => format!("Port {port} is in use: name another with {option}, or 0 for any.").into(),
        _ => format!("Port {port} cannot be used: {error}").into(),
    })
}

fn database(data: Option<&Path>) -> Result<Database> {
    let Some(path) = data else {
        return Ok(Database::memory()?);
    };
    let name = path.to_str().ok_or("The name of the data file is not UTF-8.")?;
    Ok(Database::new(name).map_err(|error| format!("{name} cannot keep the records: {error}"))?)
}

/// Serves `database`, with the table and its lists in it, and gives the address.
async fn start_dynamodb(listener: TcpListener, database: Database) -> Result<String> {
    let endpoint = format!("http://{}", listener.local_addr()?);
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    dynamodb::set_up(&Client::new(&dynamodb::config(&endpoint)), TABLE).await;
    Ok(endpoint)
}

fn function(dynamodb: &str) -> Result<App> {
    let config = Config::from_lookup(|name| (name == "TABLE_NAME").then(|| TABLE.to_owned()))?;
    let store = Store::new(&dynamodb::config(dynamodb), &config.table_name);
    Ok(App::new(config, store))
}

/// Posts the contract's example to the list where nothing is unique, so that the others are as new as they can be.
/// The key makes every start but the first a repetition where a file keeps the records.
async fn try_out(url: &str, token: &str) -> Result<()> {
    let lists = dynamodb::record_lists();
    let list = lists.iter().find(|list| list["unique_identifier_type"] == "NOTHING").ok_or("No list is of NOTHING.")?;
    let mut request = post(url, token, &list["id"], EXAMPLE)?;
    request.headers_mut().insert("idempotency-key", "local-example".parse()?);
    println!("{}\n", http::show_request(&request));
    let answer = tokio::task::spawn_blocking(|| send(request)).await??;
    println!("{}\n", http::show_response(&answer));
    Ok(())
}

/// A request that posts the body of `event` to `list`.
fn post(url: &str, token: &str, list: &str, event: &str) -> Result<Request<String>> {
    let event: Value = serde_json::from_str(event)?;
    let body = event["body"].as_str().ok_or("The event has no body.")?;
    let request = Request::post(format!("{url}/record-lists/{list}/records/bulks"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json");
    Ok(request.body(body.to_owned())?)
}

fn send(request: Request<String>) -> std::result::Result<Response<String>, ureq::Error> {
    let agent: ureq::Agent = ureq::config::Config::builder().http_status_as_error(false).build().into();
    let (parts, mut body) = agent.run(request)?.into_parts();
    Ok(Response::from_parts(parts, body.read_to_string()?))
}

fn print_what_next(url: &str, token: &str, dynamodb: &str) -> Result<()> {
    for list in dynamodb::record_lists() {
        let unique = &list["unique_identifier_type"];
        let event = if unique == "EXTERNAL" { EXTERNAL_EXAMPLE } else { EXAMPLE };
        let request = post(url, token, &list["id"], event)?;
        println!("# {} ({unique})\n{}\n", list["name"], http::curl(&request));
    }
    println!("# What DynamoDB holds");
    println!("AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws dynamodb scan --region eu-west-1 \\");
    println!("  --endpoint-url {dynamodb} --table-name {TABLE}\n");
    println!("DynamoDB   {dynamodb}");
    println!("API        {url}");
    println!("Reference  {url}/ (\"Try it out\", then \"Execute\")");
    println!("Ctrl-C stops them.");
    Ok(())
}

/// Waits for Ctrl-C, or SIGTERM.
async fn stopped() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
