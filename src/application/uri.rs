//! Addresses of applications: what may be registered, and whether one that comes with a request was.
//!
//! An address is kept as it was typed, which must be what a browser makes of it, and is compared byte for
//! byte (OpenID Connect Core §3.1.2.1, RFC 9700 §2.1): whatever a browser would read otherwise is not
//! kept, so there is no spelling of one address that means another.

use super::kind::UriKind;
use url::{Host, Url};

/// Bytes of an address.
pub const LONGEST: usize = 2_000;
/// Names of the answer (RFC 6749 §4.1.2, RFC 9207): an address that has one of its own could pass it for ours.
const ANSWERS: &[&str] = &[
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "id_token",
    "access_token",
    "response",
];
/// Schemes whose addresses are code, data or files.
const DANGEROUS: &[&str] = &[
    "javascript",
    "data",
    "file",
    "vbscript",
    "blob",
    "about",
    "view-source",
    "filesystem",
];

/// Why an address cannot be registered; `is_native` is whether it is one of a program on somebody's device.
///
/// # Errors
/// What is wrong with it, in words for who typed it.
pub fn check(kind: UriKind, text: &str, is_native: bool) -> Result<(), String> {
    check_letters(text)?;
    let (scheme, _) = text
        .split_once(':')
        .ok_or("must begin with a scheme, such as https://")?;
    let lower = scheme.to_ascii_lowercase();
    if DANGEROUS.contains(&lower.as_str()) {
        return Err(format!(
            "may not have the scheme {lower}: a browser would run or read it"
        ));
    }
    let url = Url::parse(text).map_err(|why| format!("is not an address: {why}"))?;
    check_parts(text, &url)?;
    match (lower.as_str(), kind) {
        ("http" | "https", _) => check_web(&url)?,
        (_, UriKind::Origin) => return Err("must begin with https://".to_owned()),
        _ if !is_native => {
            return Err("must begin with https://; schemes of its own are for native applications".to_owned());
        }
        _ if !lower.contains('.') => {
            let why = "must have a scheme with a dot, such as com.example.app: (RFC 8252 §7.1)";
            return Err(why.to_owned());
        }
        _ => {}
    }
    if kind == UriKind::Origin {
        return check_origin(text, &url);
    }
    check_as_read(text, &url)?;
    match url.query_pairs().find(|(name, _)| ANSWERS.contains(&name.as_ref())) {
        Some((name, _)) => Err(format!("may not have {name} in its query: the answer has one")),
        None => Ok(()),
    }
}

/// Why an application cannot be told at this address that a session ended: one of the web without a fragment, which
/// is no part of a request.
///
/// # Errors
/// What is wrong with it, in words for who typed it.
pub fn check_backchannel(text: &str) -> Result<(), String> {
    check_letters(text)?;
    let url = Url::parse(text).map_err(|why| format!("is not an address: {why}"))?;
    match url.scheme() {
        "http" | "https" => check_web(&url)?,
        _ => return Err("must begin with https://".to_owned()),
    }
    check_parts(text, &url)?;
    check_as_read(text, &url)
}

/// Where somebody comes back to an application, with what the application wants to know again by.
#[must_use]
pub fn with_state(uri: &str, state: Option<&str>) -> String {
    let Some(state) = state else { return uri.to_owned() };
    let state = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("state", state)
        .finish();
    let mark = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{mark}{state}")
}

fn check_letters(text: &str) -> Result<(), String> {
    if text.is_empty() || text.len() > LONGEST {
        return Err(format!("must have 1 to {LONGEST} characters"));
    }
    if !text.is_ascii() {
        return Err("must be in ASCII: a host in punycode (xn--…), other letters as %C3%A4".to_owned());
    }
    if text.bytes().any(|b| b.is_ascii_control() || b == b' ') {
        return Err("may not have blanks, tabs or line breaks".to_owned());
    }
    if text.contains('*') {
        return Err("may not have a wildcard: register each address".to_owned());
    }
    match text.chars().find(|c| "\\\"<>^`{|}".contains(*c)) {
        Some(wrong) => Err(format!("may not have the character {wrong}")),
        None => Ok(()),
    }
}

fn check_parts(text: &str, url: &Url) -> Result<(), String> {
    if text.contains('#') {
        return Err("may not have a fragment: leave out # and what follows".to_owned());
    }
    match !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
        true => Err("may not have a name or password before the host".to_owned()),
        false => Ok(()),
    }
}

