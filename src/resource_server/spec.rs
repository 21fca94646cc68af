//! What an administrator decides about an API.

use crate::{
    application::scope,
    key::Algorithm,
    kit::{error::FieldError, text::DisplayName},
};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use url::Url;

/// What an administrator decides about an API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "ResourceServerSpec", rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct Spec {
    /// The `aud` of its tokens (RFC 8707): an absolute URI, which never changes.
    pub audience: String,
    /// What people call it.
    pub display_name: DisplayName,
    /// What signs its access tokens.
    pub access_token_alg: Algorithm,
    /// Seconds for which they are valid; as the application or the policy for sessions has it if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_seconds: Option<u32>,
    /// What its tokens may permit.
    pub scopes: Vec<Scope>,
}

/// A scope of an API: something that a token may permit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "ResourceScope", rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// Its name.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub scope: String,
    /// What it permits, for the page that asks people.
    #[oai(default)]
    pub description: Description,
    /// Whether the server's metadata name it.
    #[oai(default)]
    pub public: bool,
}

/// What a scope permits, by language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "ResourceScopeDescription", skip_serializing_if_is_none)]
pub struct Description {
    /// In English.
    #[oai(validator(max_length = 300))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
    /// In Chinese.
    #[oai(validator(max_length = 300))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zh: Option<String>,
}

impl Spec {
    /// Everything that is wrong with it in the tenant of this address.
    pub(super) fn problems(&self, issuer: &str) -> Vec<FieldError> {
        let mut wrong = vec![];
        if let Err(why) = check_audience(&self.audience, issuer) {
            wrong.push(FieldError::new("audience", "format", why));
        }
        for (at, Scope { scope: name, .. }) in self.scopes.iter().enumerate() {
            let field = format!("scopes[{at}].scope");
            if let Some(why) = scope::problem(name) {
                wrong.push(FieldError::new(field, "format", why));
            } else if scope::is_ours(name) {
                wrong.push(FieldError::new(field, "value", "is a scope of this server"));
            } else if self.scopes[..at].iter().any(|other| other.scope == *name) {
                wrong.push(FieldError::new(field, "value", "is in the list already"));
            }
        }
        wrong
    }
}

/// Whether an audience can be that of an API. Ours cannot: tokens for it would open this server.
fn check_audience(text: &str, issuer: &str) -> Result<(), String> {
    let known = |b: u8| (0x21..=0x7e).contains(&b) && !b"\"\\<>^`{|}*".contains(&b);
    if text.len() > 500 || !text.bytes().all(known) {
        return Err("must have up to 500 letters of an address, such as https://api.example.com".to_owned());
    }
    if text.contains('#') {
        return Err("may not have a fragment (RFC 8707 §2)".to_owned());
    }
    Url::parse(text).map_err(|why| format!("must be an absolute URI, such as https://api.example.com: {why}"))?;
    let is_ours = text
        .strip_prefix(issuer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    match is_ours {
        true => Err("is an address of this server".to_owned()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_an_absolute_uri_that_is_not_this_server() {
        let issuer = "https://id.example.com/t/acme";
        for good in [
            "https://api.example.com",
            "api://orders",
            "urn:example:orders",
            "https://id.example.com/t/acme2",
        ] {
            assert_eq!(check_audience(good, issuer), Ok(()), "{good}");
        }
        for bad in [
            "",
            "orders",
            "/orders",
            "https://api.example.com/#x",
            "https://api.example.com/ä",
            "https://api.example.com/a b",
            "https://id.example.com/t/acme",
            "https://id.example.com/t/acme/oauth2/userinfo",
            "https://id.example.com/t/acme?x",
        ] {
            assert!(check_audience(bad, issuer).is_err(), "{bad:?}");
        }
    }
}
