//! `/users` of the console group, in the shapes of Halo's console API.

use super::{Detailed, NewUser};
use crate::{
    access::{
        Caller, Own, enforcer,
        permission::{UsersCreate, UsersEmailUpdate, UsersEmailVerify, UsersGet, UsersList, UsersPermissionsGet},
    },
    email,
    groups::Tag,
    kit::{
        error::Result,
        http::Body,
        id::UserId,
        object::Metadata,
        page::{Page, page_object},
        text::{DisplayName, Email, GivenPassword, Keyword, NewPassword, UserName},
    },
    session,
};
use chrono::{DateTime, Utc};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use std::collections::HashMap;

/// A user.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct User {
    /// `v1alpha1`.
    api_version: String,
    /// `User`.
    kind: String,
    metadata: Metadata,
    spec: UserSpec,
    status: UserStatus,
}

/// What a user is.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct UserSpec {
    /// What people see.
    display_name: String,
    /// The address of a picture.
    avatar: Option<String>,
    /// The address in force.
    email: String,
    /// Whether they have proven it.
    email_verified: bool,
    /// The address that takes its place when it is proven.
    pending_email: Option<String>,
    /// A telephone number.
    phone: Option<String>,
    /// A few words about themselves.
    bio: Option<String>,
    /// When they joined.
    registered_at: DateTime<Utc>,
    /// Whether they may not sign in.
    disabled: bool,
}

/// What the server adds to a user.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UserStatus {
    /// The id that tokens carry as `sub`.
    id: UserId,
}

/// A role: a name for a set of rules.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Role {
    /// `v1alpha1`.
    api_version: String,
    /// `Role`.
    kind: String,
    metadata: RoleMetadata,
    spec: RoleSpec,
    /// What it permits and denies.
    rules: Vec<Rule>,
}

/// The name of a role.
#[derive(Clone, Debug, Object)]
pub struct RoleMetadata {
    /// The stable handle within the tenant.
    name: String,
}

/// What people call a role.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct RoleSpec {
    /// What people call it.
    display_name: String,
    /// What it is for.
    description: String,
}

/// What a role permits or denies.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Rule {
    /// `users`, `users/permissions`, or `*`.
    resources: Vec<String>,
    /// Names of objects, of which `-` is the caller's own; empty means all.
    resource_names: Vec<String>,
    /// `get`, `list`, …, or `*`.
    verbs: Vec<String>,
}

/// A user with their roles.
#[derive(Clone, Debug, Object)]
pub struct DetailedUser {
    user: User,
    roles: Vec<Role>,
}

page_object!(
    /// One page of users.
    ListedUserList of DetailedUser
);

/// What a user may do.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UserPermission {
    /// The roles the user has.
    roles: Vec<Role>,
    /// Those roles with all they inherit.
    permissions: Vec<Role>,
    /// What the roles permit, each as `resource:verb`; with `@self`, only for what is one's own.
    ui_permissions: Vec<String>,
}

/// A user to be made.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct CreateUserRequest {
    /// What they sign in with; kept in lower case.
    name: UserName,
    /// Their address; they prove it themselves.
    email: Email,
    /// What people see; the name if there is none.
    display_name: Option<DisplayName>,
    /// The address of a picture.
    #[oai(validator(max_length = 2000))]
    avatar: Option<String>,
    /// A telephone number.
    #[oai(validator(max_length = 50))]
    phone: Option<String>,
    /// Their password; without one they cannot sign in by password.
    password: Option<NewPassword>,
    /// A few words about them.
    #[oai(validator(max_length = 2000))]
    bio: Option<String>,
    /// Free data of the tenant.
    annotations: Option<HashMap<String, String>>,
    /// Names of roles besides `user`.
    #[oai(validator(max_items = 50))]
    roles: Option<Vec<String>>,
}

/// Where to send a code.
#[derive(Debug, Object)]
pub struct EmailVerifyRequest {
    /// The address to prove: the present one, or the one that is to take its place.
    email: Email,
}

/// A code and the password that confirms the act.
#[derive(Debug, Object)]
pub struct VerifyCodeRequest {
    /// The caller's present password.
    password: GivenPassword,
    /// The code from the mail.
    #[oai(validator(min_length = 1, max_length = 200))]
    code: String,
}

impl From<Detailed> for User {
    fn from(from: Detailed) -> Self {
        let email::Addresses { primary, pending } = from.addresses;
        let annotations = serde_json::from_value(from.user.annotations).unwrap_or_default();
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "User".to_owned(),
            metadata: Metadata {
                annotations,
                version: from.user.version,
                ..Metadata::of(&from.user.name, from.user.created_at)
            },
            spec: UserSpec {
                display_name: from.user.display_name,
                avatar: from.user.avatar,
                email: primary.address,
                email_verified: primary.verified_at.is_some(),
                pending_email: pending.map(|pending| pending.address),
                phone: from.user.phone,
                bio: from.user.bio,
                registered_at: from.user.created_at,
                disabled: from.user.disabled,
            },
            status: UserStatus { id: from.user.id },
        }
    }
}

impl From<&enforcer::Role> for Role {
    fn from(role: &enforcer::Role) -> Self {
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "Role".to_owned(),
            metadata: RoleMetadata {
                name: role.name.clone(),
            },
            spec: RoleSpec {
                display_name: role.display_name.clone(),
                description: role.description.clone(),
            },
            rules: role
                .rules
                .iter()
                .map(|rule| Rule {
                    resources: rule.resources.clone(),
                    resource_names: rule.resource_names.clone(),
                    verbs: rule.verbs.clone(),
                })
                .collect(),
        }
    }
}

