//! Nobody gives themself, or anybody, what they do not have.

use crate::support::roles::{
    ROLES, USERS, allow, deny, grant, make_person, make_role, make_user, may, only, patch, role, roles_of, set_rules,
};
use crate::support::{Person, TestApp};
use serde_json::{Value, json};

/// A role manager who has the role `mine` as well.
async fn role_manager<'a>(owner: &Person<'a>) -> Person<'a> {
    make_role(owner, "mine", "", &[allow("messages", "list")]).await;
    make_person(owner, "eve", "role-manager mine").await
}

#[tokio::test]
async fn a_role_manager_adds_nothing_to_their_own_role() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let eve = role_manager(&owner).await;
    let path = format!("{ROLES}/mine");
    let before = (owner.get(&path).await.expect(200), may(&owner, "eve").await);
    for rules in [
        json!([allow("messages", "get")]),
        json!([allow("*", "*")]),
        json!([allow("*", "list")]),
        json!([allow("users", "*")]),
        json!([only(allow("messages", "get"), "m1")]),
        json!([only(allow("users", "delete"), "bob")]),
        json!([allow("*", "*"), deny("messages", "get")]),
    ] {
        let whole = json!({ "spec": { "displayName": "Mine" }, "rules": rules });
        eve.put(&path, &whole).await.expect_problem(403, "escalation");
        patch(&eve, &path, &json!({ "rules": rules }))
            .await
            .expect_problem(403, "escalation");
        eve.post(ROLES, &role("new", "", rules.as_array().unwrap()))
            .await
            .expect_problem(403, "escalation");
    }
    for parents in ["owner", "user-manager", "support", "role-manager auditor"] {
        let change = json!({ "spec": { "inherits": crate::support::roles::words(parents) } });
        patch(&eve, &path, &change).await.expect_problem(403, "escalation");
        eve.post(ROLES, &role("new", parents, &[]))
            .await
            .expect_problem(403, "escalation");
    }
    assert_eq!((owner.get(&path).await.expect(200), may(&owner, "eve").await), before);
    let fine = [
        allow("users messages", "list"),
        only(allow("roles", "*"), "mine"),
        allow("users", "get"),
    ];
    set_rules(&eve, "mine", &fine).await.expect(200);
    make_role(&eve, "new", "role-manager mine user", &fine).await;
}

#[tokio::test]
async fn a_role_manager_gives_nobody_a_role_above_them() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let eve = role_manager(&owner).await;
    make_user(&owner, "bob", "").await;
    make_role(&owner, "heir", "owner", &[]).await;
    make_role(&owner, "reader", "", &[only(allow("messages", "get"), "m1")]).await;
    for name in ["eve", "bob"] {
        let before = roles_of(&owner, name).await;
        for roles in [
            "owner",
            "OWNER",
            "support",
            "heir",
            "reader",
            "role-manager mine user-manager",
        ] {
            grant(&eve, name, roles).await.expect_problem(403, "escalation");
        }
        grant(&eve, name, "nobody").await.expect_problem(400, "role_unknown");
        grant(&eve, name, "anonymous").await.expect_problem(400, "role_unknown");
        grant(&eve, name, "role-manager,owner")
            .await
            .expect_problem(400, "role_unknown");
        assert_eq!(roles_of(&owner, name).await, before);
        grant(&eve, name, "role-manager mine").await.expect(200);
        assert_eq!(roles_of(&owner, name).await, ["mine", "role-manager"]);
    }
}

#[tokio::test]
async fn a_role_manager_takes_nothing_from_who_is_above_them() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let eve = role_manager(&owner).await;
    for name in ["shared", "own", "base"] {
        make_role(&owner, name, "", &[]).await;
    }
    make_role(&owner, "middle", "base", &[]).await;
    grant(&owner, "admin", "owner shared middle").await.expect(200);
    make_user(&owner, "bob", "own").await;
    let everything = may(&owner, "-").await;
    let denial = json!({ "spec": { "displayName": "x" }, "rules": [deny("users", "list")] });
    for above in ["shared", "middle", "base"] {
        let path = format!("{ROLES}/{above}");
        eve.put(&path, &denial).await.expect_problem(403, "escalation");
        patch(&eve, &path, &denial).await.expect_problem(403, "escalation");
        eve.delete(&format!("{path}?replacement=mine"))
            .await
            .expect_problem(403, "escalation");
    }
    assert_eq!(may(&owner, "-").await, everything);
    let path = format!("{ROLES}/own");
    eve.put(&path, &denial).await.expect(200);
    eve.delete(&format!("{path}?replacement=mine")).await.expect(204);
    assert_eq!(roles_of(&owner, "bob").await, ["mine"]);
}

