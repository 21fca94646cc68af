//! What an administrator decides about a provider.

use super::kind::{AuthMethod, EmailTrust, Kind, Link, SignUp};
use crate::kit::{
    error::FieldError,
    text::{DisplayName, DomainRule},
    time::Timestamp,
};
use poem_openapi::Object;
use serde::Serialize;

/// What an administrator decides about a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(
    rename = "AuthProviderConfigSpec",
    rename_all = "camelCase",
    skip_serializing_if_is_none
)]
pub struct Spec {
    /// What it speaks, which never changes.
    pub kind: Kind,
    /// What people call it.
    pub display_name: DisplayName,
    /// Its place among the others: the lowest comes first.
    pub priority: i32,
    /// What the tenant is called there.
    pub client_id: String,
    /// When the provider takes the secret no more, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_expires_at: Option<Timestamp>,
    /// The issuer, letter by letter as its metadata have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// How the tenant proves there who it is.
    pub auth_method: AuthMethod,
    /// Whether identities that are linked sign in.
    pub sign_in: bool,
    /// Whether accounts are made through it.
    pub sign_up: SignUp,
    /// How an identity comes to an account that is there with the same address.
    pub link: Link,
    /// What its word on addresses is worth.
    pub email_trust: EmailTrust,
    /// The domains of addresses that are taken from it; all if none is named.
    pub domains: Vec<DomainRule>,
}

impl Spec {
    /// A provider of this kind of which nothing is decided yet.
    pub(super) fn new(kind: Kind, display_name: DisplayName) -> Self {
        Self {
            kind,
            display_name,
            priority: 0,
            client_id: String::new(),
            secret_expires_at: None,
            issuer: None,
            scopes: ["openid", "profile", "email"].map(str::to_owned).to_vec(),
            auth_method: AuthMethod::Post,
            sign_in: true,
            sign_up: SignUp::Policy,
            link: Link::Confirm,
            email_trust: EmailTrust::Never,
            domains: vec![],
        }
    }

    /// Everything that is wrong with it.
    pub(super) fn problems(&self) -> Vec<FieldError> {
        let mut wrong = vec![];
        let mut say = |field: &str, code: &str, why: &str| wrong.push(FieldError::new(field, code, why));
        if !self.client_id.bytes().all(|b| (0x20..=0x7e).contains(&b)) {
            say(
                "clientId",
                "format",
                "must have printable ASCII letters (RFC 6749 §2.2)",
            );
        }
        for (at, scope) in self.scopes.iter().enumerate() {
            let known = |b: u8| (0x21..=0x7e).contains(&b) && !b"\"\\".contains(&b);
            let field = format!("scopes[{at}]");
            if scope.is_empty() || scope.len() > 200 || !scope.bytes().all(known) {
                say(&field, "format", "must be a scope (RFC 6749 §3.3)");
            } else if self.scopes[..at].contains(scope) {
                say(&field, "value", "is in the list already");
            }
        }
        if !self.scopes.iter().any(|scope| scope == "openid") {
            say(
                "scopes",
                "value",
                "must have openid, without which there is no ID token",
            );
        }
        if self.email_trust != EmailTrust::Never && self.domains.is_empty() {
            say(
                "domains",
                "required",
                "must name the domains whose addresses are believed",
            );
        }
        if self.link == Link::Automatic && self.email_trust != EmailTrust::Authoritative {
            let why = "can only be automatic where emailTrust is authoritative";
            say("link", "value", why);
        }
        wrong
    }

    /// Whether by its word accounts get addresses that nobody else proved, or identities that their owners did
    /// not link.
    pub(super) fn vouches(&self) -> bool {
        self.email_trust != EmailTrust::Never || self.link == Link::Automatic
    }

    /// Whether an address is of the domains that are taken from it.
    #[must_use]
    pub fn has_domain(&self, address_key: &str) -> bool {
        let domain = address_key.rsplit('@').next().unwrap_or_default();
        self.domains.iter().any(|rule| rule.covers(domain))
    }
}
