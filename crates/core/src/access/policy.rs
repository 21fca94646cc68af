//! Casbin's place: may these roles do this on that object?
//!
//! A policy is the roles of one tenant. Casbin scans every row on every decision, so it is asked
//! once about each set of roles that somebody holds, when the set is first seen: about every
//! permission, for each object that a rule names and for all others. What it answered is kept as
//! long as the policy. Who holds which roles comes in with the question.

pub use super::role::{ANONYMOUS, Effect, Made, OWNER, Role, Rule, USER, built_in};
use super::{
    blocking::{Stop, run_blocking},
    bounds::Size,
    enforcer::Decisions,
    permission::{self, PermissionDef},
};
use crate::kit::error::{Code, Error, Result};
use futures_util::FutureExt;
use serde_json::value::RawValue;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

/// Sets of roles a policy keeps decisions for; when there are more, it begins anew.
const MOST_SETS: usize = 1_024;

/// The roles of one tenant, and what they decide.
pub struct Policy {
    /// Counts the changes to the tenant's roles; 0 if it has only those that are built in.
    pub revision: i64,
    roles: BTreeMap<String, Role>,
    /// Each role with all it inherits, itself first.
    closures: HashMap<String, Vec<String>>,
    /// Each role as answers have it, written when it is first wanted.
    written: HashMap<String, OnceLock<Arc<RawValue>>>,
    decided: RwLock<HashMap<Vec<String>, Arc<Decisions>>>,
    /// Sets are decided one after the other, so that many requests of one set decide it once.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Policy {
    /// A policy of the built-in roles and these.
    #[must_use]
    pub fn new(revision: i64, own: impl IntoIterator<Item = Role>) -> Self {
        let mut roles = built_in();
        for role in own {
            roles.entry(role.name.clone()).or_insert(role);
        }
        let closures = roles.keys().map(|name| (name.clone(), closure(&roles, name))).collect();
        let written = roles.keys().map(|name| (name.clone(), OnceLock::new())).collect();
        Self {
            revision,
            roles,
            closures,
            written,
            decided: RwLock::default(),
            turn: Arc::default(),
        }
    }

    /// Whether holders of these roles have this permission on the object of this name: `*` for
    /// all or any, `-` for the caller's own. A set of roles that comes for the first time is decided
    /// here and now; see [`Policy::ready`].
    #[must_use]
    pub fn permits(&self, roles: &[String], permission: &PermissionDef, name: &str) -> bool {
        let decided = self.decided.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(decisions) = decided.get(roles) {
            return decisions.about(permission, name);
        }
        drop(decided);
        let decisions = self.decisions(roles, &Stop::default());
        decisions.is_some_and(|decisions| decisions.about(permission, name))
    }

    /// Sees to it that [`Policy::permits`] looks up what it says of these roles. What takes long
    /// is done by [`run_blocking`].
    pub async fn ready(self: &Arc<Self>, roles: &[String]) -> Result<()> {
        match self.known(roles) {
            Some(_) => Ok(()),
            None => self.prepare(roles).boxed().await,
        }
    }

    async fn prepare(self: &Arc<Self>, roles: &[String]) -> Result<()> {
        // All tenants share the policy of the built-in roles, which is decided quickly.
        let turn = match self.revision {
            0 => None,
            _ => Some(self.turn.clone().lock_owned().await),
        };
        let (policy, roles) = (self.clone(), roles.to_vec());
        run_blocking(move |stop| {
            let _turn = turn;
            policy.decide(&roles, stop)
        })
        .await
    }

    /// Decides about each role by itself; none if it was stopped.
    pub fn decide_each(&self, stop: &Stop) -> Option<()> {
        let mut names = self.roles.keys();
        names.try_for_each(|name| self.decide(std::slice::from_ref(name), stop))
    }

    /// Decides about these roles, so that [`Policy::permits`] looks it up; none if it was stopped.
    pub fn decide(&self, roles: &[String], stop: &Stop) -> Option<()> {
        self.decisions(roles, stop).map(drop)
    }

    fn known(&self, roles: &[String]) -> Option<Arc<Decisions>> {
        let decided = self.decided.read().unwrap_or_else(PoisonError::into_inner);
        decided.get(roles).cloned()
    }

    /// What is decided about these roles; none if it was stopped before that was known.
    fn decisions(&self, roles: &[String], stop: &Stop) -> Option<Arc<Decisions>> {
        if let Some(decisions) = self.known(roles) {
            return Some(decisions);
        }
        let held: Vec<&str> = roles.iter().map(String::as_str).chain([ANONYMOUS]).collect();
        let decisions = Arc::new(Decisions::of(&held, &self.held(roles), stop)?);
        let mut decided = self.decided.write().unwrap_or_else(PoisonError::into_inner);
        if decided.len() >= MOST_SETS {
            decided.clear();
        }
        decided.insert(roles.to_vec(), decisions.clone());
        Some(decisions)
    }

