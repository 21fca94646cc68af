//! Why a policy decides as it does, and what would make it decide otherwise.
//!
//! Casbin says yes or no. What it said follows here from the same rules; a test holds the two
//! against each other.

use super::{
    blocking::Stop,
    permission::PermissionDef,
    policy::{ANONYMOUS, Effect, Policy, Role, Rule},
};
use std::collections::BTreeSet;

/// A rule that matches the permission and the object of a decision.
#[derive(Clone, Debug)]
pub struct MatchedRule<'a> {
    /// The role whose rule it is.
    pub role: &'a Role,
    /// Which of its rules, from 0.
    pub number: usize,
    /// The rule.
    pub rule: &'a Rule,
    /// How it came to be asked: from a role that is held to the role of the rule, each inheriting
    /// the next.
    pub path: Vec<String>,
}

/// A change of somebody's roles that turns a denial into a permission.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestion {
    /// A role to be given.
    pub add: Option<String>,
    /// Roles to be taken.
    pub remove: Vec<String>,
}

impl Policy {
    /// The rules that decide whether holders of these roles have the permission on the
    /// object of this name; a denial comes first.
    #[must_use]
    pub fn matched_rules(&self, roles: &[String], permission: &PermissionDef, name: &str) -> Vec<MatchedRule<'_>> {
        let mut matched = vec![];
        for path in self.paths(roles) {
            let Some(role) = path
                .last()
                .and_then(|name| self.roles().find(|role| role.name == *name))
            else {
                continue;
            };
            let about = |rule: &&Rule| rule.concerns(permission) && rule.names(name);
            let rules = role.rules.iter().enumerate();
            matched.extend(rules.filter(|(_, rule)| about(rule)).map(|(number, rule)| MatchedRule {
                role,
                number,
                rule,
                path: path.clone(),
            }));
        }
        // One denial decides; a sort is stable, so the nearest rule stays first.
        matched.sort_by_key(|rule| rule.rule.effect != Effect::Deny);
        matched
    }

    /// The way to each role that these lead to, the nearest first.
    fn paths(&self, roles: &[String]) -> Vec<Vec<String>> {
        let held = roles.iter().filter(|role| self.role(role).is_some()).cloned();
        let mut paths: Vec<Vec<String>> = held.chain([ANONYMOUS.to_owned()]).map(|role| vec![role]).collect();
        let mut seen: BTreeSet<String> = paths.iter().flatten().cloned().collect();
        let mut next = 0;
        while let Some(path) = paths.get(next).cloned() {
            let parents = path
                .last()
                .and_then(|name| self.role(name))
                .map(|role| role.inherits.clone());
            for parent in parents.unwrap_or_default() {
                if seen.insert(parent.clone()) {
                    paths.push(path.iter().cloned().chain([parent]).collect());
                }
            }
            next += 1;
        }
        paths
    }

    /// The roles that give the permission on the object of this name by themselves, the one that
    /// permits least first.
    #[must_use]
    pub fn givers(&self, permission: &PermissionDef, name: &str) -> Vec<String> {
        let mut givers: Vec<(usize, String)> = self
            .roles()
            .filter(|role| role.name != ANONYMOUS)
            .map(|role| vec![role.name.clone()])
            .filter(|role| self.permits(role, permission, name))
            .map(|role| (self.all_permitted(&role).len(), role.concat()))
            .collect();
        givers.sort();
        givers.into_iter().map(|(_, name)| name).collect()
    }

    /// A change of roles that would give somebody with these the permission they do not have; it
    /// means nothing if it was stopped.
    #[must_use]
    pub fn suggestion(
        &self,
        roles: &[String],
        permission: &PermissionDef,
        name: &str,
        stop: &Stop,
    ) -> Option<Suggestion> {
        let denies = |role: &String| {
            let matched = self.matched_rules(std::slice::from_ref(role), permission, name);
            matched.iter().any(|rule| rule.rule.effect == Effect::Deny)
        };
        let (remove, rest): (Vec<_>, Vec<_>) = roles.iter().cloned().partition(denies);
        if self.permits(&rest, permission, name) {
            return Some(Suggestion { add: None, remove });
        }
        let mut with = rest;
        with.push(String::new());
        let add = self.givers(permission, name).into_iter().find(|giver| {
            if let Some(last) = with.last_mut() {
                last.clone_from(giver);
            }
            stop.check().is_none() || self.permits(&with, permission, name)
        });
        add.map(|add| Suggestion { add: Some(add), remove })
    }
}
