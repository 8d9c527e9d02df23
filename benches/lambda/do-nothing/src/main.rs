//! A function that returns an empty `200` to every request, as `cargo lambda new` writes it.

use lambda_http::{Body, Error, Request, Response, run, service_fn, tracing};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(function_handler)).await
}

async fn function_handler(_request: Request) -> Result<Response<Body>, Error> {
    Ok(Response::new(Body::Empty))
}
