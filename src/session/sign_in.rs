//! Signing in with a password.

use super::{
    Granted, Model, REMEMBERED, Sessions,
    entity::{Column, network},
    living, snapshot, token,
};
use crate::{
    access::Door,
    account::{self, SignUp},
    captcha::{self, Captcha, SignInCheck},
    email,
    kit::{
        db::{self, Tx},
        error::{Code, Error, Result},
        id::{SessionId, UserId},
        secret, sweep,
        text::GivenPassword,
    },
    limit::{self, Counter, Limits, Tried, Whom},
    setting,
    user::{self, Detailed},
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde_json::Value;
use zeroize::Zeroizing;

/// How long a network is known after somebody signed in from it: 90 days, and the one in which that
/// need not be written down again.
const KNOWN: TimeDelta = TimeDelta::days(91);
/// How long that need not be written down again.
const REGULAR: TimeDelta = TimeDelta::days(1);

/// Somebody whose password was right. Their failures before are forgiven where that is written
/// down.
#[derive(Debug)]
pub struct Proven {
    /// Who it is.
    pub user: UserId,
    tried: Tried,
    /// The hash that the password is known to be of.
    pub hash: String,
    /// Whether it was written down a short while ago that they sign in from this network.
    is_regular: bool,
    /// How long the session lasts.
    sessions: Sessions,
}

impl Proven {
    /// Forgets the wrong passwords before the right one.
    ///
    /// # Errors
    /// The database's.
    pub async fn forgive(&self, tx: &Tx) -> Result<()> {
        self.tried.forgive(tx).await
    }
}

/// The user of this name or address whose password this is.
///
/// The try is counted first, so that no number of parallel ones gets an extra guess. Takes as
/// long for somebody who does not exist, is disabled, has no password, or has yet to prove their
/// address where that is asked for, and answers the same.
///
/// # Errors
/// [`Code::CredentialsInvalid`], [`Code::TooManyAttempts`], [`Code::Busy`], and those of a CAPTCHA.
pub async fn check_password(door: &Door, login: &str, password: &GivenPassword) -> Result<Proven> {
    // Who would have to wait too long is told before anything is read or written.
    let slot = door.app.passwords.reserve()?;
    let counted = door
        .keep(async |tx| {
            type Read = (Captcha, Limits, SignUp, Sessions);
            let (captcha, limits, sign_up, sessions) = setting::read_several::<Read>(tx).await?;
            let policies = Policies {
                counter: Counter::new(door, limits),
                sign_up,
                sessions,
            };
            Ok(match captcha.at_sign_in() {
                SignInCheck::Never => Ok(count(tx, door, login, policies).await?),
                _ => Err((captcha, policies)),
            })
        })
        .await?;
    let (slot, counted) = match counted {
        Ok(counted) => (slot, counted),
        Err((captcha, policies)) => {
            // Nobody else waits for a place while a provider is asked.
            drop(slot);
            captcha::check_sign_in(door, &captcha, async || {
                has_failed(door, login, &policies.counter).await
            })
            .await?;
            let slot = door.app.passwords.reserve()?;
            let counted = door.keep(async |tx| count(tx, door, login, policies).await);
            (slot, counted.await?)
        }
    };
    let Counted {
        user, hash, unproven, ..
    } = counted;
    let verdict = slot.verify(password, hash.as_deref()).await?;
    match user {
        Some((user, _)) if verdict.right && !counted.disabled && !unproven => {
            let hash = hash.unwrap_or_default();
            let hash = match verdict.outdated {
                true => upgrade(door, user, hash, password).await?,
                false => hash,
            };
            Ok(Proven {
                user,
                tried: counted.tried,
                hash,
                is_regular: counted.is_regular,
                sessions: counted.sessions,
            })
        }
        user => {
            let waits = verdict.right && unproven;
            refuse(door, user, Code::CredentialsInvalid, waits).await
        }
    }
}

/// What the tenant asks of signing in.
struct Policies<'a> {
    counter: Counter<'a>,
    sign_up: SignUp,
    sessions: Sessions,
}

/// A try that was counted, and whom it is for.
struct Counted {
    tried: Tried,
    /// The id and name of the user, if there is one.
    user: Option<(UserId, String)>,
    hash: Option<String>,
    disabled: bool,
    /// Whether they have to prove their address first.
    unproven: bool,
    /// See [`Proven::is_regular`].
    is_regular: bool,
    sessions: Sessions,
}

