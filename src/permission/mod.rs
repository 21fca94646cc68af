//! What users may do and why, and what a change of roles would change.

pub mod api;
pub mod wire;

use crate::{
    access::{
        Policy,
        blocking::Stop,
        permission::{self, PermissionDef},
        policy::{ANONYMOUS, Effect},
    },
    kit::{
        db::Tx,
        error::{Error, Result},
        id::UserId,
        openapi::Document,
    },
    user,
};
use std::{collections::BTreeMap, sync::Arc};

/// Decisions a simulation compares before it says that there are more.
const MOST_DECISIONS: usize = 40_000;
/// The text above the table of permissions.
const MATRIX: &str = "# Permissions

The permissions of each built-in role, with all it inherits: for `all` objects, or for the caller's `own`. An operation that
*anonymous* may do needs no sign-in. Written by `make openapi` from `crates/core/src/access/roles.toml` and the operations; a
change here is a change of rights.

";

/// Users whose roles a simulation looks at.
const MOST_USERS: u64 = 1_000;

/// A decision that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The roles of the users it concerns.
    pub roles: Vec<String>,
    /// How many users that is, among those looked at; 0 if it is the role by itself.
    pub users: u64,
    /// The permission.
    pub permission: &'static PermissionDef,
    /// The object's name; `*` for all, `-` for one's own.
    pub name: String,
    /// Whether they will have it; until then it is the other way round.
    pub permitted: bool,
}

/// The decisions that a change of roles would change.
#[derive(Clone, Debug, Default)]
pub struct Simulation {
    /// Each decision that would change.
    pub differences: Vec<Difference>,
    /// Whether that is all.
    pub complete: bool,
}

/// Sets of roles, and how many users have each.
pub type Sets = BTreeMap<Vec<String>, u64>;

/// The roles and users that have a permission.
#[derive(Clone, Debug)]
pub struct Holders {
    /// Roles that give it.
    pub roles: Vec<String>,
    /// Whether everybody has it, signed in or not.
    pub everybody: bool,
    /// Up to as many users as were asked for, in the order of their ids.
    pub users: Vec<user::Named>,
}

/// The permission of this resource and verb.
///
/// # Errors
/// [`Error::Invalid`] if there is none.
pub fn known(resource: &str, verb: &str) -> Result<&'static PermissionDef> {
    if let Some(known) = permission::find(resource, verb) {
        return Ok(known);
    }
    let verbs: Vec<&str> = permission::ALL
        .iter()
        .filter(|known| known.resource == resource)
        .map(|known| known.verb)
        .collect();
    Err(if verbs.is_empty() {
        Error::field("resource", "unknown", "is not a resource; GET permissions lists them")
    } else {
        let why = format!("is not a verb of {resource}; those are {}", verbs.join(", "));
        Error::field("verb", "unknown", why)
    })
}

/// Which built-in role has which permission, and which operations need it: a table in Markdown.
#[must_use]
pub fn matrix(documents: &[Arc<Document>]) -> String {
    let policy = Policy::new(0, []);
    let mut operations: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for document in documents {
        let paths = document.json["paths"]
            .as_object()
            .into_iter()
            .flat_map(|paths| paths.values());
        for operation in paths.filter_map(|item| item.as_object()).flat_map(|item| item.values()) {
            let text = |key: &str| operation[key].as_str().unwrap_or_default().to_owned();
            operations
                .entry(text("x-permission"))
                .or_default()
                .push(text("operationId"));
        }
    }
    let roles: Vec<Vec<String>> = policy.roles().map(|role| vec![role.name.clone()]).collect();
    let titles = roles.iter().flatten().map(|role| format!(" {role} |"));
    let mut lines = vec![
        format!("| permission |{} operations |", titles.collect::<String>()),
        format!("|---|{}---|", "---|".repeat(roles.len())),
    ];
    for known in permission::ALL {
        let cell = |role: &Vec<String>| match (policy.permits(role, known, "*"), policy.permits(role, known, "-")) {
            (true, _) => " all |",
            (false, true) => " own |",
            (false, false) => " |",
        };
        let cells: String = roles.iter().map(cell).collect();
        let needed = operations
            .get(known.id)
            .map(|needed| needed.join(", "))
            .unwrap_or_default();
        lines.push(format!("| `{}` |{cells} {needed} |", known.id));
    }
    MATRIX.to_owned() + lines.join("\n").as_str() + "\n"
}

