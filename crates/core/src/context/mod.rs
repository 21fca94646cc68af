//! A request that may act: the only way to a transaction of a tenant, and the record of what is done
//! in it.

mod operator;
mod services;
mod signed;

pub use operator::Operator;
pub use services::{Parts, Services};
pub use signed::{Person, Signed};

use crate::{
    access::{
        Policy,
        blocking::{Stop, run_blocking},
        live::{Key, LiveCaller},
        permission::{Permission, PermissionDef, TO_CHANGE_PASSWORD},
        principal::{self, Credential, Found, Lifetime, Principal},
    },
    audit::{self, Outcome},
    idempotency::Claim,
    kit::{
        db::{Epoch, Mode, SystemTx, Tx},
        error::{Code, Error, Result},
        http::Peer,
    },
    tenant::Tenant,
};
use futures_util::FutureExt;
use poem::http::StatusCode;
use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

/// A caller whose permission has been checked, in their tenant.
pub struct RequestContext {
    /// What all contexts share.
    pub services: Services,
    /// The tenant of the request.
    pub tenant: Tenant,
    /// The far end of the request.
    pub peer: Peer,
    /// Who calls, if it is known.
    pub who: Option<Arc<Principal>>,
    /// The tenant's roles, and what they decide.
    pub policy: Arc<Policy>,
    /// The caller as kept for the next request, and the epoch of this one.
    live: Option<(Arc<LiveCaller>, Epoch)>,
    /// What the act says with that it is done, if the request may come again.
    pub claim: OnceLock<Arc<Claim>>,
    permission: &'static PermissionDef,
    /// What the path names, `-` for the caller's own, `*` for all.
    object: String,
}

/// A request with a caller that is not known yet. Only the extractors name it.
pub struct UnknownCaller(RequestContext);

impl UnknownCaller {
    /// A request for permission `P`.
    #[must_use]
    pub fn new<P: Permission>(services: Services, tenant: Tenant, peer: Peer) -> Self {
        Self(RequestContext {
            policy: services.policies.built_in().clone(),
            services,
            tenant,
            peer,
            who: None,
            live: None,
            claim: OnceLock::new(),
            permission: P::DEF,
            object: "*".to_owned(),
        })
    }

    /// The same for the object of this name.
    #[must_use]
    pub fn about(mut self, object: String) -> Self {
        self.0.object = object;
        self
    }

    /// Whether the permission only reads.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        self.0.permission.reads
    }

    /// The same, with the user of a credential, if it is good. As long as nothing changes it is not
    /// read again for the next request, and `credential` is not asked whether its signature is right.
    ///
    /// It answers the tenant's epoch as well if it asked for it, as it does where a key may have been
    /// withdrawn.
    pub async fn authenticate_live(
        mut self,
        key: Key,
        credential: impl AsyncFnOnce(&RequestContext) -> Result<Option<(Credential, Option<Epoch>)>>,
    ) -> Result<Self> {
        let Parts { live, db, clock, .. } = &*self.0.services;
        if let Some(live) = live.get(&key) {
            let epoch = db.epoch(self.0.tenant.id).await?;
            if live.holds(epoch, clock.now()) {
                self.0.who = Some(live.who.clone());
                self.0.policy = live.policy.clone();
                self.0.live = Some((live, epoch));
                return Ok(self);
            }
        }
        // Boxed, as all that is rare here: what is not makes the future of every request larger, which is
        // copied from hand to hand.
        Box::pin(self.authenticate_anew(key, credential)).await
    }

    async fn authenticate_anew(
        mut self,
        key: Key,
        credential: impl AsyncFnOnce(&RequestContext) -> Result<Option<(Credential, Option<Epoch>)>>,
    ) -> Result<Self> {
        let services = self.0.services.clone();
        let (tenant, now) = (self.0.tenant.id, services.clock.now());
        // Before any database is asked: anybody can send a token that nobody signed.
        let Some((credential, epoch)) = credential(&self.0).await? else {
            return Ok(self);
        };
        // Before what is kept is read.
        let epoch = match epoch {
            Some(epoch) => epoch,
            None => services.db.epoch(tenant).await?,
        };
        let lifetime = self.find(&credential).await?;
        if let (Some(who), Some(lifetime)) = (&self.0.who, lifetime) {
            let found = (who.clone(), self.0.policy.clone(), lifetime);
            let live = Arc::new(LiveCaller::new(found, now, credential.expires_at(), epoch));
            services.live.insert(key, live.clone());
            self.0.live = Some((live, epoch));
        }
        Ok(self)
    }

    /// The same, with the user of this credential, if it is good.
    pub async fn authenticate(mut self, credential: &Credential) -> Result<Self> {
        self.find(credential).await?;
        Ok(self)
    }

    async fn find(&mut self, credential: &Credential) -> Result<Option<Lifetime>> {
        let context = &self.0;
        let found = context
            .read(async |tx| match principal::authenticate(tx, credential).await? {
                Some(found) => {
                    let policy = context.services.policies.at(tx, found.revision).await?;
                    Ok(Some((found, policy)))
                }
                None => Ok(None),
            })
            .await?;
        let Some((Found { who, lifetime, .. }, policy)) = found else {
            return Ok(None);
        };
        if let Some(session) = who.session.filter(|_| who.stale) {
            let touch = async |tx: &Tx| principal::touch(tx, session).await;
            context.write_unaudited(touch).await?;
        }
        (self.0.who, self.0.policy) = (Some(Arc::new(who)), policy);
        Ok(lifetime)
    }

    /// A context that may act, if the caller has the permission.
    ///
    /// # Errors
    /// [`Code::Unauthenticated`], [`Code::Forbidden`], [`Code::PasswordChangeRequired`].
    pub async fn permit(self, must_sign_in: bool) -> Result<RequestContext> {
        let context = self.0;
        if must_sign_in && context.who.is_none() {
            return Err(Code::Unauthenticated.into());
        }
        let roles = context.who.as_ref().map(|who| &who.roles[..]).unwrap_or_default();
        context.policy.ready(roles).await?;
        if let Err(denied) = context.check(&context.policy, context.who.as_deref()) {
            context.audit_denial(denied.code()).boxed().await;
            return Err(denied);
        }
        let must_change = context.who.as_ref().is_some_and(|who| who.must_change_password);
        let to_change = context.object == "-" && TO_CHANGE_PASSWORD.contains(&context.permission);
        if must_change && must_sign_in && !to_change {
            return Err(Code::PasswordChangeRequired.into());
        }
        Ok(context)
    }
}

