//! The kinds of messages, and of what is reported of them.

use poem_openapi::Enum;
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::Serialize;

/// Which text a message has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
#[oai(rename = "MessageTemplateKind", rename_all = "snake_case")]
pub enum Template {
    /// A code that proves an address.
    #[sea_orm(string_value = "verify_email")]
    VerifyEmail,
    /// To who has proven an address that somebody else gave as theirs.
    #[sea_orm(string_value = "address_in_use")]
    AddressInUse,
    /// A code and a link to choose another password.
    #[sea_orm(string_value = "reset_password")]
    ResetPassword,
    /// That the password was changed.
    #[sea_orm(string_value = "password_changed")]
    PasswordChanged,
    /// To the address before, that another one took its place.
    #[sea_orm(string_value = "email_changed")]
    EmailChanged,
    /// A link to sign up with.
    #[sea_orm(string_value = "invitation")]
    Invitation,
    /// A code for who came back from a provider.
    #[sea_orm(string_value = "link_identity")]
    LinkIdentity,
    /// That an identity at a provider was added to the account.
    #[sea_orm(string_value = "identity_linked")]
    IdentityLinked,
    /// That one was removed.
    #[sea_orm(string_value = "identity_removed")]
    IdentityRemoved,
    /// To owners, that mail does not leave by a sender any more.
    #[sea_orm(string_value = "sender_failing")]
    SenderFailing,
    /// To those who look after the tenant, that people may sign in through a provider from now on.
    #[sea_orm(string_value = "sign_in_method")]
    SignInMethod,
    /// To them, that the record of a domain is not there any more.
    #[sea_orm(string_value = "domain_failing")]
    DomainFailing,
    /// To them, that nine tenths of a quota are used.
    #[sea_orm(string_value = "quota_near")]
    QuotaNear,
    /// To them, that no backup was made by itself when one was due.
    #[sea_orm(string_value = "backup_overdue")]
    BackupOverdue,
    /// To them, that the newest backup was read back and is not as it was made.
    #[sea_orm(string_value = "backup_damaged")]
    BackupDamaged,
    /// To them, that somebody took the file of a backup.
    #[sea_orm(string_value = "backup_downloaded")]
    BackupDownloaded,
    /// To them, that a backup took the place of what there was.
    #[sea_orm(string_value = "restored")]
    Restored,
    /// That mail by a sender arrives.
    #[sea_orm(string_value = "sender_test")]
    SenderTest,
}

/// What is reported of a message that had left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "lowercase")]
#[oai(rename = "MessageBounceKind", rename_all = "lowercase")]
pub enum BounceKind {
    /// It will not be delivered.
    #[sea_orm(string_value = "bounce")]
    Bounce,
    /// It is not delivered yet.
    #[sea_orm(string_value = "delay")]
    Delay,
    /// Whoever got it complains of it.
    #[sea_orm(string_value = "complaint")]
    Complaint,
}

impl Template {
    /// Its name, as it is stored and answered.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::AddressInUse => "address_in_use",
            Self::ResetPassword => "reset_password",
            Self::PasswordChanged => "password_changed",
            Self::EmailChanged => "email_changed",
            Self::Invitation => "invitation",
            Self::LinkIdentity => "link_identity",
            Self::IdentityLinked => "identity_linked",
            Self::IdentityRemoved => "identity_removed",
            Self::SenderFailing => "sender_failing",
            Self::SignInMethod => "sign_in_method",
            Self::DomainFailing => "domain_failing",
            Self::QuotaNear => "quota_near",
            Self::BackupOverdue => "backup_overdue",
            Self::BackupDamaged => "backup_damaged",
            Self::BackupDownloaded => "backup_downloaded",
            Self::Restored => "restored",
            Self::SenderTest => "sender_test",
        }
    }

    /// Whether it carries the code or link of its challenge.
    #[must_use]
    pub fn has_secrets(self) -> bool {
        matches!(
            self,
            Self::VerifyEmail | Self::ResetPassword | Self::EmailChanged | Self::Invitation | Self::LinkIdentity
        )
    }

    /// Whether whoever has the address asks for it.
    #[must_use]
    pub fn is_asked_for(self) -> bool {
        self.is_awaited() && self != Self::Invitation
    }

    /// Whether somebody waits for it.
    #[must_use]
    pub fn is_awaited(self) -> bool {
        matches!(
            self,
            Self::VerifyEmail | Self::ResetPassword | Self::Invitation | Self::LinkIdentity
        )
    }
}
