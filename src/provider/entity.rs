//! The `provider` table, and those of its parts, of identities, and of what is used once.

use super::kind::{AuthMethod, EmailTrust, Kind, Link, SignUp};
use crate::kit::id::ProviderId;
use sea_orm::entity::prelude::*;

/// A provider that people sign in through.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provider")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProviderId,
    /// Its name, which is in the redirect URI and never changes.
    pub name: String,
    /// What it speaks.
    pub kind: Kind,
    /// What people call it.
    pub display_name: String,
    /// Whether people may sign in through it.
    pub enabled: bool,
    /// Its place among the others.
    pub position: i32,
    /// What the tenant is called there.
    pub client_id: String,
    /// The secret, sealed for this row.
    pub client_secret_sealed: Option<Vec<u8>>,
    /// When the secret was given.
    pub secret_set_at: Option<DateTimeUtc>,
    /// When the provider takes it no more, as was typed in.
    pub secret_expires_at: Option<DateTimeUtc>,
    /// The issuer of its ID tokens.
    pub issuer: Option<String>,
    /// How the tenant proves there who it is.
    pub auth_method: AuthMethod,
    /// Whether identities that are linked sign in.
    pub sign_in: bool,
    /// Whether accounts are made through it.
    pub sign_up: SignUp,
    /// How an identity comes to an account that is there.
    pub link: Link,
    /// What its word on addresses is worth.
    pub email_trust: EmailTrust,
    /// Where people sign in, without metadata.
    pub authorize_url: Option<String>,
    /// Where codes are exchanged, without metadata.
    pub token_url: Option<String>,
    /// Where it tells who somebody is, without metadata.
    pub userinfo_url: Option<String>,
    /// Who signs the secret, with Apple.
    pub apple_team_id: Option<String>,
    /// The key that the secret is signed with, with Apple.
    pub apple_key_id: Option<String>,
    /// Whose people sign in, with Microsoft.
    pub ms_tenant: Option<String>,
    /// When somebody last signed in through it, to the hour.
    pub last_success_at: Option<DateTimeUtc>,
    /// What last went wrong with it.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<DateTimeUtc>,
    /// Counts the writes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last written.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// What is asked for at a provider.
pub mod scope {
    use crate::kit::id::ProviderId;
    use sea_orm::entity::prelude::*;

    /// A scope.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "provider_scope")]
    pub struct Model {
        /// At which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub provider_id: ProviderId,
        /// The scope.
        #[sea_orm(primary_key, auto_increment = false)]
        pub scope: String,
        /// Its place in the list.
        pub position: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Domains of addresses that a provider is asked about.
pub mod domain {
    use crate::kit::id::ProviderId;
    use sea_orm::entity::prelude::*;

    /// A domain.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "provider_domain")]
    pub struct Model {
        /// Of which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub provider_id: ProviderId,
        /// The domain, with a dot in front also what is below it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub domain: String,
        /// Its place in the list.
        pub position: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Directories whose people are taken from a provider.
pub mod upstream {
    use crate::kit::id::ProviderId;
    use sea_orm::entity::prelude::*;

    /// A directory.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "provider_upstream")]
    pub struct Model {
        /// Of which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub provider_id: ProviderId,
        /// Its GUID.
        #[sea_orm(primary_key, auto_increment = false)]
        pub upstream: String,
        /// Its place in the list.
        pub position: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Where a provider says what of a person.
pub mod claim {
    use crate::kit::id::ProviderId;
    use sea_orm::entity::prelude::*;

    /// A claim.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "provider_claim")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub provider_id: ProviderId,
        /// What it is called here.
        #[sea_orm(primary_key, auto_increment = false)]
        pub claim: String,
        /// Where it is in the answer: names with dots between.
        pub path: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Identities that accounts have with providers.
pub mod identity {
    use super::super::kind::LinkedBy;
    use crate::kit::id::{ProviderId, UserId};
    use sea_orm::entity::prelude::*;

    /// That whom a provider calls so is this user. Neither is ever changed: it is removed, and another one made.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity")]
    pub struct Model {
        /// The provider.
        #[sea_orm(primary_key, auto_increment = false)]
        pub provider_id: ProviderId,
        /// Whom it means, in its words.
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: String,
        /// Its issuer then.
        pub issuer: String,
        /// The user.
        pub user_id: UserId,
        /// What it was called when it was linked, only to be shown.
        pub display: String,
        /// The address it had then, only to be shown.
        pub email: Option<String>,
        /// Whether the provider's word on the address counted.
        pub email_verified: bool,
        /// When it was linked.
        pub linked_at: DateTimeUtc,
        /// How.
        pub linked_by: LinkedBy,
        /// When they last signed in by it.
        pub last_used_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Identities that wait for the person.
pub mod pending {
    use crate::kit::id::{ProviderId, VerificationId};
    use sea_orm::entity::prelude::*;

    /// Somebody who came back from a provider, and whose account is not settled yet.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pending_identity")]
    pub struct Model {
        /// SHA-256 of what the browser holds.
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: Vec<u8>,
        /// The provider.
        pub provider_id: ProviderId,
        /// Its issuer.
        pub issuer: String,
        /// Whom it means.
        pub subject: String,
        /// What it calls them.
        pub display: String,
        /// Their address, as the provider or they themselves say.
        pub email: Option<String>,
        /// Whether it is proven: by the provider, or by a code.
        pub proven: bool,
        /// The name of a person.
        pub name: Option<String>,
        /// Whether a code came back from the address.
        pub confirmed: bool,
        /// The code that was mailed to the address, and has not come back.
        pub verification_id: Option<VerificationId>,
        /// Until when it waits.
        pub expires_at: DateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What may be used once.
pub mod used {
    use sea_orm::entity::prelude::*;

    /// That something was used.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "used_jti")]
    pub struct Model {
        /// What for.
        #[sea_orm(primary_key, auto_increment = false)]
        pub purpose: String,
        /// Its SHA-256.
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: Vec<u8>,
        /// After this it is not taken anyway.
        pub expires_at: DateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
