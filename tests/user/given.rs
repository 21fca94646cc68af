//! What administrators give users, and what users may not take: passwords for a while, annotations, pictures.

use super::{ME, USERS, make, signs_in};
use crate::support::{PASSWORD, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const OTHER: &str = "nine loud herons fold socks";
const DAY: i64 = 24 * 3600;

#[tokio::test]
async fn a_password_set_by_an_administrator_is_changed_at_the_next_sign_in_unless_told_otherwise() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let new = |name: &str| json!({ "name": name, "email": format!("{name}@example.test"), "password": OTHER });
    let made = owner.post(USERS, &new("alice")).await.expect(200);
    assert_eq!(made["spec"]["mustChangePassword"], true);
    make(&owner, "bob", json!({})).await;
    for (given, must) in [(json!({}), true), (json!({ "mustChange": false }), false)] {
        let mut given = given;
        given["password"] = json!(OTHER);
        let set = owner.put(&format!("{USERS}/bob/password"), &given).await.expect(200);
        assert_eq!(set["spec"]["mustChangePassword"], must, "{given}");
    }
}

#[tokio::test]
async fn a_password_that_is_to_be_changed_is_good_for_a_week() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({})).await;
    make(&owner, "bob", json!({})).await;
    for (name, must) in [("alice", true), ("bob", false)] {
        let given = json!({ "password": OTHER, "mustChange": must });
        owner.put(&format!("{USERS}/{name}/password"), &given).await.expect(200);
    }
    app.advance(7 * DAY - 60);
    assert!(signs_in(&tenant, "alice", OTHER).await);
    app.advance(60);
    let given = json!({ "username": "alice", "password": OTHER });
    let refused = tenant.anybody().post("/v1/login", &given).await;
    refused.expect_problem(403, "password_expired");
    assert!(!signs_in(&tenant, "alice", PASSWORD).await);
    assert!(signs_in(&tenant, "bob", OTHER).await);
}

#[tokio::test]
async fn annotations_in_a_namespace_are_the_administrators() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let given = json!({ "annotations": { "hr.example.com/grade": "7", "note": "a" } });
    make(&owner, "alice", given).await;
    let alice = tenant.sign_in("alice").await;
    let own = async |annotations: Value| {
        let body =
            json!({ "metadata": { "name": "alice", "annotations": annotations }, "spec": { "displayName": "A" } });
        alice.put(ME, &body).await
    };
    for taken in [
        json!({ "hr.example.com/grade": "9" }),
        json!({ "hr.example.com/more": "1" }),
    ] {
        own(taken).await.expect_problem(400, "invalid");
    }
    // As it was read, or not at all, it stays.
    for kept in [
        json!({ "hr.example.com/grade": "7", "note": "b" }),
        json!({ "note": "b" }),
    ] {
        let changed = own(kept).await.expect(200);
        let expected = json!({ "hr.example.com/grade": "7", "note": "b" });
        assert_eq!(changed["metadata"]["annotations"], expected);
    }
    let patch = json!({ "metadata": { "annotations": { "hr.example.com/grade": "9" } } });
    let request = owner.request(Method::PATCH, &format!("{USERS}/alice")).json(&patch);
    owner.send(request).await.expect(200);
}

#[tokio::test]
async fn a_picture_is_at_an_address_of_the_web() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for (avatar, status) in [
        ("javascript:alert(1)", 400),
        ("data:image/svg+xml,<svg/>", 400),
        ("file:///etc/passwd", 400),
        ("//pics.example/a.png", 400),
        ("a.png", 400),
        ("https://pics.example/a.png", 200),
        ("HTTP://pics.example/a.png", 200),
        ("", 200),
    ] {
        let name = format!("user{}", tenantry::kit::secret::new_code().as_str());
        let new = json!({ "name": name, "email": format!("{name}@example.test"), "avatar": avatar });
        assert_eq!(owner.post(USERS, &new).await.status, status, "{avatar}");
        let patch = json!({ "spec": { "avatar": avatar } });
        let request = owner.request(Method::PATCH, &format!("{USERS}/admin")).json(&patch);
        assert_eq!(owner.send(request).await.status, status, "{avatar}");
    }
}

#[tokio::test]
async fn who_only_claims_an_address_does_not_stop_an_administrator() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let claim = json!({ "username": "eve", "email": "alice@example.test", "password": PASSWORD });
    tenant.anybody().post("/v1/register", &claim).await.expect(200);
    make(&owner, "alice", json!({})).await;
    make(&owner, "bob", json!({ "email": "bob@example.org" })).await;
    let given = json!({ "email": "alice@example.test", "verified": true });
    owner.put(&format!("{USERS}/bob/email"), &given).await.expect(200);
    // A proof is something else.
    let new = json!({ "name": "carol", "email": "alice@example.test" });
    owner.post(USERS, &new).await.expect_problem(409, "email_taken");
    app.work().await;
}
