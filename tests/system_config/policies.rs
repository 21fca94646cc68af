//! `policies/{name}/configs/{group}`.

use super::policy;
use crate::support::{TestApp, roles::wrong_fields};
use reqwest::Method;
use serde_json::{Value, json};

const POLICIES: &[&str] = &[
    "attachments",
    "authentication",
    "backups",
    "branding",
    "captcha",
    "cross-origin",
    "limits",
    "mail",
    "notifications",
    "password",
    "sessions",
    "sign-up",
    "signing-keys",
];
const HALO: &str = "/apis/console.api.storage.halo.run/v1alpha1/policies";

#[tokio::test]
async fn every_policy_has_its_members_by_its_name() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for name in POLICIES {
        let whole = owner.get(&policy(name)).await.expect(200);
        for path in [
            policy(&format!("{name}/configs/default")),
            format!("{HALO}/{name}/configs/default"),
        ] {
            let reply = owner.get(&path).await;
            assert_eq!(reply.header("etag"), "\"0\"");
            assert_eq!(reply.expect(200), whole["spec"], "{name}");
        }
    }
    // A policy that has operations of its own has these as well.
    let documents = tenantry::groups::documents();
    let paths = documents[0].json["paths"].as_object().unwrap().keys();
    let own = paths.filter_map(|path| {
        path.split("/policies/")
            .nth(1)
            .filter(|name| !name.contains(['/', '{']))
    });
    let mut own: Vec<_> = own.collect();
    own.sort_unstable();
    assert_eq!(own, POLICIES);
}

#[tokio::test]
async fn members_are_written_as_the_policy_is() {
    let mut app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let configs = |name: &str| policy(&format!("{name}/configs/default"));
    for (name, new, member) in [
        ("sign-up", json!({ "mode": "closed" }), "mode"),
        ("password", json!({ "preset": "nist-mfa" }), "preset"),
        (
            "signing-keys",
            json!({ "automatic": true, "periodDays": 60, "leadDays": 2 }),
            "periodDays",
        ),
        ("branding", json!({ "color": "#112233" }), "color"),
        ("mail", json!({ "useInstanceSender": false }), "useInstanceSender"),
        (
            "cross-origin",
            json!({ "allowedOrigins": ["https://a.example"] }),
            "allowedOrigins",
        ),
        ("authentication", json!({ "basicAuth": true }), "basicAuth"),
        (
            "captcha",
            json!({ "provider": "turnstile", "siteKey": "key", "secret": "hushhush" }),
            "siteKey",
        ),
    ] {
        owner.put(&configs(name), &new).await.expect(204);
        let whole = owner.get(&policy(name)).await.expect(200);
        assert_eq!(whole["spec"][member], new[member], "{name}");
        assert_eq!(whole["metadata"]["version"], 1, "{name}");
        assert!(!owner.get(&configs(name)).await.text.contains("hushhush"));
    }
    let mut limits = owner.get(&configs("limits")).await.expect(200);
    limits["codePause"]["seconds"] = json!(61);
    owner.put(&configs("limits"), &limits).await.expect(204);
    assert_eq!(owner.get(&policy("limits")).await.expect(200)["spec"], limits);
    // Keys are rotated by another schedule from now on.
    app.abandon_jobs();
}

#[tokio::test]
async fn what_is_wrong_is_named_as_it_was_sent() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let configs = |name: &str| policy(&format!("{name}/configs/default"));
    for (name, wrong, fields) in [
        ("sign-up", json!({ "mode": "sometimes" }), "mode"),
        ("sign-up", json!({ "mode": "open", "mood": 1 }), "mood"),
        ("sign-up", json!({}), "mode"),
        (
            "sessions",
            json!({ "accessTokenSeconds": 900, "idleSeconds": 900, "absoluteSeconds": 600, "mostPerUser": 2 }),
            "idleSeconds",
        ),
    ] {
        assert_eq!(wrong_fields(owner.put(&configs(name), &wrong).await), [fields]);
    }
    owner
        .get(&configs("nothing"))
        .await
        .expect_problem(404, "policy_not_found");
    owner
        .put(&configs("nothing"), &json!({}))
        .await
        .expect_problem(404, "policy_not_found");
    for method in [Method::GET, Method::PUT] {
        let path = policy("mail/configs/other");
        let request = owner
            .request(method, &path)
            .json(&Value::Object(serde_json::Map::new()));
        owner.send(request).await.expect_problem(404, "config_group_not_found");
    }
}
