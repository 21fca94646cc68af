//! The Basic plan, and the Form Post plan, which is the same with answers in a form.

use super::plan::{Mode, Plan};
use crate::{
    oidc::{
        TOKEN, assert_refused, call, decode,
        flow::{CALLBACK, USERINFO, follow},
        post_form, published,
    },
    support::PASSWORD,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::{Value, json};
use tenantry::kit::secret::token_hash;

/// Has each module be a test of both plans.
macro_rules! modules {
    ($($name:ident)+) => {
        mod query {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&super::Plan::start(super::Mode::Query).await).await;
            })+
        }

        mod form_post {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&super::Plan::start(super::Mode::FormPost).await).await;
            })+
        }
    };
}

modules! {
    oidcc_server
    oidcc_response_type_missing
    oidcc_idtoken_signature
    oidcc_idtoken_unsigned
    oidcc_userinfo_get
    oidcc_userinfo_post_header
    oidcc_userinfo_post_body
    oidcc_ensure_request_without_nonce_succeeds_for_code_flow
    oidcc_scope_profile
    oidcc_scope_email
    oidcc_scope_address
    oidcc_scope_phone
    oidcc_scope_all
    oidcc_alternate_happy_flow
    oidcc_display_page
    oidcc_display_popup
    oidcc_prompt_login
    oidcc_prompt_none_not_logged_in
    oidcc_prompt_none_logged_in
    oidcc_max_age_1
    oidcc_max_age_10000
    oidcc_ensure_request_with_unknown_parameter_succeeds
    oidcc_id_token_hint
    oidcc_login_hint
    oidcc_ui_locales
    oidcc_claims_locales
    oidcc_ensure_request_with_acr_values_succeeds
    oidcc_codereuse
    oidcc_codereuse_30seconds
    oidcc_ensure_registered_redirect_uri
    oidcc_ensure_post_request_succeeds
    oidcc_server_client_secret_post
    oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported
    oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported
    oidcc_claims_essential
    oidcc_ensure_request_object_with_redirect_uri
    oidcc_refresh_token
    oidcc_ensure_request_with_valid_pkce_succeeds
}

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap_or_else(|| panic!("{name}: {tokens}"))
}

/// A request with these succeeds, for somebody who has to sign in.
async fn succeeds(plan: &Plan, more: &[(&str, &str)]) -> Value {
    let browser = plan.tenant().browser();
    let tokens = plan.tokens(&browser, more).await;
    assert_eq!(plan.userinfo(&tokens).await["sub"], plan.id(&tokens).await["sub"]);
    tokens
}

/// The claims of these scopes come from userinfo, and are not in the ID token.
async fn scope_yields(plan: &Plan, scope: &str, claims: &[&str]) {
    let tokens = succeeds(plan, &[("scope", scope)]).await;
    assert_eq!(text(&tokens, "scope"), scope);
    let (told, id) = (plan.userinfo(&tokens).await, plan.id(&tokens).await);
    for claim in claims {
        assert!(!told[*claim].is_null() && id[*claim].is_null(), "{claim}: {told} {id}");
    }
}

/// The client is told that its request is refused.
async fn is_refused(plan: &Plan, more: &[(&str, &str)], word: &str) {
    let answer = plan.told(&plan.send(&plan.tenant().browser(), more).await);
    assert_eq!(
        (answer["error"].as_str(), answer["state"].as_str()),
        (word, "s-1"),
        "{answer:?}"
    );
    assert!(!answer.contains_key("code"), "{answer:?}");
}

async fn oidcc_server(plan: &Plan) {
    let tokens = succeeds(plan, &[]).await;
    let id = plan.id(&tokens).await;
    assert_eq!((&id["nonce"], &tokens["token_type"]), (&json!("n-1"), &json!("Bearer")));
    let half = &token_hash(text(&tokens, "access_token"))[..16];
    assert_eq!(id["at_hash"], URL_SAFE_NO_PAD.encode(half));
    assert!(
        id["exp"].as_i64() > id["iat"].as_i64() && id["auth_time"].is_i64(),
        "{id}"
    );
}

async fn oidcc_response_type_missing(plan: &Plan) {
    is_refused(plan, &[("response_type", "")], "invalid_request").await;
}