#[tokio::test]
async fn a_replacement_is_given_as_any_other_role() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let eve = role_manager(&owner).await;
    make_role(&owner, "heir", "owner", &[]).await;
    let path = format!("{ROLES}/mine");
    for above in ["owner", "heir", "support"] {
        eve.delete(&format!("{path}?replacement={above}"))
            .await
            .expect_problem(403, "escalation");
    }
    assert_eq!(roles_of(&owner, "eve").await, ["mine", "role-manager"]);
    eve.delete(&format!("{path}?replacement=role-manager"))
        .await
        .expect(204);
    assert_eq!(roles_of(&owner, "eve").await, ["role-manager"]);
}

/// Rules that permit everything with roles, and little else.
fn limited() -> Vec<Value> {
    vec![
        allow("roles users/permissions", "*"),
        allow("users", "list get"),
        allow("permissions", "*"),
    ]
}

/// A role may permit less than it says because it inherits a denial. To take the denial
/// away is to give what it denied.
#[tokio::test]
async fn taking_a_denial_away_is_giving_what_it_denied() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "limited", "", &limited()).await;
    make_role(&owner, "brake", "", &[deny("users", "delete")]).await;
    make_role(&owner, "braked", "brake", &[allow("users", "delete list")]).await;
    make_role(&owner, "harmless", "", &[]).await;
    let eve = make_person(&owner, "eve", "limited").await;
    // What it permits now, eve may, too.
    grant(&eve, "eve", "limited braked").await.expect(200);
    let before = may(&owner, "eve").await;
    assert!(!before.contains(&"users:delete".to_owned()));

    let path = format!("{ROLES}/brake");
    let whole = json!({ "spec": { "displayName": "Brake" } });
    eve.put(&path, &whole).await.expect_problem(403, "escalation");
    set_rules(&eve, "brake", &[]).await.expect_problem(403, "escalation");
    set_rules(&eve, "brake", &[only(deny("users", "delete"), "bob")])
        .await
        .expect_problem(403, "escalation");
    eve.delete(&format!("{path}?replacement=harmless"))
        .await
        .expect_problem(403, "escalation");
    let orphan = json!({ "spec": { "inherits": [] } });
    patch(&eve, &format!("{ROLES}/braked"), &orphan)
        .await
        .expect_problem(403, "escalation");
    assert_eq!(may(&owner, "eve").await, before);

    // The control: a change that denies more is fine, and a caller who has what is denied takes the denial away.
    set_rules(&eve, "brake", &[deny("users", "delete disable")])
        .await
        .expect(200);
    eve.put(
        &path,
        &json!({ "spec": { "displayName": "B" }, "rules": [deny("users", "delete")] }),
    )
    .await
    .expect(200);
    set_rules(&owner, "limited", &[limited(), vec![allow("users", "delete")]].concat())
        .await
        .expect(200);
    grant(&owner, "eve", "limited").await.expect(200);
    set_rules(&eve, "brake", &[]).await.expect(200);
}

#[tokio::test]
async fn a_denial_one_has_oneself_is_not_shaken_off() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "wide", "", &[limited(), vec![allow("users", "*")]].concat()).await;
    make_role(&owner, "mute", "", &[deny("users", "delete")]).await;
    make_role(&owner, "harmless", "", &[]).await;
    let eve = make_person(&owner, "eve", "wide mute").await;
    let before = may(&owner, "eve").await;
    grant(&eve, "eve", "wide").await.expect_problem(403, "escalation");
    grant(&eve, "eve", "wide harmless")
        .await
        .expect_problem(403, "escalation");
    set_rules(&eve, "mute", &[]).await.expect_problem(403, "escalation");
    eve.delete(&format!("{ROLES}/mute?replacement=harmless"))
        .await
        .expect_problem(403, "escalation");
    let name = json!({ "name": "evil", "email": "evil@example.test", "roles": ["wide"] });
    eve.post(USERS, &name).await.expect_problem(403, "escalation");
    eve.post(ROLES, &role("new", "wide", &[]))
        .await
        .expect_problem(403, "escalation");
    assert_eq!(may(&owner, "eve").await, before);
    // The control: with the denial, the same roles are theirs to give.
    let name = json!({ "name": "evil", "email": "evil@example.test", "roles": ["wide", "mute"] });
    eve.post(USERS, &name).await.expect(200);
    eve.post(ROLES, &role("new", "wide mute", &[])).await.expect(200);
    grant(&eve, "eve", "wide mute harmless").await.expect(200);
}
