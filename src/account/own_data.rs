//! All that is kept about the caller, for themself.
//!
//! Nothing in it is a secret or lets anybody in, and nothing is about others: of what somebody else did to the account it says
//! what and when, and not who and from where.

use super::{Used, used_applications};
use crate::{
    access::permission::{self, PermissionDef},
    attachment::{self, Attachment},
    audit::{self, Event, History, Named},
    context::Person,
    kit::{db::Tx, error::Result, text::Email},
    message::{self, Delivered},
    provider::identity::{self, Linked},
    session::{self, Session},
    user::{self, Detailed},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// How many of what there may be any number of are told, the latest.
const MOST_TOLD: u32 = 1_000;

/// All that is kept about somebody.
#[derive(Debug)]
pub struct OwnData {
    /// When it was so.
    pub at: DateTime<Utc>,
    /// Who they are.
    pub user: Detailed,
    /// The names that they have and had, the present one first.
    pub names: Vec<Named>,
    /// The accounts elsewhere that they sign in with.
    pub identities: Vec<Linked>,
    /// The applications that they signed in to.
    pub applications: Vec<Used>,
    /// Their sessions that live.
    pub sessions: Vec<Session>,
    /// The networks that they signed in from, and when they last did.
    pub networks: Vec<(String, DateTime<Utc>)>,
    /// What was mailed to their address since it is proven.
    pub messages: Vec<Delivered>,
    /// The files that they brought.
    pub attachments: Vec<Attachment>,
    /// What they did.
    pub done: Vec<Event>,
    /// What was done to their account.
    pub undergone: Vec<Event>,
}

/// Whether what needed this permission was done to an account, which is its object then.
fn is_of_accounts(known: &PermissionDef) -> bool {
    let kinds = ["users", "sessions", "passwords", "verifications"];
    !known.reads && kinds.contains(&known.resource.split('/').next().unwrap_or_default())
}

/// The permissions of what is done to accounts.
#[must_use]
pub fn acts_on_accounts() -> Vec<&'static str> {
    let of_accounts = permission::ALL.iter().filter(|known| is_of_accounts(known));
    of_accounts.map(|known| known.id).collect()
}

/// All that is kept about the caller. The trail has that they took it.
///
/// # Errors
/// [`crate::kit::error::Code::UserNotFound`] if they were deleted meanwhile.
pub async fn own_data(tx: &Tx, caller: &Person) -> Result<OwnData> {
    let user = user::get_by_id(tx, caller.user).await?;
    let id = user.user.id;
    let names = user::names_of(tx, &user.user).await?;
    let history = History {
        object: &names,
        actions: &acts_on_accounts(),
        outcome: "done",
        after: None,
        is_ascending: false,
        limit: MOST_TOLD,
    };
    let undergone = audit::history(tx, history).await?;
    let done = audit::done_by(tx, id, &names, MOST_TOLD.into()).await?;
    tx.changed(
        "user-data",
        &user.user.name,
        Value::Null,
        json!({ "events": done.len() }),
    );
    Ok(OwnData {
        at: tx.now,
        identities: identity::list(tx, id).await?,
        applications: used_applications(tx, id).await?,
        sessions: session::list(tx, id).await?,
        networks: session::networks(tx, id).await?,
        messages: mailed(tx, &user).await?,
        attachments: attachment::brought_by(tx, id, MOST_TOLD.into()).await?,
        user,
        names,
        done,
        undergone,
    })
}

/// What went to the address of a user since it is theirs. Whoever only claims one sees nothing of its owner's mail.
async fn mailed(tx: &Tx, user: &Detailed) -> Result<Vec<Delivered>> {
    let address = &user.addresses.primary;
    let (Some(since), Ok(email)) = (address.verified_at, address.address.parse::<Email>()) else {
        return Ok(vec![]);
    };
    let mut messages = message::to_address(tx, &email, MOST_TOLD.into()).await?;
    messages.retain(|delivered| delivered.message.created_at >= since && !delivered.message.test);
    Ok(messages)
}