async fn count(tx: &Tx, door: &Door, login: &str, policies: Policies<'_>) -> Result<Counted> {
    let Policies {
        counter,
        sign_up,
        sessions,
    } = policies;
    let found = user::find_by_login(tx, login).await?;
    let id = found.as_ref().map(|user| user.id);
    let seen = seen(tx, door, id).await?;
    let tried = counter.sign_in(tx, &Whom::new(login, seen.is_some())).await?;
    let unproven = sign_up.verify_before_sign_in && is_unproven(tx, id).await?;
    let disabled = found.as_ref().is_some_and(|user| user.disabled);
    let (user, hash) = found.map(|user| ((user.id, user.name), user.password_hash)).unzip();
    Ok(Counted {
        tried,
        user,
        hash: hash.flatten(),
        disabled,
        unproven,
        is_regular: seen.is_some_and(|at| at + REGULAR > tx.now),
        sessions,
    })
}

/// Whether passwords for this name or address, or from this network, were wrong lately.
async fn has_failed(door: &Door, login: &str, counter: &Counter<'_>) -> Result<bool> {
    door.look(async |tx| {
        let id = user::find_by_login(tx, login).await?.map(|user| user.id);
        let known = seen(tx, door, id).await?.is_some();
        counter.has_failed(tx, &Whom::new(login, known)).await
    })
    .await
}

/// Makes the hash of a password that was just right anew, as hashes are made today, and answers
/// the one that is stored from now on. That this cannot be done now is no reason to keep somebody
/// out; that another password was set meanwhile is.
async fn upgrade(door: &Door, user: UserId, old: String, password: &GivenPassword) -> Result<String> {
    let upgraded = async {
        let new = door.app.passwords.rehash(password).await?;
        let kept = door
            .keep(async |tx| user::upgrade_password_hash(tx, user, &old, &new).await)
            .await?;
        Ok::<_, Error>(kept.then_some(new))
    };
    match upgraded.await {
        Ok(Some(new)) => return Ok(new),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "an outdated password hash stays for now"),
    }
    // Another sign-in may have been first, or somebody who set another password.
    let now = door.keep(async |tx| user::password_hash(tx, user).await).await?;
    if now.as_ref() == Some(&old) {
        return Ok(old);
    }
    let verdict = door.app.passwords.verify(password, now.as_deref()).await?;
    now.filter(|_| verdict.right).ok_or(Code::CredentialsInvalid.into())
}

/// Whether this is the password of the user who is signed in already.
///
/// # Errors
/// [`Code::PasswordWrong`], [`Code::TooManyAttempts`], [`Code::Busy`].
pub async fn confirm_password(door: &Door, user: UserId, password: &GivenPassword) -> Result<Confirmed> {
    let slot = door.app.passwords.reserve()?;
    let (found, tried) = door
        .keep(async |tx| {
            let found = user::get_by_id(tx, user).await?.user;
            let known = seen(tx, door, Some(user)).await?.is_some();
            let whom = Whom::new(&found.name, known);
            Ok((found, Counter::of(tx, door).await?.sign_in(tx, &whom).await?))
        })
        .await?;
    let hash = found.password_hash.as_deref();
    if !slot.verify(password, hash).await?.right {
        return refuse(door, Some((found.id, found.name)), Code::PasswordWrong, false).await;
    }
    door.keep(async |tx| tried.forgive(tx).await).await?;
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
    pub async fn still_holds(&self, tx: &Tx, user: UserId) -> Result<()> {
        match user::password_hash(tx, user).await? {
            now if now == self.0 => Ok(()),
            _ => Err(Code::PasswordWrong.into()),
        }
    }
}

/// When this account last signed in from this network, if it is known here.
async fn seen(tx: &Tx, door: &Door, user: Option<UserId>) -> Result<Option<DateTime<Utc>>> {
    // Also asked for nobody, so that it costs the same.
    let id = user.unwrap_or(user::NOBODY);
    let seen = network::Entity::find_by_id((id, limit::network(door.client.ip)));
    let known = seen.filter(network::Column::SeenAt.gt(tx.now - KNOWN)).one(tx).await?;
    Ok(known.map(|row| row.seen_at))
}

/// Whether they have yet to prove their address. Costs the same for nobody.
async fn is_unproven(tx: &Tx, user: Option<UserId>) -> Result<bool> {
    let id = user.unwrap_or(user::NOBODY);
    let addresses = email::of_users(tx, &[id]).await?;
    Ok(addresses.get(&id).is_some_and(|of| of.primary.verified_at.is_none()))
}

