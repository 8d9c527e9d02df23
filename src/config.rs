//! What the operator sets: the environment variables, read once at start.

use std::{env, fmt};

use url::Url;

/// The longest `API_BASE_URL`, in bytes: every link of an answer starts with it, and the answer must fit Lambda's
/// response limit.
pub const MAX_BASE_URL_BYTES: usize = 512;

/// The function's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `TABLE_NAME`: the DynamoDB table of lists and records.
    pub table_name: String,
    /// `ACCOUNT_CLAIM`: the claim of the token that names the caller's account; `aid` where it is not set.
    pub account_claim: String,
    /// `API_BASE_URL`: what links start with, without a slash at the end; the host the caller used where it is not set.
    pub api_base_url: Option<String>,
}

/// Why the function does not start: one line for the operator.
#[derive(Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// `TABLE_NAME` is not set.
    TableNameMissing,
    /// `TABLE_NAME` is no name a DynamoDB table can have.
    TableNameInvalid,
    /// `API_BASE_URL` is no absolute `http` or `https` URL, has a query or fragment, or is too long.
    ApiBaseUrlInvalid,
    /// `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL` is no URL, on which the SDK would panic.
    EndpointUrlInvalid,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TableNameMissing => f.write_str("TABLE_NAME is not set: name the DynamoDB table"),
            Self::TableNameInvalid => {
                f.write_str("TABLE_NAME is no DynamoDB table name: 3 to 255 of a-z, A-Z, 0-9, '_', '-' and '.'")
            }
            Self::ApiBaseUrlInvalid => write!(
                f,
                "API_BASE_URL is no absolute http or https URL without query of at most {MAX_BASE_URL_BYTES} bytes"
            ),
            Self::EndpointUrlInvalid => f.write_str("AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL is no URL"),
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

    /// Reads variables through `lookup`; an empty one counts as not set, as a template's empty parameter arrives.
    ///
    /// # Errors
    ///
    /// The first variable that is missing or wrong.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let is_url = |name: &str| lookup(name).is_none_or(|value| Url::parse(&value).is_ok());
        if !["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"].into_iter().all(is_url) {
            return Err(ConfigError::EndpointUrlInvalid);
        }
        let variable = |name| lookup(name).filter(|value| !value.is_empty());
        Ok(Self {
            table_name: table_name(variable("TABLE_NAME").ok_or(ConfigError::TableNameMissing)?)?,
            account_claim: variable("ACCOUNT_CLAIM").unwrap_or_else(|| "aid".to_owned()),
            api_base_url: variable("API_BASE_URL").as_deref().map(base_url).transpose()?,
        })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn config(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_lookup(|name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_table_is_all_that_must_be_set() {
        let config = config(&[("TABLE_NAME", "records"), ("ACCOUNT_CLAIM", ""), ("API_BASE_URL", "")]).unwrap();
        let expected = Config { table_name: "records".to_owned(), account_claim: "aid".to_owned(), api_base_url: None };
        assert_eq!(config, expected);
    }

    #[test]
    fn a_base_url_loses_its_last_slash() {
        let config = config(&[("TABLE_NAME", "records"), ("API_BASE_URL", "https://api.example.com/v1/")]).unwrap();
        assert_eq!(config.api_base_url.as_deref(), Some("https://api.example.com/v1"));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let long = format!("https://{}", "a".repeat(MAX_BASE_URL_BYTES));
        let table: [(&[(&str, &str)], ConfigError); 8] = [
            (&[], ConfigError::TableNameMissing),
            (&[("AWS_ENDPOINT_URL_DYNAMODB", "")], ConfigError::EndpointUrlInvalid),
            (&[("TABLE_NAME", "")], ConfigError::TableNameMissing),
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
