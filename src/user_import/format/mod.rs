//! What files are like: our own, and those of other systems.

mod auth0;
pub(super) mod csv;
mod firebase;
mod halo;
mod keycloak;

pub use firebase::HashConfig;

use super::{reading::Found, row::Row};
use crate::kit::error::FieldError;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use chrono::DateTime;
use serde::de::{DeserializeOwned, IgnoredAny};

/// What a file is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table with a header.
    Csv,
    /// An object in each line, as users are exported.
    Jsonl,
    /// The export of a realm of Keycloak.
    Keycloak,
    /// Users of Auth0: an object in each line, or a list.
    Auth0,
    /// What `firebase auth:export` writes as JSON.
    Firebase,
    /// Users of Halo, as its console API lists them.
    Halo,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Csv,
        Self::Jsonl,
        Self::Keycloak,
        Self::Auth0,
        Self::Firebase,
        Self::Halo,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Keycloak => "keycloak",
            Self::Auth0 => "auth0",
            Self::Firebase => "firebase",
            Self::Halo => "halo",
        }
    }

    /// The one that the name of a file tells.
    #[must_use]
    pub fn of_file(name: &str) -> Option<Self> {
        let (_, kind) = name.rsplit_once('.')?;
        match kind.to_lowercase().as_str() {
            "csv" | "tsv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            _ => None,
        }
    }

    /// Where the users are, if the file is one object.
    pub(super) fn list(self) -> Option<&'static str> {
        match self {
            Self::Keycloak | Self::Firebase => Some("users"),
            Self::Halo => Some("items"),
            Self::Csv | Self::Jsonl | Self::Auth0 => None,
        }
    }

    /// The user that this JSON is.
    pub(super) fn read(self, json: &[u8], config: Option<&HashConfig>) -> Found {
        match self {
            Self::Csv | Self::Jsonl => parsed::<Row>(json),
            Self::Keycloak => parsed::<keycloak::User>(json)?.into_row(),
            Self::Auth0 => parsed::<auth0::User>(json)?.into_row(),
            Self::Firebase => parsed::<firebase::User>(json)?.into_row(config),
            Self::Halo => parsed::<halo::Listed>(json).map(Into::into),
        }
    }
}

impl std::str::FromStr for Format {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|format| format.name() == text);
        named.ok_or("must be csv, jsonl, keycloak, auth0, firebase or halo")
    }
}

fn parsed<T: DeserializeOwned>(json: &[u8]) -> Result<T, Vec<FieldError>> {
    // A list would be taken for the members of an object in their order.
    if json.first() != Some(&b'{') && serde_json::from_slice::<IgnoredAny>(json).is_ok() {
        return Err(wrong("", "is not an object"));
    }
    serde_json::from_slice(json).map_err(|error| {
        let text = error.to_string();
        let why = text.split(" at line ").next().unwrap_or_default();
        vec![match error.is_data() {
            true => FieldError::new("", "value", why.to_owned()),
            false => FieldError::new("", "format", format!("is not JSON: {why}")),
        }]
    })
}

/// A field that is wrong, of a row of which no more is said.
fn wrong(field: &str, why: impl Into<String>) -> Vec<FieldError> {
    vec![FieldError::new(field, "value", why)]
}

/// A moment in milliseconds since 1970.
fn moment(millis: i64) -> Option<String> {
    Some(DateTime::from_timestamp_millis(millis)?.to_rfc3339())
}

/// Base 64 as PHC strings have it.
fn base64_of(bytes: &[u8]) -> String {
    STANDARD_NO_PAD.encode(bytes)
}

/// What people see of somebody who has said these names.
fn full_name(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let names: Vec<_> = [first, last].into_iter().flatten().map(str::trim).collect();
    let name = names.join(" ").trim().to_owned();
    Some(name).filter(|name| !name.is_empty())
}
