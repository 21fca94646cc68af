//! Signing in with a password.

use super::{SignUp, address, captcha, recovery::ignore_limit};
use crate::{
    captcha::{Captcha, SignInCheck},
    context::RequestContext,
    email,
    kit::{
        db::Tx,
        error::{Code, Error, Result},
        id::UserId,
        secret,
        text::GivenPassword,
    },
    limit::{self, AttemptReceipt, Limits, LoginKey, RateLimiter, Standing},
    message::MailOptions,
    password::{Slot, Verdict},
    server::Server,
    session::{self, Granted, NewSession, Sessions},
    setting,
    user::{self, Detailed, Login},
};
use chrono::TimeDelta;
use futures_util::FutureExt;
use serde_json::{Value, json};
use std::borrow::Cow;
use zeroize::Zeroizing;

/// How long it need not be written down again that somebody signs in from a network.
const REGULAR: TimeDelta = TimeDelta::days(1);

/// A user who gave the right password, or came back from a provider. Their failures before are forgiven where
/// that is written down.
#[derive(Debug)]
pub struct Proven {
    /// Who it is.
    pub user: UserId,
    tried: Option<AttemptReceipt>,
    /// The hash that the password is known to be of; none if there was none to give.
    pub hash: Option<String>,
    /// How they signed in, if not by a password.
    method: Option<&'static str>,
    /// Whether it was written down a short while ago that they sign in from this network.
    is_regular: bool,
    /// How long the session lasts.
    sessions: Sessions,
}

impl Proven {
    /// Forgets the wrong passwords before the right one.
    pub async fn forgive(&self, tx: &Tx) -> Result<()> {
        match &self.tried {
            Some(tried) => tried.forgive(tx).await,
            None => Ok(()),
        }
    }

    /// A user who chose the password of this hash a short while ago, in the browser that is let in.
    pub(super) fn by_sign_up(user: UserId, hash: String, sessions: Sessions) -> Self {
        Self {
            hash: Some(hash),
            method: None,
            ..Self::by_provider(user, sessions)
        }
    }

    /// A user who has just come back from a provider.
    pub(super) fn by_provider(user: UserId, sessions: Sessions) -> Self {
        Self {
            user,
            tried: None,
            hash: None,
            method: Some("fed"),
            is_regular: false,
            sessions,
        }
    }
}

/// The user of this name or address whose password this is.
///
/// The try is counted first, so that no number of parallel ones gets an extra guess. Takes as
/// long for somebody who does not exist, is disabled, or has no password, and answers the same.
///
/// # Errors
/// [`Code::CredentialsInvalid`]; [`Code::EmailUnverified`] to the right password of somebody who has yet to
/// prove their address where that is asked for, [`Code::PasswordExpired`] to that of somebody who was given it
/// too long ago; [`Code::TooManyAttempts`], [`Code::Busy`], and those of a
/// CAPTCHA.
pub async fn check_password(
    context: &RequestContext,
    server: &Server,
    login: &str,
    password: &GivenPassword,
) -> Result<Proven> {
    // Mails write names with a character that nobody sees, and people copy it.
    let login = &*match login.contains('\u{2060}') {
        true => Cow::Owned(login.replace('\u{2060}', "")),
        false => Cow::Borrowed(login),
    };
    match count_try(context, server, login).await {
        Ok((slot, counted)) => {
            let verdict = slot.verify(password, counted.hash.as_deref()).await?;
            conclude(context, server, password, counted, verdict).await
        }
        Err(refusal) => Err(note_limited(context, login, refusal).await),
    }
}

/// Takes a place among the hash threads and counts the try.
async fn count_try(context: &RequestContext, server: &Server, login: &str) -> Result<(Slot, Counted)> {
    // A caller who would have to wait too long is told before anything is read or written.
    let slot = server.passwords.reserve()?;
    let counted = context
        .write_unaudited(async |tx| {
            type Read = (Captcha, Limits, SignUp, Sessions);
            let (captcha, limits, sign_up, sessions) = setting::read_several::<Read>(tx).await?;
            let policies = Policies {
                limiter: RateLimiter::new(&context.services.master, &context.peer, limits),
                sign_up,
                sessions,
            };
            if captcha.at_sign_in() != SignInCheck::Never {
                return Ok(Err((captcha, policies, false)));
            }
            match count(tx, context, login, &policies).await {
                Err(error) if limit::is_crowded(&error) && captcha.has_provider() => Ok(Err((captcha, policies, true))),
                counted => Ok(Ok(counted?)),
            }
        })
        .await?;
    match counted {
        Ok(counted) => Ok((slot, counted)),
        Err((captcha, policies, is_crowded)) => {
            // Nobody else waits for a place while a provider is asked.
            drop(slot);
            count_person(context, server, login, &captcha, policies, is_crowded)
                .boxed()
                .await
        }
    }
}

