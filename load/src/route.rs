//! The route to the API: directly, or by a proxy of the environment.

use std::net::ToSocketAddrs;

use hyper_util::client::proxy::matcher::Matcher;
use ureq::http::Uri;
use ureq::{Proxy, ProxyProtocol};
use url::{Host, Url};

/// Whether `url` is on this machine. No proxy would reach it, and nobody can listen to what is sent to it.
pub fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// The proxy that the environment has for `url`; `None` if it is reached directly.
///
/// # Errors
///
/// If the proxy is none that can be used: it is never bypassed.
pub fn proxy(url: &Url, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Proxy>, String> {
    let own = if url.scheme() == "https" { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
    let mut names = own.into_iter().chain(["ALL_PROXY", "all_proxy"]);
    let value = |name: &'static str| variable(name).filter(|value| !value.trim().is_empty()).map(|value| (name, value));
    let Some((name, address)) = names.find_map(value) else { return Ok(None) };
    let exceptions = value("NO_PROXY").or_else(|| value("no_proxy")).map(|(_, value)| value).unwrap_or_default();
    if is_local(url) || is_exception(url, &exceptions) {
        return Ok(None);
    }
    match Proxy::new(address.trim()) {
        Ok(proxy) if matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) => Ok(Some(proxy)),
        Ok(_) => Err(format!("{name} names a SOCKS proxy, which is not supported: use an HTTP proxy, or NO_PROXY.")),
        Err(_) => Err(format!("{name} is not the address of a proxy.")),
    }
}

/// Whether `NO_PROXY` has the host of `url`: names, addresses and networks, as curl reads them.
fn is_exception(url: &Url, exceptions: &str) -> bool {
    // The matcher also knows proxies, but drops those that it does not understand.
    let matcher = Matcher::builder().all("http://proxy").no(exceptions).build();
    url.as_str().parse::<Uri>().is_ok_and(|uri| matcher.intercept(&uri).is_none())
}

/// Looks up the first host on the way to `url`.
///
/// # Errors
///
/// If there is no such host.
pub fn look_up(url: &Url, proxy: Option<&Proxy>) -> Result<(), String> {
    let (host, found) = match proxy {
        Some(proxy) => (proxy.host(), (proxy.host(), proxy.port()).to_socket_addrs().map(drop)),
        None => (url.host_str().unwrap_or_default(), url.socket_addrs(|| None).map(drop)),
    };
    found.map_err(|error| format!("The host {host} cannot be found: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(url: &str, environment: &[(&str, &str)]) -> Result<Option<String>, String> {
        let variable =
            |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let proxy = proxy(&url.parse().unwrap(), variable)?;
        Ok(proxy.map(|proxy| format!("{}:{}", proxy.host(), proxy.port())))
    }

    #[test]
    fn proxies_are_for_other_machines() {
        let table = [
            ("http://127.0.0.1:3000", true),
            ("http://127.8.0.1", true),
            ("http://[::1]:3000/v1", true),
            ("http://localhost:3000", true),
            ("https://api.localhost", true),
            ("https://localhost.example.com", false),
            ("https://10.0.0.1", false),
        ];
        for (url, expected) in table {
            assert_eq!(is_local(&url.parse().unwrap()), expected, "{url}");
            assert_eq!(route(url, &[("ALL_PROXY", "http://p")]).unwrap().is_none(), expected, "{url}");
        }
    }

    #[test]
    fn a_proxy_is_that_of_the_scheme_or_of_all() {
        let both = [("https_proxy", "p:1"), ("ALL_PROXY", "http://p:2"), ("HTTP_PROXY", "")];
        assert_eq!(route("https://api.example", &both), Ok(Some("p:1".to_owned())));
        assert_eq!(route("http://api.example", &both), Ok(Some("p:2".to_owned())));
        assert_eq!(route("https://api.example", &[]), Ok(None));
    }

    #[test]
    fn no_proxy_has_names_addresses_and_networks_between_commas_and_spaces() {
        let table = [
            ("https://api.example", "other.example, api.example", true),
            ("https://a.api.example", " .api.example ,x", true),
            ("https://api.example", "*", true),
            ("https://10.1.2.3/v1", "10.0.0.0/8", true),
            ("https://[fd00::7]", "10.0.0.0/8 , fd00::/8", true),
            ("https://11.1.2.3", "10.0.0.0/8, 11.1.2.4", false),
            ("https://notapi.example", "api.example", false),
            ("https://api.example", "", false),
        ];
        for (url, exceptions, direct) in table {
            let found = route(url, &[("HTTPS_PROXY", "http://p"), ("NO_PROXY", exceptions)]);
            assert_eq!(found.unwrap().is_none(), direct, "{url} {exceptions}");
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_an_error_and_never_bypassed() {
        for address in
            ["socks5://p:1080", "socks5h://p", "socks4://p", "socks4a://p", "socks://p", "ftp://p", "http://"]
        {
            assert!(route("https://api.example", &[("ALL_PROXY", address)]).is_err(), "{address}");
            assert_eq!(route("https://api.example", &[("ALL_PROXY", address), ("no_proxy", "api.example")]), Ok(None));
        }
    }

    #[test]
    fn a_host_that_does_not_exist_is_known_at_once() {
        let error = look_up(&"https://api.invalid/v1".parse().unwrap(), None).unwrap_err();
        assert!(error.starts_with("The host api.invalid cannot be found: "), "{error}");
        assert_eq!(look_up(&"https://127.0.0.1/v1".parse().unwrap(), None), Ok(()));
    }
}
