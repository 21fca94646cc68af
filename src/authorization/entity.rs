//! The `authorization_code` and `consent` tables.

use crate::kit::id::{ApplicationId, SessionId, UserId};
use sea_orm::entity::prelude::*;

/// A code: somebody let an application sign them in, and the application has yet to come for its tokens.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "authorization_code")]
pub struct Model {
    /// Its SHA-256.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: Vec<u8>,
    /// The application it is for.
    pub application_id: ApplicationId,
    /// Who signed in.
    pub user_id: UserId,
    /// In which browser.
    pub session_id: SessionId,
    /// Where the browser was sent with it.
    pub redirect_uri: String,
    /// What the application has to know the origin of (RFC 7636).
    pub challenge: Option<String>,
    /// What the ID token repeats.
    pub nonce: Option<String>,
    /// The scopes that were granted.
    pub scope: String,
    /// The resources that were named, with blanks between.
    pub resource: Option<String>,
    /// Single claims that were asked for, in JSON.
    pub claims: Option<String>,
    /// When the user gave their password.
    pub authenticated_at: DateTimeUtc,
    /// The session that was begun by it.
    pub issued_session_id: Option<SessionId>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Until when it can be used.
    pub expires_at: DateTimeUtc,
    /// When it was used.
    pub used_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What people let applications do.
pub mod consent {
    use crate::kit::id::{ApplicationId, UserId};
    use sea_orm::entity::prelude::*;

    /// That somebody lets an application have a scope.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "consent")]
    pub struct Model {
        /// The user.
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: UserId,
        /// The application.
        #[sea_orm(primary_key, auto_increment = false)]
        pub application_id: ApplicationId,
        /// At whom; empty for what tells who they are.
        #[sea_orm(primary_key, auto_increment = false)]
        pub audience: String,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub scope: String,
        /// Since when.
        pub granted_at: DateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