async fn oidcc_idtoken_signature(plan: &Plan) {
    let tokens = succeeds(plan, &[]).await;
    let (header, _) = decode(text(&tokens, "id_token"));
    let keys = published(&plan.tenant()).await;
    let key = keys
        .iter()
        .find(|key| key["kid"] == header["kid"])
        .expect("the key is published");
    assert_eq!((&header["alg"], &key["alg"]), (&json!("RS256"), &json!("RS256")));
}

/// Unsigned ID tokens are not offered: nothing of the code flow may be without a signature here, and the
/// metadata says so. A client that registers for them is not tried, as clients do not register themselves.
async fn oidcc_idtoken_unsigned(plan: &Plan) {
    let metadata = plan
        .tenant()
        .anybody()
        .get("/.well-known/openid-configuration")
        .await
        .expect(200);
    let offered = metadata["id_token_signing_alg_values_supported"].as_array().unwrap();
    assert!(!offered.contains(&json!("none")), "{offered:?}");
}

async fn oidcc_userinfo_get(plan: &Plan) {
    succeeds(plan, &[]).await;
}

async fn oidcc_userinfo_post_header(plan: &Plan) {
    let tokens = succeeds(plan, &[]).await;
    let told = call(&plan.tenant(), Method::POST, USERINFO, text(&tokens, "access_token")).await;
    assert_eq!(told.expect(200), plan.userinfo(&tokens).await);
}

async fn oidcc_userinfo_post_body(plan: &Plan) {
    let tokens = succeeds(plan, &[]).await;
    let form = [("access_token", text(&tokens, "access_token"))];
    let told = post_form(&plan.tenant(), USERINFO, None, &form).await;
    assert_eq!(told.expect(200), plan.userinfo(&tokens).await);
}

async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow(plan: &Plan) {
    let tokens = succeeds(plan, &[("nonce", "")]).await;
    assert!(plan.id(&tokens).await["nonce"].is_null());
}

async fn oidcc_scope_profile(plan: &Plan) {
    scope_yields(plan, "openid profile", &["name", "preferred_username", "updated_at"]).await;
}

async fn oidcc_scope_email(plan: &Plan) {
    scope_yields(plan, "openid email", &["email", "email_verified"]).await;
}

/// Users have no postal address here: the scope is left out and nothing breaks.
async fn oidcc_scope_address(plan: &Plan) {
    let tokens = succeeds(plan, &[("scope", "openid address")]).await;
    assert!(plan.userinfo(&tokens).await["address"].is_null());
}

async fn oidcc_scope_phone(plan: &Plan) {
    scope_yields(plan, "openid phone", &["phone_number"]).await;
}

async fn oidcc_scope_all(plan: &Plan) {
    scope_yields(plan, "openid profile email phone", &["name", "email", "phone_number"]).await;
}

/// A second sign-in of the same client in another browser, with characters in `state` that have to be encoded.
async fn oidcc_alternate_happy_flow(plan: &Plan) {
    let first = succeeds(plan, &[]).await;
    let browser = plan.tenant().browser();
    let state = "a/b+c=d&e f\u{e9}";
    let sent = plan.send(&browser, &[("state", state)]).await;
    let answer = plan.sign_in(&browser, &sent).await;
    assert_eq!(answer["state"], state);
    assert_eq!(plan.userinfo(&first).await["preferred_username"], Value::Null);
}

async fn oidcc_display_page(plan: &Plan) {
    succeeds(plan, &[("display", "page")]).await;
}

/// The page is the same: it fits into any window.
async fn oidcc_display_popup(plan: &Plan) {
    succeeds(plan, &[("display", "popup")]).await;
}

async fn oidcc_prompt_login(plan: &Plan) {
    let browser = plan.tenant().browser();
    let first = plan.id(&plan.tokens(&browser, &[]).await).await;
    plan.app.advance(2);
    let second = plan.id(&plan.tokens(&browser, &[("prompt", "login")]).await).await;
    assert_eq!(first["sub"], second["sub"]);
    assert!(
        second["auth_time"].as_i64() > first["auth_time"].as_i64(),
        "{first} {second}"
    );
}