    /// These roles and all they inherit, and what everybody may.
    fn held(&self, roles: &[String]) -> Vec<&Role> {
        let names: BTreeSet<&str> = roles
            .iter()
            .filter_map(|role| self.closures.get(role))
            .flatten()
            .map(String::as_str)
            .chain([ANONYMOUS])
            .collect();
        names.into_iter().filter_map(|name| self.roles.get(name)).collect()
    }

    /// These roles and all they inherit, as far as the tenant has them.
    #[must_use]
    pub fn with_inherited(&self, roles: &[String]) -> Vec<&Role> {
        let mut held = self.held(roles);
        held.retain(|role| role.name != ANONYMOUS);
        held
    }

    /// Every permission that holders of these roles have, as `resource:verb`, with `@self` if only
    /// for what is their own.
    #[must_use]
    pub fn all_permitted(&self, roles: &[String]) -> Vec<String> {
        let word = |known: &&PermissionDef| match (self.permits(roles, known, "*"), self.permits(roles, known, "-")) {
            (true, _) => Some(known.id.to_owned()),
            (false, true) => Some(format!("{}@self", known.id)),
            (false, false) => None,
        };
        permission::ALL.iter().filter_map(word).collect()
    }

    /// Names of objects that rules of these roles single out for this permission, and `*` and `-`.
    #[must_use]
    pub fn objects(&self, roles: &[String], permission: &PermissionDef) -> BTreeSet<&str> {
        let rules = self.held(roles).into_iter().flat_map(|role| &role.rules);
        rules
            .filter(|rule| rule.concerns(permission))
            .flat_map(Rule::objects)
            .chain(["*", "-"])
            .collect()
    }

    /// Whether holders of `above` may do, by this policy, all that holders of `below` may by
    /// `theirs`: the escalation rule.
    #[must_use]
    pub fn covers(&self, above: &[String], theirs: &Self, below: &[String]) -> bool {
        permission::ALL.iter().all(|permission| {
            let objects = self.objects(above, permission).into_iter();
            let mut objects = objects.chain(theirs.objects(below, permission));
            objects.all(|name| !theirs.permits(below, permission, name) || self.permits(above, permission, name))
        })
    }

    /// [`Policy::covers`] by [`run_blocking`].
    pub async fn covers_async(
        self: &Arc<Self>,
        above: &[String],
        theirs: &Arc<Self>,
        below: &[String],
    ) -> Result<bool> {
        let (ours, theirs) = (self.clone(), theirs.clone());
        let (above, below) = (above.to_vec(), below.to_vec());
        run_blocking(move |stop| {
            ours.decide(&above, stop)?;
            theirs.decide(&below, stop)?;
            Some(ours.covers(&above, &theirs, &below))
        })
        .await
    }

    /// Whether the tenant has all of these roles, so that they can be given.
    ///
    /// # Errors
    /// [`Code::RoleUnknown`]; [`Error::Invalid`] if they are too much together.
    pub fn check_known(&self, roles: &[String]) -> Result<()> {
        if roles.iter().any(|role| self.role(role).is_none()) {
            return Err(Code::RoleUnknown.into());
        }
        let size = Size::of(&self.with_inherited(roles));
        let excess = size.excess(Size::default(), "these roles");
        excess.map_or(Ok(()), |(_, why)| Err(Error::field("roles", "length", why)))
    }

    /// How large the role of this name is with all it inherits.
    #[must_use]
    pub fn size(&self, role: &str) -> Size {
        let closure = self.closure(role).iter();
        Size::of(&closure.filter_map(|name| self.roles.get(name)).collect::<Vec<_>>())
    }

    /// The role of this name, if it is one that can be given.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.get(name).filter(|role| role.name != ANONYMOUS)
    }

    /// The role of this name as answers have it. It is written once: many users of a page have the same.
    #[must_use]
    pub fn written(&self, name: &str, write: impl FnOnce(&Role) -> Box<RawValue>) -> Option<Arc<RawValue>> {
        let (role, written) = (self.roles.get(name)?, self.written.get(name)?);
        Some(written.get_or_init(|| write(role).into()).clone())
    }

    /// Every role, by name.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
    }

    /// The role of this name and all it inherits, itself first.
    #[must_use]
    pub fn closure(&self, role: &str) -> &[String] {
        self.closures.get(role).map(Vec::as_slice).unwrap_or_default()
    }

    /// The tenant's own roles, without this one.
    pub fn own_but(&self, name: &str) -> impl Iterator<Item = Role> {
        let own = self.roles.values().filter(|role| role.made.is_some());
        own.filter(move |role| role.name != name).cloned()
    }
}

/// A role and all it inherits, itself first. A circle, which cannot be stored, would end here too.
fn closure(roles: &BTreeMap<String, Role>, name: &str) -> Vec<String> {
    let mut found = vec![name.to_owned()];
    let mut next = 0;
    while let Some(role) = found.get(next) {
        let parents = roles.get(role).map(|role| role.inherits.clone()).unwrap_or_default();
        for parent in parents {
            if !found.contains(&parent) {
                found.push(parent);
            }
        }
        next += 1;
    }
    found
}
