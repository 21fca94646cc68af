//! `auth/v1`: the caller's own account, in the wire format of ZITADEL's Auth API.

pub mod changes;
pub mod identities;
pub mod metadata;
pub mod policies;
pub mod rights;
pub mod sessions;
pub mod shape;
pub mod user;

/// The operations of `auth/v1`.
pub type Operations = (
    user::Api,
    sessions::Api,
    identities::Api,
    metadata::Api,
    changes::Api,
    rights::Api,
    policies::Api,
);

/// Every operation of `auth/v1`.
#[must_use]
pub fn operations() -> Operations {
    (
        user::Api,
        sessions::Api,
        identities::Api,
        metadata::Api,
        changes::Api,
        rights::Api,
        policies::Api,
    )
}