/// Writes down that a password was wrong, and of whom. Who only has to prove their address is
/// mailed the means to.
async fn refuse<T>(door: &Door, user: Option<(UserId, String)>, code: Code, waits: bool) -> Result<T> {
    if let Some((id, _)) = user.as_ref().filter(|_| waits) {
        door.keep(async |tx| account::remind(tx, door, *id).await).await?;
    }
    let refused = door
        .run_counted(async |tx| {
            if let Some((_, name)) = &user {
                tx.changed("sign-in", name, Value::Null, Value::Null);
            }
            Ok(Err::<(), Error>(code.into()))
        })
        .await;
    Err(refused.err().unwrap_or_else(|| code.into()))
}

/// Begins a session in a browser and returns its cookie, once, how many seconds it lasts, and who
/// it is.
///
/// # Errors
/// [`Code::CredentialsInvalid`] if the user was disabled or given another password meanwhile.
pub async fn begin_browser(tx: &Tx, door: &Door, proven: &Proven) -> Result<(Zeroizing<String>, u32, Detailed)> {
    let (cookie, hash) = secret::new_token();
    let (_, user) = begin(tx, door, proven, (None, Some(hash))).await?;
    Ok((cookie, proven.sessions.absolute_seconds, user))
}

/// Begins a session of an application and returns its first tokens, once, and who it is.
///
/// # Errors
/// [`Code::CredentialsInvalid`] if the user was disabled or given another password meanwhile.
pub async fn begin_application(
    tx: &Tx,
    door: &Door,
    proven: &Proven,
    client_id: Option<String>,
) -> Result<(Granted, Detailed)> {
    let (session, user) = begin(tx, door, proven, (client_id, None)).await?;
    Ok((token::grant(tx, session, proven.sessions).await?, user))
}

async fn begin(
    tx: &Tx,
    door: &Door,
    proven: &Proven,
    (client_id, cookie_hash): (Option<String>, Option<Vec<u8>>),
) -> Result<(Model, Detailed)> {
    let (id, policy) = (proven.user, proven.sessions);
    // The password was checked before this transaction began: it may be another one by now.
    let Some(detailed) = user::signed_in(tx, id, &proven.hash).await? else {
        return Err(Code::CredentialsInvalid.into());
    };
    proven.forgive(tx).await?;
    if !proven.is_regular {
        remember(tx, id, limit::network(door.client.ip)).await?;
    }
    // Who signs in anew is not signed in twice with one browser, and needs no room for it.
    let before = door.who.as_ref().filter(|_| cookie_hash.is_some());
    if let Some(before) = before.and_then(|who| who.session) {
        super::end_of_browser(tx, before).await?;
    }
    make_room(tx, id, policy).await?;
    let session_id = SessionId::new(tx.now);
    if !proven.is_regular || sweep::is_chosen(1) {
        sweep::sweep(tx, "session", "id", "expires_at", tx.now - REMEMBERED).await?;
        sweep::sweep(tx, "user_network", "user_id, network", "seen_at", tx.now - KNOWN).await?;
    }
    let session = Model {
        id: session_id,
        user_id: id,
        cookie_hash,
        client_id,
        ip_address: door.client.ip.to_string(),
        user_agent: door.client.user_agent.clone(),
        created_at: tx.now,
        last_used_at: tx.now,
        expires_at: tx.now + policy.absolute(),
        idle_seconds: policy.idle_seconds.into(),
        ended_at: None,
    };
    db::insert(tx, session.clone()).await?;
    tx.changed("session", &detailed.user.name, Value::Null, snapshot(&session));
    Ok((session, detailed))
}

/// Ends the oldest session of who has too many.
async fn make_room(tx: &Tx, user: UserId, policy: Sessions) -> Result<()> {
    let living = living(tx, user);
    let over = (living.clone().count(tx).await? + 1).saturating_sub(policy.most_per_user.into());
    if over == 0 {
        return Ok(());
    }
    let oldest = living.order_by_asc(Column::CreatedAt).limit(over).all(tx).await?;
    let oldest: Vec<_> = oldest.into_iter().map(|session| session.id).collect();
    super::end_these(tx, &oldest).await
}

/// Writes down from where they sign in.
async fn remember(tx: &Tx, user: UserId, network: String) -> Result<()> {
    let seen = network::Entity::update_many()
        .col_expr(network::Column::SeenAt, Expr::value(tx.now))
        .filter(network::Column::UserId.eq(user))
        .filter(network::Column::Network.eq(network.as_str()))
        .exec(tx)
        .await?;
    if seen.rows_affected > 0 {
        return Ok(());
    }
    let row = network::ActiveModel {
        user_id: Set(user),
        network: Set(network),
        seen_at: Set(tx.now),
    };
    // Another sign-in from there may have come first.
    network::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
