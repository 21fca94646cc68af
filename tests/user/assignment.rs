//! What nobody can write by sending it, and free data that never gives rights.

use super::{ME, USERS, make, patch, see};
use crate::support::{PASSWORD, TestApp};
use serde_json::{Value, json};

/// What a body may try to set besides.
fn attempts() -> Vec<(&'static str, Value)> {
    vec![
        ("/metadata/creationTimestamp", json!("2000-01-01T00:00:00Z")),
        ("/metadata/deletionTimestamp", json!("2000-01-01T00:00:00Z")),
        ("/metadata/tenant", json!("acme")),
        ("/spec/disabled", json!(true)),
        ("/spec/emailVerified", json!(true)),
        ("/spec/email", json!("prize@example.test")),
        ("/spec/pendingEmail", json!("prize@example.test")),
        ("/spec/password", json!("chosen by mistake")),
        (
            "/spec/passwordHash",
            json!("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAA"),
        ),
        ("/spec/passwordSet", json!(false)),
        ("/spec/mustChangePassword", json!(true)),
        ("/spec/registeredAt", json!("2000-01-01T00:00:00Z")),
        ("/spec/roles", json!(["owner"])),
        ("/roles", json!(["owner"])),
        ("/status/id", json!("usr_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f")),
        ("/kind", json!("Role")),
        ("/tenantId", json!("ten_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f")),
    ]
}

/// This body with one more value in it.
fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let mut at = &mut body;
    for key in pointer.split('/').skip(1) {
        if at.is_null() {
            *at = json!({});
        }
        at = &mut at[key];
    }
    *at = value;
    body
}

/// What an error calls the field at this pointer.
fn field(pointer: &str) -> String {
    pointer[1..].replace('/', ".")
}

/// All of a user that is not theirs to write: everything but the version.
fn without_version(mut user: Value) -> Value {
    user["metadata"]["version"] = Value::Null;
    user
}

#[tokio::test]
async fn a_profile_sent_by_its_owner_sets_nothing_but_the_profile() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({ "labels": { "team": "core" } })).await;
    let alice = tenant.sign_in("alice").await;
    let before = owner.get(&format!("{USERS}/alice")).await.expect(200);
    let body = json!({ "metadata": { "name": "alice" }, "spec": { "displayName": "alice" } });

    let labels = ("/metadata/labels", json!({ "team": "ops" }));
    let avatar = ("/spec/avatar", json!("https://evil.example/a.png"));
    for (pointer, value) in attempts().into_iter().chain([labels, avatar]) {
        let refused = alice.put(ME, &with(body.clone(), pointer, value)).await;
        let named = refused.expect_problem(400, "invalid")["errors"][0]["field"].take();
        // Of a map, the entry.
        assert!(named.as_str().unwrap().starts_with(&field(pointer)), "{named}");
        let mut now = owner.get(&format!("{USERS}/alice")).await.expect(200);
        now["user"] = without_version(now["user"].take());
        let mut same = before.clone();
        same["user"] = without_version(same["user"].take());
        assert_eq!(now, same, "{pointer}");
    }
    alice.get(USERS).await.expect_problem(403, "forbidden");
    tenant.sign_in("alice").await.get(ME).await.expect(200);
    // The control: fields a client may write.
    let written = alice.put(ME, &with(body, "/spec/bio", json!("hi"))).await.expect(200);
    assert_eq!(written["spec"]["bio"], "hi");
}

#[tokio::test]
async fn a_patch_sets_nothing_but_profile_labels_and_annotations() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({})).await;
    let before = without_version(see(&owner, "alice").await);

    let name = ("/metadata/name", json!("eve"));
    for (pointer, value) in attempts().into_iter().chain([name]) {
        let change = with(json!({}), pointer, value);
        let refused = patch(&owner, "alice", &change).await;
        assert_eq!(
            refused.expect_problem(400, "invalid")["errors"][0]["field"],
            field(pointer)
        );
        assert_eq!(without_version(see(&owner, "alice").await), before, "{pointer}");
    }
    let alice = tenant.sign_in("alice").await;
    alice.get(USERS).await.expect_problem(403, "forbidden");
    let written = patch(&owner, "alice", &json!({ "spec": { "bio": "hi" } }))
        .await
        .expect(200);
    assert_eq!(written["spec"]["bio"], "hi");
}

