//! Codes and links sent by mail: the one place that asks for them and the one place that consumes them.

mod attempt;
pub mod entity;

pub use attempt::{ChallengeRef, attempt, for_sign_up, holder, note_refused, of_link, redeem_for_sign_up};

use crate::{
    email,
    kit::{
        db::{self, Tx},
        error::{Code, Result},
        http::Peer,
        id::{UserId, VerificationId},
        page::{Listed, Timeline},
        secret::{self, MasterKey},
        selector::Values,
        sweep,
        text::Email,
    },
    limit::RateLimiter,
    message::{self, MailOptions, Outgoing, Template},
    setting, user,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{ActiveModel, Column, Entity, Model};
pub use entity::{Model as Challenge, Purpose, Roles};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait,
    QueryFilter, sea_query::Expr,
};
use zeroize::Zeroizing;

/// How long a code, and the link beside it, is good from the moment its mail is rendered.
pub const LIFE: TimeDelta = TimeDelta::minutes(10);
/// How long the change of an address can be taken back.
pub const UNDO_LIFE: TimeDelta = TimeDelta::hours(72);
/// How long an invitation is open.
pub const INVITE_LIFE: TimeDelta = TimeDelta::days(7);
/// A mail with a code that could not be rendered within this time is not sent any more.
const DELIVERABLE: TimeDelta = TimeDelta::hours(1);
/// Tries at one code.
const TRIES: i32 = 5;
/// How long a challenge is kept after its making, at least.
const KEPT: TimeDelta = TimeDelta::days(15);

/// The person a code is mailed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// This user.
    User(UserId),
    /// Somebody who has no account yet.
    Newcomer,
    /// Nobody: nothing is sent, and nobody can tell.
    Nobody,
}

/// A code or a link that is to be mailed.
#[derive(Clone, Debug)]
pub struct NewChallenge<'a> {
    /// What it is good for.
    pub purpose: Purpose,
    /// The person who is to give it back.
    pub to: Recipient,
    /// Where it goes.
    pub email: &'a Email,
    /// How the mail is wanted.
    pub options: MailOptions<'a>,
    /// The roles that whoever signs up by it is to have.
    pub roles: Vec<String>,
}

/// A challenge that was made.
#[derive(Clone, Copy, Debug)]
pub struct Issued {
    /// Its id.
    pub id: VerificationId,
    /// Seconds until another can be asked for.
    pub resend_after: u32,
}

impl Purpose {
    fn life(self) -> TimeDelta {
        match self {
            Self::Register | Self::VerifyEmail | Self::ResetPassword | Self::LinkIdentity => LIFE,
            Self::UndoEmail => UNDO_LIFE,
            Self::Invite => INVITE_LIFE,
        }
    }

    /// Whether it is for people without an account.
    fn is_for_newcomers(self) -> bool {
        matches!(self, Self::Register | Self::Invite | Self::LinkIdentity)
    }

    fn has_code(self) -> bool {
        !matches!(self, Self::UndoEmail | Self::Invite)
    }

    /// Whether it is asked for by somebody of their own account, and not by whoever types an address.
    #[must_use]
    pub fn is_of_owner(self) -> bool {
        matches!(self, Self::VerifyEmail | Self::ResetPassword)
    }

    fn template(self) -> Template {
        match self {
            Self::Register | Self::VerifyEmail => Template::VerifyEmail,
            Self::ResetPassword => Template::ResetPassword,
            Self::UndoEmail => Template::EmailChanged,
            Self::Invite => Template::Invitation,
            Self::LinkIdentity => Template::LinkIdentity,
        }
    }
}

/// Mails a code and a link to an address, which are good for one purpose and one user, as often
/// as the tenant's limits let.
///
/// # Errors
/// [`Code::TooManyCodes`], with the seconds to wait.
pub async fn begin(tx: &Tx, master: &MasterKey, peer: &Peer, ask: NewChallenge<'_>) -> Result<Issued> {
    let limiter = RateLimiter::read(tx, master, peer).await?;
    let user = user_of(ask.to);
    let mailed = (ask.email.key(), ask.to != Recipient::Nobody);
    limiter.code(tx, &ask.purpose.to_value(), mailed, user).await?;
    Ok(Issued {
        resend_after: limiter.pause(),
        id: issue(tx, ask).await?,
    })
}

