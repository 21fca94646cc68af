//! The wire of `gateway/v1`.

use crate::{
    kit::{
        id::{SessionId, TenantId, UserId, VerificationId},
        text::{Email, GivenPassword, Language, NewPassword, RoleName, UserName},
        time::Timestamp,
    },
    session::{self, Session},
    user::{Detailed, Summary},
};
use poem_openapi::{ApiResponse, Enum, Object, payload::Json};
use serde::Serialize;

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum Purpose {
    /// To sign up with a proven address.
    Register,
    /// To prove the address of an account.
    VerifyEmail,
    /// To give the signed-in account another address.
    ChangeEmail,
    /// To choose another password without the present one.
    ResetPassword,
}

/// Where to send a code, and what for.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct SendEmailVerificationRequest {
    /// The address.
    pub(super) email: Email,
    /// What the code is for.
    pub(super) purpose: Purpose,
    /// The application that asks, as it names itself.
    #[oai(validator(max_length = 200))]
    pub(super) client_id: Option<String>,
    /// The language of the mail; else the one of `Accept-Language`.
    pub(super) language: Option<Language>,
}

/// What was sent.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct SendEmailVerificationResponse {
    /// Always true: whether the address has an account is not told.
    pub(super) success: bool,
    /// The same in words.
    pub(super) message: String,
    /// To be given back with the code.
    pub(super) verification_id: VerificationId,
    /// Seconds for which the code is good.
    pub(super) expires_in: i32,
    /// Seconds until another code can be asked for.
    pub(super) resend_after: i32,
}

/// A code.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct VerifyEmailRequest {
    /// From the answer that announced the code; else `email` and `purpose` say which it is.
    pub(super) verification_id: Option<String>,
    /// The address the code was sent to.
    pub(super) email: Option<String>,
    /// The code from the mail.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub(super) code: String,
    /// What the code is for; `verify_email` if absent.
    pub(super) purpose: Option<Purpose>,
}

/// Whether the code was right.
#[derive(Debug, Object)]
pub struct VerifyEmailResponse {
    /// Always true; a wrong code is an error.
    pub(super) success: bool,
    /// The same in words.
    pub(super) message: String,
    /// Whether the code was right; for `verify_email` and `change_email` the address is proven now.
    pub(super) verified: bool,
}

/// A new account.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct RegisterRequest {
    /// What they sign in with; kept in lower case.
    pub(super) username: UserName,
    /// Their address.
    pub(super) email: Email,
    /// Their password, as the tenant's policy asks for.
    pub(super) password: NewPassword,
    /// What people see; the name if there is none.
    #[oai(validator(max_length = 100))]
    pub(super) display_name: Option<String>,
    /// From the answer that announced the code for `register`.
    pub(super) verification_id: Option<String>,
    /// That code, or the token of the link in the same mail or in an invitation: with it the
    /// account begins with a proven address; without it one is mailed.
    #[oai(validator(max_length = 200))]
    pub(super) code: Option<String>,
    /// The application that asks, as it names itself.
    #[oai(validator(max_length = 200))]
    pub(super) client_id: Option<String>,
    /// The language of the mail; else the one of `Accept-Language`.
    pub(super) language: Option<Language>,
}

/// The new account.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct RegisterResponse {
    /// Always true.
    pub(super) success: bool,
    /// What to do next.
    pub(super) message: String,
    /// The account's id.
    pub(super) user_id: UserId,
    /// Whether the address is proven.
    pub(super) email_verified: bool,
}

/// What somebody signs in with.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct LoginRequest {
    /// The user's name, or their address.
    #[oai(validator(max_length = 254))]
    pub(super) username: Option<String>,
    /// The user's address, instead of the name.
    #[oai(validator(max_length = 254))]
    pub(super) email: Option<String>,
    /// The password.
    pub(super) password: GivenPassword,
    /// The application that asks, as it names itself.
    #[oai(validator(max_length = 200))]
    pub(super) client_id: Option<String>,
}

