//! Contexts in which it is known who calls.

use super::RequestContext;
use crate::{
    access::{Authority, principal::Principal},
    kit::{
        db::Tx,
        error::{Code, Error, Result},
        id::UserId,
    },
};
use std::{ops::Deref, sync::Arc};

/// The context of a signed-in user, or of an application that calls for itself.
pub struct Signed {
    context: RequestContext,
    /// Who it is.
    pub me: Arc<Principal>,
}

/// The context of a signed-in user.
pub struct Person {
    signed: Signed,
    /// Who it is.
    pub user: UserId,
}

impl Signed {
    /// Of a context in which somebody is signed in.
    ///
    /// # Errors
    /// [`Code::Unauthenticated`] if nobody is.
    pub fn new(context: RequestContext) -> Result<Self> {
        let me = context.who.clone().ok_or_else(|| Error::from(Code::Unauthenticated))?;
        Ok(Self { context, me })
    }

    /// What is shown of the caller, which `read` reads. As long as nothing of it changes it is not read
    /// again for the next request.
    ///
    /// # Errors
    /// What `read` returns.
    pub async fn read_own<T: Send + Sync + 'static>(&self, read: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<Arc<T>> {
        let Some((live, epoch)) = &self.live else {
            return Box::pin(self.read(read)).await.map(Arc::new);
        };
        if let Some(own) = live.own(*epoch) {
            return Ok(own);
        }
        let own = Arc::new(Box::pin(self.read(read)).await?);
        live.keep_own(*epoch, own.clone());
        Ok(own)
    }

    /// Runs an act on others in one transaction, with what the caller may do to them as that
    /// transaction finds it. Such acts take turns, so that none decides by what another is changing.
    ///
    /// # Errors
    /// What `f` returns; [`Code::Forbidden`] if the permission was lost meanwhile,
    /// [`Code::Unauthenticated`] if the caller was signed out, disabled or deleted.
    pub async fn act<T>(&self, f: impl AsyncFnOnce(&Tx, Authority) -> Result<T>) -> Result<T> {
        let authorize = async |tx: &Tx| {
            tx.lock("policy").await?;
            let now = self.reauthorize(tx).await?.ok_or(Code::Unauthenticated)?;
            let (Principal { who, roles, .. }, policy) = now;
            let me = Some(who);
            Ok(Authority { me, policy, roles })
        };
        self.transact(authorize, f, |_| None).await
    }
}

impl Person {
    /// Of a context in which somebody is signed in.
    ///
    /// # Errors
    /// [`Code::PersonRequired`] if it is a program that calls for itself.
    pub fn new(signed: Signed) -> Result<Self> {
        let user = signed.me.person()?;
        Ok(Self { signed, user })
    }
}

impl Deref for Person {
    type Target = Signed;

    fn deref(&self) -> &Signed {
        &self.signed
    }
}

impl Deref for Signed {
    type Target = RequestContext;

    fn deref(&self) -> &RequestContext {
        &self.context
    }
}
