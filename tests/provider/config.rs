//! How providers are set up, and by whom.

use super::{CONFIGS, Scene, patch, set_up, switch, trusting};
use crate::support::{
    TestApp,
    issuer::Issuer,
    roles::{CONSOLE, allow, make_person, make_role},
};
use serde_json::{Value, json};

fn new(name: &str, issuer: &str, more: &Value) -> Value {
    let mut spec = json!({ "kind": "oidc", "displayName": "Corp", "issuer": issuer });
    spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "metadata": { "name": name }, "spec": spec })
}

#[tokio::test]
async fn a_provider_is_set_up_step_by_step_and_its_secret_is_never_shown() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let issuer = Issuer::start();
    let made = owner
        .post(CONFIGS, &new("corp", &issuer.base, &json!({})))
        .await
        .expect(200);
    assert_eq!(made["status"]["missing"], json!(["clientId", "clientSecret"]));
    assert_eq!(made["spec"]["link"], "confirm");
    assert_eq!(made["spec"]["emailTrust"], "never");
    assert_eq!(
        switch(&owner, "corp", "enable").await.problem(),
        (409, "provider_incomplete".to_owned())
    );
    let whole = patch(
        &owner,
        "corp",
        json!({ "clientId": "rp", "clientSecret": "canary-secret" }),
    )
    .await
    .expect(200);
    assert!(whole["status"]["secretSetAt"].is_string());
    switch(&owner, "corp", "enable").await.expect(200);
    switch(&owner, "corp", "enable").await.expect(200);
    for path in ["", "/corp"] {
        let shown = owner.get(&format!("{CONFIGS}{path}")).await.expect(200);
        assert!(!shown.to_string().contains("canary-secret"));
    }
    let events = owner.get(&format!("{CONSOLE}/audit-events?size=200")).await.expect(200);
    assert!(events.to_string().contains("auth-provider"), "{events}");
    assert!(!events.to_string().contains("canary-secret"));
    assert!(!app.dump().await.contains("canary-secret"));
    // It belongs to the client id and the issuer.
    let other = Issuer::start();
    for moved in [json!({ "clientId": "else" }), json!({ "issuer": other.base })] {
        assert_eq!(
            patch(&owner, "corp", moved).await.problem(),
            (400, "secret_required".to_owned())
        );
    }
    patch(&owner, "corp", json!({ "clientId": "else", "clientSecret": "another" }))
        .await
        .expect(200);
    let without = patch(&owner, "corp", json!({ "clientSecret": null })).await;
    assert_eq!(without.problem(), (409, "provider_incomplete".to_owned()));
    owner.delete(&format!("{CONFIGS}/corp")).await.expect(204);
    assert_eq!(
        owner.get(&format!("{CONFIGS}/corp")).await.problem(),
        (404, "provider_not_found".to_owned())
    );
}

#[tokio::test]
async fn an_issuer_is_read_at_once_and_is_what_it_says() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let issuer = Issuer::start();
    let refused = async |base: &str| owner.post(CONFIGS, &new("corp", base, &json!({}))).await.problem();
    for (base, code) in [
        ("http://idp.example", "endpoint_refused"),
        ("https://user@idp.example", "endpoint_refused"),
        ("https://idp.example/#x", "endpoint_refused"),
        ("https://idp.example/?x", "endpoint_refused"),
        ("https://10.0.0.1", "endpoint_refused"),
        ("https://169.254.169.254/latest", "endpoint_refused"),
        ("https://[::ffff:10.0.0.1]", "endpoint_refused"),
        ("ftp://idp.example", "endpoint_refused"),
        ("nothing", "endpoint_refused"),
        (&format!("{}/nowhere", issuer.base), "issuer_unreachable"),
        (&format!("{}/", issuer.base), "issuer_mismatch"),
    ] {
        assert_eq!(refused(base).await, (400, code.to_owned()), "{base}");
    }
}

