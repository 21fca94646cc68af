//! The applications that a user signed in to, and their end.

use crate::{
    application::{self, Application},
    authorization::{self, Consent},
    kit::{
        db::Tx,
        error::{Code, Result},
        id::{ApplicationId, UserId},
        text::ClientId,
    },
    session::{self, Session},
};
use std::collections::BTreeMap;

/// What an application has of a user.
#[derive(Debug, Default)]
struct Held {
    consents: Vec<Consent>,
    sessions: Vec<Session>,
}

/// An application that a user signed in to: it may come back, or has tokens that are good.
#[derive(Debug)]
pub struct Used {
    /// The application.
    pub application: Application,
    /// What the user lets it do; nothing if it is the tenant's own, about which nobody is asked.
    pub consents: Vec<Consent>,
    /// Its sessions that live, newest first.
    pub sessions: Vec<Session>,
}

/// The applications that a user signed in to.
pub async fn used_applications(tx: &Tx, user: UserId) -> Result<Vec<Used>> {
    let mut held: BTreeMap<ApplicationId, Held> = BTreeMap::new();
    for consent in authorization::consents_of(tx, user).await? {
        held.entry(consent.application_id).or_default().consents.push(consent);
    }
    for session in session::of_applications(tx, user).await? {
        if let Some(id) = session.application_id {
            held.entry(id).or_default().sessions.push(session);
        }
    }
    let ids: Vec<_> = held.keys().copied().collect();
    let found = application::find_all(tx, &ids).await?;
    let with = |application: Application| {
        let Held { consents, sessions } = held.remove(&application.id()).unwrap_or_default();
        Used {
            application,
            consents,
            sessions,
        }
    };
    Ok(found.into_iter().map(with).collect())
}

/// Ends what an application may do for a user: its sessions with their tokens, and what they let it do.
///
/// # Errors
/// [`Code::ApplicationNotFound`] if it may do nothing.
pub async fn end_use(tx: &Tx, user: UserId, name: &ClientId) -> Result<()> {
    let used = used_applications(tx, user).await?;
    let name = name.to_string();
    let found = used.iter().find(|used| used.application.client_id() == name);
    let application = &found.ok_or(Code::ApplicationNotFound)?.application;
    session::end_of_application(tx, user, application.id()).await?;
    authorization::withdraw(tx, user, (application.id(), &name)).await
}