/// The sets of roles that a change of the role `name` affects, with the users looked at who have
/// them, and whether those are all.
pub async fn affected(tx: &Tx, old: &Policy, new: &Policy, name: &str) -> Result<(Sets, bool)> {
    let closes = |policy: &Policy, role: &str| policy.closure(role).iter().any(|parent| parent == name);
    let affected: Vec<String> = old
        .roles()
        .chain(new.roles())
        .map(|role| &role.name)
        .filter(|role| closes(old, role) || closes(new, role))
        .cloned()
        .collect();
    let mut sets = user::role_sets(tx, &affected, MOST_USERS).await?;
    let looked_at: u64 = sets.values().sum();
    for role in affected {
        if !sets.keys().any(|set| set.contains(&role)) {
            sets.insert(vec![role], 0);
        }
    }
    Ok((sets, looked_at < MOST_USERS))
}

/// The decisions that would change if `new` took the place of `old`, and holders of the role
/// `name` got `instead`, if that is another; none if it was stopped.
#[must_use]
pub fn simulate(
    old: &Policy,
    new: &Policy,
    sets: &Sets,
    name: &str,
    instead: Option<&str>,
    stop: &Stop,
) -> Option<Simulation> {
    let mut simulation = Simulation {
        complete: true,
        ..Simulation::default()
    };
    let mut decisions = 0;
    for (roles, users) in sets {
        let mut then = roles.clone();
        if let Some(role) = then.iter_mut().find(|role| *role == name)
            && let Some(instead) = instead
        {
            instead.clone_into(role);
        }
        old.decide(roles, stop)?;
        new.decide(&then, stop)?;
        for permission in permission::ALL {
            let mut objects = old.objects(roles, permission);
            objects.extend(new.objects(&then, permission));
            decisions += objects.len();
            if decisions > MOST_DECISIONS {
                simulation.complete = false;
                return Some(simulation);
            }
            for object in objects {
                let permitted = new.permits(&then, permission, object);
                if permitted != old.permits(roles, permission, object) {
                    simulation.differences.push(Difference {
                        roles: roles.clone(),
                        users: *users,
                        permission,
                        name: object.to_owned(),
                        permitted,
                    });
                }
            }
        }
    }
    Some(simulation)
}

/// Roles that decide who has a permission on an object.
#[derive(Clone, Debug)]
pub struct Givers {
    /// Those that give it by themselves.
    roles: Vec<String>,
    /// Whether everybody has it, signed in or not.
    everybody: bool,
    /// Those of which a rule allows it.
    with: Vec<String>,
    /// Those of which a rule denies it.
    without: Vec<String>,
}

/// The roles that decide who has the permission on the object of this name; none if it was
/// stopped.
#[must_use]
pub fn givers(policy: &Policy, permission: &PermissionDef, name: &str, stop: &Stop) -> Option<Givers> {
    policy.decide_each(stop)?;
    let by = |effect: Effect| -> Vec<String> {
        let has_rule = |role: &str| {
            let closure = policy.closure(role).iter();
            closure
                .filter_map(|name| policy.roles().find(|role| role.name == *name))
                .flat_map(|role| &role.rules)
                .any(|rule| rule.effect == effect && rule.concerns(permission) && rule.names(name))
        };
        let roles = policy.roles().map(|role| role.name.clone());
        roles.filter(|role| role != ANONYMOUS && has_rule(role)).collect()
    };
    Some(Givers {
        roles: policy.givers(permission, name),
        everybody: policy.permits(&[], permission, name),
        with: by(Effect::Allow),
        without: by(Effect::Deny),
    })
}

/// The users after the one of this id that have the permission these roles give.
pub async fn who_can(tx: &Tx, givers: Givers, after: Option<UserId>, most: u32) -> Result<Holders> {
    let with = (!givers.everybody).then_some(givers.with.as_slice());
    Ok(Holders {
        users: user::holders(tx, with, &givers.without, after, most).await?,
        roles: givers.roles,
        everybody: givers.everybody,
    })
}
