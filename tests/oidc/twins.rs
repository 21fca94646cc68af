//! A code or a refresh token, and fifty who come with it at once.

use super::{
    TOKEN, assert_refused,
    flow::{CALLBACK, VERIFIER, browser_of, code, redeem, request, shop},
    post_form,
};
use crate::{
    application::make,
    support::{CROWD, TestApp, rounds},
};
use futures_util::future::join_all;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test]
async fn one_code_is_worth_tokens_once() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({})).await;
    let browser = browser_of(&owner).await;
    for round in 0..rounds() {
        let code = code(&browser, &request("shop", &[])).await;
        let all = (0..CROWD).map(|_| redeem(&tenant, ("shop", &secret), &code, &[]));
        let (won, lost): (Vec<_>, Vec<_>) = join_all(all).await.into_iter().partition(|reply| reply.status == 200);
        assert_eq!(won.len(), 1, "round {round}");
        for reply in lost {
            assert_refused(&reply, 400, "invalid_grant");
        }
        // The others came with a code that was used, so whoever won has lost it too.
        let token = won[0].json()["refresh_token"].as_str().unwrap().to_owned();
        let form = [("grant_type", "refresh_token"), ("refresh_token", &*token)];
        let reply = post_form(&tenant, TOKEN, Some(("shop", &secret)), &form).await;
        assert_refused(&reply, 400, "invalid_grant");
    }
    let used = app
        .count("select count(*) from authorization_code where used_at is not null")
        .await;
    assert!(used > 0, "{used}");
    assert_eq!(
        app.count("select count(*) from session where application_id is not null and ended_at is null")
            .await,
        0
    );
}

#[tokio::test]
async fn one_refresh_token_has_one_successor() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(
        &owner,
        "page",
        "single-page",
        json!({ "redirectUris": [CALLBACK], "firstParty": true }),
    )
    .await;
    let browser = browser_of(&owner).await;
    let one = code(&browser, &request("page", &[])).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "page"),
        ("code", &*one),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let first = post_form(&tenant, TOKEN, None, &form).await.expect(200);
    let mut token = first["refresh_token"].as_str().unwrap().to_owned();
    for round in 0..rounds() {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "page"),
            ("refresh_token", &*token),
        ];
        let all = (0..CROWD).map(|_| post_form(&tenant, TOKEN, None, &form));
        let replies = join_all(all).await;
        let next: BTreeSet<String> = replies
            .into_iter()
            .map(|reply| reply.expect(200)["refresh_token"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(next.len(), 1, "round {round}");
        let next = next.into_iter().next().unwrap();
        assert_ne!(next, token);
        token = next;
    }
    let rows = app.count("select count(*) from refresh_token where used_at is null and session_id in (select id from session where application_id is not null)").await;
    assert_eq!(rows, 1);
}
