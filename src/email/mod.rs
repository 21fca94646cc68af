//! Addresses of users. Anybody may claim an address; proof decides whose it is.

pub mod entity;

use crate::{
    access::Door,
    account::SignUp,
    kit::{
        db::{self, Tx},
        error::{Code, Result},
        id::{EmailId, UserId},
        text::Email,
    },
    message::Wish,
    session, setting, user,
    verification::{self, Ask, Begun, Purpose, To, Which},
};
use chrono::{DateTime, Utc};
use entity::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query, SelectStatement},
};
use serde_json::{Value, json};
use std::collections::HashMap;

/// The addresses of one user.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The one in force.
    pub primary: Model,
    /// The one that takes its place when it is proven.
    pub pending: Option<Model>,
}

impl Addresses {
    fn shown(&self) -> Value {
        json!({
            "email": self.primary.address,
            "emailVerified": self.primary.verified_at.is_some(),
            "pendingEmail": self.pending.as_ref().map(|pending| &pending.address),
        })
    }
}

/// The addresses of these users.
///
/// # Errors
/// The database's.
pub async fn of_users(tx: &Tx, users: &[UserId]) -> Result<HashMap<UserId, Addresses>> {
    let rows = Entity::find()
        .filter(Column::UserId.is_in(users.iter().copied()))
        .all(tx)
        .await?;
    let (primary, pending): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.is_primary);
    let mut pending: HashMap<_, _> = pending.into_iter().map(|row| (row.user_id, row)).collect();
    Ok(primary
        .into_iter()
        .map(|primary| {
            let pending = pending.remove(&primary.user_id);
            (primary.user_id, Addresses { primary, pending })
        })
        .collect())
}

/// The addresses of one user.
///
/// # Errors
/// [`Code::UserNotFound`] if there is no such user.
pub async fn of_user(tx: &Tx, user: UserId) -> Result<Addresses> {
    let mut addresses = of_users(tx, &[user]).await?;
    addresses.remove(&user).ok_or(Code::UserNotFound.into())
}

/// Users by the address in force: those of one of these keys, or those who have not proven theirs.
///
/// A statement to be made part of another, with the column the users are selected from.
#[must_use]
pub fn by_primary(keys: Option<Vec<String>>) -> (SelectStatement, Expr) {
    let mut users = Query::select();
    users
        .column(Column::UserId)
        .from(Entity)
        .and_where(Column::IsPrimary.into_expr())
        .and_where(match keys {
            Some(keys) => Column::AddressKey.is_in(keys),
            None => Column::VerifiedAt.is_null(),
        });
    (users, Expr::col((Entity, Column::UserId)))
}

/// Who has proven this address.
///
/// # Errors
/// The database's.
pub async fn owner(tx: &Tx, key: &str) -> Result<Option<UserId>> {
    let owner = Entity::find()
        .select_only()
        .column(Column::UserId)
        .filter(Column::AddressKey.eq(key))
        .filter(Column::VerifiedAt.is_not_null());
    Ok(owner.into_tuple().one(tx).await?)
}

/// The one user an address stands for: who has proven it, else who was the first to have it. Who
/// claims it later changes nothing for them.
///
/// # Errors
/// The database's.
pub async fn holder(tx: &Tx, email: &Email) -> Result<Option<UserId>> {
    Ok(claims(tx, email, 1).await?.first().map(|(user, _)| *user))
}

/// The only user whose address this is, if nobody has proven it. Who asks for it in the place of
/// another one is not meant: that is theirs to prove.
///
/// # Errors
/// The database's.
pub async fn claimant(tx: &Tx, email: &Email) -> Result<Option<UserId>> {
    Ok(match &claims(tx, email, 2).await?[..] {
        [(only, None)] => Some(*only),
        _ => None,
    })
}

