//! Acts on many users, some at a time, each step in a job of its own: whatever dies, the next worker goes on where the last
//! transaction ended. Each user's turn is the act on that user alone: the same permission, the same rules, an event of its
//! own.

use super::set_disabled;
use crate::{
    access::{
        Authority, Principal, Who,
        permission::{Permission, UserBatchesCreate, UsersList},
    },
    audit::{self, Outcome},
    context::Services,
    job::{self, Attempt, End, Job, Prepared},
    kit::{
        db::{Part, Tx},
        error::{Code, Error, Result},
        failure::Failure,
        id::{UserBatchId, UserId},
    },
    session,
    user::{self, Detailed},
    user_batch::{self, BATCH, NewUserBatch, Step, UserAct, UserBatch, Whom},
};
use anyhow::Context;
use async_trait::async_trait;
use futures_util::FutureExt;
use poem::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

/// Has something done to many users, by whoever calls. Who acts on all that a list has learns who they are.
///
/// # Errors
/// [`Code::Forbidden`] if they may not list users; [`Error::OutOfScope`] if what they called by is not for what it takes;
/// those of [`user_batch::create`].
pub async fn begin_batch(tx: &Tx, me: &Principal, authority: &Authority, new: NewUserBatch) -> Result<UserBatch> {
    let is_listed = matches!(new.whom, Whom::Listed(..));
    if is_listed && !authority.has(UsersList::DEF) {
        return Err(Code::Forbidden.into());
    }
    // The jobs know who it was, and not what they called by.
    let needed = [Some(new.act.permission()), is_listed.then_some(UsersList::DEF)];
    if let Some(beyond) = needed.into_iter().flatten().find(|needed| !me.is_granted(needed)) {
        return Err(Error::OutOfScope(beyond.id));
    }
    user_batch::create(tx, authority, new).boxed().await
}

/// What a job is about.
#[derive(Deserialize)]
struct Payload {
    batch: UserBatchId,
}

/// Acts on many users.
pub struct BatchJob(pub Services);

#[async_trait]
impl Job for BatchJob {
    fn kind(&self) -> &'static str {
        BATCH
    }

    async fn prepare(&self, tx: &Tx, job: &job::entity::Model) -> Result<Prepared> {
        let payload: Payload = serde_json::from_value(job.payload.clone()).context("the payload of a job")?;
        let found = user_batch::find(tx, payload.batch).await?.filter(UserBatch::is_open);
        Ok(match found.and_then(|batch| batch.asker()) {
            Some(asker) => Prepared::attempt(Turns {
                batch: payload.batch,
                asker,
                services: self.0.clone(),
            }),
            None => Prepared::Nothing,
        })
    }
}

/// The turns of some users.
struct Turns {
    batch: UserBatchId,
    /// Who asked for them.
    asker: Who,
    services: Services,
}

#[async_trait]
impl Attempt for Turns {
    async fn perform(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    async fn conclude(self: Box<Self>, tx: &Tx, _: End) -> Result<()> {
        let mut rights = self.rights(tx).await?;
        let Some(old) = user_batch::find_open(tx, self.batch).await? else {
            return Ok(());
        };
        let (mut step, mut kept, mut name) = (Step::default(), vec![], String::new());
        for id in user_batch::next(tx, self.batch).await? {
            let Some((me, authority)) = &rights else { break };
            let turn = Turn {
                tx,
                services: &self.services,
                batch: &old,
                me,
                authority,
            };
            turn.take(id, &mut step, &mut kept).boxed().await?;
            name.clone_from(&me.name);
            // Each turn may have taken away from whoever asked for all of them.
            rights = self.rights(tx).await?;
        }
        let lost = "Whoever asked for it may not act on many users any more.";
        let why = rights.is_none().then_some(lost);
        let new = user_batch::advance(tx, old, step, why).await?;
        if new.is_open() {
            job::add(tx, BATCH, json!({ "batch": self.batch })).await?;
        }
        self.record(tx, &name, (&new, kept)).boxed().await
    }
}

/// What the audit trail keeps of a user's turn.
struct Kept {
    name: String,
    outcome: Outcome,
    part: Part,
}

impl Turns {
    async fn rights(&self, tx: &Tx) -> Result<Option<(Principal, Authority)>> {
        let needed = UserBatchesCreate::DEF;
        self.services.authority_of(tx, self.asker, needed).await
    }

