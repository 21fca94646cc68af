//! `gateway/v1`: sign-up, sign-in and e-mail verification for applications.

use super::{Tag, rpc::Result};
use crate::{
    access::{
        Door, Guest,
        permission::{
            SessionsCreate, SessionsEnd, SessionsRefresh, UsersRegister, VerificationsCreate, VerificationsVerify,
        },
    },
    email,
    kit::{
        db::Tx,
        error::{self, Code, Error},
        http::Body,
        id::{UserId, VerificationId},
        text::{DisplayName, Email, GivenPassword, Language, NewPassword, UserName},
    },
    session,
    tenant::key::ACCESS_TOKEN_LIFE,
    user::{self, Detailed, NewUser},
    verification::{self, To, Which},
};
use poem_openapi::{Enum, Object, OpenApi, payload::Json};

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
}

/// Where to send a code, and what for.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct SendEmailVerificationRequest {
    /// The address.
    email: Email,
    /// What the code is for.
    purpose: Purpose,
    /// The application that asks, as it names itself.
    #[oai(validator(max_length = 200))]
    client_id: Option<String>,
    /// The language of the mail; else the one of `Accept-Language`.
    language: Option<Language>,
}

/// What was sent.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct SendEmailVerificationResponse {
    /// Always true: whether the address has an account is not told.
    success: bool,
    /// The same in words.
    message: String,
    /// To be given back with the code.
    verification_id: VerificationId,
    /// Seconds for which the code is good.
    expires_in: i32,
    /// Seconds until another code can be asked for.
    resend_after: i32,
}

/// A code.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct VerifyEmailRequest {
    /// From the answer that announced the code; else `email` and `purpose` say which it is.
    verification_id: Option<String>,
    /// The address the code was sent to.
    email: Option<String>,
    /// The code from the mail.
    #[oai(validator(min_length = 1, max_length = 200))]
    code: String,
    /// What the code is for; `verify_email` if absent.
    purpose: Option<Purpose>,
}

/// Whether the code was right.
#[derive(Debug, Object)]
pub struct VerifyEmailResponse {
    /// Always true; a wrong code is an error.
    success: bool,
    /// The same in words.
    message: String,
    /// Whether the address is proven.
    verified: bool,
}

/// A new account.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct RegisterRequest {
    /// What they sign in with; kept in lower case.
    username: UserName,
    /// Their address.
    email: Email,
    /// Their password.
    password: NewPassword,
    /// What people see; the name if there is none.
    #[oai(validator(max_length = 100))]
    display_name: Option<String>,
    /// From the answer that announced the code for `register`.
    verification_id: Option<String>,
    /// That code: with it the account begins with a proven address; without it one is mailed.
    #[oai(validator(max_length = 200))]
    code: Option<String>,
    /// The application that asks, as it names itself.
    #[oai(validator(max_length = 200))]
    client_id: Option<String>,
    /// The language of the mail; else the one of `Accept-Language`.
    language: Option<Language>,
}

/// The new account.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct RegisterResponse {
    /// Always true.
    success: bool,
    /// What to do next.
    message: String,
    /// The account's id.
    user_id: UserId,
    /// Whether the address is proven.
    email_verified: bool,
}

/// What somebody signs in with.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct LoginRequest {
    /// The user's name, or their address.
    #[oai(validator(max_length = 254))]
    username: Option<String>,
    /// The user's address, instead of the name.
    #[oai(validator(max_length = 254))]
    email: Option<String>,
    /// The password.
    password: GivenPassword,
    /// The application that asks, as it names itself.
    #[oai(validator(max_length = 200))]
    client_id: Option<String>,
}

/// Tokens, and who they stand for.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct LoginResponse {
    /// A signed JWT for the `Authorization` header.
    access_token: String,
    /// To be used once, for the next pair.
    refresh_token: String,
    /// `Bearer`.
    token_type: String,
    /// Seconds for which the access token is good.
    expires_in: i32,
    user: GatewayUser,
}

/// Who signed in.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct GatewayUser {
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
}

/// A refresh token.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct RefreshTokenRequest {
    /// The one that was given out last.
    #[oai(validator(min_length = 1, max_length = 200))]
    refresh_token: String,
}

