//! What an application would be told of a user, before anybody signs in.

use super::{
    api, call, decode,
    flow::{USERINFO, browser_of, code, redeem, request, shop},
};
use crate::{
    application::make,
    support::{
        Person, Reply, TestApp,
        roles::{USERS, allow, make_person, make_role, make_user, wrong_fields},
    },
};
use reqwest::Method;
use serde_json::{Value, json};

async fn preview(by: &Person<'_>, user: &str, application: &str, asked: Value) -> Reply {
    let path = format!("{USERS}/{user}/applications/{application}/preview");
    by.post(&path, &asked).await
}

/// The claims of a token but for those of the sign-in itself.
fn lasting(token: &Value) -> Value {
    let (_, mut claims) = decode(token.as_str().unwrap());
    let of_sign_in = [
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "acr",
        "amr",
        "at_hash",
        "sid",
        "jti",
    ];
    claims
        .as_object_mut()
        .unwrap()
        .retain(|name, _| !of_sign_in.contains(&name.as_str()));
    claims
}

/// Claims of every kind: by scope, by another name, as text, in some of the places.
fn spec() -> Value {
    json!({
        "scopes": ["openid", "profile", "email", "roles"],
        "subjectType": "pairwise",
        "claimsInIdToken": true,
        "claims": [
            { "claim": "groups", "source": "roles", "form": "text", "inIdToken": true, "inAccessToken": true },
            { "claim": "mail", "source": "email", "inUserinfo": true },
        ],
        "audiences": [{ "audience": "https://orders.example", "scopes": ["orders:read"] }],
    })
}

#[tokio::test]
async fn a_preview_says_what_tokens_and_userinfo_say_after_somebody_signed_in() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    let scopes = json!({ "scopes": [{ "scope": "orders:read", "description": {} }] });
    api(&owner, "https://orders.example", &scopes).await;
    let secret = shop(&owner, spec()).await;
    let browser = browser_of(&owner).await;
    for (scopes, resources) in [
        ("openid profile email roles", &[][..]),
        ("openid email", &[]),
        ("openid roles orders:read", &[]),
        ("openid roles orders:read", &["https://orders.example"]),
        ("roles", &[]),
    ] {
        let words: Vec<&str> = scopes.split(' ').collect();
        let asked = json!({ "scopes": words, "resources": resources });
        let seen = preview(&owner, "ada", "shop", asked).await.expect(200);
        let mut more = vec![("scope", scopes)];
        more.extend(resources.iter().map(|resource| ("resource", *resource)));
        let one = code(&browser, &request("shop", &more)).await;
        let tokens = redeem(&tenant, ("shop", &secret), &one, &[]).await.expect(200);
        assert_eq!(seen["allowed"], true);
        assert_eq!(seen["accessToken"], lasting(&tokens["access_token"]), "{scopes}");
        match tokens["id_token"].is_string() {
            true => assert_eq!(seen["idToken"], lasting(&tokens["id_token"]), "{scopes}"),
            false => assert!(seen["idToken"].is_null(), "{seen}"),
        }
        let told = call(&tenant, Method::GET, USERINFO, tokens["access_token"].as_str().unwrap()).await;
        match told.status.as_u16() {
            200 => assert_eq!(seen["userinfo"], told.expect(200), "{scopes}"),
            _ => assert!(seen["userinfo"].is_null(), "{seen}"),
        }
    }
    let all = preview(&owner, "ada", "shop", json!({})).await.expect(200);
    assert_eq!(all["scopes"], json!(["email", "openid", "profile", "roles"]));
    assert_eq!(all["userinfo"]["mail"], "ada@example.test");
}

#[tokio::test]
async fn a_preview_says_who_may_not_sign_in_and_what_cannot_be_asked_for() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make_user(&owner, "ada", "").await;
    make(&owner, "staff", "web-server", json!({ "accessRoles": ["support"] })).await;
    make(&owner, "robot", "machine", json!({})).await;
    let allowed = async || preview(&owner, "ada", "staff", json!({})).await.expect(200)["allowed"].clone();
    assert_eq!(allowed().await, false);
    crate::support::roles::grant(&owner, "ada", "support").await.expect(200);
    assert_eq!(allowed().await, true);
    owner
        .post(&format!("{USERS}/ada/disable"), &json!({}))
        .await
        .expect(200);
    assert_eq!(allowed().await, false);

    let refused = preview(&owner, "ada", "robot", json!({})).await;
    assert_eq!(wrong_fields(refused), ["scopes"]);
    let refused = preview(
        &owner,
        "ada",
        "staff",
        json!({ "resources": ["https://nobody.example"] }),
    )
    .await;
    assert_eq!(wrong_fields(refused), ["resources"]);
    preview(&owner, "ada", "nothing", json!({}))
        .await
        .expect_problem(404, "application_not_found");
    preview(&owner, "nobody", "staff", json!({}))
        .await
        .expect_problem(404, "user_not_found");
}

#[tokio::test]
async fn a_preview_is_for_who_may_see_it_of_this_user() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make_user(&owner, "ada", "").await;
    make(&owner, "shop", "web-server", json!({})).await;
    let rule = crate::support::roles::only(allow("users/applications", "preview"), "ada");
    make_role(&owner, "previewer", "", &[rule]).await;
    let bob = make_person(&owner, "bob", "previewer").await;
    preview(&bob, "ada", "shop", json!({})).await.expect(200);
    preview(&bob, "bob", "shop", json!({}))
        .await
        .expect_problem(403, "forbidden");
    let manager = make_person(&owner, "manager", "application-manager").await;
    preview(&manager, "ada", "shop", json!({}))
        .await
        .expect_problem(403, "forbidden");
}