    /// Adds the events, now that nothing else is to be written: from the first of them on others wait.
    async fn record(&self, tx: &Tx, name: &str, (batch, kept): (&UserBatch, Vec<Kept>)) -> Result<()> {
        let (master, actor) = (&self.services.master, Some((self.asker.user(), name, None)));
        for Kept { name, outcome, part } in kept {
            let act = audit::Act {
                actor,
                peer: None,
                action: batch.act().permission().id,
                object: &name,
                outcome,
            };
            audit::append_part(tx, master, act, part).await?;
        }
        if tx.has_changes() {
            let act = audit::Act {
                actor,
                peer: None,
                action: UserBatchesCreate::DEF.id,
                object: &self.batch.to_string(),
                outcome: Outcome::Done,
            };
            audit::append(tx, master, act).await?;
        }
        Ok(())
    }
}

/// One user's turn.
struct Turn<'a> {
    tx: &'a Tx,
    services: &'a Services,
    batch: &'a UserBatch,
    me: &'a Principal,
    authority: &'a Authority,
}

impl Turn<'_> {
    /// Does to this user what is wanted, and notes what came of it.
    async fn take(&self, id: UserId, step: &mut Step, kept: &mut Vec<Kept>) -> Result<()> {
        step.last = Some(id);
        let is_real = !self.batch.is_dry_run();
        let user = match user::get_for_update(self.tx, id).await {
            Err(Error::Refused(code)) => {
                step.refused.push((id.to_string(), code.into()));
                return Ok(());
            }
            found => found?,
        };
        let name = user.user.name.clone();
        match self.tx.part(is_real, self.act_on(user).boxed()).await {
            Ok(part) if part.is_nothing() => step.unchanged += 1,
            Ok(part) => {
                step.done += 1;
                let outcome = Outcome::Done;
                kept.extend(is_real.then_some(Kept { name, outcome, part }));
            }
            Err(error) if error.code().status().is_client_error() => {
                if is_real && self.is_kept(&error).await {
                    let (name, part) = (name.clone(), Part::default());
                    let outcome = Outcome::Denied(error.code());
                    kept.push(Kept { name, outcome, part });
                }
                step.refused.push((name, error));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Whether an event is kept of a refusal, as of that of the act on one.
    async fn is_kept(&self, error: &Error) -> bool {
        let denials = &self.services.denials;
        error.code().status() == StatusCode::FORBIDDEN && denials.count(self.tx.tenant(), self.me.who.uuid()).await
    }

    /// The act on one user.
    async fn act_on(&self, user: Detailed) -> Result<()> {
        let (tx, authority, act) = (self.tx, self.authority, self.batch.act());
        if !authority.permits(act.permission(), &user.user.name) {
            return Err(Code::Forbidden.into());
        }
        let user = authority.over(user).await?;
        match act {
            UserAct::Disable => set_disabled(tx, authority, user, true).await.map(drop),
            UserAct::Enable => set_disabled(tx, authority, user, false).await.map(drop),
            UserAct::Delete => user::remove(tx, authority, user).await,
            UserAct::GrantRole | UserAct::RevokeRole => {
                let role = self.batch.role().unwrap_or_default();
                let others = user.roles.iter().filter(|had| *had != role).cloned();
                let given = (act == UserAct::GrantRole).then(|| role.to_owned());
                let roles = others.chain(given).collect();
                user::grant(tx, authority, user, roles).await.map(drop)
            }
            UserAct::EndSessions => session::end_all(tx, user.user.id).await,
        }
    }
}