#[tokio::test]
async fn metadata_name_no_address_that_may_not_be_called_and_lack_nothing() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let issuer = Issuer::start();
    let refused = async |base: &str| owner.post(CONFIGS, &new("corp", base, &json!({}))).await.problem();
    for change in [
        json!({ "token_endpoint": "http://10.0.0.1/token" }),
        json!({ "jwks_uri": "https://169.254.169.254/keys" }),
        json!({ "authorization_endpoint": "https://user:pw@idp.example/authorize" }),
        json!({ "authorization_endpoint": "javascript:alert(1)" }),
    ] {
        let mut metadata = issuer.metadata();
        metadata
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        issuer.publish(&metadata);
        assert_eq!(
            refused(&issuer.base).await,
            (400, "endpoint_refused".to_owned()),
            "{change}"
        );
    }
    for change in [
        json!({ "token_endpoint": null }),
        json!({ "jwks_uri": 7 }),
        json!({ "id_token_signing_alg_values_supported": ["none", "HS256"] }),
    ] {
        let mut metadata = issuer.metadata();
        metadata
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        issuer.publish(&metadata);
        assert_eq!(
            refused(&issuer.base).await,
            (400, "issuer_unreachable".to_owned()),
            "{change}"
        );
    }
    issuer.publish(&issuer.metadata());
    owner
        .post(CONFIGS, &new("corp", &issuer.base, &json!({})))
        .await
        .expect(200);
    assert_eq!(refused(&issuer.base).await, (409, "provider_name_taken".to_owned()));
    let local = owner.post(CONFIGS, &new("local", &issuer.base, &json!({}))).await;
    assert_eq!(local.problem(), (409, "provider_name_taken".to_owned()));
    assert_eq!(
        switch(&owner, "local", "disable").await.problem(),
        (409, "provider_privileged".to_owned())
    );
}

#[tokio::test]
async fn whoever_may_not_set_addresses_sets_up_no_provider_that_vouches_for_them() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let issuer = Issuer::start();
    let clerk = make_person(&owner, "clerk", "sign-in-manager").await;
    let trusting = json!({ "emailTrust": "claim", "domains": ["example.com"] });
    let automatic = json!({ "emailTrust": "authoritative", "domains": ["example.com"], "link": "automatic" });
    for spec in [&trusting, &automatic] {
        let refused = clerk.post(CONFIGS, &new("corp", &issuer.base, spec)).await;
        assert_eq!(refused.problem(), (403, "escalation".to_owned()), "{spec}");
    }
    clerk
        .post(CONFIGS, &new("corp", &issuer.base, &json!({ "clientId": "rp" })))
        .await
        .expect(200);
    for spec in [trusting.clone(), automatic] {
        assert_eq!(
            patch(&clerk, "corp", spec).await.problem(),
            (403, "escalation".to_owned())
        );
    }
    // Nor touches one that somebody else set up so.
    owner
        .post(CONFIGS, &new("trusted", &issuer.base, &trusting))
        .await
        .expect(200);
    let refused = patch(&clerk, "trusted", json!({ "clientSecret": "mine" })).await;
    assert_eq!(refused.problem(), (403, "escalation".to_owned()));
    assert_eq!(
        switch(&clerk, "trusted", "disable").await.problem(),
        (403, "escalation".to_owned())
    );
    // Who may set addresses and passwords does.
    let rules = [allow("users/email", "override"), allow("users/password", "update")];
    make_role(&owner, "trustee", "sign-in-manager", &rules).await;
    let trustee = make_person(&owner, "trustee-1", "trustee").await;
    patch(&trustee, "corp", trusting).await.expect(200);
}

#[tokio::test]
async fn a_provider_on_which_accounts_hang_is_not_moved_and_not_left_by_mistake() {
    let app = TestApp::start().await;
    let scene = Scene::new(&app, trusting()).await;
    let browser = app.default_tenant().browser();
    scene.join(&browser, "sub-1", "ada@example.com").await;
    let other = Issuer::start();
    let moved = patch(
        &scene.owner,
        "corp",
        json!({ "issuer": other.base, "clientSecret": "x" }),
    )
    .await;
    assert_eq!(moved.problem(), (409, "provider_has_identities".to_owned()));
    assert_eq!(
        switch(&scene.owner, "corp", "disable").await.problem(),
        (409, "provider_in_use".to_owned())
    );
    let path = format!("{CONFIGS}/corp");
    assert_eq!(
        scene.owner.delete(&path).await.problem(),
        (409, "provider_has_identities".to_owned())
    );
    switch(&scene.owner, "corp", "disable?confirm=true").await.expect(200);
    scene
        .owner
        .delete(&format!("{path}?identities=remove"))
        .await
        .expect(204);
    set_up(&scene.owner, "corp", &other.base, json!({})).await;
}

