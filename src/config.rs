//! The operator's settings: environment variables, read once at start.

use std::time::Duration;
use std::{env, fmt};

use url::Url;

/// The longest `API_BASE_URL`, and the longest path prefix of a request, in bytes: every link of a response starts with
/// it, and the response must fit Lambda's limit.
pub const MAX_BASE_URL_BYTES: usize = 512;

/// The longest timeout of a Lambda function: "function timeout", in Lambda's quotas.
const MAX_TIMEOUT_SECONDS: u64 = 900;

/// The function's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `TABLE_NAME`: the DynamoDB table of lists and records.
    pub table_name: String,
    /// `ACCOUNT_CLAIM`: the claim of the token that names the caller's account; `aid` if it is not set.
    pub account_claim: String,
    /// `API_BASE_URL`: the start of every link, without a final slash; if it is not set, the host that the caller used.
    pub api_base_url: Option<String>,
    /// `JWT_ISSUERS`: the issuers whose tokens are accepted; if there are none, API Gateway alone decides.
    pub jwt_issuers: Vec<String>,
    /// `JWT_AUDIENCES`: the accepted audiences; if there are none, API Gateway alone decides.
    pub jwt_audiences: Vec<String>,
    /// `TIMEOUT_SECONDS`: the function's timeout, the most time that a request has; if it is not set, Lambda's longest.
    pub timeout: Duration,
    /// `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL`: the address of DynamoDB, if not its regional endpoint.
    pub endpoint_url: Option<String>,
}

/// The reason why the function does not start, displayed as one line for the operator.
#[derive(Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// `TABLE_NAME` is not set.
    TableNameMissing,
    /// `TABLE_NAME` is not a name a DynamoDB table can have.
    TableNameInvalid,
    /// `API_BASE_URL` is not an absolute `http` or `https` URL, has a query or fragment, or is too long.
    ApiBaseUrlInvalid,
    /// `TIMEOUT_SECONDS` is not a timeout that a Lambda function can have.
    TimeoutInvalid,
    /// `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL` is not a URL, on which the SDK would panic.
    EndpointUrlInvalid,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TableNameMissing => f.write_str("TABLE_NAME is not set: name the DynamoDB table"),
            Self::TableNameInvalid => {
                f.write_str("TABLE_NAME is not a DynamoDB table name: 3 to 255 of a-z, A-Z, 0-9, '_', '-' and '.'")
            }
            Self::ApiBaseUrlInvalid => write!(
                f,
                "API_BASE_URL is not an absolute http or https URL without query, of at most {MAX_BASE_URL_BYTES} bytes"
            ),
            Self::TimeoutInvalid => write!(f, "TIMEOUT_SECONDS is not an integer from 1 to {MAX_TIMEOUT_SECONDS}"),
            Self::EndpointUrlInvalid => f.write_str("AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL is not a URL"),
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    ///
    /// The first variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_lookup(|name| env::var(name).ok())
    }

    /// Reads variables through `lookup`. An empty one counts as not set, because that is how a template's empty
    /// parameter arrives. Only an empty endpoint is an error, because the SDK would use it.
    ///
    /// # Errors
    ///
    /// The first variable that is missing or wrong.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let variable = |name| lookup(name).filter(|value| !value.is_empty());
        let endpoints = ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"].map(&lookup);
        if endpoints.iter().flatten().any(|url| Url::parse(url).is_err()) {
            return Err(ConfigError::EndpointUrlInvalid);
        }
        Ok(Self {
            table_name: table_name(variable("TABLE_NAME").ok_or(ConfigError::TableNameMissing)?)?,
            account_claim: variable("ACCOUNT_CLAIM").unwrap_or_else(|| "aid".to_owned()),
            api_base_url: variable("API_BASE_URL").as_deref().map(base_url).transpose()?,
            jwt_issuers: variable("JWT_ISSUERS").as_deref().map(separated).unwrap_or_default(),
            jwt_audiences: variable("JWT_AUDIENCES").as_deref().map(separated).unwrap_or_default(),
            timeout: timeout(variable("TIMEOUT_SECONDS").as_deref())?,
            endpoint_url: endpoints.into_iter().flatten().next(),
        })
    }
}

fn timeout(seconds: Option<&str>) -> Result<Duration, ConfigError> {
    let seconds = seconds.map_or(Ok(MAX_TIMEOUT_SECONDS), str::parse).map_err(|_| ConfigError::TimeoutInvalid)?;
    let is_valid = (1..=MAX_TIMEOUT_SECONDS).contains(&seconds);
    if is_valid { Ok(Duration::from_secs(seconds)) } else { Err(ConfigError::TimeoutInvalid) }
}

