//! Every policy by its name.

use crate::{
    account::api as sign_up,
    attachment::api as attachment,
    backup::api as backup,
    captcha::api as captcha,
    context::Signed,
    key::api as key,
    kit::error::{Code, Result},
    limit::api as limit,
    notification::api as notification,
    password::api as password,
    sender::api as sender,
    session::api as session,
    setting::{
        api as setting,
        wire::{put, put_and, request, spec},
    },
};
use serde_json::Value;

/// The one group that the members of a policy are.
const GROUP: &str = "default";

/// Whether a policy has this group.
///
/// # Errors
/// [`Code::ConfigGroupNotFound`].
pub(super) fn check_group(group: &str) -> Result<()> {
    match group == GROUP {
        true => Ok(()),
        false => Err(Code::ConfigGroupNotFound.into()),
    }
}

/// The `spec` of the policy of this name, and how often it was written.
///
/// # Errors
/// [`Code::PolicyNotFound`].
pub(super) async fn get(caller: &Signed, name: &str) -> Result<(Value, i64)> {
    match name {
        "attachments" => spec::<attachment::AttachmentPolicy>(caller).await,
        "authentication" => spec::<setting::AuthenticationPolicy>(caller).await,
        "backups" => spec::<backup::BackupPolicy>(caller).await,
        "branding" => spec::<setting::BrandingPolicy>(caller).await,
        "captcha" => spec::<captcha::CaptchaPolicy>(caller).await,
        "cross-origin" => spec::<setting::CrossOriginPolicy>(caller).await,
        "limits" => spec::<limit::LimitPolicy>(caller).await,
        "mail" => spec::<sender::MailPolicy>(caller).await,
        "notifications" => spec::<notification::NotificationPolicy>(caller).await,
        "password" => spec::<crate::password::wire::PasswordPolicy>(caller).await,
        "sessions" => spec::<session::SessionPolicy>(caller).await,
        "sign-up" => spec::<sign_up::SignUpPolicy>(caller).await,
        "signing-keys" => spec::<key::SigningKeyPolicy>(caller).await,
        _ => Err(Code::PolicyNotFound.into()),
    }
}

/// Makes the policy of this name what a `spec` says, as the operation of the policy does.
///
/// # Errors
/// [`Code::PolicyNotFound`], and those of the operation.
pub(super) async fn set(caller: &Signed, is_development: bool, name: &str, new: Value) -> Result<()> {
    match name {
        "attachments" => {
            let new = request::<attachment::UpdateAttachmentPolicyRequest, attachment::AttachmentPolicy>(&new)?;
            put(caller, new).await.map(drop)
        }
        "authentication" => {
            let new = request::<setting::UpdateAuthenticationPolicyRequest, setting::AuthenticationPolicy>(&new)?;
            put(caller, new).await.map(drop)
        }
        "backups" => {
            let new = request::<backup::UpdateBackupPolicyRequest, backup::BackupPolicy>(&new)?;
            put_and(caller, new, crate::backup::reschedule).await.map(drop)
        }
        "branding" => {
            let new = request::<setting::UpdateBrandingPolicyRequest, setting::BrandingPolicy>(&new)?;
            put_and(caller, new, crate::attachment::check_shown).await.map(drop)
        }
        "captcha" => captcha::put(caller, is_development, request(&new)?).await.map(drop),
        "cross-origin" => {
            let new = request::<setting::UpdateCrossOriginPolicyRequest, setting::CrossOriginPolicy>(&new)?;
            put(caller, new).await.map(drop)
        }
        "limits" => {
            let new = request::<limit::UpdateLimitPolicyRequest, limit::LimitPolicy>(&new)?;
            put(caller, new).await.map(drop)
        }
        "mail" => {
            let new = request::<sender::UpdateMailPolicyRequest, sender::MailPolicy>(&new)?;
            put(caller, new).await.map(drop)
        }
        "notifications" => {
            let new = request::<notification::UpdateNotificationPolicyRequest, notification::NotificationPolicy>(&new)?;
            put(caller, new).await.map(drop)
        }
        "password" => password::put(caller, request(&new)?).await.map(drop),
        "sessions" => {
            let new = request::<session::UpdateSessionPolicyRequest, session::SessionPolicy>(&new)?;
            put(caller, new).await.map(drop)
        }
        "sign-up" => {
            let new = request::<sign_up::UpdateSignUpPolicyRequest, sign_up::SignUpPolicy>(&new)?;
            put(caller, new).await.map(drop)
        }
        "signing-keys" => {
            let new = request::<key::UpdateSigningKeyPolicyRequest, key::SigningKeyPolicy>(&new)?;
            put_and(caller, new, crate::key::reschedule).await.map(drop)
        }
        _ => Err(Code::PolicyNotFound.into()),
    }
}
