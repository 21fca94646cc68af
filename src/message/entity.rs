//! The `message` table.

use crate::kit::id::{JobId, MessageId, VerificationId};
use sea_orm::entity::prelude::*;

/// A message to one address, and what became of it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    /// Its id, which is also the local part of `Message-ID`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    /// The job that sends it.
    pub job_id: JobId,
    /// The challenge that its code belongs to.
    pub verification_id: Option<VerificationId>,
    /// Which text it has.
    pub template: Template,
    /// Where it goes.
    pub address: String,
    /// The language of the text.
    pub language: String,
    /// The application it is for, as it named itself.
    pub client_id: Option<String>,
    /// The name of what it is about, if that is not the account itself.
    pub about: Option<String>,
    /// The subject; none before it is rendered.
    pub subject: Option<String>,
    /// What became of it.
    pub state: State,
    /// The text, sealed; only where messages are kept instead of being sent.
    pub sealed_content: Option<Vec<u8>>,
    /// When it was wanted.
    pub created_at: DateTimeUtc,
    /// When the relay took it, or when it was kept.
    pub sent_at: Option<DateTimeUtc>,
}

/// Which text a message has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
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
}

impl Template {
    /// Whether it carries the code or link of its challenge.
    #[must_use]
    pub fn has_secrets(self) -> bool {
        !matches!(self, Self::AddressInUse | Self::PasswordChanged | Self::IdentityLinked)
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum State {
    /// It waits, for the first attempt or another one.
    #[sea_orm(string_value = "queued")]
    Queued,
    /// The relay took it.
    #[sea_orm(string_value = "sent")]
    Sent,
    /// It was not sent, but kept to be read here.
    #[sea_orm(string_value = "kept")]
    Kept,
    /// It will not be sent.
    #[sea_orm(string_value = "failed")]
    Failed,
    /// Its code was no longer wanted, so it was not sent.
    #[sea_orm(string_value = "dropped")]
    Dropped,
}

impl ActiveModelBehavior for ActiveModel {}
