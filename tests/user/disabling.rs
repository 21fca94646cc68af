//! Keeping users from signing in, and letting them in again.

use super::{Devices, ME, USERS, make, see, signs_in};
use crate::support::{PASSWORD, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_disabled_user_is_out_at_once_everywhere() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({ "roles": ["auditor"] })).await;
    make(&owner, "bob", json!({})).await;
    let mut alice = Devices::of(&tenant, "alice", PASSWORD).await;
    let mut bob = Devices::of(&tenant, "bob", PASSWORD).await;
    assert_eq!(alice.let_in().await, [true; 3]);

    let disabled = owner
        .post(&format!("{USERS}/alice/disable"), &Value::Null)
        .await
        .expect(200);
    assert_eq!(disabled["spec"]["disabled"], true);
    assert_eq!(alice.let_in().await, [false; 3]);
    assert!(!signs_in(&tenant, "alice", PASSWORD).await);
    assert!(!signs_in(&tenant, "alice@example.test", PASSWORD).await);
    let given = json!({ "username": "alice", "password": PASSWORD });
    let in_browser = tenant.anybody().post("/apis/console/v1alpha1/sessions", &given).await;
    in_browser.expect_problem(401, "credentials_invalid");
    let sessions = owner.get(&format!("{USERS}/alice/sessions")).await.expect(200);
    assert_eq!(sessions["items"], json!([]));
    assert_eq!(bob.let_in().await, [true; 3], "the control: nobody else is out");
}

#[tokio::test]
async fn an_enabled_user_signs_in_again_and_what_had_ended_stays_ended() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({ "roles": ["auditor"], "bio": "hi" })).await;
    let mut before = Devices::of(&tenant, "alice", PASSWORD).await;
    let was = owner.get(&format!("{USERS}/alice")).await.expect(200);
    owner
        .post(&format!("{USERS}/alice/disable"), &Value::Null)
        .await
        .expect(200);

    let enabled = owner
        .post(&format!("{USERS}/alice/enable"), &Value::Null)
        .await
        .expect(200);
    assert_eq!(
        (&enabled["spec"]["disabled"], &enabled["spec"]["bio"]),
        (&json!(false), &json!("hi"))
    );
    assert_eq!(before.let_in().await, [false; 3]);
    let mut after = Devices::of(&tenant, "alice", PASSWORD).await;
    assert_eq!(after.let_in().await, [true; 3]);
    let is = owner.get(&format!("{USERS}/alice")).await.expect(200);
    assert_eq!(is["roles"], was["roles"]);
}

#[tokio::test]
async fn disabling_and_enabling_twice_is_doing_it_once() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let made = make(&owner, "alice", json!({})).await;
    let mut alice = Devices::of(&tenant, "alice", PASSWORD).await;

    // As it is already.
    let enabled = owner
        .post(&format!("{USERS}/alice/enable"), &Value::Null)
        .await
        .expect(200);
    assert_eq!(enabled, made);
    assert_eq!(alice.let_in().await, [true; 3]);
    for verb in ["disable", "enable"] {
        let path = format!("{USERS}/alice/{verb}");
        let once = owner.post(&path, &Value::Null).await.expect(200);
        let twice = owner.post(&path, &Value::Null).await.expect(200);
        assert_eq!(once, twice, "{verb}");
        assert_eq!(see(&owner, "alice").await, once);
        let unknown = owner.post(&format!("{USERS}/nobody/{verb}"), &Value::Null).await;
        unknown.expect_problem(404, "user_not_found");
    }
}

#[tokio::test]
async fn a_body_is_not_asked_for_and_not_read() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "alice", json!({})).await;
    for (kind, body) in [
        ("", ""),
        ("application/x-www-form-urlencoded", ""),
        ("application/json", "{}"),
        ("text/plain", "not JSON"),
    ] {
        for (verb, disabled) in [("disable", true), ("enable", false)] {
            let mut request = owner.request(Method::POST, &format!("{USERS}/alice/{verb}"));
            if !kind.is_empty() {
                request = request.header("content-type", kind);
            }
            let answer = owner.send(request.body(body)).await.expect(200);
            assert_eq!(answer["spec"]["disabled"], disabled, "{verb} {kind}");
        }
    }
}

#[tokio::test]
async fn nobody_disables_themself_somebody_above_them_or_without_the_role() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "manager", json!({ "roles": ["user-manager"] })).await;
    make(&owner, "plain", json!({})).await;
    let (manager, plain) = (tenant.sign_in("manager").await, tenant.sign_in("plain").await);
    let disable = |name: &str| format!("{USERS}/{name}/disable");

    owner
        .post(&disable("admin"), &Value::Null)
        .await
        .expect_problem(409, "own_account");
    manager
        .post(&disable("manager"), &Value::Null)
        .await
        .expect_problem(409, "own_account");
    manager
        .post(&disable("admin"), &Value::Null)
        .await
        .expect_problem(403, "escalation");
    plain
        .post(&disable("manager"), &Value::Null)
        .await
        .expect_problem(403, "forbidden");
    plain
        .post(&disable("plain"), &Value::Null)
        .await
        .expect_problem(403, "forbidden");
    for user in owner.get(USERS).await.expect(200)["items"].as_array().unwrap() {
        assert_eq!(user["user"]["spec"]["disabled"], false);
    }
    manager.post(&disable("plain"), &Value::Null).await.expect(200);
    plain.get(ME).await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn of_two_owners_who_disable_each_other_one_stays() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "other", json!({ "roles": ["owner"] })).await;
    let other = tenant.sign_in("other").await;

    let (of_other, of_admin) = (format!("{USERS}/other/disable"), format!("{USERS}/admin/disable"));
    let answers = futures_util::join!(owner.post(&of_other, &Value::Null), other.post(&of_admin, &Value::Null));

    let done = [&answers.0, &answers.1].map(|answer| answer.status == 200);
    assert!(done[0] != done[1], "{} {}", answers.0.text, answers.1.text);
    let winner = if done[0] { &owner } else { &other };
    assert_eq!(winner.get(USERS).await.expect(200)["total"], 2);
}
