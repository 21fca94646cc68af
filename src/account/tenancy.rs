//! What becomes of tenants as such: what a new one may have, and how long one waits that is to be removed.

use crate::{
    context::Services,
    kit::{db::Mode, error::Result},
    quota::{Quota, Quotas},
    setting::{Setting, instance},
};
use chrono::TimeDelta;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// What becomes of tenants as such.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "TenancySpec", rename_all = "camelCase")]
pub struct Tenancy {
    /// Days in which a tenant can be kept after all that was deleted.
    #[oai(validator(minimum(value = "1"), maximum(value = "90")))]
    pub grace_days: u32,
    /// What a tenant may have at most from its founding on.
    pub default_quotas: DefaultQuotas,
}

macro_rules! default_quotas {
    ($($field:ident of $quota:ident $doc:literal;)+) => {
        /// What a tenant may have at most from its founding on, unless its founding says otherwise. What is absent is as
        /// the server has it.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Object)]
        #[serde(rename_all = "camelCase", default)]
        #[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
        pub struct DefaultQuotas {
            $(
                #[doc = $doc]
                #[oai(validator(maximum(value = "9007199254740991")))]
                pub $field: Option<u64>,
            )+
        }

        impl DefaultQuotas {
            fn quotas(&self) -> Quotas {
                let each = [$((Quota::$quota, self.$field)),+];
                each.into_iter().filter_map(|(quota, value)| Some((quota, value?))).collect()
            }
        }
    };
}

default_quotas! {
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

impl Default for Tenancy {
    fn default() -> Self {
        Self {
            grace_days: 7,
            default_quotas: DefaultQuotas::default(),
        }
    }
}

impl Setting for Tenancy {
    const NAME: &'static str = "tenancy";
    const OF_INSTANCE: bool = true;
}

impl Tenancy {
    /// As the instance decided.
    ///
    /// # Errors
    /// The database's.
    pub async fn read(services: &Services) -> Result<Self> {
        let read = services.db.run_system(Mode::Read, async |tx| instance::read(tx).await);
        read.await
    }

    /// How long a tenant waits that is to be removed.
    #[must_use]
    pub fn grace(&self) -> TimeDelta {
        TimeDelta::days(self.grace_days.into())
    }

    /// What a new tenant may have at most whose founding says this much.
    #[must_use]
    pub fn quotas(&self, given: &Quotas) -> Quotas {
        let mut quotas = self.default_quotas.quotas();
        quotas.extend(given);
        quotas
    }
}
