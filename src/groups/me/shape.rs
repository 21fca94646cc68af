//! What requests and answers of `auth/v1` are made of.

use crate::{
    kit::{
        error::{Error, Result},
        id::TenantId,
        text::Uint64,
        time::Timestamp,
    },
    session::Session,
    user::Detailed,
};
use chrono::{DateTime, Utc};
use poem_openapi::{Enum, Object, payload::Json};

/// Where and when an object was written last.
#[derive(Clone, Copy, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ObjectDetails {
    /// Counts the writes to the object, and is 0 where nobody does; a 64-bit integer as a string.
    pub(crate) sequence: Uint64,
    /// When it was made.
    pub(crate) creation_date: Timestamp,
    /// When it was last written.
    pub(crate) change_date: Timestamp,
    /// The tenant that owns it.
    pub(crate) resource_owner: TenantId,
}

/// What was written.
#[derive(Debug, Object)]
pub struct Written {
    pub(crate) details: ObjectDetails,
}

/// Which part of a list is asked for.
#[derive(Debug, Default, Object)]
pub struct ListRequest {
    /// The part; all of it if absent.
    #[oai(default)]
    pub(super) query: ListQuery,
}

/// A part of a list.
#[derive(Debug, Object)]
pub struct ListQuery {
    /// How many to leave out at first; a 64-bit integer as a string.
    #[oai(validator(pattern = "^[0-9]{1,10}$"))]
    pub(super) offset: Option<String>,
    /// How many at most; 0 is all.
    pub(super) limit: Option<u32>,
    /// Whether the list is in its own order; false turns it round.
    #[oai(default = "always")]
    pub(super) asc: bool,
}

fn always() -> bool {
    true
}

impl Default for ListQuery {
    /// All of it, in its own order.
    fn default() -> Self {
        Self {
            offset: None,
            limit: None,
            asc: true,
        }
    }
}

/// How a list stands.
#[derive(Clone, Copy, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ListDetails {
    /// How many there are in all; a 64-bit integer as a string.
    pub(crate) total_result: Uint64,
    /// When it was read.
    pub(crate) view_timestamp: Timestamp,
}

/// How a text is looked for.
#[derive(Clone, Copy, Debug, Default, Enum)]
pub enum TextQueryMethod {
    /// It is this one.
    #[default]
    #[oai(rename = "TEXT_QUERY_METHOD_EQUALS")]
    Equals,
    /// It is this one, in any case.
    #[oai(rename = "TEXT_QUERY_METHOD_EQUALS_IGNORE_CASE")]
    EqualsIgnoreCase,
    /// It begins so.
    #[oai(rename = "TEXT_QUERY_METHOD_STARTS_WITH")]
    StartsWith,
    /// It begins so, in any case.
    #[oai(rename = "TEXT_QUERY_METHOD_STARTS_WITH_IGNORE_CASE")]
    StartsWithIgnoreCase,
    /// It has this in it.
    #[oai(rename = "TEXT_QUERY_METHOD_CONTAINS")]
    Contains,
    /// It has this in it, in any case.
    #[oai(rename = "TEXT_QUERY_METHOD_CONTAINS_IGNORE_CASE")]
    ContainsIgnoreCase,
    /// It ends so.
    #[oai(rename = "TEXT_QUERY_METHOD_ENDS_WITH")]
    EndsWith,
    /// It ends so, in any case.
    #[oai(rename = "TEXT_QUERY_METHOD_ENDS_WITH_IGNORE_CASE")]
    EndsWithIgnoreCase,
}

impl TextQueryMethod {
    /// Whether a text is what is looked for.
    pub(super) fn finds(self, wanted: &str, text: &str) -> bool {
        match self {
            Self::Equals => text == wanted,
            Self::StartsWith => text.starts_with(wanted),
            Self::Contains => text.contains(wanted),
            Self::EndsWith => text.ends_with(wanted),
            Self::EqualsIgnoreCase => Self::Equals.finds(&wanted.to_lowercase(), &text.to_lowercase()),
            Self::StartsWithIgnoreCase => Self::StartsWith.finds(&wanted.to_lowercase(), &text.to_lowercase()),
            Self::ContainsIgnoreCase => Self::Contains.finds(&wanted.to_lowercase(), &text.to_lowercase()),
            Self::EndsWithIgnoreCase => Self::EndsWith.finds(&wanted.to_lowercase(), &text.to_lowercase()),
        }
    }
}

/// The one that each of these questions has of its kinds, which are members of it.
///
/// # Errors
/// One has none of them, or several.
pub(super) fn one_of_each<Q, K>(queries: Vec<Q>, kinds: impl Fn(Q) -> Vec<Option<K>>) -> Result<Vec<K>> {
    let one = |(at, query): (usize, Q)| {
        let mut given = kinds(query).into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(kind), None) => Ok(kind),
            _ => Err(Error::field(&format!("queries[{at}]"), "value", "must have one member")),
        }
    };
    queries.into_iter().enumerate().map(one).collect()
}

impl ListQuery {
    /// The part of a list that is asked for, and how the list stands at this time.
    pub(super) fn of<T>(self, mut all: Vec<T>, now: DateTime<Utc>) -> (ListDetails, Vec<T>) {
        let details = ListDetails::new(all.len(), now);
        if !self.asc {
            all.reverse();
        }
        let offset = self.offset.and_then(|offset| offset.parse().ok()).unwrap_or_default();
        let limit = self.limit.filter(|limit| *limit > 0).unwrap_or(u32::MAX);
        let part = all.into_iter().skip(offset).take(limit as usize);
        (details, part.collect())
    }
}

impl ListDetails {
    /// Of a list of so many at this time.
    pub(super) fn new(total: usize, now: DateTime<Utc>) -> Self {
        Self {
            total_result: Uint64(total as u64),
            view_timestamp: now.into(),
        }
    }
}

impl ObjectDetails {
    pub(super) fn new(of: &Detailed, tenant: TenantId) -> Self {
        Self {
            sequence: Uint64(of.user.version.unsigned_abs()),
            creation_date: of.user.created_at.into(),
            change_date: of.user.updated_at.into(),
            resource_owner: tenant,
        }
    }

    pub(super) fn of_session(session: &Session, tenant: TenantId) -> Self {
        Self {
            sequence: Uint64(0),
            creation_date: session.created_at.into(),
            change_date: session.last_used_at.into(),
            resource_owner: tenant,
        }
    }
}

pub(super) fn written(detailed: &Detailed, tenant: TenantId) -> Json<Written> {
    Json(Written {
        details: ObjectDetails::new(detailed, tenant),
    })
}
