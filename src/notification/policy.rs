//! The policy `notifications`: who is told of what.

use super::Event;
use crate::{access::policy::OWNER, kit::text::RoleName, setting::Setting};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// Who is told of one kind of event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "NotificationRule", rename_all = "camelCase")]
pub struct Rule {
    /// The roles whose holders are told: of each those who can sign in and have proven their address, the oldest
    /// accounts first, up to 50 in all.
    #[oai(validator(max_items = 10))]
    pub roles: Vec<RoleName>,
    /// Whether they are mailed. If not, nobody is told.
    pub mail: bool,
}

/// Who is told of what happens to the tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "NotificationPolicySpec", rename_all = "camelCase")]
pub struct Notifications {
    /// People may sign in through a provider from now on.
    pub sign_in_method: Rule,
    /// The record of a domain is not there any more.
    pub domain_failing: Rule,
    /// Nine tenths of a quota are used.
    pub quota_near: Rule,
    /// No backup was made by itself when one was due.
    pub backup_overdue: Rule,
    /// The newest backup was read back, and is not as it was made.
    pub backup_damaged: Rule,
    /// Somebody took the file of a backup.
    pub backup_downloaded: Rule,
    /// A backup took the place of what there was.
    pub restored: Rule,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            roles: OWNER.parse::<RoleName>().into_iter().collect(),
            mail: true,
        }
    }
}

impl Notifications {
    /// Who is told of this.
    #[must_use]
    pub fn of(&self, event: Event) -> &Rule {
        match event {
            Event::SignInMethod => &self.sign_in_method,
            Event::DomainFailing => &self.domain_failing,
            Event::QuotaNear => &self.quota_near,
            Event::BackupOverdue => &self.backup_overdue,
            Event::BackupDamaged => &self.backup_damaged,
            Event::BackupDownloaded => &self.backup_downloaded,
            Event::Restored => &self.restored,
        }
    }
}

impl Setting for Notifications {
    const NAME: &'static str = "notifications";

    fn named_roles(&self) -> Vec<String> {
        let rules = [
            &self.sign_in_method,
            &self.domain_failing,
            &self.quota_near,
            &self.backup_overdue,
            &self.backup_damaged,
            &self.backup_downloaded,
            &self.restored,
        ];
        let roles = rules.into_iter().flat_map(|rule| &rule.roles);
        roles.map(ToString::to_string).collect()
    }
}
