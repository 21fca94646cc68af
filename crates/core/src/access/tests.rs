//! The decisions of a policy, and their reasons.

use super::{
    blocking::{Stop, run_blocking},
    bounds::{MOST, Size},
    enforcer::Enforcer,
    permission::{
        self, MessagesList, Permission, PermissionDef, RolesCreate, UsersDelete, UsersEmailVerify, UsersGet, UsersList,
        UsersRegister,
    },
    policy::{Effect, Policy, Role, Rule},
};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn rule(effect: Effect, resource: &str, verb: &str, objects: &[&str]) -> Rule {
    Rule {
        resources: names(&[resource]),
        resource_names: names(objects),
        verbs: names(&[verb]),
        effect,
    }
}

fn role(name: &str, inherits: &[&str], rules: Vec<Rule>) -> Role {
    Role {
        name: name.to_owned(),
        display_name: name.to_owned(),
        description: String::new(),
        inherits: names(inherits),
        rules,
        made: Some(super::role::Made::default()),
    }
}

fn policy(own: Vec<Role>) -> Policy {
    Policy::new(1, own)
}

#[test]
fn the_built_in_roles_permit_what_they_say() {
    let policy = policy(vec![]);
    let permits = |roles: &[&str], known: &PermissionDef, name: &str| policy.permits(&names(roles), known, name);

    assert!(permits(&["owner"], UsersList::DEF, "*"));
    assert!(permits(&["owner", "user"], MessagesList::DEF, "*"));
    assert!(permits(&["user"], UsersGet::DEF, "-"));
    assert!(permits(&["user"], UsersEmailVerify::DEF, "-"));
    assert!(permits(&["user-manager"], UsersDelete::DEF, "alice"));
    assert!(
        permits(&["user-manager"], UsersList::DEF, "*"),
        "inherited from support"
    );
    assert!(permits(&[], UsersRegister::DEF, "*"));

    assert!(!permits(&["user"], UsersGet::DEF, "alice"));
    assert!(!permits(&["user"], UsersList::DEF, "*"));
    assert!(!permits(&["support"], UsersDelete::DEF, "alice"));
    assert!(!permits(&["user-manager"], RolesCreate::DEF, "*"));
    assert!(!permits(&[], UsersGet::DEF, "-"));
    assert!(!permits(&["owne", "wner", "owner2", "user,owner"], UsersList::DEF, "*"));
}

#[test]
fn a_rule_that_denies_overrides_every_rule_that_allows() {
    let policy = policy(vec![
        role("blind", &[], vec![rule(Effect::Deny, "users", "*", &["alice"])]),
        role("blinder", &["blind"], vec![]),
    ]);
    for with in ["blind", "blinder"] {
        let roles = names(&["owner", with]);
        assert!(policy.permits(&roles, UsersGet::DEF, "bob"), "{with}");
        assert!(!policy.permits(&roles, UsersGet::DEF, "alice"), "{with}");
    }
    assert!(policy.permits(&names(&["owner"]), UsersGet::DEF, "alice"));
}

/// Casbin calls a denial in a section `p2` an allowance: rows are in `p` alone.
#[test]
fn a_section_whose_only_row_denies_permits_nothing() {
    let policy = policy(vec![role("mute", &[], vec![rule(Effect::Deny, "users", "list", &[])])]);
    assert!(!policy.permits(&names(&["mute"]), UsersList::DEF, "*"));
    assert!(!policy.permits(&names(&["mute", "support"]), UsersList::DEF, "*"));
}

/// Casbin's own cache forgets which section was asked.
#[test]
fn the_same_question_about_another_permission_has_its_own_answer() {
    let policy = policy(vec![]);
    let roles = names(&["support"]);
    for _ in 0..3 {
        assert!(policy.permits(&roles, UsersGet::DEF, "alice"));
        assert!(!policy.permits(&roles, UsersDelete::DEF, "alice"));
        assert!(!policy.permits(&names(&["user"]), UsersGet::DEF, "alice"));
    }
}