/// So many of the users whose address in force this is, and when they proved it: who has, then in the
/// order in which they came. Anybody can add to them, so never all are taken into memory.
async fn claims(tx: &Tx, email: &Email, most: u64) -> Result<Vec<(UserId, Option<DateTime<Utc>>)>> {
    // No more of a row than is wanted, so that somebody takes hardly longer than nobody.
    Ok(Entity::find()
        .select_only()
        .columns([Column::UserId, Column::VerifiedAt])
        .filter(Column::AddressKey.eq(email.key()))
        .filter(Column::IsPrimary.eq(true))
        .order_by_asc(Expr::col(Column::VerifiedAt).is_null())
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .limit(most)
        .into_tuple()
        .all(tx)
        .await?)
}

/// Whether some user has this address, proven or not.
///
/// # Errors
/// The database's.
pub async fn is_claimed(tx: &Tx, email: &Email) -> Result<bool> {
    let row = Entity::find()
        .filter(Column::AddressKey.eq(email.key()))
        .one(tx)
        .await?;
    Ok(row.is_some())
}

/// Gives a new user their first address. Proven only if they came with a code.
///
/// # Errors
/// [`Code::EmailTaken`] if it is proven already by somebody else.
pub async fn add_first(tx: &Tx, user: UserId, email: &Email, proven: bool) -> Result<Model> {
    tx.lock(&format!("email/{}", email.key())).await?;
    if proven && owner(tx, email.key()).await?.is_some() {
        return Err(Code::EmailTaken.into());
    }
    insert(tx, user, email, true, proven).await
}

async fn insert(tx: &Tx, user: UserId, email: &Email, primary: bool, proven: bool) -> Result<Model> {
    let row = Model {
        id: EmailId::new(tx.now),
        user_id: user,
        address: email.address().to_owned(),
        address_key: email.key().to_owned(),
        is_primary: primary,
        verified_at: proven.then_some(tx.now),
        created_at: tx.now,
    };
    db::insert(tx, row.clone()).await?;
    Ok(row)
}

/// Gives a user an address without their proof, which an administrator may. An address that waits
/// for proof is dropped, and what was mailed to the one before is worth nothing any more.
///
/// # Errors
/// [`Code::EmailTaken`] if another user claims it, proven or not.
pub async fn set(tx: &Tx, user: UserId, email: &Email, verified: bool) -> Result<()> {
    tx.lock(&format!("email/{}", email.key())).await?;
    let claims = Entity::find()
        .filter(Column::AddressKey.eq(email.key()))
        .all(tx)
        .await?;
    if claims.iter().any(|claim| claim.user_id != user) {
        return Err(Code::EmailTaken.into());
    }
    let addresses = of_user(tx, user).await?;
    drop_pending(tx, &addresses).await?;
    verification::end_of_user(tx, user).await?;
    let same = addresses.primary.address_key == email.key();
    let mut row: ActiveModel = addresses.primary.clone().into();
    row.address = Set(email.address().to_owned());
    row.address_key = Set(email.key().to_owned());
    let proven = addresses.primary.verified_at.filter(|_| same);
    row.verified_at = Set(proven.or(verified.then_some(tx.now)));
    row.update(tx).await?;
    user::touch(tx, user).await
}

/// Sends the user a code for an address: the present one, or one that is to take its place and
/// until then changes nothing.
///
/// # Errors
/// [`Code::EmailAlreadyVerified`], [`Code::EmailDomainRefused`], [`Code::TooManyCodes`].
pub async fn request_proof(tx: &Tx, door: &Door, user: UserId, email: &Email, wish: Wish<'_>) -> Result<Begun> {
    tx.lock(&format!("addresses/{user}")).await?;
    let addresses = of_user(tx, user).await?;
    if addresses.primary.address_key == email.key() {
        if addresses.primary.verified_at.is_some() {
            return Err(Code::EmailAlreadyVerified.into());
        }
        drop_pending(tx, &addresses).await?;
    } else if addresses
        .pending
        .as_ref()
        .is_none_or(|pending| pending.address_key != email.key())
    {
        let (policy, _) = setting::read::<SignUp>(tx).await?;
        policy.check_domain(email)?;
        drop_pending(tx, &addresses).await?;
        insert(tx, user, email, false, false).await?;
        changed(tx, user, &addresses).await?;
    }
    verification::begin(tx, door, proof_of(user, email, wish)).await
}

