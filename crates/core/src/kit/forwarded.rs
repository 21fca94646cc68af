//! The address of a client, as the proxies before the server tell it.

use super::{headers, seldom::Seldom};
use ipnet::IpNet;
use poem::http::HeaderMap;
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
};

/// The header in which a proxy says whom it speaks for. Only one is read: a proxy that sets one of them
/// passes on what its client wrote into the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forwarding {
    /// `X-Forwarded-For`: addresses with or without ports and brackets.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
    /// `X-Real-IP`: one address.
    XRealIp,
}

/// The right-most address that no trusted proxy has.
///
/// Everything left of it was written by somebody who may lie.
pub(super) fn client_ip(direct: IpAddr, headers: &HeaderMap, trusted: &[IpNet], forwarding: Forwarding) -> IpAddr {
    let is_proxy = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
    if !is_proxy(&direct) {
        return direct;
    }
    let mut client = direct;
    for hop in forwarding.hops(headers).iter().rev() {
        if !is_proxy(&client) {
            break;
        }
        let Some(ip) = address(hop) else {
            warn(hop, client);
            break;
        };
        client = ip.to_canonical();
    }
    client
}

impl Forwarding {
    /// Whom each proxy speaks for, the nearest one last.
    fn hops(self, headers: &HeaderMap) -> Vec<String> {
        match self {
            Self::XForwardedFor => elements(&headers::list(headers, "x-forwarded-for")),
            Self::Forwarded => {
                let elements = elements(&headers::list(headers, "forwarded"));
                elements.iter().map(|element| named(element)).collect()
            }
            Self::XRealIp => headers::text(headers, "x-real-ip")
                .map(str::to_owned)
                .into_iter()
                .collect(),
        }
    }
}

/// The elements of a list that are not empty; a comma in quotation marks separates none.
fn elements(list: &str) -> Vec<String> {
    let parts = split(list, ',').into_iter().map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// What an element of `Forwarded` has as `for`.
fn named(element: &str) -> String {
    let pairs = split(element, ';').into_iter().filter_map(|pair| pair.split_once('='));
    let mut named = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    named.next().map(|(_, value)| value.to_owned()).unwrap_or_default()
}

fn split(text: &str, at: char) -> Vec<&str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(|c: char| {
        let was_escaped = std::mem::take(&mut is_escaped);
        match c {
            '"' if !was_escaped => is_quoted = !is_quoted,
            '\\' if is_quoted && !was_escaped => is_escaped = true,
            _ => {}
        }
        c == at && !is_quoted
    })
    .collect()
}

/// An address as proxies write it: with or without a port, brackets, quotation marks and a zone.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let hop = match hop.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => Cow::Owned(quoted.replace('\\', "")),
        None => Cow::Borrowed(hop),
    };
    if let Ok(address) = hop.parse::<SocketAddr>() {
        return Some(address.ip());
    }
    let host = match hop.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map(|(host, _)| host)?,
        // Of a name and a port that is no number (RFC 7239 §6.3); in an address of version 6 there are more.
        None if hop.matches(':').count() == 1 => hop.split_once(':').map_or(&*hop, |(host, _)| host),
        None => &hop,
    };
    host.split('%').next()?.parse().ok()
}

/// Says that a proxy tells no address, and that everybody behind it counts as one: not each time, since
/// every request would.
fn warn(hop: &str, proxy: IpAddr) {
    static SAID: Seldom = Seldom::new();
    if SAID.is_due() {
        tracing::warn!(hop, %proxy, "a trusted proxy names a client that is no address; all of its clients count as one");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::http::{HeaderName, HeaderValue};

    fn ip(forwarding: Forwarding, peer: &str, values: &[(&'static str, &'static str)], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        client_ip(peer.parse().unwrap(), &headers, &trusted, forwarding).to_string()
    }

    #[test]
    fn forwarded_addresses_are_believed_only_from_trusted_proxies() {
        for (peer, values, trusted, client) in [
            ("203.0.113.9", vec!["10.0.0.1"], vec![], "203.0.113.9"),
            ("203.0.113.9", vec!["10.0.0.1"], vec!["10.0.0.0/8"], "203.0.113.9"),
            ("10.0.0.1", vec!["198.51.100.7"], vec!["10.0.0.0/8"], "198.51.100.7"),
            (
                "10.0.0.1",
                vec!["1.1.1.1, 198.51.100.7", "10.0.0.2"],
                vec!["10.0.0.0/8"],
                "198.51.100.7",
            ),
            ("10.0.0.1", vec!["not an address"], vec!["10.0.0.0/8"], "10.0.0.1"),
            (
                "10.0.0.1",
                vec!["1.1.1.1, unknown, 10.0.0.2"],
                vec!["10.0.0.0/8"],
                "10.0.0.2",
            ),
        ] {
            let values: Vec<_> = values.into_iter().map(|value| ("x-forwarded-for", value)).collect();
            assert_eq!(ip(Forwarding::XForwardedFor, peer, &values, &trusted), client);
        }
    }

    #[test]
    fn an_address_is_read_in_every_form_that_proxies_write() {
        for (value, client) in [
            ("203.0.113.7:51234", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:51234", "2001:db8::7"),
            ("\"[2001:db8::7]:51234\"", "2001:db8::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("[::ffff:203.0.113.7]:80", "203.0.113.7"),
            ("fe80::7%eth0", "fe80::7"),
            (" 203.0.113.7 , ", "203.0.113.7"),
        ] {
            let values = [("x-forwarded-for", value)];
            let found = ip(Forwarding::XForwardedFor, "10.0.0.1", &values, &["10.0.0.0/8"]);
            assert_eq!(found, client, "{value}");
        }
        for (value, client) in [
            ("for=203.0.113.7", "203.0.113.7"),
            ("For=\"203.0.113.7:51234\";proto=https;by=10.0.0.1", "203.0.113.7"),
            ("proto=http; for=\"[2001:db8::7]:_port\"", "2001:db8::7"),
            ("for=192.0.2.1, for=203.0.113.7;host=\"a,b;for=1.1.1.1\"", "203.0.113.7"),
            ("for=203.0.113.7, for=10.0.0.9", "203.0.113.7"),
            ("for=_hidden", "10.0.0.1"),
            ("for=unknown", "10.0.0.1"),
            ("proto=https", "10.0.0.1"),
        ] {
            let values = [("forwarded", value)];
            let found = ip(Forwarding::Forwarded, "10.0.0.1", &values, &["10.0.0.0/8"]);
            assert_eq!(found, client, "{value}");
        }
        let real = [("x-real-ip", "203.0.113.7")];
        assert_eq!(
            ip(Forwarding::XRealIp, "10.0.0.1", &real, &["10.0.0.0/8"]),
            "203.0.113.7"
        );
    }

    #[test]
    fn a_header_that_the_proxy_does_not_set_is_not_believed() {
        let both = [
            ("forwarded", "for=1.1.1.1"),
            ("x-forwarded-for", "203.0.113.7"),
            ("x-real-ip", "2.2.2.2"),
        ];
        assert_eq!(
            ip(Forwarding::XForwardedFor, "10.0.0.1", &both, &["10.0.0.0/8"]),
            "203.0.113.7"
        );
        assert_eq!(ip(Forwarding::Forwarded, "10.0.0.1", &both, &["10.0.0.0/8"]), "1.1.1.1");
    }
}