/// Mails a link or code that nobody asked for from outside.
///
/// If somebody else has proven the address, the mail says so instead of carrying a code: only
/// the owner of the mailbox learns of the account.
pub async fn issue(tx: &Tx, ask: NewChallenge<'_>) -> Result<VerificationId> {
    let NewChallenge {
        purpose,
        to,
        email,
        options,
        roles,
    } = ask;
    let user = user_of(to);
    if purpose != Purpose::UndoEmail {
        supersede(tx, purpose, user, email.key()).await?;
    }
    let owner = email::owner(tx, email.key()).await?;
    let taken = owner.is_some_and(|owner| Some(owner) != user);
    let id = VerificationId::new(tx.now);
    let language = setting::language(tx, options.language).await?;
    let row = Model {
        id,
        purpose,
        user_id: user,
        address: email.address().to_owned(),
        address_key: email.key().to_owned(),
        language: language.to_string(),
        code_hash: None,
        link_hash: None,
        client_id: options.client_id.map(str::to_owned),
        tries_left: TRIES,
        created_at: tx.now,
        expires_at: tx.now + purpose.life(),
        ended_at: None,
        roles: Some(roles).filter(|roles| !roles.is_empty()).map(Roles),
    };
    db::insert(tx, row).await?;
    // Whose account the address is has no part in who may prove that they read its mail.
    let is_told = purpose != Purpose::LinkIdentity;
    let template = match taken && to != Recipient::Nobody && is_told {
        true => Template::AddressInUse,
        false => purpose.template(),
    };
    let wanted = Outgoing {
        template,
        address: email.address(),
        options: MailOptions {
            language: Some(language),
            ..options
        },
        about: None,
        deed: None,
        verification: Some(id),
    };
    // Also for nobody, whose message the worker drops: it costs the same.
    message::queue(tx, wanted).await?;
    // Last, when all that is live is locked in its order.
    sweep::sweep(tx, "verification", "id", "created_at", tx.now - KEPT).await?;
    Ok(id)
}

fn user_of(to: Recipient) -> Option<UserId> {
    match to {
        Recipient::User(user) => Some(user),
        Recipient::Newcomer | Recipient::Nobody => None,
    }
}

/// One live code per purpose: a new one ends the one before.
async fn supersede(tx: &Tx, purpose: Purpose, user: Option<UserId>, key: &str) -> Result<()> {
    // One statement for somebody and for nobody, so that both take as long.
    let whose = Condition::any()
        .add(Column::UserId.eq(user.unwrap_or(UserId::NOBODY)))
        .add(Column::UserId.is_null().and(Column::AddressKey.eq(key)));
    end_where(tx, Condition::all().add(Column::Purpose.eq(purpose)).add(whose)).await
}

/// Ends every code and link of a user, but those that take back the change of an address: they
/// belong to the owner of the address before.
pub async fn end_of_user(tx: &Tx, user: UserId) -> Result<()> {
    let mine = Condition::all().add(Column::UserId.eq(user));
    end_where(tx, mine.add(Column::Purpose.ne(Purpose::UndoEmail))).await
}

/// Ends every code and link of a user, also those that take back the change of an address: what an
/// administrator has decided since is not undone by a mail from before.
pub async fn end_all(tx: &Tx, user: UserId) -> Result<()> {
    end_where(tx, Condition::all().add(Column::UserId.eq(user))).await
}

/// Ends every code and link of a user, but those that take back a change of the address before
/// this time: a second change may not take the way back from the first owner of the address.
pub async fn end_since(tx: &Tx, user: UserId, time: DateTime<Utc>) -> Result<()> {
    let later = Condition::any()
        .add(Column::Purpose.ne(Purpose::UndoEmail))
        .add(Column::CreatedAt.gte(time));
    end_where(tx, Condition::all().add(Column::UserId.eq(user)).add(later)).await
}

async fn end_where(tx: &Tx, which: Condition) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(tx.now))
        .filter(which)
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// The code and the link of a mail, shown once.
#[derive(Debug)]
pub struct Secrets {
    /// What the mail is for.
    pub purpose: Purpose,
    /// Six digits; none if there is only the link.
    pub code: Option<Zeroizing<String>>,
    /// The token of the link.
    pub link: Zeroizing<String>,
    /// The name of the account it is for, if there is one.
    pub account: Option<String>,
}

/// Whether the mail of a challenge is to leave.
#[derive(Debug)]
pub enum ToMail {
    /// Somebody waits for it.
    Wanted(Box<Model>),
    /// Nobody does any more.
    Over,
    /// Nobody ever did, and no trace of it is to be left.
    ForNobody,
}

/// Whether the mail of this challenge is to leave.
pub async fn to_mail(tx: &Tx, id: VerificationId) -> Result<ToMail> {
    let row = Entity::find_by_id(id).one(tx).await?;
    Ok(match row {
        Some(row) if row.is_for_nobody() => ToMail::ForNobody,
        Some(row) if row.is_wanted(tx) => ToMail::Wanted(Box::new(row)),
        _ => ToMail::Over,
    })
}