/// What is between `//` and the path.
fn authority(text: &str) -> &str {
    let rest = text.split_once("//").map_or("", |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

fn check_web(url: &Url) -> Result<(), String> {
    match (url.scheme(), is_loopback(url)) {
        ("http", false) => Err("must begin with https://; http:// is for 127.0.0.1, [::1] and localhost".to_owned()),
        _ => Ok(()),
    }
}

/// Whether it never leaves the device.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(ip)) => ip == std::net::Ipv6Addr::LOCALHOST,
        None => false,
    }
}

fn check_origin(text: &str, url: &Url) -> Result<(), String> {
    let origin = url.origin().ascii_serialization();
    match origin == text {
        true => Ok(()),
        false => Err(format!(
            "must be scheme, host and port alone, as browsers write it: {origin}"
        )),
    }
}

/// Whether a browser reads it as it is written: dots in a path, capitals in a host, the port that is
/// meant anyway and odd forms of numbers are read as something else.
fn check_as_read(text: &str, url: &Url) -> Result<(), String> {
    let read = url.as_str();
    let without_path = read
        .strip_suffix('/')
        .filter(|_| url.path() == "/" && url.query().is_none());
    match read == text || without_path == Some(text) {
        true => Ok(()),
        false => Err(format!("must be written as browsers read it: {read}")),
    }
}

/// Whether an address that came with a request is one of these, byte for byte. One of a native application
/// on the device itself may differ in its port alone (RFC 8252 §7.3), as such programs take whichever is free.
#[must_use]
pub fn is_registered(registered: &[String], given: &str, is_native: bool) -> bool {
    let same = |known: &String| known == given || (is_native && is_same_but_port(known, given));
    registered.iter().any(same)
}

fn is_same_but_port(known: &str, given: &str) -> bool {
    match (without_port(known), without_port(given)) {
        (Some(known), Some(given)) => known == given,
        _ => false,
    }
}

/// Host and rest of an address on the device itself. `localhost` is there because command lines and agents use
/// it with a port a run.
fn without_port(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("http://")?;
    let host = ["127.0.0.1", "[::1]", "localhost"]
        .into_iter()
        .find(|host| rest.starts_with(host))?;
    let rest = &rest[host.len()..];
    let Some(after) = rest.strip_prefix(':') else {
        return (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest));
    };
    let end = after.find(['/', '?']).unwrap_or(after.len());
    let (port, rest) = after.split_at(end);
    let is_number = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0');
    (is_number && port.parse::<u16>().is_ok()).then_some((host, rest))
}

