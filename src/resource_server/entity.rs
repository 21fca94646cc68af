//! The `resource_server` table, and those of its scopes and secrets.

use crate::{key::Algorithm, kit::id::ResourceServerId};
use sea_orm::entity::prelude::*;

/// An API that trusts the tenant's tokens.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resource_server")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ResourceServerId,
    /// The `aud` of its tokens, which never changes.
    pub audience: String,
    /// What people call it.
    pub display_name: String,
    /// What signs its access tokens.
    pub access_token_alg: Algorithm,
    /// Seconds for which they are valid; null is as the application or the tenant has it.
    pub access_token_seconds: Option<i32>,
    /// Counts the writes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last written.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// What tokens of an API may permit.
pub mod scope {
    use crate::kit::id::ResourceServerId;
    use sea_orm::entity::prelude::*;

    /// A scope of an API.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "resource_scope")]
    pub struct Model {
        /// Whose it is.
        #[sea_orm(primary_key, auto_increment = false)]
        pub resource_server_id: ResourceServerId,
        /// The scope.
        #[sea_orm(primary_key, auto_increment = false)]
        pub scope: String,
        /// What it permits, in English.
        pub description_en: Option<String>,
        /// What it permits, in Chinese.
        pub description_zh: Option<String>,
        /// Whether the server's metadata name it.
        pub public: bool,
        /// Its place in the list.
        pub position: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A secret of an API, to ask about tokens with.
pub mod secret {
    use crate::kit::id::{ResourceServerId, SecretId};
    use sea_orm::entity::prelude::*;

    /// A secret of an API.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "resource_server_secret")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SecretId,
        /// Whose it is.
        pub resource_server_id: ResourceServerId,
        /// Its SHA-256.
        pub hash: Vec<u8>,
        /// Its last four characters.
        pub hint: String,
        /// When it was made.
        pub created_at: DateTimeUtc,
        /// When it is good no more; null is never.
        pub expires_at: Option<DateTimeUtc>,
        /// When it was last used, to the hour.
        pub last_used_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
