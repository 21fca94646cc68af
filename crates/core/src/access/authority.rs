//! What a caller may do to others: the escalation rule.

use super::{
    Policy,
    blocking::run_blocking,
    permission::PermissionDef,
    principal::{Principal, Who},
};
use crate::kit::error::{Code, Result};
use std::{ops::Deref, sync::Arc};

/// What a caller may do to others, as their transaction finds it and nobody else can change
/// before it ends.
pub struct Authority {
    /// The caller; none is the operator.
    pub me: Option<Who>,
    /// The tenant's roles, and what they decide.
    pub policy: Arc<Policy>,
    pub(crate) roles: Vec<String>,
}

/// Whom the escalation rule protects.
pub trait Subject {
    /// Who it is.
    fn who(&self) -> Who;
    /// Names of their roles.
    fn roles(&self) -> &[String];
}

/// A user or an application on which the caller may act: one that may do no more than the caller, or the caller
/// themself. What acts on them takes one of these, so that it cannot forget to ask.
#[derive(Debug)]
pub struct Managed<T>(T);

impl<T> Managed<T> {
    /// The user.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Managed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl Principal {
    /// The caller, to act on themself.
    ///
    /// # Errors
    /// It is somebody else.
    pub fn themself<T: Subject>(&self, subject: T) -> Result<Managed<T>> {
        match subject.who() == self.who {
            true => Ok(Managed(subject)),
            false => Err(anyhow::anyhow!("an act on oneself was about {:?}", subject.who()).into()),
        }
    }
}

impl Authority {
    /// The escalation rule: nobody acts on a user who may do what they may not.
    ///
    /// # Errors
    /// [`Code::Escalation`].
    pub async fn over<T: Subject>(&self, subject: T) -> Result<Managed<T>> {
        self.may_give(subject.roles()).await?;
        Ok(Managed(subject))
    }

    /// Whether the caller has this permission on everything.
    #[must_use]
    pub fn has(&self, permission: &PermissionDef) -> bool {
        self.permits(permission, "*")
    }

    /// Whether the caller has this permission on the object of this name.
    #[must_use]
    pub fn permits(&self, permission: &PermissionDef, name: &str) -> bool {
        self.policy.permits(&self.roles, permission, name)
    }

    /// The escalation rule: nobody gives what they do not have.
    ///
    /// # Errors
    /// [`Code::Escalation`] if these roles permit what the caller's do not.
    pub async fn may_give(&self, roles: &[String]) -> Result<()> {
        self.may_give_in(&self.policy, roles).await
    }

    /// The same for what roles will permit by another policy.
    ///
    /// # Errors
    /// [`Code::Escalation`].
    pub async fn may_give_in(&self, theirs: &Arc<Policy>, roles: &[String]) -> Result<()> {
        match self.policy.covers_async(&self.roles, theirs, roles).await? {
            true => Ok(()),
            false => Err(Code::Escalation.into()),
        }
    }

    /// Roles of the tenant that permit what the caller's do not.
    pub async fn above(&self) -> Result<Vec<String>> {
        let (policy, roles) = (self.policy.clone(), self.roles.clone());
        run_blocking(move |stop| {
            policy.decide_each(stop)?;
            let mut above = vec![];
            for role in policy.roles().map(|role| &role.name) {
                stop.check()?;
                if !policy.covers(&roles, &policy, std::slice::from_ref(role)) {
                    above.push(role.clone());
                }
            }
            Some(above)
        })
        .await
    }
}
