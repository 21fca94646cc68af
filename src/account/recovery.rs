//! Getting back into an account.

use super::{NewHash, accept_password, address, captcha, password::set_password};
use crate::{
    captcha::Action,
    context::RequestContext,
    email,
    kit::{
        db::Tx,
        error::{Code, Error, Result},
        text::{Email, NewPassword},
    },
    limit,
    message::MailOptions,
    password::{Accepted, Words},
    server::Server,
    session,
    user::{self, Detailed},
    verification::{self, ChallengeRef, Issued, NewChallenge, Purpose, Recipient},
};

/// Mails the means to choose another password to the owner of this address, if they can sign in. The
/// answer does not tell whether there is anybody.
///
/// # Errors
/// [`Code::TooManyCodes`], and those of a CAPTCHA.
pub async fn ask_reset(
    context: &RequestContext,
    server: &Server,
    email: &Email,
    options: MailOptions<'_>,
) -> Result<Issued> {
    captcha::check(context, &server.captcha, Action::ResetPassword).await?;
    context
        .run(async |tx| {
            let holder = email::holder(tx, email).await?;
            let to = match user::can_sign_in(tx, holder).await? {
                Some(user) => Recipient::User(user),
                None => Recipient::Nobody,
            };
            begin_reset(tx, context, to, email, options).await
        })
        .await
}

/// Mails the means to choose another password, as often as the limits let.
///
/// # Errors
/// [`Code::TooManyCodes`].
pub(super) async fn begin_reset(
    tx: &Tx,
    context: &RequestContext,
    to: Recipient,
    email: &Email,
    options: MailOptions<'_>,
) -> Result<Issued> {
    let ask = NewChallenge {
        purpose: Purpose::ResetPassword,
        to,
        email,
        options,
        roles: vec![],
    };
    verification::begin(tx, &context.services.master, &context.peer, ask).await
}

/// Gives an account another password for what was mailed: a code or a link's token. All
/// sessions end, an address that waits for proof is dropped, the owner is told, and the address
/// counts as proven.
///
/// # Errors
/// [`Code::CodeInvalid`], [`Code::TooManyAttempts`], and those of a password.
pub async fn reset(
    context: &RequestContext,
    server: &Server,
    which: ChallengeRef,
    code: &str,
    (field, new): (&'static str, &NewPassword),
) -> Result<Detailed> {
    // A caller with only a code may not learn the words of an account from the faults of a password.
    let about = context
        .read(async |tx| match verification::holder(tx, &which, code).await? {
            Some(user) => user::words_of(tx, user).await,
            None => Ok(Words::default()),
        })
        .await?;
    let accepted = accept_password(context, field, new, &about).await?;
    reset_to(context, server, which, code, &accepted).await
}

/// The same with a password that is accepted already.
///
/// # Errors
/// As [`reset`].
pub async fn reset_to(
    context: &RequestContext,
    server: &Server,
    which: ChallengeRef,
    code: &str,
    new: &Accepted,
) -> Result<Detailed> {
    let slot = server.passwords.reserve()?;
    // Tried before the hash is made: anybody can send a wrong code, and that is to cost nothing.
    let tried = context.write_unaudited(async |tx| {
        verification::attempt(tx, &context.services.master, &context.peer, which.clone(), code).await
    });
    let challenge = match tried.await? {
        Ok(challenge) if challenge.purpose == Purpose::ResetPassword => challenge,
        Ok(_) | Err(_) => {
            let refused = context.run_keeping_refusal(async |tx| {
                verification::note_refused(tx, &which, code);
                Ok(Err(Code::CodeInvalid.into()))
            });
            return refused.await;
        }
    };
    let hash = slot.hash(new).await?;
    context
        .run_keeping_refusal(async |tx| {
            let still = verification::claim(tx, &challenge).await?;
            let user = user::can_sign_in(tx, challenge.user_id.filter(|_| still)).await?;
            let Some(id) = user else {
                return Ok(Err(Code::CodeInvalid.into()));
            };
            match address::prove_primary(tx, id, &challenge.address_key).await {
                Err(refusal @ Error::Refused(_)) => return Ok(Err(refusal)),
                proven => proven?,
            }
            let new = NewHash {
                hash,
                must_change: false,
                keep: None,
                language: context.peer.language,
            };
            let user = set_password(tx, user::get_for_update(tx, id).await?, new).await?;
            // After the user's row, as signing in does it: two that wait for each other would both fail.
            let logins = [user.user.name.as_str(), &user.addresses.primary.address];
            limit::forgive_logins(tx, &context.services.master, &context.peer, &logins).await?;
            // Whoever read the mail is no stranger here any more, however many others guess.
            session::remember(tx, id, &context.peer).await?;
            Ok(Ok(user))
        })
        .await
}

/// Takes back the change of an address. The person who changed it may know the password, so the means to
/// choose another one are mailed at once.
///
/// # Errors
/// [`Code::CodeInvalid`], [`Code::EmailTaken`].
pub async fn undo(context: &RequestContext, token: &str) -> Result<()> {
    context
        .run_keeping_refusal(async |tx| {
            let user = match address::undo_change(tx, context, token).await? {
                Ok(user) => user,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let address = email::of_user(tx, user).await?.primary.address;
            let options = MailOptions::of(&context.peer);
            let email = email::parse(&address)?;
            let mailed = begin_reset(tx, context, Recipient::User(user), &email, options).await;
            ignore_limit(mailed).map(Ok)
        })
        .await
}

/// Where a mail is a courtesy, a limit only means that one went out a short while ago.
pub(super) fn ignore_limit(sent: Result<Issued>) -> Result<()> {
    match sent {
        Ok(_) | Err(Error::Limited { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
