//! `gateway/v1`: accounts for applications, and who is signed in for API gateways.

mod act;
mod resolve;
pub mod wire;

use super::rpc::Result;
use crate::{
    access::permission::{
        IdentityResolve, PasswordsReset, SessionsCreate, SessionsEnd, SessionsRefresh, UsersList, UsersPasswordUpdate,
        UsersPermissionsCreate, UsersRegister, UsersSessionsDelete, UsersSessionsList, VerificationsCreate,
        VerificationsVerify,
    },
    account,
    console::Tag,
    extract::{Caller, Guest, Own},
    kit::{
        body::Body,
        id::{SessionId, UserId},
        json::Written,
        page::Page,
        text::{Keyword, RoleName},
    },
    message::MailOptions,
    session, user, verification,
};
use act::seconds;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
pub(crate) use resolve::any_method;
use tenantry_boxed::boxed;
use wire::{
    ChangePasswordRequest, ConfirmPasswordResetRequest, GetUserSessionsResponse, ListUsersResponse, LoginRequest,
    LoginResponse, LogoutRequest, RefreshTokenRequest, RegisterRequest, RegisterResponse, ResetPasswordRequest,
    Resolved, SendEmailVerificationRequest, SendEmailVerificationResponse, SuccessResponse, UpdateUserRoleRequest,
    UpdateUserRoleResponse, UserSession, UserStatus, VerifyEmailRequest, VerifyEmailResponse,
};

fn done(message: &str) -> Json<SuccessResponse> {
    Json(SuccessResponse {
        success: true,
        message: message.to_owned(),
    })
}

fn on_its_way(begun: verification::Issued) -> Json<SendEmailVerificationResponse> {
    Json(SendEmailVerificationResponse {
        success: true,
        message: "If the address can be used for this, a code is on its way to it.".to_owned(),
        verification_id: begun.id,
        expires_in: seconds(verification::LIFE),
        resend_after: i32::try_from(begun.resend_after).unwrap_or(i32::MAX),
    })
}

/// The operations of `gateway/v1`.
pub struct Api;