/// Sends the user a code for another address than the present one.
///
/// # Errors
/// [`Code::EmailNotChanged`], [`Code::TooManyCodes`].
pub async fn request_change(tx: &Tx, door: &Door, user: UserId, email: &Email, wish: Wish<'_>) -> Result<Begun> {
    if of_user(tx, user).await?.primary.address_key == email.key() {
        return Err(Code::EmailNotChanged.into());
    }
    request_proof(tx, door, user, email, wish).await
}

/// Sends the code once more, to the address that waits for proof.
///
/// # Errors
/// [`Code::EmailAlreadyVerified`] if none does, [`Code::TooManyCodes`].
pub async fn resend_proof(tx: &Tx, door: &Door, user: UserId, wish: Wish<'_>) -> Result<Begun> {
    let addresses = of_user(tx, user).await?;
    let waiting = addresses.pending.unwrap_or(addresses.primary);
    if waiting.verified_at.is_some() {
        return Err(Code::EmailAlreadyVerified.into());
    }
    let email = parse(&waiting.address)?;
    verification::begin(tx, door, proof_of(user, &email, wish)).await
}

fn proof_of<'a>(user: UserId, email: &'a Email, wish: Wish<'a>) -> Ask<'a> {
    Ask {
        purpose: Purpose::VerifyEmail,
        to: To::User(user),
        email,
        wish,
    }
}

/// Drops the address of a user that waits for proof, if one does.
///
/// # Errors
/// The database's.
pub async fn forget_pending(tx: &Tx, user: UserId) -> Result<()> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user))
        .filter(Column::IsPrimary.into_expr().not())
        .exec(tx)
        .await?;
    Ok(())
}

async fn drop_pending(tx: &Tx, addresses: &Addresses) -> Result<()> {
    if let Some(pending) = &addresses.pending {
        pending.clone().delete(tx).await?;
    }
    Ok(())
}

/// Takes one try at the code of the address of this user that waits for proof; see [`prove`].
///
/// # Errors
/// Inner: as [`prove`], or [`Code::EmailNotPending`] if no address waits.
pub async fn prove_own(tx: &Tx, door: &Door, user: UserId, code: &str) -> Result<Result<()>> {
    let addresses = of_user(tx, user).await?;
    if addresses.pending.is_none() && addresses.primary.verified_at.is_some() {
        return Ok(Err(Code::EmailNotPending.into()));
    }
    prove(tx, door, Which::User(user), code).await
}

