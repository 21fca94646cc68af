//! What the objects of the console group have in common.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use std::collections::BTreeMap;

/// What every object of the console group says of itself.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
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
    pub creation_timestamp: DateTime<Utc>,
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
            creation_timestamp: created,
        }
    }
}
