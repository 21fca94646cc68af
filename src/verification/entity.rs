//! The `verification` table.

use crate::kit::id::{UserId, VerificationId};
use sea_orm::{FromJsonQueryResult, entity::prelude::*};
use serde::{Deserialize, Serialize};

/// A challenge: somebody must give back a code that was mailed to an address.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "verification")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VerificationId,
    /// What the code is good for.
    pub purpose: Purpose,
    /// The user who must give it back; none before they have an account.
    pub user_id: Option<UserId>,
    /// Where it is mailed to.
    pub address: String,
    /// The form addresses are compared in.
    pub address_key: String,
    /// The language of the mail.
    pub language: String,
    /// A keyed hash of the code; none before the mail is rendered.
    pub code_hash: Option<Vec<u8>>,
    /// SHA-256 of the link's token; none before the mail is rendered.
    pub link_hash: Option<Vec<u8>>,
    /// The application that asked for it, as it named itself.
    pub client_id: Option<String>,
    /// Tries at the code that are left.
    pub tries_left: i32,
    /// When it was asked for.
    pub created_at: DateTimeUtc,
    /// Until when the code is good.
    pub expires_at: DateTimeUtc,
    /// When it was used, or a newer one took its place.
    pub ended_at: Option<DateTimeUtc>,
    /// The roles that whoever signs up by it is to have.
    pub roles: Option<Roles>,
}

/// Names of roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Roles(pub Vec<String>);

/// What a code is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Purpose {
    /// To sign up with a proven address.
    #[sea_orm(string_value = "register")]
    Register,
    /// To prove an address of an account, the present or the next one.
    #[sea_orm(string_value = "verify_email")]
    VerifyEmail,
    /// To choose another password without the present one.
    #[sea_orm(string_value = "reset_password")]
    ResetPassword,
    /// To take back the change of an address; by link only, mailed to the address that was.
    #[sea_orm(string_value = "undo_email")]
    UndoEmail,
    /// To sign up where only invited people may; by link only.
    #[sea_orm(string_value = "invite")]
    Invite,
    /// To show that an address is theirs who came back from a provider; by code only.
    #[sea_orm(string_value = "link_identity")]
    LinkIdentity,
}

impl ActiveModelBehavior for ActiveModel {}
