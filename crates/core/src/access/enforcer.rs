//! Casbin, asked everything about the holders of one set of roles.
//!
//! Each set has an enforcer of its own, with the rules of its roles and who inherits whom, and only
//! while it is asked. Casbin reads all rows on every question, so they are sorted by permission
//! first, as an index does: a row too many would change nothing, since the matcher looks at the
//! role, the resource, the verb and the name of each.

use super::{
    blocking::Stop,
    permission::{self, PermissionDef},
    role::{Effect, Role, Rule},
};
use casbin::{
    CoreApi, DefaultModel, DefaultRoleManager, EnforceArgs, NullAdapter,
    function_map::OperatorFunction,
    rhai::{Dynamic, ImmutableString},
};
use futures_util::FutureExt;
use parking_lot::RwLock;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, LazyLock},
};

/// The holder of the roles: a name that no role can have.
const HOLDER: &str = "@";

static MODEL: LazyLock<DefaultModel> = LazyLock::new(|| {
    // Nothing of it is read from anywhere: it only calls itself asynchronous.
    let model = DefaultModel::from_str(include_str!("model.conf")).now_or_never();
    let model = model.expect("a model in memory is there at once");
    model.expect("model.conf is a model")
});

/// The decisions on holders of one set of roles.
pub(crate) struct Decisions {
    /// The permissions on objects that no rule names.
    general: Permissions,
    /// By the name of an object, the permissions of which rules name it, and those that are
    /// permitted on it.
    named: HashMap<String, (Permissions, Permissions)>,
}

/// A set of permissions, a bit for each: many decisions are kept.
#[derive(Clone, Copy, Default)]
struct Permissions([u64; WORDS]);

/// Words of 64 bits in which every permission has a bit.
const WORDS: usize = permission::ALL.len().div_ceil(64);

impl Permissions {
    fn has(self, permission: &PermissionDef) -> bool {
        self.0[permission.number / 64] >> (permission.number % 64) & 1 == 1
    }

    fn set(&mut self, permission: &PermissionDef, has: bool) {
        self.0[permission.number / 64] |= u64::from(has) << (permission.number % 64);
    }
}

impl Decisions {
    pub(super) fn about(&self, permission: &PermissionDef, name: &str) -> bool {
        let named = self.named.get(name).filter(|(named, _)| named.has(permission));
        named.map_or(self.general, |(_, permitted)| *permitted).has(permission)
    }

    /// Asks about each permission on every object that a rule names, and on all others; none if
    /// it was stopped. The roles are those that are `held` and all they inherit.
    pub(super) fn of(held: &[&str], roles: &[&Role], stop: &Stop) -> Option<Self> {
        let mut decisions = Self {
            general: Permissions::default(),
            named: HashMap::new(),
        };
        let mut enforcer = Enforcer::new(held, roles);
        for permission in permission::ALL {
            let rules: Vec<(&Role, &Rule)> = roles
                .iter()
                .flat_map(|role| role.rules.iter().map(|rule| (*role, rule)))
                .filter(|(_, rule)| rule.concerns(permission))
                .collect();
            enforcer.set_rules(&rules);
            decisions.general.set(permission, enforcer.permits(permission, "*"));
            let objects: BTreeSet<&str> = rules.iter().flat_map(|(_, rule)| rule.objects()).collect();
            for object in objects.into_iter().filter(|object| *object != "*") {
                let (named, permitted) = decisions.named.entry(object.to_owned()).or_default();
                named.set(permission, true);
                permitted.set(permission, enforcer.permits(permission, object));
                stop.check()?;
            }
            stop.check()?;
        }
        Some(decisions)
    }
}

/// Casbin with the roles of somebody.
pub(super) struct Enforcer(casbin::Enforcer);

impl Enforcer {
    /// One for the holder of these roles, with all they inherit.
    pub(super) fn new(held: &[&str], roles: &[&Role]) -> Self {
        let enforcer = casbin::Enforcer::new_raw(MODEL.clone(), NullAdapter).now_or_never();
        let enforcer = enforcer.expect("a model in memory is there at once");
        let mut enforcer = enforcer.expect("model.conf compiles");
        enforcer.add_function("lists", OperatorFunction::Arg2(lists));
        let held = held.iter().map(|role| vec![HOLDER.to_owned(), (*role).to_owned()]);
        let inherits = |role: &&Role| {
            let heir = role.name.clone();
            let parents = role.inherits.clone().into_iter();
            parents.map(move |parent| vec![heir.clone(), parent])
        };
        let links = held.chain(roles.iter().flat_map(inherits)).collect();
        let mut enforcer = Self(enforcer);
        enforcer.set_rows("g", links);
        // Casbin's own looks no further than ten roles up, and would miss a denial beyond.
        let depth = roles.len() + 2;
        let links = Arc::new(RwLock::new(DefaultRoleManager::new(depth)));
        enforcer
            .0
            .set_role_manager(links)
            .expect("g has two fields, as its rows");
        enforcer
    }

    /// Knows these rules from now on, and no others.
    pub(super) fn set_rules(&mut self, rules: &[(&Role, &Rule)]) {
        let row = |(role, rule): &(&Role, &Rule)| {
            let effect = match rule.effect {
                Effect::Allow => "allow",
                Effect::Deny => "deny",
            };
            let objects: Vec<&str> = rule.objects().collect();
            vec![
                role.name.clone(),
                rule.resources.join("\n"),
                rule.verbs.join("\n"),
                objects.join("\n"),
                effect.to_owned(),
            ]
        };
        self.set_rows("p", rules.iter().map(row).collect());
    }

    /// Not by `add_policies`: that drops all rows if one is there already.
    fn set_rows(&mut self, section: &str, rows: Vec<Vec<String>>) {
        let sections = self.0.get_mut_model().get_mut_model();
        let section = sections.get_mut(section).and_then(|of| of.get_mut(section));
        let policy = section.expect("model.conf has the section").get_mut_policy();
        policy.clear();
        policy.extend(rows);
    }

    /// Whether the holder has this permission on the object of this name.
    pub(super) fn permits(&self, permission: &PermissionDef, name: &str) -> bool {
        let asked = [HOLDER, permission.resource, permission.verb, name];
        let decision = self.0.enforce(Arguments(asked.map(word)));
        decision.unwrap_or_else(|error| {
            tracing::error!(%error, "no decision, so it is no");
            false
        })
    }
}

fn word(text: &str) -> Dynamic {
    Dynamic::from(ImmutableString::from(text))
}

/// The matcher's `lists`: whether a word is in a list, or everything is.
fn lists(list: Dynamic, word: Dynamic) -> Dynamic {
    let (Ok(list), Ok(word)) = (list.into_immutable_string(), word.into_immutable_string()) else {
        return false.into();
    };
    list.split('\n')
        .any(|listed| listed == "*" || listed == word.as_str())
        .into()
}

/// The arguments of a question, without a detour over serde.
struct Arguments([Dynamic; 4]);

impl EnforceArgs for Arguments {
    fn try_into_vec(self) -> casbin::Result<Vec<Dynamic>> {
        Ok(self.0.into())
    }

    // Nothing of Casbin's is cached.
    fn cache_key(&self) -> u64 {
        0
    }
}