/// Tokens, and who they stand for.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct LoginResponse {
    /// A signed JWT for the `Authorization` header.
    pub(super) access_token: String,
    /// To be used once, for the next pair.
    pub(super) refresh_token: String,
    /// `Bearer`.
    pub(super) token_type: String,
    /// Seconds for which the access token is good.
    pub(super) expires_in: i32,
    pub(super) user: GatewayUser,
}

/// Who signed in.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct GatewayUser {
    /// Their id.
    pub(super) user_id: UserId,
    /// What they sign in with.
    pub(super) username: String,
    /// Their address.
    pub(super) email: String,
    /// Whether they have proven it.
    pub(super) email_verified: bool,
    /// What people see.
    pub(super) display_name: String,
    /// Names of their roles.
    pub(super) roles: Vec<String>,
}

/// A refresh token.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct RefreshTokenRequest {
    /// The one that was given out last.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub(super) refresh_token: String,
}

/// What to sign out of.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct LogoutRequest {
    /// The session to end; without it, the one of the access token.
    #[oai(validator(max_length = 200))]
    pub(super) refresh_token: Option<String>,
    /// Whether to end all sessions of the user.
    pub(super) all_sessions: Option<bool>,
}

/// Done.
#[derive(Debug, Object)]
pub struct SuccessResponse {
    /// Always true.
    pub(super) success: bool,
    /// The same in words.
    pub(super) message: String,
}

impl From<Detailed> for GatewayUser {
    fn from(from: Detailed) -> Self {
        Self {
            user_id: from.user.id,
            username: from.user.name,
            email_verified: from.addresses.primary.verified_at.is_some(),
            email: from.addresses.primary.address,
            display_name: from.user.display_name,
            roles: from.roles,
        }
    }
}

/// Whose password is forgotten.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ResetPasswordRequest {
    /// The address of the account.
    pub(super) email: Email,
    /// The application that asks, as it names itself.
    #[oai(validator(max_length = 200))]
    pub(super) client_id: Option<String>,
    /// The language of the mail; else the one of `Accept-Language`.
    pub(super) language: Option<Language>,
}

/// What was mailed, and another password.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ConfirmPasswordResetRequest {
    /// From the answer that announced the code; else `email` says which it is.
    pub(super) verification_id: Option<String>,
    /// The address the code was sent to.
    pub(super) email: Option<String>,
    /// The code from the mail, or the token of the link in it.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub(super) code: String,
    /// The password from now on.
    pub(super) new_password: NewPassword,
}

/// The present password and another one.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ChangePasswordRequest {
    /// The present password.
    pub(super) current_password: GivenPassword,
    /// The password from now on.
    pub(super) new_password: NewPassword,
}

/// Whether people can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum UserStatus {
    /// They can.
    Active,
    /// They cannot.
    Disabled,
}

/// A user in a list.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct ListedUser {
    /// Their id.
    user_id: UserId,
    /// What they sign in with.
    username: String,
    /// Their address.
    email: String,
    /// The first of their roles that is not `user`, in the order of their names; else `user`.
    role: String,
    /// Names of their roles.
    roles: Vec<String>,
    /// Whether they can sign in.
    status: UserStatus,
    /// Whether they have proven their address.
    email_verified: bool,
    /// When the account was made.
    created_at: Timestamp,
    /// When they last signed in with their password; absent if they never did.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_login_at: Option<Timestamp>,
}

/// One page of users.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct ListUsersResponse {
    /// Newest first.
    pub(super) users: Vec<ListedUser>,
    /// Users of the whole list; of a filtered one up to 1000 are counted.
    pub(super) total: u64,
    /// 1-based number of this page.
    pub(super) page: u32,
    /// Users of a page.
    pub(super) page_size: u32,
}

/// The role a user is to have.
#[derive(Debug, Object)]
pub struct UpdateUserRoleRequest {
    /// Its name. It takes the place of the roles they have; `user` stays.
    pub(super) role: RoleName,
}

/// A user whose role was changed.
#[derive(Debug, Object)]
pub struct UpdateUserRoleResponse {
    /// Always true.
    pub(super) success: bool,
    /// The same in words.
    pub(super) message: String,
    /// The user as they are now.
    pub(super) user: ListedUser,
}

