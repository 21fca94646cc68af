//! What the contexts of all requests share.

use crate::{
    access::{Policies, live::LiveCallers},
    audit::{Denials, Limited},
    kit::{clock::Clock, db::Db, secret::MasterKey},
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
