//! Deleting users.

use super::{Devices, ME, USERS, make, see, signs_in};
use crate::support::{PASSWORD, TestApp};
use serde_json::{Value, json};

const EVENTS: &str = "/apis/console/v1alpha1/audit-events";

#[tokio::test]
async fn a_deleted_user_is_gone_and_every_session_of_theirs_with_them() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(
        &owner,
        "alice",
        json!({ "labels": { "team": "core" }, "roles": ["auditor"] }),
    )
    .await;
    make(&owner, "bob", json!({})).await;
    let mut alice = Devices::of(&tenant, "alice", PASSWORD).await;
    let mut bob = Devices::of(&tenant, "bob", PASSWORD).await;
    assert_eq!(alice.let_in().await, [true; 3]);

    let path = format!("{USERS}/alice");
    let gone = owner.delete(&path).await;
    assert_eq!(gone.text, "");
    gone.expect(204);

    assert_eq!(alice.let_in().await, [false; 3]);
    assert!(!signs_in(&tenant, "alice", PASSWORD).await);
    assert!(!signs_in(&tenant, "alice@example.test", PASSWORD).await);
    owner.get(&path).await.expect_problem(404, "user_not_found");
    owner.delete(&path).await.expect_problem(404, "user_not_found");
    for filter in [
        "",
        "?keyword=alice",
        "?role=auditor",
        "?labelSelector=team",
        "?fieldSelector=name=alice",
    ] {
        let list = owner.get(&format!("{USERS}{filter}")).await.expect(200);
        let left = if filter.is_empty() { 2 } else { 0 };
        assert_eq!(list["total"], left, "{filter}");
    }
    assert_eq!(bob.let_in().await, [true; 3], "the control: nobody else is gone");
}

#[tokio::test]
async fn name_and_address_of_a_deleted_user_are_free_and_lead_to_nothing_of_theirs() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let first = make(
        &owner,
        "alice",
        json!({ "bio": "the first", "labels": { "team": "core" } }),
    )
    .await;
    let mut devices = Devices::of(&tenant, "alice", PASSWORD).await;
    let pending = json!({ "email": "pending@example.test" });
    let alice = tenant.sign_in("alice").await;
    alice
        .post(&format!("{ME}/send-email-verification-code"), &pending)
        .await
        .expect(200);
    let code = tenant.code_to("pending@example.test").await;
    owner.delete(&format!("{USERS}/alice")).await.expect(204);

    let second = make(&owner, "alice", json!({ "password": "another good password" })).await;
    let of_pending =
        json!({ "name": "bob", "email": "pending@example.test", "password": PASSWORD, "mustChangePassword": false });
    owner.post(USERS, &of_pending).await.expect(200);

    assert_ne!(second["status"]["id"], first["status"]["id"]);
    assert_eq!(
        (second["spec"].get("bio"), &second["metadata"]["labels"]),
        (None, &json!({}))
    );
    assert_eq!(
        devices.let_in().await,
        [false; 3],
        "what was issued to the first is nothing to the second"
    );
    assert!(!signs_in(&tenant, "alice", PASSWORD).await);
    assert!(signs_in(&tenant, "alice", "another good password").await);
    let bob = tenant.sign_in("bob").await;
    let given = json!({ "password": PASSWORD, "code": code });
    let verify = bob.post(&format!("{ME}/verify-email"), &given).await;
    verify.expect_problem(400, "code_invalid");
}

#[tokio::test]
async fn what_a_deleted_user_did_stays_in_the_audit_trail() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({ "roles": ["owner"] })).await;
    let alice = tenant.sign_in("alice").await;
    make(&alice, "bob", json!({})).await;
    let by_alice = owner.get(&format!("{EVENTS}?actor=alice")).await.expect(200);
    assert_eq!(by_alice["items"][0]["action"], "users:create");

    owner.delete(&format!("{USERS}/alice")).await.expect(204);

    assert_eq!(owner.get(&format!("{EVENTS}?actor=alice")).await.expect(200), by_alice);
    let deleted = owner
        .get(&format!("{EVENTS}?action=users:delete&object=alice"))
        .await
        .expect(200);
    let event = &deleted["items"][0];
    assert_eq!((&event["actor"], &event["outcome"]), (&json!("admin"), &json!("done")));
    let of_user = |change: &&Value| change["kind"] == "user" && change["name"] == "alice";
    let change = event["changes"].as_array().unwrap().iter().find(of_user).unwrap();
    assert_eq!(
        (&change["before"]["email"], &change["before"]["roles"], &change["after"]),
        (&json!("alice@example.test"), &json!(["owner", "user"]), &Value::Null)
    );
    assert!(!deleted.to_string().contains("argon2"));
    let whole = owner.get(&format!("{EVENTS}/-/verification")).await.expect(200);
    assert_eq!(whole["intact"], true);
    assert_eq!(
        see(&owner, "bob").await["metadata"]["name"],
        "bob",
        "what they made stays"
    );
}

#[tokio::test]
async fn nobody_deletes_themself_or_somebody_above_them() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "manager", json!({ "roles": ["user-manager"] })).await;
    make(&owner, "other", json!({ "roles": ["user-manager"] })).await;
    make(&owner, "plain", json!({})).await;
    let manager = tenant.sign_in("manager").await;
    let plain = tenant.sign_in("plain").await;

    owner
        .delete(&format!("{USERS}/admin"))
        .await
        .expect_problem(409, "own_account");
    manager
        .delete(&format!("{USERS}/manager"))
        .await
        .expect_problem(409, "own_account");
    manager
        .delete(&format!("{USERS}/admin"))
        .await
        .expect_problem(403, "escalation");
    plain
        .delete(&format!("{USERS}/other"))
        .await
        .expect_problem(403, "forbidden");
    plain
        .delete(&format!("{USERS}/plain"))
        .await
        .expect_problem(403, "forbidden");
    plain
        .delete(&format!("{USERS}/nobody"))
        .await
        .expect_problem(403, "forbidden");
    owner.delete(ME).await.expect_problem(409, "policy_forbids");
    assert_eq!(owner.get(USERS).await.expect(200)["total"], 4);

    for name in ["plain", "other"] {
        manager.delete(&format!("{USERS}/{name}")).await.expect(204);
    }
    owner.delete(&format!("{USERS}/manager")).await.expect(204);
    assert_eq!(owner.get(USERS).await.expect(200)["total"], 1);
}

#[tokio::test]
async fn a_user_of_this_name_in_another_tenant_stays() {
    let app = TestApp::start().await;
    let (home, acme) = (app.default_tenant(), app.tenant("acme").await);
    let (owner, owner_of_acme) = (home.owner().await, acme.owner().await);
    for owner in [&owner, &owner_of_acme] {
        make(owner, "alice", json!({})).await;
    }
    make(&owner_of_acme, "bob", json!({})).await;
    let mut there = Devices::of(&acme, "alice", PASSWORD).await;

    owner
        .delete(&format!("{USERS}/bob"))
        .await
        .expect_problem(404, "user_not_found");
    owner
        .delete(&format!("/t/acme{USERS}/alice"))
        .await
        .expect_problem(401, "unauthenticated");
    owner.delete(&format!("{USERS}/alice")).await.expect(204);

    assert_eq!(there.let_in().await, [true; 3]);
    for name in ["alice", "bob"] {
        owner_of_acme.delete(&format!("{USERS}/{name}")).await.expect(204);
    }
    assert_eq!(there.let_in().await, [false; 3]);
}
