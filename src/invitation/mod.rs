//! Invitations to sign up: a link to one address, good for a week and for one account.

pub mod api;

use crate::{
    email,
    kit::{
        db::Tx,
        error::{Code, Result},
        id::VerificationId,
        page::{Listed, Timeline},
        selector::Values,
        text::Email,
    },
    limit::RateLimiter,
    message::MailOptions,
    verification::{self, NewChallenge, Purpose, Recipient},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// An invitation that is open.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Its id.
    pub id: VerificationId,
    /// Who is invited.
    pub address: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it is open.
    pub expires_at: DateTime<Utc>,
    /// The roles that they will have besides those that everybody has who signs up.
    pub roles: Vec<String>,
}

/// An invitation that is to be mailed.
#[derive(Clone, Debug)]
pub struct NewInvitation<'a> {
    /// Who is invited.
    pub email: &'a Email,
    /// The roles that they will have, which are whoever invites them to give.
    pub roles: Vec<String>,
    /// How the mail is wanted.
    pub options: MailOptions<'a>,
}

impl Invitation {
    fn snapshot(&self) -> Value {
        json!({ "email": self.address, "roles": self.roles })
    }
}

/// The invitations that are open, to these addresses if there are any.
pub async fn list(tx: &Tx, to: &[Values], timeline: &Timeline) -> Result<Listed<Invitation>> {
    let open = verification::invitations(tx, to, timeline).await?;
    Ok(open.map(|row| Invitation {
        id: row.id,
        address: row.address,
        created_at: row.created_at,
        expires_at: row.expires_at,
        roles: row.roles.map(|roles| roles.0).unwrap_or_default(),
    }))
}

/// Mails an invitation. One that was open for the same address ends.
///
/// # Errors
/// [`Code::EmailTaken`] if somebody has proven the address already; [`Code::TooManyCodes`].
pub async fn create(tx: &Tx, limiter: &RateLimiter<'_>, new: NewInvitation<'_>) -> Result<Invitation> {
    let NewInvitation { email, roles, options } = new;
    if email::owner(tx, email.key()).await?.is_some() {
        return Err(Code::EmailTaken.into());
    }
    limiter.invitation(tx, email.key()).await?;
    let ask = NewChallenge {
        purpose: Purpose::Invite,
        to: Recipient::Newcomer,
        email,
        options,
        roles: roles.clone(),
    };
    let made = Invitation {
        id: verification::issue(tx, ask).await?,
        address: email.address().to_owned(),
        created_at: tx.now,
        expires_at: tx.now + verification::INVITE_LIFE,
        roles,
    };
    tx.changed("invitation", &made.id, Value::Null, made.snapshot());
    Ok(made)
}

/// Takes an invitation back.
///
/// # Errors
/// [`Code::InvitationNotFound`].
pub async fn withdraw(tx: &Tx, id: VerificationId) -> Result<()> {
    let row = verification::withdraw(tx, id).await?;
    tx.changed("invitation", &id, json!({ "email": row.address }), Value::Null);
    Ok(())
}

/// How many are open.
pub async fn count(tx: &Tx) -> Result<u64> {
    verification::count_invitations(tx).await
}
