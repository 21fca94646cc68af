//! Passwords: chosen by somebody else, and by oneself.

use crate::support::{PASSWORD, TestApp};
use crate::user::{Devices, ME, USERS, make, see, signs_in};
use reqwest::Method;
use serde_json::{Value, json};

const CHOSEN: &str = "chosen by somebody else";
const OWN: &str = "chosen by alice herself";

#[tokio::test]
async fn a_password_set_by_somebody_else_ends_every_session() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({})).await;
    make(&owner, "bob", json!({})).await;
    let mut alice = Devices::of(&tenant, "alice", PASSWORD).await;
    let mut bob = Devices::of(&tenant, "bob", PASSWORD).await;
    assert_eq!(alice.let_in().await, [true; 3]);

    let set = owner
        .put(
            &format!("{USERS}/alice/password"),
            &json!({ "password": CHOSEN, "mustChange": false }),
        )
        .await
        .expect(200);

    assert_eq!(set["spec"]["mustChangePassword"], false);
    assert!(!set.to_string().contains(CHOSEN) && !set.to_string().contains("argon2"));
    assert_eq!(alice.let_in().await, [false; 3]);
    assert!(!signs_in(&tenant, "alice", PASSWORD).await);
    assert!(signs_in(&tenant, "alice", CHOSEN).await);
    assert_eq!(bob.let_in().await, [true; 3], "the control: nobody else is out");
    assert!(signs_in(&tenant, "bob", PASSWORD).await);
    let unknown = owner
        .put(&format!("{USERS}/nobody/password"), &json!({ "password": CHOSEN }))
        .await;
    unknown.expect_problem(404, "user_not_found");
}

#[tokio::test]
async fn who_must_choose_a_password_may_do_nothing_else_until_they_have() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({ "roles": ["owner"] })).await;
    let given = json!({ "password": CHOSEN, "mustChange": true });
    let set = owner.put(&format!("{USERS}/alice/password"), &given).await.expect(200);
    assert_eq!(set["spec"]["mustChangePassword"], true);
    let here = Devices::of(&tenant, "alice", CHOSEN).await;
    let mut there = Devices::of(&tenant, "alice", CHOSEN).await;

    let profile = json!({ "metadata": { "name": "alice" }, "spec": { "displayName": "A" } });
    let (nothing, password) = (Value::Null, json!({ "password": OWN }));
    let refused = [
        (Method::GET, USERS, &nothing),
        (Method::GET, "/apis/console/v1alpha1/users/admin", &nothing),
        (Method::PUT, ME, &profile),
        (Method::POST, "/apis/console/v1alpha1/users/admin/disable", &nothing),
        (Method::GET, "/apis/console/v1alpha1/users/-/sessions", &nothing),
        (Method::GET, "/apis/console/v1alpha1/users/admin/permissions", &nothing),
        (Method::PUT, "/apis/console/v1alpha1/users/admin/password", &password),
        (Method::PUT, "/apis/console/v1alpha1/users/alice/password", &password),
        (Method::GET, "/apis/console/v1alpha1/messages", &nothing),
        (Method::GET, "/apis/console/v1alpha1/roles", &nothing),
        (Method::GET, "/auth/v1/users/me/email", &nothing),
        (Method::POST, "/auth/v1/users/me/email/_resend_verification", &nothing),
    ];
    for (method, path, body) in refused {
        let by_token = here.application.request(method.clone(), path).json(body);
        let by_token = here.application.send(by_token).await;
        by_token.expect_problem(403, "password_change_required");
        let by_cookie = here.application.send(here.browse(method, path).json(body)).await;
        by_cookie.expect_problem(403, "password_change_required");
    }
    // Enough to tell them so.
    let me = here.application.get(ME).await.expect(200);
    assert_eq!(me["user"]["spec"]["mustChangePassword"], true);

    let change = json!({ "oldPassword": CHOSEN, "password": OWN });
    let request = here.browse(Method::PUT, &format!("{ME}/password")).json(&change);
    let changed = here.application.send(request).await.expect(200);
    assert_eq!(changed["spec"]["mustChangePassword"], false);
    here.application.send(here.browse(Method::GET, USERS)).await.expect(200);
    assert_eq!(there.let_in().await, [false; 3]);
    here.application.get(ME).await.expect_problem(401, "unauthenticated");
    Devices::of(&tenant, "alice", OWN)
        .await
        .application
        .get(USERS)
        .await
        .expect(200);
}