/// The origins from which pages of these addresses call.
#[must_use]
pub fn origins(redirects: &[String]) -> Vec<String> {
    let urls = redirects.iter().filter_map(|text| Url::parse(text).ok());
    let web = urls.filter(|url| matches!(url.scheme(), "http" | "https"));
    let mut origins: Vec<String> = web.map(|url| url.origin().ascii_serialization()).collect();
    origins.sort_unstable();
    origins.dedup();
    origins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_registered_as_browsers_read_it() {
        for good in [
            "https://app.example.com/callback",
            "https://app.example.com",
            "https://app.example.com/",
            "https://app.example.com:8443/a/b?tenant=1",
            "https://xn--bcher-kva.example/cb",
            "http://localhost:3000/cb",
            "http://127.0.0.1/cb",
            "http://[::1]:8080/cb",
        ] {
            assert_eq!(check(UriKind::Redirect, good, false), Ok(()), "{good}");
        }
        for good in [
            "com.example.app:/callback",
            "com.example.app://callback",
            "http://127.0.0.1/cb",
        ] {
            assert_eq!(check(UriKind::Redirect, good, true), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_a_browser_reads_otherwise_or_runs_is_not_registered() {
        for bad in [
            "",
            "app.example.com/cb",
            "/cb",
            "//app.example.com/cb",
            "http://app.example.com/cb",
            "https://app.example.com/cb#",
            "https://app.example.com/cb#x",
            "https://ada@app.example.com/cb",
            "https://ada:pw@app.example.com/cb",
            "https://@app.example.com/cb",
            "https://app.example.com@evil.example/cb",
            "https://app.example.com\\@evil.example/cb",
            "https:\\\\app.example.com/cb",
            "https://*.example.com/cb",
            "https://app.example.com/*",
            "https://app.example.com/a/../cb",
            "https://app.example.com/a/%2e%2e/cb",
            "https://app.example.com/a/%2E/cb",
            "https://app.example.com/..;/../cb",
            "https://APP.example.com/cb",
            "HTTPS://app.example.com/cb",
            "https://app.example.com:443/cb",
            "https://app.example.com:/cb",
            "https://app.example.com:99999/cb",
            "https:app.example.com/cb",
            "https:///app.example.com/cb",
            "https://bücher.example/cb",
            "https://app.example.com/ä",
            "https://app.example.com/c b",
            "https://app.example.com/c\tb",
            "https://app.example.com/cb\n",
            "\thttps://app.example.com/cb",
            "https://app.example.com/cb?code=1",
            "https://app.example.com/cb?a=1&state=2",
            "https://app.example.com/cb?iss=x",
            "https://app.example.com/cb?%63ode=x",
            "http://0x7f.1/cb",
            "http://2130706433/cb",
            "http://127.1/cb",
            "http://localhost./cb",
            "http://localhost.evil.example/cb",
            "http://[0:0:0:0:0:0:0:1]/cb",
            "http://[::ffff:127.0.0.1]/cb",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "vbscript:x",
            "blob:https://app.example.com/1",
            "com.example.app:/callback",
            "ftp://app.example.com/cb",
        ] {
            assert!(check(UriKind::Redirect, bad, false).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_native_application_has_no_scheme_that_runs_or_that_others_may_have() {
        for bad in [
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            "data:text/html,x",
            "myapp:/callback",
            "myapp://callback",
            "com.example.app:/callback#x",
            "Com.Example.App:/callback",
            "com.example.app://ada@callback/x",
        ] {
            assert!(check(UriKind::Redirect, bad, true).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for good in [
            "https://app.example.com",
            "https://app.example.com:8443",
            "http://localhost:5173",
        ] {
            assert_eq!(check(UriKind::Origin, good, false), Ok(()), "{good}");
        }
        for bad in [
            "https://app.example.com/",
            "https://app.example.com/x",
            "https://app.example.com:443",
            "http://app.example.com",
            "null",
            "*",
            "https://*.example.com",
            "com.example.app:/x",
        ] {
            assert!(check(UriKind::Origin, bad, true).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_address_that_differs_in_one_byte_is_another_one() {
        let known = ["https://app.example.com/cb?a=1&b=2".to_owned()];
        assert!(is_registered(&known, &known[0], false));
        for other in [
            "https://app.example.com/cb?a=1&b=3",
            "https://app.example.com/cb?b=2&a=1",
            "https://app.example.com/cb",
            "https://app.example.com/cb/?a=1&b=2",
            "https://app.example.com/CB?a=1&b=2",
            "https://app.example.com:443/cb?a=1&b=2",
            "https://app.example.com:8443/cb?a=1&b=2",
            "https://App.example.com/cb?a=1&b=2",
            "https://app.example.com./cb?a=1&b=2",
            "https://app.example.com/cb?a=1&b=2#",
            "https://app.example.com/cb?a=1&b=2&c=3",
            "https://app.example.com@evil.example/cb?a=1&b=2",
            "http://app.example.com/cb?a=1&b=2",
            " https://app.example.com/cb?a=1&b=2",
        ] {
            assert!(!is_registered(&known, other, false), "{other}");
            assert!(!is_registered(&known, other, true), "{other}");
        }
    }

    #[test]
    fn a_native_application_takes_whichever_port_is_free_and_nothing_else() {
        let known = [
            "http://127.0.0.1/cb".to_owned(),
            "http://[::1]:1/cb".to_owned(),
            "http://localhost/cb?a=1".to_owned(),
        ];
        for given in [
            "http://127.0.0.1:51234/cb",
            "http://127.0.0.1/cb",
            "http://[::1]:51234/cb",
            "http://[::1]/cb",
            "http://localhost:8080/cb?a=1",
        ] {
            assert!(is_registered(&known, given, true), "{given}");
        }
        assert!(
            !is_registered(&known, "http://127.0.0.1:51234/cb", false),
            "it is for native ones"
        );
        for other in [
            "http://127.0.0.1:51234/other",
            "http://127.0.0.1:51234/cb?x=1",
            "https://127.0.0.1:51234/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:080/cb",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:51234@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.1@evil.example/cb",
            "http://localhost:1@evil.example/cb?a=1",
            "http://localhost.:1/cb?a=1",
            "http://127.0.0.2:51234/cb",
            "http://[::1%25lo]:1/cb",
        ] {
            assert!(!is_registered(&known, other, true), "{other}");
        }
        let web = ["https://app.example.com/cb".to_owned()];
        assert!(!is_registered(&web, "https://app.example.com:8443/cb", true));
    }

    #[test]
    fn pages_of_an_application_call_from_where_people_come_back_to() {
        let redirects = [
            "https://a.example/cb",
            "https://a.example/x",
            "com.example.app:/cb",
            "http://localhost:1/",
        ];
        let redirects = redirects.map(str::to_owned);
        assert_eq!(origins(&redirects), ["http://localhost:1", "https://a.example"]);
    }
}
