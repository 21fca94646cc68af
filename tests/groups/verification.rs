//! The verification group: the requests that its documentation shows, word for word.

use super::{link_to, send};
use crate::support::{Person, Reply, TestApp};
use reqwest::Method;
use serde_json::json;

/// A request as a browser's `fetch` sends it.
async fn fetch(person: &Person<'_>, path: &str) -> Reply {
    let request = person
        .request(Method::GET, path)
        .header("content-type", "application/json")
        .header("sec-fetch-mode", "cors")
        .header("sec-fetch-site", "same-origin");
    person.send(request).await
}

#[tokio::test]
async fn a_plus_in_an_address_that_nobody_encoded_is_a_plus() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    for path in [
        "/api/verification?email=ada+news@example.com",
        "/api/reset_password?email=ada%20news@example.com",
    ] {
        assert_eq!(fetch(&anybody, path).await.expect(200)["success"], true, "{path}");
    }
    assert_eq!(tenant.code_to("ada+news@example.com").await.len(), 6);
}

#[tokio::test]
async fn the_three_requests_of_the_verification_group() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    let done = json!({ "success": true, "message": "" });

    let sent = fetch(&anybody, "/api/verification?email=new@example.com&turnstile=token").await;
    assert_eq!(sent.expect(200), done);
    assert_eq!(tenant.code_to("new@example.com").await.len(), 6);
    let refused = fetch(&anybody, "/api/verification?email=new&turnstile=token").await;
    assert_eq!(
        refused.expect(200),
        json!({ "success": false, "message": "无效的参数", "code": "invalid" })
    );

    tenant.sign_up("ada").await;
    app.work().await;
    let sent = fetch(&anybody, "/api/reset_password?email=ada@example.com&turnstile=token").await;
    assert_eq!(sent.expect(200), done);
    let unknown = fetch(&anybody, "/api/reset_password?email=nobody@example.com&turnstile=token").await;
    assert_eq!(unknown.expect(200), done, "it does not tell who has an account");

    // As the page shows it: the address was made unreadable there.
    let shown = r#"{"email":"[email protected]","token":"verification_token_from_email"}"#;
    let refused = send(&anybody, Method::POST, "/api/user/reset", shown).await;
    assert_eq!(
        refused.expect(200),
        json!({ "success": false, "message": "无效的参数", "code": "invalid" })
    );
    let wrong = json!({ "email": "ada@example.com", "token": "verification_token_from_email" });
    let refused = anybody.post("/api/user/reset", &wrong).await.expect(200);
    assert_eq!(
        refused,
        json!({ "success": false, "message": "重置链接非法或已过期", "code": "code_invalid" })
    );

    let given = json!({ "email": "ada@example.com", "token": link_to(&tenant, "ada@example.com").await });
    let answer = anybody.post("/api/user/reset", &given).await.expect(200);
    assert_eq!((&answer["success"], &answer["message"]), (&json!(true), &json!("")));
    let password = answer["data"].as_str().unwrap();
    assert_eq!(password.len(), 12);
    let sign_in = json!({ "username": "ada", "password": password });
    anybody.post("/v1/login", &sign_in).await.expect(200);
    let again = anybody.post("/api/user/reset", &given).await.expect(200);
    assert_eq!(again["success"], false, "a link works once");
    app.work().await;
}

#[tokio::test]
async fn what_a_page_or_a_program_could_send_by_accident_mails_nothing() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();
    let path = "/api/verification?email=ada@example.com";
    for (name, value) in [
        ("sec-purpose", "prefetch"),
        ("purpose", "prefetch"),
        ("sec-fetch-mode", "no-cors"),
        ("sec-fetch-mode", "navigate"),
    ] {
        let request = anybody.request(Method::GET, path).header(name, value);
        assert_eq!(anybody.send(request).await.status, 403, "{name}: {value}");
    }
    assert_eq!(app.work().await, 0, "no message was queued");
    anybody.get(path).await.expect(200);
    assert_eq!(app.work().await, 1);
}

#[tokio::test]
async fn the_status_tells_clients_what_is_on() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let status = tenant.anybody().get("/api/status").await.expect(200);
    assert_eq!(status["success"], true);
    let data = &status["data"];
    assert_eq!(data["system_name"], "Tenantry");
    assert_eq!(data["email_verification"], false);
    assert_eq!(
        (&data["turnstile_check"], &data["turnstile_site_key"]),
        (&json!(false), &json!(""))
    );
    assert_eq!(data["server_address"], app.base);
    let strict = json!({ "spec": { "mode": "closed", "verifyBeforeSignIn": true } });
    let owner = tenant.owner().await;
    owner
        .put("/apis/console/v1alpha1/policies/sign-up", &strict)
        .await
        .expect(200);
    let data = tenant.anybody().get("/api/status").await.expect(200)["data"].clone();
    assert_eq!(data["email_verification"], true);
    assert_eq!(data["register_enabled"], false);
}
