//! Nobody becomes through an application what they are not.

use super::{APPLICATIONS, create, make, patch, secret_of};
use crate::support::{
    TestApp,
    roles::{allow, deny, make_person, make_role},
};
use serde_json::json;

#[tokio::test]
async fn an_application_manager_gives_an_application_no_more_than_they_have() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let mia = make_person(&owner, "mia", "application-manager").await;
    for spec in [
        json!({ "roles": ["owner"] }),
        json!({ "roles": ["user-manager"] }),
        json!({ "roles": ["application-manager", "support"] }),
        json!({ "scopes": ["api"], "firstParty": true }),
        json!({ "scopes": ["users:list"] }),
        json!({ "scopes": ["users:*"] }),
    ] {
        create(&mia, "mine", "machine", spec.clone())
            .await
            .expect_problem(403, "escalation");
        // The control: the owner may.
        make(&owner, "control", "machine", spec.clone()).await;
        owner.delete(&format!("{APPLICATIONS}/control")).await.expect(204);
    }
    make(
        &mia,
        "mine",
        "machine",
        json!({ "roles": ["application-manager"], "scopes": ["applications:*"] }),
    )
    .await;
    for spec in [
        json!({ "roles": ["owner"] }),
        json!({ "scopes": ["users:delete"] }),
        json!({ "scopes": ["api"], "firstParty": true }),
    ] {
        patch(&mia, "mine", spec).await.expect_problem(403, "escalation");
    }
    patch(&mia, "mine", json!({ "redirectUris": ["https://mine.example/cb"] }))
        .await
        .expect(200);
    secret_of(&mia, "mine").await;
}

#[tokio::test]
async fn who_may_do_less_than_an_application_gets_neither_its_secret_nor_its_address() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let mia = make_person(&owner, "mia", "application-manager").await;
    for (name, spec) in [
        ("root", json!({ "roles": ["owner"] })),
        ("home", json!({ "scopes": ["openid", "api"], "firstParty": true })),
        ("list", json!({ "scopes": ["users:list"] })),
    ] {
        make(&owner, name, "web-server", spec).await;
        let (secret, _) = secret_of(&owner, name).await;
        let path = format!("{APPLICATIONS}/{name}");
        for spec in [
            json!({ "redirectUris": ["https://mia.example/cb"] }),
            json!({ "allowedOrigins": ["https://mia.example"] }),
            json!({ "authMethods": ["none"] }),
            json!({ "roles": [], "scopes": [] }),
            json!({ "displayName": "Mine" }),
        ] {
            patch(&mia, name, spec).await.expect_problem(403, "escalation");
        }
        for (path, body) in [
            (format!("{path}/secrets"), json!({})),
            (format!("{path}/disable"), json!({})),
            (format!("{path}/enable"), json!({})),
        ] {
            mia.post(&path, &body).await.expect_problem(403, "escalation");
        }
        mia.delete(&format!("{path}/secrets/{secret}"))
            .await
            .expect_problem(403, "escalation");
        mia.delete(&path).await.expect_problem(403, "escalation");
        mia.get(&path).await.expect(200);
        // The control: the owner may.
        patch(&owner, name, json!({ "redirectUris": ["https://ours.example/cb"] }))
            .await
            .expect(200);
        owner.delete(&format!("{path}/secrets/{secret}")).await.expect(204);
    }
    for name in ["console", "swagger-ui", "direct"] {
        let off = mia.post(&format!("{APPLICATIONS}/{name}/disable"), &json!({})).await;
        off.expect_problem(403, "escalation");
    }
}

#[tokio::test]
async fn a_role_of_an_application_is_not_changed_by_who_may_do_less() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "clerk", "", &[allow("roles", "list get")]).await;
    make(&owner, "root", "machine", json!({ "roles": ["owner", "clerk"] })).await;
    let eve = make_person(&owner, "eve", "role-manager").await;
    let wider = json!({ "spec": { "displayName": "Clerk" }, "rules": [deny("users", "delete")] });
    let path = format!("{}/clerk", crate::support::roles::ROLES);
    eve.put(&path, &wider).await.expect_problem(403, "escalation");
    owner.put(&path, &wider).await.expect(200);
}
