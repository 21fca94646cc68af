//! What the objects of the console group have in common.

use super::{
    error::{Code, Error, Result},
    headers,
    json::Written,
    time::Timestamp,
};
use chrono::{DateTime, Utc};
use poem_openapi::{ApiResponse, Object, param::Header, types::ToJSON};
use serde::Serialize;
use std::collections::BTreeMap;

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

/// The version of an object that a change is meant for.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// `If-Match` (RFC 9110 §13.1.1).
    pub header: Option<String>,
    /// `metadata.version` of the body.
    pub body: Option<i64>,
}

impl Expected {
    /// As a request says it.
    #[must_use]
    pub fn new(if_match: Header<Option<String>>, metadata: Option<ExpectedMetadata>) -> Self {
        Self {
            header: if_match.0,
            body: metadata.unwrap_or_default().version,
        }
    }

    /// Whether the object is of the version that is expected, if one is.
    ///
    /// # Errors
    /// [`Code::PreconditionFailed`] by the header, [`Code::VersionConflict`] by the body;
    /// [`Error::Invalid`] if the header is not an entity tag.
    pub fn check(&self, version: i64) -> Result<()> {
        if let Some(header) = &self.header {
            match headers::if_match(header, &etag(version)) {
                Some(true) => {}
                Some(false) => return Err(Code::PreconditionFailed.into()),
                None => {
                    let why = "must be an entity tag such as \"3\", or *";
                    return Err(Error::field("If-Match", "format", why));
                }
            }
        }
        match self.body {
            Some(expected) if expected != version => Err(Code::VersionConflict.into()),
            _ => Ok(()),
        }
    }
}

/// An object with its version as a strong entity tag.
#[derive(ApiResponse)]
pub enum Versioned<T: ToJSON> {
    /// The object.
    #[oai(status = 200)]
    Ok(
        Written<T>,
        /// `metadata.version` as an entity tag, for `If-Match`.
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

    /// An object that is rare or small, in this version.
    pub fn by_tree(object: &T, version: i64) -> Self {
        Self::Ok(Written::by_tree(object), etag(version))
    }
}

fn etag(version: i64) -> String {
    format!("\"{version}\"")
}
