//! Tokens that are given back.

use super::{INTROSPECT, REVOKE, assert_refused, call, decode, machine, post_form, token_of};
use crate::{
    application::make,
    support::{TestApp, roles::USERS},
};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_token_that_is_given_back_is_good_nowhere_at_once_and_others_stay() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = machine(&owner, "cron", json!({ "roles": ["support"] })).await;
    let by = ("cron", &*secret);
    let (one, other) = (token_of(&tenant, by, &[]).await, token_of(&tenant, by, &[]).await);
    let list = async |token: &str| call(&tenant, Method::GET, USERS, token).await.status.as_u16();
    let is_active = async |token: &str| {
        let shown = post_form(&tenant, INTROSPECT, Some(by), &[("token", token)]).await;
        shown.expect(200)["active"].clone()
    };
    assert_eq!((list(&one).await, is_active(&one).await), (200, json!(true)));
    for round in ["once", "twice"] {
        let reply = post_form(
            &tenant,
            REVOKE,
            Some(by),
            &[("token", &one), ("token_type_hint", "nonsense")],
        )
        .await;
        assert_eq!((reply.status.as_u16(), &*reply.text), (200, ""), "{round}");
        assert_eq!(
            (list(&one).await, is_active(&one).await),
            (401, json!(false)),
            "{round}"
        );
    }
    assert_eq!((list(&other).await, is_active(&other).await), (200, json!(true)));
    let events = owner
        .get("/apis/console/v1alpha1/audit-events?action=tokens:revoke")
        .await
        .expect(200);
    assert_eq!(events["total"], 1, "{events}");
    assert_eq!(events["items"][0]["actor"], "client:cron");
    assert!(
        events.to_string().contains(decode(&one).1["jti"].as_str().unwrap()),
        "{events}"
    );
}

#[tokio::test]
async fn a_token_of_another_application_stays_and_whoever_tries_learns_nothing() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = machine(&owner, "cron", json!({ "roles": ["support"] })).await;
    let other = machine(&owner, "other", json!({ "roles": ["owner"] })).await;
    make(&owner, "page", "single-page", json!({})).await;
    let token = token_of(&tenant, ("cron", &secret), &[]).await;
    let own = owner.tokens["accessToken"].as_str().unwrap();
    for token in [&*token, own, "x", "a.b.c"] {
        let reply = post_form(&tenant, REVOKE, Some(("other", &other)), &[("token", token)]).await;
        assert_eq!((reply.status.as_u16(), &*reply.text), (200, ""), "{token}");
        let form = [("token", token), ("client_id", "page")];
        assert_eq!(post_form(&tenant, REVOKE, None, &form).await.status, 200, "{token}");
    }
    call(&tenant, Method::GET, USERS, &token).await.expect(200);
    owner.get(USERS).await.expect(200);
    let none = app.count("select count(*) from revoked_token").await;
    assert_eq!(none, 0);
    let wrong = post_form(&tenant, REVOKE, Some(("cron", "wrong")), &[("token", &token)]).await;
    assert_refused(&wrong, 401, "invalid_client");
    assert_refused(
        &post_form(&tenant, REVOKE, Some(("cron", &secret)), &[]).await,
        400,
        "invalid_request",
    );
}