/// Code that finds out the caller acts for an anonymous one meanwhile: it looks up keys and settings, and
/// counts tries.
impl Deref for UnknownCaller {
    type Target = RequestContext;

    fn deref(&self) -> &RequestContext {
        &self.0
    }
}

impl RequestContext {
    /// Runs `f` in one transaction: committed with its audit event if it succeeds, rolled back if
    /// it fails.
    ///
    /// # Errors
    /// What `f` returns.
    pub async fn run<T>(&self, f: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
        let authorize = async |tx: &Tx| self.reauthorize(tx).await;
        match self.permission.reads {
            true => self.read(f).await,
            false => self.transact(authorize, async |tx, _| f(tx).await, |_| None).await,
        }
    }

    /// As [`RequestContext::run`], for rules whose refusal must be committed as well: a try that was
    /// counted, a session that was ended. Of what an anonymous caller did, no limit counted and left
    /// nothing, no event is kept: anybody could send as many as they like.
    ///
    /// # Errors
    /// What `f` returns, outer or inner.
    pub async fn run_keeping_refusal<T>(&self, f: impl AsyncFnOnce(&Tx) -> Result<Result<T>>) -> Result<T> {
        let refusal = |verdict: &Result<T>| verdict.as_ref().err().map(Error::code);
        self.transact(
            async |tx| self.reauthorize(tx).await,
            async |tx, _| f(tx).await,
            refusal,
        )
        .await?
    }

    /// As [`RequestContext::run`], on what belongs to no tenant: `f` is committed first, and then what follows from it in
    /// the caller's own tenant, with the audit event. Jobs are for `follow` to add: with SQLite their lines are in the
    /// file that `f` writes.
    ///
    /// # Errors
    /// What `f` and `follow` return.
    pub async fn operate<A, T>(
        &self,
        f: impl AsyncFnOnce(&Tx, &SystemTx) -> Result<A>,
        follow: impl AsyncFnOnce(&Tx, A) -> Result<T>,
    ) -> Result<T> {
        let _turn = self.services.operating.lock().await;
        let within = async |tx: &Tx| {
            let db = &self.services.db;
            let done = db.run_system(Mode::Write, async |system| f(tx, system).await).await?;
            follow(tx, done).await
        };
        self.run(within).await
    }

    /// Looks up what belongs to no tenant.
    ///
    /// # Errors
    /// What `f` returns.
    pub async fn read_system<T>(&self, f: impl AsyncFnOnce(&SystemTx) -> Result<T>) -> Result<T> {
        self.services.db.run_system(Mode::Read, f).await
    }

    async fn transact<A, T>(
        &self,
        authorize: impl AsyncFnOnce(&Tx) -> Result<A>,
        f: impl AsyncFnOnce(&Tx, A) -> Result<T>,
        refusal: impl FnOnce(&T) -> Option<Code>,
    ) -> Result<T> {
        let done = self
            .write_unaudited(async |tx| {
                tx.expect(self.peer.preconditions.as_deref());
                let authorized = authorize(tx).await?;
                let value = f(tx, authorized).await?;
                let outcome = refusal(&value).map_or(Outcome::Done, Outcome::Refused);
                let is_free = self.who.is_none() && (outcome.is_wrong_token() || !tx.is_counted());
                let is_noise = self.permission.is_routine || is_free || tx.is_unchanged();
                if tx.has_changes() || !is_noise {
                    audit::append(tx, &self.services.master, self.event(outcome)).await?;
                }
                if let (Some(claim), Outcome::Done) = (self.claim.get(), outcome) {
                    claim.mark(tx).await?;
                }
                Ok(value)
            })
            .await;
        if let Err(error @ (Error::Refused(_) | Error::OutOfScope(_))) = &done
            && error.code().status() == StatusCode::FORBIDDEN
        {
            self.audit_denial(error.code()).await;
        }
        done
    }

