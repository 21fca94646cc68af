//! The operations on applications and their secrets.

use super::{APPLICATIONS, create, event, make, patch, secret_of};
use crate::support::{
    TestApp,
    roles::{ROLES, make_person, make_role},
};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_preset_decides_what_an_application_begins_with() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let code = json!(["authorization_code", "refresh_token"]);
    let native = json!([
        "authorization_code",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:device_code"
    ]);
    let machine = json!(["client_credentials"]);
    let (basic, post) = ("client_secret_basic", "client_secret_post");
    for (preset, grants, methods, pkce, public) in [
        ("web-server", &code, json!([basic, post]), true, false),
        ("single-page", &code, json!(["none"]), true, true),
        ("native", &native, json!(["none"]), true, true),
        ("machine", &machine, json!([basic, post]), true, false),
        ("gateway", &code, json!([post, basic]), false, false),
    ] {
        let made = make(&owner, preset, preset, json!({})).await;
        let spec = &made["spec"];
        assert_eq!(&spec["grants"], grants, "{preset}");
        assert_eq!(spec["authMethods"], methods, "{preset}");
        assert_eq!(
            (&spec["requirePkce"], &made["status"]["public"]),
            (&json!(pkce), &json!(public)),
            "{preset}"
        );
        assert_eq!(spec["displayName"], preset);
        let is_gateway = preset == "gateway";
        assert_eq!(spec["claimsInIdToken"], is_gateway);
        assert_eq!(spec["claims"].as_array().unwrap().len(), usize::from(is_gateway));
        assert_eq!(owner.get(&format!("{APPLICATIONS}/{preset}")).await.expect(200), made);
    }
    let listed = owner
        .get(&format!("{APPLICATIONS}?fieldSelector=status.preset=(native,machine)"))
        .await;
    assert_eq!(listed.expect(200)["total"], 2);
    let unnamed = owner
        .post(APPLICATIONS, &json!({ "preset": "native" }))
        .await
        .expect(200);
    assert_eq!(unnamed["metadata"]["name"].as_str().unwrap().len(), 22);
    create(&owner, "native", "native", json!({}))
        .await
        .expect_problem(409, "application_name_taken");
}

