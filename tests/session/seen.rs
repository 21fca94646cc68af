//! Sessions: seen and ended by their owner and by administrators.

use crate::support::{PASSWORD, Person, TestApp};
use crate::user::{Devices, ME, USERS, make};
use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};

const OWN: &str = "/apis/console/v1alpha1/users/-/sessions";

fn of(name: &str) -> String {
    format!("{USERS}/{name}/sessions")
}

/// The sessions of a list.
async fn list(who: &Person<'_>, path: &str) -> Vec<Value> {
    let list = who.get(path).await.expect(200);
    list["items"].as_array().unwrap().clone()
}

/// The id of the session that this request comes through.
async fn current(who: &Person<'_>) -> String {
    let sessions = list(who, OWN).await;
    let current = sessions.iter().find(|session| session["status"]["current"] == true);
    current.unwrap()["metadata"]["name"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn people_see_their_own_sessions_and_which_one_this_is() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({})).await;
    let anybody = tenant.anybody();
    let given = json!({ "username": "alice", "password": PASSWORD, "clientId": "web-shop" });
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let login = anybody.request(Method::POST, "/v1/login").header("user-agent", firefox);
    let mut first = anybody.clone();
    first.tokens = anybody.send(login.json(&given)).await.expect(200);
    app.advance(60);
    let second = tenant.sign_in("alice").await;

    let sessions = list(&second, OWN).await;
    let current: Vec<_> = sessions.iter().map(|session| &session["status"]["current"]).collect();
    assert_eq!(current, [true, false], "newest first");
    let (session, status) = (&sessions[1], &sessions[1]["status"]);
    assert_eq!(
        (&session["apiVersion"], &session["kind"]),
        (&json!("v1alpha1"), &json!("Session"))
    );
    assert_eq!(
        session["spec"],
        json!({
            "deviceName": session["spec"]["deviceName"], "ipAddress": "127.0.0.1",
            "userAgent": firefox, "clientId": "web-shop",
        })
    );
    let device = session["spec"]["deviceName"].as_str().unwrap();
    assert!(device.contains("Firefox") && device.contains("Linux"), "{device}");
    let at = |moment: &Value| moment.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let began = at(&session["metadata"]["creationTimestamp"]);
    assert!(at(&status["expiresAt"]) > began && at(&status["lastUsedAt"]) >= began);
    for secret in ["token", "Hash", "cookie"] {
        assert!(!json!(sessions).to_string().contains(secret), "{secret}");
    }
    assert_eq!(list(&first, OWN).await[1]["status"]["current"], true);
    assert_eq!(
        list(&owner, OWN).await.len(),
        1,
        "the control: everybody sees their own"
    );
}

#[tokio::test]
async fn people_end_one_of_their_sessions_or_all_others() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({})).await;
    let mut here = Devices::of(&tenant, "alice", PASSWORD).await;
    let there = tenant.sign_in("alice").await;
    let third = tenant.sign_in("alice").await;

    let path = format!("{OWN}/{}", current(&there).await);
    here.application.delete(&path).await.expect(204);
    there.get(ME).await.expect_problem(401, "unauthenticated");
    here.application
        .delete(&path)
        .await
        .expect_problem(404, "session_not_found");
    third.get(ME).await.expect(200);
    assert_eq!(here.let_in().await, [true; 3]);

    here.application.delete(OWN).await.expect(204);
    third.get(ME).await.expect_problem(401, "unauthenticated");
    assert_eq!(here.let_in().await, [true, true, false]);
    assert_eq!(list(&here.application, OWN).await.len(), 1);
    here.application.delete(OWN).await.expect(204);

    let path = format!("{OWN}/{}", current(&here.application).await);
    here.application.delete(&path).await.expect(204);
    assert_eq!(here.let_in().await, [false; 3], "also the present one, by its id");
    owner.get(ME).await.expect(200);
}

