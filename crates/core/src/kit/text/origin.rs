//! Origins of pages.

use url::Url;

/// The origin of a page in a browser (RFC 6454 §6.1): scheme, host, and port if it is not that of the scheme.
///
/// Kept as browsers write it: in A-labels and lower case.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct WebOrigin(String);

impl std::str::FromStr for WebOrigin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const NOT_ONE: &str = "must be an origin such as https://app.example.com, without a path";
        let url: Url = text.parse().map_err(|_| NOT_ONE)?;
        let is_web = matches!(url.scheme(), "http" | "https");
        // Whatever more a URL may have, or is mended in it, is no part of an origin.
        let after = text.split_once("://").map(|(_, after)| after).unwrap_or_default();
        let is_bare = !after.is_empty() && !after.contains(['/', '\\', '?', '#', '@', '*', '%']);
        if !is_web || !is_bare || text.chars().any(char::is_whitespace) || text.len() > 300 {
            return Err(NOT_ONE);
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}

impl std::fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for WebOrigin {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl WebOrigin {
    /// The origin as browsers send it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

super::wire_string!(WebOrigin, {
    format: Some("web-origin"),
    max_length: Some(300),
    min_length: Some(1),
    example: Some("https://app.example.com"),
    ..
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_perhaps_a_port() {
        let read = |text: &str| text.parse::<WebOrigin>().map(|origin| origin.to_string());
        for (text, origin) in [
            ("https://app.example.com", "https://app.example.com"),
            ("HTTPS://App.Example.com:443", "https://app.example.com"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(origin), "{text}");
        }
        for wrong in [
            "",
            "*",
            "null",
            "example.com",
            "https://",
            "https://*.example.com",
            "https://example.com/",
            "https://example.com/app",
            "https://ada@example.com",
            "ftp://example.com",
            "file:///tmp",
            "https://example.com?x",
            "https://example.com#x",
            "https://exa mple.com",
            "https:example.com",
            "javascript://example.com",
            "https://example.com\\x",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