#[tokio::test]
async fn a_change_names_its_version_and_leaves_the_rest_as_it_is() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let spec = json!({ "redirectUris": ["https://b.example/cb", "https://a.example/cb"], "color": "#123456", "accessTokenSeconds": 600 });
    let made = make(&owner, "shop", "web-server", spec).await;
    let changed = patch(
        &owner,
        "shop",
        json!({ "displayName": "Shop", "color": null, "accessTokenSeconds": null }),
    )
    .await;
    let tag = changed.header("etag").to_owned();
    let changed = changed.expect(200);
    assert_eq!(changed["metadata"]["version"], 2);
    assert_eq!(
        changed["spec"]["redirectUris"],
        json!(["https://b.example/cb", "https://a.example/cb"])
    );
    assert_eq!(
        (&changed["spec"]["color"], &changed["spec"]["accessTokenSeconds"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(changed["spec"]["scopes"], made["spec"]["scopes"]);

    let path = format!("{APPLICATIONS}/shop");
    let body = json!({ "spec": { "description": "Sells" } });
    let given = |tag: &str| owner.request(Method::PATCH, &path).header("if-match", tag).json(&body);
    owner
        .send(given("\"1\""))
        .await
        .expect_problem(412, "precondition_failed");
    owner.send(given(&tag)).await.expect(200);
    let stale = json!({ "metadata": { "version": 2 }, "spec": { "description": "x" } });
    let stale = owner.request(Method::PATCH, &path).json(&stale);
    owner.send(stale).await.expect_problem(409, "version_conflict");
    // What is as it was is no write.
    let same = patch(&owner, "shop", json!({ "displayName": "Shop" }))
        .await
        .expect(200);
    assert_eq!(same["metadata"]["version"], 3);
    let said = event(&owner, "applications:update").await;
    assert_eq!(
        (&said["object"], &said["actor"]),
        (&json!("shop"), &json!("admin")),
        "{said}"
    );

    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect_problem(404, "application_not_found");
    assert_eq!(
        app.count("select count(*) from application_uri").await,
        0,
        "what it had goes with it"
    );
}

/// For each field what is wrong with it, in a specification of a preset.
fn wrong_specs() -> Value {
    json!([
        { "preset": "web-server", "spec": { "redirectUris": ["https://a.example/cb", "javascript:alert(1)"] }, "field": "spec.redirectUris[1]" },
        { "preset": "web-server", "spec": { "redirectUris": ["https://a.example/cb", "https://a.example/cb"] }, "field": "spec.redirectUris[1]" },
        { "preset": "web-server", "spec": { "redirectUris": ["com.example.app:/cb"] }, "field": "spec.redirectUris[0]" },
        { "preset": "native", "spec": { "redirectUris": ["myapp:/cb"] }, "field": "spec.redirectUris[0]" },
        { "preset": "web-server", "spec": { "postLogoutRedirectUris": ["http://a.example/"] }, "field": "spec.postLogoutRedirectUris[0]" },
        { "preset": "web-server", "spec": { "allowedOrigins": ["https://a.example/"] }, "field": "spec.allowedOrigins[0]" },
        { "preset": "single-page", "spec": { "requirePkce": false }, "field": "spec.requirePkce" },
        { "preset": "single-page", "spec": { "grants": ["client_credentials"] }, "field": "spec.grants" },
        { "preset": "machine", "spec": { "authMethods": ["none", "client_secret_post"] }, "field": "spec.authMethods" },
        { "preset": "machine", "spec": { "authMethods": [] }, "field": "spec.authMethods" },
        { "preset": "web-server", "spec": { "scopes": ["openid", "fly"] }, "field": "spec.scopes[0]" },
        { "preset": "web-server", "spec": { "scopes": ["api"] }, "field": "spec.scopes[0]" },
        { "preset": "machine", "spec": { "audiences": [{ "audience": "https://nobody.example" }] }, "field": "spec.audiences[0].audience" },
        { "preset": "web-server", "spec": { "claims": [{ "claim": "sub", "source": "email" }] }, "field": "spec.claims[0].claim" },
        { "preset": "web-server", "spec": { "claims": [{ "claim": "email_verified", "source": "roles" }] }, "field": "spec.claims[0].claim" },
        { "preset": "web-server", "spec": { "claims": [{ "claim": "groups", "source": "password" }] }, "field": "spec.claims[0].source" },
        { "preset": "web-server", "spec": { "color": "red" }, "field": "spec.color" },
        { "preset": "web-server", "spec": { "refreshIdleSeconds": 1000, "refreshAbsoluteSeconds": 900 }, "field": "spec.refreshIdleSeconds" },
        { "preset": "web-server", "spec": { "redirectUri": "https://a.example/cb" }, "field": "spec.redirectUri" },
    ])
}

#[tokio::test]
async fn what_goes_wrong_with_an_application_is_said_field_by_field() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for wrong in wrong_specs().as_array().unwrap() {
        let (preset, spec) = (wrong["preset"].as_str().unwrap(), &wrong["spec"]);
        let said = create(&owner, "shop", preset, spec.clone())
            .await
            .expect_problem(400, "invalid");
        assert_eq!(said["errors"][0]["field"], wrong["field"], "{spec}: {said}");
    }
    create(&owner, "a b", "native", json!({}))
        .await
        .expect_problem(400, "invalid");
    let unknown = json!({ "roles": ["nonsense"] });
    create(&owner, "shop", "machine", unknown)
        .await
        .expect_problem(400, "role_unknown");
    assert_eq!(
        app.count("select count(*) from application").await,
        3,
        "only those that are built in"
    );
}

#[tokio::test]
async fn a_secret_is_shown_once_and_two_are_good_at_one_time() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "shop", "web-server", json!({})).await;
    let path = format!("{APPLICATIONS}/shop/secrets");
    let (first, one) = secret_of(&owner, "shop").await;
    app.advance(1);
    let (_, two) = secret_of(&owner, "shop").await;
    assert_eq!((one.len(), two.len()), (43, 43));
    owner
        .post(&path, &json!({}))
        .await
        .expect_problem(409, "too_many_secrets");

    let listed = owner.get(&path).await;
    assert!(
        !listed.text.contains(&one) && !listed.text.contains(&two),
        "{}",
        listed.text
    );
    let listed = listed.expect(200);
    assert_eq!(listed["items"][0]["status"]["hint"], &one[39..]);
    let dump = app.dump().await;
    assert!(dump.contains("shop") && !dump.contains(&one) && !dump.contains(&two));

    owner.delete(&format!("{path}/{first}")).await.expect(204);
    owner
        .delete(&format!("{path}/{first}"))
        .await
        .expect_problem(404, "secret_not_found");
    // One that ends of itself makes room.
    let soon = (app.clock.now() + chrono::TimeDelta::seconds(60)).to_rfc3339();
    owner
        .post(&path, &json!({ "spec": { "expiresAt": soon } }))
        .await
        .expect(200);
    owner
        .post(&path, &json!({}))
        .await
        .expect_problem(409, "too_many_secrets");
    app.advance(61);
    secret_of(&owner, "shop").await;
    let past = json!({ "spec": { "expiresAt": "2020-01-01T00:00:00Z" } });
    let said = owner.post(&path, &past).await.expect_problem(400, "invalid");
    assert_eq!(said["errors"][0]["field"], "spec.expiresAt");

    make(&owner, "page", "single-page", json!({})).await;
    let none = owner.post(&format!("{APPLICATIONS}/page/secrets"), &json!({})).await;
    none.expect_problem(409, "application_public");
}

