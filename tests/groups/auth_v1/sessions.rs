//! Where somebody is signed in, and what renews it.

use super::ME;
use crate::support::{PASSWORD, Person, TestApp};
use serde_json::{Value, json};

async fn tokens(of: &Person<'_>) -> Value {
    let path = format!("{ME}/tokens/refresh/_search");
    of.post(&path, &json!({})).await.expect(200)
}

fn ids<'a>(answer: &'a Value, name: &str) -> Vec<&'a str> {
    let result = answer["result"].as_array().unwrap().iter();
    result.map(|of| of[name].as_str().unwrap()).collect()
}

#[tokio::test]
async fn sessions_are_listed_newest_first_and_those_that_are_renewed_by_themselves() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    app.advance(60);
    let in_browser = json!({ "username": "ada", "password": PASSWORD });
    let signed_in = tenant
        .anybody()
        .post("/apis/console/v1alpha1/sessions", &in_browser)
        .await;
    signed_in.expect(200);
    app.advance(60);
    let for_shop = json!({ "username": "ada", "password": PASSWORD, "clientId": "shop" });
    let shop = tenant.anybody().post("/v1/login", &for_shop).await.expect(200);
    let search = format!("{ME}/sessions/_search");
    let sessions = ada.post(&search, &json!({})).await.expect(200);
    let all = ids(&sessions, "sessionId");
    assert_eq!(all.len(), 3);
    let newest = &sessions["result"][0];
    assert_eq!(newest["authState"], "SESSION_STATE_ACTIVE");
    assert_eq!(
        [&newest["userName"], &newest["loginName"], &newest["displayName"]],
        ["ada"; 3]
    );

    let renewed = tokens(&ada).await;
    assert_eq!(renewed["details"]["totalResult"], "2");
    assert_eq!(ids(&renewed, "id"), [all[0], all[2]], "a browser renews nothing");
    assert_eq!(ids(&renewed, "clientId"), ["shop", ""]);
    let expires = renewed["result"][0]["expiration"].as_str().unwrap();
    assert!(renewed["result"][0]["idleExpiration"].as_str().unwrap() < expires);

    app.advance(3600);
    let used = json!({ "refreshToken": shop["refreshToken"] });
    let next = tenant.anybody().post("/v1/refresh", &used).await.expect(200);
    assert_ne!(next["refreshToken"], shop["refreshToken"]);
    let ada = tenant.sign_in("ada").await;
    let after = tokens(&ada).await;
    assert_eq!(ids(&after, "id")[1], all[0], "of a session there is one at a time");
    assert!(after["result"][1]["idleExpiration"].as_str() > renewed["result"][0]["idleExpiration"].as_str());
    let eve = tenant.sign_up("eve").await;
    app.work().await;
    assert_eq!(ids(&tokens(&eve).await, "id").len(), 1, "of nobody else");
}

#[tokio::test]
async fn what_is_revoked_is_taken_no_more() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    app.advance(60);
    let (phone, tablet) = (tenant.sign_in("ada").await, tenant.sign_in("ada").await);
    let eve = tenant.sign_up("eve").await;
    app.work().await;
    let first = ids(&tokens(&ada).await, "id").pop().map(str::to_owned).unwrap();
    let of_eve = tokens(&eve).await;
    let path = |id: &str| format!("{ME}/tokens/refresh/{id}");
    let of_eve = path(ids(&of_eve, "id")[0]);
    phone.delete(&of_eve).await.expect_problem(404, "session_not_found");
    let in_browser = json!({ "username": "ada", "password": PASSWORD });
    let signed_in = tenant
        .anybody()
        .post("/apis/console/v1alpha1/sessions", &in_browser)
        .await;
    signed_in.expect(200);
    let sessions = phone
        .post(&format!("{ME}/sessions/_search"), &json!({}))
        .await
        .expect(200);
    let browsers = ids(&sessions, "sessionId")[0];
    phone
        .delete(&path(browsers))
        .await
        .expect_problem(404, "session_not_found");
    phone.delete(&path("nowhere")).await.expect_problem(400, "invalid");

    let written = phone.delete(&path(&first)).await.expect(200);
    assert!(written["details"]["creationDate"].is_string(), "{written}");
    ada.get(ME).await.expect_problem(401, "unauthenticated");
    let old = json!({ "refreshToken": ada.tokens["refreshToken"] });
    let anybody = tenant.anybody();
    anybody
        .post("/v1/refresh", &old)
        .await
        .expect_problem(401, "refresh_token_invalid");
    phone
        .delete(&path(&first))
        .await
        .expect_problem(404, "session_not_found");

    let all = format!("{ME}/tokens/refresh/_revoke_all");
    assert_eq!(phone.post(&all, &json!({})).await.expect(200), json!({}));
    for ended in [&phone, &tablet] {
        ended.get(ME).await.expect_problem(401, "unauthenticated");
    }
    let ada = tenant.sign_in("ada").await;
    let left = ada
        .post(&format!("{ME}/sessions/_search"), &json!({}))
        .await
        .expect(200);
    assert_eq!(ids(&left, "sessionId").len(), 2, "that of the browser, and this one");
    eve.get(ME).await.expect(200);
}
