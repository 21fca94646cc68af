//! The accounts group: `/api/auth`, `/api/email-check` and `/api/email-reset`.

mod act;
mod digits;
pub mod makers;
pub mod nest;
pub mod wire;

use crate::{
    access::permission::{
        PasswordsReset, SessionsCreate, SessionsRefresh, UsersEmailUpdate, UsersEmailVerify, UsersGet,
        UsersPasswordUpdate, UsersRegister, VerificationsCreate, VerificationsVerify,
    },
    account,
    console::Tag,
    email,
    extract::{Guest, Own},
    kit::body::Body,
    message::MailOptions,
    session,
    verification::{ChallengeRef, Purpose},
};
pub(crate) use nest::Nest;
use nest::Result;
use poem_openapi::{ApiResponse, OpenApi, payload::Json};
use std::sync::Arc;
use tenantry_boxed::boxed;
use wire::{
    AccountUser, ChangePasswordRequest, CheckResponse, CodeRequest, DoneResponse, EmailCheckResponse, EmailRequest,
    LoginRequest, LoginResponse, RefreshTokenRequest, RefreshTokenResponse, RegisterRequest, ResetPasswordRequest,
    VerifyCodeRequest,
};

/// Somebody signed up.
#[derive(ApiResponse)]
pub enum Registered {
    /// The account. It is the same whether or not the address has another one.
    #[oai(status = 201)]
    Created(Json<AccountUser>),
}

/// The operations of the accounts group.
pub struct Api;

#[OpenApi]
#[boxed]
impl Api {
    /// Sign in
    ///
    /// Wrong passwords count as in `POST /v1/login`. If the tenant asks for a CAPTCHA, its token
    /// goes in the header `X-Captcha-Token`.
    #[oai(path = "/auth/login", method = "post", operation_id = "Login", tag = "Tag::Sessions")]
    async fn login(&self, guest: Guest<SessionsCreate>, given: Body<LoginRequest>) -> Result<Json<LoginResponse>> {
        let proven = account::check_password(&guest, guest.server(), &given.email, &given.password).await?;
        let (granted, user) = guest
            .run(async |tx| account::begin_application(tx, &guest, &proven, None).await)
            .await?;
        Ok(Json(LoginResponse {
            user: user.into(),
            token: account::access_token(&guest, guest.server(), &granted).await?,
            refresh_token: granted.refresh.to_string(),
        }))
    }

