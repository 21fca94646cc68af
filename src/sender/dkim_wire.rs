//! Keys of senders on the wire of the console group.

use super::{
    DkimAlgorithm, DkimState,
    dkim::DkimKey as Known,
    records::{Problem, Records},
};
use crate::kit::time::Timestamp;
use poem_openapi::Object;
use serde::Serialize;

/// Characters of one string of a text record (RFC 1035 §3.3).
const STRING: usize = 255;

/// A key by which the mail of a sender is signed. The private half is never shown.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct DkimKey {
    /// What its record is found by, in the domain.
    selector: String,
    /// The domain that vouches for the mail.
    domain: String,
    algorithm: DkimAlgorithm,
    state: DkimState,
    /// When it was made.
    created_at: Timestamp,
    /// From when on it signs, if its record was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    activates_at: Option<Timestamp>,
    /// When its record was last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen_at: Option<Timestamp>,
    /// Since when that is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_since: Option<Timestamp>,
    record: DkimRecord,
}

/// A text record (TXT) to be published.
#[derive(Debug, Object, Serialize)]
pub struct DkimRecord {
    /// Its name.
    name: String,
    /// Its text.
    value: String,
    /// The same in strings of up to 255 characters, as a zone file has it.
    #[oai(validator(max_items = 4))]
    strings: Vec<String>,
}

/// The keys of a sender, the oldest first.
#[derive(Debug, Object, Serialize)]
pub struct DkimKeyList {
    /// The keys.
    #[oai(validator(max_items = 4))]
    items: Vec<DkimKey>,
}

/// A key to be made.
#[derive(Debug, Object)]
pub struct CreateDkimKeyRequest {
    pub(super) algorithm: DkimAlgorithm,
    /// A domain above the one that mail comes from; that one if absent.
    #[oai(validator(min_length = 1, max_length = 253))]
    pub(super) domain: Option<String>,
}

/// What the domain name system says.
#[derive(Debug, Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub struct DkimCheck {
    /// The key, which signs from its `activatesAt` on if its record was seen.
    key: DkimKey,
    /// Whether a record of it is there.
    published: bool,
    /// Whether that has its public half.
    matches: bool,
    /// The SPF record of the domain that mail comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    spf: Option<String>,
    /// The DMARC record of that domain, or of the next one above that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    dmarc: Option<String>,
    /// What is wrong.
    #[oai(validator(max_items = 10))]
    problems: Vec<Problem>,
}

impl From<&Known> for DkimKey {
    fn from(known: &Known) -> Self {
        let row = &known.row;
        let value = known.record();
        // A record is ASCII.
        let strings = value.as_bytes().chunks(STRING);
        let strings = strings.map(|part| String::from_utf8_lossy(part).into_owned()).collect();
        Self {
            selector: row.selector.clone(),
            domain: row.domain.clone(),
            algorithm: row.algorithm,
            state: known.state,
            created_at: row.created_at.into(),
            activates_at: row.activates_at.map(Into::into),
            seen_at: row.seen_at.map(Into::into),
            missing_since: row.missing_at.map(Into::into),
            record: DkimRecord {
                name: known.record_name(),
                value,
                strings,
            },
        }
    }
}

impl DkimKeyList {
    pub(super) fn of(keys: &[Known]) -> Self {
        Self {
            items: keys.iter().map(Into::into).collect(),
        }
    }
}

impl DkimCheck {
    pub(super) fn of(key: &Known, found: Records) -> Self {
        Self {
            key: key.into(),
            published: found.is_published == Some(true),
            matches: found.matches,
            spf: found.spf,
            dmarc: found.dmarc,
            problems: found.problems,
        }
    }
}
