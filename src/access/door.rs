//! What is behind the door: the only way to a transaction, and the record of what is done in it.

use super::{
    Policy,
    aside::{Stop, aside},
    permission::{Known, Permission},
};
use crate::{
    app::App,
    audit::{self, Outcome},
    groups,
    kit::{
        db::{Mode, Tx},
        error::{Code, Error, Result},
        http::Client,
    },
    session::{self, Principal},
    tenant::{Tenant, key::KeyRing},
};
use std::sync::Arc;

/// A caller whose permission has been checked, in their tenant.
pub struct Door {
    /// The program.
    pub app: App,
    /// The tenant of the request.
    pub tenant: Tenant,
    /// The far end of the request.
    pub client: Client,
    /// Who is signed in, if anybody.
    pub who: Option<Principal>,
    /// The tenant's roles, and what they decide.
    pub policy: Arc<Policy>,
    pub(super) permission: &'static Known,
    /// What the path names, `-` for the caller's own, `*` for all.
    pub(super) object: String,
}

impl Door {
    /// Runs `f` in one transaction: committed with its audit event if it succeeds, rolled back if
    /// it fails.
    ///
    /// # Errors
    /// What `f` returns, or the database's.
    pub async fn run<T>(&self, f: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
        match self.permission.reads {
            true => self.look(f).await,
            false => self.transact(f, |_| None).await,
        }
    }

    /// As [`Door::run`], for rules whose refusal must be committed as well: a try that was
    /// counted, a session that was ended. Of a refusal that nobody got and that left nothing, no
    /// event is kept: anybody could send as many as they like.
    ///
    /// # Errors
    /// What `f` returns, outer or inner, or the database's.
    pub async fn run_counted<T>(&self, f: impl AsyncFnOnce(&Tx) -> Result<Result<T>>) -> Result<T> {
        self.transact(f, |verdict| verdict.as_ref().err().map(Error::code))
            .await?
    }

    async fn transact<T>(
        &self,
        f: impl AsyncFnOnce(&Tx) -> Result<T>,
        refusal: impl FnOnce(&T) -> Option<Code>,
    ) -> Result<T> {
        let done = self
            .within(Mode::Write, async |tx| {
                self.still_holds(tx).await?;
                let value = f(tx).await?;
                let outcome = refusal(&value).map_or(Outcome::Done, Outcome::Refused);
                let is_noise = self.who.is_none() && outcome.is_wrong_token() && !tx.has_changes();
                if !is_noise {
                    audit::append(tx, &self.app.master, self.event(outcome)).await?;
                }
                Ok(value)
            })
            .await;
        if let Err(Error::Refused(code)) = done
            && code.status() == poem::http::StatusCode::FORBIDDEN
        {
            self.note_denial(code).await;
        }
        done
    }

    /// Whether what opened the door still does. The request may have taken its time to arrive, and
    /// a session that was ended meanwhile is to change nothing any more.
    async fn still_holds(&self, tx: &Tx) -> Result<()> {
        let Some(who) = &self.who else { return Ok(()) };
        let now = session::again(tx, who).await?.ok_or(Code::Unauthenticated)?;
        let policy = self.app.policies.current(tx).await?;
        policy.ready(&now.roles).await?;
        match policy.permits(&now.roles, self.permission, &self.object) {
            true => Ok(()),
            false => Err(Code::Forbidden.into()),
        }
    }

    /// Asks who is signed in for one more permission on what is their own, where one operation
    /// serves them and anybody.
    ///
    /// # Errors
    /// [`Code::Unauthenticated`], [`Code::Forbidden`], [`Code::PasswordChangeRequired`].
    pub async fn require_own<P: Permission>(&self) -> Result<&Principal> {
        let who = self.who.as_ref().ok_or(Code::Unauthenticated)?;
        if !self.policy.permits(&who.roles, P::IS, "-") {
            self.note_denial(Code::Forbidden).await;
            return Err(Code::Forbidden.into());
        }
        match who.must_change_password {
            true => Err(Code::PasswordChangeRequired.into()),
            false => Ok(who),
        }
    }

    /// Looks something up before work that must not hold a transaction, such as hashing.
    ///
    /// # Errors
    /// What `f` returns, or the database's.
    pub async fn look<T>(&self, f: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
        self.within(Mode::Read, f).await
    }

    /// Writes what the server keeps for itself beside a request, which is nobody's act and so no
    /// event: a try that is counted before it is known to be right, a hash that is made anew.
    ///
    /// # Errors
    /// What `f` returns, or the database's.
    pub async fn keep<T>(&self, f: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
        self.within(Mode::Write, f).await
    }

    /// Looks through a policy, which may take its time: aside, and once at a time in a tenant.
    /// Nothing of it needs the database, so no transaction should wait for it.
    ///
    /// # Errors
    /// The work panicked.
    pub async fn aside<T: Send + 'static>(&self, work: impl FnOnce(&Stop) -> Option<T> + Send + 'static) -> Result<T> {
        let turn = self.app.policies.turn(self.tenant.id).await;
        aside(move |stop| {
            let _turn = turn;
            work(stop)
        })
        .await
    }

    pub(super) async fn within<T>(&self, mode: Mode, f: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
        self.app.db.run(self.tenant.id, mode, f).await
    }

    /// What the audit trail keeps of this request.
    fn event(&self, outcome: Outcome) -> audit::Act<'_> {
        audit::Act {
            actor: self.who.as_ref().map(|who| (who.user, who.name.as_str(), who.session)),
            client: Some(&self.client),
            action: self.permission.id,
            object: match (self.object.as_str(), &self.who) {
                ("-", Some(who)) => &who.name,
                (object, _) => object,
            },
            outcome,
        }
    }

    /// Keeps that somebody tried what they may not do. That it cannot be kept is no reason to
    /// answer something else.
    pub(super) async fn note_denial(&self, code: Code) {
        let Some(who) = &self.who else { return };
        if !self.app.denials.count(self.tenant.id, who.user).await {
            tracing::warn!(user = who.name, action = self.permission.id, "denied once more");
            return;
        }
        let act = self.event(Outcome::Denied(code));
        let kept = self
            .within(Mode::Write, async |tx| audit::append(tx, &self.app.master, act).await)
            .await;
        if let Err(error) = kept {
            tracing::error!(%error, "a denial is missing in the audit trail");
        }
    }

    /// The tenant's signing keys.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn keys(&self) -> Result<Arc<KeyRing>> {
        self.app.keys(self.tenant.id).await
    }

    /// The tenant's base URL, which is also the issuer of its tokens.
    #[must_use]
    pub fn tenant_url(&self) -> String {
        self.app.tenant_url(&self.tenant)
    }

    /// Where people reach this path of the console group.
    #[must_use]
    pub fn console_url(&self, path: &str) -> String {
        format!("{}{}{path}", self.tenant_url(), groups::CONSOLE.base)
    }
}