#[tokio::test]
async fn a_new_user_whose_body_says_something_besides_is_not_made() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let besides = json!({
        "emailVerified": true, "disabled": true, "id": "usr_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f", "version": 9,
        "metadata": { "name": "eve" }, "spec": { "disabled": true }, "status": { "id": "x" },
        "registeredAt": "2000-01-01T00:00:00Z", "password_hash": "$argon2id$x", "tenantId": "acme",
    });
    for (name, value) in besides.as_object().unwrap() {
        let mut new = json!({ "name": "alice", "email": "alice@example.test", "password": PASSWORD });
        new[name] = value.clone();
        let refused = owner.post(USERS, &new).await.expect_problem(400, "invalid");
        assert_eq!(refused["errors"][0]["field"], *name);
    }
    owner
        .get(&format!("{USERS}/alice"))
        .await
        .expect_problem(404, "user_not_found");
    make(&owner, "alice", json!({})).await;
    tenant.sign_in("alice").await.get(ME).await.expect(200);
}

#[tokio::test]
async fn annotations_and_labels_never_give_rights() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let tempting = json!({
        "rbac.authorization.halo.run/role-names": "[\"super-role\",\"owner\"]",
        "rbac.authorization.halo.run/ui-permissions": "[\"*\"]",
        "roles": "owner", "role": "owner", "permissions": "*",
    });
    let labels = json!({ "role": "owner", "rbac.authorization.halo.run/aggregate-to-owner": "true" });
    let besides = json!({ "annotations": tempting, "labels": labels });
    make(&owner, "alice", besides).await;
    make(&owner, "bob", json!({})).await;
    let alice = tenant.sign_in("alice").await;

    let own = json!({
        "metadata": { "name": "alice", "annotations": tempting, "labels": labels },
        "spec": { "displayName": "alice" },
    });
    alice.put(ME, &own).await.expect(200);
    patch(
        &owner,
        "alice",
        &json!({ "metadata": { "annotations": tempting, "labels": labels } }),
    )
    .await
    .expect(200);

    alice.get(USERS).await.expect_problem(403, "forbidden");
    alice
        .post(&format!("{USERS}/bob/disable"), &Value::Null)
        .await
        .expect_problem(403, "forbidden");
    patch(&alice, "bob", &json!({})).await.expect_problem(403, "forbidden");
    let permissions = alice.get(&format!("{ME}/permissions")).await.expect(200);
    let bob = tenant
        .sign_in("bob")
        .await
        .get(&format!("{ME}/permissions"))
        .await
        .expect(200);
    assert_eq!(permissions, bob, "she may do what anybody may");
    let list = owner.get(&format!("{USERS}?role=owner")).await.expect(200);
    assert_eq!(list["total"], 1, "the list of owners does not have her");

    // The control: a role does.
    let roles = json!({ "roles": ["owner"] });
    owner
        .post(&format!("{USERS}/alice/permissions"), &roles)
        .await
        .expect(200);
    alice.get(USERS).await.expect(200);
}

#[tokio::test]
async fn a_role_is_known_in_any_case_and_given_once() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let roles = json!({ "roles": ["Auditor", "auditor", "USER"] });
    make(
        &owner,
        "bob",
        json!({ "password": PASSWORD, "mustChangePassword": false }),
    )
    .await;
    owner
        .post(&format!("{USERS}/bob/permissions"), &roles)
        .await
        .expect(200);
    make(&owner, "alice", roles).await;
    for name in ["alice", "bob"] {
        let detailed = owner.get(&format!("{USERS}/{name}")).await.expect(200);
        let of: Vec<_> = detailed["roles"]
            .as_array()
            .unwrap()
            .iter()
            .map(|role| &role["metadata"]["name"])
            .collect();
        assert_eq!(of, ["auditor", "user"], "{name}");
    }
}
