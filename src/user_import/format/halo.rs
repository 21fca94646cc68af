//! Users of Halo, alone or as its console API lists them.

use super::super::row::{Row, name_like};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A user, or one beside their roles.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Listed {
    /// Beside their roles, which mean nothing here.
    Beside { user: User },
    /// Alone.
    Alone(User),
}

/// A user.
#[derive(Debug, Deserialize)]
pub(super) struct User {
    metadata: Metadata,
    spec: Spec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    name: String,
    creation_timestamp: Option<String>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    display_name: Option<String>,
    avatar: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    phone: Option<String>,
    bio: Option<String>,
    /// Its hash.
    password: Option<String>,
    registered_at: Option<String>,
    disabled: Option<bool>,
}

impl From<Listed> for Row {
    fn from(from: Listed) -> Self {
        let (Listed::Beside { user } | Listed::Alone(user)) = from;
        let User { metadata, spec } = user;
        // A picture on Halo's own server is named by its path alone, and is not ours.
        let avatar = spec.avatar.filter(|avatar| avatar.starts_with("http"));
        Self {
            name: Some(name_like(&metadata.name)),
            email: spec.email,
            email_verified: spec.email_verified.unwrap_or_default(),
            display_name: spec.display_name,
            avatar,
            phone: spec.phone,
            bio: spec.bio,
            created_at: spec.registered_at.or(metadata.creation_timestamp),
            disabled: spec.disabled.unwrap_or_default(),
            password_hash: spec.password.filter(|hash| !hash.is_empty()),
            annotations: metadata.annotations.unwrap_or_default(),
            ..Self::default()
        }
    }
}
