//! What the contexts of all requests share.

use crate::{
    access::{
        Authority, Policies,
        live::LiveCallers,
        permission::PermissionDef,
        principal::{self, Principal, Who},
    },
    audit::{Denials, Limited},
    kit::{
        clock::Clock,
        db::{Db, Tx},
        error::Result,
        secret::MasterKey,
    },
    tenant::Urls,
};
use std::{ops::Deref, sync::Arc};

/// What the contexts of all requests share. Cheap to clone; clones are the same.
#[derive(Clone)]
pub struct Services(Arc<Parts>);

/// What is in [`Services`].
pub struct Parts {
    /// The databases.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Seals secrets at rest.
    pub master: MasterKey,
    /// Where people reach the server.
    pub urls: Urls,
    /// The tenants' roles, and what they decide.
    pub policies: Policies,
    pub(crate) live: LiveCallers,
    /// Callers that were denied something lately.
    pub denials: Denials,
    /// Names that limits refused a sign-in lately.
    pub limited: Limited,
    /// The turn of who changes what belongs to no tenant: it takes two transactions at once, of which nobody may hold
    /// one while they wait for the other.
    pub(crate) operating: tokio::sync::Mutex<()>,
}

impl Deref for Services {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Tenants whose roles are kept ready, some kilobytes each.
const ACTIVE_TENANTS: u64 = 2_000;

impl Services {
    /// What somebody may do to others who asked for what is done in this transaction: nothing if they may not sign in any
    /// more, or lost the permission. Such acts take turns.
    pub async fn authority_of(
        &self,
        tx: &Tx,
        who: Who,
        permission: &'static PermissionDef,
    ) -> Result<Option<(Principal, Authority)>> {
        tx.lock("policy").await?;
        let Some(found) = principal::find(tx, who).await? else {
            return Ok(None);
        };
        let policy = self.policies.at(tx, found.revision).await?;
        let roles = found.who.roles.clone();
        policy.ready(&roles).await?;
        let me = Some(who);
        let may = policy.permits(&roles, permission, "*");
        Ok(may.then_some((found.who, Authority { me, policy, roles })))
    }

    /// Over these databases.
    #[must_use]
    pub fn new(db: Db, clock: Clock, master: MasterKey, urls: Urls) -> Self {
        Self(Arc::new(Parts {
            db,
            clock,
            master,
            urls,
            policies: Policies::new(ACTIVE_TENANTS),
            live: LiveCallers::default(),
            denials: Denials::default(),
            limited: Limited::default(),
            operating: tokio::sync::Mutex::default(),
        }))
    }
}