/// Casbin asks an empty section about empty fields, which an empty name would match.
#[test]
fn without_a_rule_nothing_is_permitted_whatever_its_name() {
    let policy = policy(vec![role("empty", &[], vec![])]);
    for name in ["", "*", "-", "alice", "/", "users:list"] {
        for known in permission::ALL.iter().filter(|known| !policy.permits(&[], known, "*")) {
            assert!(
                !policy.permits(&names(&["empty"]), known, name),
                "{} {name:?}",
                known.id
            );
            assert!(
                !policy.permits(&names(&["nobody"]), known, name),
                "{} {name:?}",
                known.id
            );
        }
    }
}

/// Casbin panics on effects it does not know, and scans all users of a domain for one it does not.
#[test]
fn a_policy_has_one_effect_that_casbin_knows_and_no_links_of_users() {
    let model = include_str!("model.conf");
    assert!(model.contains("e = some(where (p.eft == allow)) && !some(where (p.eft == deny))"));
    assert!(!model.contains("p2") && !model.contains("g2"));
    let matcher = model.lines().find(|line| line.starts_with("m = ")).unwrap();
    assert!(matcher.ends_with("&& g(r.holder, p.role)"), "what is cheap comes first");
}

/// Every rule of these roles, as Casbin gets it.
fn rules<'a>(roles: &[&'a Role]) -> Vec<(&'a Role, &'a Rule)> {
    let of = |role: &&'a Role| -> Vec<_> { role.rules.iter().map(|rule| (*role, rule)).collect() };
    roles.iter().flat_map(of).collect()
}

/// Casbin's matcher looks at all there is: rows of other permissions and of roles that are not
/// held change nothing.
#[test]
fn casbin_decides_the_same_with_all_rows_of_the_tenant() {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let mut permitted = 0;
    for round in 0..20 {
        let own = (0..=dice.roll(6)).map(|number| dice.role(number)).collect();
        let policy = policy(own);
        let all: Vec<&Role> = policy.roles().collect();
        let held = [format!("r{}", dice.roll(7)), "user".to_owned()];
        let links: Vec<&str> = held.iter().map(String::as_str).chain(["anonymous"]).collect();
        let mut enforcer = Enforcer::new(&links, &all);
        enforcer.set_rules(&rules(&all));
        for known in permission::ALL {
            for name in policy.objects(&held, known) {
                let decision = enforcer.permits(known, name);
                permitted += usize::from(decision);
                let asked = format!("round {round}: {held:?} {} {name}", known.id);
                assert_eq!(decision, policy.permits(&held, known, name), "{asked}");
            }
        }
    }
    assert!(permitted > 200, "{permitted}");
}

/// Casbin's own roles end at the tenth.
#[test]
fn a_denial_is_inherited_from_however_far() {
    let chain = |number: usize| match number {
        0 => role("r0", &[], vec![rule(Effect::Deny, "users", "list", &[])]),
        _ => role(&format!("r{number}"), &[&format!("r{}", number - 1)], vec![]),
    };
    let policy = policy((0..100).map(chain).collect());
    assert!(policy.permits(&names(&["owner"]), UsersList::DEF, "*"));
    for number in [0, 8, 9, 10, 11, 99] {
        let roles = names(&["owner", &format!("r{number}")]);
        assert!(!policy.permits(&roles, UsersList::DEF, "*"), "{number}");
    }
}

/// Casbin's `add_policies` adds nothing at all if one of the rows is there already.
#[test]
fn a_rule_that_stands_twice_hides_no_other() {
    let twice = rule(Effect::Allow, "users", "*", &[]);
    let rules = vec![twice.clone(), rule(Effect::Deny, "users", "list", &[]), twice];
    let policy = policy(vec![role("twice", &[], rules)]);
    assert!(policy.permits(&names(&["twice"]), UsersGet::DEF, "alice"));
    assert!(!policy.permits(&names(&["twice"]), UsersList::DEF, "*"));
}

