//! What the operations of `gateway/v1` do, in the words of the rules.

use super::wire::{
    ConfirmPasswordResetRequest, LoginRequest, LoginResponse, LogoutRequest, Purpose, RegisterRequest,
    SendEmailVerificationRequest, UserStatus, VerifyEmailRequest,
};
use crate::{
    access::permission::UsersEmailUpdate,
    account::{self, CodeFor, Newcomer},
    context::RequestContext,
    groups::rpc,
    kit::{
        db::Tx,
        error::{Code, Error, Result},
        text::{DisplayName, Keyword, RoleName},
    },
    message::MailOptions,
    server::Server,
    session::{self, Granted},
    user::{self, Detailed, UserFilter, UserQuery},
    verification::{self, ChallengeRef, Issued},
};
use poem_openapi::payload::Json;

/// A field as protobuf's JSON has it: empty means absent.
pub(super) fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn parse<T: std::str::FromStr<Err = &'static str>>(field: &str, text: &str) -> Result<T> {
    text.parse().map_err(|why| Error::field(field, "format", why))
}

pub(super) fn seconds(time: chrono::TimeDelta) -> i32 {
    i32::try_from(time.num_seconds()).unwrap_or(i32::MAX)
}

pub(super) async fn send(guest: &RequestContext, server: &Server, to: &SendEmailVerificationRequest) -> Result<Issued> {
    let options = MailOptions {
        language: to.language.or(guest.peer.language),
        client_id: given(to.client_id.as_deref()),
    };
    let who = guest.who.as_ref().and_then(|who| who.who.user());
    match (to.purpose, who) {
        (Purpose::Register, _) => account::send_code(guest, server, CodeFor::SignUp, &to.email, options).await,
        (Purpose::ResetPassword, _) => account::ask_reset(guest, server, &to.email, options).await,
        (Purpose::VerifyEmail, None) => account::send_code(guest, server, CodeFor::Proof, &to.email, options).await,
        (Purpose::ChangeEmail, None) => Err(Code::Unauthenticated.into()),
        (Purpose::VerifyEmail | Purpose::ChangeEmail, Some(user)) => {
            guest.require_own::<UsersEmailUpdate>().await?;
            let asked =
                guest.run(async |tx| account::address::request_proof(tx, guest, user, &to.email, options).await);
            asked.await
        }
    }
}

/// Which challenge is met: the one of this id, else the one to this address for this purpose.
fn which(id: Option<&str>, address: Option<&str>, purpose: verification::Purpose) -> Result<ChallengeRef> {
    if let Some(id) = given(id) {
        return Ok(ChallengeRef::Id(parse("verificationId", id)?));
    }
    let address = given(address);
    let address = address.ok_or_else(|| Error::field("verificationId", "required", "is required, or email is"))?;
    Ok(ChallengeRef::Address(purpose, parse("email", address)?))
}

pub(super) fn which_proof(what: &VerifyEmailRequest) -> Result<ChallengeRef> {
    let purpose = match what.purpose {
        Some(Purpose::Register) => verification::Purpose::Register,
        Some(Purpose::ResetPassword) => verification::Purpose::ResetPassword,
        Some(Purpose::VerifyEmail | Purpose::ChangeEmail) | None => verification::Purpose::VerifyEmail,
    };
    which(what.verification_id.as_deref(), what.email.as_deref(), purpose)
}

pub(super) fn which_reset(what: &ConfirmPasswordResetRequest) -> Result<ChallengeRef> {
    let purpose = verification::Purpose::ResetPassword;
    which(what.verification_id.as_deref(), what.email.as_deref(), purpose)
}