async fn oidcc_prompt_none_not_logged_in(plan: &Plan) {
    is_refused(plan, &[("prompt", "none")], "login_required").await;
}

async fn oidcc_prompt_none_logged_in(plan: &Plan) {
    let browser = plan.tenant().browser();
    let first = plan.id(&plan.tokens(&browser, &[]).await).await;
    plan.app.advance(2);
    let second = plan.id(&plan.tokens_again(&browser, &[("prompt", "none")]).await).await;
    assert_eq!(
        (&first["sub"], &first["auth_time"]),
        (&second["sub"], &second["auth_time"])
    );
}

async fn oidcc_max_age_1(plan: &Plan) {
    let browser = plan.tenant().browser();
    let first = plan.id(&plan.tokens(&browser, &[]).await).await;
    plan.app.advance(2);
    let second = plan.id(&plan.tokens(&browser, &[("max_age", "1")]).await).await;
    assert!(
        second["auth_time"].as_i64() > first["auth_time"].as_i64(),
        "{first} {second}"
    );
    assert!(
        second["iat"].as_i64().unwrap() - second["auth_time"].as_i64().unwrap() <= 1,
        "{second}"
    );
}

async fn oidcc_max_age_10000(plan: &Plan) {
    let browser = plan.tenant().browser();
    let first = plan.id(&plan.tokens(&browser, &[]).await).await;
    plan.app.advance(2);
    let second = plan
        .id(&plan.tokens_again(&browser, &[("max_age", "10000")]).await)
        .await;
    assert_eq!(first["auth_time"], second["auth_time"]);
}

async fn oidcc_ensure_request_with_unknown_parameter_succeeds(plan: &Plan) {
    succeeds(plan, &[("extra", "foobar")]).await;
}

async fn oidcc_id_token_hint(plan: &Plan) {
    let browser = plan.tenant().browser();
    let first = plan.tokens(&browser, &[]).await;
    let more = [("prompt", "none"), ("id_token_hint", text(&first, "id_token"))];
    let second = plan.tokens_again(&browser, &more).await;
    assert_eq!(plan.id(&first).await["sub"], plan.id(&second).await["sub"]);
}

async fn oidcc_login_hint(plan: &Plan) {
    let browser = plan.tenant().browser();
    let sent = plan.send(&browser, &[("login_hint", "ada@example.test")]).await;
    follow(&browser, &sent).await.expect(200, "value=\"ada@example.test\"");
    let answer = plan.sign_in(&browser, &sent).await;
    plan.redeem(&answer).await.expect(200);
}

async fn oidcc_ui_locales(plan: &Plan) {
    let browser = plan.tenant().browser();
    let sent = plan.send(&browser, &[("ui_locales", "se zh en")]).await;
    follow(&browser, &sent).await.expect(200, "lang=\"zh\"");
    let answer = plan.sign_in(&browser, &sent).await;
    plan.redeem(&answer).await.expect(200);
}

async fn oidcc_claims_locales(plan: &Plan) {
    succeeds(plan, &[("claims_locales", "se")]).await;
}

/// Values that cannot be given are ignored (OpenID Connect Core §3.1.2.1): the token says what was done.
async fn oidcc_ensure_request_with_acr_values_succeeds(plan: &Plan) {
    let tokens = succeeds(plan, &[("acr_values", "1 2")]).await;
    assert_eq!(plan.id(&tokens).await["acr"], "aal1");
}

async fn reused(plan: &Plan, seconds: i64) -> Value {
    let browser = plan.tenant().browser();
    let sent = plan.send(&browser, &[]).await;
    let answer = plan.sign_in(&browser, &sent).await;
    let tokens = plan.redeem(&answer).await.expect(200);
    plan.userinfo(&tokens).await;
    plan.app.advance(seconds);
    assert_refused(&plan.redeem(&answer).await, 400, "invalid_grant");
    tokens
}

async fn oidcc_codereuse(plan: &Plan) {
    reused(plan, 0).await;
}

async fn oidcc_codereuse_30seconds(plan: &Plan) {
    let tokens = reused(plan, 30).await;
    let token = text(&tokens, "access_token");
    assert_refused(
        &call(&plan.tenant(), Method::GET, USERINFO, token).await,
        401,
        "invalid_token",
    );
}

