//! The group `notifications`, which shows the policy `notifications` as it is.

use super::View;
use crate::notification::Notifications;

impl View for Notifications {
    type Setting = Self;

    fn of(setting: &Self) -> Self {
        setting.clone()
    }

    fn apply(self, _: &Self) -> Self {
        self
    }

    fn member(of: &str) -> Option<&'static str> {
        let events = [
            "signInMethod",
            "domainFailing",
            "quotaNear",
            "backupOverdue",
            "backupDamaged",
            "backupDownloaded",
            "restored",
        ];
        let event = of.split('.').next()?;
        events.into_iter().find(|known| *known == event)
    }
}
