//! Roles: made, read, changed, deleted.

use crate::support::TestApp;
use crate::support::roles::{
    ROLES, USERS, allow, grant, make_role, make_user, only, patch, role, roles_of, wrong_fields,
};
use serde_json::{Value, json};

const BUILT_IN: &[&str] = &[
    "anonymous",
    "application-manager",
    "attachment-manager",
    "auditor",
    "backup-manager",
    "mail-manager",
    "operator",
    "owner",
    "role-manager",
    "sign-in-manager",
    "support",
    "user",
    "user-manager",
];

#[tokio::test]
async fn a_role_is_made_read_changed_and_deleted() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let new = json!({
        "metadata": { "name": "Editor" },
        "spec": { "displayName": "Editor", "description": "Edits.", "inherits": ["support"] },
        "rules": [{ "resources": ["users"], "verbs": ["update"] }],
    });
    let reply = owner.post(ROLES, &new).await;
    assert_eq!(reply.header("etag"), "\"1\"");
    let made = reply.expect(200);
    assert_eq!(made["kind"], "Role");
    assert_eq!(
        (&made["metadata"]["name"], &made["metadata"]["version"]),
        (&json!("editor"), &json!(1))
    );
    assert_eq!(made["status"], json!({ "builtIn": false, "grantable": true }));
    let rule = json!({ "resources": ["users"], "resourceNames": [], "verbs": ["update"], "effect": "allow" });
    assert_eq!(made["rules"], json!([rule]));

    let path = format!("{ROLES}/editor");
    assert_eq!(owner.get(&path).await.expect(200), made);
    let listed = owner.get(ROLES).await.expect(200);
    assert!(listed["items"].as_array().unwrap().contains(&made));

    let whole = owner.put(&path, &json!({ "spec": { "displayName": "Editors" } })).await;
    assert_eq!(whole.header("etag"), "\"2\"");
    let whole = whole.expect(200);
    let spec = json!({ "displayName": "Editors", "description": "", "inherits": [] });
    assert_eq!(
        (&whole["spec"], &whole["rules"]),
        (&spec, &json!([])),
        "a PUT leaves nothing of before"
    );

    let part = json!({ "spec": { "description": "Again." }, "rules": [rule] });
    let part = patch(&owner, &path, &part).await.expect(200);
    let spec = json!({ "displayName": "Editors", "description": "Again.", "inherits": [] });
    assert_eq!((&part["spec"], &part["rules"]), (&spec, &json!([rule])));
    assert_eq!(part["metadata"]["version"], 3);
    assert_eq!(
        part["metadata"]["creationTimestamp"],
        made["metadata"]["creationTimestamp"]
    );

    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect_problem(404, "role_not_found");
    owner
        .put(&path, &json!({ "spec": { "displayName": "x" } }))
        .await
        .expect_problem(404, "role_not_found");
    patch(&owner, &path, &json!({}))
        .await
        .expect_problem(404, "role_not_found");
    owner.delete(&path).await.expect_problem(404, "role_not_found");
}

#[tokio::test]
async fn the_built_in_roles_are_there_for_all_and_changed_by_nobody() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let listed = owner.get(ROLES).await.expect(200);
    let items = listed["items"].as_array().unwrap();
    let names: Vec<_> = items
        .iter()
        .map(|item| item["metadata"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, BUILT_IN);
    for item in items {
        let name = item["metadata"]["name"].as_str().unwrap();
        let status = json!({ "builtIn": true, "grantable": name != "anonymous" });
        assert_eq!(item["status"], status, "{name}");
        let path = format!("{ROLES}/{name}");
        assert_eq!(owner.get(&path).await.expect(200), *item);
        let whole = json!({ "spec": { "displayName": "Mine" } });
        owner.put(&path, &whole).await.expect_problem(409, "role_built_in");
        patch(&owner, &path, &whole).await.expect_problem(409, "role_built_in");
        owner.delete(&path).await.expect_problem(409, "role_built_in");
        owner
            .delete(&format!("{path}?replacement=support"))
            .await
            .expect_problem(409, "role_built_in");
        for name in [name.to_owned(), name.to_uppercase()] {
            owner
                .post(ROLES, &role(&name, "", &[]))
                .await
                .expect_problem(409, "role_name_taken");
        }
    }
    assert_eq!(owner.get(ROLES).await.expect(200), listed);
    make_role(&owner, "owners", "owner", &[]).await;
    owner
        .post(ROLES, &role("OWNERS", "", &[]))
        .await
        .expect_problem(409, "role_name_taken");
}

/// What a role cannot be: `spec.inherits`, the rules, and the field that is wrong.
fn invalid() -> Vec<(&'static str, Vec<Value>, &'static str)> {
    let named = |names: &[&str]| json!({ "resources": ["users"], "verbs": ["get"], "resourceNames": names });
    let hundred: Vec<String> = (0..100).map(|n| format!("u{n}")).collect();
    let hundred = json!({ "resources": ["users"], "verbs": ["get"], "resourceNames": hundred });
    vec![
        ("", vec![allow("user", "get")], "rules[0].resources[0]"),
        ("", vec![allow("Users", "get")], "rules[0].resources[0]"),
        (
            "",
            vec![allow("users", "get"), allow("users", "get fly")],
            "rules[1].verbs[1]",
        ),
        ("", vec![allow("roles", "disable")], "rules[0].verbs[0]"),
        ("", vec![allow("*", "fly")], "rules[0].verbs[0]"),
        ("", vec![allow("", "get")], "rules[0].resources"),
        ("", vec![allow("users", "")], "rules[0].verbs"),
        ("", vec![named(&[""])], "rules[0].resourceNames[0]"),
        ("", vec![named(&["ada", "*"])], "rules[0].resourceNames[1]"),
        ("", vec![named(&["a/b"])], "rules[0].resourceNames[0]"),
        ("", vec![named(&["a\u{7}"])], "rules[0].resourceNames[0]"),
        ("support nobody", vec![], "spec.inherits[0]"),
        ("anonymous", vec![], "spec.inherits[0]"),
        ("there", vec![], "spec.inherits[0]"),
        ("", vec![hundred; 6], "rules"),
    ]
}

