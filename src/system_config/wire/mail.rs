//! The group `mail`.

use super::View;
use crate::sender::MailPolicy;
use poem_openapi::Object;

/// How mail leaves where no sender of the tenant's own works, and what it shows. Kept by the policy `mail`.
#[derive(Debug, Object)]
#[oai(rename = "MailConfig", rename_all = "camelCase")]
pub(super) struct Mail {
    /// Whether it leaves by the sender of the instance then, in its name.
    use_instance_sender: bool,
    /// Whether templates may have the code in the subject, where a locked screen shows it.
    code_in_subject: bool,
}

impl View for Mail {
    type Setting = MailPolicy;

    fn of(setting: &MailPolicy) -> Self {
        Self {
            use_instance_sender: setting.use_instance_sender,
            code_in_subject: setting.code_in_subject,
        }
    }

    fn apply(self, _: &MailPolicy) -> MailPolicy {
        MailPolicy {
            use_instance_sender: self.use_instance_sender,
            code_in_subject: self.code_in_subject,
        }
    }

    fn member(of: &str) -> Option<&'static str> {
        ["useInstanceSender", "codeInSubject"]
            .into_iter()
            .find(|member| *member == of)
    }
}
