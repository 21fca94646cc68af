//! Tenants on the wire of the system group.

mod each;
mod settings;

pub(super) use each::{change, get, list};
pub use settings::{
    Change, InstanceSetting, InstanceSettingList, InstanceSettingMember, InstanceSettingStatus,
    PatchInstanceSettingRequest, UpdateInstanceSettingRequest,
};

use crate::{
    account::NewTenant,
    domain::{self, wire::DomainState},
    kit::{
        object::{ExpectedMetadata, Metadata},
        page::page_object,
        text::{DisplayName, Email, Language, TenantName},
        time::Timestamp,
    },
    quota::wire::QuotaSpec,
    tenant::{self, State, TenantRow},
};
use poem_openapi::{Enum, Object};
use serde::Serialize;
use tenantry_core::tenant::Urls;

/// A tenant of the instance.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// `v1alpha1`.
    api_version: String,
    /// `Tenant`.
    kind: String,
    metadata: Metadata,
    spec: TenantSpec,
    status: TenantStatus,
}

/// What operators decide about a tenant.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct TenantSpec {
    /// What people call it.
    display_name: String,
}

/// The life of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum TenantState {
    /// It is not there whole: founding it again goes on with it.
    Founding,
    /// It answers.
    Active,
    /// An operator has stopped it; nothing is lost.
    Suspended,
    /// It answers no more, and all of it is removed in a while.
    Deleting,
}

/// How a tenant stands.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct TenantStatus {
    state: TenantState,
    /// Where its API, console and pages are; the issuer of its tokens.
    url: String,
    /// Why it is suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// When all of it is removed, if it is being deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_after: Option<Timestamp>,
}

page_object!(
    /// One page of tenants.
    TenantList of Tenant
);

impl From<State> for TenantState {
    fn from(state: State) -> Self {
        match state {
            State::Founding => Self::Founding,
            State::Active => Self::Active,
            State::Suspended => Self::Suspended,
            State::Deleting => Self::Deleting,
        }
    }
}

impl Tenant {
    /// The tenant of this row.
    #[must_use]
    pub fn of(row: &TenantRow, urls: &Urls) -> Self {
        let reason = row.reason.clone().filter(|reason| !reason.is_empty());
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "Tenant".to_owned(),
            metadata: Metadata {
                version: row.version,
                ..Metadata::of(&row.name, row.created_at)
            },
            spec: TenantSpec {
                display_name: row.display_name.clone(),
            },
            status: TenantStatus {
                state: row.state.into(),
                url: urls.of(&tenant::Tenant::from(row.clone())),
                reason: reason.filter(|_| row.state == State::Suspended),
                delete_after: row.delete_after.map(Into::into),
            },
        }
    }
}

/// A tenant to be founded.
#[derive(Debug, Object)]
pub struct CreateTenantRequest {
    metadata: NewTenantMetadata,
    spec: NewTenantSpec,
}

/// What a tenant to be founded says of itself.
#[derive(Debug, Object)]
pub struct NewTenantMetadata {
    /// Its stable handle, in `/t/<name>` and host names. It never changes.
    name: TenantName,
}

/// What is decided about a tenant to be founded.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct NewTenantSpec {
    /// What people call it.
    display_name: DisplayName,
    owner: NewOwner,
    /// What it may have at most.
    #[oai(default)]
    quotas: QuotaSpec,
}

/// The first owner of a tenant, who is invited by mail.
#[derive(Debug, Object)]
pub struct NewOwner {
    /// Their address.
    email: Email,
    /// The language of the mail; else that of `Accept-Language`.
    language: Option<Language>,
}

impl CreateTenantRequest {
    /// The tenant that is to be founded, whose owner is written to in this language unless the request says otherwise.
    #[must_use]
    pub fn accept(self, language: Option<Language>) -> NewTenant {
        let NewTenantSpec {
            display_name,
            owner,
            quotas,
        } = self.spec;
        NewTenant {
            name: self.metadata.name,
            display_name,
            owner: owner.email,
            language: owner.language.or(language),
            quotas: quotas.quotas(),
            rate: quotas.rate(),
        }
    }
}

/// What is to change in a tenant (RFC 7396); what is absent stays.
#[derive(Debug, Object)]
pub struct PatchTenantRequest {
    metadata: Option<ExpectedMetadata>,
    spec: Option<EditTenantSpec>,
}

/// What is to change in what is decided about a tenant.
#[derive(Debug, Default, Object)]
#[oai(rename_all = "camelCase")]
pub struct EditTenantSpec {
    /// What people call it.
    display_name: Option<DisplayName>,
}

impl PatchTenantRequest {
    /// The version that is changed, if it is named.
    #[must_use]
    pub fn expected(&self) -> Option<i64> {
        self.metadata.as_ref().and_then(|metadata| metadata.version)
    }

    /// The tenant as it is from now on.
    #[must_use]
    pub fn accept(self, old: TenantRow) -> TenantRow {
        let edit = self.spec.unwrap_or_default();
        TenantRow {
            display_name: edit.display_name.map_or(old.display_name, |name| name.to_string()),
            ..old
        }
    }
}

/// Why a tenant is suspended.
#[derive(Debug, Default, Object)]
pub struct SuspendTenantRequest {
    /// For other operators to read; nobody in the tenant sees it.
    #[oai(default, validator(max_length = 500))]
    pub reason: String,
}

/// Who is invited to be the first owner of a tenant.
#[derive(Debug, Object)]
pub struct InviteOwnerRequest {
    /// Their address.
    pub email: Email,
    /// The language of the mail; else that of `Accept-Language`.
    pub language: Option<Language>,
}

/// A domain that a tenant claims.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct TenantDomain {
    /// `v1alpha1`.
    api_version: String,
    /// `TenantDomain`.
    kind: String,
    metadata: Metadata,
    status: TenantDomainStatus,
}

/// How a domain of a tenant stands.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct TenantDomainStatus {
    /// The name of the tenant.
    tenant: String,
    state: DomainState,
    /// Whether the tenant's addresses begin with it.
    canonical: bool,
    /// Where the tenant is reached by it, once it is proven.
    url: String,
    /// When its record was last looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_at: Option<Timestamp>,
    /// Since when the record is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<Timestamp>,
}

page_object!(
    /// One page of the domains of tenants.
    TenantDomainList of TenantDomain
);

impl TenantDomain {
    /// The domain of this row, and whose it is.
    #[must_use]
    pub fn of(row: &domain::Domain, whose: Option<&TenantRow>, urls: &Urls) -> Self {
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "TenantDomain".to_owned(),
            metadata: Metadata::of(&row.name, row.created_at),
            status: TenantDomainStatus {
                tenant: whose.map(|tenant| tenant.name.clone()).unwrap_or_default(),
                state: row.state.into(),
                canonical: whose.is_some_and(|tenant| tenant.domain.as_ref() == Some(&row.name)),
                url: urls.at(&row.name),
                checked_at: row.checked_at.map(Into::into),
                failing_since: row.failing_since.map(Into::into),
            },
        }
    }
}