/// The rule is `CreateTable`'s: 3 to 255 characters. It also keeps quotes out of the PartiQL statements.
fn table_name(name: String) -> Result<String, ConfigError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if (3..=255).contains(&name.len()) && name.chars().all(allowed) {
        Ok(name)
    } else {
        Err(ConfigError::TableNameInvalid)
    }
}

fn base_url(value: &str) -> Result<String, ConfigError> {
    let url = Url::parse(value).map_err(|_| ConfigError::ApiBaseUrlInvalid)?;
    let plain = matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none();
    if !plain || value.len() > MAX_BASE_URL_BYTES {
        return Err(ConfigError::ApiBaseUrlInvalid);
    }
    Ok(value.trim_end_matches('/').to_owned())
}

fn separated(value: &str) -> Vec<String> {
    value.split(',').map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_lookup(|name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn only_the_table_must_be_set() {
        let empty = ["ACCOUNT_CLAIM", "API_BASE_URL", "JWT_ISSUERS", "JWT_AUDIENCES"].map(|name| (name, ""));
        let config = config(&[&[("TABLE_NAME", "records")], &empty[..]].concat()).unwrap();
        let expected = Config {
            table_name: "records".to_owned(),
            account_claim: "aid".to_owned(),
            api_base_url: None,
            jwt_issuers: Vec::new(),
            jwt_audiences: Vec::new(),
            timeout: Duration::from_mins(15),
            endpoint_url: None,
        };
        assert_eq!(config, expected);
    }

    #[test]
    fn a_base_url_loses_its_final_slash() {
        let config = config(&[("TABLE_NAME", "records"), ("API_BASE_URL", "https://api.example.com/v1/")]).unwrap();
        assert_eq!(config.api_base_url.as_deref(), Some("https://api.example.com/v1"));
    }

    #[test]
    fn issuers_and_audiences_are_separated_by_commas() {
        let variables =
            [("TABLE_NAME", "records"), ("JWT_ISSUERS", "https://a/,https://b"), ("JWT_AUDIENCES", "https://c, d,")];
        let config = config(&variables).unwrap();
        assert_eq!(config.jwt_issuers, ["https://a/", "https://b"]);
        assert_eq!(config.jwt_audiences, ["https://c", "d"]);
    }

    #[test]
    fn dynamodbs_own_endpoint_comes_first() {
        let config = |variables: &[(&str, &str)]| config(&[&[("TABLE_NAME", "records")], variables].concat());
        let (own, all) = (("AWS_ENDPOINT_URL_DYNAMODB", "http://d:8000"), ("AWS_ENDPOINT_URL", "http://a:1"));
        assert_eq!(config(&[all, own]).unwrap().endpoint_url.as_deref(), Some("http://d:8000"));
        assert_eq!(config(&[all]).unwrap().endpoint_url.as_deref(), Some("http://a:1"));
    }

    #[test]
    fn the_error_names_the_variable_that_is_missing_or_wrong() {
        let long = format!("https://{}", "a".repeat(MAX_BASE_URL_BYTES));
        let table: [(&[(&str, &str)], ConfigError); 10] = [
            (&[], ConfigError::TableNameMissing),
            (&[("AWS_ENDPOINT_URL_DYNAMODB", "")], ConfigError::EndpointUrlInvalid),
            (&[("TABLE_NAME", "")], ConfigError::TableNameMissing),
            (&[("TABLE_NAME", "records"), ("TIMEOUT_SECONDS", "0")], ConfigError::TimeoutInvalid),
            (&[("TABLE_NAME", "records"), ("TIMEOUT_SECONDS", "15s")], ConfigError::TimeoutInvalid),
            (&[("TABLE_NAME", "my\"table")], ConfigError::TableNameInvalid),
            (&[("TABLE_NAME", "ab")], ConfigError::TableNameInvalid),
            (&[("TABLE_NAME", "records"), ("API_BASE_URL", "api.example.com")], ConfigError::ApiBaseUrlInvalid),
            (&[("TABLE_NAME", "records"), ("API_BASE_URL", "https://a.example/?x=1")], ConfigError::ApiBaseUrlInvalid),
            (&[("TABLE_NAME", "records"), ("API_BASE_URL", &long)], ConfigError::ApiBaseUrlInvalid),
        ];
        for (variables, error) in table {
            assert_eq!(config(variables), Err(error), "{variables:?}");
        }
    }
}