    /// Whether what let the request in still does, and who it is then. The request may have taken its
    /// time to arrive, and a session that was ended meanwhile is to change nothing any more.
    async fn reauthorize(&self, tx: &Tx) -> Result<Option<(Principal, Arc<Policy>)>> {
        let Some(who) = &self.who else { return Ok(None) };
        let now = principal::reload(tx, who).await?.ok_or(Code::Unauthenticated)?;
        let policy = self.services.policies.at(tx, now.revision).await?;
        policy.ready(&now.who.roles).await?;
        self.check(&policy, Some(&now.who))?;
        Ok(Some((now.who, policy)))
    }

    /// Whether somebody may do what the request is for: by their roles, and by what they called by.
    fn check(&self, policy: &Policy, who: Option<&Principal>) -> Result<()> {
        may(policy, who, self.permission, &self.object)
    }

    /// The same of an application that proved who it is, as the protocol has it: by no credential of a caller.
    #[must_use]
    pub fn as_client(mut self, client: Principal) -> Self {
        self.who = Some(Arc::new(client));
        self
    }

    /// The name of the object that the request is about; `-` for the caller's own, `*` for all.
    #[must_use]
    pub fn object(&self) -> &str {
        &self.object
    }

    /// Asks whoever calls for one more permission on the object of the request.
    ///
    /// # Errors
    /// [`Code::Forbidden`], [`Error::OutOfScope`].
    pub fn require<P: Permission>(&self) -> Result<()> {
        may(&self.policy, self.who.as_deref(), P::DEF, &self.object)
    }

    /// Asks who is signed in for one more permission on what is their own, where one operation
    /// serves them and anybody.
    ///
    /// # Errors
    /// [`Code::Unauthenticated`], [`Code::Forbidden`], [`Code::PersonRequired`],
    /// [`Code::PasswordChangeRequired`].
    pub async fn require_own<P: Permission>(&self) -> Result<&Principal> {
        let who = self.who.as_ref().ok_or(Code::Unauthenticated)?;
        if let Err(denied) = may(&self.policy, Some(who), P::DEF, "-") {
            self.audit_denial(denied.code()).await;
            return Err(denied);
        }
        who.person()?;
        match who.must_change_password {
            true => Err(Code::PasswordChangeRequired.into()),
            false => Ok(who),
        }
    }

    /// Looks something up, such as before work that must not hold a transaction.
    ///
    /// # Errors
    /// What `f` returns.
    pub async fn read<T>(&self, f: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
        self.services.db.run(self.tenant.id, Mode::Read, f).await
    }

    /// Writes what the server keeps for itself beside a request, which is nobody's act and so no
    /// event: a try that is counted before it is known to be right, a hash that is made anew.
    ///
    /// # Errors
    /// What `f` returns.
    pub async fn write_unaudited<T>(&self, f: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
        self.services.db.run(self.tenant.id, Mode::Write, f).await
    }

    /// Looks through a policy, which may take its time: on another thread, and once at a time in a tenant.
    /// Nothing of it needs the database, so no transaction should wait for it.
    pub async fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Stop) -> Option<T> + Send + 'static,
    ) -> Result<T> {
        let turn = self.services.policies.turn(self.tenant.id).await;
        run_blocking(move |stop| {
            let _turn = turn;
            work(stop)
        })
        .await
    }

    /// What the audit trail keeps of this request.
    fn event(&self, outcome: Outcome) -> audit::Act<'_> {
        audit::Act {
            actor: self
                .who
                .as_ref()
                .map(|who| (who.who.user(), who.name.as_str(), who.session)),
            peer: Some(&self.peer),
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
    async fn audit_denial(&self, code: Code) {
        let Some(who) = &self.who else { return };
        if !self.services.denials.count(self.tenant.id, who.who.uuid()).await {
            tracing::warn!(user = who.name, action = self.permission.id, "denied once more");
            return;
        }
        let act = self.event(Outcome::Denied(code));
        let append = async |tx: &Tx| audit::append(tx, &self.services.master, act).await;
        if let Err(error) = self.write_unaudited(append).await {
            tracing::error!(%error, "a denial is missing in the audit trail");
        }
    }

    /// The tenant's base URL, which is also the issuer of its tokens.
    #[must_use]
    pub fn tenant_url(&self) -> String {
        self.services.urls.of(&self.tenant)
    }
}

/// Whether the caller may do this: by their roles, and if not everybody may, by what they called by.
fn may(policy: &Policy, who: Option<&Principal>, permission: &'static PermissionDef, object: &str) -> Result<()> {
    let roles = who.map(|who| &who.roles[..]).unwrap_or_default();
    if !policy.permits(roles, permission, object) {
        return Err(Code::Forbidden.into());
    }
    let is_granted = who.is_none_or(|who| who.is_granted(permission));
    match is_granted || policy.permits(&[], permission, object) {
        true => Ok(()),
        false => Err(Error::OutOfScope(permission.id)),
    }
}
