//! The `message_template` table.

use crate::message::Template;
use sea_orm::entity::prelude::*;

/// The text of a kind of message in a language, as the tenant writes it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message_template")]
pub struct Model {
    /// The kind of message.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: Template,
    /// The language.
    #[sea_orm(primary_key, auto_increment = false)]
    pub language: String,
    /// The subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
    /// The hash of the built-in one that it was made from.
    pub based_on: String,
    /// Counts the writes.
    pub version: i64,
    /// When it was last written.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