/// The largest roles: rules on everything, as many and with as many names as there may be.
fn largest() -> Vec<Policy> {
    let objects = |from: usize, count: usize| (from..from + count).map(|n| format!("object-{n}")).collect();
    let everything = |resource_names: Vec<String>| Rule {
        resource_names,
        ..rule(Effect::Allow, "*", "*", &[])
    };
    let many_rules = (0..18).map(|n| everything(objects(2 * n, 2)));
    let many_names = vec![everything(objects(0, 180))];
    [many_rules.collect(), many_names]
        .map(|rules| policy(vec![role("large", &[], rules)]))
        .into()
}

#[test]
#[expect(clippy::print_stdout, reason = "figures for who reads the test's output")]
fn the_largest_roles_are_decided_quickly() {
    for policy in largest() {
        let size = policy.size("large");
        assert!(size.excess(Size::default(), "it").is_none(), "{size:?}");
        assert!(size.comparisons > MOST.comparisons * 4 / 5, "{size:?}");
        let begun = std::time::Instant::now();
        assert!(policy.permits(&names(&["large"]), UsersList::DEF, "object-7"));
        println!("{size:?} took {:?}", begun.elapsed());
    }
}

#[test]
fn built_in_roles_are_far_within_the_bounds() {
    let policy = policy(vec![]);
    for role in policy.roles() {
        let size = policy.size(&role.name);
        let tenfold = Size {
            roles: size.roles * 10,
            rules: size.rules * 10,
            names: size.names * 10,
            comparisons: size.comparisons * 10,
        };
        assert_eq!(tenfold.excess(Size::default(), &role.name), None, "{size:?}");
    }
}

#[tokio::test]
async fn work_that_nobody_waits_for_ends() {
    let policy = std::sync::Arc::new(largest().remove(0));
    let (began, begun) = tokio::sync::oneshot::channel();
    let (ended, end) = tokio::sync::oneshot::channel();
    let work = tokio::spawn(run_blocking(move |stop| {
        began.send(()).unwrap();
        while stop.check().is_some() {
            std::thread::yield_now();
        }
        let decided = policy.decide(&names(&["large"]), stop).is_some();
        ended.send(decided).unwrap();
        Some(())
    }));
    begun.await.unwrap();
    work.abort();
    assert!(!end.await.unwrap(), "nothing is decided for nobody");
}

#[tokio::test]
async fn what_is_ready_is_decided_on_another_thread() {
    let policy = std::sync::Arc::new(policy(vec![role(
        "lister",
        &[],
        vec![rule(Effect::Allow, "users", "list", &[])],
    )]));
    let roles = names(&["lister"]);
    let both = futures_util::future::join(policy.ready(&roles), policy.ready(&roles)).await;
    assert!(both.0.is_ok() && both.1.is_ok());
    assert!(policy.permits(&roles, UsersList::DEF, "*"));
}

#[test]
fn a_policy_forgets_sets_of_roles_rather_than_grow() {
    let own = (0..1_100).map(|n| role(&format!("r{n}"), &[], vec![rule(Effect::Allow, "roles", "create", &[])]));
    let policy = policy(own.collect());
    for _ in 0..2 {
        for n in 0..1_100 {
            let roles = names(&[&format!("r{n}")]);
            assert!(policy.permits(&roles, RolesCreate::DEF, "*"));
            assert!(!policy.permits(&roles, UsersDelete::DEF, "*"));
        }
    }
}

#[test]
fn what_covers_another_may_do_all_of_it_object_by_object() {
    let policy = policy(vec![
        role("one", &[], vec![rule(Effect::Allow, "users", "delete", &["alice"])]),
        role(
            "two",
            &[],
            vec![rule(Effect::Allow, "users", "delete", &["alice", "bob"])],
        ),
        role("all", &[], vec![rule(Effect::Allow, "users", "delete", &[])]),
        role("but", &["all"], vec![rule(Effect::Deny, "users", "delete", &["alice"])]),
    ]);
    let covers = |above: &str, below: &str| policy.covers(&names(&[above]), &policy, &names(&[below]));
    assert!(covers("two", "one") && !covers("one", "two"));
    assert!(covers("all", "two") && !covers("two", "all"));
    assert!(covers("all", "but") && !covers("but", "all"));
    assert!(!covers("but", "one"), "who may not delete alice does not cover who may");
    assert!(covers("owner", "all") && !covers("user-manager", "owner"));
}