#[OpenApi]
#[boxed]
impl Api {
    /// Send a verification code
    ///
    /// Mails a code of six digits and a link, good for 10 minutes and 5 tries; a new one ends the
    /// one before. The answer is the same whether or not the address has an account.
    /// `change_email` needs an access token. Unless the tenant sets other limits, at most one in
    /// 60 seconds for each address and purpose, 5 in 10 minutes and 20 a day for each address and
    /// each account. If the tenant asks for a CAPTCHA, its token goes in the header
    /// `X-Captcha-Token`.
    #[oai(
        path = "/email/send-verification",
        method = "post",
        operation_id = "SendEmailVerification",
        tag = "Tag::Email"
    )]
    async fn send_verification(
        &self,
        guest: Guest<VerificationsCreate>,
        to: Body<SendEmailVerificationRequest>,
    ) -> Result<Json<SendEmailVerificationResponse>> {
        Ok(on_its_way(act::send(&guest, guest.server(), &to).await?))
    }

    /// Verify an e-mail address
    ///
    /// A code for `register` or `reset_password` is only found right: `POST /v1/register` and
    /// `POST /v1/password/confirm-reset` use it.
    #[oai(
        path = "/email/verify",
        method = "post",
        operation_id = "VerifyEmail",
        tag = "Tag::Email"
    )]
    async fn verify_email(
        &self,
        guest: Guest<VerificationsVerify>,
        given: Body<VerifyEmailRequest>,
    ) -> Result<Json<VerifyEmailResponse>> {
        let which = act::which_proof(&given)?;
        guest
            .run_keeping_refusal(async |tx| account::address::prove(tx, &guest, which, &given.code).await)
            .await?;
        Ok(Json(VerifyEmailResponse {
            success: true,
            message: "The code is right.".to_owned(),
            verified: true,
        }))
    }

    /// Sign up
    ///
    /// With the code that was mailed for `register`, or the token of an invitation, the account
    /// begins with a proven address. Without one, a code is mailed to prove it later. If the
    /// tenant asks for a CAPTCHA, its token goes in the header `X-Captcha-Token`.
    #[oai(path = "/register", method = "post", operation_id = "Register", tag = "Tag::Account")]
    async fn register(
        &self,
        guest: Guest<UsersRegister>,
        new: Body<RegisterRequest>,
    ) -> Result<Json<RegisterResponse>> {
        let user = act::sign_up(&guest, guest.server(), &new).await?;
        let email_verified = user.addresses.primary.verified_at.is_some();
        let message = match email_verified {
            true => "Welcome.",
            false => "Welcome. A code is on its way to your address.",
        };
        Ok(Json(RegisterResponse {
            success: true,
            message: message.to_owned(),
            user_id: user.user.id,
            email_verified,
        }))
    }

    /// Sign in
    ///
    /// With the name or the address. Unless the tenant sets other limits, five wrong passwords for
    /// one account from one network are free; each further one asks for a wait, first 30 seconds,
    /// then twice as long each time, up to 15 minutes. If the tenant asks for a CAPTCHA, its token
    /// goes in the header `X-Captcha-Token`.
    #[oai(path = "/login", method = "post", operation_id = "Login", tag = "Tag::Sessions")]
    async fn login(&self, guest: Guest<SessionsCreate>, given: Body<LoginRequest>) -> Result<Json<LoginResponse>> {
        act::sign_in(&guest, guest.server(), &given).await
    }

    /// Renew the tokens
    ///
    /// Each refresh token works once. Sent again within 10 seconds, by a twin that raced it or
    /// because the answer was lost, it is answered with the same next one; after that it was
    /// stolen from somebody, so its session ends.
    #[oai(
        path = "/refresh",
        method = "post",
        operation_id = "RefreshToken",
        tag = "Tag::Sessions"
    )]
    async fn refresh(
        &self,
        guest: Guest<SessionsRefresh>,
        given: Body<RefreshTokenRequest>,
    ) -> Result<Json<LoginResponse>> {
        act::refresh(&guest, guest.server(), &given.refresh_token).await
    }

    /// Sign out
    ///
    /// Ends the session of the refresh token, else of the access token; with `allSessions` every
    /// session of the user, which takes a token that is still good. A refresh token that is not
    /// known is not an error: it is signed out already.
    #[oai(path = "/logout", method = "post", operation_id = "Logout", tag = "Tag::Sessions")]
    async fn logout(&self, guest: Guest<SessionsEnd>, what: Body<LogoutRequest>) -> Result<Json<SuccessResponse>> {
        act::sign_out(&guest, &what).await?;
        Ok(done("Signed out."))
    }

    /// Ask for another password
    ///
    /// Mails a code and a link to choose one, within the limits of verification codes. The answer
    /// is the same whether or not the address has an account. If the tenant asks for a CAPTCHA, its
    /// token goes in the header `X-Captcha-Token`.
    #[oai(
        path = "/password/reset",
        method = "post",
        operation_id = "ResetPassword",
        tag = "Tag::Account"
    )]
    async fn reset_password(
        &self,
        guest: Guest<PasswordsReset>,
        whose: Body<ResetPasswordRequest>,
    ) -> Result<Json<SendEmailVerificationResponse>> {
        let options = MailOptions {
            language: whose.language.or(guest.peer.language),
            client_id: act::given(whose.client_id.as_deref()),
        };
        Ok(on_its_way(
            account::ask_reset(&guest, guest.server(), &whose.email, options).await?,
        ))
    }

    /// Choose another password by mail
    ///
    /// With the code, or the token of the link. All sessions of the account end, a change of its
    /// address that waits for proof is dropped, and its owner is told by mail.
    #[oai(
        path = "/password/confirm-reset",
        method = "post",
        operation_id = "ConfirmPasswordReset",
        tag = "Tag::Account"
    )]
    async fn confirm_password_reset(
        &self,
        guest: Guest<PasswordsReset>,
        given: Body<ConfirmPasswordResetRequest>,
    ) -> Result<Json<SuccessResponse>> {
        let which = act::which_reset(&given)?;
        account::reset(
            &guest,
            guest.server(),
            which,
            &given.code,
            ("newPassword", &given.new_password),
        )
        .await?;
        Ok(done("The password was changed. Sign in with it."))
    }

    /// Change one's own password
    ///
    /// Every other session of the caller ends, and they are told by mail. Wrong passwords count
    /// as in signing in.
    #[oai(
        path = "/password/change",
        method = "post",
        operation_id = "ChangePassword",
        tag = "Tag::Account"
    )]
    async fn change_password(
        &self,
        caller: Own<UsersPasswordUpdate>,
        given: Body<ChangePasswordRequest>,
    ) -> Result<Json<SuccessResponse>> {
        let new = ("newPassword", &given.new_password);
        account::change_password(&caller, caller.server(), &given.current_password, new).await?;
        Ok(done("The password was changed."))
    }

    /// List one's own sessions
    ///
    /// Those that live, newest first: all of them, since a user has at most 200.
    #[oai(
        path = "/sessions",
        method = "get",
        operation_id = "GetUserSessions",
        tag = "Tag::Sessions"
    )]
    async fn sessions(&self, caller: Own<UsersSessionsList>) -> Result<Json<GetUserSessionsResponse>> {
        let sessions = caller.run(async |tx| session::list(tx, caller.user).await).await?;
        let sessions = sessions.into_iter();
        Ok(Json(GetUserSessionsResponse {
            sessions: sessions.map(|one| UserSession::new(one, caller.me.session)).collect(),
        }))
    }

    /// End one of one's own sessions
    ///
    /// Its tokens are not taken any more. It may be the one with which it is asked.
    #[oai(
        path = "/sessions/:sessionId",
        method = "delete",
        operation_id = "RevokeUserSession",
        tag = "Tag::Sessions"
    )]
    async fn revoke_session(
        &self,
        caller: Own<UsersSessionsDelete>,
        /// The session's id.
        #[oai(name = "sessionId")]
        session_id: Path<SessionId>,
    ) -> Result<Json<SuccessResponse>> {
        caller
            .run(async |tx| session::end_one(tx, caller.user, session_id.0).await)
            .await?;
        Ok(done("The session has ended."))
    }

    /// List users
    ///
    /// Newest first. Pages reach the first 10,000 users; beyond, narrow the search.
    #[oai(
        path = "/admin/users",
        method = "get",
        operation_id = "ListUsers",
        tag = "Tag::Users"
    )]
    async fn list_users(
        &self,
        caller: Caller<UsersList>,
        /// 1-based number of the page.
        #[oai(default = "Page::first")]
        page: Query<u32>,
        /// Users of a page, 1 to 200; 20 if 0.
        #[oai(name = "pageSize", default = "Page::default_size")]
        page_size: Query<u32>,
        /// What words of the name, display name or address begin with, in any case.
        search: Query<Option<Keyword>>,
        /// Name of a role they have.
        role: Query<Option<RoleName>>,
        /// Whether they can sign in.
        status: Query<Option<UserStatus>>,
    ) -> Result<Written<ListUsersResponse>> {
        let page = Page::named(Some(page.0), ("pageSize", Some(page_size.0)), "narrow the search")?;
        let query = act::query(search.0, role.0, status.0);
        let listed = caller.run(async |tx| user::list(tx, &query, page).await).await?;
        Ok(Written::of(&ListUsersResponse {
            users: listed.items.into_iter().map(Into::into).collect(),
            total: listed.total,
            page: page.number,
            page_size: page.size,
        }))
    }

    /// Change a user's role
    ///
    /// The role must be the caller's own to give, and the user one they may act on. The tenant
    /// keeps an owner.
    #[oai(
        path = "/admin/users/:userId/role",
        method = "put",
        operation_id = "UpdateUserRole",
        tag = "Tag::Users"
    )]
    async fn update_user_role(
        &self,
        caller: Caller<UsersPermissionsCreate>,
        /// The user's id.
        #[oai(name = "userId")]
        user_id: Path<UserId>,
        new: Body<UpdateUserRoleRequest>,
    ) -> Result<Json<UpdateUserRoleResponse>> {
        let user = caller
            .act(async |tx, authority| {
                let user = user::get_managed_by_id(tx, &authority, user_id.0).await?;
                user::grant(tx, &authority, user, vec![new.role.to_string()]).await
            })
            .await?;
        Ok(Json(UpdateUserRoleResponse {
            success: true,
            message: "The role was changed.".to_owned(),
            user: user.into(),
        }))
    }

    /// Ask who is signed in
    ///
    /// For API gateways, before they let a request through: Higress `ext-auth`, Envoy
    /// `ext_authz`, nginx `auth_request`, Traefik `ForwardAuth`. Answers to every method, at this
    /// path and all below it, and reads no body: the access token comes in `Authorization`, else
    /// the session in its cookie. 200 lets the request through, with who it is in the headers;
    /// 401 does not know them; 403 knows them and they may not, or must choose another password
    /// first.
    #[oai(
        path = "/identity/resolve",
        method = "post",
        operation_id = "ResolveUserIdentity",
        tag = "Tag::Sessions"
    )]
    async fn resolve_identity(&self, caller: Own<IdentityResolve>) -> Result<Resolved> {
        let user = account::get_own(&caller).await?;
        Ok(Resolved::new(&user, caller.tenant.id, caller.me.session))
    }
}
