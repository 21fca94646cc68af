//! Codes sent by mail: the one place that asks for them and the one place that consumes them.

pub mod entity;

use crate::{
    email,
    kit::{
        db::Tx,
        error::{Code, Error, Result},
        id::{UserId, VerificationId},
        secret::{self, MasterKey},
        text::{Email, Language},
    },
    message,
};
use chrono::{DateTime, TimeDelta, Utc};
pub use entity::Purpose;
use entity::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait,
    QueryFilter, QueryOrder, sea_query::Expr,
};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// How long a code is good, from the moment its mail is rendered.
pub const LIFE: TimeDelta = TimeDelta::minutes(10);
/// The least time between two codes to one address for one purpose.
pub const COOL_DOWN: TimeDelta = TimeDelta::seconds(60);
/// A mail that could not be rendered within this time is not sent any more.
const DELIVERABLE: TimeDelta = TimeDelta::hours(1);
/// Tries at one code.
const TRIES: i32 = 5;
/// Codes to one address, and for one account, within each span.
const LIMITS: &[(TimeDelta, u64)] = &[(TimeDelta::minutes(10), 5), (TimeDelta::days(1), 20)];

/// Who is to give a code back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// This user.
    User(UserId),
    /// Somebody who has no account yet.
    Newcomer,
    /// Nobody: nothing is sent, and nobody can tell.
    Nobody,
}

/// Sends a code to an address, which is good for one purpose and one user.
///
/// If somebody else has proven the address, the mail says so instead of carrying a code: only
/// the owner of the mailbox learns of the account.
///
/// # Errors
/// [`Code::TooManyCodes`], with the seconds to wait.
pub async fn begin(tx: &Tx, purpose: Purpose, to: To, email: &Email, language: Language) -> Result<VerificationId> {
    let user = match to {
        To::User(user) => Some(user),
        To::Newcomer | To::Nobody => None,
    };
    // Two requests at once must not both find the limit unreached.
    tx.lock(&format!("verification/{}", email.key())).await?;
    check_limits(tx, purpose, user, email.key()).await?;
    forget_old(tx, email.key()).await?;
    supersede(tx, purpose, user, email.key()).await?;
    let owner = email::owner(tx, email.key()).await?;
    let taken = owner.is_some_and(|owner| Some(owner) != user);
    let id = VerificationId::new(tx.now);
    ActiveModel {
        id: Set(id),
        purpose: Set(purpose),
        user_id: Set(user),
        address: Set(email.address().to_owned()),
        address_key: Set(email.key().to_owned()),
        language: Set(language.to_string()),
        code_hash: Set(None),
        tries_left: Set(if taken || to == To::Nobody { 0 } else { TRIES }),
        created_at: Set(tx.now),
        expires_at: Set(tx.now + LIFE),
        ended_at: Set(None),
    }
    .insert(tx)
    .await?;
    if to == To::Nobody {
        return Ok(id);
    }
    let template = if taken {
        message::Template::AddressInUse
    } else {
        message::Template::VerifyEmail
    };
    message::queue(tx, template, email.address(), language, Some(id)).await?;
    Ok(id)
}

async fn check_limits(tx: &Tx, purpose: Purpose, user: Option<UserId>, key: &str) -> Result<()> {
    let soon = Entity::find()
        .filter(Column::AddressKey.eq(key))
        .filter(Column::Purpose.eq(purpose))
        .filter(Column::CreatedAt.gt(tx.now - COOL_DOWN))
        .order_by_desc(Column::CreatedAt)
        .one(tx)
        .await?;
    if let Some(last) = soon {
        return Err(later(last.created_at + COOL_DOWN, tx.now));
    }
    let mut whose = vec![Column::AddressKey.eq(key)];
    whose.extend(user.map(|user| Column::UserId.eq(user)));
    for same in whose {
        for (span, most) in LIMITS {
            let within = Entity::find()
                .filter(same.clone())
                .filter(Column::CreatedAt.gt(tx.now - *span))
                .order_by_desc(Column::CreatedAt);
            if within.clone().count(tx).await? < *most {
                continue;
            }
            // The oldest of the last `most` must leave the span before another one may enter.
            let oldest = sea_orm::QuerySelect::offset(within, most - 1).one(tx).await?;
            let until = oldest.map_or(tx.now, |oldest| oldest.created_at) + *span;
            return Err(later(until, tx.now));
        }
    }
    Ok(())
}

fn later(until: DateTime<Utc>, now: DateTime<Utc>) -> Error {
    let millis = u64::try_from((until - now).num_milliseconds()).unwrap_or(0);
    Error::Later {
        code: Code::TooManyCodes,
        retry_after: u32::try_from(millis.div_ceil(1000)).unwrap_or(u32::MAX),
    }
}

/// What is too old to count for any limit is not kept.
async fn forget_old(tx: &Tx, key: &str) -> Result<()> {
    Entity::delete_many()
        .filter(Column::AddressKey.eq(key))
        .filter(Column::CreatedAt.lt(tx.now - TimeDelta::days(2)))
        .exec(tx)
        .await?;
    Ok(())
}

/// One live code per purpose: a new one ends the one before.
async fn supersede(tx: &Tx, purpose: Purpose, user: Option<UserId>, key: &str) -> Result<()> {
    let whose = match user {
        Some(user) => Column::UserId.eq(user),
        None => Column::UserId.is_null().and(Column::AddressKey.eq(key)),
    };
    end_all(tx, Condition::all().add(Column::Purpose.eq(purpose)).add(whose)).await
}