#[tokio::test]
async fn a_role_of_invalid_rules_is_refused_with_the_field_that_is_wrong() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let there = make_role(&owner, "there", "", &[]).await;
    let path = format!("{ROLES}/there");
    for (inherits, rules, field) in invalid() {
        let whole = role("there", inherits, &rules);
        let mut new = whole.clone();
        new["metadata"]["name"] = json!(if inherits == "there" { "there2" } else { "new" });
        if inherits != "there" {
            assert_eq!(wrong_fields(owner.post(ROLES, &new).await)[0], field, "POST {new}");
        }
        let change = json!({ "spec": whole["spec"], "rules": rules });
        assert_eq!(wrong_fields(owner.put(&path, &change).await)[0], field, "PUT {change}");
        assert_eq!(
            wrong_fields(patch(&owner, &path, &change).await)[0],
            field,
            "PATCH {change}"
        );
        assert_eq!(owner.get(&path).await.expect(200), there);
    }
    let listed = owner.get(ROLES).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), BUILT_IN.len() + 1);

    let hundred: Vec<String> = (0..100).map(|n| format!("u{n}")).collect();
    let most = vec![only(allow("users", "get"), &hundred.join(" ")); 5];
    let rules = [most, vec![allow("* users/avatar", "disable get"), allow("users", "*")]].concat();
    make_role(&owner, "control", "support there", &rules).await;
}

#[tokio::test]
async fn a_role_inherits_itself_on_no_way() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "a", "", &[]).await;
    make_role(&owner, "b", "a", &[]).await;
    make_role(&owner, "c", "b", &[]).await;
    for parent in ["a", "b", "c"] {
        let change = json!({ "spec": { "displayName": "A", "inherits": ["support", parent] } });
        let path = format!("{ROLES}/a");
        for reply in [owner.put(&path, &change).await, patch(&owner, &path, &change).await] {
            assert_eq!(wrong_fields(reply), ["spec.inherits[0]"], "{parent}");
        }
        // A new role can inherit nothing but itself in a circle.
        let own = format!("new-{parent}");
        assert_eq!(
            wrong_fields(owner.post(ROLES, &role(&own, &own, &[])).await),
            ["spec.inherits[0]"]
        );
    }
    let more = json!({ "spec": { "inherits": ["a", "b"] } });
    let c = patch(&owner, &format!("{ROLES}/c"), &more).await.expect(200);
    assert_eq!(c["spec"]["inherits"], json!(["a", "b"]));
    // A replacement can close a circle, too: c has a, so it cannot stand for b in… c itself.
    make_role(&owner, "d", "c", &[]).await;
    let delete = |role: &str, by: &str| format!("{ROLES}/{role}?replacement={by}");
    assert_eq!(
        wrong_fields(owner.delete(&delete("a", "d")).await),
        ["spec.inherits[0]"]
    );
    owner.delete(&delete("a", "support")).await.expect(204);
}

#[tokio::test]
async fn a_role_in_use_is_deleted_only_for_another_one() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for name in ["held", "inherited", "other"] {
        make_role(&owner, name, "", &[]).await;
    }
    make_role(&owner, "child", "inherited support", &[]).await;
    make_role(&owner, "both", "inherited other", &[]).await;
    make_user(&owner, "ada", "held").await;
    make_user(&owner, "bob", "held other").await;
    for used in ["held", "inherited"] {
        let path = format!("{ROLES}/{used}");
        owner.delete(&path).await.expect_problem(409, "role_in_use");
        for nothing in ["nobody", "anonymous", used] {
            let refused = owner.delete(&format!("{path}?replacement={nothing}")).await;
            refused.expect_problem(400, "role_unknown");
        }
        owner.get(&path).await.expect(200);
        owner.delete(&format!("{path}?replacement=OTHER")).await.expect(204);
        owner.get(&path).await.expect_problem(404, "role_not_found");
    }
    assert_eq!(roles_of(&owner, "ada").await, ["other"]);
    assert_eq!(roles_of(&owner, "bob").await, ["other"]);
    let inherits =
        async |name: &str| owner.get(&format!("{ROLES}/{name}")).await.expect(200)["spec"]["inherits"].clone();
    assert_eq!(inherits("child").await, json!(["other", "support"]));
    assert_eq!(inherits("both").await, json!(["other"]));
    // The one that takes the place inherits it itself.
    make_role(&owner, "heir", "other", &[]).await;
    owner
        .delete(&format!("{ROLES}/other?replacement=heir"))
        .await
        .expect(204);
    assert_eq!(inherits("heir").await, json!([]));
    assert_eq!(inherits("both").await, json!(["heir"]));
    // The control: what nobody uses needs no other one.
    grant(&owner, "ada", "").await.expect(200);
    make_role(&owner, "idle", "support", &[]).await;
    owner.delete(&format!("{ROLES}/idle")).await.expect(204);
    let ada = owner.get(&format!("{USERS}?role=heir")).await.expect(200);
    assert_eq!(ada["total"], 1, "bob");
}
