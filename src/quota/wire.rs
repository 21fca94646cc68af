//! Quotas on the wire.

use super::{Quota, Quotas};
use crate::{
    kit::object::{ExpectedMetadata, Metadata},
    tenant::{Rate, Tenant, TenantRow},
};
use poem_openapi::Object;
use serde::Serialize;

macro_rules! quotas {
    ($($field:ident of $quota:ident $doc:literal;)+) => {
        /// What a tenant may have at most. What is absent is as the server has it.
        #[derive(Clone, Debug, Default, Object, Serialize)]
        #[oai(rename = "TenantQuotaSpec", rename_all = "camelCase", skip_serializing_if_is_none)]
        #[serde(rename_all = "camelCase")]
        pub struct QuotaSpec {
            $(
                #[doc = $doc]
                #[oai(validator(maximum(value = "9007199254740991")))]
                #[serde(skip_serializing_if = "Option::is_none")]
                $field: Option<u64>,
            )+
            /// Requests in a second, which each server of the instance counts by itself.
            #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
            #[serde(skip_serializing_if = "Option::is_none")]
            requests_per_second: Option<u32>,
            /// Requests at once; as many as in a second if absent.
            #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
            #[serde(skip_serializing_if = "Option::is_none")]
            request_burst: Option<u32>,
        }

        /// How much of it a tenant has.
        #[derive(Clone, Debug, Default, Object, Serialize)]
        #[oai(rename = "TenantQuotaUse", rename_all = "camelCase", skip_serializing_if_is_none)]
        #[serde(rename_all = "camelCase")]
        pub struct QuotaUse {
            $(
                #[doc = $doc]
                #[serde(skip_serializing_if = "Option::is_none")]
                $field: Option<u64>,
            )+
        }

        impl QuotaSpec {
            /// How much the tenant may have of each.
            #[must_use]
            pub fn quotas(&self) -> Quotas {
                let each = [$((Quota::$quota, self.$field)),+];
                each.into_iter().filter_map(|(quota, value)| Some((quota, value?))).collect()
            }

            fn of(quotas: &Quotas, rate: Option<Rate>) -> Self {
                Self {
                    $($field: quotas.get(&Quota::$quota).copied(),)+
                    requests_per_second: rate.map(|rate| rate.per_second),
                    request_burst: rate.map(|rate| rate.burst),
                }
            }
        }

        impl QuotaUse {
            fn of(used: &Quotas) -> Self {
                Self {
                    $($field: used.get(&Quota::$quota).copied(),)+
                }
            }
        }
    };
}

quotas! {
    users of Users "Users.";
    applications of Applications "Applications that administrators made.";
    roles of Roles "Roles of the tenant's own.";
    providers of Providers "Providers of sign-in.";
    senders of Senders "Senders of mail.";
    domains of Domains "Domains.";
    attachment_bytes of AttachmentBytes "Bytes of files.";
    backups of Backups "Backups.";
    backup_bytes of BackupBytes "Bytes of backups.";
    mails_per_day of MailsPerDay "Messages that leave by the instance's relay in a day; more wait.";
}

impl QuotaSpec {
    /// How many requests the tenant may get.
    #[must_use]
    pub fn rate(&self) -> Option<Rate> {
        self.requests_per_second.map(|per_second| Rate {
            per_second,
            burst: self.request_burst.unwrap_or(per_second),
        })
    }
}

/// What a tenant may have at most, and has.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct TenantQuotas {
    /// `v1alpha1`.
    api_version: String,
    /// `TenantQuotas`.
    kind: String,
    metadata: Metadata,
    spec: QuotaSpec,
    status: QuotaStatus,
}

/// How much a tenant has.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename = "TenantQuotaStatus")]
pub struct QuotaStatus {
    /// How much of each; what was used up in a day is not shown.
    used: QuotaUse,
}

/// What a tenant may have at most from now on.
#[derive(Debug, Object)]
pub struct UpdateTenantQuotasRequest {
    metadata: Option<ExpectedMetadata>,
    spec: QuotaSpec,
}

impl UpdateTenantQuotasRequest {
    /// The version that is changed, if it is named, and what it is to say.
    #[must_use]
    pub fn into_parts(self) -> (Option<i64>, QuotaSpec) {
        (self.metadata.and_then(|metadata| metadata.version), self.spec)
    }
}

impl TenantQuotas {
    /// Those of the tenant of this row.
    #[must_use]
    pub fn new(row: &TenantRow, quotas: &Quotas, used: &Quotas) -> Self {
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "TenantQuotas".to_owned(),
            metadata: Metadata {
                version: row.version,
                ..Metadata::of(&row.name, row.created_at)
            },
            spec: QuotaSpec::of(quotas, Tenant::from(row.clone()).rate),
            status: QuotaStatus {
                used: QuotaUse::of(used),
            },
        }
    }

    /// Counts the writes to the tenant.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.metadata.version
    }
}