async fn end_all(tx: &Tx, which: Condition) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(tx.now))
        .filter(which)
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Makes the code of a mail that is being rendered; `None` if it is no longer wanted.
///
/// Only a keyed hash of it is kept, so rendering the mail again makes another code.
///
/// # Errors
/// The database's.
pub async fn mint(tx: &Tx, master: &MasterKey, id: VerificationId) -> Result<Option<Zeroizing<String>>> {
    let Some(row) = Entity::find_by_id(id).one(tx).await? else {
        return Ok(None);
    };
    if row.ended_at.is_some() || row.created_at + DELIVERABLE < tx.now {
        return Ok(None);
    }
    let code = secret::new_code();
    let hash = hash(tx, master, &row, &code);
    let mut row: ActiveModel = row.into();
    row.code_hash = Set(Some(hash));
    row.expires_at = Set(tx.now + LIFE);
    row.update(tx).await?;
    Ok(Some(code))
}

/// Whether a mail for this challenge still has somebody who waits for it.
///
/// # Errors
/// The database's.
pub async fn is_wanted(tx: &Tx, id: VerificationId) -> Result<bool> {
    let row = Entity::find_by_id(id).one(tx).await?;
    Ok(row.is_some_and(|row| row.ended_at.is_none() && row.created_at + DELIVERABLE >= tx.now))
}

/// Which challenge a code is given back for.
#[derive(Clone, Debug)]
pub enum Which {
    /// The one with this id.
    Id(VerificationId),
    /// The live one of this user.
    User(UserId),
    /// The live one to this address for this purpose.
    Address(Purpose, Email),
}

/// Takes one try at a code. The inner result is the verdict: it must be committed either way, so
/// that a wrong try counts.
///
/// # Errors
/// Inner: [`Code::CodeInvalid`], whatever the reason.
pub async fn attempt(tx: &Tx, master: &MasterKey, which: Which, code: &str) -> Result<Result<Model>> {
    let refused = Ok(Err(Code::CodeInvalid.into()));
    let live = Entity::find()
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(tx.now))
        .filter(match which {
            Which::Id(id) => Column::Id.eq(id),
            Which::User(user) => Column::UserId.eq(user).and(Column::Purpose.eq(Purpose::VerifyEmail)),
            Which::Address(purpose, email) => Column::AddressKey.eq(email.key()).and(Column::Purpose.eq(purpose)),
        })
        .order_by_desc(Column::CreatedAt)
        .one(tx)
        .await?;
    let Some(live) = live else { return refused };
    // Counted before it is compared, in one statement: parallel guesses get no extra try.
    let counted = Entity::update_many()
        .col_expr(Column::TriesLeft, Expr::col(Column::TriesLeft).sub(1))
        .filter(Column::Id.eq(live.id))
        .filter(Column::TriesLeft.gt(0))
        .filter(Column::EndedAt.is_null())
        .filter(Column::CodeHash.is_not_null())
        .exec_with_returning(tx)
        .await?;
    let Some(row) = counted.into_iter().next() else {
        return refused;
    };
    let given = hash(tx, master, &row, &normalise(code));
    let right = row.code_hash.as_ref().is_some_and(|hash| given.ct_eq(hash).into());
    if right { Ok(Ok(row)) } else { refused }
}

/// Takes one try at the code of somebody who signs up with this address and, if it is right, uses
/// it up. The inner result is the verdict and must be committed either way.
///
/// # Errors
/// Inner: [`Code::CodeInvalid`].
pub async fn redeem_for_sign_up(
    tx: &Tx,
    master: &MasterKey,
    which: Which,
    email: &Email,
    code: &str,
) -> Result<Result<()>> {
    match attempt(tx, master, which, code).await? {
        Ok(met) if met.purpose == Purpose::Register && met.address_key == email.key() => {
            consume(tx, &met).await.map(Ok)
        }
        Ok(_) => Ok(Err(Code::CodeInvalid.into())),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Ends a challenge that was met. Nobody else can have: its row is locked since the attempt.
///
/// # Errors
/// The database's.
pub async fn consume(tx: &Tx, met: &Model) -> Result<()> {
    end_all(tx, Condition::all().add(Column::Id.eq(met.id))).await
}

/// The hash is bound to the tenant, the challenge, its purpose, the address and the user, so a
/// code that is moved to another row is wrong there.
fn hash(tx: &Tx, master: &MasterKey, row: &Model, code: &str) -> Vec<u8> {
    let user = row.user_id.map(|user| user.to_string()).unwrap_or_default();
    let purpose = row.purpose.to_value();
    let context = format!("code/{}/{}/{purpose}/{}/{user}", tx.tenant(), row.id, row.address_key);
    master.hash(&context, code)
}

/// What people make of six digits when they copy them: spaces, hyphens, full-width digits.
fn normalise(code: &str) -> String {
    code.nfkc()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_may_be_copied_with_spaces_and_wide_digits() {
        assert_eq!(normalise(" 012 345\n"), "012345");
        assert_eq!(normalise("012-345"), "012345");
        assert_eq!(normalise("０１２３４５"), "012345");
    }
}