/// Writes down that a limit refused a sign-in, if this is the first of its name or address for a while, and answers the
/// refusal. Also for a name that nobody has, so that the time it takes does not tell.
async fn note_limited(context: &RequestContext, login: &str, refusal: Error) -> Error {
    let Error::Limited { code, limit, .. } = &refusal else {
        return refusal;
    };
    let (code, limited) = (*code, &context.services.limited);
    if !limited.count(context.tenant.id, limit::normal(login)).await {
        return refusal;
    }
    let by = json!({ "limit": limit.name });
    let noted = context.run_keeping_refusal(async |tx| {
        let found = user::find_by_login(tx, &context.peer, login).await?;
        // It was refused by one, in the transaction before.
        tx.note_counted();
        if let Some(found) = found {
            tx.changed("sign-in", &found.user.name, Value::Null, by);
        }
        Ok(Err::<(), Error>(code.into()))
    });
    match noted.await {
        Err(Error::Refused(_)) | Ok(()) => {}
        Err(error) => tracing::error!(%error, "a refused sign-in is missing in the audit trail"),
    }
    refusal
}

/// What comes of a try whose password was compared.
async fn conclude(
    context: &RequestContext,
    server: &Server,
    password: &GivenPassword,
    counted: Counted,
    verdict: Verdict,
) -> Result<Proven> {
    match counted.user {
        Some((id, name)) if verdict.right && !counted.disabled && counted.is_expired => {
            refuse(context, Some((id, name)), Code::PasswordExpired).await
        }
        Some((id, name)) if verdict.right && !counted.disabled && counted.unproven => {
            // It was no guess. They are mailed the means to go on.
            let remind = context.write_unaudited(async |tx| {
                counted.tried.forgive(tx).await?;
                remind(tx, context, id).await
            });
            remind.await?;
            refuse(context, Some((id, name)), Code::EmailUnverified).await
        }
        Some((user, _)) if verdict.right && !counted.disabled => {
            let hash = counted.hash.unwrap_or_default();
            let hash = match verdict.outdated {
                true => upgrade(context, server, user, hash, password).await?,
                false => hash,
            };
            Ok(Proven {
                user,
                tried: Some(counted.tried),
                hash: Some(hash),
                method: None,
                is_regular: counted.is_regular,
                sessions: counted.sessions,
            })
        }
        user => refuse(context, user, Code::CredentialsInvalid).await,
    }
}

/// The tenant's policies that concern a sign-in.
struct Policies<'a> {
    limiter: RateLimiter<'a>,
    sign_up: SignUp,
    sessions: Sessions,
}

/// A try that was counted, and the user it is for.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Counted {
    tried: AttemptReceipt,
    /// The id and name of the user, if there is one.
    user: Option<(UserId, String)>,
    hash: Option<String>,
    disabled: bool,
    /// Whether they have to prove their address first.
    unproven: bool,
    /// Whether the password was chosen by somebody else, too long ago.
    is_expired: bool,
    /// See [`Proven::is_regular`].
    is_regular: bool,
    sessions: Sessions,
}

/// As [`count`], where the tenant asks for a CAPTCHA, or where so many strangers gave wrong passwords that
/// they have to show that they are people.
async fn count_person(
    context: &RequestContext,
    server: &Server,
    login: &str,
    captcha: &Captcha,
    mut policies: Policies<'_>,
    is_crowded: bool,
) -> Result<(Slot, Counted)> {
    let count = async |policies: &Policies<'_>| {
        let slot = server.passwords.reserve()?;
        let counted = context.write_unaudited(async |tx| count(tx, context, login, policies).await);
        Ok::<_, Error>((slot, counted.await?))
    };
    if !is_crowded {
        let failed = async || has_failed(context, login, &policies.limiter).await;
        let is_person = captcha::check_sign_in(context, &server.captcha, captcha, failed).await?;
        if is_person {
            policies.limiter = policies.limiter.for_person();
        }
        match count(&policies).await {
            Err(error) if limit::is_crowded(&error) && !is_person => {}
            counted => return counted,
        }
    }
    captcha::check_person(context, &server.captcha, captcha).await?;
    policies.limiter = policies.limiter.for_person();
    count(&policies).await
}

