//! The table that the functions write to.

/// Its name.
const NAME: &str = "records";

/// The table that a function uses, and the way to it.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    /// DynamoDB's endpoint.
    pub endpoint: &'a str,
    pub name: &'static str,
    /// A file of root certificates to trust instead of the system's.
    pub roots: Option<&'a str>,
}

impl<'a> Table<'a> {
    /// The table at `endpoint`.
    pub fn at(endpoint: &'a str) -> Self {
        Self { endpoint, name: NAME, roots: None }
    }
}

/// Starts an embedded DynamoDB with the table and its lists. Returns its endpoint.
pub async fn start() -> String {
    let endpoint = local::dynamodb::start().await;
    local::dynamodb::set_up(&endpoint, NAME).await;
    endpoint
}
