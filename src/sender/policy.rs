//! The policy `mail`: whether the tenant's mail may leave by the instance's own relay, and what its subjects may say.

use crate::setting::Setting;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// How mail leaves where no sender of the tenant's own works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "MailPolicySpec", rename_all = "camelCase")]
pub struct MailPolicy {
    /// Whether it leaves by the sender of the instance then, in its name, as far as the operator lets tenants use that.
    pub use_instance_sender: bool,
    /// Whether templates may have the code in the subject, where a locked screen shows it.
    #[oai(default)]
    pub code_in_subject: bool,
}

impl Default for MailPolicy {
    fn default() -> Self {
        Self {
            use_instance_sender: true,
            code_in_subject: false,
        }
    }
}

impl Setting for MailPolicy {
    const NAME: &'static str = "mail";
}
