//! APIs that trust the tenant's tokens.

use super::{APIS, APPLICATIONS, make, patch};
use crate::support::{Person, TestApp, roles::make_person};
use reqwest::Method;
use serde_json::{Value, json};

const ORDERS: &str = "https://orders.example.com";

async fn register(by: &Person<'_>) -> String {
    let scopes =
        json!([{ "scope": "read", "description": { "en": "See orders" }, "public": true }, { "scope": "write" }]);
    let new = json!({ "spec": { "audience": ORDERS, "displayName": "Orders", "scopes": scopes } });
    let made = by.post(APIS, &new).await.expect(200);
    made["metadata"]["name"].as_str().unwrap().to_owned()
}

async fn audiences(by: &Person<'_>) -> Value {
    by.get(&format!("{APPLICATIONS}/cron")).await.expect(200)["spec"]["audiences"].take()
}

#[tokio::test]
async fn an_application_loses_the_scopes_of_an_api_that_go_and_the_api_itself() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let orders = register(&owner).await;
    let wanted = json!([{ "audience": ORDERS, "scopes": ["write", "read"] }]);
    make(&owner, "cron", "machine", json!({ "audiences": wanted })).await;
    assert_eq!(
        audiences(&owner).await,
        json!([{ "audience": ORDERS, "scopes": ["read", "write"] }])
    );
    let unknown = json!({ "audiences": [{ "audience": ORDERS, "scopes": ["delete"] }] });
    let said = patch(&owner, "cron", unknown).await.expect_problem(400, "invalid");
    assert_eq!(said["errors"][0]["field"], "spec.audiences[0].scopes[0]");

    let path = format!("{APIS}/{orders}");
    let fewer = json!({ "spec": { "scopes": [{ "scope": "read" }] } });
    let changed = owner
        .send(owner.request(Method::PATCH, &path).json(&fewer))
        .await
        .expect(200);
    assert_eq!(changed["metadata"]["version"], 2);
    assert_eq!(
        audiences(&owner).await,
        json!([{ "audience": ORDERS, "scopes": ["read"] }])
    );
    let alone = json!({ "audiences": [{ "audience": ORDERS }] });
    patch(&owner, "cron", alone.clone()).await.expect(200);
    assert_eq!(
        audiences(&owner).await[0]["scopes"],
        json!([]),
        "the API without any scope"
    );
    owner.delete(&path).await.expect(204);
    assert_eq!(audiences(&owner).await, json!([]));
    owner.get(&path).await.expect_problem(404, "resource_server_not_found");
    patch(&owner, "cron", alone).await.expect_problem(400, "invalid");
}

#[tokio::test]
async fn the_audience_of_an_api_is_one_address_that_is_not_ours_and_stays() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let orders = register(&owner).await;
    let create = async |audience: &str, scope: &str| {
        let spec = json!({ "audience": audience, "displayName": "Ours", "scopes": [{ "scope": scope }] });
        owner.post(APIS, &json!({ "spec": spec })).await
    };
    create(ORDERS, "read").await.expect_problem(409, "audience_taken");
    let ours = app.default_tenant().base;
    for audience in [
        ours.as_str(),
        &format!("{ours}/oauth2/userinfo"),
        "orders",
        "https://a.example/#x",
    ] {
        let said = create(audience, "read").await.expect_problem(400, "invalid");
        assert_eq!(said["errors"][0]["field"], "spec.audience", "{audience}");
    }
    for scope in ["openid", "api", "users:list", "users:*", "a b"] {
        let said = create("https://a.example", scope).await.expect_problem(400, "invalid");
        assert_eq!(said["errors"][0]["field"], "spec.scopes[0].scope", "{scope}");
    }
    let moved = json!({ "spec": { "audience": "https://other.example" } });
    let request = owner.request(Method::PATCH, &format!("{APIS}/{orders}")).json(&moved);
    let said = owner.send(request).await.expect_problem(400, "invalid");
    assert_eq!(said["errors"][0]["field"], "spec.audience", "it can only be read");
}

#[tokio::test]
async fn an_api_has_up_to_two_secrets_to_ask_with() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let mia = make_person(&owner, "mia", "application-manager").await;
    let orders = register(&mia).await;
    let path = format!("{APIS}/{orders}/secrets");
    let first = mia.post(&path, &json!({})).await.expect(200);
    let secret = first["spec"]["secret"].as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 43);
    mia.post(&path, &json!({})).await.expect(200);
    mia.post(&path, &json!({}))
        .await
        .expect_problem(409, "too_many_secrets");
    let listed = mia.get(&path).await;
    assert!(!listed.text.contains(&secret));
    assert_eq!(listed.expect(200)["items"].as_array().unwrap().len(), 2);
    let name = first["metadata"]["name"].as_str().unwrap();
    mia.delete(&format!("{path}/{name}")).await.expect(204);
    assert!(!app.dump().await.contains(&secret));
}
