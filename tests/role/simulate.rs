//! What a change of a role would change is what it changes.

use crate::support::roles::{CONSOLE, ROLES, allow, deny, make_role, make_user, may, only, words, wrong_fields};
use crate::support::{Person, TestApp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SIMULATE: &str = "/apis/console/v1alpha1/permissions/-/simulate";
const PEOPLE: [&str; 5] = ["admin", "ada", "bob", "cy", "dan"];

/// What each of these users may do, and with which roles.
async fn all(owner: &Person<'_>) -> BTreeMap<String, (Vec<String>, Vec<String>)> {
    let mut all = BTreeMap::new();
    for name in PEOPLE {
        let mut roles = crate::support::roles::roles_of(owner, name).await;
        roles.push("user".to_owned());
        roles.sort_unstable();
        all.insert(name.to_owned(), (roles, may(owner, name).await));
    }
    all
}

/// What somebody may do after these changes, if that was what they might before.
fn predicted(permissions: &[String], roles: &[String], changes: &[Value]) -> Vec<String> {
    let mut may: BTreeMap<String, (bool, bool)> = BTreeMap::new();
    for permission in permissions {
        match permission.strip_suffix("@self") {
            Some(own) => may.insert(own.to_owned(), (false, true)),
            None => may.insert(permission.clone(), (true, true)),
        };
    }
    for change in changes.iter().filter(|change| change["roles"] == json!(roles)) {
        assert_ne!(change["before"], change["after"]);
        let after = change["after"] == true;
        let entry = may
            .entry(change["permission"].as_str().unwrap().to_owned())
            .or_default();
        match change["name"].as_str().unwrap() {
            "*" => entry.0 = after,
            "-" => entry.1 = after,
            _ => {}
        }
    }
    let word = |(permission, (all, own)): (String, (bool, bool))| match (all, own) {
        (true, _) => Some(permission),
        (false, true) => Some(format!("{permission}@self")),
        (false, false) => None,
    };
    let mut found: Vec<String> = may.into_iter().filter_map(word).collect();
    found.sort_unstable();
    found
}

/// What is there that a simulation must not change.
async fn state(owner: &Person<'_>) -> [Value; 2] {
    let events = format!("{CONSOLE}/audit-events?size=1");
    [owner.get(ROLES).await.expect(200), owner.get(&events).await.expect(200)]
}

/// Roles that inherit and deny, and people who have them.
async fn prepare(owner: &Person<'_>) {
    make_role(
        owner,
        "base",
        "",
        &[allow("users", "list get"), only(allow("users", "delete"), "dan")],
    )
    .await;
    make_role(owner, "mute", "", &[deny("messages", "*")]).await;
    make_role(owner, "lead", "base", &[allow("roles", "list")]).await;
    make_role(owner, "head", "lead support", &[]).await;
    for (name, roles) in [("ada", "lead"), ("bob", "base mute"), ("cy", "head"), ("dan", "")] {
        make_user(owner, name, roles).await;
    }
}

/// Simulates, checks that nothing was saved, saves, and checks that it came as simulated.
async fn check(role: &str, draft: Option<Value>, replacement: Option<&str>) -> Value {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    prepare(&owner).await;
    let (before, saved) = (all(&owner).await, state(&owner).await);
    let mut asked = json!({ "role": role });
    if let Some(draft) = &draft {
        asked["draft"] = draft.clone();
    }
    if let Some(replacement) = replacement {
        asked["replacement"] = json!(replacement);
    }
    let said = owner.post(SIMULATE, &asked).await.expect(200);
    assert_eq!(said["complete"], true);
    assert_eq!(
        (all(&owner).await, state(&owner).await),
        (before.clone(), saved),
        "nothing is saved"
    );

    let path = format!("{ROLES}/{role}");
    match (draft, replacement) {
        (Some(draft), _) => drop(owner.put(&path, &draft).await.expect(200)),
        (None, None) => drop(owner.delete(&path).await.expect(204)),
        (None, Some(other)) => drop(owner.delete(&format!("{path}?replacement={other}")).await.expect(204)),
    }
    let changes = said["changes"].as_array().unwrap();
    for (name, (_, mut after)) in all(&owner).await {
        after.sort_unstable();
        let (roles, permissions) = &before[&name];
        assert_eq!(
            predicted(permissions, roles, changes),
            after,
            "{name} with {roles:?}: {said}"
        );
        let of_them = changes.iter().filter(|change| change["roles"] == json!(roles));
        assert!(of_them.into_iter().all(|change| change["users"] == 1), "{said}");
    }
    said
}

fn draft(inherits: &str, rules: &[Value]) -> Value {
    json!({ "spec": { "displayName": "Draft", "inherits": words(inherits) }, "rules": rules })
}

#[tokio::test]
async fn a_change_of_rules_reaches_all_who_inherit_them() {
    let rules = [
        allow("users", "get"),
        allow("audit-events messages", "list"),
        only(allow("users", "update"), "-"),
    ];
    let said = check("base", Some(draft("", &rules)), None).await;
    let has = |roles: &str, permission: &str, name: &str, after: bool| {
        said["changes"].as_array().unwrap().iter().any(|change| {
            change["roles"] == json!(words(roles))
                && change["permission"] == permission
                && change["name"] == name
                && change["after"] == after
        })
    };
    assert!(has("lead user", "users:list", "*", false), "{said}");
    assert!(has("lead user", "users:delete", "dan", false), "{said}");
    assert!(has("lead user", "messages:list", "*", true), "{said}");
    assert!(
        !has("base mute user", "messages:list", "*", true),
        "denied by another role: {said}"
    );
    assert!(!has("head lead support user", "users:list", "*", false), "{said}");
}

#[tokio::test]
async fn a_change_that_denies_reaches_all_who_inherit_it() {
    check("base", Some(draft("", &[deny("* users", "list get")])), None).await;
}

#[tokio::test]
async fn a_change_of_parents_is_simulated_as_well() {
    check("lead", Some(draft("user-manager mute", &[])), None).await;
}

#[tokio::test]
async fn a_deletion_for_another_role_is_simulated_for_holders() {
    check("mute", None, Some("auditor")).await;
}

#[tokio::test]
async fn a_deletion_for_another_role_is_simulated_for_those_who_inherit_it() {
    check("base", None, Some("auditor")).await;
}

#[tokio::test]
async fn what_nobody_has_is_simulated_by_itself() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let asked = json!({ "role": "new", "draft": draft("", &[allow("users", "list")])  });
    let said = owner.post(SIMULATE, &asked).await.expect(200);
    let expected = json!({
        "roles": ["new"], "users": 0, "permission": "users:list", "name": "*", "before": false, "after": true,
    });
    assert!(said["changes"].as_array().unwrap().contains(&expected), "{said}");
    owner
        .get(&format!("{ROLES}/new"))
        .await
        .expect_problem(404, "role_not_found");
    make_role(&owner, "new", "", &[allow("users", "list")]).await;
    let nothing = owner.post(SIMULATE, &asked).await.expect(200);
    assert_eq!(nothing["changes"], json!([]), "it is so already");
}

