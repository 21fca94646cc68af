//! What the objects of the console group have in common.

use super::{
    error::{Code, Result},
    json::Written,
    time::Timestamp,
};
use chrono::{DateTime, Utc};
use poem_openapi::{ApiResponse, Object, types::ToJSON};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hasher},
};

/// What every object of the console group says of itself.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// The stable handle within the tenant.
    pub name: String,
    /// Free data to select by.
    pub labels: BTreeMap<String, String>,
    /// Free data of the tenant; never a source of rights.
    pub annotations: BTreeMap<String, String>,
    /// Counts the writes to the object.
    pub version: i64,
    /// When it was made.
    pub creation_timestamp: Timestamp,
}

impl Metadata {
    /// Metadata of an object that is never written again.
    #[must_use]
    pub fn of(name: &impl ToString, created: DateTime<Utc>) -> Self {
        Self {
            name: name.to_string(),
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            version: 1,
            creation_timestamp: created.into(),
        }
    }
}

/// Which version of an object a change is meant for.
#[derive(Debug, Default, Object)]
pub struct ExpectedMetadata {
    /// `metadata.version` as it was read; another one is refused.
    pub version: Option<i64>,
}

/// Whether the object is of the version that the body names, if it names one.
///
/// # Errors
/// [`Code::VersionConflict`].
pub fn check_version(expected: Option<i64>, version: i64) -> Result<()> {
    match expected {
        Some(expected) if expected != version => Err(Code::VersionConflict.into()),
        _ => Ok(()),
    }
}

/// An object with an entity tag that begins with its version.
#[derive(ApiResponse)]
pub enum Versioned<T: ToJSON> {
    /// The object.
    #[oai(status = 200)]
    Ok(
        Written<T>,
        /// Begins with `metadata.version`; for `If-Match`, and for `If-None-Match` of this address.
        #[oai(header = "ETag")]
        String,
    ),
}

impl<T: ToJSON> Versioned<T> {
    /// The object in this version.
    pub fn new(object: &T, version: i64) -> Self
    where
        T: Serialize,
    {
        Self::Ok(Written::of(object), etag(version))
    }

    /// The object in this version, which shows others as well.
    pub fn with_others(object: &T, version: i64) -> Self
    where
        T: Serialize,
    {
        let written = Written::of(object);
        let tag = weak_etag(version, written.bytes());
        Self::Ok(written, tag)
    }

    /// An object that is rare or small, in this version.
    pub fn by_tree(object: &T, version: i64) -> Self {
        Self::Ok(Written::by_tree(object), etag(version))
    }

    /// The same, which shows others as well.
    pub fn by_tree_with_others(object: &T, version: i64) -> Self {
        let written = Written::by_tree(object);
        let tag = weak_etag(version, written.bytes());
        Self::Ok(written, tag)
    }
}

/// A tag that is all there is to say: the object is written anew with every version.
fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// A tag of an object that shows others, which change without it: it marks these bytes, weakly.
fn weak_etag(version: i64, bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("W/\"{version}-{:016x}\"", hasher.finish())
}