#[test]
fn a_circle_of_roles_that_should_not_be_there_is_no_endless_one() {
    let allow = vec![rule(Effect::Allow, "users", "list", &[])];
    let policy = policy(vec![role("a", &["b"], vec![]), role("b", &["a"], allow)]);
    assert!(policy.permits(&names(&["a"]), UsersList::DEF, "*"));
    assert_eq!(policy.closure("a"), ["a", "b"]);
    assert_eq!(
        policy.matched_rules(&names(&["a"]), UsersList::DEF, "*")[0].path,
        ["a", "b"]
    );
}

/// A generator of numbers that is the same every time (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let wide = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D);
        usize::try_from(wide >> 33).unwrap() % sides
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }

    fn role(&mut self, number: usize) -> Role {
        let rules = (0..self.roll(4)).map(|_| self.rule()).collect();
        let mut parents: Vec<String> = (0..number)
            .filter(|_| self.roll(3) == 0)
            .map(|parent| format!("r{parent}"))
            .collect();
        if self.roll(8) == 0 {
            parents.push("support".to_owned());
        }
        let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
        role(&format!("r{number}"), &parents, rules)
    }

    fn rule(&mut self) -> Rule {
        let some = |dice: &mut Self, of: &[&str]| (0..=dice.roll(2)).map(|_| dice.one(of).to_owned()).collect();
        Rule {
            resources: some(self, &["users", "users/password", "roles", "messages", "*"]),
            resource_names: match self.roll(2) {
                0 => vec![],
                _ => some(self, &["-", "alice", "bob"]),
            },
            verbs: some(self, &["get", "list", "update", "delete", "*"]),
            effect: match self.roll(4) {
                0 => Effect::Deny,
                _ => Effect::Allow,
            },
        }
    }
}

/// Deciding about a set of roles takes long, a question about it none: each set is asked much.
#[test]
fn what_is_explained_is_what_is_enforced_and_the_fix_flips_it() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut permitted, mut denied) = (0, 0);
    for round in 0..55 {
        let own = (0..=dice.roll(6)).map(|number| dice.role(number)).collect();
        let policy = policy(own);
        for _ in 0..5 {
            let mut roles: Vec<String> = (0..=dice.roll(3)).map(|_| format!("r{}", dice.roll(7))).collect();
            roles.sort_unstable();
            roles.dedup();
            for _ in 0..6 {
                let known = permission::ALL[dice.roll(permission::ALL.len())];
                for name in ["*", "-", "alice", "bob", "eve"] {
                    let asked = format!("round {round}: {roles:?} {} {name}", known.id);
                    if is_explained(&policy, &roles, known, name, &asked) {
                        permitted += 1;
                    } else {
                        denied += 1;
                        assert_fixed(&policy, &roles, known, name, &asked);
                    }
                }
            }
        }
    }
    assert!(permitted > 1_000 && denied > 1_000, "{permitted} {denied}");
}

/// Whether this is permitted, as it is explained.
fn is_explained(policy: &Policy, roles: &[String], known: &PermissionDef, name: &str, asked: &str) -> bool {
    let matched = policy.matched_rules(roles, known, name);
    let explained = matched.first().is_some_and(|first| first.rule.effect == Effect::Allow);
    assert_eq!(explained, policy.permits(roles, known, name), "{asked}");
    for rule in &matched {
        let first = &rule.path[0];
        assert!(roles.contains(first) || first == "anonymous", "{asked}");
        assert_eq!(rule.path.last(), Some(&rule.role.name), "{asked}");
    }
    explained
}

/// What is said to give a permission does.
fn assert_fixed(policy: &Policy, roles: &[String], known: &PermissionDef, name: &str, asked: &str) {
    let suggestion = policy.suggestion(roles, known, name, &Stop::default());
    let suggestion = suggestion.unwrap_or_else(|| panic!("{asked}: no way"));
    let mut roles = roles.to_vec();
    roles.retain(|role| !suggestion.remove.contains(role));
    roles.extend(suggestion.add);
    assert!(policy.permits(&roles, known, name), "{asked}: the fix does not help");
}