#[tokio::test]
async fn people_see_what_they_can_sign_in_through_and_administrators_all() {
    let app = TestApp::start().await;
    let scene = Scene::new(&app, json!({ "priority": 5 })).await;
    let one = json!({ "clientId": "rp", "priority": 3 });
    scene
        .owner
        .post(CONFIGS, &new("first", &scene.issuer.base, &one))
        .await
        .expect(200);
    let person = make_person(&scene.owner, "ada", "").await;
    let names = async |by: &crate::support::Person<'_>| {
        let listed = by.get(&format!("{CONSOLE}/auth-providers")).await.expect(200);
        let names = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&person).await, ["local", "corp"]);
    assert_eq!(names(&scene.owner).await, ["local", "first", "corp"]);
    assert_eq!(person.get(CONFIGS).await.problem(), (403, "forbidden".to_owned()));
    let page = app
        .default_tenant()
        .browser()
        .open("/login")
        .await
        .expect(200, "Continue with Corp");
    assert!(!page.reply.text.contains("with/first"));
}

#[tokio::test]
async fn null_takes_away_what_a_provider_need_not_have() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let made = |kind: &str, more: Value| {
        let mut spec = json!({ "kind": kind, "displayName": "One" });
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "metadata": { "name": kind }, "spec": spec })
    };
    let elsewhere = Issuer::start().base;
    let apple =
        json!({ "appleTeamId": "TEAM000001", "appleKeyId": "KEY0000001", "secretExpiresAt": "2030-01-01T00:00:00Z" });
    let urls = json!({ "authorizeUrl": elsewhere, "tokenUrl": elsewhere, "userinfoUrl": elsewhere });
    for (kind, given) in [
        ("github", json!({ "issuer": elsewhere })),
        ("apple", apple),
        ("oauth2", urls),
    ] {
        owner.post(CONFIGS, &made(kind, given.clone())).await.expect(200);
        let members = given.as_object().unwrap();
        let none: Value = members.keys().map(|member| (member.clone(), Value::Null)).collect();
        let kept = patch(&owner, kind, json!({})).await.expect(200);
        let now = patch(&owner, kind, none).await.expect(200);
        for member in members.keys() {
            assert!(kept["spec"][member].is_string(), "{kind} {member}: {kept}");
            assert!(now["spec"][member].is_null(), "{kind} {member}: {now}");
        }
    }
}

#[tokio::test]
async fn a_provider_is_replaced_whole_but_for_its_kind_and_secret() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let issuer = Issuer::start();
    let more = json!({ "clientId": "rp", "clientSecret": "hush", "domains": ["example.com"], "priority": 7 });
    let made = owner.post(CONFIGS, &new("corp", &issuer.base, &more)).await.expect(200);
    assert_eq!(made["metadata"]["version"], 1);
    let path = format!("{CONFIGS}/corp");
    let whole = |more: Value| {
        let mut body = new("corp", &issuer.base, &json!({ "clientId": "rp" }));
        body["metadata"] = json!({ "version": 1 });
        body["spec"]
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    for (more, code) in [
        (json!({ "kind": "google" }), "invalid"),
        (json!({ "clientId": "else" }), "secret_required"),
    ] {
        let refused = owner.put(&path, &whole(more)).await;
        assert_eq!(refused.problem(), (400, code.to_owned()));
    }
    let now = owner
        .put(&path, &whole(json!({ "displayName": "Other" })))
        .await
        .expect(200);
    assert_eq!(now["spec"]["displayName"], "Other");
    assert_eq!(
        (&now["spec"]["domains"], &now["spec"]["priority"]),
        (&json!([]), &json!(0))
    );
    assert_eq!(now["status"]["secretSetAt"], made["status"]["secretSetAt"]);
    let late = owner.put(&path, &whole(json!({}))).await;
    assert_eq!(late.problem(), (409, "version_conflict".to_owned()));
    let nowhere = owner.put(&format!("{CONFIGS}/nowhere"), &whole(json!({}))).await;
    assert_eq!(nowhere.problem(), (404, "provider_not_found".to_owned()));
}
