//! Domains on the wire.

use super::{Domain as Row, State, record_name, record_text};
use crate::{
    account::Move,
    kit::{object::Metadata, page::page_object, secret::MasterKey, text::DomainName, time::Timestamp},
};
use poem_openapi::{Enum, Object};
use serde::Serialize;
use tenantry_core::tenant::Urls;

/// A domain of the tenant's own.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct Domain {
    /// `v1alpha1`.
    api_version: String,
    /// `Domain`.
    kind: String,
    metadata: Metadata,
    status: DomainStatus,
}

/// Whether a domain is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum DomainState {
    /// Not yet: its record is to be put into the domain name system.
    Pending,
    /// It is the tenant's.
    Verified,
    /// Its record is gone. After 30 days it is the tenant's no more.
    Failing,
}

impl From<State> for DomainState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Verified => Self::Verified,
            State::Failing => Self::Failing,
        }
    }
}

/// A record in the domain name system.
#[derive(Clone, Debug, Object, Serialize)]
pub struct DomainRecord {
    /// `TXT`.
    kind: String,
    /// Where it is.
    name: String,
    /// What it says.
    value: String,
}

/// How a domain stands.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct DomainStatus {
    state: DomainState,
    /// Whether the tenant's addresses begin with it.
    canonical: bool,
    /// Where the tenant is reached by it, once it is proven.
    url: String,
    /// The record that proves it.
    record: DomainRecord,
    /// When the record was last looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_at: Option<Timestamp>,
    /// When it was proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_at: Option<Timestamp>,
    /// Since when the record is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<Timestamp>,
    /// What was found instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

page_object!(
    /// One page of domains.
    DomainList of Domain
);

impl Domain {
    /// The domain of this row. `canonical` is the one that the tenant's addresses begin with.
    #[must_use]
    pub fn of(row: &Row, (master, urls): (&MasterKey, &Urls), canonical: Option<&str>) -> Self {
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "Domain".to_owned(),
            metadata: Metadata::of(&row.name, row.created_at),
            status: DomainStatus {
                state: row.state.into(),
                canonical: canonical == Some(&*row.name),
                url: urls.at(&row.name),
                record: DomainRecord {
                    kind: "TXT".to_owned(),
                    name: record_name(&row.name),
                    value: record_text(master, row),
                },
                checked_at: row.checked_at.map(Into::into),
                verified_at: row.verified_at.map(Into::into),
                failing_since: row.failing_since.map(Into::into),
                problem: row.problem.clone(),
            },
        }
    }
}

/// A domain to be claimed.
#[derive(Debug, Object)]
pub struct CreateDomainRequest {
    /// What is claimed.
    pub metadata: NewDomainMetadata,
}

/// What a domain to be claimed says of itself.
#[derive(Debug, Object)]
pub struct NewDomainMetadata {
    /// The domain, such as `login.example.com`; letters of other scripts are kept as the domain name system has them.
    pub name: DomainName,
}

/// That the address of the tenant is meant to change.
#[derive(Debug, Default, Object)]
pub struct MoveTenantRequest {
    /// Whether it is done; else it is only told what depends on it.
    #[oai(default)]
    pub confirm: bool,
}

/// What depends on the address of the tenant, which is the issuer of its tokens.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct TenantMove {
    /// Whether it was done.
    done: bool,
    /// The address that the tenant had.
    from: String,
    /// The one that it is to have.
    to: String,
    /// Applications, up to 100: their libraries are to be told of the issuer.
    applications: Vec<String>,
    /// Redirect URIs that are to be registered with the providers of sign-in.
    redirect_uris: Vec<String>,
    /// Invitations that are open: their links lead to the address of before, from which people are sent on.
    invitations: u64,
}

impl TenantMove {
    /// Of this move, which was done or only told.
    #[must_use]
    pub fn of(told: Move, done: bool) -> Self {
        let Move {
            from,
            to,
            applications,
            redirect_uris,
            invitations,
        } = told;
        Self {
            done,
            from,
            to,
            applications,
            redirect_uris,
            invitations,
        }
    }
}
