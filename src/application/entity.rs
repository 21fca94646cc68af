//! The `application` table, and those of what an application has several of.
#![expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the wire")]

use super::kind::{Origin, Preset, Rotation, SubjectType};
use crate::{key::Algorithm, kit::id::ApplicationId};
use sea_orm::entity::prelude::*;

/// An application.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApplicationId,
    /// Its `client_id`, which never changes.
    pub name: String,
    /// What it was made as.
    pub preset: Preset,
    /// Who made it.
    pub origin: Origin,
    /// What people call it.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// The colour of buttons.
    pub color: Option<String>,
    /// An https address of a picture.
    pub logo_url: Option<String>,
    /// Where people go when they are done with a page.
    pub home_url: Option<String>,
    /// What it does with what it learns.
    pub policy_url: Option<String>,
    /// What its users agree to.
    pub terms_url: Option<String>,
    /// Whether it is the tenant's own, so that nobody is asked for consent.
    pub first_party: bool,
    /// Whether nobody can sign in to it.
    pub disabled: bool,
    /// Whether it must use PKCE (RFC 7636).
    pub require_pkce: bool,
    /// Whether it must push its requests (RFC 9126).
    pub require_par: bool,
    /// Whether its tokens are bound to a key (RFC 9449).
    pub require_dpop: bool,
    /// Whether a refresh token is replaced when it is used.
    pub rotation: Rotation,
    /// Whether it knows users by a `sub` of its own.
    pub subject_type: SubjectType,
    /// What signs its ID tokens.
    pub id_token_alg: Algorithm,
    /// What signs its access tokens for our own API.
    pub access_token_alg: Algorithm,
    /// Whether claims of scopes are in ID tokens as well.
    pub claims_in_id_token: bool,
    /// Seconds for which an access token is valid; null is as the tenant's policy has it.
    pub access_token_seconds: Option<i32>,
    /// Seconds for which an ID token is valid.
    pub id_token_seconds: Option<i32>,
    /// Seconds a refresh token may lie unused.
    pub refresh_idle_seconds: Option<i32>,
    /// Seconds after which it ends, however busy.
    pub refresh_absolute_seconds: Option<i32>,
    /// Where it is told that a session ended.
    pub backchannel_logout_uri: Option<String>,
    /// Where a sign-in to it may begin.
    pub initiate_login_uri: Option<String>,
    /// Its public keys.
    pub jwks: Option<Json>,
    /// Where its public keys are.
    pub jwks_uri: Option<String>,
    /// The hash of the metadata document that describes it.
    pub document_hash: Option<String>,
    /// Until when that document holds.
    pub document_expires_at: Option<DateTimeUtc>,
    /// Counts the writes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last written.
    pub updated_at: DateTimeUtc,
    /// When it last proved who it is, to the hour.
    pub last_used_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// A table of what an application has several of: one more column of its key, and others.
macro_rules! part {
    ($(#[$doc:meta])* $module:ident in $table:literal {
        $(#[$key_doc:meta])* $key:ident: $key_type:ty,
        $([$(#[$second_doc:meta])* $second:ident: $second_type:ty],)*
        $($(#[$column_doc:meta])* $column:ident: $column_type:ty,)*
    }) => {
        $(#[$doc])*
        pub mod $module {
            use crate::kit::id::ApplicationId;
            use sea_orm::entity::prelude::*;

            $(#[$doc])*
            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                /// Whose it is.
                #[sea_orm(primary_key, auto_increment = false)]
                pub application_id: ApplicationId,
                $(#[$key_doc])*
                #[sea_orm(primary_key, auto_increment = false)]
                pub $key: $key_type,
                $(
                    $(#[$second_doc])*
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub $second: $second_type,
                )*
                $($(#[$column_doc])* pub $column: $column_type,)*
            }

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

part! {
    /// An address of an application.
    uri in "application_uri" {
        /// What it is for.
        kind: crate::application::kind::UriKind,
        [/// The address, as it was typed.
        uri: String],
        /// Its place in the list.
        position: i32,
    }
}
part! {
    /// A way to tokens that an application may take.
    grant in "application_grant" {
        /// Which one.
        grant: crate::application::kind::Grant,
        /// Its place in the list.
        position: i32,
    }
}
part! {
    /// A way in which an application may prove who it is.
    auth in "application_auth" {
        /// Which one.
        method: crate::application::kind::AuthMethod,
        /// Its place in the list.
        position: i32,
    }
}
part! {
    /// A scope that an application may ask for.
    scope in "application_scope" {
        /// The API it is of; empty for this server.
        audience: String,
        [/// The scope; empty for the API without any.
        scope: String],
    }
}
part! {
    /// A role that an application has when it calls for itself.
    role in "application_role" {
        /// Its name.
        role: String,
    }
}
part! {
    /// A role whose holders may sign in to an application.
    access in "application_access" {
        /// Its name.
        role: String,
    }
}
part! {
    /// A claim that an application is told by another name or in another form.
    claim in "application_claim" {
        /// The name of the claim.
        claim: String,
        /// What it says.
        source: String,
        /// The form of several values.
        form: crate::application::kind::ClaimForm,
        /// Whether it is in ID tokens.
        in_id_token: bool,
        /// Whether it is in access tokens.
        in_access_token: bool,
        /// Whether userinfo tells it.
        in_userinfo: bool,
    }
}

/// That an application is told of a session that ended.
pub mod delivery {
    use crate::kit::id::{ApplicationId, JobId, SessionId, UserId};
    use sea_orm::entity::prelude::*;

    /// That an application is told of a session that ended. It is kept as long as its job is.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "logout_delivery")]
    pub struct Model {
        /// The job that tells it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub job_id: JobId,
        /// The application.
        pub application_id: ApplicationId,
        /// The session.
        pub session_id: SessionId,
        /// Whose it was.
        pub user_id: UserId,
        /// When it ended.
        pub created_at: DateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A secret of an application.
pub mod secret {
    use crate::kit::id::{ApplicationId, SecretId};
    use sea_orm::entity::prelude::*;

    /// A secret of an application.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "application_secret")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SecretId,
        /// Whose it is.
        pub application_id: ApplicationId,
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