#[tokio::test]
async fn a_user_made_to_choose_a_password_chooses_it_in_an_application() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let made = make(
        &owner,
        "alice",
        json!({ "password": CHOSEN, "mustChangePassword": true }),
    )
    .await;
    assert_eq!(made["spec"]["mustChangePassword"], true);
    let mut alice = Devices::of(&tenant, "alice", CHOSEN).await;
    assert_eq!(
        alice.let_in().await,
        [true; 3],
        "a restricted session is one, and can be renewed"
    );

    let own = format!("{ME}/sessions");
    alice
        .application
        .get(&own)
        .await
        .expect_problem(403, "password_change_required");
    let change = json!({ "oldPassword": CHOSEN, "password": OWN });
    alice
        .application
        .put(&format!("{ME}/password"), &change)
        .await
        .expect(200);
    alice.application.get(&own).await.expect(200);
    assert_eq!(
        alice.let_in().await,
        [true, true, false],
        "this session stays, the other one ends"
    );
    let without = json!({ "name": "bob", "email": "bob@example.test", "mustChangePassword": true });
    let made = owner.post(USERS, &without).await.expect(200);
    assert_eq!(
        (&made["spec"]["passwordSet"], &made["spec"]["mustChangePassword"]),
        (&json!(false), &json!(false))
    );
}

#[tokio::test]
async fn ones_own_password_ends_the_other_sessions_and_not_this_one() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({})).await;
    let mut here = Devices::of(&tenant, "alice", PASSWORD).await;
    let mut there = Devices::of(&tenant, "alice", PASSWORD).await;

    let change = json!({ "oldPassword": PASSWORD, "password": OWN });
    here.application
        .put(&format!("{ME}/password"), &change)
        .await
        .expect(200);

    assert_eq!(
        here.let_in().await,
        [true, true, false],
        "its own cookie is another session"
    );
    assert_eq!(there.let_in().await, [false; 3]);
    assert!(!signs_in(&tenant, "alice", PASSWORD).await);
    assert!(signs_in(&tenant, "alice", OWN).await);
}

#[tokio::test]
async fn a_wrong_old_password_changes_nothing() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "alice", json!({})).await;
    let mut alice = Devices::of(&tenant, "alice", PASSWORD).await;
    let before = see(&owner, "alice").await;
    let path = format!("{ME}/password");

    for old in [
        "not the password",
        "Correct horse battery staple",
        &format!("{PASSWORD} "),
    ] {
        let change = json!({ "oldPassword": old, "password": OWN });
        let refused = alice.application.put(&path, &change).await;
        refused.expect_problem(400, "password_wrong");
    }
    for (change, field) in [
        (json!({ "oldPassword": PASSWORD, "password": "short" }), "password"),
        (json!({ "oldPassword": PASSWORD }), "password"),
        (json!({ "oldPassword": PASSWORD, "password": PASSWORD }), "password"),
        (json!({ "password": OWN }), "oldPassword"),
        (json!({ "oldPassword": "", "password": OWN }), "oldPassword"),
    ] {
        let refused = alice
            .application
            .put(&path, &change)
            .await
            .expect_problem(400, "invalid");
        assert_eq!(refused["errors"][0]["field"], field);
    }
    assert_eq!(see(&owner, "alice").await, before);
    assert_eq!(alice.let_in().await, [true; 3]);
    assert!(!signs_in(&tenant, "alice", OWN).await);
    let change = json!({ "oldPassword": PASSWORD, "password": OWN });
    alice.application.put(&path, &change).await.expect(200);
    assert!(signs_in(&tenant, "alice", OWN).await);
}

#[tokio::test]
async fn nobody_sets_a_password_of_somebody_above_them_or_without_the_role() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "manager", json!({ "roles": ["user-manager"] })).await;
    make(&owner, "support", json!({ "roles": ["support"] })).await;
    make(&owner, "plain", json!({})).await;
    let manager = tenant.sign_in("manager").await;
    let given = json!({ "password": CHOSEN });
    let of = |name: &str| format!("{USERS}/{name}/password");

    manager
        .put(&of("admin"), &given)
        .await
        .expect_problem(403, "escalation");
    for name in ["support", "plain"] {
        let who = tenant.sign_in(name).await;
        who.put(&of("manager"), &given).await.expect_problem(403, "forbidden");
    }
    assert!(signs_in(&tenant, "admin", PASSWORD).await && signs_in(&tenant, "manager", PASSWORD).await);
    for name in ["support", "plain"] {
        manager.put(&of(name), &given).await.expect(200);
        assert!(signs_in(&tenant, name, CHOSEN).await);
    }
}