/// What to sign out of.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct LogoutRequest {
    /// The session to end; without it, the one of the access token.
    #[oai(validator(max_length = 200))]
    refresh_token: Option<String>,
    /// Whether to end all sessions of the user.
    all_sessions: Option<bool>,
}

/// Done.
#[derive(Debug, Object)]
pub struct SuccessResponse {
    /// Always true.
    success: bool,
    /// The same in words.
    message: String,
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

/// The operations of `gateway/v1`.
pub struct Api;

#[OpenApi]
impl Api {
    /// Send a verification code
    ///
    /// Mails a code of six digits, good for 10 minutes and 5 tries; a new one ends the one before.
    /// The answer is the same whether or not the address has an account. `change_email` needs an
    /// access token. At most one code in 60 seconds for each address and purpose, 5 in 10 minutes
    /// and 20 a day for each address and each account.
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
        let id = guest.run(async |tx| send(tx, &guest, &to).await).await?;
        Ok(Json(SendEmailVerificationResponse {
            success: true,
            message: "If the address can be used for this, a code is on its way to it.".to_owned(),
            verification_id: id,
            expires_in: seconds(verification::LIFE),
            resend_after: seconds(verification::COOL_DOWN),
        }))
    }

    /// Verify an e-mail address
    ///
    /// A code for `register` is only found right: `POST /v1/register` uses it.
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
        let which = which(given.verification_id.as_deref(), given.email.as_deref(), given.purpose)?;
        guest
            .run_counted(async |tx| email::prove(tx, &guest.app.master, which, &given.code).await)
            .await?;
        Ok(Json(VerifyEmailResponse {
            success: true,
            message: "The code is right.".to_owned(),
            verified: true,
        }))
    }

    /// Sign up
    ///
    /// With the code that was mailed for `register` the account begins with a proven address.
    /// Without one, a code is mailed to prove it later.
    #[oai(path = "/register", method = "post", operation_id = "Register", tag = "Tag::Account")]
    async fn register(
        &self,
        guest: Guest<UsersRegister>,
        new: Body<RegisterRequest>,
    ) -> Result<Json<RegisterResponse>> {
        let password_hash = guest.app.passwords.hash(new.password.expose()).await?;
        let user = guest
            .run_counted(async |tx| sign_up(tx, &guest, &new, password_hash).await)
            .await?;
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
    #[oai(path = "/login", method = "post", operation_id = "Login", tag = "Tag::Sessions")]
    async fn login(&self, guest: Guest<SessionsCreate>, given: Body<LoginRequest>) -> Result<Json<LoginResponse>> {
        let login = given_text(given.username.as_deref()).or(given_text(given.email.as_deref()));
        let login = login.ok_or_else(|| Error::field("username", "required", "is required, or email is"))?;
        let user = session::check_password(&guest, login, &given.password).await?;
        let client_id = given_text(given.client_id.as_deref()).map(str::to_owned);
        let (session, refresh) = guest
            .run(async |tx| session::begin_application(tx, user, &guest.client, client_id).await)
            .await?;
        tokens(&guest, &session, refresh.as_str()).await
    }

    /// Renew the tokens
    ///
    /// Each refresh token works once. One that comes twice was stolen from somebody, so its
    /// session ends.
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
        let (session, refresh) = guest
            .run_counted(async |tx| session::refresh(tx, &given.refresh_token).await)
            .await?;
        tokens(&guest, &session, refresh.as_str()).await
    }

    /// Sign out
    ///
    /// Ends the session of the refresh token, else of the access token. A token that is not known
    /// is not an error: it is signed out already.
    #[oai(path = "/logout", method = "post", operation_id = "Logout", tag = "Tag::Sessions")]
    async fn logout(&self, guest: Guest<SessionsEnd>, what: Body<LogoutRequest>) -> Result<Json<SuccessResponse>> {
        guest.run(async |tx| sign_out(tx, &guest, &what).await).await?;
        Ok(Json(SuccessResponse {
            success: true,
            message: "Signed out.".to_owned(),
        }))
    }
}

/// A field as protobuf's JSON has it: empty means absent.
fn given_text(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn parse<T: std::str::FromStr<Err = &'static str>>(field: &str, text: &str) -> error::Result<T> {
    text.parse().map_err(|why| Error::field(field, "format", why))
}