async fn count(tx: &Tx, context: &RequestContext, login: &str, policies: &Policies<'_>) -> Result<Counted> {
    let Policies {
        limiter,
        sign_up,
        sessions,
    } = policies;
    let found = user::find_by_login(tx, &context.peer, login).await?;
    let standing = standing(found.as_ref());
    let (found, seen) = found.map(|found| (found.user, found.seen)).unzip();
    let seen = seen.flatten();
    let tried = limiter.sign_in(tx, &LoginKey::new(login, standing)).await?;
    let id = found.as_ref().map(|user| user.id);
    let unproven = sign_up.verify_before_sign_in && is_unproven(tx, id).await?;
    let disabled = found.as_ref().is_some_and(|user| user.disabled);
    let until = found.as_ref().and_then(|user| user.password_expires_at);
    let (user, hash) = found.map(|user| ((user.id, user.name), user.password_hash)).unzip();
    Ok(Counted {
        tried,
        user,
        hash: hash.flatten(),
        disabled,
        unproven,
        is_expired: until.is_some_and(|until| until <= tx.now),
        is_regular: seen.is_some_and(|at| at + REGULAR > tx.now),
        sessions: *sessions,
    })
}

fn standing(found: Option<&Login>) -> Standing {
    match found {
        None => Standing::MadeUp,
        Some(found) if found.seen.is_some() => Standing::Known,
        Some(_) => Standing::Stranger,
    }
}

/// Whether passwords for this name or address, or from this network, were wrong lately.
async fn has_failed(context: &RequestContext, login: &str, limiter: &RateLimiter<'_>) -> Result<bool> {
    context
        .read(async |tx| {
            let found = user::find_by_login(tx, &context.peer, login).await?;
            let whom = LoginKey::new(login, standing(found.as_ref()));
            limiter.has_failed(tx, &whom).await
        })
        .await
}

/// Makes the hash of a password that was just right anew, as hashes are made today, and answers
/// the one that is stored from now on. That this cannot be done now is no reason to keep somebody
/// out; that another password was set meanwhile is.
async fn upgrade(
    context: &RequestContext,
    server: &Server,
    user: UserId,
    old: String,
    password: &GivenPassword,
) -> Result<String> {
    let upgraded = async {
        let new = server.passwords.rehash(password).await?;
        let kept = context
            .write_unaudited(async |tx| user::upgrade_password_hash(tx, user, &old, &new).await)
            .await?;
        Ok::<_, Error>(kept.then_some(new))
    };
    match upgraded.await {
        Ok(Some(new)) => return Ok(new),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "an outdated password hash stays for now"),
    }
    // Another sign-in may have been first, or somebody who set another password.
    let now = context
        .write_unaudited(async |tx| user::password_hash(tx, user).await)
        .await?;
    if now.as_ref() == Some(&old) {
        return Ok(old);
    }
    let verdict = server.passwords.verify(password, now.as_deref()).await?;
    now.filter(|_| verdict.right).ok_or(Code::CredentialsInvalid.into())
}

/// Whether this is the password of the user who is signed in already.
///
/// # Errors
/// [`Code::PasswordWrong`], [`Code::TooManyAttempts`], [`Code::Busy`].
pub async fn confirm_password(
    context: &RequestContext,
    server: &Server,
    user: UserId,
    password: &GivenPassword,
) -> Result<Confirmed> {
    let slot = server.passwords.reserve()?;
    let counted = context.write_unaudited(async |tx| {
        let found = user::get_login(tx, &context.peer, user).await?;
        let whom = LoginKey::new(&found.user.name, standing(Some(&found)));
        let limiter = RateLimiter::read(tx, &context.services.master, &context.peer).await?;
        Ok((found.user, limiter.sign_in(tx, &whom).await?))
    });
    let (found, tried) = match counted.await {
        Err(refusal @ Error::Limited { .. }) => {
            let name = context.read(async |tx| user::name_of(tx, user).await).await?;
            return Err(note_limited(context, &name.unwrap_or_default(), refusal).await);
        }
        counted => counted?,
    };
    let hash = found.password_hash.as_deref();
    if !slot.verify(password, hash).await?.right {
        return refuse(context, Some((found.id, found.name)), Code::PasswordWrong).await;
    }
    context.write_unaudited(async |tx| tried.forgive(tx).await).await?;
    Ok(Confirmed(found.password_hash))
}

/// The hash of a password that was right.
#[derive(Debug)]
pub struct Confirmed(Option<String>);