#[tokio::test]
async fn a_session_is_ended_only_through_the_user_it_belongs_to() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for name in ["alice", "bob"] {
        make(&owner, name, json!({})).await;
    }
    let (alice, bob) = (tenant.sign_in("alice").await, tenant.sign_in("bob").await);
    let id = current(&alice).await;

    bob.delete(&format!("{OWN}/{id}"))
        .await
        .expect_problem(404, "session_not_found");
    owner
        .delete(&format!("{OWN}/{id}"))
        .await
        .expect_problem(404, "session_not_found");
    owner
        .delete(&format!("{}/{id}", of("bob")))
        .await
        .expect_problem(404, "session_not_found");
    owner
        .delete(&format!("{}/{id}", of("nobody")))
        .await
        .expect_problem(404, "user_not_found");
    let unknown = "ses_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f";
    owner
        .delete(&format!("{}/{unknown}", of("alice")))
        .await
        .expect_problem(404, "session_not_found");
    for broken in ["x", "-", "usr_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f", "ses_0190A9F0"] {
        owner
            .delete(&format!("{}/{broken}", of("alice")))
            .await
            .expect_problem(400, "invalid");
    }
    alice.get(ME).await.expect(200);

    owner.delete(&format!("{}/{id}", of("alice"))).await.expect(204);
    alice.get(ME).await.expect_problem(401, "unauthenticated");
    bob.get(ME).await.expect(200);
}

#[tokio::test]
async fn administrators_see_and_end_all_sessions_of_a_user() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for name in ["alice", "bob"] {
        make(&owner, name, json!({})).await;
    }
    let mut alice = Devices::of(&tenant, "alice", PASSWORD).await;
    let mut bob = Devices::of(&tenant, "bob", PASSWORD).await;
    let seen = list(&owner, &of("alice")).await;
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|session| session["status"]["current"] == false));

    owner.delete(&of("alice")).await.expect(204);
    assert_eq!(alice.let_in().await, [false; 3]);
    assert_eq!(list(&owner, &of("alice")).await, [] as [Value; 0]);
    owner.delete(&of("alice")).await.expect(204);
    owner.delete(&of("nobody")).await.expect_problem(404, "user_not_found");
    owner.get(&of("nobody")).await.expect_problem(404, "user_not_found");
    assert_eq!(bob.let_in().await, [true; 3]);
    tenant.sign_in("alice").await.get(ME).await.expect(200);
}

#[tokio::test]
async fn nobody_touches_sessions_of_somebody_above_them_or_without_the_role() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "support", json!({ "roles": ["support"] })).await;
    make(&owner, "auditor", json!({ "roles": ["auditor"] })).await;
    make(&owner, "plain", json!({})).await;
    let support = tenant.sign_in("support").await;
    let auditor = tenant.sign_in("auditor").await;
    let plain = tenant.sign_in("plain").await;
    let of_owner = format!("{}/{}", of("admin"), current(&owner).await);

    for path in [of("admin"), of_owner] {
        support.delete(&path).await.expect_problem(403, "escalation");
        auditor.delete(&path).await.expect_problem(403, "forbidden");
        plain.delete(&path).await.expect_problem(403, "forbidden");
    }
    for path in [of("admin"), of("plain")] {
        plain.get(&path).await.expect_problem(403, "forbidden");
        assert!(!list(&auditor, &path).await.is_empty());
    }
    owner.get(ME).await.expect(200);
    support.delete(&of("plain")).await.expect(204);
    plain.get(ME).await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_session_of_another_tenant_is_not_found_in_this_one() {
    let app = TestApp::start().await;
    let (home, acme) = (app.default_tenant(), app.tenant("acme").await);
    let (owner, owner_of_acme) = (home.owner().await, acme.owner().await);
    for owner in [&owner, &owner_of_acme] {
        make(owner, "alice", json!({})).await;
    }
    let alice = acme.sign_in("alice").await;
    let path = format!("{}/{}", of("alice"), current(&alice).await);

    owner.delete(&path).await.expect_problem(404, "session_not_found");
    owner.delete(&of("alice")).await.expect(204);
    assert_eq!(list(&owner, &of("alice")).await.len(), 0);
    alice.get(ME).await.expect(200);
    owner_of_acme.delete(&path).await.expect(204);
    alice.get(ME).await.expect_problem(401, "unauthenticated");
}