fn seconds(time: chrono::TimeDelta) -> i32 {
    i32::try_from(time.num_seconds()).unwrap_or(i32::MAX)
}

async fn send(tx: &Tx, guest: &Door, to: &SendEmailVerificationRequest) -> error::Result<VerificationId> {
    let language = to.language.or(guest.client.language).unwrap_or_default();
    let who = guest.who.as_ref().map(|who| who.user);
    match (to.purpose, who) {
        (Purpose::Register, _) => {
            verification::begin(tx, verification::Purpose::Register, To::Newcomer, &to.email, language).await
        }
        (Purpose::VerifyEmail | Purpose::ChangeEmail, Some(user)) => {
            email::request_proof(tx, user, &to.email, language).await
        }
        (Purpose::ChangeEmail, None) => Err(Code::Unauthenticated.into()),
        (Purpose::VerifyEmail, None) => {
            let claimant = email::claimant(tx, &to.email).await?.map_or(To::Nobody, To::User);
            verification::begin(tx, verification::Purpose::VerifyEmail, claimant, &to.email, language).await
        }
    }
}

fn which(id: Option<&str>, address: Option<&str>, purpose: Option<Purpose>) -> error::Result<Which> {
    if let Some(id) = given_text(id) {
        return Ok(Which::Id(parse("verificationId", id)?));
    }
    let address = given_text(address);
    let address = address.ok_or_else(|| Error::field("verificationId", "required", "is required, or email is"))?;
    let purpose = match purpose {
        Some(Purpose::Register) => verification::Purpose::Register,
        _ => verification::Purpose::VerifyEmail,
    };
    Ok(Which::Address(purpose, parse("email", address)?))
}

async fn sign_up(
    tx: &Tx,
    guest: &Door,
    new: &RegisterRequest,
    password_hash: String,
) -> error::Result<error::Result<Detailed>> {
    let code = given_text(new.code.as_deref());
    if let Some(code) = code {
        let address = new.email.to_string();
        let which = which(new.verification_id.as_deref(), Some(&address), Some(Purpose::Register))?;
        let right = verification::redeem_for_sign_up(tx, &guest.app.master, which, &new.email, code).await?;
        if let Err(refusal) = right {
            return Ok(Err(refusal));
        }
    }
    let display_name = given_text(new.display_name.as_deref());
    let display_name = display_name
        .map(|name| parse::<DisplayName>("displayName", name))
        .transpose()?;
    let user = NewUser {
        proven: code.is_some(),
        display_name,
        password_hash: Some(password_hash),
        ..NewUser::new(new.username.clone(), new.email.clone())
    };
    let user = user::create(tx, user).await?;
    if code.is_none() {
        let language = new.language.or(guest.client.language).unwrap_or_default();
        match email::request_proof(tx, user.user.id, &new.email, language).await {
            // The account is made all the same; a code can be asked for when the limit allows.
            Ok(_) | Err(Error::Later { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Ok(user))
}

async fn tokens(door: &Door, session: &session::entity::Model, refresh: &str) -> Result<Json<LoginResponse>> {
    let user = door.look(async |tx| user::get_by_id(tx, session.user_id).await).await?;
    Ok(Json(LoginResponse {
        access_token: session::access_token(door, session).await?,
        refresh_token: refresh.to_owned(),
        token_type: "Bearer".to_owned(),
        expires_in: seconds(ACCESS_TOKEN_LIFE),
        user: user.into(),
    }))
}

async fn sign_out(tx: &Tx, guest: &Door, what: &LogoutRequest) -> error::Result<()> {
    let named = if let Some(token) = given_text(what.refresh_token.as_deref()) {
        session::of_refresh_token(tx, token)
            .await?
            .map(|session| (Some(session.id), session.user_id))
    } else {
        let who = guest.who.as_ref().ok_or(Code::Unauthenticated)?;
        Some((who.session, who.user))
    };
    match named {
        Some((_, user)) if what.all_sessions == Some(true) => session::end_all(tx, user).await,
        Some((Some(session), _)) => session::end(tx, session).await,
        _ => Ok(()),
    }
}
