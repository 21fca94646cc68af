//! Names by which tenants are reached.

use super::wire_string;
use std::fmt;

/// The stable handle of a tenant, in `/t/<name>` and host names: a DNS label (RFC 1035 §2.3.1) of up to 40 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantName(String);

impl std::str::FromStr for TenantName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() || text.len() > 40 || !text.bytes().all(known) {
            return Err("must have 1 to 40 of the letters a-z, digits and -");
        }
        match text.starts_with('-') || text.ends_with('-') {
            true => Err("must begin and end with a letter or a digit"),
            false => Ok(Self(text.to_owned())),
        }
    }
}

impl TenantName {
    /// The name as it is.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

wire_string!(TenantName, {
    format: Some("tenant-name"),
    max_length: Some(40),
    min_length: Some(1),
    pattern: Some("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"),
    example: Some("acme"),
    ..
});

/// A domain of a tenant's own, as the domain name system has it: letters of other scripts as A-labels (RFC 5890), in
/// lower case. No address, no wildcard, no port, and more than one label.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DomainName(String);

impl std::str::FromStr for DomainName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = idna::domain_to_ascii_strict(text.trim_end_matches('.')).map_err(|_| "is not a domain")?;
        let is_label = |label: &str| (1..=63).contains(&label.len());
        // Longest with the label that proves it in front.
        if name.len() > 190 || !name.split('.').all(is_label) {
            return Err("is not a domain");
        }
        let last = name.rsplit('.').next().unwrap_or_default();
        match name.contains('.') && !last.bytes().all(|b| b.is_ascii_digit()) {
            true => Ok(Self(name)),
            false => Err("must be a domain of two labels or more, such as login.example.com"),
        }
    }
}

impl DomainName {
    /// The name as it is.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

wire_string!(DomainName, {
    format: Some("domain-name"),
    max_length: Some(253),
    min_length: Some(1),
    example: Some("login.example.com"),
    ..
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenants_name_is_a_dns_label() {
        for good in ["a", "acme", "acme-2", "0x"] {
            assert!(good.parse::<TenantName>().is_ok(), "{good:?}");
        }
        for bad in ["", "Acme", "-a", "a-", "a.b", "a/b", "ä", &"a".repeat(41)] {
            assert!(bad.parse::<TenantName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_domain_is_kept_as_the_domain_name_system_has_it() {
        let kept = |text: &str| text.parse::<DomainName>().map(|name| name.to_string());
        assert_eq!(kept("Login.Example.COM.").as_deref(), Ok("login.example.com"));
        assert_eq!(kept("bücher.example").as_deref(), Ok("xn--bcher-kva.example"));
        let bad = [
            "",
            "localhost",
            "*.example.com",
            "example.com:8080",
            "127.0.0.1",
            "[::1]",
            "a..b",
            "a_b.example",
            "-a.example",
            "https://example.com",
            "example.com/",
            "a b.example",
            "xn--a.example",
        ];
        for bad in bad {
            assert!(kept(bad).is_err(), "{bad:?} was {:?}", kept(bad));
        }
    }
}