/// Makes the secrets of a mail that is being rendered.
///
/// Only hashes of them are kept, so rendering the mail again makes others.
pub async fn mint(tx: &Tx, master: &MasterKey, row: Model) -> Result<Secrets> {
    let account = match row.user_id {
        Some(user) => user::name_of(tx, user).await?,
        None => None,
    };
    let purpose = row.purpose;
    let code = purpose.has_code().then(secret::new_code);
    let code_hash = code.as_ref().map(|code| hash(tx, master, &row, code));
    let (link, link_hash) = secret::new_token();
    let mut row: ActiveModel = row.into();
    row.code_hash = Set(code_hash);
    row.link_hash = Set(Some(link_hash));
    row.expires_at = Set(tx.now + purpose.life());
    row.update(tx).await?;
    Ok(Secrets {
        purpose,
        code,
        link,
        account,
    })
}

impl Model {
    fn is_wanted(&self, tx: &Tx) -> bool {
        // Somebody waits for a code they asked for; a link that nobody asked for is as good tomorrow.
        let deliverable = match self.purpose.has_code() {
            true => DELIVERABLE,
            false => self.purpose.life(),
        };
        self.ended_at.is_none() && self.created_at + deliverable >= tx.now
    }

    fn is_for_nobody(&self) -> bool {
        self.user_id.is_none() && !self.purpose.is_for_newcomers()
    }
}

/// Ends a challenge that was solved before this transaction; answers whether it was still open.
pub async fn claim(tx: &Tx, challenge: &Model) -> Result<bool> {
    let ended = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(tx.now))
        .filter(Column::Id.eq(challenge.id))
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Ends a challenge that was solved. Nobody else can have ended it: its row is locked since the attempt.
pub async fn consume(tx: &Tx, challenge: &Model) -> Result<()> {
    end_where(tx, Condition::all().add(Column::Id.eq(challenge.id))).await
}

/// Ends a challenge whose mail is not to be sent.
pub async fn end(tx: &Tx, id: VerificationId) -> Result<()> {
    end_where(tx, Condition::all().add(Column::Id.eq(id))).await
}

/// Has the code and the link of a mail be good no more, while somebody waits for the next one.
pub async fn revoke(tx: &Tx, challenge: &Model) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::CodeHash, Expr::value(None::<Vec<u8>>))
        .col_expr(Column::LinkHash, Expr::value(None::<Vec<u8>>))
        .filter(Column::Id.eq(challenge.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The invitations that are open, to these addresses if there are any.
pub async fn invitations(tx: &Tx, to: &[Values], timeline: &Timeline) -> Result<Listed<Model>> {
    let open = to.iter().fold(open_invitations(tx), |open, values| {
        open.filter(values.of(Column::AddressKey))
    });
    let columns = (Column::CreatedAt, Column::Id);
    let place = |row: &Model| (row.created_at, row.id);
    timeline.read(tx, "invitations", open, columns, place).await
}

/// How many invitations are open.
pub async fn count_invitations(tx: &Tx) -> Result<u64> {
    Ok(open_invitations(tx).count(tx).await?)
}

/// The open invitation to this address, if there is one.
pub async fn invitation_to(tx: &Tx, email: &Email) -> Result<Option<Model>> {
    let to = open_invitations(tx).filter(Column::AddressKey.eq(email.key()));
    Ok(to.one(tx).await?)
}

/// Ends an open invitation, and answers it.
///
/// # Errors
/// [`Code::InvitationNotFound`].
pub async fn withdraw(tx: &Tx, id: VerificationId) -> Result<Model> {
    let found = open_invitations(tx).filter(Column::Id.eq(id)).one(tx).await?;
    let found = found.ok_or(Code::InvitationNotFound)?;
    consume(tx, &found).await?;
    Ok(found)
}

fn open_invitations(tx: &Tx) -> sea_orm::Select<Entity> {
    Entity::find()
        // In the words of their index, without which SQLite does not see that it fits.
        .filter(Expr::cust("purpose = 'invite'"))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(tx.now))
}

/// The hash is bound to the tenant, the challenge, its purpose, the address and the user, so a
/// code that is moved to another row is wrong there.
fn hash(tx: &Tx, master: &MasterKey, row: &Model, code: &str) -> Vec<u8> {
    let user = row.user_id.map(|user| user.to_string()).unwrap_or_default();
    let purpose = row.purpose.to_value();
    let context = format!("code/{}/{}/{purpose}/{}/{user}", tx.tenant(), row.id, row.address_key);
    master.hash(&context, code)
}