#[tokio::test]
async fn built_in_applications_are_in_every_tenant_and_can_only_be_disabled() {
    let app = TestApp::start().await;
    for tenant in [app.default_tenant(), app.tenant("acme").await] {
        let owner = tenant.owner().await;
        let list = owner
            .get(&format!("{APPLICATIONS}?fieldSelector=status.origin=built-in"))
            .await
            .expect(200);
        let mut names: Vec<_> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["metadata"]["name"].as_str().unwrap())
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["console", "direct", "swagger-ui"]);
        for name in names {
            let path = format!("{APPLICATIONS}/{name}");
            patch(&owner, name, json!({ "displayName": "Mine" }))
                .await
                .expect_problem(409, "application_built_in");
            owner.delete(&path).await.expect_problem(409, "application_built_in");
            let secret = owner.post(&format!("{path}/secrets"), &json!({})).await;
            secret.expect_problem(409, "application_built_in");
            let off = owner.post(&format!("{path}/disable"), &json!({})).await.expect(200);
            assert_eq!(off["status"]["disabled"], true);
            let on = owner.post(&format!("{path}/enable"), &json!({})).await.expect(200);
            assert_eq!(on["status"]["disabled"], false);
        }
    }
}

#[tokio::test]
async fn a_role_that_an_application_has_is_not_deleted_without_another_in_its_place() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "clerk", "support", &[]).await;
    make(
        &owner,
        "cron",
        "machine",
        json!({ "roles": ["Clerk"], "accessRoles": ["clerk"] }),
    )
    .await;
    let path = format!("{ROLES}/clerk");
    owner.delete(&path).await.expect_problem(409, "role_in_use");
    owner.delete(&format!("{path}?replacement=support")).await.expect(204);
    let cron = owner.get(&format!("{APPLICATIONS}/cron")).await.expect(200);
    assert_eq!(
        (&cron["spec"]["roles"], &cron["spec"]["accessRoles"]),
        (&json!(["support"]), &json!(["support"]))
    );
}

#[tokio::test]
async fn an_auditor_sees_applications_and_changes_nothing() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make(&owner, "shop", "web-server", json!({})).await;
    let auditor = make_person(&owner, "audrey", "auditor").await;
    auditor.get(APPLICATIONS).await.expect(200);
    auditor.get(&format!("{APPLICATIONS}/shop/secrets")).await.expect(200);
    create(&auditor, "mine", "native", json!({}))
        .await
        .expect_problem(403, "forbidden");
    patch(&auditor, "shop", json!({ "displayName": "Mine" }))
        .await
        .expect_problem(403, "forbidden");
    let secret = auditor.post(&format!("{APPLICATIONS}/shop/secrets"), &json!({})).await;
    secret.expect_problem(403, "forbidden");
}