    /// Sign up
    ///
    /// Mails a code to prove the address. What they sign in with besides it is made of it. If the
    /// tenant asks for a CAPTCHA, its token goes in the header `X-Captcha-Token`.
    #[oai(
        path = "/auth/register",
        method = "post",
        operation_id = "Register",
        tag = "Tag::Account"
    )]
    async fn register(&self, guest: Guest<UsersRegister>, new: Body<RegisterRequest>) -> Result<Registered> {
        let user = act::sign_up(&guest, guest.server(), &new).await?;
        Ok(Registered::Created(Json(user.into())))
    }

    /// Renew the tokens
    ///
    /// Each refresh token works once; see `POST /v1/refresh`.
    #[oai(
        path = "/auth/refresh-token",
        method = "post",
        operation_id = "RefreshToken",
        tag = "Tag::Sessions"
    )]
    async fn refresh(
        &self,
        guest: Guest<SessionsRefresh>,
        given: Body<RefreshTokenRequest>,
    ) -> Result<Json<RefreshTokenResponse>> {
        let granted = guest
            .run_keeping_refusal(async |tx| session::refresh(tx, &guest.services.master, &given.refresh_token).await)
            .await?;
        Ok(Json(RefreshTokenResponse {
            token: account::access_token(&guest, guest.server(), &granted).await?,
            refresh_token: granted.refresh.to_string(),
        }))
    }

    /// Check the access token
    ///
    /// Answers only if the access token is good, and with whose it is.
    #[oai(
        path = "/auth/check",
        method = "get",
        operation_id = "CheckAuth",
        tag = "Tag::Sessions"
    )]
    async fn check(&self, caller: Own<UsersGet>) -> Result<Json<CheckResponse>> {
        let user = account::get_own(&caller).await?;
        Ok(Json(CheckResponse {
            authenticated: true,
            user: Arc::unwrap_or_clone(user).into(),
        }))
    }

    /// Choose another password by mail
    ///
    /// With `email`, mails a link and a code; the answer is `true` whether or not the address has
    /// an account; if the tenant asks for a CAPTCHA, its token goes in the header
    /// `X-Captcha-Token`. With `token` from that mail and a password twice, changes it: all
    /// sessions end and the owner is told.
    #[oai(
        path = "/auth/reset-password",
        method = "post",
        operation_id = "ResetPassword",
        tag = "Tag::Account"
    )]
    async fn reset_password(
        &self,
        guest: Guest<PasswordsReset>,
        what: Body<ResetPasswordRequest>,
    ) -> Result<Json<bool>> {
        act::reset(&guest, guest.server(), &what).await?;
        Ok(Json(true))
    }

    /// Change one's own password
    ///
    /// Every other session of the caller ends, and they are told by mail.
    #[oai(
        path = "/auth/change-password",
        method = "post",
        operation_id = "ChangePassword",
        tag = "Tag::Account"
    )]
    async fn change_password(
        &self,
        caller: Own<UsersPasswordUpdate>,
        given: Body<ChangePasswordRequest>,
    ) -> Result<Json<DoneResponse>> {
        act::same(&given.new_password, &given.confirm_password)?;
        let new = ("newPassword", &given.new_password);
        account::change_password(&caller, caller.server(), &given.current_password, new).await?;
        Ok(Json(DoneResponse::ok()))
    }

    /// Send the verification code once more
    ///
    /// To the caller's address that waits for proof, within the limits of codes.
    #[oai(
        path = "/auth/email/verify/resend-verification-code",
        method = "post",
        operation_id = "ResendVerificationCode",
        tag = "Tag::Email"
    )]
    async fn resend(&self, caller: Own<UsersEmailUpdate>) -> Result<Json<DoneResponse>> {
        let options = MailOptions::of(&caller.peer);
        caller
            .run(async |tx| {
                let addresses = email::of_user(tx, caller.user).await?;
                account::address::resend_proof(tx, &caller, &addresses, options).await
            })
            .await?;
        Ok(Json(DoneResponse::ok()))
    }

    /// Verify an e-mail address
    ///
    /// With the code that was mailed last, good for 10 minutes and 5 tries.
    #[oai(
        path = "/auth/email/verify/code",
        method = "post",
        operation_id = "VerifyEmailCode",
        tag = "Tag::Email"
    )]
    async fn verify(
        &self,
        guest: Guest<VerificationsVerify>,
        given: Body<VerifyCodeRequest>,
    ) -> Result<Json<DoneResponse>> {
        let which = ChallengeRef::Address(Purpose::VerifyEmail, given.email.clone());
        guest
            .run_keeping_refusal(async |tx| account::address::prove(tx, &guest, which, given.code.as_str()).await)
            .await?;
        Ok(Json(DoneResponse::ok()))
    }

    /// Check whether an address has an account
    ///
    /// Always answers that it has none, unless the tenant lets anybody know: that tells who has an
    /// account. 30 questions in 10 minutes from one network, unless the tenant sets another limit.
    #[oai(
        path = "/email-check/validate",
        method = "post",
        operation_id = "CheckEmail",
        tag = "Tag::Email"
    )]
    async fn check_email(
        &self,
        guest: Guest<VerificationsCreate>,
        given: Body<EmailRequest>,
    ) -> Result<Json<EmailCheckResponse>> {
        let exists = account::is_taken(&guest, &given.email).await?;
        Ok(Json(EmailCheckResponse {
            exists,
            available: !exists,
        }))
    }

    /// Change one's own e-mail address
    ///
    /// Mails a code to the new address. The present one stays in force until the code comes back.
    #[oai(
        path = "/email-reset/request-change",
        method = "post",
        operation_id = "RequestEmailChange",
        tag = "Tag::Email"
    )]
    async fn request_change(
        &self,
        caller: Own<UsersEmailUpdate>,
        new: Body<EmailRequest>,
    ) -> Result<Json<DoneResponse>> {
        let options = MailOptions::of(&caller.peer);
        caller
            .run(async |tx| account::address::request_change(tx, &caller, caller.user, &new.email, options).await)
            .await?;
        Ok(Json(DoneResponse::ok()))
    }

    /// Verify the change of one's own e-mail address
    ///
    /// The address before is told, and can take the change back for 72 hours.
    #[oai(
        path = "/email-reset/verify",
        method = "post",
        operation_id = "VerifyEmailChange",
        tag = "Tag::Email"
    )]
    async fn verify_change(
        &self,
        caller: Own<UsersEmailVerify>,
        given: Body<CodeRequest>,
    ) -> Result<Json<DoneResponse>> {
        caller
            .run_keeping_refusal(async |tx| {
                account::address::prove_own(tx, &caller, caller.user, given.code.as_str()).await
            })
            .await?;
        Ok(Json(DoneResponse::ok()))
    }
}
