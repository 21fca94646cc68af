//! A tenant as an authorization server: OAuth 2 and `OpenID` Connect.
//!
//! Whoever adds an endpoint adds its `Api` to `Operations`, and announces it by one word in
//! `discovery::SERVED`. Its handlers answer `Result`, whose errors are the protocol's own (`Word`) or
//! those of the rules, all in the one form of RFC 6749 §5.2.

pub mod authorize;
mod client;
pub mod discovery;
pub mod error;
mod form;
mod frame;
mod id_token;
pub mod introspect;
pub mod logout;
pub mod revoke;
pub mod token;
pub mod userinfo;

pub(crate) use discovery::{Published, is_published};
pub(crate) use error::refuse;
pub use error::{Refusal, Result, Word, coded};
pub(crate) use frame::framed;

/// Every operation of the protocol.
pub type Operations = (
    discovery::Api,
    authorize::Api,
    token::Api,
    userinfo::Api,
    logout::Api,
    introspect::Api,
    revoke::Api,
);

/// Every operation of the protocol.
#[must_use]
pub fn operations() -> Operations {
    (
        discovery::Api,
        authorize::Api,
        token::Api,
        userinfo::Api,
        logout::Api,
        introspect::Api,
        revoke::Api,
    )
}

/// What an operation is about.
#[derive(poem_openapi::Tags)]
enum Tag {
    /// What the tenant says of itself to libraries.
    Metadata,
    /// People who sign in to applications.
    Authorization,
    /// Tokens of applications.
    Tokens,
}

/// Whether a path of a tenant is one of the protocol.
#[must_use]
pub fn serves(path: &str) -> bool {
    ["/.well-known/", "/oauth2/"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
}

/// The tenant and the path within it, of an address in which the path of the issuer follows the well-known one
/// (RFC 8414 §3, RFC 9728 §3.1): `/.well-known/openid-configuration/t/acme`.
#[must_use]
pub fn inserted(path: &str) -> Option<(&str, &str)> {
    let (document, tenant) = path.split_once("/t/")?;
    (discovery::may_be_inserted(document) && !tenant.contains('/')).then_some((tenant, document))
}