/// One sign-in, on one device.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UserSession {
    /// Its id.
    session_id: SessionId,
    /// The program and the system it ran on, as far as it says.
    device_name: String,
    /// The address they signed in from.
    ip_address: String,
    /// The program, as it names itself.
    user_agent: String,
    /// When they signed in.
    created_at: Timestamp,
    /// When it was last used, to within a few minutes.
    last_active_at: Timestamp,
    /// When it ends at the latest.
    expires_at: Timestamp,
    /// Whether this request came through it.
    current: bool,
}

/// The sessions of the caller that live.
#[derive(Debug, Object)]
pub struct GetUserSessionsResponse {
    /// Newest first, up to 200.
    pub(super) sessions: Vec<UserSession>,
}

/// Who is signed in.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UserIdentity {
    /// Always true; nobody is a 401.
    active: bool,
    /// Their id.
    user_id: UserId,
    /// What they sign in with.
    username: String,
    /// Their address.
    email: String,
    /// Whether they have proven it.
    email_verified: bool,
    /// What people see.
    display_name: String,
    /// Names of their roles.
    roles: Vec<String>,
    /// The tenant they belong to.
    tenant_id: TenantId,
    /// The session; empty if the request brought a password itself.
    session_id: String,
}

/// Who is signed in, for whoever stands in front of an application.
#[derive(ApiResponse)]
pub enum Resolved {
    /// Somebody is. The headers are those of every answer, empty where nothing is known, so that
    /// a gateway that copies them leaves none that a client sent.
    #[oai(status = 200)]
    Ok(
        Json<UserIdentity>,
        /// The user's id.
        #[oai(header = "X-User-Id")]
        String,
        /// The user's name.
        #[oai(header = "X-User-Name")]
        String,
        /// The user's address; empty unless they have proven it.
        #[oai(header = "X-User-Email")]
        String,
        /// Names of the user's roles, joined by commas.
        #[oai(header = "X-User-Roles")]
        String,
        /// The tenant's id.
        #[oai(header = "X-Tenant-Id")]
        String,
        /// The session's id.
        #[oai(header = "X-Session-Id")]
        String,
    ),
}

impl<T: Into<Summary>> From<T> for ListedUser {
    fn from(from: T) -> Self {
        let from: Summary = from.into();
        let first = from.roles.iter().find(|role| *role != "user");
        Self {
            role: first.cloned().unwrap_or_else(|| "user".to_owned()),
            user_id: from.id,
            username: from.name,
            email_verified: from.email_verified,
            email: from.email,
            roles: from.roles,
            status: match from.disabled {
                true => UserStatus::Disabled,
                false => UserStatus::Active,
            },
            created_at: from.created_at.into(),
            last_login_at: from.last_sign_in_at.map(Into::into),
        }
    }
}

impl UserSession {
    pub(super) fn new(session: Session, current: Option<SessionId>) -> Self {
        Self {
            session_id: session.id,
            device_name: session::device_name(&session.user_agent),
            ip_address: session.ip_address,
            user_agent: session.user_agent,
            created_at: session.created_at.into(),
            last_active_at: session.last_used_at.into(),
            expires_at: session.expires_at.into(),
            current: current == Some(session.id),
        }
    }
}

impl Resolved {
    pub(super) fn new(user: &Detailed, tenant: TenantId, session: Option<SessionId>) -> Self {
        let primary = &user.addresses.primary;
        let session = session.map(|session| session.to_string()).unwrap_or_default();
        let proven = primary.verified_at.map(|_| primary.address.clone());
        let (id, name, roles) = (user.user.id.to_string(), user.user.name.clone(), user.roles.join(","));
        let identity = UserIdentity {
            active: true,
            user_id: user.user.id,
            username: user.user.name.clone(),
            email_verified: proven.is_some(),
            email: primary.address.clone(),
            display_name: user.user.display_name.clone(),
            roles: user.roles.clone(),
            tenant_id: tenant,
            session_id: session.clone(),
        };
        let email = proven.unwrap_or_default();
        Self::Ok(Json(identity), id, name, email, roles, tenant.to_string(), session)
    }
}
