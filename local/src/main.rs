//! The record lists API on this machine: DynamoDB, the API and its reference, in one process and on loopback.
//!
//! ```text
//! cargo run -p local                               serves until Ctrl-C
//! cargo run -p local -- events/201-in-part.json   prints the response to one event
//! ```

use std::error::Error;
use std::fs;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use axum::http::{Request, Response};
use clap::Parser;
use dynoxide::Database;
use local::gateway::Gateway;
use local::tokens::{Issuer, LIFETIME};
use local::{dynamodb, function, guard, integration, lists, page, screen, template};
use record_lists::telemetry;
use serde_json::Value;
use tokio::net::TcpListener;

const TABLE: &str = "record-lists";

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The contract's example, which every list accepts except one in which external references are unique.
const EXAMPLE: &str = include_str!("../../events/201-all-created.json");
const EXTERNAL_EXAMPLE: &str = include_str!("../../events/201-external-list.json");

/// Runs the record lists API on this machine, with a DynamoDB of its own.
#[derive(Parser)]
struct Options {
    /// Port of the API and its reference; 0 takes a free one
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Port of DynamoDB; 0 takes a free one
    #[arg(long, default_value_t = 8000)]
    dynamodb_port: u16,
    /// Address of DynamoDB; a container can reach the one of Docker's bridge
    #[arg(long, value_name = "ADDRESS", default_value_t = LOOPBACK)]
    dynamodb_address: IpAddr,
    /// File that keeps the records; without it they are lost at the end
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// API Gateway event whose response to print instead, such as events/201-in-part.json
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
        Some(event) => print_response(event).await,
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

async fn print_response(path: &Path) -> Result<()> {
    let name = path.display();
    let event = fs::read_to_string(path).map_err(|error| format!("{name} cannot be read: {error}"))?;
    let event: Value = serde_json::from_str(&event).map_err(|error| format!("{name} is not JSON: {error}"))?;
    let endpoint = dynamodb::start().await;
    dynamodb::set_up(&endpoint, TABLE).await;
    let app = function::app(&endpoint, TABLE, &[]);
    let response = function::invoke(&app, &event.to_string(), template::timeout()).await;
    let response = response.map_err(|error| format!("{name} is not an event of API Gateway: {error}"))?;
    println!("{}", screen::show_response(&integration::response(&response)?));
    Ok(())
}

async fn serve(options: &Options) -> Result<()> {
    let listener = listen(LOOPBACK, options.port, "--port").await?;
    let dynamodb_listener = listen(options.dynamodb_address, options.dynamodb_port, "--dynamodb-port").await?;
    let dynamodb_url = format!("http://{}", dynamodb_listener.local_addr()?);
    let engine = guard::listen_out_of_reach().await.map_err(|error| format!("DynamoDB cannot be started: {error}"))?;
    let guarded = guard::dynamodb(engine.local_addr()?, options.dynamodb_address);
    let endpoint = dynamodb::serve(engine, database(options.data.as_deref())?)?;
    tokio::spawn(axum::serve(dynamodb_listener, guarded).into_future());
    dynamodb::set_up(&endpoint, TABLE).await;
    let url = format!("http://{}", listener.local_addr()?);
    let issuer = Issuer::new();
    let token = issuer.token(LIFETIME);
    let gateway = Gateway { app: function::app(&endpoint, TABLE, &[]), issuer };
    let api = guard::local_names_only(page::router(Arc::new(gateway)), options.dynamodb_address);
    tokio::spawn(axum::serve(listener, api).into_future());
    let record = try_out(&url, &token).await?;
    print_batches(&url, &token)?;
    print_walk(&url, &token, &record)?;
    print_load(&url, &token);
    print_addresses(&url, &dynamodb_url);
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

/// Posts the contract's example to the list in which nothing is unique, so that the other lists stay empty. Because of
/// the key, every start but the first is a repetition if a file keeps the records. Returns the URL of the first record.
async fn try_out(url: &str, token: &str) -> Result<String> {
    let mut request = post(url, token, lists::NOTHING, EXAMPLE)?;
    request.headers_mut().insert("idempotency-key", "local-example".parse()?);
    println!("{}\n", screen::show_request(&request));
    let response = tokio::task::spawn_blocking(|| send(request)).await??;
    println!("{}\n", screen::show_response(&response));
    let body: Value = serde_json::from_str(response.body())?;
    let record = &body["_embedded"]["records"][0]["_links"]["self"]["href"];
    Ok(record.as_str().ok_or("The example was not created.")?.to_owned())
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

/// Shows how to put records into each list.
fn print_batches(url: &str, token: &str) -> Result<()> {
    for list in lists::items() {
        let unique = &list["unique_identifier_type"];
        let event = if unique == "EXTERNAL" { EXTERNAL_EXAMPLE } else { EXAMPLE };
        let request = post(url, token, &list["id"], event)?;
        println!("# {} ({unique})\n{}\n", list["name"], screen::curl(&request));
    }
    Ok(())
}

/// Shows the other operations: each command can be pasted, in this order.
fn print_walk(url: &str, token: &str, record: &str) -> Result<()> {
    let lists = format!("{url}/record-lists");
    let page = format!("{lists}/{}/records?per_page=1", lists::NOTHING);
    let steps = [
        ("Create a list", "POST", &*lists, r#"{"name":"My list"}"#),
        ("Read the lists", "GET", &lists, ""),
        ("Read records, page by page", "GET", &page, ""),
        ("Read a record", "GET", record, ""),
        ("Delete it", "DELETE", record, ""),
    ];
    for (title, method, url, body) in steps {
        let mut request = Request::builder().method(method).uri(url).header("authorization", format!("Bearer {token}"));
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        println!("# {title}\n{}\n", screen::curl(&request.body(body.to_owned())?));
    }
    Ok(())
}

/// Shows how to load a file of 40 rows, some of which are wrong.
fn print_load(url: &str, token: &str) {
    println!("# Load a file");
    println!("RECORD_LISTS_TOKEN={token} \\");
    println!("  cargo run -p load -- --url {url} --list {} load/sample.csv\n", lists::PHONE_NUMBER);
}

fn print_addresses(url: &str, dynamodb: &str) {
    println!("# What DynamoDB holds");
    println!("AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws dynamodb scan --region eu-west-1 \\");
    println!("  --endpoint-url {dynamodb} --table-name {TABLE}\n");
    println!("DynamoDB   {dynamodb}");
    println!("API        {url}");
    println!("Reference  {url}/ (\"Try it out\", then \"Execute\")");
    println!("Ctrl-C stops them.");
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
