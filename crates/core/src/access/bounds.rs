//! How large a role may be with all it inherits.
//!
//! Casbin compares every rule with every object that is named, for each permission. These bounds
//! keep that under a fifth of a second for any role; an editor of roles could keep a processor
//! busy otherwise.

use super::{
    permission,
    role::{Role, Rule},
};
use std::collections::BTreeSet;

/// How large some roles are together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Roles.
    pub roles: usize,
    /// Their rules.
    pub rules: usize,
    /// Names of objects in these.
    pub names: usize,
    /// Comparisons of a rule with an object until all is decided; a rule counts once more for each
    /// fifty objects it names.
    pub comparisons: usize,
}

/// The largest a role may be with all it inherits.
pub const MOST: Size = Size {
    roles: 32,
    rules: 400,
    names: 500,
    comparisons: 125_000,
};

impl Size {
    /// The size of these roles together.
    #[must_use]
    pub fn of(roles: &[&Role]) -> Self {
        let rules: Vec<&Rule> = roles.iter().flat_map(|role| &role.rules).collect();
        let names = |rules: &[&Rule]| -> usize { rules.iter().map(|rule| rule.resource_names.len()).sum() };
        let mut size = Self {
            roles: roles.len(),
            rules: rules.len(),
            names: names(&rules),
            comparisons: 0,
        };
        for permission in permission::ALL {
            let about: Vec<&Rule> = rules.iter().copied().filter(|rule| rule.concerns(permission)).collect();
            let objects: BTreeSet<&String> = about.iter().flat_map(|rule| &rule.resource_names).collect();
            size.comparisons += (objects.len() + 1) * (about.len() + names(&about) / 50);
        }
        size
    }

    /// What is too much of it, and more than `before`: the field, and why. What was stored when
    /// there was no bound can be made smaller step by step.
    #[must_use]
    pub fn excess(self, before: Self, whose: &str) -> Option<(&'static str, String)> {
        let bounds = [
            ("spec.inherits", "roles", self.roles, before.roles, MOST.roles),
            ("rules", "rules", self.rules, before.rules, MOST.rules),
            ("rules", "resourceNames", self.names, before.names, MOST.names),
            (
                "rules",
                "comparisons of a rule with an object",
                self.comparisons,
                before.comparisons,
                MOST.comparisons,
            ),
        ];
        let mut over = bounds
            .into_iter()
            .filter(|(_, _, now, before, most)| now > most && now > before);
        over.next().map(|(field, what, now, _, most)| {
            let why = format!("makes {now} {what} of {whose} with all that is inherited; {most} are the most");
            (field, why)
        })
    }
}