#[tokio::test]
async fn what_could_not_be_saved_is_not_simulated() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    prepare(&owner).await;
    let ask = |role: &str, draft: Value| json!({ "role": role, "draft": draft });
    for (role, inherits, rules, field) in [
        ("base", "", vec![allow("wizards", "get")], "rules[0].resources[0]"),
        ("base", "", vec![allow("users", "fly")], "rules[0].verbs[0]"),
        ("base", "nobody", vec![], "spec.inherits[0]"),
        ("base", "head", vec![], "spec.inherits[0]"),
        ("base", "base", vec![], "spec.inherits[0]"),
    ] {
        let asked = ask(role, draft(inherits, &rules));
        let fields = wrong_fields(owner.post(SIMULATE, &asked).await);
        assert!(fields[0].ends_with(field), "{fields:?} for {asked}");
    }
    let fine = draft("", &[allow("users", "list")]);
    for role in ["owner", "support", "anonymous"] {
        owner
            .post(SIMULATE, &ask(role, fine.clone()))
            .await
            .expect_problem(409, "role_built_in");
        owner
            .post(SIMULATE, &json!({ "role": role }))
            .await
            .expect_problem(409, "role_built_in");
    }
    owner
        .post(SIMULATE, &json!({ "role": "nobody" }))
        .await
        .expect_problem(404, "role_not_found");
    for nothing in ["nobody", "base", "anonymous"] {
        let asked = json!({ "role": "base", "replacement": nothing });
        owner.post(SIMULATE, &asked).await.expect_problem(400, "role_unknown");
    }
    // One that would close a circle: lead inherits base, so it would inherit itself by head.
    let circle = json!({ "role": "base", "replacement": "head" });
    assert_eq!(wrong_fields(owner.post(SIMULATE, &circle).await), ["spec.inherits[0]"]);
    owner
        .delete(&format!("{ROLES}/base?replacement=head"))
        .await
        .expect_problem(400, "invalid");
    owner.post(SIMULATE, &ask("base", fine)).await.expect(200);
    owner
        .post(SIMULATE, &json!({ "role": "base", "replacement": "support" }))
        .await
        .expect(200);
}