impl Confirmed {
    /// Whether it is still theirs. From here on nobody else changes it before the transaction ends.
    ///
    /// # Errors
    /// [`Code::PasswordWrong`] if it was changed meanwhile.
    pub async fn recheck(&self, tx: &Tx, user: UserId) -> Result<()> {
        match user::password_hash(tx, user).await? {
            now if now == self.0 => Ok(()),
            _ => Err(Code::PasswordWrong.into()),
        }
    }
}

/// Whether they have yet to prove their address. Costs the same for nobody.
pub(super) async fn is_unproven(tx: &Tx, user: Option<UserId>) -> Result<bool> {
    let id = user.unwrap_or(UserId::NOBODY);
    let addresses = email::of_users(tx, &[id]).await?;
    Ok(addresses.get(&id).is_some_and(|of| of.primary.verified_at.is_none()))
}

/// Writes down that a sign-in was refused, and whose it was.
pub(super) async fn refuse<T>(context: &RequestContext, user: Option<(UserId, String)>, code: Code) -> Result<T> {
    let refused = context
        .run_keeping_refusal(async |tx| {
            // It was, in the transaction before.
            tx.note_counted();
            if let Some((_, name)) = &user {
                tx.changed("sign-in", name, Value::Null, Value::Null);
            }
            Ok(Err::<(), Error>(code.into()))
        })
        .await;
    Err(refused.err().unwrap_or_else(|| code.into()))
}

/// Mails a code once more to a user who cannot sign in before they have proven their address.
pub(super) async fn remind(tx: &Tx, context: &RequestContext, user: UserId) -> Result<()> {
    let addresses = email::of_user(tx, user).await?;
    ignore_limit(address::resend_proof(tx, context, &addresses, MailOptions::of(&context.peer)).await)
}

/// Begins a session in a browser and returns its cookie, once, how many seconds it lasts, and who
/// it is.
///
/// # Errors
/// [`Code::CredentialsInvalid`] if the user was disabled or given another password meanwhile.
pub async fn begin_browser(
    tx: &Tx,
    context: &RequestContext,
    proven: &Proven,
) -> Result<(Zeroizing<String>, u32, Detailed)> {
    let (cookie, hash) = secret::new_token();
    let user = signed_in(tx, proven).await?;
    // One browser has one session: the one before ends first, and leaves its place to the new one.
    let mut new = proven.session(context, &user, (None, Some(hash)));
    if let Some(who) = &context.who
        && let Some(before) = who.session
    {
        match who.who.user() == Some(proven.user) {
            true => new.replaces = Some(before),
            false => session::end_of_browser(tx, before).await?,
        }
    }
    session::begin(tx, new).await?;
    Ok((cookie, proven.sessions.absolute_seconds, user))
}

/// Begins a session of an application and returns its first tokens, once, and who it is.
///
/// # Errors
/// [`Code::CredentialsInvalid`] if the user was disabled or given another password meanwhile.
pub async fn begin_application(
    tx: &Tx,
    context: &RequestContext,
    proven: &Proven,
    client_id: Option<String>,
) -> Result<(Granted, Detailed)> {
    let user = signed_in(tx, proven).await?;
    let session = session::begin(tx, proven.session(context, &user, (client_id, None))).await?;
    Ok((session::grant(tx, session, proven.sessions).await?, user))
}

/// An access token of a session.
///
/// # Errors
/// The tenant has no signing key.
pub async fn access_token(context: &RequestContext, server: &Server, granted: &Granted) -> Result<String> {
    let keys = server.keys(context.tenant.id).await?;
    session::access_token(&keys, context.tenant_url(), context.services.clock.now(), granted)
}

async fn signed_in(tx: &Tx, proven: &Proven) -> Result<Detailed> {
    // The password was checked before this transaction began: it may be another one by now.
    let user = user::signed_in(tx, proven.user, proven.hash.as_deref()).await?;
    let user = user.ok_or(Code::CredentialsInvalid)?;
    proven.forgive(tx).await?;
    Ok(user)
}

impl Proven {
    fn session<'a>(
        &self,
        context: &'a RequestContext,
        user: &'a Detailed,
        (client_id, cookie_hash): (Option<String>, Option<Vec<u8>>),
    ) -> NewSession<'a> {
        NewSession {
            user: (self.user, &user.user.name),
            peer: &context.peer,
            client_id,
            cookie_hash,
            policy: self.sessions,
            is_regular: self.is_regular,
            replaces: None,
            method: self.method,
        }
    }
}