async fn oidcc_ensure_registered_redirect_uri(plan: &Plan) {
    let browser = plan.tenant().browser();
    let foreign = format!("{CALLBACK}/foreign");
    let page = plan.send(&browser, &[("redirect_uri", &foreign)]).await;
    page.expect(400, "redirect_uri is none of those that are registered");
}

async fn oidcc_ensure_post_request_succeeds(plan: &Plan) {
    let browser = plan.tenant().browser();
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let form = plan.pairs(&[]).into_iter().map(owned).collect();
    let again = browser.request(Method::POST, "/oauth2/authorize", Some(form)).await;
    let sent = follow(&browser, &again).await;
    let answer = plan.sign_in(&browser, &sent).await;
    plan.redeem(&answer).await.expect(200);
}

async fn oidcc_server_client_secret_post(plan: &Plan) {
    let browser = plan.tenant().browser();
    let sent = plan.send(&browser, &[]).await;
    let answer = plan.sign_in(&browser, &sent).await;
    let (client_id, client_secret) = plan.by();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &*answer["code"]),
        ("redirect_uri", CALLBACK),
        ("client_id", client_id),
        ("client_secret", client_secret),
    ];
    post_form(&plan.tenant(), TOKEN, None, &form).await.expect(200);
}

async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(plan: &Plan) {
    let more = [("request_uri", "https://shop.example/request.jwt")];
    is_refused(plan, &more, "request_uri_not_supported").await;
}

/// `{"alg":"none"}`, with all that the request says.
const UNSIGNED: &str = "eyJhbGciOiJub25lIn0.eyJzY29wZSI6Im9wZW5pZCJ9.";

async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(plan: &Plan) {
    is_refused(plan, &[("request", UNSIGNED)], "request_not_supported").await;
}

async fn oidcc_claims_essential(plan: &Plan) {
    let claims = json!({ "userinfo": { "name": { "essential": true } } }).to_string();
    let tokens = succeeds(plan, &[("claims", &claims)]).await;
    assert_eq!(plan.userinfo(&tokens).await["name"], "Ada Lovelace");
}

async fn oidcc_ensure_request_object_with_redirect_uri(plan: &Plan) {
    is_refused(plan, &[("request", UNSIGNED)], "request_not_supported").await;
}

/// The token is shown twice, as the module does; a second client of the same plan is another test's:
/// `a_token_of_who_keeps_a_secret_stays_and_is_of_no_use_to_anybody_else`.
async fn oidcc_refresh_token(plan: &Plan) {
    let first = succeeds(plan, &[("scope", "openid offline_access")]).await;
    let before = plan.id(&first).await;
    plan.app.advance(2);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&first, "refresh_token")),
    ];
    for _ in 0..2 {
        let next = post_form(&plan.tenant(), TOKEN, Some(plan.by()), &form)
            .await
            .expect(200);
        assert_ne!(next["access_token"], first["access_token"]);
        let id = plan.id(&next).await;
        for same in ["iss", "sub", "aud", "auth_time", "acr"] {
            assert_eq!(id[same], before[same], "{same}");
        }
        assert!(
            id["nonce"].is_null() && id["iat"].as_i64() > before["iat"].as_i64(),
            "{id}"
        );
        plan.userinfo(&next).await;
    }
}

async fn oidcc_ensure_request_with_valid_pkce_succeeds(plan: &Plan) {
    let browser = plan.tenant().browser();
    let challenge = crate::oidc::flow::challenge();
    let more = [("code_challenge", &*challenge), ("code_challenge_method", "S256")];
    let sent = plan.send(&browser, &more).await;
    let form = follow(&browser, &sent).await;
    let done = browser
        .submit(&form, &[("username", "ada"), ("password", PASSWORD)])
        .await;
    let answer = plan.told(&follow(&browser, &done).await);
    let code = [
        ("grant_type", "authorization_code"),
        ("code", &*answer["code"]),
        ("redirect_uri", CALLBACK),
        ("code_verifier", crate::oidc::flow::VERIFIER),
    ];
    post_form(&plan.tenant(), TOKEN, Some(plan.by()), &code)
        .await
        .expect(200);
}
