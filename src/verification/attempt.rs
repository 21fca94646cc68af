//! Giving codes and links back.

use super::{
    Purpose, consume,
    entity::{Column, Entity, Model},
    hash,
};
use crate::{
    kit::{
        db::Tx,
        error::{Code, Result},
        http::Peer,
        id::{UserId, VerificationId},
        secret::{self, MasterKey},
        text::Email,
    },
    limit::RateLimiter,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde_json::Value;
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;

/// The length of a link's token, which no code has.
const LINK_LENGTH: usize = 43;

/// Challenges that one code is compared with, the newest: several accounts may claim an address.
const MOST_LIVE: u64 = 10;

/// The challenge that a code or a link's token is given back for.
#[derive(Clone, Debug)]
pub enum ChallengeRef {
    /// The one with this id.
    Id(VerificationId),
    /// The live one of this user that proves an address.
    User(UserId),
    /// The live one to this address for this purpose; of several, whose code it is.
    Address(Purpose, Email),
    /// The one whose link this is, for this purpose.
    Link(Purpose),
    /// The one whose link this is, to sign up with this address: a code's, or an invitation.
    SignUp(Email),
}

impl ChallengeRef {
    fn condition(&self) -> Condition {
        let all = Condition::all();
        match self {
            Self::Id(id) => all.add(Column::Id.eq(*id)),
            Self::User(user) => all
                .add(Column::UserId.eq(*user))
                .add(Column::Purpose.eq(Purpose::VerifyEmail)),
            Self::Address(purpose, email) => all
                .add(Column::AddressKey.eq(email.key()))
                .add(Column::Purpose.eq(*purpose)),
            Self::Link(purpose) => all.add(Column::Purpose.eq(*purpose)),
            Self::SignUp(email) => all
                .add(Column::AddressKey.eq(email.key()))
                .add(Column::Purpose.is_in([Purpose::Register, Purpose::Invite])),
        }
    }

    /// The address and user that a wrong code is counted for when there is no live one.
    fn subject(&self) -> (String, Option<UserId>) {
        match self {
            Self::Id(id) => (id.to_string(), None),
            Self::User(user) => (String::new(), Some(*user)),
            Self::Address(_, email) | Self::SignUp(email) => (email.key().to_owned(), None),
            Self::Link(_) => (String::new(), None),
        }
    }
}

/// The live challenge whose link this is. Looking at it changes nothing.
pub async fn of_link(tx: &Tx, purpose: Purpose, token: &str) -> Result<Option<Model>> {
    by_link(tx, &ChallengeRef::Link(purpose), token).await
}

/// The user of the challenge of this link's token; `None` for a code, and for a challenge of nobody.
pub async fn holder(tx: &Tx, which: &ChallengeRef, token: &str) -> Result<Option<UserId>> {
    Ok(by_link(tx, which, token.trim()).await?.and_then(|row| row.user_id))
}

async fn by_link(tx: &Tx, which: &ChallengeRef, token: &str) -> Result<Option<Model>> {
    let query = Entity::find()
        .filter(which.condition())
        .filter(Column::LinkHash.eq(secret::token_hash(token)))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(tx.now));
    Ok(query.one(tx).await?)
}

/// The challenge of a link's token that is given to sign up with this address: that of a code, or an
/// invitation. `None` if it is no token.
#[must_use]
pub fn for_sign_up(given: &str, email: &Email) -> Option<ChallengeRef> {
    (given.trim().len() == LINK_LENGTH).then(|| ChallengeRef::SignUp(email.clone()))
}

/// Takes one try at a code, or a link's token in its place. The inner result is the verdict: it
/// must be committed either way, so that a wrong try counts.
///
/// # Errors
/// [`Code::TooManyAttempts`]. Inner: [`Code::CodeInvalid`], whatever the reason.
pub async fn attempt(
    tx: &Tx,
    master: &MasterKey,
    peer: &Peer,
    which: ChallengeRef,
    given: &str,
) -> Result<Result<Model>> {
    let refused = Ok(Err(Code::CodeInvalid.into()));
    if given.trim().len() == LINK_LENGTH {
        let found = by_link(tx, &which, given.trim()).await?;
        // Others with the same link wait here, and find it used.
        let Some(row) = found else { return refused };
        let locked = Entity::find_by_id(row.id).filter(Column::EndedAt.is_null());
        return Ok(locked.lock_exclusive().one(tx).await?.ok_or(Code::CodeInvalid.into()));
    }
    // A link has its token alone: it does not say which code another text could be.
    if matches!(which, ChallengeRef::Link(_)) {
        return refused;
    }
    let live = Entity::find()
        .filter(which.condition())
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(tx.now))
        .order_by_desc(Column::CreatedAt)
        .limit(MOST_LIVE)
        .all(tx)
        .await?;
    let (address, user) = match live.first() {
        Some(live) => (live.address_key.clone(), live.user_id),
        None => which.subject(),
    };
    let tried = RateLimiter::read(tx, master, peer)
        .await?
        .code_try(tx, &address, user, !live.is_empty())
        .await?;
    // Counted before it is compared, in one statement: parallel guesses get no extra try.
    let counted = Entity::update_many()
        .col_expr(Column::TriesLeft, Expr::col(Column::TriesLeft).sub(1))
        .filter(Column::Id.is_in(live.iter().map(|row| row.id)))
        .filter(Column::TriesLeft.gt(0))
        .filter(Column::EndedAt.is_null())
        .filter(Column::CodeHash.is_not_null())
        .exec_with_returning(tx)
        .await?;
    let given = normalise(given);
    let challenge = counted.into_iter().find(|row| {
        let expected = hash(tx, master, row, &given);
        row.code_hash.as_ref().is_some_and(|hash| expected.ct_eq(hash).into())
    });
    let Some(row) = challenge else {
        note_wrong(tx, &address);
        return refused;
    };
    tried.forgive(tx).await?;
    Ok(Ok(row))
}

/// Says in the audit trail that a code to this address was wrong.
fn note_wrong(tx: &Tx, address: &str) {
    tx.changed("code", &address, Value::Null, Value::Null);
}

/// The same for an attempt whose own transaction kept no event. A wrong token of a link is not
/// mentioned: nobody guesses one.
pub fn note_refused(tx: &Tx, which: &ChallengeRef, given: &str) {
    if given.trim().len() != LINK_LENGTH {
        note_wrong(tx, &which.subject().0);
    }
}

/// Takes one try at the code for signing up with this address, or at an invitation to
/// it, and uses it up if it is right; answers which it was. The inner result is the verdict and must
/// be committed either way.
///
/// # Errors
/// As [`attempt`].
pub async fn redeem_for_sign_up(
    tx: &Tx,
    master: &MasterKey,
    peer: &Peer,
    which: ChallengeRef,
    email: &Email,
    code: &str,
) -> Result<Result<Model>> {
    let signs_up = |challenge: &Model| matches!(challenge.purpose, Purpose::Register | Purpose::Invite);
    match attempt(tx, master, peer, which, code).await? {
        Ok(challenge) if signs_up(&challenge) && challenge.address_key == email.key() => {
            consume(tx, &challenge).await?;
            Ok(Ok(challenge))
        }
        Ok(_) => Ok(Err(Code::CodeInvalid.into())),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// A code without the marks that people add when they copy it: spaces, hyphens, full-width digits.
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
