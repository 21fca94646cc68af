//! The `session` and `refresh_token` tables.

use crate::kit::id::{ApplicationId, SessionId, UserId};
use sea_orm::entity::prelude::*;

/// One sign-in of one user, on one device.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Its id, which access tokens carry as `sid`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// The user who signed in.
    pub user_id: UserId,
    /// SHA-256 of the cookie, if the session lives in a browser.
    pub cookie_hash: Option<Vec<u8>>,
    /// The application that asked for it, as it named itself.
    pub client_id: Option<String>,
    /// The client's address at sign-in.
    pub ip_address: String,
    /// The client's `User-Agent` at sign-in.
    pub user_agent: String,
    /// When they signed in.
    pub created_at: DateTimeUtc,
    /// When it was last used, to within a few minutes.
    pub last_used_at: DateTimeUtc,
    /// When it ends at the latest.
    pub expires_at: DateTimeUtc,
    /// Seconds it may lie unused, as the tenant had it when it began.
    pub idle_seconds: i64,
    /// When it was ended.
    pub ended_at: Option<DateTimeUtc>,
    /// The session of the browser that an application's was authorized from.
    pub parent_id: Option<SessionId>,
    /// The application that it is of.
    pub application_id: Option<ApplicationId>,
    /// Whether it outlives that of the browser.
    pub offline: bool,
    /// When the user gave their password; when it began if null.
    pub authenticated_at: Option<DateTimeUtc>,
    /// What the application may ask for.
    pub scope: Option<String>,
    /// The resources that were named, with blanks between.
    pub resource: Option<String>,
    /// Single claims that it asked for, in JSON.
    pub claims: Option<String>,
    /// How somebody signed in; null is by a password.
    pub method: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Networks that users signed in from.
pub mod network {
    use crate::kit::id::UserId;
    use sea_orm::entity::prelude::*;

    /// That a user signed in from a network.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "user_network")]
    pub struct Model {
        /// The user.
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: UserId,
        /// The network; see [`crate::kit::limiter::network`].
        #[sea_orm(primary_key, auto_increment = false)]
        pub network: String,
        /// When they last did.
        pub seen_at: DateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Refresh tokens: each is used once, for the next one.
pub mod refresh {
    use crate::kit::id::{RefreshTokenId, SessionId};
    use sea_orm::entity::prelude::*;

    /// A refresh token's row; the token itself is not kept.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "refresh_token")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RefreshTokenId,
        /// The session it renews.
        pub session_id: SessionId,
        /// SHA-256 of the token.
        pub hash: Vec<u8>,
        /// When it was given out.
        pub created_at: DateTimeUtc,
        /// Until when it can be used.
        pub expires_at: DateTimeUtc,
        /// When it was used.
        pub used_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
