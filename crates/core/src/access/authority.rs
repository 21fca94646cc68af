//! What a caller may do to others: the escalation rule.

use super::{Policy, blocking::run_blocking};
use crate::kit::{
    error::{Code, Result},
    id::UserId,
};
use std::sync::Arc;

/// What a caller may do to others, as their transaction finds it and nobody else can change
/// before it ends.
pub struct Authority {
    /// The caller.
    pub me: UserId,
    /// The tenant's roles, and what they decide.
    pub policy: Arc<Policy>,
    pub(crate) roles: Vec<String>,
}

impl Authority {
    /// The escalation rule: nobody gives what they do not have, nor acts on a user who may do more.
    ///
    /// # Errors
    /// [`Code::Escalation`] if these roles permit what the caller's do not.
    pub async fn over(&self, roles: &[String]) -> Result<()> {
        self.over_in(&self.policy, roles).await
    }

    /// The same for what roles will permit by another policy.
    ///
    /// # Errors
    /// [`Code::Escalation`].
    pub async fn over_in(&self, theirs: &Arc<Policy>, roles: &[String]) -> Result<()> {
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