/// Takes one try at a code and, if it is right, marks the address as proven. The inner result is
/// the verdict and must be committed either way.
///
/// That another address takes the place of the present one is proven by who is signed in, by the
/// link, or by who knows the id of the challenge: an address alone does not say whose account it is.
///
/// A code for signing up or for another password proves nothing yet: it is only found right, and
/// used when the account is made or the password chosen.
///
/// # Errors
/// Inner: [`Code::CodeInvalid`], or [`Code::EmailTaken`] if somebody else proved it meanwhile.
pub async fn prove(tx: &Tx, door: &Door, which: Which, code: &str) -> Result<Result<()>> {
    let by_address = matches!(which, Which::Address(..));
    let met = match verification::attempt(tx, door, which, code).await? {
        Ok(met) if matches!(met.purpose, Purpose::Register | Purpose::ResetPassword) => return Ok(Ok(())),
        Ok(met) if met.purpose == Purpose::VerifyEmail => met,
        Ok(_) => return Ok(Err(Code::CodeInvalid.into())),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(user) = met.user_id else {
        return Ok(Err(Code::CodeInvalid.into()));
    };
    let addresses = of_user(tx, user).await?;
    let is_change = addresses.primary.address_key != met.address_key;
    let is_theirs = door.who.as_ref().is_some_and(|who| who.user == user);
    // The owner of a mailbox who types a code does not know whose account it changes; its mail says.
    if by_address && is_change && !is_theirs {
        return Ok(Err(Code::CodeInvalid.into()));
    }
    verification::consume(tx, &met).await?;
    tx.lock(&format!("email/{}", met.address_key)).await?;
    if owner(tx, &met.address_key).await?.is_some_and(|owner| owner != user) {
        return Ok(Err(Code::EmailTaken.into()));
    }
    let same = |row: &&Model| row.address_key == met.address_key;
    let Some(proven) = [Some(&addresses.primary), addresses.pending.as_ref()]
        .into_iter()
        .flatten()
        .find(same)
    else {
        // The address was changed again since the code was sent.
        return Ok(Err(Code::CodeInvalid.into()));
    };
    if !proven.is_primary {
        replace_primary(tx, door, &addresses.primary).await?;
    }
    mark_proven(tx, proven.clone()).await?;
    changed(tx, user, &addresses).await?;
    Ok(Ok(()))
}

/// Says what became of a user's addresses: to the audit trail, and to who keeps them as they were.
async fn changed(tx: &Tx, user: UserId, before: &Addresses) -> Result<()> {
    user::touch(tx, user).await?;
    let name = user::name_of(tx, user).await?.unwrap_or_default();
    tx.changed("email", &name, before.shown(), of_user(tx, user).await?.shown());
    Ok(())
}

async fn mark_proven(tx: &Tx, address: Model) -> Result<()> {
    let mut row: ActiveModel = address.into();
    row.is_primary = Set(true);
    row.verified_at = Set(Some(tx.now));
    row.update(tx).await?;
    Ok(())
}

/// Removes the address in force for another one. Whoever reads its mail is told, and can take the
/// change back; what was mailed to it before is worth nothing any more.
async fn replace_primary(tx: &Tx, door: &Door, old: &Model) -> Result<()> {
    old.clone().delete(tx).await?;
    verification::end_of_user(tx, old.user_id).await?;
    if old.verified_at.is_none() {
        return Ok(());
    }
    let ask = Ask {
        purpose: Purpose::UndoEmail,
        to: To::User(old.user_id),
        email: &parse(&old.address)?,
        wish: Wish::of(door),
    };
    verification::issue(tx, ask).await.map(drop)
}

/// Takes back the change of an address by the link that was mailed to the one before: it is in
/// force again, and everybody who is signed in is signed out. The inner result must be committed
/// either way.
///
/// # Errors
/// Inner: [`Code::CodeInvalid`], or [`Code::EmailTaken`] if somebody else proved it meanwhile.
pub async fn undo_change(tx: &Tx, door: &Door, token: &str) -> Result<Result<UserId>> {
    let met = match verification::attempt(tx, door, Which::Link(Purpose::UndoEmail), token).await? {
        Ok(met) => met,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(user) = met.user_id else {
        return Ok(Err(Code::CodeInvalid.into()));
    };
    verification::consume(tx, &met).await?;
    tx.lock(&format!("email/{}", met.address_key)).await?;
    if owner(tx, &met.address_key).await?.is_some_and(|owner| owner != user) {
        return Ok(Err(Code::EmailTaken.into()));
    }
    let before = of_user(tx, user).await?;
    Entity::delete_many().filter(Column::UserId.eq(user)).exec(tx).await?;
    insert(tx, user, &parse(&met.address)?, true, true).await?;
    verification::end_since(tx, user, met.created_at).await?;
    // The user's row before their sessions, as signing in does it.
    changed(tx, user, &before).await?;
    session::end_all(tx, user).await?;
    Ok(Ok(user))
}

/// Marks the address in force as proven, for who has shown otherwise that they read its mail.
///
/// # Errors
/// [`Code::EmailTaken`] if somebody else proved it meanwhile.
pub async fn prove_primary(tx: &Tx, user: UserId, key: &str) -> Result<()> {
    tx.lock(&format!("email/{key}")).await?;
    let before = of_user(tx, user).await?;
    let primary = &before.primary;
    if primary.verified_at.is_some() || primary.address_key != key {
        return Ok(());
    }
    if owner(tx, key).await?.is_some() {
        return Err(Code::EmailTaken.into());
    }
    mark_proven(tx, primary.clone()).await?;
    changed(tx, user, &before).await
}

/// An address from a row.
///
/// # Errors
/// The row was written by something else than this program.
pub fn parse(address: &str) -> Result<Email> {
    Ok(address
        .parse::<Email>()
        .map_err(|why| anyhow::anyhow!("an address in the database {why}"))?)
}
