//! A tenant always has an owner who can sign in and do everything.

use crate::support::roles::{
    ROLES, USERS, deny, grant, make_person, make_role, make_user, may, patch, roles_of, set_rules,
};
use crate::support::{PASSWORD, Person, Reply, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

/// What takes the owner `admin` away, or what they may: the method, the path and the body.
fn acts() -> Vec<(Method, String, Value)> {
    let admin = |rest: &str| format!("{USERS}/admin{rest}");
    let denial = json!([deny("messages", "get")]);
    let whole = json!({ "spec": { "displayName": "Badge" }, "rules": denial });
    vec![
        (Method::POST, admin("/permissions"), json!({ "roles": [] })),
        (
            Method::POST,
            admin("/permissions"),
            json!({ "roles": ["badge", "heir"] }),
        ),
        (
            Method::POST,
            admin("/permissions"),
            json!({ "roles": ["owner", "denier"] }),
        ),
        (Method::PATCH, format!("{ROLES}/badge"), json!({ "rules": denial })),
        (
            Method::PATCH,
            format!("{ROLES}/badge"),
            json!({ "spec": { "inherits": ["denier"] } }),
        ),
        (Method::PUT, format!("{ROLES}/badge"), whole.clone()),
        (Method::PUT, format!("{ROLES}/base"), whole),
        (Method::DELETE, format!("{ROLES}/badge?replacement=denier"), Value::Null),
        (Method::DELETE, format!("{ROLES}/base?replacement=denier"), Value::Null),
    ]
}

async fn send(by: &Person<'_>, (method, path, body): &(Method, String, Value)) -> Reply {
    let request = by.request(method.clone(), path);
    by.send(if body.is_null() { request } else { request.json(body) }).await
}

/// A tenant with an owner `admin`, the roles that [`acts`] name, and `heir` who may do everything
/// and is no owner.
async fn prepare<'a>(owner: &Person<'a>) -> Person<'a> {
    make_role(owner, "heir", "owner", &[]).await;
    make_role(owner, "base", "", &[]).await;
    make_role(owner, "badge", "base", &[]).await;
    make_role(owner, "denier", "", &[deny("audit-events", "verify")]).await;
    grant(owner, "admin", "owner badge").await.expect(200);
    make_person(owner, "heir", "heir").await
}

#[tokio::test]
async fn the_last_owner_is_taken_away_by_nobody() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let heir = prepare(&owner).await;
    // Neither is an owner who counts: one cannot sign in, the other cannot do everything.
    make_user(&owner, "off", "owner").await;
    owner
        .post(&format!("{USERS}/off/disable"), &json!({}))
        .await
        .expect(200);
    make_user(&owner, "less", "owner denier").await;
    let before = (
        may(&owner, "-").await,
        owner.get(ROLES).await.expect(200),
        roles_of(&owner, "admin").await,
    );
    for by in [&heir, &owner] {
        for act in acts() {
            let refused = send(by, &act).await;
            assert_eq!(refused.status, 409, "{act:?} by {}: {}", by.name, refused.text);
            refused.expect_problem(409, "last_owner");
        }
    }
    heir.post(&format!("{USERS}/admin/disable"), &json!({}))
        .await
        .expect_problem(409, "last_owner");
    heir.delete(&format!("{USERS}/admin"))
        .await
        .expect_problem(409, "last_owner");
    owner
        .post(&format!("{USERS}/admin/disable"), &json!({}))
        .await
        .expect_problem(409, "own_account");
    owner
        .delete(&format!("{USERS}/admin"))
        .await
        .expect_problem(409, "own_account");
    let after = (
        may(&owner, "-").await,
        owner.get(ROLES).await.expect(200),
        roles_of(&owner, "admin").await,
    );
    assert_eq!(after, before);
    tenant.owner().await.get(USERS).await.expect(200);
}

#[tokio::test]
async fn with_another_owner_the_first_one_can_go() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let heir = prepare(&owner).await;
    let second = make_person(&owner, "second", "owner").await;
    for act in acts() {
        let done = send(&second, &act).await;
        assert!(done.status.is_success(), "{act:?}: {}", done.text);
        // As it was before.
        if owner.get(&format!("{ROLES}/base")).await.status == 404 {
            make_role(&second, "base", "", &[]).await;
        }
        let badge = json!({ "spec": { "displayName": "Badge", "inherits": ["base"] } });
        set_rules(&second, "base", &[]).await.expect(200);
        if second.put(&format!("{ROLES}/badge"), &badge).await.status == 404 {
            make_role(&second, "badge", "base", &[]).await;
        }
        grant(&second, "admin", "owner badge").await.expect(200);
    }
    heir.post(&format!("{USERS}/admin/disable"), &json!({}))
        .await
        .expect(200);
    heir.post(&format!("{USERS}/admin/enable"), &json!({}))
        .await
        .expect(200);
    let admin = tenant.owner().await;
    admin
        .post(&format!("{USERS}/second/disable"), &json!({}))
        .await
        .expect(200);
    heir.delete(&format!("{USERS}/admin"))
        .await
        .expect_problem(409, "last_owner");
    admin
        .post(&format!("{USERS}/second/enable"), &json!({}))
        .await
        .expect(200);
    heir.delete(&format!("{USERS}/admin")).await.expect(204);
    tenant.sign_in("second").await.get(USERS).await.expect(200);
}

#[tokio::test]
async fn an_owner_demotes_themself_only_beside_another() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    grant(&owner, "admin", "").await.expect_problem(409, "last_owner");
    make_user(&owner, "second", "owner").await;
    grant(&owner, "admin", "support").await.expect(200);
    assert_eq!(owner.get(USERS).await.status, 200, "as support");
    grant(&owner, "admin", "owner").await.expect_problem(403, "forbidden");
}

/// Without a password there is nothing to sign in with.
#[tokio::test]
async fn an_owner_without_a_password_is_none_who_can_sign_in() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let ghost = json!({ "name": "ghost", "email": "ghost@example.test", "roles": ["owner"] });
    let made = owner.post(USERS, &ghost).await.expect(200);
    assert_eq!(made["spec"]["passwordSet"], false);
    grant(&owner, "admin", "").await.expect_problem(409, "last_owner");
    let password = json!({ "password": PASSWORD, "mustChange": false });
    owner
        .put(&format!("{USERS}/ghost/password"), &password)
        .await
        .expect(200);
    grant(&owner, "admin", "").await.expect(200);
    app.default_tenant().sign_in("ghost").await.get(USERS).await.expect(200);
}

#[tokio::test]
async fn nobody_disables_or_deletes_their_own_account() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_user(&owner, "second", "owner").await;
    let manager = make_person(&owner, "manager", "user-manager").await;
    for by in [&owner, &manager] {
        let own = format!("{USERS}/{}", by.name);
        by.post(&format!("{own}/disable"), &json!({}))
            .await
            .expect_problem(409, "own_account");
        let upper = format!("{USERS}/{}", by.name.to_uppercase());
        by.post(&format!("{upper}/disable"), &json!({}))
            .await
            .expect_problem(409, "own_account");
        by.delete(&own).await.expect_problem(409, "own_account");
        by.post(&format!("{own}/enable"), &json!({})).await.expect(200);
        patch(by, &own, &json!({ "spec": { "bio": "still here" } }))
            .await
            .expect(200);
    }
    manager
        .post(&format!("{USERS}/second/disable"), &json!({}))
        .await
        .expect_problem(403, "escalation");
    owner
        .post(&format!("{USERS}/manager/disable"), &json!({}))
        .await
        .expect(200);
    owner.delete(&format!("{USERS}/manager")).await.expect(204);
}
