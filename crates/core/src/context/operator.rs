//! The operator of the instance.

use super::Services;
use crate::{
    access::{Authority, policy::OWNER},
    audit::{self, Outcome},
    kit::{
        db::{Mode, Tx},
        error::Result,
        id::TenantId,
    },
};

/// The operator of the instance, at work on a tenant from the command line.
pub struct Operator<'a> {
    services: &'a Services,
    tenant: TenantId,
}

impl<'a> Operator<'a> {
    /// At work on this tenant.
    #[must_use]
    pub fn new(services: &'a Services, tenant: TenantId) -> Self {
        Self { services, tenant }
    }

    /// Looks something up.
    ///
    /// # Errors
    /// What `f` returns.
    pub async fn read<T>(&self, f: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
        self.services.db.run(self.tenant, Mode::Read, f).await
    }

    /// Runs `f` in one transaction, committed with an audit event of this action on `object` if it
    /// changed something.
    ///
    /// # Errors
    /// What `f` returns.
    pub async fn write<T>(&self, action: &str, object: &str, f: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
        let audited = async |tx: &Tx| {
            let value = f(tx).await?;
            if tx.has_changes() {
                let act = audit::Act {
                    actor: None,
                    peer: None,
                    action,
                    object,
                    outcome: Outcome::Done,
                };
                audit::append(tx, &self.services.master, act).await?;
            }
            Ok(value)
        };
        self.services.db.run(self.tenant, Mode::Write, audited).await
    }

    /// The same for an act on users, under the rules that hold for an owner who acts on them. Such acts
    /// take turns.
    ///
    /// # Errors
    /// What `f` returns.
    pub async fn act<T>(
        &self,
        action: &str,
        object: &str,
        f: impl AsyncFnOnce(&Tx, Authority) -> Result<T>,
    ) -> Result<T> {
        let authorized = async |tx: &Tx| {
            tx.lock("policy").await?;
            let policy = self.services.policies.current(tx).await?;
            let roles = vec![OWNER.to_owned()];
            policy.ready(&roles).await?;
            f(
                tx,
                Authority {
                    me: None,
                    policy,
                    roles,
                },
            )
            .await
        };
        self.write(action, object, authorized).await
    }
}