pub(super) async fn sign_up(guest: &RequestContext, server: &Server, new: &RegisterRequest) -> Result<Detailed> {
    let display_name = given(new.display_name.as_deref());
    let display_name = display_name
        .map(|name| parse::<DisplayName>("displayName", name))
        .transpose()?;
    let proof = match given(new.code.as_deref()) {
        Some(code) => {
            let address = new.email.to_string();
            let which = verification::for_sign_up(code, &new.email).map_or_else(
                || {
                    which(
                        new.verification_id.as_deref(),
                        Some(&address),
                        verification::Purpose::Register,
                    )
                },
                Ok,
            )?;
            Some((which, code))
        }
        None => None,
    };
    let newcomer = Newcomer {
        name: Some(new.username.clone()),
        email: &new.email,
        password: ("password", &new.password),
        display_name,
        proof,
        options: MailOptions {
            language: new.language.or(guest.peer.language),
            client_id: given(new.client_id.as_deref()),
        },
    };
    account::sign_up(guest, server, newcomer).await
}

pub(super) async fn sign_in(
    guest: &RequestContext,
    server: &Server,
    what: &LoginRequest,
) -> rpc::Result<Json<LoginResponse>> {
    let login = given(what.username.as_deref()).or(given(what.email.as_deref()));
    let login = login.ok_or_else(|| Error::field("username", "required", "is required, or email is"))?;
    let proven = account::check_password(guest, server, login, &what.password).await?;
    let client_id = given(what.client_id.as_deref()).map(str::to_owned);
    let (granted, user) = guest
        .run(async |tx| account::begin_application(tx, guest, &proven, client_id).await)
        .await?;
    tokens(guest, server, &granted, user).await
}

pub(super) async fn refresh(guest: &RequestContext, server: &Server, token: &str) -> rpc::Result<Json<LoginResponse>> {
    let (granted, user) = guest
        .run_keeping_refusal(async |tx| {
            let granted = match session::refresh(tx, &guest.services.master, token).await? {
                Ok(granted) => granted,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let user = user::get_by_id(tx, granted.session.user_id).await?;
            Ok(Ok((granted, user)))
        })
        .await?;
    tokens(guest, server, &granted, user).await
}

async fn tokens(
    context: &RequestContext,
    server: &Server,
    granted: &Granted,
    user: Detailed,
) -> rpc::Result<Json<LoginResponse>> {
    Ok(Json(LoginResponse {
        access_token: account::access_token(context, server, granted).await?,
        refresh_token: granted.refresh.to_string(),
        token_type: "Bearer".to_owned(),
        expires_in: i32::try_from(granted.lasts).unwrap_or(i32::MAX),
        user: user.into(),
    }))
}

pub(super) async fn sign_out(guest: &RequestContext, what: &LogoutRequest) -> Result<()> {
    let (session, user, is_good) = if let Some(token) = given(what.refresh_token.as_deref()) {
        let find = async |tx: &Tx| {
            let found = session::of_refresh_token(tx, token).await?;
            Ok(found.map(|found| (found.good_until(tx).is_some(), found.session)))
        };
        // Of a token that nobody knows nothing is written down: anybody could send as many.
        let Some((is_good, session)) = guest.read(find).await? else {
            return Ok(());
        };
        (Some(session.id), session.user_id, is_good)
    } else {
        let who = guest.who.as_ref().ok_or(Code::Unauthenticated)?;
        (who.session, who.person()?, true)
    };
    guest
        .run(async |tx| match session {
            // A token that was used or has run out may be anybody's by now.
            _ if is_good && what.all_sessions == Some(true) => session::end_all(tx, user).await,
            Some(session) => session::end(tx, session).await,
            None => Ok(()),
        })
        .await
}

/// Which users are listed.
pub(super) fn query(search: Option<Keyword>, role: Option<RoleName>, status: Option<UserStatus>) -> UserQuery {
    let filter = |status| UserFilter::Disabled(status == UserStatus::Disabled);
    UserQuery {
        keyword: search.unwrap_or_default(),
        role,
        filters: status.map(filter).into_iter().collect(),
        ..UserQuery::default()
    }
}
