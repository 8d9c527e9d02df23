//! Serving until Ctrl-C.

use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use axum::middleware;
use dynoxide::Database;
use local::gateway::Gateway;
use local::tokens::Issuer;
use local::{dynamodb, page, sample};
use tokio::net::TcpListener;

use crate::welcome::{Place, TABLE, welcome};
use crate::{LOOPBACK, Options, Result, print, request_log};

/// Serves DynamoDB, the API and its reference, and prints what to do with them.
pub async fn serve(options: &Options) -> Result<()> {
    let listener = listen(LOOPBACK, options.port, "--port").await?;
    let dynamodb_listener = listen(options.dynamodb_address, options.dynamodb_port, "--dynamodb-port").await?;
    let dynamodb = dynamodb::serve(dynamodb_listener, database(options.data.as_deref())?)?;
    let app = sample::app(&dynamodb, TABLE).await;
    let gateway = Arc::new(Gateway { app, issuer: issuer(options.data.as_deref())? });
    let place = Place { api: format!("http://{}", listener.local_addr()?), dynamodb };
    print(&welcome(&gateway, &place).await?)?;
    let router = page::router(gateway).layer(middleware::from_fn_with_state(request_log::printer(), request_log::log));
    tokio::spawn(axum::serve(listener, router).into_future());
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

/// With a file of data, the key of the tokens is kept beside it.
fn issuer(data: Option<&Path>) -> Result<Issuer> {
    let Some(path) = data else {
        return Ok(Issuer::new());
    };
    let mut path = path.as_os_str().to_owned();
    path.push(".key");
    Issuer::kept(path.as_ref()).map_err(|error| format!("{} cannot keep the key: {error}", path.display()).into())
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