impl DetailedUser {
    /// The wire form of a user with their roles.
    #[must_use]
    pub fn new(enforcer: &enforcer::Enforcer, from: Detailed) -> Self {
        let roles = from
            .roles
            .iter()
            .filter_map(|role| enforcer.role(role))
            .map(Into::into)
            .collect();
        Self {
            user: from.into(),
            roles,
        }
    }
}

/// The users' operations.
pub struct Api;

#[OpenApi(prefix_path = "/users", tag = "Tag::Users")]
impl Api {
    /// List users
    ///
    /// Newest first. `keyword` finds users whose name, display name or e-mail address contains it,
    /// in any case.
    #[oai(path = "/", method = "get", operation_id = "ListUsers")]
    async fn list(
        &self,
        caller: Caller<UsersList>,
        /// 1-based number of the page.
        page: Query<Option<u32>>,
        /// Rows of a page, 1 to 200; 20 if absent or 0.
        size: Query<Option<u32>>,
        /// What the name, display name or address contains.
        keyword: Query<Option<Keyword>>,
    ) -> Result<Json<ListedUserList>> {
        let page = Page::new(page.0, size.0)?;
        let keyword = keyword.0.unwrap_or_default();
        let listed = caller.run(async |tx| super::list(tx, &keyword, page).await).await?;
        let wire = |user| DetailedUser::new(&caller.app.enforcer, user);
        Ok(Json(listed.map(wire).into()))
    }

    /// Create a user
    ///
    /// The address counts as unproven until its owner has given back a code.
    #[oai(path = "/", method = "post", operation_id = "CreateUser")]
    async fn create(&self, caller: Caller<UsersCreate>, new: Body<CreateUserRequest>) -> Result<Json<User>> {
        let new = new.0.accept(&caller).await?;
        let user = caller.run(async |tx| super::invite(tx, new).await).await?;
        Ok(Json(user.into()))
    }

    /// See oneself
    #[oai(path = "/-", method = "get", operation_id = "GetCurrentUserDetail")]
    async fn get_own(&self, caller: Own<UsersGet>) -> Result<Json<DetailedUser>> {
        let user = caller
            .run(async |tx| super::get_by_id(tx, caller.me.user).await)
            .await?;
        Ok(Json(DetailedUser::new(&caller.app.enforcer, user)))
    }

    /// See one's own permissions
    ///
    /// `uiPermissions` are computed from the rules of the caller's roles: each is the
    /// `x-permission` of an operation of these documents, with `@self` if it is only for what is
    /// the caller's own.
    #[oai(path = "/-/permissions", method = "get", operation_id = "GetCurrentUserPermissions")]
    async fn get_own_permissions(&self, caller: Own<UsersPermissionsGet>) -> Result<Json<UserPermission>> {
        let roles: Vec<Role> = caller.roles().map(Into::into).collect();
        Ok(Json(UserPermission {
            permissions: roles.clone(),
            roles,
            ui_permissions: caller.app.enforcer.all_permitted(&caller.me.roles),
        }))
    }

    /// See a user
    #[oai(path = "/:name", method = "get", operation_id = "GetUserDetail")]
    async fn get(
        &self,
        caller: Caller<UsersGet>,
        /// The user's name.
        name: Path<UserName>,
    ) -> Result<Json<DetailedUser>> {
        let user = caller.run(async |tx| super::get(tx, &name).await).await?;
        Ok(Json(DetailedUser::new(&caller.app.enforcer, user)))
    }

    /// Send a verification code
    ///
    /// Mails a code of six digits to the address, good for 10 minutes and 5 tries. A new address
    /// takes the place of the present one only when it is proven. At most one code in 60 seconds,
    /// 5 in 10 minutes and 20 a day for each address and each account.
    #[oai(
        path = "/-/send-email-verification-code",
        method = "post",
        operation_id = "SendEmailVerificationCode"
    )]
    async fn send_code(&self, caller: Own<UsersEmailUpdate>, to: Body<EmailVerifyRequest>) -> Result<()> {
        let language = caller.client.language.unwrap_or_default();
        caller
            .run(async |tx| {
                email::request_proof(tx, caller.me.user, &to.email, language)
                    .await
                    .map(drop)
            })
            .await
    }

    /// Verify an e-mail address
    ///
    /// Gives back the code that was mailed last, and the caller's password.
    #[oai(path = "/-/verify-email", method = "post", operation_id = "VerifyEmail")]
    async fn verify_email(&self, caller: Own<UsersEmailVerify>, given: Body<VerifyCodeRequest>) -> Result<()> {
        session::confirm_password(&caller, caller.me.user, &given.password).await?;
        caller
            .run_counted(async |tx| email::prove_own(tx, &caller.app.master, caller.me.user, &given.code).await)
            .await
    }
}

impl CreateUserRequest {
    /// The user as the rules want them: known roles, a hashed password.
    async fn accept(self, caller: &Caller<UsersCreate>) -> Result<NewUser> {
        let roles = self.roles.unwrap_or_default();
        caller.app.enforcer.check_known(&roles)?;
        let password_hash = match self.password {
            Some(password) => Some(caller.app.passwords.hash(password.expose()).await?),
            None => None,
        };
        Ok(NewUser {
            name: self.name,
            email: self.email,
            proven: false,
            display_name: self.display_name,
            phone: self.phone.filter(|phone| !phone.is_empty()),
            bio: self.bio.filter(|bio| !bio.is_empty()),
            avatar: self.avatar.filter(|avatar| !avatar.is_empty()),
            annotations: self.annotations.unwrap_or_default(),
            password_hash,
            roles,
        })
    }
}
