//! Serving until Ctrl-C.

use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::middleware;
use dynoxide::Database;
use local::gateway::Gateway;
use local::tokens::Issuer;
use local::{dynamodb, function, guard, page, sample, template};
use tokio::net::TcpListener;

use crate::welcome::{Place, TABLE, welcome};
use crate::{LOOPBACK, Options, Result, print, request_log};

/// Serves DynamoDB, the API and its reference, and prints how to use them.
pub async fn serve(options: &Options) -> Result<()> {
    let listener = listen(LOOPBACK, options.port, "--port").await?;
    let dynamodb_listener = listen(options.dynamodb_address, options.dynamodb_port, "--dynamodb-port").await?;
    let engine = guard::listen_out_of_reach().await.map_err(|error| format!("DynamoDB cannot be started: {error}"))?;
    let guarded = guard::dynamodb(engine.local_addr()?, options.dynamodb_address);
    let place = Place {
        api: format!("http://{}", listener.local_addr()?),
        dynamodb: format!("http://{}", dynamodb_listener.local_addr()?),
    };
    let endpoint = dynamodb::serve(engine, database(options.data.as_deref())?)?;
    tokio::spawn(axum::serve(dynamodb_listener, guarded).into_future());
    let app = sample::app(&endpoint, TABLE).await;
    let gateway = Arc::new(Gateway { app, issuer: issuer(options.data.as_deref())? });
    // Before the text that mentions Ctrl-C, because a reader can send it at once.
    let stop = stop()?;
    print(&welcome(&gateway, &place).await?)?;
    tokio::spawn(sweep(Arc::clone(&gateway)));
    let router = page::router(gateway).layer(middleware::from_fn_with_state(request_log::printer(), request_log::log));
    tokio::spawn(axum::serve(listener, guard::local_names_only(router, options.dynamodb_address)).into_future());
    stop.await;
    Ok(())
}

/// The time between two sweeps.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// Makes the function sweep again and again, as the schedule does on AWS.
async fn sweep(gateway: Arc<Gateway>) {
    loop {
        tokio::time::sleep(SWEEP_INTERVAL).await;
        // Nobody reads the output: the function logs what it did.
        let _ = function::invoke(&gateway.app, r#"{"sweep": {}}"#, template::timeout()).await;
    }
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

/// The issuer of tokens. If the data is in a file, the issuer's key is kept beside it.
fn issuer(data: Option<&Path>) -> Result<Issuer> {
    let Some(path) = data else {
        return Ok(Issuer::new());
    };
    let mut path = path.as_os_str().to_owned();
    path.push(".key");
    Issuer::kept(path.as_ref()).map_err(|error| format!("{} cannot keep the key: {error}", path.display()).into())
}

/// Listens for Ctrl-C and SIGTERM from now on. Returns a future that waits for one of them.
#[cfg(unix)]
fn stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Listens for Ctrl-C from now on. Returns a future that waits for it.
#[cfg(windows)]
fn stop() -> io::Result<impl Future<Output = ()>> {
    let mut ctrl_c = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        ctrl_c.recv().await;
    })
}
