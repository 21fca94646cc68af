//! What an application is told of whoever signed in.

use super::{
    asked, assert_refused, call,
    flow::{USERINFO, browser_of, code, redeem, request, shop},
};
use crate::{
    application::APPLICATIONS,
    groups::auth_v1::profile,
    support::{
        Person, TestApp,
        browser::Browser,
        roles::{USERS, make_role},
        statements,
    },
    user,
};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn userinfo_takes_a_token_from_the_header_or_a_form_and_from_one_of_them() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({})).await;
    let browser = browser_of(&owner).await;
    let one = code(&browser, &request("shop", &[])).await;
    let tokens = redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200);
    let token = tokens["access_token"].as_str().unwrap();
    let anybody = tenant.anybody();
    let post = || anybody.request(Method::POST, USERINFO);
    for request in [post().bearer_auth(token), post().form(&[("access_token", token)])] {
        assert_eq!(anybody.send(request).await.expect(200)["preferred_username"], "ada");
    }
    let twice = post().bearer_auth(token).form(&[("access_token", token)]);
    assert_refused(&anybody.send(twice).await, 400, "invalid_request");
    let none = anybody.get(USERINFO).await;
    assert_eq!(none.header("www-authenticate"), "Bearer");
    assert_refused(&none, 401, "invalid_token");
    let in_query = anybody.get(&format!("{USERINFO}?access_token={token}")).await;
    assert_refused(&in_query, 401, "invalid_token");
    for bad in [
        "x",
        tokens["id_token"].as_str().unwrap(),
        owner.tokens["accessToken"].as_str().unwrap(),
    ] {
        let reply = call(&tenant, Method::GET, USERINFO, bad).await;
        assert_eq!(reply.header("www-authenticate"), "Bearer error=\"invalid_token\"");
        assert_refused(&reply, 401, "invalid_token");
    }
    let plain = code(&browser, &request("shop", &[("scope", "profile")])).await;
    let tokens = redeem(&tenant, ("shop", &secret), &plain, &[]).await.expect(200);
    assert!(tokens["id_token"].is_null(), "{tokens}");
    let reply = call(&tenant, Method::GET, USERINFO, tokens["access_token"].as_str().unwrap()).await;
    assert_refused(&reply, 403, "insufficient_scope");
}

/// An access token of `ada`, who is signed in in this browser, for `shop`.
async fn token_of(owner: &Person<'_>, browser: &Browser<'_>, secret: &str) -> String {
    let scopes = [("scope", "openid profile email roles")];
    let one = code(browser, &request("shop", &scopes)).await;
    let tokens = redeem(&owner.tenant, ("shop", secret), &one, &[]).await.expect(200);
    tokens["access_token"].as_str().unwrap().to_owned()
}

/// Changes `shop`.
async fn change_shop(owner: &Person<'_>, spec: Value) {
    let request = owner.request(Method::PATCH, &format!("{APPLICATIONS}/shop"));
    owner.send(request.json(&json!({ "spec": spec }))).await.expect(200);
}

#[tokio::test]
async fn what_was_told_a_moment_ago_asks_no_statement_and_is_told_anew_once_it_changes() {
    statements::collect();
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let scopes = json!(["openid", "profile", "email", "roles"]);
    let secret = shop(&owner, json!({ "scopes": scopes })).await;
    let browser = browser_of(&owner).await;
    let token = token_of(&owner, &browser, &secret).await;
    let tell = async || call(&tenant, Method::GET, USERINFO, &token).await;
    // Told twice: the second time without a question.
    let told = async || {
        let first = tell().await.expect(200);
        let warm = tell().await;
        assert_eq!(asked(&warm), [""; 0]);
        assert_eq!(warm.expect(200), first);
        first
    };
    let before = told().await;
    assert_eq!((&before["name"], &before["roles"]), (&json!("ada"), &json!(["user"])));

    let profile = json!({ "spec": { "displayName": "Ada L." }, "metadata": { "labels": { "team": "core" } } });
    user::patch(&owner, "ada", &profile).await.expect(200);
    assert_eq!(told().await["name"], "Ada L.");

    let claim = json!({ "claim": "team", "source": "label:team", "form": "text", "inUserinfo": true });
    change_shop(&owner, json!({ "claims": [claim] })).await;
    assert_eq!(told().await["team"], "core");
    let team = json!({ "metadata": { "labels": { "team": "ops" } } });
    user::patch(&owner, "ada", &team).await.expect(200);
    assert_eq!(told().await["team"], "ops");

    make_role(&owner, "buyer", "", &[]).await;
    let grant = json!({ "roles": ["user", "buyer"] });
    owner
        .post(&format!("{USERS}/ada/permissions"), &grant)
        .await
        .expect(200);
    assert_eq!(told().await["roles"], json!(["buyer", "user"]));

    assert_eq!(told().await["email_verified"], false);
    let address = owner.request(Method::PUT, &format!("{USERS}/ada/email"));
    let body = json!({ "email": "ada@new.test", "verified": true });
    owner.send(address.json(&body)).await.expect(200);
    let with_address = told().await;
    let told_address = (&with_address["email"], &with_address["email_verified"]);
    assert_eq!(told_address, (&json!("ada@new.test"), &json!(true)));

    change_shop(&owner, json!({ "claims": [] })).await;
    assert_eq!(told().await["team"], Value::Null);
    browser.fill("/login/sign-out", &[]).await;
    assert_refused(&tell().await, 401, "invalid_token");
}

#[tokio::test]
async fn what_somebody_says_of_themself_is_in_their_profile() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({})).await;
    let browser = browser_of(&owner).await;
    let token = token_of(&owner, &browser, &secret).await;
    let told = async || call(&tenant, Method::GET, USERINFO, &token).await.expect(200);
    let before = told().await;
    let ada = tenant.sign_in("ada").await;
    ada.put("/auth/v1/users/me/profile", &profile()).await.expect(200);
    let after = told().await;
    for (claim, value) in [
        ("given_name", "Ada"),
        ("family_name", "Lovelace"),
        ("nickname", "Countess"),
        ("name", "Ada Lovelace"),
        ("gender", "female"),
        ("locale", "en-GB"),
    ] {
        assert_eq!(after[claim], value, "{claim}");
        assert!(claim == "name" || before[claim].is_null(), "{claim} was not said");
    }
}

#[tokio::test]
async fn what_is_kept_of_one_user_is_told_to_nobody_elses_application_and_of_nobody_else() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = shop(&owner, json!({})).await;
    let ada = browser_of(&owner).await;
    let of_ada = token_of(&owner, &ada, &secret).await;
    user::make(&owner, "bob", json!({})).await;
    let bob = tenant.browser();
    super::flow::sign_in(&bob, "bob").await;
    let of_bob = token_of(&owner, &bob, &secret).await;
    let acme = app.tenant("acme").await;
    for _ in 0..2 {
        for (token, name) in [(&of_ada, "ada"), (&of_bob, "bob")] {
            let told = call(&tenant, Method::GET, USERINFO, token).await.expect(200);
            assert_eq!(told["preferred_username"], name);
        }
        assert_refused(&call(&acme, Method::GET, USERINFO, &of_ada).await, 401, "invalid_token");
    }
}
